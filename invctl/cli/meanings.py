"""What people mean by a word that is no command, and by an option that a command does not have.

A new command or option gets its line in a table here. Whatever is suggested does what was meant:
by the tables first, by spelling only where that is close, and never the opposite.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from invctl.cli.completion.tree import COMMANDS, GROUPS
from invctl.cli.spelling import nearest

_COMMANDS = {
    "init": "start setup initialize initialise",
    "product create": "add new make insert register",
    "product list": "ls products all items goods articles inventory catalog catalogue report",
    "product list --search TEXT": "find search grep query lookup filter",
    "product show": "get info view display describe cat details inspect quantity qty levels "
    "balance available on-hand onhand",
    "product update": "edit modify change alter patch min minimum",
    "product rename": "mv",
    "product delete": "rm del erase drop destroy purge remove",
    "product archive": "rm del delete hide remove disable deactivate retire discontinue delist",
    "product unarchive": "unhide enable activate reactivate undelete restore recover",
    "product import": "load upload ingest bulk",
    "product export": "dump download save",
    "stock add": "receive restock replenish increase increment inc plus buy purchase return refund "
    "deposit in put putaway put-away intake input check-in produce goods-in goods-receipt",
    "stock remove": "sell sale ship dispatch issue use consume take pick withdraw deduct subtract "
    "decrease decrement dec sub minus destock out output outbound loss waste wastage "
    "scrap damage damaged breakage shrinkage spoil discard write-off writeoff goods-out",
    "stock set": "adjust count recount correct stocktake reset",
    "stock apply": "batch bulk process",
    "stock fits": "buildable makeable possible feasible build assemble recipe kit bom",
    "stock sheet": "form template checklist countsheet print",
    "stock count": "recount stocktake inventory-count cycle-count",
    "stock scan": "till checkout pos scanner wedge",
    "stock scan --codes FILE": "label labels qr",
    "code add": "barcode ean upc gtin alias",
    "code list": "codes barcodes aliases",
    "stock history": "trace card",
    "stock log": "journal ledger movements transactions",
    "stock log --by FIELD": "sum total totals",
    "log": "history audit-log operations activity events",
    "log --actor NAME": "who user users",
    "stock log --follow": "watch tail follow monitor",
    "stock low": "status shortage shortages alerts reorder notify warn",
    "stock move": "transfer relocate shift lend loan borrow checkout quarantine",
    "stock where": "locate lots",
    "stock where --expiring DURATION": "expiry expiring expired expire expires",
    "place list": "places locations bins shelves warehouses location bin shelf warehouse",
    "undo": "revert reverse rollback cancel void undelete redo unremove",
    "hold create": "reserve allocate book earmark promise",
    "hold commit": "confirm fulfil fulfill complete",
    "hold release": "free unreserve unhold close",
    "hold extend": "renew prolong",
    "hold list": "holds reservations reserved held promised allocated allocations allocation",
    "hold run": "exec semaphore",
    "delivery expect": "order preorder incoming inbound po purchase-order",
    "delivery receive": "arrive arrived accept close",
    "delivery list": "deliveries orders purchases expected awaited outstanding",
    "db info": "show get status stats statistics summary about config settings",
    "db path": "where location which",
    "db check": "verify validate fsck doctor audit repair fix",
    "db backup": "snapshot dump save",
    "db restore": "recover",
    "help": "man manual docs guide exit quit example examples tutorial faq quickstart",
    "stock usage": "top bestsellers velocity turnover sales sold report reports",
    "stock usage --idle DURATION": "idle stale slow dead unsold",
    "db migrate": "upgrade",
    "db copy": "clone cp transfer sync",
    "serve": "server http web api listen",
    "completion": "completions autocomplete shell",
    "--version": "version ver",
}
# Words that mean this within a group alone: elsewhere they are about products.
_WITHIN = {
    "product": {"product create": "copy cp clone duplicate", "product update": "set"},
    "stock": {
        "stock remove": "rm delete del drop",
        "stock count": "take",
        "stock move": "mv",
        "product show": "check",
    },
    "hold": {
        "hold create": "add new make hold",
        "hold commit": "take finish ship sell done close",
        "hold release": "cancel drop remove rm delete end expire",
        "hold extend": "refresh update set",
        "hold list": "ls show get open",
        "hold run": "with lock",
    },
    "delivery": {
        "delivery expect": "create add new make",
        "delivery receive": "done finish close",
        "delivery cancel": "remove rm delete drop close edit update",
        "delivery list": "ls show get open",
    },
    "place": {
        "stock where --place PLACE": "show get info contents",
        "place list": "ls show get info find search tree",
        "place rename": "mv move",
        "stock move": "merge",
        "place remove": "rm delete del drop archive",
        "stock add --to PLACE": "create add new make",
    },
    "code": {
        "code add": "create new set register",
        "code remove": "rm delete del drop unset",
        "code list": "ls show get find search",
        "code import": "load upload bulk",
    },
    "db": {
        "init": "create add new make",
        "db info": "list ls size",
    },
}
_OF_A_VALUE = {
    "": "product show",
    "product": "product show",
    "stock": "product show",
    "hold": "hold create",
    "delivery": "delivery expect",
    "place": "stock where --place",
    "code": "product show",
}
"""What is meant in each group by a SKU, a code or a place that stands where a command belongs."""
_OPTIONS = {
    "-V": "-v --ver",
    "--db": "-d --database --inventory --file",
    "-o csv": "--csv",
    "-o tsv": "--tsv",
    "-o jsonl": "--jsonl --ndjson",
    "-o table": "--table --pretty",
    "--output": "--format --fmt --out",
    "--columns": "--fields --select --cols -c",
    "--no-header": "--headerless --noheader --no-headers",
    "--quiet": "-s --silent",
    "--color never": "--no-color --no-colour --nocolor --monochrome",
    "--timeout": "--wait --busy-timeout",
    "--limit": "--top --head --max --first --last --count --number --lines",
    "--search": "--find --filter --grep --query --match --name --sku",
    "--low": "--low-stock --reorder --out-of-stock",
    "--archived": "--hidden --inactive --archive",
    "--sort": "--order --order-by --sort-by --by",
    "--reverse": "-r --desc --descending --newest",
    "--since": "--from --after --start --begin --today --yesterday",
    "--until": "--to --before --end",
    "--as-of": "--at --on --when --date",
    "--since-id": "--after-id --from-id --id",
    "--follow": "-f --tail --watch",
    "--at": "--date --when --time --on --timestamp --occurred-at",
    "--actor": "--user --by --who --as",
    "--reason": "--why --type --kind",
    "--ref": "--reference --order --invoice --order-id --customer --project --job",
    "--note": "-m --message --comment --memo --remark --description",
    "--dry-run": "--simulate --preview --pretend --what-if --test --no-act",
    "--idempotency-key": "--key --request-id --once",
    "--yes": "-y -f --force --assume-yes --confirm",
    "--name": "--title --label",
    "--description": "--desc --about --details",
    "--quantity": "--qty --stock --amount --initial --count --opening",
    "--reorder-point": "--reorder --min --minimum --threshold --low",
    "--for": "--ttl --lease --duration --until --expires",
    "--no-expiry": "--forever --no-expire --permanent",
    "--file": "--from-file --lines -f",
    "--over": "--excess --more --force",
    "--state": "--status",
    "--state all": "--all --closed",
    "--times": "--multiple --repeat",
    "--units": "--per --pack --quantity --amount --count --times",
    "--complete": "--full --all --zero --zero-missing",
    "--max-change": "--tolerance --limit --max",
    "--unknown": "--unmatched --missing",
    "--mode": "--action --verb --do",
    "--codes": "--labels --barcodes --print",
    "--reorder-to": "--target --maximum --level --max",
    "--up-to": "--at-most --max --partial",
    "--expect": "--if --expected",
    "--sku": "--product --item",
    "--kind": "--type --what",
    "--by": "--group --group-by --per --due --eta --on",
    "--net": "--effective",
    "--last": "--latest --newest",
    "--despite-counts": "--force",
    "--each": "--stream --line-by-line",
    "--set-quantity": "--overwrite --count",
    "--map": "--mapping --headers",
    "--to": "--place --in --into --location --target --bin",
    "--from": "--place --in --source --location --out-of --bin",
    "--in": "--place --from --to --location --at-place --bin",
    "--place": "--in --location --where --bin",
    "--lot": "--batch --batch-number --serial --expires",
    "--expires": "--expiry --expires-on --best-before --until",
    "--expiring": "--expires --within --days --soon",
    "--ignore-extra": "--ignore --skip-extra --ignore-unknown",
    "--defaults": "--default",
    "--delimiter": "--sep --separator --delim",
    "--encoding": "--charset",
    "--csv-safe": "--safe --escape",
    "--exit-code": "--fail --check",
    "--repair": "--fix",
    "--sku-rule": "--rule --skus",
    "SKU": "--sku --product --item",
    "HOLD": "--hold --id",
    "CODE": "--code --barcode --ean --gtin",
    "DELIVERY": "--delivery --id",
    "NEW_SKU": "--new-sku --new --to",
    "AMOUNT": "--amount --quantity --qty --units --count",
    "QUANTITY": "--quantity --qty --amount --count --counted",
    "FILE": "--file --input --out -i",
    "FILE|-": "--file --input --out -i",
    "OPERATION": "--operation --id",
    "TARGET": "--to --target",
    "SHELL": "--shell",
    "PLACE": "--place --name",
}
_OPPOSITES = (
    ("stock add", "stock remove"),
    ("product create", "product delete"),
    ("product create", "product archive"),
    ("product archive", "product unarchive"),
    ("product import", "product export"),
    ("db backup", "db restore"),
    ("hold create", "hold release"),
    ("hold commit", "hold release"),
    ("delivery expect", "delivery cancel"),
    ("delivery receive", "delivery cancel"),
    ("code add", "code remove"),
    ("--since", "--until"),
)
_OF_THEIR_OWN = ("place", "code")
"""Groups of what is neither made, found nor shown as products and promises are."""
_FEW = 3  # options that begin with a letter, or commands with two, of which a list still helps


def commands_for(word: str, group: str) -> tuple[str, ...]:
    """Return the commands that do what a word in a group (`` is the first one) means, if any."""
    path = re.sub("[ _:-]+", " ", word.lower()).strip()  # elsewhere it is `stock:add`, `stock_add`
    if path == "help" and group:
        return (f"help {group}",)
    if path in COMMANDS:  # among them is the program itself, which has no name here
        return (path,) if path else ()
    words = _words(group)
    if word.lower() not in words and not re.search("[a-z]", word):
        return ()  # a SKU or a place, and no misspelt command
    found = _suggested(word.lower(), words, lambda known: _meant(known, group))
    found = found or _begun(path, group)
    # `stock log` says nothing more beside `stock log --by FIELD`.
    more = [one.partition(" -")[0] for one in found if " -" in one]
    return tuple(one for one in found if one not in more)


def noun_of(word: str) -> str:
    """Return the group that a word names, be it of one or of many: `hold`, `holds`; '' if none."""
    one = re.sub("s$", "", re.sub("ies$", "y", word.lower()))
    return one if one in GROUPS else ""


def command_of(value: str, group: str, following: str = "") -> str:
    """Return the command that was meant where a SKU, a code or a place stands for one, if any.

    The verb may be the word `following` it.
    """
    # No command has a capital or a digit.
    if not re.search("[A-Z0-9]", value):
        return ""
    home = group or "stock"
    return f"{home} {following}" if following in GROUPS[home] else _OF_A_VALUE.get(group, "")


def options_for(
    name: str, available: Collection[str], own: Collection[str] = ()
) -> tuple[str, ...]:
    """Return those of a command's options and arguments that do what `name` would.

    Of a word that is nearly one of its `own` options nothing else is meant, though an option of
    all commands be as near.
    """
    table = _reversed(_OPTIONS)

    def meant(known: str) -> Iterable[str]:
        return [known] if known in available else _offered(table.get(known, ()), available)

    word = name.lower()
    if word not in table and (near := _suggested(word, own, lambda one: [one])):
        return near
    found = _suggested(word, {*available, *table}, meant)
    # A letter that no command has is taken for the first one of an option.
    if found or len(word) > 2 or _is_option(word):
        return found
    longer = sorted(one for one in available if one.startswith(f"-{word}"))
    return tuple(longer) if len(longer) <= _FEW else ()


def _is_option(letter: str) -> bool:
    """Return whether a letter is an option of some command, so that it is no other one's first."""
    return any(letter in names for _, _, options, *_ in COMMANDS.values() for names, *_ in options)


def _offered(options: Iterable[str], available: Collection[str]) -> Iterator[str]:
    return (option for option in options if option.partition(" ")[0] in available)


def _begun(word: str, group: str) -> tuple[str, ...]:
    """Return the few commands of a group whose names begin so: `rem`, `ad`."""
    path = f"{group} {word}".lstrip()
    found = [one for one in COMMANDS if one.startswith(path) and " " not in one[len(path) :]]
    return tuple(found) if len(word) > 1 and len(found) <= _FEW else ()


def _words(group: str) -> set[str]:
    """Return the words that mean something in a group."""
    named = (path.rpartition(" ")[2] for path in COMMANDS)
    return {*named, *_reversed(_COMMANDS), *_reversed(_WITHIN.get(group, {}))}


def _meant(word: str, group: str) -> list[str]:
    """Return what a word means that is spelled right, what is nearest to the group first."""
    here = f"{group} {word}".lstrip()
    if here in COMMANDS:
        return [here]
    named = [path for path in COMMANDS if path.rpartition(" ")[2] == word]
    if group != "place":  # who says remove or rename means no place unless it is said
        named = [path for path in named if not path.startswith("place ")]
    if group != "code":  # products and their stock are what most words are about
        named = [path for path in named if not path.startswith("code ")] or named
    fits = [*named, *_reversed(_COMMANDS).get(word, ())]
    if not group:
        return fits
    own = _reversed(_WITHIN.get(group, {})).get(word, [])
    own = own + [path for path in fits if path.startswith(f"{group} ")]
    if own and group in _OF_THEIR_OWN:
        return own
    if own:
        return own + named + [path for path in fits if " " not in path]
    # Within a group hardly anybody means the inventory as a whole.
    return [path for path in fits if not path.startswith("db ")] or fits


def _suggested(
    word: str, known: Collection[str], meant: Callable[[str], Iterable[str]]
) -> tuple[str, ...]:
    """Return what a word means, or else what the words mean that it may be a misspelling of."""
    if word in known:
        return tuple(dict.fromkeys(meant(word)))
    found = dict.fromkeys(fit for near in nearest(word, known) for fit in meant(near))
    opposed = any(set(pair) <= set(found) for pair in _OPPOSITES)
    return () if opposed else tuple(found)


def _reversed(table: Mapping[str, str]) -> dict[str, list[str]]:
    """Return a table of words by command as one of commands by word."""
    found: dict[str, list[str]] = {}
    for command, words in table.items():
        for word in words.split():
            found.setdefault(word, []).append(command)
    return found
