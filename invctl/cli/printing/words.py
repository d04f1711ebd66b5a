"""Words that more than one message needs: numbers of things, and what a change did."""

from invctl.models import StockChange, StockUndo


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a number of things in words: `1 product`, `2 products`, `2 quantities`."""
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def stock_sentence(change: StockChange | StockUndo, scans: int = 0, per_scan: int = 1) -> str:
    """Return what a change did to one product: `A-1: 10 → 7 (removed 3, operation 42)`.

    Where a code was scanned that means several units, that is told: `removed 12 = 2 × 6`.
    """
    before = change.quantity - change.delta
    did = "unchanged"
    if change.delta:
        did = f"{'added' if change.delta > 0 else 'removed'} {abs(change.delta)}"
    if per_scan > 1:
        units = scans * per_scan
        if change.counted is not None:
            did += f", counted {units}"
        did += f" = {scans} × {per_scan}" if units in (change.counted, abs(change.delta)) else ""
    arrow = f"{before} → {change.quantity}"
    return f"{change.sku}: {arrow} ({did}, operation {change.operation})"
