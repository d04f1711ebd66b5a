"""What each line of a file of counts did, told again to a retry: see `bulk.replaying`."""

from collections.abc import Iterator

from invctl.core.bulk.lines import LINE, Lines
from invctl.core.bulk.replaying import Past, untold
from invctl.core.counting.tallies import Sheet, Tally, lines_told
from invctl.db.session import Session
from invctl.models.batches import BatchChange, LineChange


def counted_lines(
    session: Session, answer: BatchChange, lines: Lines, sheet: Sheet, *, complete: bool
) -> list[LineChange]:
    """Return what the lines of an earlier count did, of which the `sheet` is still empty.

    Raises UsageError where that is not known.
    """
    lines.restart()
    for chunk in lines.chunks():
        sheet.read(chunk, complete=complete)
    if lines.refusals.count:
        raise untold()
    past = Past(session, answer.operation)
    told: list[LineChange] = []
    for tallies in _by_product(sheet):
        balance = tallies[0].balance
        past.find([balance.sku])
        before = past.now[balance.id]
        made = [(tally, past.count(balance.id)) for tally in tallies]
        balance.now = past.now[balance.id] = before + sum(by for _, by in made)
        told.extend(lines_told(before, made))
    past.check()
    return sorted(told, key=LINE)


def _by_product(sheet: Sheet) -> Iterator[list[Tally]]:
    """Yield what is counted of each product, in the order in which that was done."""
    for product in {**sheet.placed, **sheet.tallies}:
        whole = sheet.tallies.get(product)
        named = [*sheet.placed.get(product, {}).values(), *([whole] if whole else [])]
        if counted := [one for one in named if one.lines]:
            # As `Stocktake` has made them: in that order their changes are read.
            yield sorted(counted, key=lambda one: one.lines[-1].line)
