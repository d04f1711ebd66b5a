"""A file of movements as one operation: all of its lines, or none."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from invctl.core.bulk.applying import Applying
from invctl.core.bulk.lines import Lines
from invctl.core.fingerprints import as_asked, asked_besides
from invctl.core.labels import check_label
from invctl.core.lookup import lock_products
from invctl.core.operations import mutate, warn_once
from invctl.core.reports import LineReport
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import command
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.batches import BatchChange, LineChange
from invctl.models.rows import BadRow, FileRow
from invctl.repository import operations
from invctl.repository.operations import Draft
from invctl.text import some_of
from invctl.times import format_time, parse_time

if TYPE_CHECKING:
    from invctl.core.bulk.recipes import Times


def apply_movements(
    db: Database,
    rows: Iterable[FileRow | BadRow],
    *,
    label: Label = NO_LABEL,
    file_hash: str | None = None,
    told_lines: list[LineChange] | None = None,
    times: "Times | None" = None,
    attempt: Attempt,
) -> BatchChange:
    """Make every line's movement in one transaction; later lines see earlier ones.

    Cells are in the order of `models.MOVEMENT_COLUMNS`; `label` is for lines without their own.
    With `times` the file is a recipe, of which every amount is taken so many times.
    A key tells a retry; without one, it is at least warned of that a file of the same `file_hash`
    was applied within a day. What each line did goes into `told_lines`, if that is given.
    Raises InvalidData, which names each refused line, and then nothing has happened.
    """
    said = check_label(label)
    lines = Lines(rows, width=8, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> BatchChange:
        lines.restart()
        lock_products(session, lines.skus)
        warn_once(db, _warning_of_same(session, draft))
        count = None if times is None else _times_of(session, lines, times)
        applying = Applying(session, draft, lines, label, count or 1, told_lines)
        for chunk in lines.chunks():
            applying.take(chunk)
        lines.refusals.raise_any()
        operation = applying.batch.settle()
        warn_once(db, _warning_of_late([*applying.late]), *applying.batch.said)
        moved, touched = applying.batch.movements, applying.batch.count_products()
        return BatchChange(operation.id, lines.count, moved, touched, times=count)

    def request() -> object:
        more = asked_besides(times=times)
        return {"lines": lines.fingerprint, **as_asked(label, said)._asdict(), **more}

    report = None if told_lines is None else LineReport(told_lines, partial(_retold, lines))
    return mutate(
        db, "apply", attempt, request, work,
        label=said, file_hash=file_hash, many=True, report=report,
    )  # fmt: skip


def _retold(lines: Lines, session: Session, was: BatchChange) -> list[LineChange]:
    """Return what lines did of which nobody wanted a report at first."""
    from invctl.core.bulk.replaying import applied_lines

    return applied_lines(session, was, lines)


def _times_of(session: Session, lines: Lines, times: "Times") -> int:
    from invctl.core.bulk.recipes import times_of

    return times_of(session, lines, times)


def _warning_of_same(session: Session, draft: Draft) -> str | None:
    """Return what to say where the same file was applied before, and that was not undone."""
    if draft.file_hash is None or draft.key is not None:
        return None
    yesterday = format_time(parse_time("24h", "since"))
    earlier = operations.same_file(session, draft.file_hash, yesterday)
    if earlier is None:
        return None
    back = f"{command('undo', earlier)} takes that back"
    return f"the same file was applied before, by operation {earlier}; {back}"


def _warning_of_late(late: list[str]) -> str | None:
    """Return what to say of movements that happened before their products were counted."""
    if not late:
        return None
    those = some_of(late)
    return f"counted after what the file says: {those}; the counts may have had it already"
