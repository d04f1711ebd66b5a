"""A posting: a product's stock changes under its guard, and an operation of one movement says so.

In a file that is three statements: `MOVE`, and where that returned a row `ENTER_POSTED` and
`ADD_MOVEMENT`. On a server it is one, `POST`, behind `LOCK_TO_POST`.
"""

from sqlalchemy import bindparam, insert, select

from invctl.db.dialects import EachEngine
from invctl.db.migrations import VERSION
from invctl.db.schema import movement, operation, product, setting
from invctl.repository.declared.forms import INTEGER, constant, insert_next, next_id, parameters
from invctl.repository.declared.operations import DRAFTED
from invctl.repository.declared.products import GUARD, MOVE

_LABEL = parameters(movement, "reason", "ref", "note", "occurred_at")
_RUN = ("first_movement", "last_movement")
_NEXT_MOVEMENT = select(next_id(movement.c.id).label("id"))
_POSTED = operation.c["id", "first_movement"]

ENTER_POSTED = insert_next(
    operation, DRAFTED | dict.fromkeys(_RUN, _NEXT_MOVEMENT.scalar_subquery()), *_POSTED
)
# The product, then the turn to number: in the one order in which nobody waits in a circle. Where
# the guard would refuse, it waits for neither.
LOCK_TO_POST = EachEngine(
    sqlite=None,
    server=select(setting.c.value)
    .where(*GUARD, setting.c.name == constant(VERSION))
    .with_for_update(of=[product, setting], key_share=True),
)
_MOVED = MOVE.cte("moved")
_NEXT = _NEXT_MOVEMENT.subquery("next")
_NEXT_OPERATION = select(next_id(operation.c.id)).scalar_subquery()
_ENTERED = (
    insert(operation)
    .from_select(
        ["id", *DRAFTED, *_RUN],
        select(_NEXT_OPERATION, *DRAFTED.values(), _NEXT.c.id, _NEXT.c.id).select_from(_MOVED),
    )
    .returning(*_POSTED)
    .cte("entered")
)
_NOTED = (
    insert(movement)
    .from_select(
        ["id", "operation_id", "product_id", "delta", "quantity", *_LABEL],
        select(
            _ENTERED.c.first_movement,
            _ENTERED.c.id,
            _MOVED.c.id,
            bindparam("by", type_=INTEGER),
            _MOVED.c.quantity,
            *_LABEL.values(),
        ),
    )
    .cte("noted")
)
# What the guard refuses returns no row, and nothing follows from none.
POST = EachEngine(sqlite=None, server=select(*_MOVED.c, *_ENTERED.c).add_cte(_NOTED))
