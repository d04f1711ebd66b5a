"""What `stock scan` shows on a terminal: the product and its quantity, large, and a bell."""

from shutil import get_terminal_size
from typing import TYPE_CHECKING

from invctl.cli.printing.cells import cut, text_width
from invctl.cli.printing.diagnostics import for_terminal
from invctl.cli.printing.words import counted
from invctl.codes import CONTROL, CONTROLS
from invctl.core.catalog import get_product
from invctl.core.scanned import Sum
from invctl.core.scanning import Controlled, ScanAnswer
from invctl.errors import (
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    InsufficientStock,
    InvalidData,
    InventoryError,
    OutcomeUnknown,
    PermissionRefused,
    ProductNotFound,
    UnitsPlaced,
)
from invctl.models.products import Product
from invctl.models.stock import StockChange
from invctl.models.undos import BatchUndo, StockUndo
from invctl.text import printable

if TYPE_CHECKING:
    from invctl.db.database import Database

_BELL = "\a"
_DIGITS = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
}
_NAMED = 10
"""Columns of a name that are shown at least."""
_TOLD = 3
"""Reasons that are told why a count was refused."""
_WIDEST = 12
"""Digits that fit beside one another on the narrowest terminal; more are shown as they are."""


class Screen:
    """Tells answers to somebody who stands at a bench."""

    def __init__(self, db: "Database", *, color: bool, encoding: str) -> None:
        self._db = db
        self._color = color
        self._can_draw = _can_draw(encoding)

    def shown(self, answer: ScanAnswer) -> str:
        """Return an answer as a terminal shows it; one that refuses rings."""
        outcome = answer.outcome
        if isinstance(outcome, InventoryError):
            return f"{_BELL}{self._refused(answer, outcome)}\n\n"
        if isinstance(outcome, Controlled):
            return f"{self._said(outcome)}\n\n"
        if isinstance(outcome, BatchUndo):
            moved = counted(outcome.movements, "movement")
            of = counted(outcome.products, "product")
            return f"{self._line('UNDONE', f'{moved} of {of}')}\n\n"
        if isinstance(outcome, Product):
            head = outcome.sku, outcome.name
            return self._large(head, "in stock", outcome.quantity, outcome.low)
        if isinstance(outcome, Sum):
            back = -(answer.units or 0)
            did = f"UNDONE, {back} taken back" if back > 0 else "counted"
            did += f" in {printable(answer.place)}" if answer.place else ""
            return self._large(self._named(outcome.sku), did, outcome.counted)
        return self._moved(outcome, answer.place)

    def _refused(self, answer: ScanAnswer, error: InventoryError) -> str:
        """Return why a scan did nothing, in as few words as will do."""
        if isinstance(error, ProductNotFound):
            # That a list shows them all is of no use to who stands at a bench.
            is_meant = error.details["nearest"] or error.details["renamed_to"]
            advice = f"; {error.advice}" if is_meant else ""
            if (verb := (answer.code or "").upper()) in CONTROLS:  # typed, and not scanned
                advice = f"; did you mean {CONTROL}{verb}?"
            return self._line("UNKNOWN", f"{printable(answer.code or '')}{advice}", "1;31")
        head, text = _why(error, printable(answer.code or ""))
        if answer.still:
            text += f"; still in mode {answer.still}"
        return self._line(head, text, "1;31")

    def _moved(self, change: StockChange | StockUndo, place: str | None) -> str:
        did = "nothing moved"
        if change.delta:
            did = f"{'added' if change.delta > 0 else 'removed'} {abs(change.delta)}"
        if isinstance(change, StockUndo):
            did = f"UNDONE, {did}"
        elif place:
            there = "any place" if place == "any" else printable(place)
            did += f" {'to' if change.delta > 0 else 'from'} {there}"
        return self._large(self._named(change.sku), did, change.quantity, change.low)

    def _named(self, sku: str) -> tuple[str, str]:
        """Return a SKU with its product's name, if that is told: what was done is done anyhow."""
        try:
            return sku, get_product(self._db, sku).name
        except InventoryError:
            return sku, ""

    def _large(
        self, product: tuple[str, str], did: str, quantity: int, low: bool | None = None
    ) -> str:
        """Return a product's SKU and name, what was done, and a number of it in large digits."""
        sku, name = map(printable, product)
        wide = get_terminal_size().columns
        head = f"{self._strong(sku)}  {cut(name, max(wide - text_width(sku) - 2, _NAMED))}".rstrip()
        mark = f"  {self._strong('LOW', '1;33')}" if low else ""
        lines = self._digits(quantity)
        middle = len(lines) // 2
        # Besides there are the indent, the gaps, and what may stand behind it.
        room = wide - text_width(lines[middle]) - len("       LOW")
        lines[middle] += f"   {cut(did, max(room, _NAMED))}{mark}"
        return "\n".join([head, *(f"  {line}".rstrip() for line in lines), "", ""])

    def _digits(self, quantity: int) -> list[str]:
        text = str(quantity)
        if not self._can_draw or len(text) > _WIDEST:
            return [self._strong(text)]
        return [" ".join(_DIGITS[one][row] for one in text) for row in range(3)]

    def _said(self, said: Controlled) -> str:
        value = "" if said.value is True else printable(str(said.value or "none"))
        return self._line(said.what.upper(), f"{value}{_counted(said)}".lstrip())

    def _line(self, head: str, text: str, style: str = "1") -> str:
        """Return a word that stands out and what is said of it, broken between words."""
        # The style comes last, as it takes no room on a line.
        return for_terminal(f"{head}  {text}".rstrip(), 1).replace(
            head, self._strong(head, style), 1
        )

    def _strong(self, text: str, style: str = "1") -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color else text


def _why(error: InventoryError, code: str) -> tuple[str, str]:
    """Return what a refusal of a code comes to in a word, and why it is one."""
    # What is no fault of the code names it: several may have been scanned by the time.
    if isinstance(error, OutcomeUnknown):
        which = f"{code}: " if code else ""
        return "UNSURE", f"{which}{error.message}; look before you scan it again"
    if isinstance(error, DatabaseMissing | DatabaseLocked | DatabaseUnusable | PermissionRefused):
        again = ", scan it again" if error.retryable else ""
        return "NOT DONE", f"{code or 'nothing was done'}{again}: {error.message}"
    if isinstance(error, InvalidData):
        problems = dict.fromkeys(printable(one.message) for one in error.lines)
        more = [f"and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
        return "NO", "; ".join([*list(problems)[:_TOLD], *more])
    is_elsewhere = isinstance(error, InsufficientStock) and error.details.get("places")
    if is_elsewhere or isinstance(error, UnitsPlaced):
        return "NO", f"{error.message}; {error.advice.removeprefix('nothing was changed; ')}"
    return "NO", error.message


def _counted(said: Controlled) -> str:
    count = said.concluded
    if count is None:
        return ""
    differed = f"{counted(count.products, 'product')} differed from the book"
    return (
        f"  counted {counted(said.products, 'product')}: {differed} (operation {count.operation})"
    )


def _can_draw(encoding: str) -> bool:
    try:
        "█▀".encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
