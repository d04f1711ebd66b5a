"""The commands of `invctl stock`, and what their pages tell."""

from invctl.cli.options import BACKDATED, FILE, LABEL, MUTATION, STOCK_MUTATION
from invctl.cli.spec import Spec
from invctl.cli.stock import movements, place, shelf, stock
from invctl.cli.stock.undo import UNDO
from invctl.cli.till import scan
from invctl.models import (
    LOW_FIELDS,
    MOVEMENT_COLUMNS,
    MOVEMENT_FIELDS,
    SHEET_COLUMNS,
    WHERE_FIELDS,
    BatchChange,
    Fits,
    StockChange,
    Usage,
)

_UNKNOWN = {3: "there is no such product"}
_ARCHIVED = {4: "the product is archived, or the key belongs to another request"}
_MOVES = "stock move SKU AMOUNT --from PLACE --to PLACE"
_SOLD = (
    "--days N ends today; "
    "`invctl stock log --by sku --net --kind remove --kind commit --since TIME` sums up any time"
)
_FILE = {
    "sku": "which product",
    "delta": "how many came (3) or went (-3); or, in place of it, action and amount",
    "action": "add, remove, set or move",
    "amount": "how many; with set, how many were counted",
    "reason": "why, in one word; without it, what --reason says",
    "ref": "the order, invoice or job; without it, what --ref says",
    "note": "anything else; without it, what --note says",
    "occurred_at": "when it happened; without it, what --at says",
    "place": "where to, where from, or where that was counted",
    "to_place": "with move alone: where to; place is where from",
    "lot": "of which lot, in that place",
    "expires_on": "when what comes expires, as 2026-01-31",
    "idempotency_key": "with --each alone: makes a retry of the line safe",
}
_COUNTS = {
    "sku": "which product; several counts of one, or of one place and lot, add up",
    "counted": "how many there were; where it is empty, nobody counted",
    "counted_at": "when; without it, what --at says, or now. What happened since comes on top",
    "place": "where; without it, what --place says, or what is in no place",
    "lot": "of which lot, in that place",
    "note": "anything else; without it, what --note says",
    "name": "as the sheet has it: only read by people",
}

COMMANDS = {
    "add": Spec(
        stock.add,
        (
            "invctl stock add TSHIRT-RED-L 5 --reason delivery",
            "invctl stock add MUG 6 --to SHOP/SHELF-1 --reason return --at 2h",
        ),
        STOCK_MUTATION,
        exits=_UNKNOWN | _ARCHIVED,
        fields=StockChange._fields,
        negative=stock.REMOVE_INSTEAD,
        surplus="`invctl stock add {given[0]} {given[1]} --to {0}` puts them there",
        instead={"--from": _MOVES},
    ),
    "remove": Spec(
        stock.remove,
        (
            "invctl stock remove TSHIRT-RED-L 3 --reason sale --ref 1001",
            "invctl stock remove MUG 2 --from SHOP/SHELF-1 --dry-run",
        ),
        STOCK_MUTATION,
        exits={**_UNKNOWN, **_ARCHIVED, 5: "there are not enough, and nothing was changed"},
        fields=StockChange._fields,
        negative=stock.ADD_INSTEAD,
        surplus="`invctl stock remove {given[0]} {given[1]} --from {0}` takes them from there",
        instead={"--to": _MOVES},
    ),
    "set": Spec(
        stock.set_,
        (
            "invctl stock set TSHIRT-RED-L 12 --expect 9",
            "invctl stock set MUG 3 --in SHOP/SHELF-1 --reason count",
        ),
        STOCK_MUTATION,
        exits={**_UNKNOWN, 4: f"it is not what --expect says, or {_ARCHIVED[4]}"},
        fields=StockChange._fields,
        negative=stock.COUNT_INSTEAD,
        surplus="`invctl stock set {given[0]} {given[1]} --in {0}` counts what lies there",
    ),
    "move": Spec(
        place.move,
        (
            "invctl stock move MUG 2 --from SHOP/SHELF-1 --to VAN",
            "invctl stock move TSHIRT-RED-L 5 --to SHOP/SHELF-1 --dry-run",
        ),
        STOCK_MUTATION,
        exits={
            3: "there is no such product or place",
            **_ARCHIVED,
            5: "there are not enough in that place, and nothing was changed",
        },
        fields=StockChange._fields,
        negative="an amount is 1 or more; --from and --to say which way",
        surplus="`invctl stock move {given[0]} {given[1]} --from {0} --to {1}` says which way",
    ),
    "apply": Spec(
        stock.apply,
        (
            "invctl stock apply sales.csv --reason sale --idempotency-key 2026-01-31",
            "invctl stock apply counted.csv --defaults action=set --map 'amount=Counted'",
        ),
        (*FILE, *STOCK_MUTATION),
        exits={
            4: "the key belongs to another request, or nothing limits --times max",
            5: "with --times max, where it does not fit once",
            6: "lines were refused: each is named, and nothing was changed",
        },
        columns=_FILE,
        fields=BatchChange._fields,
    ),
    "fits": Spec(
        shelf.fits,
        ("invctl stock fits bom.csv", "invctl stock fits bom.csv --columns times --no-header"),
        FILE,
        exits={6: "lines were refused: each is named"},
        columns={name: _FILE[name] for name in MOVEMENT_COLUMNS},
        fields=Fits._fields,
    ),
    "sheet": Spec(
        shelf.sheet,
        ("invctl stock sheet sheet.csv", "invctl stock sheet --search shirt --columns sku,counted"),
        exits={3: "there is no such place", 4: "the file exists already"},
        fields=SHEET_COLUMNS,
    ),
    "count": Spec(
        shelf.count,
        (
            "invctl stock count counts.csv --dry-run --lines",
            "invctl stock count counts.csv --complete --yes --max-change 50",
        ),
        (*FILE, *STOCK_MUTATION),
        exits={
            4: "--complete must say of which place, or the key belongs to another request",
            6: "lines were refused: each is named, and nothing was changed",
            7: "--complete wants to be confirmed",
        },
        columns=_COUNTS,
        fields=BatchChange._fields,
        surplus="`invctl stock set {given[0]} {0}` counts one product",
    ),
    "scan": Spec(
        scan.scan,
        (
            "invctl stock scan --codes -",
            "invctl stock scan --mode remove --reason sale --unknown odd.txt < scans.txt",
        ),
        (*LABEL, *BACKDATED, *MUTATION),
        exits={
            3: "a code was unknown (the first refusal says how it ends)",
            5: "there were not enough of something",
        },
        fields=scan.FIELDS,
    ),
    "history": Spec(
        movements.history,
        (
            "invctl stock history TSHIRT-RED-L --since 7d",
            "invctl stock history TSHIRT-RED-L --chart",
        ),
        exits=_UNKNOWN,
        fields=MOVEMENT_FIELDS,
    ),
    "log": Spec(
        movements.log,
        (
            "invctl stock log --since 7d --reason sale --net --by sku",
            "invctl stock log --follow",
        ),
        fields=MOVEMENT_FIELDS,
        surplus="`invctl stock history {0}` shows those of one product, `--sku {0}` among others",
    ),
    "low": Spec(
        stock.low,
        ("invctl stock low", "invctl stock low --exit-code --quiet"),
        exits={8: "with --exit-code, if there are any"},
        fields=LOW_FIELDS,
        surplus="`invctl product show {0}` says whether it is low",
    ),
    "usage": Spec(
        stock.usage,
        ("invctl stock usage --days 30", "invctl stock usage --idle 180d -o csv"),
        exits={8: "with --exit-code, if there are any"},
        fields=Usage._fields,
        surplus="`invctl stock history {0} --chart` draws how it went",
        instead={"--since": _SOLD, "--until": _SOLD},
    ),
    "where": Spec(
        place.where,
        ("invctl stock where MUG", "invctl stock where --expiring 30d --exit-code"),
        exits={3: "there is no such product or place", 8: "with --exit-code, if there is any"},
        fields=WHERE_FIELDS,
        surplus="`invctl stock where {given[0]} --place {0}` shows what of it lies there",
    ),
    "undo": UNDO,
}
