"""What is set for an inventory, and whose turn it is to number."""

from sqlalchemy import (
    bindparam,
    select,
)

from invctl.db.schema import setting

SETTING = select(setting.c.value).where(setting.c.name == bindparam("name"))
# The row that is locked by whoever numbers operations and movements.
TURN = SETTING.with_for_update()
