"""The commands of `invctl delivery`, and what their pages tell."""

from invctl.cli.options import FILE, STOCK_MUTATION
from invctl.cli.promises import delivery
from invctl.cli.spec import Spec
from invctl.cli.stock.stock import REMOVE_INSTEAD
from invctl.models import PROMISE_FIELDS, DeliveryChange

_UNKNOWN = {3: "there is no such delivery"}
_CLOSED = {4: "it was closed before, or the key belongs to another request"}
_FILE = {"sku": "which product", "amount": "how many units, 1 or more"}

COMMANDS = {
    "expect": Spec(
        delivery.expect,
        (
            "invctl delivery expect TSHIRT-RED-L 40 --by 7d --ref PO-1",
            "invctl delivery expect --file order.csv --ref PO-2",
        ),
        (*FILE, *STOCK_MUTATION),
        exits={
            3: "there is no such product",
            4: "the product is archived, or the key belongs to another request",
            6: "lines were refused: each is named, and nothing is expected",
        },
        columns=_FILE,
        fields=DeliveryChange._fields,
        negative=delivery.CANCEL_INSTEAD,
    ),
    "receive": Spec(
        delivery.receive,
        ("invctl delivery receive 2 15", "invctl delivery receive --ref PO-0"),
        STOCK_MUTATION,
        exits={**_UNKNOWN, 4: f"more has come than was expected, {_CLOSED[4]}"},
        fields=DeliveryChange._fields,
        negative=REMOVE_INSTEAD,
        surplus="`invctl delivery receive {given[0]} {given[1]} --to {0}` puts them there",
    ),
    "cancel": Spec(
        delivery.cancel,
        ("invctl delivery cancel 2 --dry-run", "invctl delivery cancel 2 --reason sold-out"),
        STOCK_MUTATION,
        exits={**_UNKNOWN, **_CLOSED},
        fields=DeliveryChange._fields,
    ),
    "list": Spec(
        delivery.list_,
        ("invctl delivery list --overdue", "invctl delivery list --ref PO-0 -o csv"),
        exits={3: "there is no such product"},
        fields=PROMISE_FIELDS,
        surplus="`invctl delivery list --sku {}` shows what of it is on its way",
    ),
}
