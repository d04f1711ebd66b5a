"""What lists ask, put together by SQLAlchemy Core from the shape of a question.

A shape is a question in which something stands for each value; its values are parameters, named
as `repository.lists.asked.parted` names them. Those of every day are compiled ahead.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select

from invctl.db.dialects import EachEngine
from invctl.repository.declared.lists import (
    movements,
    operations,
    products,
    promises,
    sheets,
    usage,
)

LISTS: dict[str, Callable[..., Select[Any] | EachEngine]] = {
    "products": products.products,
    "movements": movements.movements,
    "totals": movements.totals,
    "operations": operations.operations,
    "promises": promises.promises,
    "usage": usage.usage,
    "to_count": sheets.to_count,
    "pots_to_count": sheets.pots_to_count,
    "pots_to_count_in": sheets.pots_to_count_in,
}
"""What makes the statement of each list."""

COMMON: dict[str, Sequence[tuple[Any, ...]]] = {
    "products": [(shape,) for shape in products.COMMON],
    "movements": [(shape,) for shape in movements.COMMON],
    "totals": movements.COMMON_TOTALS,
    "operations": [(shape,) for shape in operations.COMMON],
    "promises": [(shape,) for shape in promises.COMMON],
    "usage": [(shape,) for shape in usage.COMMON],
    "to_count": [(shape,) for shape in sheets.COMMON],
    "pots_to_count": [(shape,) for shape in sheets.COMMON],
    "pots_to_count_in": [(shape,) for shape in sheets.COMMON],
}
"""What it is asked every day."""
