"""Locks that keep a server's transactions apart, in the one order in which none deadlock.

First the products, those of a batch all at once and in order of id; then the journal, with which
the ids go that are given out. SQLite has nothing to lock, a writer being alone there from the
start.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from invctl.db.journal import TURN
from invctl.db.prepared import Prepared
from invctl.db.schema import product, setting

_TAKE_TURN = Prepared(
    select(setting.c.value).where(setting.c.name == bindparam("name")).with_for_update()
)


def needs_locks(connection: Connection) -> bool:
    """Return whether others may write at the same time."""
    return connection.dialect.name != "sqlite"


def lock_skus(connection: Connection, skus: Callable[[], Iterable[str]]) -> None:
    """Lock the products that have one of these SKUs; they are asked for only where it matters."""
    if needs_locks(connection):
        from invctl.db.postgresql.bulk import listed

        with listed(connection, skus()) as condition:
            lock_products(connection, condition, {})


def lock_products(
    connection: Connection, condition: ColumnElement[bool], values: Mapping[str, object]
) -> None:
    """Lock the products for which `condition` holds, in order of id, until the transaction ends."""
    if needs_locks(connection):
        locked = select(product.c.id).where(condition).order_by(product.c.id).with_for_update()
        connection.execute(select(func.count()).select_from(locked.subquery()), values)


def take_turn(connection: Connection) -> None:
    """Make the journal this transaction's until its end; waits for who has it."""
    if needs_locks(connection):
        _TAKE_TURN.start(connection, {"name": TURN})
