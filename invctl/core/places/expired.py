"""What is taken though it has expired: units go all the same, and are not said to be fresh."""

from collections.abc import Iterable
from itertools import starmap

from invctl.core.balance import Pot
from invctl.core.places.parts import Part
from invctl.core.places.spots import is_past
from invctl.text import some_of


class Expired:
    """What was taken of that, added up pot by pot until people are told."""

    def __init__(self, *, rehearsed: bool) -> None:
        self._what = "what would be taken" if rehearsed else "what was taken"
        self._taken: dict[tuple[str, Pot], int] = {}

    def note(self, sku: str, parts: Iterable[Part]) -> None:
        """Note those of some parts, each of which takes units."""
        for pot, units in parts:
            if pot is not None and is_past(pot.expires_on):
                self._taken[sku, pot] = self._taken.get((sku, pot), 0) - units

    @property
    def said(self) -> list[str]:
        """What to say of it; nothing where there is none."""
        if not self._taken:
            return []
        return [f"{self._what} had expired: {some_of([*starmap(_expired, self._taken.items())])}"]


def _expired(which: tuple[str, Pot], units: int) -> str:
    sku, pot = which
    lot = "" if pot.lot == pot.expires_on else f", lot {pot.lot}"
    return f"{units} of {sku} from {pot.place} ({pot.expires_on}{lot})"
