"""The commands of `invctl hold`, and what their pages tell."""

from invctl.cli.options import BACKDATED, FILE, LABEL, MUTATION, STOCK_MUTATION
from invctl.cli.promises import hold, hold_run
from invctl.cli.spec import Spec
from invctl.models import PROMISE_FIELDS, HoldChange, StockChange

_UNKNOWN = {3: "there is no such hold"}
_CLOSED = {4: "it has run out or was closed before, or the key belongs to another request"}
_FILE = {"sku": "which product", "amount": "how many units, 1 or more"}

COMMANDS = {
    "create": Spec(
        hold.create,
        (
            "invctl hold create TSHIRT-RED-L 2 --for 30m --ref cart-1",
            "invctl hold create --file cart.csv --ref cart-2",
        ),
        (*FILE, *STOCK_MUTATION),
        exits={
            3: "there is no such product",
            4: "the product is archived, or the key belongs to another request",
            5: "not as many are free, and nothing is held",
            6: "lines were refused: each is named, and nothing is held",
        },
        columns=_FILE,
        fields=HoldChange._fields,
        negative=hold.RELEASE_INSTEAD,
    ),
    "commit": Spec(
        hold.commit,
        ("invctl hold commit 1 --dry-run", "invctl hold commit --ref cart-0 --reason sale"),
        STOCK_MUTATION,
        exits={**_UNKNOWN, **_CLOSED},
        fields=StockChange._fields,
        negative=hold.RELEASE_INSTEAD,
        surplus="`invctl hold commit {given[0]} {given[1]} --from {0}` takes them from there",
    ),
    "release": Spec(
        hold.release,
        ("invctl hold release 1 --dry-run", "invctl hold release --ref cart-0"),
        STOCK_MUTATION,
        exits={**_UNKNOWN, **_CLOSED},
        fields=HoldChange._fields,
    ),
    "extend": Spec(
        hold.extend,
        ("invctl hold extend 1 --for 15m", "invctl hold extend 1 --for 2h --dry-run"),
        STOCK_MUTATION,
        exits={**_UNKNOWN, **_CLOSED},
        fields=HoldChange._fields,
    ),
    "list": Spec(
        hold.list_,
        ("invctl hold list --sku TSHIRT-RED-L", "invctl hold list --state all -o csv"),
        exits={3: "there is no such product"},
        fields=PROMISE_FIELDS,
        surplus="`invctl hold list --sku {}` shows what of it is held",
    ),
    "run": Spec(
        hold_run.run,
        (
            "invctl hold run TSHIRT-RED-L -- true",
            "invctl hold run TSHIRT-RED-L=2 --for 5m -- sh -c 'echo $INVCTL_HOLD'",
        ),
        (*LABEL, *BACKDATED, *MUTATION),
        exits={
            3: "there is no such product, and COMMAND was not started",
            4: "the hold ran out meanwhile and somebody took the units, though COMMAND succeeded",
            5: "not as many are free, and COMMAND was not started",
            126: "COMMAND could not be started",
            127: "there is no such COMMAND",
        },
        runs="What to run while they are held; INVCTL_HOLD has the numbers of its holds.",
        ends={
            "128+N": "signal N ended COMMAND, and the units are free again",
            "else": "as COMMAND ended, and the units are free again",
        },
    ),
}
