"""Lines of files as the services take them, written by the names of their columns."""

from invctl.models.fields import (
    COUNT_COLUMNS,
    KEYED_MOVEMENT_COLUMNS,
    MOVEMENT_COLUMNS,
    PRODUCT_COLUMNS,
)
from invctl.models.rows import FileRow


def product_line(number: int, sku: str, name: str = "", **cells: str) -> FileRow:
    """Return a line of a file of products; what is not given is empty."""
    return number, _cells(PRODUCT_COLUMNS, {"sku": sku, "name": name, **cells})


def movement_line(number: int, sku: str, delta: str = "", **cells: str) -> FileRow:
    """Return a line of a file of movements."""
    return number, _cells(MOVEMENT_COLUMNS, {"sku": sku, "delta": delta, **cells})


def count_line(number: int, sku: str, counted: str = "", **cells: str) -> FileRow:
    """Return a line of a file of counts."""
    return number, _cells(COUNT_COLUMNS, {"sku": sku, "counted": counted, **cells})


def keyed_line(sku: str = "TEA", **cells: str) -> tuple[str, ...]:
    """Return a line of `apply --each`."""
    return _cells(KEYED_MOVEMENT_COLUMNS, {"sku": sku, **cells})


def _cells(columns: dict[str, str], given: dict[str, str]) -> tuple[str, ...]:
    assert given.keys() <= columns.keys(), given.keys() - columns.keys()
    return tuple(given.get(name, "") for name in columns)
