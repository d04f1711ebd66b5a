"""What there is to complete, but for SKUs. Generated; do not edit.

`python -m invctl.cli.completion.generate` makes it from the real command line.
"""
# fmt: off
# ruff: noqa: E501

Takes = str | tuple[str, ...] | None
"""A value's choices, or its kind: `text`, a `file`, a SKU (`active`, `archived` or `any`); None
where there is no value."""

Option = tuple[tuple[str, ...], Takes, str]
"""Its names, its value, its help."""

Command = tuple[str, tuple[Takes, ...], tuple[Option, ...]]
"""Its help, its arguments, its options beside the global ones."""

GLOBAL: tuple[Option, ...] = (
    (("--db",), "file", "The inventory's file. [env: INVCTL_DB]"),
    (("-o", "--output"), ("table", "tsv", "csv", "json", "jsonl"), "table (on a terminal), tsv (in a pipe), csv, json or jsonl; --json is -o json."),
    (("--json",), None, "Like -o json."),
    (("--columns",), "text", "Only these fields, in this order."),
    (("--no-header",), None, "No line of column names."),
    (("-q", "--quiet"), None, "No confirmations, warnings or progress."),
    (("--color",), ("auto", "always", "never"), "auto, always or never. [env: NO_COLOR, FORCE_COLOR]"),
    (("--timeout",), "text", "How long to wait for a lock; 5 if not given."),
    (("-V", "--version"), None, "Show the version."),
    (("-h", "--help"), None, "Show this message and exit."),
)

GROUPS: dict[str, tuple[str, ...]] = {
    "": ("init", "product", "stock", "db", "completion"),
    "product": ("create", "list", "show", "update", "rename", "archive", "unarchive", "delete", "import", "export"),
    "stock": ("add", "remove", "set", "apply", "history", "log", "low", "undo"),
    "db": ("info", "path", "check", "backup", "restore", "migrate", "copy"),
}

COMMANDS: dict[str, Command] = {
    "": ("Keep products and their stock, exactly, from the command line.", (), ()),
    "init": ("Create the inventory; one that exists is left as it is.", (), (
        (("--sku-rule",), ("strict", "any"), "strict (A-Z, 0-9, -) or any (see README)."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product": ("Products: create, list, change, import and export them.", (), ()),
    "product create": ("Create a product, and the inventory with it if there is none.", ("text",), (
        (("--name",), "text", "What it is called."),
        (("--description",), "text", "More about it."),
        (("--quantity",), "text", "Its opening stock."),
        (("--reorder-point",), "text", "At N units or fewer it counts as low."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product list": ("List the products, in order of SKU.", (), (
        (("--search",), "text", "Only with TEXT in SKU, name, description."),
        (("--low",), None, "Only those at or under their reorder point."),
        (("--archived",), None, "Only the archived ones."),
        (("--sort",), ("sku", "name", "quantity", "updated"), "By sku, name, quantity, updated."),
        (("--reverse",), None, "The other way round."),
        (("--limit",), "text", "Only the first N in printed order."),
        (("--as-of",), "text", "Quantities as they were then; a date's end."),
    )),
    "product show": ("Show one product.", ("any",), (
        (("--as-of",), "text", "Quantities as they were then; a date's end."),
    )),
    "product update": ("Change what is said of a product.", ("active",), (
        (("--name",), "text", "What it is called."),
        (("--description",), "text", "More; '' for none."),
        (("--reorder-point",), "text", "At N units or fewer it counts as low."),
        (("--no-reorder-point",), None, "It never counts as low."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product rename": ("Give a product another SKU; its history stays with it.", ("active", "text"), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product archive": ("Hide a product and refuse changes of its stock; its history stays.", ("active",), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product unarchive": ("Bring an archived product back.", ("archived",), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product delete": ("Delete a product that never had a movement.", ("active",), (
        (("--yes",), None, "Do it without being asked."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product import": ("Create and update products from a CSV or JSONL file: all of it, or nothing.", ("file",), (
        (("--set-quantity",), None, "Take quantities as counts of known products."),
        (("--map",), "text", "Which column is which: 'sku=Variant SKU,name=Title'; 'note=' leaves note out."),
        (("--ignore-extra",), None, "Pass over columns that are not known."),
        (("--defaults",), "text", "What a missing column or empty cell says: 'quantity=0'."),
        (("--skip-lines",), "text", "How many lines stand above the one with the column names."),
        (("--skip-empty",), None, "Pass over rows without a SKU, or without any number; how many is said."),
        (("--decimal-mark",), "text", "Read numbers such as 1,234.00 (.) or 1.234,00 (,); they stay whole numbers."),
        (("--delimiter",), "text", "Between cells; found if not given."),
        (("--encoding",), "text", "Such as cp1252; UTF-8 if not given."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "product export": ("Write all products as a file that `import` reads back.", ("file",), (
        (("--csv-safe",), None, "Quote what a spreadsheet would run; not to be imported."),
    )),
    "stock": ("Stock: add, remove and count it, and see where it went.", (), ()),
    "stock add": ("Add units to a product's stock.", ("active", "text"), (
        (("--reason",), "text", "Why, in one word of a-z, 0-9 and -."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "stock remove": ("Remove units from a product's stock; never more than there are.", ("active", "text"), (
        (("--up-to",), None, "Take what there is, up to AMOUNT, and say how much."),
        (("--reason",), "text", "Why, in one word of a-z, 0-9 and -."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "stock set": ("Make a product's stock what was counted.", ("active", "text"), (
        (("--expect",), "text", "Only if it is N now."),
        (("--reason",), "text", "Why, in one word of a-z, 0-9 and -."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "stock apply": ("Make all the movements of a CSV or JSONL file, or none of them.", ("file",), (
        (("--each",), None, "One transaction and one answer a line, as the lines come."),
        (("--map",), "text", "Which column is which: 'sku=Variant SKU,name=Title'; 'note=' leaves note out."),
        (("--ignore-extra",), None, "Pass over columns that are not known."),
        (("--defaults",), "text", "What a missing column or empty cell says: 'quantity=0'."),
        (("--skip-lines",), "text", "How many lines stand above the one with the column names."),
        (("--skip-empty",), None, "Pass over rows without a SKU, or without any number; how many is said."),
        (("--decimal-mark",), "text", "Read numbers such as 1,234.00 (.) or 1.234,00 (,); they stay whole numbers."),
        (("--delimiter",), "text", "Between cells; found if not given."),
        (("--encoding",), "text", "Such as cp1252; UTF-8 if not given."),
        (("--reason",), "text", "Why, in one word of a-z, 0-9 and -."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "stock history": ("Show a product's movements, oldest first.", ("any",), (
        (("--since",), "text", "From then on: 2026-01-31, or 24h ago."),
        (("--until",), "text", "Up to then; a date to its end."),
        (("--limit",), "text", "Only the first N in printed order."),
        (("--reverse",), None, "The other way round."),
        (("--chart",), None, "Draw the balance over time instead."),
    )),
    "stock log": ("Show the movements of all products, oldest first.", (), (
        (("--since-id",), "text", "Only what came after id N."),
        (("--since",), "text", "From then on: 2026-01-31, or 24h ago."),
        (("--until",), "text", "Up to then; a date to its end."),
        (("--reason",), "text", "Only with this reason."),
        (("--ref",), "text", "Only with this reference."),
        (("--limit",), "text", "Only the first N in printed order."),
        (("--reverse",), None, "The other way round."),
        (("--follow",), None, "Go on with what is committed from now, by anyone."),
    )),
    "stock low": ("List the products at or under their reorder point.", (), (
        (("--exit-code",), None, "End with 8 if there are any."),
    )),
    "stock undo": ("Append the inverse of an operation's movements; once.", ("text",), (
        (("--reason",), "text", "Why, in one word of a-z, 0-9 and -."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Makes a retry safe: with the same key it happens once."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "db": ("The database: what it holds and where it is.", (), ()),
    "db info": ("Show what the inventory holds.", (), ()),
    "db path": ("Print where the inventory is, or would be.", (), ()),
    "db check": ("Look for damage, and whether every quantity is the sum of its movements.", (), (
        (("--repair",), None, "Make wrong quantities the sum of their movements."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "db backup": ("Write a verified copy of the inventory to a new file, while others write.", ("file",), ()),
    "db restore": ("Replace the inventory by a backup; the old one is kept beside it.", ("file",), (
        (("--yes",), None, "Do it without being asked."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "db migrate": ("Bring an inventory that an older invctl wrote up to date; a copy of it is kept.", (), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "db copy": ("Copy the whole inventory to another place, which another engine may keep.", ("file",), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Show what would happen, and let nothing happen."),
    )),
    "completion": ("Print the script that makes a shell complete commands, options and SKUs.", (("bash", "zsh", "fish", "powershell"),), ()),
}
