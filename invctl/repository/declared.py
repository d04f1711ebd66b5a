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
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    exists,
    false,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    table,
    union,
    union_all,
    update,
)
from sqlalchemy import Text as TextType
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from invctl.db.schema import (
    change,
    movement,
    operation,
    pot,
    product,
    promise,
    setting,
    total,
)
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


def _among_numbers(numbers: str) -> Select[Any]:
    """Return the whole numbers in a JSON array that is a parameter."""
    given = _JsonTexts(bindparam(numbers)).table_valued("value", name="given")
    return select(cast(given.c.value, BigInteger))


_INTEGER = BigInteger()
_NONE = literal_column("0", _INTEGER)
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

_IS_IT = product.c.id == bindparam("product")
_STATE = select(
    product.c.id,
    product.c.sku,
    product.c.quantity,
    product.c.archived_at,
    product.c.held,
    product.c.placed,
    product.c.reorder_point,
)
FIND_PRODUCT = _STATE.where(product.c.sku == bindparam("sku"))
LOCK_PRODUCT = FIND_PRODUCT.with_for_update()
LOAD_PRODUCTS = (
    _STATE.where(product.c.sku.in_(_among("skus"))).order_by(product.c.id).with_for_update()
)

# What is on its way: the open deliveries, less what has arrived of them.
_ON_ITS_WAY = select(total(promise.c.amount - promise.c.taken)).where(
    promise.c.kind == literal_column("'delivery'"), promise.c.closed_by.is_(None)
)
EXPECTED = _ON_ITS_WAY.where(promise.c.product_id == bindparam("product"))
EXPECTED_OF_EACH = _ON_ITS_WAY.where(promise.c.product_id == product.c.id).scalar_subquery()
ANY_OPEN = (
    select(promise.c.id)
    .where(promise.c.closed_by.is_(None))
    .limit(literal_column("1"))
    .offset(_NONE)
)
# The clock that gives holds their time is the one that judges it: on a server there is but one.
CLOCK = EachEngine(
    select(func.strftime(literal_column("'%Y-%m-%dT%H:%M:%fZ'"), literal_column("'now'"))),
    select(
        func.to_char(
            func.timezone(literal_column("'utc'"), func.clock_timestamp()),
            literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""),
        )
    ),
)
_IS_OVERDUE = and_(
    promise.c.kind == literal_column("'hold'"),
    promise.c.closed_by.is_(None),
    promise.c.due_at <= bindparam("now", type_=_TEXT),
)
_RUN_OUT = select(total(promise.c.amount)).where(_IS_OVERDUE)
OVERDUE = _RUN_OUT.where(promise.c.product_id == bindparam("product"))
OVERDUE_OF_EACH = _RUN_OUT.where(promise.c.product_id == product.c.id).scalar_subquery()


def is_low(expected: ColumnElement[int], held: ColumnElement[int]) -> ColumnElement[bool]:
    """Return whether what is free and what is on its way are at the reorder point or under it."""
    free = product.c.quantity - held
    return func.coalesce(free + expected <= product.c.reorder_point, false())


def record(
    expected: ColumnElement[int], held: ColumnElement[int]
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of a product's record: `expected` are on their way, `held` promised."""
    return (
        product.c.sku,
        product.c.name,
        product.c.description,
        product.c.quantity,
        product.c.reorder_point,
        product.c.archived_at.is_not(None).label("archived"),
        product.c.created_at,
        product.c.updated_at,
        is_low(expected, held).label("low"),
        held.label("held"),
        (product.c.quantity - held).label("available"),
        expected.label("expected"),
        product.c.reorder_to,
    )


_RECORD = record(EXPECTED_OF_EACH, product.c.held)
AS_OF = (
    select(total(movement.c.delta))
    .where(movement.c.product_id == product.c.id, movement.c.occurred_at <= bindparam("as_of"))
    .scalar_subquery()
    .label("quantity")
)
PRODUCT = select(*_RECORD).where(_IS_IT)
PRODUCT_AS_OF = select(*_RECORD[:3], AS_OF, *_RECORD[4:]).where(_IS_IT)

_FACTS = (
    product.c.id,
    product.c.sku,
    product.c.quantity,
    product.c.name,
    product.c.description,
    product.c.reorder_point,
    product.c.archived_at,
    product.c.reorder_to,
    product.c.created_at,
    product.c.held,
    product.c.placed,
)
FACTS_BY_ID = select(*_FACTS).where(_IS_IT)
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

# Also after those of deleted products, of which changes tell: no id is ever another's.
_IDS = union_all(select(func.max(product.c.id).label("id")), select(func.max(change.c.product_id)))
NEXT_PRODUCT = select(next_id(_IDS.subquery("ids").c.id))
ADD_PRODUCT = insert(product).values(**_parameters(product.c, *(c.name for c in product.c)))
DELETE_PRODUCT = delete(product).where(_IS_IT)

_MOST = literal_column(str(MAX_QUANTITY), _INTEGER)
_BY = bindparam("by", type_=_INTEGER)
_HELD_BY = bindparam("held_by", type_=_INTEGER)
# The guard: it refuses in the UPDATE itself, so it holds whoever else writes. Quantity and held
# change at once: one after the other, the CHECK between them would fail midway.
MOVE = (
    update(product)
    .where(
        product.c.sku == bindparam("sku"),
        product.c.archived_at.is_(None),
        (product.c.quantity + _BY).between(product.c.held + _HELD_BY, _MOST),
        product.c.held + _HELD_BY >= _NONE,
        product.c.placed <= product.c.quantity + _BY,
    )
    .values(
        quantity=product.c.quantity + _BY,
        held=product.c.held + _HELD_BY,
        updated_at=bindparam("now"),
    )
    .returning(
        product.c.id, product.c.sku, product.c.quantity, product.c.held, product.c.reorder_point
    )
)


def _mend(value: Value) -> Update:
    return (
        update(product)
        .where(product.c.id == value("product"), product.c.quantity == value("seen"))
        .values(
            quantity=value("now"),
            held=value("now_held"),
            placed=value("now_placed"),
            updated_at=value("at"),
        )
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
            reorder_to=value("new_reorder_to"),
            updated_at=value("at"),
        )
    )


SETTLE = _for_each(_settle, now=_INTEGER, at=_TEXT, product=_INTEGER, seen=_INTEGER)
MEND = _for_each(
    _mend,
    now=_INTEGER,
    now_held=_INTEGER,
    now_placed=_INTEGER,
    at=_TEXT,
    product=_INTEGER,
    seen=_INTEGER,
)
MEND_POT = _for_each(
    lambda value: update(pot).where(pot.c.id == value("pot")).values(quantity=value("now")),
    now=_INTEGER,
    pot=_INTEGER,
)
DESCRIBE_EACH = _for_each(
    _describe,
    new_name=_TEXT,
    new_description=_TEXT,
    new_reorder_point=_INTEGER,
    new_archived_at=_TEXT,
    new_reorder_to=_INTEGER,
    at=_TEXT,
    product=_INTEGER,
)
DESCRIBE = (
    update(product)
    .where(_IS_IT)
    .values(
        **_parameters(
            product.c,
            "sku",
            "name",
            "description",
            "reorder_point",
            "archived_at",
            "reorder_to",
            "updated_at",
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


_MOVED = select(movement.c.product_id).where(
    movement.c.id.between(bindparam("first", type_=_INTEGER), bindparam("last", type_=_INTEGER))
)
_CHANGED = select(change.c.product_id).where(
    change.c.id.between(
        bindparam("first_change", type_=_INTEGER), bindparam("last_change", type_=_INTEGER)
    )
)
PRODUCTS_IN_RUNS = select(func.count()).select_from(union(_MOVED, _CHANGED).subquery("touched"))
LOCK_ALL = EachEngine(None, _locking())
# `Session.lock_among` puts the texts there, since they may be a million.
_STAGED = table("staged", column("sku", _TEXT))
LOCK_STAGED = EachEngine(None, _locking(product.c.sku.in_(select(_STAGED.c.sku))))
LOCK_RUN = EachEngine(None, _locking(or_(product.c.id.in_(_MOVED), product.c.id.in_(_CHANGED))))

QUANTITIES = select(
    product.c.id, product.c.sku, product.c.quantity, product.c.held, product.c.placed
).order_by(product.c.id)
SKU_OF = select(product.c.sku).where(_IS_IT)

# --- Operations

_RUNS = ("first_movement", "last_movement", "first_change", "last_change")
NEXT_IDS = select(
    *(select(next_id(rows.c.id)).scalar_subquery() for rows in (operation, movement, change))
)
ENTER = insert(operation).values(
    **_parameters(
        operation.c, "id", "kind", "idempotency_key", "actor", "recorded_at", "reason", "ref",
        "file_hash", *_RUNS,
    )
)  # fmt: skip
CLOSE = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(**_parameters(operation.c, *_RUNS))
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
    "id", "kind", "idempotency_key", "request_hash", "result", "actor", "recorded_at", "reason",
    "ref", *_RUNS,
)  # fmt: skip
# Locked, so that of two who undo it at once one sees that the other has.
LOCK_OPERATION = (
    select(
        operation.c.id,
        operation.c.kind,
        operation.c.reason,
        operation.c.ref,
        *(operation.c[name] for name in _RUNS),
    )
    .where(operation.c.id == bindparam("operation"))
    .with_for_update()
)
_undoing = operation.alias("undoing")
_IS_UNDONE = exists().where(_undoing.c.reverses_id == operation.c.id)
_LEFT_ALONE = ("undo", "release", "extend", "expire", "cancel", "code", "place", "repair")
NEWEST_OF = (
    select(operation.c.id)
    .where(
        operation.c.actor == bindparam("actor"),
        operation.c.kind.not_in([literal_column(f"'{kind}'") for kind in _LEFT_ALONE]),
        or_(operation.c.first_movement.is_not(None), operation.c.first_change.is_not(None)),
        ~_IS_UNDONE,
    )
    .order_by(operation.c.id.desc())
    .limit(literal_column("1"))
    .offset(_NONE)
)
SAME_FILE = (
    select(func.max(operation.c.id))
    .where(
        operation.c.file_hash == bindparam("file_hash"),
        operation.c.recorded_at >= bindparam("since"),
        operation.c.undone == _NONE,
    )
    .having(func.max(operation.c.id).is_not(None))
)
UNDONE_BY = select(operation.c.id).where(operation.c.reverses_id == bindparam("operation"))
# Of an operation, and of those that it took back in turn.
FLIP = (
    update(operation)
    .where(operation.c.id == bindparam("operation"))
    .values(undone=literal_column("1", _INTEGER) - operation.c.undone)
    .returning(operation.c.reverses_id)
)
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
_OF_RUN = movement.c.id.between(
    bindparam("first", type_=_INTEGER), bindparam("last", type_=_INTEGER)
)
PRODUCTS_OF_RUN = select(func.count(movement.c.product_id.distinct())).where(_OF_RUN)
MOVED_SINCE = select(total(movement.c.delta)).where(
    movement.c.product_id == bindparam("product"), movement.c.occurred_at > bindparam("moment")
)
# What was taken is given back before what was given is taken, so that only a product's final
# balance can refuse an undo, not one on the way to it.
DELTAS = (
    select(movement.c.delta, product.c.sku, movement.c.reason, movement.c.ref)
    .join_from(movement, product, product.c.id == movement.c.product_id)
    .where(_OF_RUN)
    .order_by(movement.c.delta, movement.c.id)
)

# What each product's movements in a run come to.
SUMS = (
    select(product.c.id, product.c.sku, total(movement.c.delta))
    .join_from(movement, product, product.c.id == movement.c.product_id)
    .where(_OF_RUN)
    .group_by(product.c.id, product.c.sku)
    .order_by(product.c.id)
)

# --- Changes

_CHANGE = ("id", "operation_id", "product_id", "sku", "field", "before", "after", "occurred_at")
ADD_CHANGE = insert(change).values(**_parameters(change.c, *_CHANGE))
ADD_CHANGE_EACH = _insert_each(change, *_CHANGE)
CHANGES_OF_RUN = (
    select(*(change.c[name] for name in _CHANGE[2:]))
    .where(
        change.c.id.between(bindparam("first", type_=_INTEGER), bindparam("last", type_=_INTEGER))
    )
    .order_by(change.c.id.desc())
)
LAST_COUNT = (
    select(change.c.operation_id, change.c.occurred_at)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id == bindparam("product"),
        change.c.field == literal_column("'counted'"),
        operation.c.undone == _NONE,
    )
    .order_by(change.c.id.desc())
    .limit(literal_column("1"))
    .offset(_NONE)
)
_LATER = select(func.min(operation.c.first_change)).where(operation.c.id > bindparam("operation"))
LAST_COUNTS = (
    select(change.c.product_id, func.max(change.c.occurred_at))
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id.in_(_among_numbers("products")),
        change.c.field == literal_column("'counted'"),
        operation.c.undone == _NONE,
    )
    .group_by(change.c.product_id)
)
COUNTED_AFTER = (
    select(change.c.product_id, change.c.sku, change.c.operation_id)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.id >= _LATER.scalar_subquery(),
        change.c.field == literal_column("'counted'"),
        operation.c.undone == _NONE,
    )
    .order_by(change.c.id)
)
# The newest one: a deleted product was made anew, and an import makes one anew that was undone.
CREATION_UNDONE = (
    select(operation.c.undone)
    .join_from(change, operation, operation.c.id == change.c.operation_id)
    .where(
        change.c.product_id == bindparam("product"),
        change.c.field == literal_column("'sku'"),
        change.c.before.is_(None),
    )
    .order_by(change.c.id.desc())
    .limit(literal_column("1"))
    .offset(_NONE)
)
RENAMED = (
    select(product.c.sku)
    .join_from(change, product, product.c.id == change.c.product_id)
    .where(change.c.field == literal_column("'sku'"), change.c.before == bindparam("sku"))
    .order_by(change.c.id.desc())
    .limit(literal_column("1"))
    .offset(_NONE)
)

# --- Promises

_closer = operation.alias("closer")
_PROMISE = (
    select(
        promise.c.id,
        promise.c.kind,
        promise.c.product_id,
        product.c.sku,
        promise.c.amount,
        promise.c.taken,
        promise.c.due_at,
        promise.c.reason,
        promise.c.ref,
        _closer.c.kind.label("closed_as"),
    )
    .join_from(promise, product, product.c.id == promise.c.product_id)
    .outerjoin(_closer, _closer.c.id == promise.c.closed_by)
    .order_by(promise.c.id)
)
_THE_PROMISE = promise.c.id == bindparam("promise")
_OPEN_OF_REF = and_(
    promise.c.kind == bindparam("kind"),
    promise.c.ref == bindparam("ref"),
    promise.c.closed_by.is_(None),
)
_MADE_BY = promise.c.made_by == bindparam("operation")
PROMISE = _PROMISE.where(_THE_PROMISE)
PROMISES_OF_REF = _PROMISE.where(_OPEN_OF_REF)
PROMISES_MADE_BY = _PROMISE.where(_MADE_BY)
LOCK_PROMISED = EachEngine(
    None, _locking(product.c.id.in_(select(promise.c.product_id).where(_THE_PROMISE)))
)
LOCK_PROMISED_TO = EachEngine(
    None, _locking(product.c.id.in_(select(promise.c.product_id).where(_OPEN_OF_REF)))
)
NEXT_PROMISE = select(next_id(promise.c.id))
ADD_PROMISE = insert(promise).values(
    **_parameters(
        promise.c, "id", "kind", "product_id", "amount", "taken", "due_at", "reason", "ref",
        "note", "made_by",
    )
)  # fmt: skip
# Whoever closes a promise closes it once.
CLOSE_PROMISE = (
    update(promise)
    .where(_THE_PROMISE, promise.c.closed_by.is_(None))
    .values(**_parameters(promise.c, "taken", "closed_by"))
    .returning(promise.c.id)
)
TAKE_PART = (
    update(promise)
    .where(_THE_PROMISE, promise.c.closed_by.is_(None))
    .values(**_parameters(promise.c, "taken"))
    .returning(promise.c.id)
)
EXTEND = (
    update(promise)
    .where(_THE_PROMISE, promise.c.closed_by.is_(None))
    .values(**_parameters(promise.c, "due_at"))
    .returning(promise.c.id)
)
EXPIRE = (
    update(promise)
    .where(promise.c.product_id == bindparam("product"), _IS_OVERDUE)
    .values(**_parameters(promise.c, "closed_by"))
)
FIRST_DUE = select(func.min(promise.c.due_at)).where(
    promise.c.product_id == bindparam("product"),
    promise.c.kind == literal_column("'hold'"),
    promise.c.closed_by.is_(None),
)
PROMISES_OF_PRODUCT = (
    select(func.count()).select_from(promise).where(promise.c.product_id == bindparam("product"))
)
CLOSED_A_PROMISE = (
    select(promise.c.id)
    .where(promise.c.closed_by == bindparam("operation"))
    .limit(literal_column("1"))
    .offset(_NONE)
)

# --- Checks and numbers

# In order of id, which reads a file from end to end: 0.6 µs a movement, by product 3.
JOURNAL = select(
    movement.c.id,
    movement.c.operation_id,
    movement.c.product_id,
    movement.c.pot_id,
    movement.c.delta,
    movement.c.quantity,
).order_by(movement.c.id)
CHANGES = select(change.c.id, change.c.operation_id).order_by(change.c.id)


def _runs(first: ColumnElement[int], last: ColumnElement[int]) -> Select[Any]:
    """Return what operations say of the runs of their movements or changes."""
    told = or_(first.is_not(None), last.is_not(None))
    return select(operation.c.id, first, last).where(told).order_by(operation.c.id)


MOVEMENT_RUNS = _runs(operation.c.first_movement, operation.c.last_movement)
CHANGE_RUNS = _runs(operation.c.first_change, operation.c.last_change)
POTS = (
    select(pot.c.id, pot.c.product_id, product.c.sku, pot.c.quantity)
    .join_from(pot, product, product.c.id == pot.c.product_id)
    .order_by(pot.c.id)
)
_SUM_PLACED = (
    select(total(pot.c.quantity)).where(pot.c.product_id == product.c.id).scalar_subquery()
)
MISPLACED = (
    select(product.c.id, product.c.sku, product.c.placed, _SUM_PLACED)
    .where(product.c.placed != _SUM_PLACED)
    .order_by(product.c.id)
)
_undo = operation.alias("undo")
_undone = operation.alias("undone")
_flag = literal_column("1", _INTEGER) - _undo.c.undone
_is_undone = exists().where(_undo.c.reverses_id == operation.c.id)
# What was undone is not in effect unless that was undone; an undo comes after what it undoes.
MISTAKEN_UNDOS = union_all(
    select(_undone.c.id, _undone.c.undone, _flag.label("right"), _undo.c.id)
    .join_from(_undo, _undone, _undone.c.id == _undo.c.reverses_id)
    .where(or_(_undone.c.undone != _flag, _undo.c.id <= _undone.c.id)),
    select(operation.c.id, operation.c.undone, _NONE, cast(null(), _INTEGER)).where(
        operation.c.undone != _NONE, ~_is_undone
    ),
)
# An undo and what it undid take no product anywhere.
REMAINDERS = (
    select(_undo.c.id, _undo.c.reverses_id, product.c.sku, func.sum(movement.c.delta))
    .join_from(_undo, _undone, _undone.c.id == _undo.c.reverses_id)
    .join(
        movement,
        or_(
            movement.c.id.between(_undo.c.first_movement, _undo.c.last_movement),
            movement.c.id.between(_undone.c.first_movement, _undone.c.last_movement),
        ),
    )
    .join(product, product.c.id == movement.c.product_id)
    .group_by(_undo.c.id, _undo.c.reverses_id, product.c.sku)
    .having(func.sum(movement.c.delta) != _NONE)
    .order_by(_undo.c.id, product.c.sku)
)
_SUM_HELD = (
    select(total(promise.c.amount))
    .where(
        promise.c.product_id == product.c.id,
        promise.c.kind == literal_column("'hold'"),
        promise.c.closed_by.is_(None),
    )
    .scalar_subquery()
)
MISHELD = (
    select(product.c.id, product.c.sku, product.c.held, _SUM_HELD)
    .where(product.c.held != _SUM_HELD)
    .order_by(product.c.id)
)
_told = change.c.field
_texts = {
    product.c.sku: product.c.sku,
    product.c.name: product.c.name,
    product.c.description: product.c.description,
    product.c.reorder_point: cast(product.c.reorder_point, _TEXT),
    product.c.reorder_to: cast(product.c.reorder_to, _TEXT),
    product.c.archived_at: product.c.archived_at,
    product.c.created_at: product.c.created_at,
}
_now = case(
    *((_told == literal_column(f"'{one.name}'"), text) for one, text in _texts.items()), else_=None
)
_newest = (
    select(func.max(change.c.id).label("id"))
    .where(_told.in_([literal_column(f"'{one.name}'") for one in _texts]))
    .group_by(change.c.product_id, _told)
    .subquery("newest")
)
# What a product is not, though the last change of that field says so; one that is gone is nothing.
MISTOLD = (
    select(change.c.sku, _told, change.c.after, _now)
    .join_from(_newest, change, change.c.id == _newest.c.id)
    .outerjoin(product, product.c.id == change.c.product_id)
    .where(change.c.after.is_distinct_from(_now))
    .order_by(change.c.id)
)
COUNTS = select(
    *(
        select(func.count()).select_from(rows).scalar_subquery()
        for rows in (product, operation, movement)
    )
)
