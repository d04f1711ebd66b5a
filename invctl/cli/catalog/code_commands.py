"""The commands of `invctl code`, and what their pages tell."""

from invctl.cli.catalog import code
from invctl.cli.options import FILE, KEYED, MUTATION
from invctl.cli.spec import Spec
from invctl.models import CODE_FIELDS, CodeChange, ImportChange

_EXISTS = "it is another product's code, or a SKU, or the key belongs to another request"

COMMANDS = {
    "add": Spec(
        code.add,
        (
            "invctl code add TSHIRT-RED-L 4006381333931",
            "invctl code add TSHIRT-RED-L BOX-OF-12 --units 12",
        ),
        (*KEYED, *MUTATION),
        exits={3: "there is no such product", 4: _EXISTS},
        fields=CodeChange._fields,
    ),
    "remove": Spec(
        code.remove,
        (
            "invctl code remove 036000291452 --dry-run",
            "invctl code remove 36000291452 --dry-run -o json",
        ),
        (*KEYED, *MUTATION),
        exits={3: "there is no such code", 4: "the key belongs to another request"},
        fields=CodeChange._fields,
    ),
    "list": Spec(
        code.list_,
        ("invctl code list TSHIRT-RED-L", "invctl code list -o csv"),
        exits={3: "there is no such product"},
        fields=CODE_FIELDS,
    ),
    "import": Spec(
        code.import_,
        (
            "invctl code import codes.csv --dry-run",
            "invctl code import codes.csv --map 'code=EAN' --ignore-extra",
        ),
        (*FILE, *KEYED, *MUTATION),
        exits={
            4: "the key belongs to another request",
            6: "lines were refused: each is named, and nothing was changed",
        },
        columns={
            "sku": "which product",
            "code": "what a scanner reads",
            "units": "how many units one scan means; not given: as it is, 1 of a new code",
        },
        fields=ImportChange._fields,
    ),
}
