"""The tables of schema version 1. No statement stands here; `migrations` makes them."""

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
    cast,
    func,
    literal_column,
)

from invctl.values import MAX_QUANTITY

metadata = MetaData()

# SQLite's STRICT tables know INTEGER (64 bits, the rowid where it is the key) and not BIGINT.
_INTEGER = BigInteger().with_variant(Integer, "sqlite")
# SKUs, names and times compare by code point on every engine.
_ORDERED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

product = Table(
    "product",
    metadata,
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("sku", _ORDERED_TEXT, nullable=False, unique=True),
    Column("name", _ORDERED_TEXT, nullable=False),
    Column("description", Text),
    Column("quantity", _INTEGER, nullable=False),
    Column("reorder_point", _INTEGER),
    Column("archived_at", _ORDERED_TEXT),
    Column("created_at", _ORDERED_TEXT, nullable=False),
    Column("updated_at", _ORDERED_TEXT, nullable=False),
    # The safety net under the guarded UPDATE in `repository/products.py`.
    CheckConstraint(f"quantity BETWEEN 0 AND {MAX_QUANTITY}", name="quantity_in_range"),
    sqlite_strict=True,
)

is_low = product.c.quantity <= product.c.reorder_point
"""What `low` means; the index finds those among the products that are not archived."""

Index("product_low", product.c.sku, sqlite_where=is_low & product.c.archived_at.is_(None))
Index("product_archived", product.c.sku, sqlite_where=product.c.archived_at.is_not(None))


def total(amounts: ColumnElement[int]) -> ColumnElement[int]:
    """Return the sum of amounts, 0 of none, as the integer that servers do not return by nature."""
    return cast(func.coalesce(func.sum(amounts), literal_column("0")), _INTEGER)


operation = Table(
    "operation",
    metadata,
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("idempotency_key", Text),
    Column("request_hash", Text),
    Column("result", Text),
    Column("reverses_id", _INTEGER, ForeignKey("operation.id")),
    Column("actor", Text, nullable=False),
    Column("recorded_at", _ORDERED_TEXT, nullable=False),
    sqlite_strict=True,
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

movement = Table(
    "movement",
    metadata,
    Column("id", _INTEGER, primary_key=True, autoincrement=False),
    Column("operation_id", _INTEGER, ForeignKey("operation.id"), nullable=False),
    Column("product_id", _INTEGER, ForeignKey("product.id"), nullable=False),
    Column("delta", _INTEGER, nullable=False),
    Column("quantity", _INTEGER, nullable=False),
    Column("reason", Text),
    Column("ref", Text),
    Column("note", Text),
    Column("occurred_at", _ORDERED_TEXT, nullable=False),
    CheckConstraint("delta <> 0", name="delta_moves"),
    sqlite_strict=True,
)
Index("movement_product", movement.c.product_id)
Index("movement_operation", movement.c.operation_id)

setting = Table(
    "setting",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)
