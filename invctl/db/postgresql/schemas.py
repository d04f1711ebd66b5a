"""Which of a server's schemas an inventory is looked for in, and made in: its search path's."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Identifier

from invctl.errors import DatabaseUnusable, PermissionRefused
from invctl.text import quoted

if TYPE_CHECKING:
    import psycopg

    Driver = psycopg.Connection[Any]

_SCHEMA = "SELECT current_schema(), current_setting('search_path'), current_user"
# Which of some schemas has an inventory, though this user may not look into it.
_CLOSED = """
SELECT nspname::text FROM pg_catalog.pg_class
JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE relname IN ('setting', 'product') AND nspname = ANY (%s)
    AND NOT has_schema_privilege(pg_namespace.oid, 'USAGE')
GROUP BY nspname HAVING count(*) = 2 ORDER BY nspname LIMIT 1
"""


def refuse_closed(driver: "Driver", path: str) -> None:
    """Raise PermissionRefused where the server passes over a schema that has an inventory."""
    _, names = _schemas(driver)
    closed = driver.execute(_CLOSED, (names,)).fetchone()
    if closed is not None:
        problem = f"this user may not use the schema {quoted(closed[0])}, which has the inventory"
        hint = "the schema's owner can `GRANT USAGE ON SCHEMA … TO …`; README has the roles"
        raise PermissionRefused(path, problem, hint)


def make_schema(driver: "Driver", path: str) -> None:
    """Make the schema that the search path begins with, where there is none of its names.

    Raises DatabaseUnusable where that is none in which an inventory could be.
    """
    present, names = _schemas(driver)
    name = present or next(iter(names), "")
    if not name or name.startswith("pg_"):
        problem = f"names {quoted(name)} as its schema, where no inventory can be"
        raise DatabaseUnusable(path, problem, "name another: ?options=-csearch_path=NAME")
    if present is None:
        driver.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(name)))


def _schemas(driver: "Driver") -> tuple[str | None, list[str]]:
    """Return the schema that the server looks in first, and all that it was told to look in."""
    row = driver.execute(_SCHEMA).fetchone()
    assert row is not None
    present, search_path, user = row
    return present, list(_named(search_path, user))


def _named(search_path: str, user: str) -> Iterator[str]:
    """Yield the names in a search path, which are folded to small letters where unquoted."""
    for exact, folded in re.findall(r'"((?:[^"]|"")*)"|([^,"]+)', search_path):
        name = exact.replace('""', '"') or folded.strip().lower()
        if name:
            yield user if name == "$user" else name
