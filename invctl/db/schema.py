"""The tables of schema version 2. No statement stands here; `migrations` makes them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    cast,
    func,
    literal_column,
    text,
)
from sqlalchemy.schema import SchemaItem

from invctl.values import MAX_QUANTITY

metadata = MetaData()


def _table(name: str, *parts: SchemaItem) -> Table:
    """Make a table, whose columns take nothing but their types on SQLite."""
    return Table(name, metadata, *parts, sqlite_strict=True)


# SQLite's STRICT tables know INTEGER (64 bits, the rowid where it is the key) and not BIGINT.
_INTEGER = BigInteger().with_variant(Integer, "sqlite")
# SKUs, names and times compare by code point on every engine.
_ORDERED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

product = _table(
    "product",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("sku", _ORDERED_TEXT, nullable=False, unique=True),
    Column("name", _ORDERED_TEXT, nullable=False),
    Column("description", Text),
    Column("quantity", _INTEGER, nullable=False),
    Column("reorder_point", _INTEGER),
    Column("archived_at", _ORDERED_TEXT),
    Column("created_at", _ORDERED_TEXT, nullable=False),
    Column("updated_at", _ORDERED_TEXT, nullable=False),
    Column("reorder_to", _INTEGER),
    # Units that are promised to somebody, and those that lie in a place.
    Column("held", _INTEGER, nullable=False, server_default=text("0")),
    Column("placed", _INTEGER, nullable=False, server_default=text("0")),
    # The safety nets under the guarded UPDATE in `repository/products.py`.
    CheckConstraint(f"quantity BETWEEN 0 AND {MAX_QUANTITY}", name="quantity_in_range"),
    CheckConstraint("held BETWEEN 0 AND quantity", name="held_in_range"),
    CheckConstraint("placed BETWEEN 0 AND quantity", name="placed_in_range"),
)

Index("product_archived", product.c.sku, sqlite_where=product.c.archived_at.is_not(None))


def total(amounts: ColumnElement[int]) -> ColumnElement[int]:
    """Return the sum of amounts, 0 of none, as the integer that servers do not return by nature."""
    return cast(func.coalesce(func.sum(amounts), literal_column("0")), _INTEGER)


operation = _table(
    "operation",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("idempotency_key", Text),
    Column("request_hash", Text),
    Column("result", Text),
    Column("reverses_id", _INTEGER, ForeignKey("operation.id")),
    Column("actor", Text, nullable=False),
    Column("recorded_at", _ORDERED_TEXT, nullable=False),
    Column("reason", Text),
    Column("ref", Text),
    Column("file_hash", Text),
    # Runs of ids, so that no index has to be fed to find what an operation did.
    Column("first_movement", _INTEGER),
    Column("last_movement", _INTEGER),
    Column("first_change", _INTEGER),
    Column("last_change", _INTEGER),
    # Whether it is not in effect: it was undone, and that was not.
    Column("undone", _INTEGER, nullable=False, server_default=text("0")),
)
# Unique where given: most operations have neither, and a full index would hold all their NULLs.
Index(
    "operation_key",
    operation.c.idempotency_key,
    unique=True,
    sqlite_where=operation.c.idempotency_key.is_not(None),
)
Index(
    "operation_reverses",
    operation.c.reverses_id,
    unique=True,
    sqlite_where=operation.c.reverses_id.is_not(None),
)

movement = _table(
    "movement",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("operation_id", _INTEGER, ForeignKey("operation.id"), nullable=False),
    Column("product_id", _INTEGER, ForeignKey("product.id"), nullable=False),
    Column("delta", _INTEGER, nullable=False),
    Column("quantity", _INTEGER, nullable=False),
    Column("reason", Text),
    Column("ref", Text),
    Column("note", Text),
    Column("occurred_at", _ORDERED_TEXT, nullable=False),
    Column("pot_id", _INTEGER, ForeignKey("pot.id")),
    CheckConstraint("delta <> 0", name="delta_moves"),
)
Index("movement_product", movement.c.product_id)

change = _table(
    "change",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("operation_id", _INTEGER, ForeignKey("operation.id"), nullable=False),
    # No foreign key: what is told of a product outlives it. Its id is never another's.
    Column("product_id", _INTEGER, nullable=False),
    Column("sku", _ORDERED_TEXT, nullable=False),
    Column("field", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("occurred_at", _ORDERED_TEXT),  # of a count: its moment
)
Index("change_product", change.c.product_id)

promise = _table(
    "promise",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("product_id", _INTEGER, ForeignKey("product.id"), nullable=False),
    Column("amount", _INTEGER, nullable=False),
    Column("taken", _INTEGER, nullable=False),
    Column("due_at", _ORDERED_TEXT),
    Column("reason", Text),
    Column("ref", Text),
    Column("note", Text),
    Column("made_by", _INTEGER, ForeignKey("operation.id"), nullable=False),
    Column("closed_by", _INTEGER, ForeignKey("operation.id")),
    CheckConstraint("amount > 0", name="amount_promises"),
    CheckConstraint("taken >= 0", name="taken_in_range"),
)
_is_open = promise.c.closed_by.is_(None)
Index("promise_open", promise.c.product_id, sqlite_where=_is_open)
Index("promise_ref", promise.c.ref, sqlite_where=_is_open & promise.c.ref.is_not(None))

place = _table(
    "place",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("name", _ORDERED_TEXT, nullable=False, unique=True),
    Column("removed_at", _ORDERED_TEXT),
)

pot = _table(
    "pot",
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("product_id", _INTEGER, ForeignKey("product.id"), nullable=False),
    Column("place_id", _INTEGER, ForeignKey("place.id"), nullable=False),
    Column("lot", _ORDERED_TEXT, nullable=False),  # '' where there is none: NULLs are not equal
    Column("quantity", _INTEGER, nullable=False),
    CheckConstraint(f"quantity BETWEEN 0 AND {MAX_QUANTITY}", name="pot_in_range"),
    UniqueConstraint("product_id", "place_id", "lot"),
)
Index("pot_place", pot.c.place_id)

lot = _table(
    "lot",
    Column("product_id", _INTEGER, ForeignKey("product.id"), primary_key=True),
    Column("lot", _ORDERED_TEXT, primary_key=True),
    Column("expires_on", _ORDERED_TEXT),
)
Index("lot_expires", lot.c.expires_on, sqlite_where=lot.c.expires_on.is_not(None))

code = _table(
    "code",
    # What codes are compared by: those of one article are one, with and without leading zeros.
    Column("key", _ORDERED_TEXT, primary_key=True),
    Column("code", _ORDERED_TEXT, nullable=False),
    Column("product_id", _INTEGER, ForeignKey("product.id"), nullable=False),
    Column("units", _INTEGER, nullable=False),
    CheckConstraint("units > 0", name="units_count"),
)
Index("code_product", code.c.product_id)

Index("operation_file", operation.c.file_hash, sqlite_where=operation.c.file_hash.is_not(None))

setting = _table(
    "setting",
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
