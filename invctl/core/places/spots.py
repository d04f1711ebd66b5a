"""Where units lie, as somebody says it: a place, a lot, and when that expires."""

import re
from datetime import date
from typing import NamedTuple

from invctl.errors import OUTSIDE, InvalidValue
from invctl.text import quoted
from invctl.times import date_told
from invctl.values import check_sku, check_text

ANY = "any"
"""In the place of a place: wherever they lie, what expires first before all else."""


class Spot(NamedTuple):
    """A place (None: no place), a lot in it, and the lot's date, as stored.

    Where units are taken, a lot that is None is whichever; where they are put, it is none.
    """

    place: str | None = None
    lot: str | None = None
    expires_on: str | None = None

    @property
    def lot_name(self) -> str:
        """The lot as pots are told apart by it: a date alone is its own, '' is none."""
        return self.lot or self.expires_on or ""

    @property
    def sentence(self) -> str:
        """It in words, as an error tells where there is not enough."""
        if self.place is None:
            return OUTSIDE
        lot = f" of lot {self.lot}" if self.lot else ""
        return f"in stock{lot}" if self.place == ANY else f"in {self.place}{lot}"


UNPLACED = Spot()


def check_spot(
    place: str | None,
    lot: str | None = None,
    expires_on: str | None = None,
    *,
    takes_any: bool = False,
) -> Spot:
    """Return what was typed as it is stored; '' is not given. Raises InvalidValue."""
    if not place and (lot or expires_on):
        field, value = ("lot", lot) if lot else ("expires_on", expires_on)
        raise InvalidValue(field, value or "", "is said of units in no place: say which place")
    return Spot(
        ANY if takes_any and place == ANY else check_place(place) if place else None,
        check_lot(lot) if lot else None,
        check_date(expires_on, "expires_on") if expires_on else None,
    )


def check_place(text: str) -> str:
    """Return a place's name in NFC: names parted by `/`, 200 characters at the most."""
    name = check_text(text.strip(), "place")
    if name == ANY:
        raise InvalidValue("place", text, f"`{ANY}` is no place: it means all of them")
    for part in name.split("/"):
        if not part or part != part.strip():
            problem = "a name is missing" if not part.strip() else f"{quoted(part)} has a blank"
            raise InvalidValue("place", text, f"{problem} between the `/` or at an end")
    return name


def is_inside(name: str, place: str) -> bool:
    """Return whether a name is that of a place, or of one inside it."""
    return name == place or name.startswith(f"{place}/")


def check_lot(text: str) -> str:
    """Return a lot's name in NFC; it is as a SKU that follows no rule of its own."""
    try:
        return check_sku(text.strip(), "any")
    except InvalidValue as error:
        raise InvalidValue("lot", text, error.problem) from error


def check_date(text: str, field: str) -> str:
    """Return a date such as 2026-01-31."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    told = date_told(text)
    told = f" ({told})" if told else ""
    raise InvalidValue(field, text, f"{quoted(text)} is not a date such as 2026-01-31{told}")


def is_past(expires_on: str | None) -> bool:
    """Return whether what has that date, if it has one, has expired."""
    return expires_on is not None and expires_on < date.today().isoformat()


def warning_of_date(expires_on: str | None) -> str | None:
    """Return what to say where something is put somewhere that has expired already."""
    if not is_past(expires_on):
        return None
    return f"{expires_on} is past: what expired then is taken all the same"
