"""What is asked of promises: units held for somebody, and deliveries on their way."""

from invctl.db.session import Session
from invctl.repository import compiled


def expected(session: Session, product: int) -> int:
    """Return how many units of a product are on their way."""
    row = session.one(compiled.EXPECTED, product=product)
    return int(row[0]) if row else 0


def any_open(session: Session) -> bool:
    """Return whether anything is promised at all: who promises nothing pays nothing for it."""
    return session.one(compiled.ANY_OPEN) is not None
