"""A file of counts as one operation: what people wrote down who looked at shelves.

The counts of a product add up, at the earliest of their moments: so a product that lies on two
shelves is counted once. What is judged is what `counts` judges of one, for thousands at a time.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from invctl.core.bulk.lines import LINE, Lines
from invctl.core.counting.judging import Counting, chunked
from invctl.core.counting.tallies import Sheet
from invctl.core.fingerprints import as_asked, asked_besides
from invctl.core.labels import check_label
from invctl.core.lookup import lock_products
from invctl.core.operations import mutate, warn_once
from invctl.core.reports import LineReport
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import PlaceUnsaid
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.batches import BatchChange, LineChange
from invctl.models.rows import BadRow, FileRow
from invctl.repository import products
from invctl.repository.operations import Draft
from invctl.text import SOME, some_of


class CountOptions(NamedTuple):
    """How a file of counts is taken.

    `complete`: what it does not name is counted 0. `max_change`: how many hundredths of what the
    book says a count may change it by. `place`: all of it is about what lies in there.
    """

    complete: bool = False
    max_change: Fraction | None = None
    place: str | None = None


def count_products(
    db: Database,
    rows: Iterable[FileRow | BadRow],
    *,
    options: CountOptions = CountOptions(),  # noqa: B008 (a tuple, which nothing changes)
    label: Label = NO_LABEL,
    told_lines: list[LineChange] | None = None,
    attempt: Attempt,
) -> BatchChange:
    """Make the stock of all counted products what was counted, in one transaction.

    Cells are in the order of `models.COUNT_COLUMNS`; a line without a count says nothing. What
    each line did goes into `told_lines`, if that is given. Raises PlaceUnsaid, or InvalidData,
    which names each refused line, and then nothing has happened.
    """
    checked, place = check_label(label), _checked(options.place)
    lines = Lines(rows, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> BatchChange:
        lines.restart()
        _lock(session, lines, place, complete=options.complete)
        sheet = Sheet(session, lines, checked.at, place)
        for chunk in lines.chunks():
            sheet.read(chunk, complete=options.complete)
        lines.refusals.raise_any()  # no count is judged by a part of its lines
        if options.complete and place is None:
            _refuse_unsaid(session, sheet)
        counting = Counting(session, draft, lines, checked, options.max_change)
        _count_all(counting, sheet, place, told_lines, complete=options.complete)
        lines.refusals.raise_any()
        if told_lines is not None:
            told_lines.sort(key=LINE)  # they were told as they were made: wholes before places
        batch = counting.batch
        operation = batch.settle()
        warn_once(db, *batch.said)
        return BatchChange(operation.id, sheet.count, batch.movements, batch.count_products())

    def request() -> object:
        change = None if options.max_change is None else str(options.max_change)
        asked = asked_besides(complete=options.complete or None, max_change=change, place=place)
        return {"counts": lines.fingerprint, **as_asked(label, checked)._asdict(), **asked}

    retold = partial(_retold, lines, checked.at, options)
    report = None if told_lines is None else LineReport(told_lines, retold)
    return mutate(db, "count", attempt, request, work, label=checked, many=True, report=report)


def _retold(
    lines: Lines, moment: str | None, options: CountOptions, session: Session, was: BatchChange
) -> list[LineChange]:
    """Return what lines did of which nobody wanted a report at first."""
    from invctl.core.counting.replaying import counted_lines

    sheet = Sheet(session, lines, moment, _checked(options.place), lock=False)
    return counted_lines(session, was, lines, sheet, complete=options.complete)


def _lock(session: Session, lines: Lines, place: str | None, *, complete: bool) -> None:
    """Keep others from all that may be counted, in one order, so that no two counts cross."""
    if complete and place is None:
        products.lock_all(session)
        return

    def skus() -> Iterator[str]:
        from invctl.core.counting.stocktake import skus_inside

        # What is not named together with what is: one after the other, two counts wait in a circle.
        rest = skus_inside(session, place) if complete and place is not None else ()
        return chain(rest, lines.skus())

    lock_products(session, skus if complete else lines.skus)


def _count_all(
    counting: Counting,
    sheet: Sheet,
    place: str | None,
    told: list[LineChange] | None,
    *,
    complete: bool,
) -> None:
    """Count what a file names, and what it does not where it is complete."""
    for part in chunked(sheet.tallies.values()):
        whole = [one for one in part if one.lines and one.balance.id not in sheet.placed]
        counting.take(whole, told)
    if complete and place is None:
        counting.take_rest(sheet)
    if sheet.placed or place is not None:
        from invctl.core.counting.stocktake import Stocktake

        Stocktake(counting, sheet, place if complete else None).run(told)


def unnamed(
    db: Database, rows: Iterable[FileRow | BadRow], place: str | None = None
) -> tuple[int, str]:
    """Return how many products a complete file would count 0, and the first that it does not name.

    With a `place` they are pots: products in places inside it, of each lot. Raises PlaceUnsaid.
    """
    lines = Lines(rows, fingerprinted=False)
    where = _checked(place)
    with db.read() as session:
        sheet = Sheet(session, lines, place=where, lock=False)
        for chunk in lines.chunks():
            sheet.read(chunk, complete=True)
        if where is not None:
            from invctl.core.counting.stocktake import unnamed_pots

            return _told(unnamed_pots(session, sheet, where))
        _refuse_unsaid(session, sheet)
        skus = products.active_skus(session)
        return _told(sku for product, sku in skus if product not in sheet.tallies)


def _told(names: Iterator[str]) -> tuple[int, str]:
    first = list(islice(names, SOME + 1))
    return len(first) + sum(1 for _ in names), some_of(first)


def _checked(place: str | None) -> str | None:
    if place is None:
        return None
    from invctl.core.places.spots import check_place

    return check_place(place)


def _refuse_unsaid(session: Session, sheet: Sheet) -> None:
    """Raise PlaceUnsaid where what a complete file does not name may lie in places."""
    named = next(iter(sheet.placed.values()), None)
    if named is not None:
        raise PlaceUnsaid(next(iter(named.values())).balance.sku)
    placed = products.first_placed(session)
    if placed is not None:
        raise PlaceUnsaid(placed)
