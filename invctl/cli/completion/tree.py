"""What there is to complete, but for SKUs. Generated; do not edit.

`python -m invctl.cli.completion.generate` makes it from the real command line.
"""
# fmt: off
# ruff: noqa: E501

Takes = str | tuple[str, ...] | None
"""A value's choices, or its kind; None where there is no value.

Kinds are `text`, a `file`, a SKU (`active`, `archived` or `any`), an `operation`, a `reason`, a
list of the command's `fields`, `pairs` of its file's columns with a text, and what `help`
explains."""

Option = tuple[tuple[str, ...], Takes, str]
"""Its names, its value, its help."""

Command = tuple[str, tuple[Takes, ...], tuple[Option, ...], tuple[str, ...], tuple[str, ...]]
"""Its help, its arguments, its options beside the global ones, its records' fields, its file's
columns."""

GLOBAL: tuple[Option, ...] = (
    (("--db",), "file", "The inventory: a file, or a server's URL. [env: INVCTL_DB]"),
    (("-o", "--output"), ("table", "tsv", "csv", "json", "jsonl"), "How to print: table (on a terminal), tsv (in a pipe), csv, json or jsonl; --json is -o json."),
    (("--json",), None, "Like -o json."),
    (("--columns",), "fields", "Only these fields or columns, in this order."),
    (("--no-header",), None, "Leave out the line of column names."),
    (("-q", "--quiet"), None, "No confirmations, warnings or progress."),
    (("--color",), ("auto", "always", "never"), "auto, always or never. [env: NO_COLOR, FORCE_COLOR]"),
    (("--timeout",), "text", "How long to wait for other writers; 5 if not given."),
    (("-V", "--version"), None, "Show the version."),
    (("-h", "--help"), None, "Show this message and exit."),
)

TOPICS: tuple[tuple[str, str], ...] = (
    ("environment", "Where the inventory is, and the variables that matter"),
    ("exit-codes", "What each exit code means"),
    ("formats", "Tables for people, and TSV, CSV and JSON for programs"),
    ("files", "Files that are imported, applied and exported; spreadsheets"),
    ("times", "How times are written and shown"),
    ("scripts", "Retries, cron, CI, and a pipe that stays open"),
    ("mistakes", "How to look before, and how to take things back"),
    ("promises", "What holds whatever happens, and what does not"),
    ("places", "Where units lie"),
    ("server", "Inventories on a PostgreSQL server"),
)

GROUPS: dict[str, tuple[str, ...]] = {
    "": ("init", "product", "stock", "db", "log", "undo", "completion", "help"),
    "product": ("create", "list", "show", "update", "rename", "archive", "unarchive", "delete", "import", "export"),
    "stock": ("add", "remove", "set", "apply", "history", "log", "low", "undo"),
    "db": ("info", "path", "check", "backup", "restore", "migrate", "copy"),
}

COMMANDS: dict[str, Command] = {
    "": ("Keep products and their stock, exactly, from the command line.", (), (), (), ()),
    "init": ("Create the inventory; one that exists is left as it is.", (), (
        (("--sku-rule",), ("strict", "any"), "What SKUs may be: strict (A-Z, 0-9 and -; if not given) or any."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("path", "engine", "schema_version", "sku_rule", "products", "operations", "movements", "size_bytes"), ()),
    "product": ("Products: create, list, change, import, export.", (), (), (), ()),
    "product create": ("Create a product, and the inventory with it if there is none.", ("text",), (
        (("--name",), "text", "What it is called."),
        (("--description",), "text", "More about it."),
        (("--quantity",), "text", "How many there are at the beginning."),
        (("--reorder-point",), "text", "With N units or fewer it counts as low."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "operation", "replayed", "dry_run", "low", "held", "available", "expected", "reorder_to"), ()),
    "product list": ("List the products, in order of SKU.", (), (
        (("--search",), "text", "Only with TEXT in SKU, name, description."),
        (("--low",), None, "Only those with as few as their reorder point, or fewer."),
        (("--archived",), None, "Only the archived ones."),
        (("--sort",), ("sku", "name", "quantity", "updated"), "In order of sku, name, quantity, updated; by SKU if not given."),
        (("--reverse",), None, "In the opposite order."),
        (("-n", "--limit"), "text", "Show N of them at most."),
        (("--as-of",), "text", "Quantities as they were then; a date includes that day."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "low", "held", "available", "expected", "reorder_to"), ()),
    "product show": ("Show all that is known of one product.", ("any",), (
        (("--as-of",), "text", "Quantities as they were then; a date includes that day."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "low", "held", "available", "expected", "reorder_to"), ()),
    "product update": ("Change a product's name, description or reorder point.", ("active",), (
        (("--name",), "text", "What it is called."),
        (("--description",), "text", "More about it; '' for nothing."),
        (("--reorder-point",), "text", "With N units or fewer it counts as low."),
        (("--no-reorder-point",), None, "It never counts as low any more."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "operation", "replayed", "dry_run", "low", "held", "available", "expected", "reorder_to"), ()),
    "product rename": ("Give a product another SKU; its history stays with it.", ("active", "text"), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "operation", "replayed", "dry_run", "low", "held", "available", "expected", "reorder_to"), ()),
    "product archive": ("Hide a product and refuse changes of its stock; its history stays.", ("active",), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "operation", "replayed", "dry_run", "low", "held", "available", "expected", "reorder_to"), ()),
    "product unarchive": ("Bring an archived product back.", ("archived",), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "operation", "replayed", "dry_run", "low", "held", "available", "expected", "reorder_to"), ()),
    "product delete": ("Delete a product that never had a movement.", ("active",), (
        (("--yes",), None, "Do it without being asked."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "operation", "replayed", "dry_run", "low", "held", "available", "expected", "reorder_to"), ()),
    "product import": ("Create and update products from a CSV or JSON Lines file: all of it, or nothing.", ("file",), (
        (("--set-quantity",), None, "Take the file's quantities as counts of known products, too."),
        (("--update-only",), None, "Make no product: an unknown SKU is an error."),
        (("--unarchive",), None, "Bring back archived products that the file names."),
        (("--lines",), None, "Print what each line does, one record a line."),
        (("--map",), "pairs", "Which header stands for which column: 'sku=Variant SKU,name=Title'; 'name=' leaves that column out."),
        (("--ignore-extra",), None, "Leave out the columns that invctl does not know."),
        (("--defaults",), "pairs", "What to take where a column is missing or a cell empty: 'quantity=0'."),
        (("--skip-lines",), "text", "How many lines stand above the one with the column names."),
        (("--skip-empty",), None, "Pass over rows without a SKU, or without any number; how many is said."),
        (("--decimal-mark",), "text", "Read numbers such as 1,234.00 (.) or 1.234,00 (,); they stay whole numbers."),
        (("--delimiter",), "text", "What stands between cells; found out if not given."),
        (("--encoding",), "text", "The file's encoding, such as cp1252; UTF-8 if not given."),
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "created", "updated", "unchanged", "quantity_kept", "movements", "replayed", "dry_run", "skipped"), ("sku", "name", "description", "quantity", "reorder_point", "archived", "reorder_to")),
    "product export": ("Write all products, archived ones too, as a file that `product import` reads back.", ("file",), (
        (("--csv-safe",), None, "Disarm what a spreadsheet would run as a formula; for reading only."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "reorder_to"), ()),
    "stock": ("Stock: add, remove, count, look where it went, undo.", (), (), (), ()),
    "stock add": ("Add units to a product's stock.", ("active", "text"), (
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "kind", "sku", "delta", "quantity", "replayed", "dry_run", "movement", "low", "counted", "hold", "movement_ids"), ()),
    "stock remove": ("Remove units from a product's stock; never more than there are.", ("active", "text"), (
        (("--up-to",), None, "If there are fewer, remove those, and say how many."),
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "kind", "sku", "delta", "quantity", "replayed", "dry_run", "movement", "low", "counted", "hold", "movement_ids"), ()),
    "stock set": ("Make a product's stock what was counted: more, fewer or as many.", ("active", "text"), (
        (("--expect",), "text", "Only if the stock is N now."),
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "kind", "sku", "delta", "quantity", "replayed", "dry_run", "movement", "low", "counted", "hold", "movement_ids"), ()),
    "stock apply": ("Make all the movements of a CSV or JSON Lines file, or none of them.", ("file",), (
        (("--each",), None, "Apply and answer each line by itself, as soon as it comes."),
        (("--lines",), None, "Print what each line does, one record a line."),
        (("--map",), "pairs", "Which header stands for which column: 'sku=Variant SKU,name=Title'; 'name=' leaves that column out."),
        (("--ignore-extra",), None, "Leave out the columns that invctl does not know."),
        (("--defaults",), "pairs", "What to take where a column is missing or a cell empty: 'quantity=0'."),
        (("--skip-lines",), "text", "How many lines stand above the one with the column names."),
        (("--skip-empty",), None, "Pass over rows without a SKU, or without any number; how many is said."),
        (("--decimal-mark",), "text", "Read numbers such as 1,234.00 (.) or 1.234,00 (,); they stay whole numbers."),
        (("--delimiter",), "text", "What stands between cells; found out if not given."),
        (("--encoding",), "text", "The file's encoding, such as cp1252; UTF-8 if not given."),
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "lines", "movements", "products", "replayed", "dry_run", "times"), ("sku", "delta", "action", "amount", "reason", "ref", "note", "occurred_at", "idempotency_key")),
    "stock history": ("Show a product's movements, oldest first.", ("any",), (
        (("--since",), "text", "From then on: 2026-01-31, or 24h ago."),
        (("--until",), "text", "Up to then; a date includes that day."),
        (("-n", "--limit"), "text", "Show N of them at most."),
        (("--reverse",), None, "In the opposite order."),
        (("--chart",), None, "Draw the balance over time instead."),
    ), ("id", "operation", "kind", "sku", "delta", "quantity", "reason", "ref", "note", "actor", "occurred_at", "recorded_at", "undoes", "undone_by", "place", "lot", "expires_on"), ()),
    "stock log": ("Show the movements of all products, oldest first, or what they come to.", (), (
        (("--since-id",), "text", "Only what came after the movement with that ID."),
        (("--since",), "text", "From then on: 2026-01-31, or 24h ago."),
        (("--until",), "text", "Up to then; a date includes that day."),
        (("--sku",), "any", "Only of this product; may be repeated."),
        (("--kind",), ("create", "update", "rename", "archive", "unarchive", "delete", "import", "add", "remove", "set", "apply", "undo", "repair", "count", "move", "hold", "commit", "release", "expire", "extend", "expect", "receive", "cancel", "code", "place"), "Only of this kind, such as remove; may be repeated."),
        (("--actor",), "text", "Only by this person; may be repeated."),
        (("--reason",), "reason", "Only with this reason; may be repeated."),
        (("--ref",), "text", "Only with this reference; may be repeated."),
        (("--net",), None, "Only what is in effect: nothing undone, and no undo."),
        (("--by",), ("sku", "day", "week", "month", "reason", "ref", "actor"), "Sums by sku, day, week, month, reason, ref, actor."),
        (("-n", "--limit"), "text", "Show N of them at most."),
        (("--reverse",), None, "In the opposite order."),
        (("--follow",), None, "Stay, and show movements as anyone makes them."),
    ), ("id", "operation", "kind", "sku", "delta", "quantity", "reason", "ref", "note", "actor", "occurred_at", "recorded_at", "undoes", "undone_by", "place", "lot", "expires_on"), ()),
    "stock low": ("List the products with as few as their reorder point, or fewer.", (), (
        (("--exit-code",), None, "End with exit code 8 if there are any."),
    ), ("sku", "name", "description", "quantity", "reorder_point", "archived", "created_at", "updated_at", "low", "held", "available", "expected", "reorder_to"), ()),
    "stock undo": ("Take back an operation, whatever it did: stock, names, a whole import.", ("operation",), (
        (("--last",), None, "The newest one of yours that can be taken back."),
        (("--despite-counts",), None, "Also where a product was counted since."),
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "kind", "sku", "delta", "quantity", "replayed", "dry_run", "movement", "low", "counted", "hold", "movement_ids", "changes", "lines", "movements", "products", "times"), ()),
    "db": ("The inventory as a whole: check, back up, restore, copy.", (), (), (), ()),
    "db info": ("Show where the inventory is, and how much it holds.", (), (), ("path", "engine", "schema_version", "sku_rule", "products", "operations", "movements", "size_bytes"), ()),
    "db path": ("Print where the inventory is, or would be.", (), (), (), ()),
    "db check": ("Look for damage, and whether each quantity is the sum of its movements.", (), (
        (("--repair",), None, "Make wrong quantities the sum of their movements."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("kind", "sku", "message", "expected", "actual"), ()),
    "db backup": ("Write a checked copy of the inventory to a new file; others may go on writing.", ("file",), (), ("path", "engine", "schema_version", "sku_rule", "products", "operations", "movements", "size_bytes"), ()),
    "db restore": ("Replace the inventory by a backup; the old one is kept beside it.", ("file",), (
        (("--yes",), None, "Do it without being asked."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("path", "engine", "schema_version", "sku_rule", "products", "operations", "movements", "size_bytes"), ()),
    "db migrate": ("Bring the inventory of an older invctl up to date; a copy of it is kept.", (), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("path", "engine", "schema_version", "sku_rule", "products", "operations", "movements", "size_bytes"), ()),
    "db copy": ("Copy the whole inventory to another file, to a server, or from one.", ("file",), (
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("path", "engine", "schema_version", "sku_rule", "products", "operations", "movements", "size_bytes"), ()),
    "log": ("Show what was done, an operation a line, oldest first; or one of them in full.", ("operation",), (
        (("--since",), "text", "From then on: 2026-01-31, or 24h ago."),
        (("--until",), "text", "Up to then; a date includes that day."),
        (("--sku",), "any", "Only of this product; may be repeated."),
        (("--kind",), ("create", "update", "rename", "archive", "unarchive", "delete", "import", "add", "remove", "set", "apply", "undo", "repair", "count", "move", "hold", "commit", "release", "expire", "extend", "expect", "receive", "cancel", "code", "place"), "Only of this kind, such as remove; may be repeated."),
        (("--actor",), "text", "Only by this person; may be repeated."),
        (("--reason",), "reason", "Only with this reason; may be repeated."),
        (("--ref",), "text", "Only with this reference; may be repeated."),
        (("-n", "--limit"), "text", "Show N of them at most."),
        (("--reverse",), None, "In the opposite order."),
    ), ("operation", "kind", "summary", "products", "movements", "changes", "reason", "ref", "actor", "recorded_at", "undoes", "undone_by"), ()),
    "undo": ("Take back an operation, whatever it did: stock, names, a whole import.", ("operation",), (
        (("--last",), None, "The newest one of yours that can be taken back."),
        (("--despite-counts",), None, "Also where a product was counted since."),
        (("--reason",), "reason", "Why, in one word of a-z, 0-9 and -, such as sale."),
        (("--ref",), "text", "The order, invoice or job it belongs to."),
        (("--note",), "text", "Anything else worth keeping."),
        (("--at",), "text", "When it happened: 2026-01-31, 2026-01-31T09:30:00Z, or how long ago: 24h, 7d."),
        (("--idempotency-key",), "text", "Repeated with the same KEY, the change happens only once: for safe retries."),
        (("--actor",), "text", "Who does it; the OS user if not given."),
        (("--dry-run",), None, "Only show what would happen."),
    ), ("operation", "kind", "sku", "delta", "quantity", "replayed", "dry_run", "movement", "low", "counted", "hold", "movement_ids", "changes", "lines", "movements", "products", "times"), ()),
    "completion": ("Print the script that makes a shell complete commands, options and SKUs.", (("bash", "zsh", "fish", "powershell"),), (), (), ()),
    "help": ("Explain a command or a topic; without one, list the commands.", ("help",), (), (), ()),
}
