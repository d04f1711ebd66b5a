"""What `stock scan` shows on a terminal: the product and its quantity, large, and a bell."""

from shutil import get_terminal_size
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from invctl.cli.words import counted
from invctl.core.catalog import get_product
from invctl.core.scanning import Answer, Said, Sum
from invctl.errors import InventoryError, ProductNotFound
from invctl.models import BatchChange, BatchUndo, Product, StockChange, StockUndo
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
_WIDEST = 12
"""Digits that fit beside one another on the narrowest terminal; more are shown as they are."""


class Screen:
    """Tells answers to somebody who stands at a bench."""

    def __init__(self, db: "Database", *, color: bool, encoding: str) -> None:
        self._db = db
        self._color = color
        self._can_draw = _can_draw(encoding)

    def shown(self, answer: Answer) -> str:
        """Return an answer as a terminal shows it; one that refuses rings."""
        outcome = answer.outcome
        if isinstance(outcome, InventoryError):
            return f"{_BELL}{self._refused(answer, outcome)}\n\n"
        if isinstance(outcome, Said):
            return f"{self._said(outcome)}\n\n"
        if isinstance(outcome, BatchUndo):
            moved = counted(outcome.movements, "movement")
            of = counted(outcome.products, "product")
            return f"{self._strong('UNDONE')}  {moved} of {of}\n\n"
        if isinstance(outcome, Product):
            return self._large(outcome, "in stock", outcome.quantity, outcome.low)
        if isinstance(outcome, Sum):
            return self._large(get_product(self._db, outcome.sku), "counted", outcome.counted)
        return self._moved(outcome)

    def _refused(self, answer: Answer, error: InventoryError) -> str:
        """Return why a scan did nothing, in as few words as will do."""
        if not isinstance(error, ProductNotFound):
            return f"{self._strong('NO', '1;31')}  {error.message}"
        is_meant = error.details["nearest"] or error.details["renamed_to"]
        advice = f"; {error.advice}" if is_meant else ""
        return f"{self._strong('UNKNOWN', '1;31')}  {printable(answer.code or '')}{advice}"

    def _moved(self, change: StockChange | StockUndo) -> str:
        did = "nothing moved"
        if change.delta:
            did = f"{'added' if change.delta > 0 else 'removed'} {abs(change.delta)}"
        if isinstance(change, StockUndo):
            did = f"UNDONE, {did}"
        product = get_product(self._db, change.sku)
        return self._large(product, did, change.quantity, change.low)

    def _large(self, product: Product, did: str, quantity: int, low: bool | None = None) -> str:
        """Return a product, what was done, and a number of it in large digits."""
        sku, name = printable(product.sku), printable(product.name)
        room = max(get_terminal_size().columns - cell_len(sku) - 2, _NAMED)
        head = f"{self._strong(sku)}  {_cut(name, room)}"
        mark = f"  {self._strong('LOW', '1;33')}" if low else ""
        lines = self._digits(quantity)
        middle = len(lines) // 2
        lines[middle] += f"   {did}{mark}"
        return "\n".join([head, *(f"  {line}".rstrip() for line in lines), "", ""])

    def _digits(self, quantity: int) -> list[str]:
        text = str(quantity)
        if not self._can_draw or len(text) > _WIDEST:
            return [self._strong(text)]
        return [" ".join(_DIGITS[one][row] for one in text) for row in range(3)]

    def _said(self, said: Said) -> str:
        value = "" if said.value is True else printable(str(said.value or "none"))
        told = f"{self._strong(said.what.upper())}  {value}".rstrip()
        return f"{told}{_counted(said.concluded)}"

    def _strong(self, text: str, style: str = "1") -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._color else text


def _cut(text: str, room: int) -> str:
    """Return text that takes no more columns than there is room for."""
    return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1).rstrip()}…"


def _counted(count: BatchChange | None) -> str:
    if count is None:
        return ""
    differed = f"{counted(count.products, 'product')} differed from the book"
    return f"  counted {counted(count.lines, 'product')}: {differed} (operation {count.operation})"


def _can_draw(encoding: str) -> bool:
    try:
        "█▀".encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
