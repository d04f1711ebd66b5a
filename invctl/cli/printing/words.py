"""Words that more than one message needs: numbers of things, and what a change did."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invctl.models.reports import InventoryInfo
    from invctl.models.stock import StockChange
    from invctl.models.undos import StockUndo


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number of things in words: `1 product`, `2 products`, `2 quantities`."""
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def stock_sentence(change: "StockChange | StockUndo", scans: int = 0) -> str:
    """Return what a change did to one product: `A-1: 10 → 7 (removed 3, operation 42)`.

    Where it was asked for as `scans` of several units each, that is told: `removed 12 = 2 × 6`.
    """
    before = change.quantity - change.delta
    did = "unchanged"
    if change.delta:
        did = f"{'added' if change.delta > 0 else 'removed'} {abs(change.delta)}"
    units = abs(change.delta) if change.counted is None else change.counted
    if scans and (per_scan := units // scans) > 1:
        if change.counted is not None:
            did += f", counted {units}"
        did += f" = {scans} × {per_scan}"
    arrow = f"{before} → {change.quantity}"
    return f"{change.sku}: {arrow} ({did}, operation {change.operation})"


def content(info: "InventoryInfo") -> str:
    """Return how much an inventory holds: `40 products, 1203 movements`."""
    return f"{counted(info.products, 'product')}, {counted(info.movements, 'movement')}"
