"""What an inventory says of itself: its settings and its numbers."""

from invctl.db.session import Session, first_value
from invctl.repository import compiled


def setting(session: Session, name: str) -> object | None:
    """Return a setting as it is stored."""
    return first_value(session, compiled.SETTING, name=name)


def counts(session: Session) -> tuple[int, int, int]:
    """Return how many products, operations and movements there are."""
    row = session.one(compiled.COUNTS)
    assert row is not None
    return row[0], row[1], row[2]
