"""What lists ask, put together by SQLAlchemy Core from the shape of a question.

A shape is a question in which something stands for each value; its values are parameters, named
as `repository.lists.asked.parted` names them. Those of every day are compiled ahead.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select

from invctl.repository.declared.lists import movements, operations, products, promises, usage

LISTS: dict[str, Callable[..., Select[Any]]] = {
    "products": products.products,
    "movements": movements.movements,
    "totals": movements.totals,
    "operations": operations.operations,
    "promises": promises.promises,
    "usage": usage.usage,
}
"""What makes the statement of each list."""

COMMON: dict[str, Sequence[tuple[Any, ...]]] = {
    "products": [(shape,) for shape in products.COMMON],
    "movements": [(shape,) for shape in movements.COMMON],
    "totals": movements.COMMON_TOTALS,
    "operations": [(shape,) for shape in operations.COMMON],
    "promises": [(shape,) for shape in promises.COMMON],
    "usage": [(shape,) for shape in usage.COMMON],
}
"""What it is asked every day."""
