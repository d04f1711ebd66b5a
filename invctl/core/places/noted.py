"""What was taken and has something about it, as that it had expired: it goes all the same."""

from collections.abc import Callable, Iterable
from itertools import starmap

from invctl.core.balance import Pot
from invctl.core.places.parts import Part
from invctl.text import some_of


class Noted:
    """What was taken of pots that `is_meant` tells, added up pot by pot until people are told."""

    def __init__(self, problem: str, is_meant: Callable[[Pot], bool]) -> None:
        self._problem = problem
        self._is_meant = is_meant
        self._taken: dict[tuple[str, Pot], int] = {}

    def note(self, sku: str, parts: Iterable[Part]) -> None:
        """Note those of some parts, each of which takes units."""
        for pot, units in parts:
            if pot is not None and self._is_meant(pot):
                self._taken[sku, pot] = self._taken.get((sku, pot), 0) - units

    @property
    def said(self) -> list[str]:
        """What to say of it; nothing where there is none."""
        if not self._taken:
            return []
        return [f"{self._problem}: {some_of([*starmap(_taken, self._taken.items())])}"]


def _taken(which: tuple[str, Pot], units: int) -> str:
    sku, pot = which
    lot = "" if pot.lot == pot.expires_on else f"lot {pot.lot}"
    return f"{units} of {sku} from {pot.place} ({', '.join(filter(None, (pot.expires_on, lot)))})"
