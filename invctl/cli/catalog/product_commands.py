"""The commands of `invctl product`, and what their pages tell."""

from invctl.cli.catalog import catalog, product
from invctl.cli.options import FILE, KEYED_MUTATION, OPENING_MUTATION, STOCK_MUTATION
from invctl.cli.spec import Spec
from invctl.models import EXPORT_FIELDS, PRODUCT_FIELDS, ImportChange, ProductChange

_UNKNOWN = {3: "there is no such product"}
_KEY = "the key belongs to another request"
_FILE = {
    "sku": "which product; the only column that must be there",
    "name": "what it is called; a new product must have one",
    "description": "more about it",
    "quantity": "opening stock of a new product, 0 if not given; see --set-quantity",
    "reorder_point": "at so many units or fewer it counts as low",
    "archived": "true or false",
    "reorder_to": "how many there are to be after an order",
    "place": "where its opening stock lies, or with --set-quantity what was counted",
}

COMMANDS = {
    "create": Spec(
        product.create,
        (
            "invctl product create TSHIRT-RED-L --name 'T-shirt, red, L' --quantity 10",
            "invctl product create MUG-BLUE --name 'Mug, blue' --reorder-point 4",
        ),
        OPENING_MUTATION,
        exits={4: f"there is a product with that SKU, or {_KEY}"},
        fields=ProductChange._fields,
        instead={"--to": "`invctl stock add SKU N --to PLACE` puts them there once it is made"},
    ),
    "list": Spec(
        catalog.list_,
        (
            "invctl product list --search shirt --sort quantity",
            "invctl product list -o csv --columns sku,name,quantity",
        ),
        fields=PRODUCT_FIELDS,
        surplus="`invctl product list --search {0}` looks for it",
        instead={
            "--all": "`--archived` lists archived ones, `invctl product export` writes all",
            "--place": "stock where --place PLACE",
            "--sku": "product show SKU",
        },
    ),
    "show": Spec(
        catalog.show,
        (
            "invctl product show TSHIRT-RED-L",
            "invctl product show TSHIRT-RED-L --as-of 2026-01-31 --json",
        ),
        exits=_UNKNOWN,
        fields=PRODUCT_FIELDS,
    ),
    "update": Spec(
        product.update,
        (
            "invctl product update TSHIRT-RED-L --reorder-point 4",
            "invctl product update TSHIRT-RED-L --name 'Red shirt' --description ''",
        ),
        KEYED_MUTATION,
        exits={**_UNKNOWN, 4: _KEY},
        fields=ProductChange._fields,
        instead={
            "--quantity": "stock set SKU QUANTITY",
            "--sku": "product rename SKU NEW_SKU",
            "--archived": "product archive SKU",
        },
    ),
    "rename": Spec(
        product.rename,
        (
            "invctl product rename TSHIRT-RED-L TSHIRT-L-RED",
            "invctl product rename TYPO-1 TYPO-2 --dry-run",
        ),
        KEYED_MUTATION,
        exits={**_UNKNOWN, 4: f"there is a product NEW_SKU already, or {_KEY}"},
        fields=ProductChange._fields,
    ),
    "archive": Spec(
        product.archive,
        (
            "invctl product archive TYPO-1 --dry-run",
            "invctl product archive TYPO-1",
        ),
        KEYED_MUTATION,
        exits={**_UNKNOWN, 4: f"some of it is held, or {_KEY}"},
        fields=ProductChange._fields,
    ),
    "unarchive": Spec(
        product.unarchive,
        (
            "invctl product unarchive TSHIRT-RED-L",
            "invctl product unarchive TSHIRT-RED-L --dry-run",
        ),
        KEYED_MUTATION,
        exits={**_UNKNOWN, 4: _KEY},
        fields=ProductChange._fields,
    ),
    "delete": Spec(
        product.delete,
        ("invctl product delete TYPO-1 --dry-run --yes", "invctl product delete TYPO-1 --yes"),
        KEYED_MUTATION,
        exits={
            **_UNKNOWN,
            4: f"its stock has moved: it can only be archived; or {_KEY}",
            7: "it was not confirmed: --yes does that without a question",
        },
        fields=ProductChange._fields,
    ),
    "import": Spec(
        product.import_,
        (
            "invctl product import products.csv --dry-run",
            "invctl product import shop.csv --map 'sku=Item No.,name=Title' --ignore-extra",
        ),
        (*FILE, *STOCK_MUTATION),
        exits={4: _KEY, 6: "lines were refused: each is named, and nothing was changed"},
        columns=_FILE,
        fields=ImportChange._fields,
    ),
    "export": Spec(
        product.export,
        ("invctl product export products.csv", "invctl product export -o jsonl > products.jsonl"),
        exits={4: "there is a file of that name"},
        fields=EXPORT_FIELDS,
    ),
}
