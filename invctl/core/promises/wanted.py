"""What is wanted to be promised, as a file's lines say it."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from invctl.core.bulk.lines import Lines
from invctl.core.fingerprints import asked_besides
from invctl.errors import InvalidValue, InventoryError
from invctl.models.attempts import Label
from invctl.values import MAX_QUANTITY, parse_amount

T = TypeVar("T")


class Wanted(NamedTuple):
    """What somebody wants to be promised: so many units of a product."""

    sku: str
    amount: int


def read_wanted(lines: Lines, times: int, take: Callable[[Wanted], T]) -> list[T]:
    """Return what `take` makes of each line of a file; all that is refused is noted and raised.

    Raises InvalidData.
    """
    taken: list[T] = []
    for chunk in lines.chunks():
        for line, cells in chunk:
            try:
                taken.append(take(_read(cells, times)))
            except InventoryError as error:
                sku, amount, *_ = cells
                at_fault = ("sku", sku) if error.code == "not_found" else ("amount", amount)
                lines.refusals.add(line, *at_fault, error)
    lines.refusals.raise_any()
    return taken


def _read(cells: tuple[str, ...], times: int) -> Wanted:
    if not cells[0]:
        raise InvalidValue("sku", "", "is missing")
    amount = parse_amount(cells[1]) * times
    if amount > MAX_QUANTITY:
        raise InvalidValue("amount", cells[1], f"{amount} is more than can be kept")
    return Wanted(cells[0], amount)


def request_of_lines(lines: Lines, times: int, label: Label, due: str | None) -> dict[str, object]:
    """Return what makes two files of promises the same request."""
    more = asked_besides(times=times if times > 1 else None)
    return {"lines": lines.fingerprint, "due": due, **label._asdict(), **more}
