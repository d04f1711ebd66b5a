"""An import under way: each line judged beside the product that it names, which is made so."""

from typing import TYPE_CHECKING, NamedTuple

from invctl.codes import code_key, with_lost_zeros
from invctl.core.balance import Balance, Pot
from invctl.core.bulk.batch import Batch
from invctl.core.bulk.given import Given, faults, read_given
from invctl.core.bulk.imported import Imported
from invctl.core.bulk.lines import Lines
from invctl.core.overdue import refuse_held
from invctl.db.session import Row, Session
from invctl.errors import InvalidValue, InventoryError, ProductArchived, ProductNotFound, SkuIsCode
from invctl.models.batches import LineImport
from invctl.models.rows import FileRow
from invctl.repository import changes, codes, products
from invctl.repository.changes import Change, differences
from invctl.repository.codes import Code
from invctl.repository.movements import StoredLabel
from invctl.repository.operations import Draft
from invctl.repository.products import Facts, Found
from invctl.spreadsheets import check_imported_sku
from invctl.values import known_sku, spelled

if TYPE_CHECKING:
    from invctl.core.bulk.shelves import Shelves
    from invctl.core.places.spots import Spot


class ImportOptions(NamedTuple):
    """What an import may do: count (at a moment), only update, bring archived products back."""

    set_quantity: bool = False
    update_only: bool = False
    unarchive: bool = False
    moment: str | None = None


class Importer:
    """The products judged so far; what became of them is `imported`, and the movements `batch`."""

    def __init__(
        self,
        session: Session,
        draft: Draft,
        lines: Lines,
        rule: str,
        label: StoredLabel,
        options: ImportOptions,
        told: list[LineImport] | None,
    ) -> None:
        self.batch = Batch(session, draft)
        self.imported = Imported(told)
        self._session = session
        self._draft = draft
        self._now = draft.recorded_at
        self._lines = lines
        self._rule = rule
        self._label = label
        self._options = options
        self._first_line: dict[str, int] = {}
        # In the order of SKUs the next one from `0` on begins with a zero, if any does.
        self._has_zeros = any(s.startswith("0") for s in products.neighbours(session, "0", 1))
        self._zeroed: dict[str, str] = {}
        self._spots: dict[int, Spot | None] = {}
        self._codes: dict[str, Code] = {}
        self._faulty: list[Given] = []
        """Lines with a cell at fault, until it is known whether their products are new."""
        self.batch.enter()  # from here on the ids are this one's to give
        self._has_codes = codes.any_code(session)
        self._next_id = products.next_id(session)

    def take(self, chunk: list[FileRow]) -> None:
        """Create and update the products of some lines; faulty lines are noted."""
        given = [one for line, cells in chunk if (one := self._read(line, cells))]
        faulty, self._faulty = self._faulty, []
        # What no product can be called would be refused by some engines, and not just not found.
        wanted = [self._meant(one) for one in (*given, *faulty) if known_sku(one.sku)]
        known = {facts.sku: facts for facts in products.load_facts(self._session, wanted)}
        new = [one for one in given if self._meant(one) not in known]
        refused = [one for one in faulty if self._meant(one) not in known]
        skus = [one.sku for one in (*new, *refused)]
        self._zeroed = self._with_zeros(skus)
        keys = {code_key(sku, self._rule) for sku in skus} if self._has_codes else set()
        self._codes = codes.find_among(self._session, keys) if keys else {}
        # If they are new, what is wrong with their SKUs and names is told with their cells.
        for one in refused:
            self._new_sku(one)
        self._create([row for one in new if (row := self._creation(one))])
        old = [(one, known[self._meant(one)]) for one in given if self._meant(one) in known]
        described = [after for one, before in old if (after := self._change(one, before))]
        products.describe_all(self._session, described, self._now)
        self.imported.put_in_order(map(self._meant, given))

    def _with_zeros(self, skus: list[str]) -> dict[str, str]:
        """Return the products of which a spreadsheet would make some SKUs, by these."""
        if not self._has_zeros:
            return {}
        longer = {long: sku for sku in skus for long in with_lost_zeros(sku)}
        found = products.load(self._session, longer) if longer else []
        return {longer[one.sku]: one.sku for one in found if one.sku not in self._first_line}

    def _meant(self, given: Given) -> str:
        """Return the SKU that a line means, if there is one."""
        return spelled(given.sku, self._rule)

    def _read(self, line: int, cells: tuple[str, ...]) -> Given | None:
        """Read one line's cells, or note what is wrong with them."""
        try:
            one = read_given(line, cells)
            # Objects of one JSON array may stand on one line.
            if (first := self._first_line.get(self._meant(one))) is not None:
                more = "; `stock apply` adds what lies in more places" if one.spot else ""
                raise InvalidValue("sku", one.sku, f"stands on line {first} already{more}")
            self._first_line[self._meant(one)] = line
        except InvalidValue as error:
            self._refuse(line, cells, error)
            return None
        return one

    def _refuse(self, line: int, cells: tuple[str, ...], error: InvalidValue) -> None:
        """Note all that is wrong with a line's cells; what a new product lacks is seen later."""
        found = faults(cells)
        for fault in found or [error]:
            self._lines.refusals.add_value(line, fault)
        if found and cells[0]:
            # Read again without the cells at fault, for its SKU, and whether it has a name at all.
            name = "named" if cells[1] else ""
            self._faulty.append(read_given(line, (cells[0], name, *[""] * (len(cells) - 2))))

    def _creation(self, given: Given) -> Row | None:
        """Return the row of a new product, or note why there can be none."""
        sku = self._new_sku(given)
        if sku is None:
            return None
        assert given.name is not None
        now, product = self._now, self._next_id
        self._next_id += 1
        archived_at = now if given.archived else None
        self.imported.note_new(given, sku)
        placed = (given.quantity or 0) if given.spot else 0
        if placed:
            self._spots[product] = given.spot
        return (
            product, sku, given.name, given.description, given.quantity or 0,
            given.reorder_point, archived_at, now, now, given.reorder_to, 0, placed,
        )  # fmt: skip

    def _new_sku(self, given: Given) -> str | None:
        """Return the SKU of a new product, or note why there can be none."""
        if self._options.update_only:
            self._refuse_new(given)
            return None
        if code := self._codes.get(code_key(given.sku, self._rule)):
            taken = SkuIsCode(given.sku, code.code, code.sku)
            self._lines.refusals.add(given.line, "sku", given.sku, taken)
            return None
        try:
            sku = check_imported_sku(given.sku, self._rule)
            if long := self._zeroed.get(sku):
                problem = f"is new, and {long} is there: a spreadsheet drops zeros in front"
                raise InvalidValue("sku", sku, problem)
        except InvalidValue as error:
            self._lines.refusals.add_value(given.line, error)
            return None
        if given.name is None:
            self._refuse_new(given)
            return None
        return sku

    def _refuse_new(self, given: Given) -> None:
        """Note that a line has a new product where there may be none, or gives it no name."""
        if self._options.update_only:
            self._lines.refusals.add(given.line, "sku", given.sku, ProductNotFound(given.sku))
        else:
            unnamed = InvalidValue("name", "", "is missing, and a new product needs one")
            self._lines.refusals.add_value(given.line, unnamed)

    def _create(self, rows: list[Row]) -> None:
        products.add_all(self._session, rows)
        for product, sku, _, _, quantity, *_ in rows:
            self.batch.note_change(Change(product, sku, "sku", None, sku))
            if quantity:
                self.batch.open(product, quantity, self._label, self._pot(product, sku))

    def _pot(self, product: int, sku: str) -> Pot | None:
        """Return the pot in which a new product's opening stock lies, if that was said."""
        spot = self._spots.pop(product, None)
        if spot is None:
            return None
        self.batch.pots.load([product])
        return self.batch.pots.into(product, sku, spot)

    def _change(self, given: Given, before: Facts) -> Facts | None:
        """Return the new facts of a known product; None where they are what they were."""
        is_new = before.archived_at is not None and changes.is_creation_undone(
            self._session, before.id
        )
        if is_new and (self._options.update_only or given.name is None):
            self._refuse_new(given)
            return None
        after = self._described(given, before, is_new=is_new)
        # What a line hides is counted before that, and what it brings back after.
        hidden = before.archived_at and after.archived_at
        found = Found(*after[:3], before.held, before.placed, archived_at=hidden)
        at_fault = ("archived", "true")
        try:
            if after.archived_at:
                refuse_held(self._session, self._draft, before)
            at_fault = ("quantity", str(given.quantity))
            status, quantity = self._stocked(given, found, is_new=is_new)
        except InventoryError as error:
            if isinstance(error, ProductArchived):
                way = "--unarchive brings archived products back that the file names"
                self._lines.refusals.advise(way)
            self._lines.refusals.add(given.line, *at_fault, error)
            return None
        changed = list(differences(before, after))
        made = [Change(before.id, before.sku, "sku", None, before.sku)] if is_new else []
        for change in (*made, *changed):
            self.batch.note_change(change)
        self.imported.note_known(given, before, quantity, status, changed)
        return after if changed else None

    def _stocked(self, given: Given, found: Found, *, is_new: bool) -> tuple[str, int]:
        """Do with a line's quantity what is to be done; return what that was, and the balance.

        Raises what refuses a count.
        """
        quantity = given.quantity
        if quantity is None:
            return ("created" if is_new else "unchanged"), found.quantity
        balance = Balance(found._replace(archived_at=None) if is_new else found)
        if is_new:  # also one that the file makes and hides
            if quantity != balance.now:
                self.batch.adopt(balance)
                self._restock(balance, quantity - balance.now, given.spot)
            return "created", quantity
        is_hidden = found.archived_at is not None or (found.placed and not given.spot)
        is_still_so = is_hidden and quantity == balance.now
        if self._options.set_quantity and not is_still_so:  # an export is read back unchanged
            self.batch.adopt(balance)
            self._count(balance, quantity, given.spot)
            return ("updated" if balance.moved else "unchanged"), balance.now
        return ("unchanged" if quantity == balance.now else "kept"), balance.now

    def _restock(self, balance: Balance, units: int, spot: "Spot | None") -> None:
        """Move the opening stock of a product that is made again."""
        if spot is None or units < 0:
            self.batch.move(balance, units, self._label)
        else:
            self._shelves.put(balance, units, spot, self._label)

    def _count(self, balance: Balance, quantity: int, spot: "Spot | None") -> None:
        """Make a product's stock, or what of it lies in a place, what was counted."""
        moment = self._options.moment
        if spot is None:
            self.batch.count(balance, quantity, self._label, moment)
        else:
            self._shelves.count(balance, quantity, spot, self._label, moment)

    @property
    def _shelves(self) -> "Shelves":
        from invctl.core.bulk.shelves import Shelves

        return Shelves(self._session, self._draft, self.batch)

    def _described(self, given: Given, before: Facts, *, is_new: bool) -> Facts:
        """Return what a line makes of what is said of a product, of a new one nothing so far."""
        if is_new:
            before = before._replace(description=None, reorder_point=None, reorder_to=None)
        archived_at = before.archived_at
        if is_new or self._options.unarchive:
            archived_at = None
        if given.archived is not None:
            archived_at = (before.archived_at or self._now) if given.archived else None
        point, order_to = given.reorder_point, given.reorder_to
        name = given.name or before.name
        if name == before.name.strip():  # blanks around a cell say nothing
            name = before.name
        after = before._replace(
            name=name,
            description=given.description or before.description,
            reorder_point=before.reorder_point if point is None else point,
            archived_at=archived_at,
            reorder_to=before.reorder_to if order_to is None else order_to,
        )
        if not given.emptied:
            return after
        return Facts._make(
            None if field in given.emptied else value for field, value in after._asdict().items()
        )
