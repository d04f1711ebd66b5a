"""What is set for an inventory."""

from sqlalchemy import bindparam, select

from invctl.db.schema import setting

SETTING = select(setting.c.value).where(setting.c.name == bindparam("name"))
