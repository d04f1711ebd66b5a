"""What is asked of codes: which product one means, and how many units of it."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from invctl.db.session import Row, Session, array, one_by_one
from invctl.repository import compiled
from invctl.repository.products import Found


class Code(NamedTuple):
    """A code; `key` is what it is compared by, `units` what one scan of it means."""

    key: str
    code: str
    sku: str
    units: int
    product: int


def product_of(session: Session, key: str, *, lock: bool = False) -> Found | None:
    """Return the product that a code means, with `units`; with `lock` nobody else changes it."""
    row = session.one(compiled.LOCK_CODED if lock else compiled.CODED, key=key)
    return None if row is None else Found._make(row[:-1])


def products_of(session: Session, keys: Collection[str], *, lock: bool = True) -> dict[str, Found]:
    """Return the products that some codes mean, by key; locked in order of id, if that is asked."""
    statement = compiled.LOCK_CODED_AMONG if lock else compiled.CODED_AMONG
    found = one_by_one(session, statement, keys=array(keys))
    return {key: Found._make(product) for *product, key in found}


def any_code(session: Session) -> bool:
    """Return whether there are codes at all: who has none pays nothing for them."""
    return session.one(compiled.ANY_CODE) is not None


def find(session: Session, key: str) -> Code | None:
    """Return the code of a key."""
    row = session.one(compiled.CODE, key=key)
    return None if row is None else Code._make(row)


def find_among(session: Session, keys: Collection[str]) -> dict[str, Code]:
    """Return the codes of some keys, by key."""
    found = one_by_one(session, compiled.CODES_AMONG, keys=array(keys))
    return {row[0]: Code._make(row) for row in found}


def of_product(session: Session, product: int) -> list[Code]:
    """Return the codes of a product, in order."""
    found = one_by_one(session, compiled.CODES_OF_PRODUCT, product=product)
    return [Code._make(row) for row in found]


def every(session: Session) -> Iterator[Sequence[Row]]:
    """Yield the key, code, SKU, units and product of every code, in order of SKU."""
    return session.rows(compiled.CODES)


def add(session: Session, code: Code) -> None:
    """Write a code down in place of what it meant before."""
    # An INSERT that replaces is another in Core for each engine; these two are for both.
    session.run(compiled.REMOVE_CODE, key=code.key)
    session.run(
        compiled.ADD_CODE,
        key=code.key,
        code=code.code,
        product_id=code.product,
        units=code.units,
    )


def add_all(session: Session, codes: Sequence[Code]) -> None:
    """Write new codes down."""
    rows = [(one.key, one.code, one.product, one.units) for one in codes]
    session.each(compiled.ADD_CODE_EACH, ("key", "code", "product_id", "units"), rows)


def remove(session: Session, key: str) -> None:
    """Delete a code."""
    session.run(compiled.REMOVE_CODE, key=key)


def remove_all(session: Session, product: int) -> None:
    """Delete the codes of a product."""
    session.run(compiled.REMOVE_CODES, product=product)
