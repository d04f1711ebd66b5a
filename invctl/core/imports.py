"""A file of products as one operation: new ones are created, known ones brought up to date."""

from collections.abc import Iterable
from typing import NamedTuple

from invctl.core.balance import Balance
from invctl.core.batch import Batch
from invctl.core.inventory import sku_rule
from invctl.core.labels import check_label, stored
from invctl.core.lines import Lines
from invctl.core.moves import asked_besides
from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Row as StoredRow
from invctl.db.session import Session
from invctl.errors import InvalidValue, InventoryError
from invctl.models import NO_LABEL, Attempt, BadRow, ImportChange, Label, Row
from invctl.repository import changes, products
from invctl.repository.changes import Change, differences
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.repository.products import Facts, Found
from invctl.values import (
    check_sku,
    check_text,
    known_sku,
    optional_text,
    parse_boolean,
    parse_quantity,
    spelled,
)


class Given(NamedTuple):
    """What a line gives of a product; None is not given."""

    line: int

    sku: str
    name: str | None
    description: str | None
    quantity: int | None
    reorder_point: int | None
    archived: bool | None
    reorder_to: int | None


def import_products(
    db: Database,
    rows: Iterable[Row | BadRow],
    *,
    set_quantity: bool = False,
    label: Label = NO_LABEL,
    attempt: Attempt,
) -> ImportChange:
    """Create or update every line's product in one transaction.

    Cells are in the order of `models.PRODUCT_COLUMNS`. A quantity is opening stock: of a product
    that exists it changes nothing, unless `set_quantity` makes it a count. Raises InvalidData,
    which names each refused line, and then nothing has happened.
    """
    checked = check_label(label)
    rule = sku_rule(db)
    lines = Lines(rows, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> ImportChange:
        lines.restart()
        products.lock_skus(session, lines.skus)
        given = stored(checked, draft.recorded_at)
        moment = checked.at if set_quantity else None
        importer = Importer(
            session, draft, lines, rule, given, set_quantity=set_quantity, moment=moment
        )
        for chunk in lines.chunks():
            importer.take(chunk)
        lines.faults.raise_any()
        importer.batch.settle()
        return importer.answer()

    def request() -> object:
        asked = asked_besides(**label._replace(at=None)._asdict())
        given = {"lines": lines.fingerprint(), "set_quantity": set_quantity, "at": label.at}
        return {**given, **asked}

    return mutate(db, "import", attempt, request, work, label=checked, many=True)


class Importer:
    """An import under way: the products judged so far, and what became of them."""

    def __init__(
        self,
        session: Session,
        draft: Draft,
        lines: Lines,
        rule: str,
        label: StoredLabel,
        *,
        set_quantity: bool,
        moment: str | None,
    ) -> None:
        self.batch = Batch(session, draft)
        self._session = session
        self._now = draft.recorded_at
        self._lines = lines
        self._rule = rule
        self._label = label
        self._set_quantity = set_quantity
        self._moment = moment
        self._first_line: dict[str, int] = {}
        self._operation = self.batch.enter()  # from here on the ids are this one's to give
        self._next_id = products.next_id(session)
        self._created = self._updated = self._unchanged = self._kept = 0

    def answer(self) -> ImportChange:
        """Return what has been done."""
        return ImportChange(
            operation=self._operation.id,
            created=self._created,
            updated=self._updated,
            unchanged=self._unchanged,
            quantity_kept=self._kept,
            movements=self.batch.movements,
        )

    def take(self, chunk: list[Row]) -> None:
        """Create and update the products of some lines; faulty lines are noted."""
        given = [one for line, cells in chunk if (one := self._read(line, cells))]
        # What no product can be called would be refused by some engines, and not just not found.
        wanted = [self._meant(one) for one in given if known_sku(one.sku)]
        known = {facts.sku: facts for facts in products.load_facts(self._session, wanted)}
        new = [one for one in given if self._meant(one) not in known]
        creations = [row for one in new if (row := self._creation(one))]
        products.add_all(self._session, creations)
        for row in creations:
            self.batch.note_change(Change(row[0], row[1], "sku", None, row[1]))
            if row[4]:
                self.batch.open(row[0], row[4], self._label)
        changes = [
            facts
            for one in given
            if one.sku in known and (facts := self._change(one, known[one.sku]))
        ]
        products.describe_all(self._session, changes, self._now)

    def _meant(self, given: Given) -> str:
        """Return the SKU that a line means, if there is one."""
        return spelled(given.sku, self._rule)

    def _read(self, line: int, cells: tuple[str, ...]) -> Given | None:
        """Read one line's cells, or note what is wrong with them."""
        try:
            one = _read(line, cells)
            first = self._first_line.setdefault(self._meant(one), line)
            if first != line:
                raise InvalidValue("sku", one.sku, f"stands on line {first} already")
        except InvalidValue as error:
            self._lines.faults.add_value(line, error)
            return None
        return one

    def _creation(self, given: Given) -> StoredRow | None:
        """Return the row of a new product, or note why there can be none."""
        try:
            sku = check_sku(given.sku, self._rule)
            if given.name is None:
                raise InvalidValue("name", "", "is missing, and a new product needs one")
        except InvalidValue as error:
            self._lines.faults.add_value(given.line, error)
            return None
        now = self._now
        product_id = self._next_id
        self._next_id += 1
        self._created += 1
        archived_at = now if given.archived else None
        return (
            product_id, sku, given.name, given.description, given.quantity or 0,
            given.reorder_point, archived_at, now, now, given.reorder_to, 0, 0,
        )  # fmt: skip

    def _change(self, given: Given, before: Facts) -> Facts | None:
        """Return the new facts of a known product; None where they are what they were."""
        is_new = before.archived_at is not None and self._is_new_again(before)
        after = self._described(given, before, is_new=is_new)
        opening = is_new and given.quantity
        counted = False
        if given.quantity is not None and given.quantity != before.quantity:
            balance = Balance(Found(*after[:3], after.archived_at))
            counted = self._open(balance, given) if opening else self._count(given, balance)
        if after == before and not counted:
            self._unchanged += 1
            return None
        self._created += is_new
        self._updated += not is_new
        for change in differences(before, after):
            self.batch.note_change(change)
        return None if after == before else after

    def _is_new_again(self, known: Facts) -> bool:
        """Return whether a product is there only because its creation was undone."""
        return changes.is_creation_undone(self._session, known.id)

    def _described(self, given: Given, before: Facts, *, is_new: bool) -> Facts:
        """Return what a line makes of what is said of a product."""
        archived_at = None if is_new else before.archived_at
        if given.archived is not None:
            archived_at = (before.archived_at or self._now) if given.archived else None
        point, order_to = given.reorder_point, given.reorder_to
        return before._replace(
            name=given.name or before.name,
            description=given.description or before.description,
            reorder_point=before.reorder_point if point is None else point,
            archived_at=archived_at,
            reorder_to=before.reorder_to if order_to is None else order_to,
        )

    def _open(self, balance: Balance, given: Given) -> bool:
        """Give a product that is new again its opening stock."""
        self.batch.adopt(balance)
        self.batch.move(balance, (given.quantity or 0) - balance.now, self._label)
        return True

    def _count(self, given: Given, balance: Balance) -> bool:
        """Make a differing quantity a count if that was asked for, and return whether it was."""
        if not self._set_quantity:
            self._kept += 1
            return False
        assert given.quantity is not None
        try:
            self.batch.adopt(balance)
            self.batch.count(balance, given.quantity, self._label, self._moment)
        except InventoryError as error:
            self._lines.faults.add(given.line, "quantity", str(given.quantity), error)
        return True


def _read(line: int, cells: tuple[str, ...]) -> Given:
    """Return what a line's cells say of a product. Raises InvalidValue."""
    sku, name, description, quantity, reorder_point, archived, reorder_to = cells
    if not sku:
        raise InvalidValue("sku", "", "is missing")
    known = known_sku(sku)
    return Given(
        line=line,
        sku=sku if known is None else known,
        name=check_text(name, "name") if name else None,
        description=optional_text(description, "description"),
        quantity=parse_quantity(quantity) if quantity else None,
        reorder_point=parse_quantity(reorder_point, "reorder_point") if reorder_point else None,
        archived=parse_boolean(archived, "archived") if archived else None,
        reorder_to=parse_quantity(reorder_to, "reorder_to") if reorder_to else None,
    )
