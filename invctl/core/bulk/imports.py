"""A file of products as one operation: new ones are created, known ones brought up to date."""

from collections.abc import Callable, Iterable
from functools import partial

from invctl.core.bulk.importing import Importer, ImportOptions
from invctl.core.bulk.lines import Lines
from invctl.core.fingerprints import asked_besides
from invctl.core.labels import check_label, stored
from invctl.core.lookup import lock_products
from invctl.core.operations import mutate, warn_once
from invctl.core.reports import LineReport
from invctl.core.upkeep.inventory import sku_rule
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.models.attempts import NO_LABEL, Attempt, Label
from invctl.models.batches import ImportChange, LineImport
from invctl.models.rows import BadRow, FileRow
from invctl.repository.operations import Draft


def import_products(
    db: Database,
    rows: Iterable[FileRow | BadRow],
    *,
    options: ImportOptions = ImportOptions(),  # noqa: B008 (a tuple, which nothing changes)
    label: Label = NO_LABEL,
    told_lines: list[LineImport] | None = None,
    skipped: Callable[[], int | None] = lambda: None,
    attempt: Attempt,
) -> ImportChange:
    """Create or update every line's product in one transaction.

    Cells are in the order of `models.PRODUCT_COLUMNS`. A quantity is opening stock: of a product
    that exists it changes nothing, unless the options make it a count. What each line did goes
    into `told_lines`, if that is given; `skipped` is asked at the end how many rows were no lines.
    Raises InvalidData, which names each refused line, and then nothing has happened.
    """
    checked = check_label(label)
    rule = sku_rule(db)
    lines = Lines(rows, width=6, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> ImportChange:
        lines.restart()
        lock_products(session, lines.skus)
        given = stored(checked, draft.recorded_at)
        moment = checked.at if options.set_quantity else None  # of opening stock it is a label (§6)
        dated = options._replace(moment=moment)
        importer = Importer(session, draft, lines, rule, given, dated, told_lines)
        for chunk in lines.chunks():
            importer.take(chunk)
        lines.refusals.raise_any()
        operation = importer.batch.settle()
        warn_once(db, importer.imported.warning(), *importer.batch.said)
        return importer.imported.answer(operation.id, importer.batch.movements, skipped())

    def request() -> object:
        asked = {"lines": lines.fingerprint, "set_quantity": options.set_quantity, "at": label.at}
        flags = {name: getattr(options, name) or None for name in ("update_only", "unarchive")}
        return asked | asked_besides(**flags, **checked._replace(at=None)._asdict())

    again = partial(_retold, lines, options)
    report = LineReport(told_lines, again) if told_lines is not None else None
    return mutate(db, "import", attempt, request, work, label=checked, many=True, report=report)


def _retold(
    lines: Lines, options: ImportOptions, session: Session, was: ImportChange
) -> list[LineImport]:
    """Return what lines did of which nobody wanted a report at first."""
    from invctl.core.bulk.replaying import imported_lines

    return imported_lines(session, was, lines, set_quantity=options.set_quantity)
