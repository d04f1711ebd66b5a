"""Every fixed statement, in SQLAlchemy Core. Nobody runs these: `compiling` writes their texts.

A statement is a constant here; its text has the same name in `compiled`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    update,
)
from sqlalchemy import Text as TextType
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from invctl.db.schema import movement, operation, product, setting, total
from invctl.values import MAX_QUANTITY


class EachEngine(NamedTuple):
    """A statement that is another one on a server; None where an engine never runs it."""

    sqlite: CompilerElement | None
    server: CompilerElement


class _JsonTexts(FunctionElement[str]):
    """A function of a JSON array that returns its texts as rows."""

    name = "json_texts"
    inherit_cache = True


@compiles(_JsonTexts, "sqlite")
def _json_each(element: _JsonTexts, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_JsonTexts)
def _json_array_elements(element: _JsonTexts, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **kw)} AS JSON))"


def _among(texts: str) -> Select[Any]:
    """Return the texts in a JSON array that is a parameter."""
    given = _JsonTexts(bindparam(texts)).table_valued("value", name="given")
    return select(given.c.value)


_INTEGER = BigInteger()
_TEXT = TextType()

Value = Callable[[str], ColumnElement[Any]]


def _for_each(make: Callable[[Value], Any], **kinds: TypeEngine[Any]) -> EachEngine:
    """Return a statement about many rows, which have values of these `kinds`.

    On SQLite it is run for each of them; on a server once, beside an array of each value.
    """
    arrays = (bindparam(name, type_=ARRAY(kind)) for name, kind in kinds.items())
    columns = (column(name, kind) for name, kind in kinds.items())
    given = func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    return EachEngine(
        sqlite=make(lambda name: bindparam(name, type_=kinds[name])),
        server=make(lambda name: given.c[name]),
    )


def _insert_each(rows: Table, *names: str) -> EachEngine:
    """Return an INSERT of many rows, likewise."""
    kinds = {name: _INTEGER if rows.c[name].type.python_type is int else _TEXT for name in names}
    arrays = (bindparam(name, type_=ARRAY(kind)) for name, kind in kinds.items())
    columns = (column(name, kind) for name, kind in kinds.items())
    given = func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    return EachEngine(
        sqlite=insert(rows).values(**_parameters(rows.c, *names)),
        server=insert(rows).from_select(names, select(*(given.c[name] for name in names))),
    )


def next_id(ids: ColumnElement[int]) -> ColumnElement[int]:
    """Return the id after the greatest of `ids`."""
    zero, one = (literal_column(number, ids.type) for number in "01")
    return func.coalesce(func.max(ids), zero) + one


def _parameters(columns: Any, *names: str) -> dict[str, Any]:
    return {name: bindparam(name, type_=columns[name].type) for name in names}


# --- Settings

SETTING = select(setting.c.value).where(setting.c.name == bindparam("name"))
# The row that is locked by whoever numbers operations and movements.
TURN = SETTING.with_for_update()

# --- Products

_STATE = select(product.c.id, product.c.sku, product.c.quantity, product.c.archived_at)
FIND_PRODUCT = _STATE.where(product.c.sku == bindparam("sku"))
LOCK_PRODUCT = FIND_PRODUCT.with_for_update()
LOAD_PRODUCTS = (
    _STATE.where(product.c.sku.in_(_among("skus"))).order_by(product.c.id).with_for_update()
)

RECORD = (
    product.c.sku,
    product.c.name,
    product.c.description,
    product.c.quantity,
    product.c.reorder_point,
    product.c.archived_at.is_not(None).label("archived"),
    product.c.created_at,
    product.c.updated_at,
)
AS_OF = (
    select(total(movement.c.delta))
    .where(movement.c.product_id == product.c.id, movement.c.occurred_at <= bindparam("as_of"))
    .scalar_subquery()
    .label("quantity")
)
_IS_IT = product.c.id == bindparam("product")
PRODUCT = select(*RECORD).where(_IS_IT)
PRODUCT_AS_OF = select(*RECORD[:3], AS_OF, *RECORD[4:]).where(_IS_IT)

_FACTS = (
    product.c.id,
    product.c.sku,
    product.c.quantity,
    product.c.name,
    product.c.description,
    product.c.reorder_point,
    product.c.archived_at,
)
LOCK_FACTS = select(*_FACTS).where(product.c.sku == bindparam("sku")).with_for_update()
LOAD_FACTS = (
    select(*_FACTS)
    .where(product.c.sku.in_(_among("skus")))
    .order_by(product.c.id)
    .with_for_update()
)

SKUS_FROM = (
    select(product.c.sku)
    .where(product.c.sku >= bindparam("sku"))
    .order_by(product.c.sku)
    .limit(bindparam("most"))
    .offset(literal_column("0"))  # or SQLite's text would have a parameter for it
)
SKUS_BEFORE = (
    select(product.c.sku)
    .where(product.c.sku < bindparam("sku"))
    .order_by(product.c.sku.desc())
    .limit(bindparam("most"))
    .offset(literal_column("0"))  # or SQLite's text would have a parameter for it
)

NEXT_PRODUCT = select(next_id(product.c.id))
ADD_PRODUCT = insert(product).values(**_parameters(product.c, *(c.name for c in product.c)))
DELETE_PRODUCT = delete(product).where(_IS_IT)

_NONE = literal_column("0", _INTEGER)
_MOST = literal_column(str(MAX_QUANTITY), _INTEGER)
_BY = bindparam("by", type_=_INTEGER)
# The guard: it refuses in the UPDATE itself, so it holds whoever else writes.
MOVE = (
    update(product)
    .where(
        product.c.sku == bindparam("sku"),
        product.c.archived_at.is_(None),
        (product.c.quantity + _BY).between(_NONE, _MOST),
    )
    .values(quantity=product.c.quantity + _BY, updated_at=bindparam("now"))
    .returning(product.c.id, product.c.quantity)
)


def _settle(value: Value) -> Update:
    return (
        update(product)
        .where(product.c.id == value("product"), product.c.quantity == value("seen"))
        .values(quantity=value("now"), updated_at=value("at"))
    )


def _describe(value: Value) -> Update:
    return (
        update(product)
        .where(product.c.id == value("product"))
        .values(
            name=value("new_name"),
            description=value("new_description"),
            reorder_point=value("new_reorder_point"),
            archived_at=value("new_archived_at"),
            updated_at=value("at"),
        )
    )


SETTLE = _for_each(_settle, now=_INTEGER, at=_TEXT, product=_INTEGER, seen=_INTEGER)
DESCRIBE_EACH = _for_each(
    _describe,
    new_name=_TEXT,
    new_description=_TEXT,
    new_reorder_point=_INTEGER,
    new_archived_at=_TEXT,
    at=_TEXT,
    product=_INTEGER,
)
DESCRIBE = (
    update(product)
    .where(_IS_IT)
    .values(
        **_parameters(
            product.c, "sku", "name", "description", "reorder_point", "archived_at", "updated_at"
        )
    )
)


def _locking(condition: ColumnElement[bool] | None = None) -> Select[Any]:
    """Return what locks products in order of id, and says no more than how many they are."""
    chosen = select(product.c.id)
    if condition is not None:
        chosen = chosen.where(condition)
    locked = chosen.order_by(product.c.id).with_for_update().subquery()
    return select(func.count()).select_from(locked)


_MOVED = select(movement.c.product_id).where(movement.c.operation_id == bindparam("operation"))
LOCK_ALL = EachEngine(None, _locking())
# `Session.lock_among` puts the texts there, since they may be a million.
_STAGED = table("staged", column("sku", _TEXT))
LOCK_STAGED = EachEngine(None, _locking(product.c.sku.in_(select(_STAGED.c.sku))))
LOCK_MOVED = EachEngine(None, _locking(product.c.id.in_(_MOVED)))

QUANTITIES = select(product.c.id, product.c.sku, product.c.quantity).order_by(product.c.id)
SKU_OF = select(product.c.sku).where(_IS_IT)

# --- Operations

NEXT_IDS = select(*(select(next_id(rows.c.id)).scalar_subquery() for rows in (operation, movement)))
ENTER = insert(operation).values(
    **_parameters(operation.c, "id", "kind", "idempotency_key", "actor", "recorded_at")
)
CONCLUDE = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(**_parameters(operation.c, "request_hash", "result"))
)
# One that is under way has no result yet.
EARLIER = select(operation.c.kind, operation.c.request_hash, operation.c.result).where(
    operation.c.idempotency_key == bindparam("key"), operation.c.result.is_not(None)
)
EARLIER_AMONG = select(
    operation.c.idempotency_key, operation.c.kind, operation.c.request_hash, operation.c.result
).where(operation.c.idempotency_key.in_(_among("keys")), operation.c.result.is_not(None))
ENTER_EACH = _insert_each(
    operation,
    "id", "kind", "idempotency_key", "request_hash", "result", "actor", "recorded_at",
)  # fmt: skip
# Locked, so that of two who undo it at once one sees that the other has.
LOCK_OPERATION = (
    select(operation.c.id).where(operation.c.id == bindparam("operation")).with_for_update()
)
UNDONE_BY = select(operation.c.id).where(operation.c.reverses_id == bindparam("operation"))
REVERSES = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(reverses_id=bindparam("undone"))
)

# --- Movements

ADD_MOVEMENT = insert(movement).values(**_parameters(movement.c, *(c.name for c in movement.c)))
APPEND_EACH = _insert_each(
    movement,
    "id", "operation_id", "product_id", "delta", "quantity", "reason", "ref", "note",
    "occurred_at",
)  # fmt: skip
LATEST_MOVEMENT = select(func.max(movement.c.id))
LATEST_OPERATION = select(func.max(operation.c.id))
MOVEMENTS_OF_PRODUCT = (
    select(func.count()).select_from(movement).where(movement.c.product_id == bindparam("product"))
)
_OF_OPERATION = movement.c.operation_id == bindparam("operation")
MOVEMENTS_OF_OPERATION = select(func.count()).select_from(movement).where(_OF_OPERATION)
PRODUCTS_OF_OPERATION = select(func.count(movement.c.product_id.distinct())).where(_OF_OPERATION)
# What was taken is given back before what was given is taken, so that only a product's final
# balance can refuse an undo, not one on the way to it.
DELTAS = (
    select(movement.c.delta, product.c.sku)
    .join_from(movement, product, product.c.id == movement.c.product_id)
    .where(_OF_OPERATION)
    .order_by(movement.c.delta, movement.c.id)
)

# --- Checks and numbers

# In order of id, which reads a file from end to end: 0.6 µs a movement, by product 3.
JOURNAL = select(
    movement.c.id, movement.c.product_id, movement.c.delta, movement.c.quantity
).order_by(movement.c.id)
_undo = operation.alias("undo")
# An undo and what it undid take no product anywhere.
REMAINDERS = (
    select(_undo.c.id, _undo.c.reverses_id, product.c.sku, func.sum(movement.c.delta))
    .join_from(_undo, movement, movement.c.operation_id.in_([_undo.c.id, _undo.c.reverses_id]))
    .join(product, product.c.id == movement.c.product_id)
    .where(_undo.c.reverses_id.is_not(None))
    .group_by(_undo.c.id, _undo.c.reverses_id, product.c.sku)
    .having(func.sum(movement.c.delta) != _NONE)
    .order_by(_undo.c.id, product.c.sku)
)
COUNTS = select(
    *(
        select(func.count()).select_from(rows).scalar_subquery()
        for rows in (product, operation, movement)
    )
)
