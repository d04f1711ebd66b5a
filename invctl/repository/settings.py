"""What an inventory says of itself: its settings and its numbers."""

from invctl.db.session import Session
from invctl.repository import compiled


def setting(session: Session, name: str) -> object | None:
    """Return a setting as it is stored."""
    row = session.one(compiled.SETTING, name=name)
    return None if row is None else row[0]


def counts(session: Session) -> tuple[int, int, int]:
    """Return how many products, operations and movements there are."""
    row = session.one(compiled.COUNTS)
    assert row is not None
    return row[0], row[1], row[2]
