"""What an import has done: how many products became what, and which line did what to which."""

from collections.abc import Iterable, Sequence

from invctl.core.bulk.given import Given
from invctl.models.batches import ImportChange, LineImport
from invctl.repository.changes import Change, called
from invctl.repository.products import Facts
from invctl.text import SOME, some_of


class Imported:
    """What became of an import's lines so far; each goes into `told`, if that is given."""

    def __init__(self, told: list[LineImport] | None) -> None:
        self._told = told
        self._told_before = 0
        self._created = self._updated = self._unchanged = 0
        self._kept = 0
        self._some_kept: list[str] = []

    def answer(self, operation: int, movements: int, skipped: int | None) -> ImportChange:
        """Return what has been done by an operation of so many movements."""
        return ImportChange(
            operation=operation,
            created=self._created,
            updated=self._updated,
            unchanged=self._unchanged,
            quantity_kept=self._kept,
            movements=movements,
            skipped=skipped,
        )

    def warning(self) -> str | None:
        """Return what to say of quantities that are other ones in the file."""
        if not self._kept:
            return None
        which = "1 product has" if self._kept == 1 else f"{self._kept} products have"
        some = some_of(self._some_kept)
        return (
            f"{which} another quantity than the file, which was left alone ({some}); "
            "--set-quantity makes the file's a count"
        )

    def note_new(self, given: Given, sku: str) -> None:
        """Note a line that made a product."""
        self._created += 1
        self._tell(LineImport(given.line, sku, "created", given.quantity or 0, None, {}))

    def note_known(
        self, given: Given, before: Facts, quantity: int, status: str, changed: Sequence[Change]
    ) -> None:
        """Note a line about a product that was there: its `quantity` now, and what changed.

        `status` is what became of its stock; one that was `kept` may be described anew.
        """
        if status == "kept":
            self._kept += 1
            if len(self._some_kept) <= SOME:  # one more tells that there are more
                self._some_kept.append(f"{before.sku}: {quantity}, not {given.quantity}")
        if changed and status == "unchanged":
            status = "updated"
        self._created += status == "created"
        self._updated += status == "updated" or (status == "kept" and bool(changed))
        self._unchanged += status == "unchanged" or (status == "kept" and not changed)
        if status == "created":  # it was there, and its creation had been undone
            self._tell(LineImport(given.line, before.sku, status, quantity, None, {}))
            return
        told = dict(recorded(one) for one in changed)
        self._tell(LineImport(given.line, before.sku, status, quantity, before.quantity, told))

    def put_in_order(self, skus: Iterable[str]) -> None:
        """Tell what was told last in the order of its lines, which are those of some SKUs.

        New products were made before the others were looked at.
        """
        if self._told:
            places = {sku: place for place, sku in enumerate(skus)}
            fresh = self._told[self._told_before :]
            self._told[self._told_before :] = sorted(fresh, key=lambda one: places[one.sku])
            self._told_before = len(self._told)

    def _tell(self, line: LineImport) -> None:
        if self._told is not None:
            self._told.append(line)


def recorded(change: Change) -> tuple[str, list[str | int | None]]:
    """Return a change of a product as its record has it: the field, and it before and after."""
    values = (change.before, change.after)
    if change.field == "archived_at":
        return called(change.field), [value is not None for value in values]
    if change.field in ("reorder_point", "reorder_to"):
        return change.field, [None if value is None else int(value) for value in values]
    return change.field, list(values)
