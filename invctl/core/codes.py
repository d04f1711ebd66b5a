"""Codes: what is printed on a product, which stands for its SKU and for some units of it.

No code is a SKU and no SKU a code, so that a SKU never has to be looked for among the codes.
Whoever makes one or the other has the turn to number, in which nobody else does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from invctl.codes import check_code, check_imported_code, code_key, code_spellings
from invctl.core.advice import advising
from invctl.core.bulk.batch import Batch
from invctl.core.bulk.lines import Lines
from invctl.core.lookup import find_product, load_products, lock_products, sku_rule_of
from invctl.core.operations import mutate
from invctl.db.database import Database
from invctl.db.session import Row, Session
from invctl.errors import (
    CodeExists,
    CodeIsSku,
    CodeNotFound,
    InvalidValue,
    InventoryError,
    ProductNotFound,
    SkuIsCode,
)
from invctl.models.attempts import Attempt
from invctl.models.batches import ImportChange
from invctl.models.products import CodeChange
from invctl.models.rows import BadRow, FileRow
from invctl.repository import changes, codes, operations, products
from invctl.repository.changes import CODE, Change
from invctl.repository.codes import Code
from invctl.repository.operations import Draft
from invctl.repository.products import Found
from invctl.values import check_amount, parse_amount


def add_code(
    db: Database,
    sku: str,
    code: str,
    *,
    units: int | None = None,
    told: list[str] | None = None,
    attempt: Attempt,
) -> CodeChange:
    """Let a code stand for a product, and one scan of it for so many units.

    Where these are not given they stay what they are; of a new code one. A code that was not so
    already goes into `told`; a retry is told nothing. Raises InvalidValue, ProductNotFound,
    CodeExists or CodeIsSku.
    """
    if units is not None:
        check_amount(units, "units")
    text = check_code(code.strip())

    def work(session: Session, draft: Draft) -> CodeChange:
        found = find_product(session, sku, lock=True)
        # After the product, as everywhere: who takes the two the other way round waits in a circle.
        session.take_turn()
        rule = sku_rule_of(session)
        before = codes.find(session, code_key(text, rule))
        per_scan = units or (before.units if before else 1)
        new = Code(code_key(text, rule), text, found.sku, per_scan, found.id)
        refuse_taken(new, before, skus_like(session, [text], rule))
        made = [] if before == new else [changed(before, new)]
        if made:
            codes.add(session, new)
        operation = operations.enter(session, draft, changes=len(made))
        changes.append(session, operation, made)
        if told is not None:
            told[:] = [new.code for _ in made]  # the work may be done again
        return CodeChange(new.code, new.sku, new.units, operation.id)

    request = {"sku": sku, "code": text, "units": units}
    return mutate(db, CODE, attempt, lambda: request, work)


def remove_code(db: Database, code: str, *, attempt: Attempt) -> CodeChange:
    """Let a code stand for nothing any more; return what it stood for. Raises CodeNotFound."""

    def work(session: Session, draft: Draft) -> CodeChange:
        session.take_turn()  # before it is looked for: else two would remove it
        found = codes.find(session, code_key(code.strip(), sku_rule_of(session)))
        if found is None:
            raise CodeNotFound(code)
        operation = operations.enter(session, draft, changes=1)
        codes.remove(session, found.key)
        changes.append(session, operation, [changed(found, None)])
        return CodeChange(found.code, found.sku, found.units, operation.id)

    return mutate(db, CODE, attempt, lambda: {"code": code.strip()}, work)


def list_codes(db: Database, sku: str | None = None) -> Iterator[Sequence[Row]]:
    """Yield codes in chunks as CODE_FIELDS, in order of SKU; of one product where it is named.

    Raises ProductNotFound.
    """
    with advising(db), db.read() as session:
        if sku is not None:
            found = codes.of_product(session, find_product(session, sku).id)
            yield [(one.code, one.sku, one.units) for one in found]
            return
        for rows in codes.every(session):
            yield [(code, called, units) for _, code, called, units, _ in rows]


def units_of(db: Database, typed: str) -> int:
    """Return how many units one scan of what was typed means. Raises ProductNotFound."""
    with advising(db), db.read() as session:
        return find_product(session, typed).units


def import_codes(
    db: Database,
    rows: Iterable[FileRow | BadRow],
    *,
    skipped: Callable[[], int | None] = lambda: None,
    attempt: Attempt,
) -> ImportChange:
    """Add every line's code, or give it other units; all of them, or none.

    Cells are in the order of `models.CODE_COLUMNS`; `skipped` as of `import_products`. Raises
    InvalidData.
    """
    lines = Lines(rows, width=3, fingerprinted=attempt.key is not None)

    def work(session: Session, draft: Draft) -> ImportChange:
        lines.restart()
        lock_products(session, lines.skus)
        importer = CodeImport(session, draft, lines)
        for chunk in lines.chunks():
            importer.take(chunk)
        lines.refusals.raise_any()
        return importer.answer(skipped())

    def request() -> object:
        return {"codes": lines.fingerprint}

    return mutate(db, CODE, attempt, request, work, many=True)


class CodeImport:
    """The codes of a file that were added so far, and those that were changed or known."""

    def __init__(self, session: Session, draft: Draft, lines: Lines) -> None:
        self._session = session
        self._lines = lines
        self._rule = sku_rule_of(session)
        self._batch = Batch(session, draft)
        self._batch.enter()  # from here on nobody else makes codes or SKUs
        # Most codes are digits, and most SKUs are not: then none of these need be looked for.
        near = products.neighbours(session, "0", 1)
        self._has_digits = any(sku[:1].isdigit() for sku in near)
        self._created = self._updated = self._unchanged = 0

    def take(self, chunk: list[FileRow]) -> None:
        """Add the codes of some lines; faulty lines are noted."""
        found = load_products(self._session, {cells[0] for _, cells in chunk if cells[0]})
        texts = [cells[1] for _, cells in chunk if cells[1]]
        known = codes.find_among(self._session, {code_key(one, self._rule) for one in texts})
        alike = [one for one in texts if self._has_digits or not one.isascii() or not one.isdigit()]
        skus = skus_like(self._session, alike, self._rule)
        new: dict[str, Code] = {}
        for line, cells in chunk:
            try:
                if not cells[0]:
                    raise InvalidValue("sku", "", "is missing")
                product = found.get(cells[0])
                if product is None:
                    raise ProductNotFound(cells[0])
                code = self._read(cells, product, known)
                before = known.get(code.key)
                refuse_taken(code, before, skus)
                self._note(before, code, new)
                known[code.key] = code
            except InventoryError as error:
                sku, text, _ = cells
                at_fault = ("sku", sku) if isinstance(error, ProductNotFound) else ("code", text)
                self._lines.refusals.add(line, *at_fault, error)
        codes.add_all(self._session, list(new.values()))

    def answer(self, skipped: int | None) -> ImportChange:
        """Return what has been done; so many rows were no lines."""
        operation = self._batch.settle()
        return ImportChange(
            operation=operation.id,
            created=self._created,
            updated=self._updated,
            unchanged=self._unchanged,
            quantity_kept=0,
            movements=0,
            skipped=skipped,
        )

    def _read(self, cells: tuple[str, ...], product: Found, known: dict[str, Code]) -> Code:
        """Return what a line says of a code; without units they are what is known."""
        _, text, units = cells
        if not text:
            raise InvalidValue("code", "", "is missing")
        code = check_imported_code(text)
        key = code_key(code, self._rule)
        kept = known[key].units if key in known else 1
        per_scan = parse_amount(units, "units") if units else kept
        return Code(key, code, product.sku, per_scan, product.id)

    def _note(self, before: Code | None, code: Code, new: dict[str, Code]) -> None:
        """Write a code down, or remember that it is `new`; those are written all at once."""
        self._created += before is None
        self._updated += before is not None and before != code
        self._unchanged += before == code
        if before != code:
            self._batch.note_change(changed(before, code))
        # Of two lines about a new code the second one changes what is yet to be written.
        if before is None or code.key in new:
            new[code.key] = code
        elif before != code:
            codes.add(self._session, code)


def refuse_taken(code: Code, before: Code | None, skus: dict[str, str]) -> None:
    """Raise CodeExists or CodeIsSku for a code that stands for something else.

    `skus` are those that there are of what would mean the same, by what codes are compared by.
    """
    if before is not None and before.product != code.product:
        raise CodeExists(code.code, before.sku)
    if code.key in skus:
        raise CodeIsSku(code.code, skus[code.key])


def refuse_code(session: Session, sku: str, rule: str) -> None:
    """Raise SkuIsCode for a new SKU that is a code; it is this transaction's turn to make one."""
    known = codes.find(session, code_key(sku, rule))
    if known is not None:
        raise SkuIsCode(sku, known.code, known.sku)


def changed(before: Code | None, after: Code | None) -> Change:
    """Return what an operation did to a code."""
    known = after or before
    assert known is not None
    return Change(known.product, known.sku, CODE, _as_text(before), _as_text(after))


def read_change(change: Change, text: str, rule: str) -> Code:
    """Return the code that one side of a change tells."""
    units, _, code = text.partition("*")
    return Code(code_key(code, rule), code, change.sku, int(units), change.product)


def _as_text(code: Code | None) -> str | None:
    return None if code is None else f"{code.units}*{code.code}"


def skus_like(session: Session, texts: Sequence[str], rule: str) -> dict[str, str]:
    """Return the SKUs that mean the same as some codes, by what these are compared by."""
    keys = {sku: code_key(one, rule) for one in texts for sku in code_spellings(one, rule)}
    return {keys[one.sku]: one.sku for one in products.load(session, keys, lock=False)}
