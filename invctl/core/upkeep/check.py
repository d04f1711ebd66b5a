"""Whether an inventory adds up, the file under it included; and a repair of what can be mended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from invctl.core.operations import mutate
from invctl.core.upkeep import books
from invctl.core.upkeep.books import Books
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import DatabaseDamaged, InventoryError, SumTooLarge
from invctl.models.attempts import Attempt
from invctl.models.reports import Finding, RepairChange
from invctl.repository import checks, operations, products, settings
from invctl.repository.operations import Draft
from invctl.values import MAX_QUANTITY, SKU_RULES

_MENDABLE = {"balance", "held", "placed", "pot"}
_ABOUT_BOOKS = _MENDABLE | {"setting", "journal", "range", "run", "undo", "field", "value"}


class Check:
    """A check under way: yields its findings, and then knows what a repair could do."""

    def __init__(self, db: Database, stage: Callable[[str], None] = lambda _: None) -> None:
        self.mendable = 0
        """How many quantities a repair could set right."""
        self.is_whole = True
        """Whether all findings are about numbers: else the sums themselves cannot be trusted."""
        self._db = db
        self._stage = stage

    def __iter__(self) -> Iterator[Finding]:
        """Look through the inventory; what is damaged ends a part of the check, not all of it.

        Raises DatabaseMissing, and DatabaseUnusable where it is not an inventory of this version,
        or cannot be read for what is no fault of its own: a disk, a lock, a server that has gone.
        """
        with self._db.read(unchecked=True):
            pass  # what cannot even be opened is an error, and no finding of a check
        has_tables = True
        for finding in self._part("the file", self._db.inspect):
            has_tables = has_tables and finding.kind != "schema"
            yield finding
        # What is hidden from this user would seem to be lost.
        if has_tables and not self._db.hides_rows():
            for what, look in _LOOKS.items():
                yield from self._part(what, look)

    def _part(self, what: str, look: Callable[[Session], Iterator[Finding]]) -> Iterator[Finding]:
        self._stage(what)
        try:
            with self._db.read(unchecked=True) as session:
                for finding in look(session):
                    self._note(finding)
                    yield finding
        except (DatabaseDamaged, SumTooLarge) as error:
            finding = Finding("integrity", None, f"{what}: {error.message}")
            self._note(finding)
            yield finding

    def _note(self, finding: Finding) -> None:
        self.mendable += finding.kind in _MENDABLE and _is_quantity(finding.expected)
        self.is_whole = self.is_whole and finding.kind in _ABOUT_BOOKS


def verify(session: Session) -> Iterator[Finding]:
    """Yield what is wrong with the numbers of an inventory; the engine looks at the rest."""
    for look in _LOOKS.values():
        yield from look(session)


def _balances(session: Session) -> Iterator[Finding]:
    if settings.setting(session, "sku_rule") not in SKU_RULES:
        yield Finding("setting", None, "there is no rule for SKUs", " or ".join(SKU_RULES))
    kept = Books(session)
    for look in (kept.journal, kept.balances, kept.pots):
        yield from look()


def damage_in(db: Database) -> DatabaseDamaged | None:
    """Return the error of an inventory in which anything is found that is wrong.

    A forged row and a bug look alike where they strike; only the inventory can tell.
    """
    try:
        # That the file has a second name is a finding, but no damage.
        found = next((one.sentence for one in Check(db) if one.kind != "name"), None)
    except (DatabaseDamaged, SumTooLarge) as error:
        found = error.message
    except InventoryError:
        return None  # it is locked, missing or refused: that says nothing of what is in it
    except Exception:
        return None  # the check came upon the same bug
    hint = "`invctl db check` tells more; restore a backup of it"
    return None if found is None else DatabaseDamaged(db.path, f"is damaged ({found})", hint)


_LOOKS: Mapping[str, Callable[[Session], Iterator[Finding]]] = {
    "the undos": books.undos,
    "the balances": _balances,
    "the holds": books.holds,
    "the places": books.places,
    "the codes": books.coded,
    "the changes": books.changes,
}
"""What looks for faults in the numbers, by what it looks at."""


def repair_inventory(db: Database, attempt: Attempt) -> RepairChange:
    """Set each wrong quantity to the sum of its movements, and what is held and placed likewise.

    What cannot be is left for people. History is never rewritten. The caller has made a copy of
    the inventory before.
    """

    def work(session: Session, draft: Draft) -> RepairChange:
        # Nobody may move anything between the sum and the quantity.
        products.lock_all(session)
        kept = Books(session)
        for _ in kept.journal():
            pass  # for its sums alone
        pots = [row for row in kept.wrong_pots() if _is_quantity(row[-1])]
        checks.mend_pots(session, [(total, pot) for pot, *_, total in pots])
        wrong = list(_wrong(session, kept.sums))
        mended = {product for _, product, *_ in pots} | {one.product for one in wrong}
        if not mended:
            return RepairChange(None, 0)
        now = draft.recorded_at
        checks.mend(session, [(*one.right, now, one.product, one.there[0]) for one in wrong])
        quantities, held, placed = (
            sum(one.right[place] != one.there[place] for one in wrong) for place in range(3)
        )
        return RepairChange(
            operations.enter(session, draft).id,
            len(mended),
            quantities=quantities,
            held=held,
            placed=placed,
            pots=len(pots),
        )

    return mutate(db, "repair", attempt, dict, work, many=True)


class _Numbers(NamedTuple):
    """A product's quantity, held and placed: what they must be, and what is there."""

    product: int
    right: Sequence[int]
    there: Sequence[int]


def _wrong(session: Session, sums: dict[int, int]) -> Iterator[_Numbers]:
    """Yield what each product must be that is something else and can be that."""
    held: dict[int, int] = {row[0]: row[3] for row in checks.misheld(session)}
    placed: dict[int, int] = {row[0]: row[3] for row in checks.misplaced(session)}
    for product, _, *there in checks.quantities(session):
        right: list[int] = [
            sums.get(product, 0),
            held[product] if product in held else there[1],
            placed[product] if product in placed else there[2],
        ]
        # More held or placed than there is no product can have: the tables forbid it.
        if right != there and all(map(_is_quantity, right)) and max(right) == right[0]:
            yield _Numbers(product, right, there)


def _is_quantity(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= MAX_QUANTITY
