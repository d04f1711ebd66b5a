"""Codes: what is printed on a product, and how many units one scan of it means."""

from sqlalchemy import bindparam, delete, func, literal_column, select

from invctl.db.dialects import EachEngine
from invctl.db.schema import code, product
from invctl.db.search import SEARCHED
from invctl.repository.declared.forms import among, at_most, insert_each, insert_one
from invctl.repository.declared.products import FOUND

_KEY = code.c.key == bindparam("key")
_CODED = select(*FOUND, code.c.units, code.c.key).join_from(
    code, product, product.c.id == code.c.product_id
)
CODED = _CODED.where(_KEY)
LOCK_CODED = CODED.with_for_update(of=product)
CODED_AMONG = _CODED.where(code.c.key.in_(among("keys"))).order_by(product.c.id)
LOCK_CODED_AMONG = CODED_AMONG.with_for_update(of=product)
ANY_CODE = at_most(select(code.c.key))

_COLUMNS = ("key", "code", "product_id", "units")
_CODE = select(code.c.key, code.c.code, product.c.sku, code.c.units, product.c.id).join_from(
    code, product, product.c.id == code.c.product_id
)
CODE = _CODE.where(_KEY)
CODES_AMONG = _CODE.where(code.c.key.in_(among("keys")))
CODES_OF_PRODUCT = _CODE.where(product.c.id == bindparam("product")).order_by(code.c.code)
CODES = _CODE.order_by(product.c.sku, code.c.code)
ADD_CODE = insert_one(code, *_COLUMNS)
ADD_CODE_EACH = insert_each(code, *_COLUMNS)
REMOVE_CODE = delete(code).where(_KEY)
REMOVE_CODES = delete(code).where(code.c.product_id == bindparam("product"))
# A code that is a SKU would never be found by it.
CODED_SKUS = (
    select(code.c.code, product.c.sku)
    .join_from(code, product, product.c.sku == code.c.key)
    .order_by(product.c.sku)
)

# What a server is asked for whose products are looked through for some words here.
_ALL_CODES = select(func.string_agg(code.c.code, literal_column("E'\\n'"))).where(
    code.c.product_id == product.c.id
)
TO_SEARCH = EachEngine(
    None,
    select(product.c.id, *(product.c[name] for name in SEARCHED), _ALL_CODES.scalar_subquery()),
)
