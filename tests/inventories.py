"""Looks at an inventory's tables, and copies of them, on each engine, by its plain driver."""

import atexit
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.sql import SQL, Identifier
from server import Server, shared

from invctl.db.migrations import SERVER_STEPS
from invctl.db.session import Session, Text

KEYS = {
    "setting": "name", "product": "id", "operation": "id", "place": "id", "pot": "id",
    "lot": "product_id, lot", "code": "key", "promise": "id", "change": "id", "movement": "id",
}  # fmt: skip
"""The tables, none before one that it refers to, and what numbers their rows."""
Rows = list[tuple[Any, ...]]

_UNBALANCED = """
SELECT sku FROM product WHERE quantity < 0 OR quantity <>
    (SELECT coalesce(sum(delta), 0) FROM movement WHERE movement.product_id = product.id)
"""
# What is written down of each thing in a schema: whoever changes what the thing is writes it anew.
_DEFINITION = """
WITH it AS (SELECT oid, xmin FROM pg_class WHERE relnamespace = to_regnamespace(%(name)s))
SELECT md5(string_agg(said, ' ' ORDER BY said)) FROM (
  SELECT oid || '/' || xmin AS said FROM it
  UNION ALL SELECT attrelid || '.' || attnum || '/' || a.xmin
  FROM pg_attribute a JOIN it ON it.oid = attrelid
  UNION ALL SELECT c.oid || '/' || c.xmin FROM pg_constraint c JOIN it ON it.oid = conrelid
  UNION ALL SELECT t.oid || '/' || t.xmin FROM pg_trigger t JOIN it ON it.oid = tgrelid
) AS all_of_it
"""
_spare: list["Schema"] = []
_numbers = count(1)
_eyes: dict[Path, "psycopg.Connection[Any]"] = {}


class Look(Protocol):
    """A look at an inventory that does not rest on what is tested."""

    def query(self, statement: str, *values: object) -> Rows:
        """Return the rows of a SELECT; its parameters are question marks."""

    def change(self, statement: str, *values: object) -> None:
        """Change what it holds, as a stranger would."""

    def dump(self) -> list[str]:
        """Return everything that the inventory holds, as text; nothing where there is none."""

    def tables(self) -> dict[str, Rows]:
        """Return every row of every table, in order of the rows' ids."""

    def writing(self) -> AbstractContextManager[Callable[[], None]]:
        """Be in the middle of a write to all of it; what is given ends that before the block."""

    def check(self) -> None:
        """Assert that it is sound and every balance is the sum of its movements, >= 0."""


class FileLook:
    """A look at an SQLite file."""

    def __init__(self, path: Path | str) -> None:
        self._path = path

    def query(self, statement: str, *values: object) -> Rows:
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(statement, values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute(statement, values)
            connection.commit()

    def dump(self) -> list[str]:
        if not os.path.exists(self._path):
            return []
        with closing(sqlite3.connect(self._path)) as connection:
            return list(connection.iterdump())

    def tables(self) -> dict[str, Rows]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            return {
                name: connection.execute(f"SELECT * FROM {name} ORDER BY {key}").fetchall()  # noqa: S608
                for name, key in KEYS.items()
            }

    @contextmanager
    def writing(self) -> Iterator[Callable[[], None]]:
        # A thread of the test's may end it while the test itself waits.
        other = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        with closing(other):
            other.execute("BEGIN IMMEDIATE")
            yield other.rollback

    def check(self) -> None:
        assert self.query("PRAGMA integrity_check") == [("ok",)]
        assert self.query("PRAGMA foreign_key_check") == []
        assert self.query(_UNBALANCED) == []


class Schema:
    """A schema on a server, which stands where a file's path does: as text it is its URL."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.url = server.url(schema=name)
        self._made: object = None
        """The definition of what `copy_from` has made."""

    def __str__(self) -> str:
        return self.url

    def __fspath__(self) -> str:
        return self.url

    @contextmanager
    def session(self) -> Iterator["psycopg.Connection[Any]"]:
        """Give a session of somebody else's that begins in this schema."""
        with self.server.connect(options=f"-csearch_path={self.name}") as connection:
            yield connection

    def _eye(self) -> "psycopg.Connection[Any]":
        """Return a session that all looks at the server share, set to this schema."""
        here = SQL("SET search_path TO {}").format(Identifier(self.name))
        with suppress(KeyError, psycopg.OperationalError):
            _eyes[self.server.folder].execute(here)
            return _eyes[self.server.folder]
        eye = _eyes[self.server.folder] = self.server.connect()
        atexit.register(eye.close)
        eye.execute(here)
        return eye

    def exists(self) -> bool:
        """Return whether anything is there."""
        found = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"
        return self._eye().execute(found, (self.name,)).fetchone() != (0,)

    def unlink(self) -> None:
        """Remove it."""
        self._eye().execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(self.name)))

    def query(self, statement: str, *values: object) -> Rows:
        return self._eye().execute(_numbered(statement), values).fetchall()

    def change(self, statement: str, *values: object) -> None:
        # No text on a server holds NUL, whoever writes it.
        held = [one.replace("\0", "") if isinstance(one, str) else one for one in values]
        self._eye().execute(_numbered(statement), held)

    def dump(self) -> list[str]:
        if not self.exists():
            return []
        return [f"{name}: {row}" for name, rows in self.tables().items() for row in rows]

    def tables(self) -> dict[str, Rows]:
        eye = self._eye()
        eye.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = {
            name: eye.execute(
                SQL("SELECT * FROM {} ORDER BY {}").format(Identifier(name), SQL(key))
            ).fetchall()
            for name, key in KEYS.items()
        }
        eye.rollback()
        return rows

    @contextmanager
    def writing(self) -> Iterator[Callable[[], None]]:
        with self.session() as other:
            other.execute("BEGIN")
            # What any write waits for: its products, then the turn to number what it does.
            other.execute("SELECT 1 FROM product ORDER BY id FOR UPDATE")
            other.execute("SELECT 1 FROM setting FOR UPDATE")
            yield other.rollback
            other.rollback()

    def check(self) -> None:
        assert self.query(_UNBALANCED) == []

    def copy_from(self, other: "Schema") -> None:
        """Make it hold what another schema of the same database holds, in tables of its own.

        Those of a schema that was given back are used again: to make some takes long.
        """
        eye = self._eye()
        spare = _spare.pop() if _spare else None
        if spare is None:
            self._make(eye)
        else:
            names = Identifier(spare.name), Identifier(self.name)
            eye.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(*names))
            self._made = spare._made
        rows = SQL("; ").join(
            SQL("INSERT INTO {} SELECT * FROM {}").format(
                Identifier(table), Identifier(other.name, table)
            )
            for table in KEYS
        )
        eye.execute(rows.as_bytes(eye))

    def give_back(self) -> None:
        """Let another have its tables, empty, if they are still what they were made as."""
        eye = self._eye()
        if self._made is None or self._made != self._definition(eye):
            return
        with suppress(psycopg.errors.LockNotAvailable):  # somebody is not done with it
            eye.execute("SET lock_timeout = 100")
            eye.execute("; ".join(f"DELETE FROM {one}" for one in reversed(KEYS)).encode())  # noqa: S608
            _spare.append(self)
        eye.execute("RESET lock_timeout")

    def _make(self, eye: "psycopg.Connection[Any]") -> None:
        steps = "; ".join(statement for step in SERVER_STEPS for statement in step)
        eye.execute(SQL("CREATE SCHEMA {}").format(Identifier(self.name)))
        eye.execute(steps.encode())
        eye.execute("DELETE FROM setting")  # those of what is copied there come instead
        self._made = self._definition(eye)

    def _definition(self, eye: "psycopg.Connection[Any]") -> object:
        found = eye.execute(_DEFINITION, {"name": self.name}).fetchone()
        return found and found[0]


def ask(session: Session, statement: str) -> Any:
    """Return the first value that a statement answers within somebody's transaction."""
    row = session.one(Text(statement, statement))
    return None if row is None else row[0]


def run(session: Session, statement: str) -> None:
    """Run a statement within somebody's transaction."""
    session.run(Text(statement, statement))


Inventory = Path | Schema
"""Where an inventory is, on either engine; as text it is what `--db` takes."""


def new_schema() -> Schema:
    """Return a schema on this run's server that nobody has used; it need not be made."""
    return Schema(_shared(), f"s{os.getpid()}_{next(_numbers)}")


_shared = cache(shared)


def _numbered(statement: str) -> bytes:
    """Return a statement with the driver's own mark for a parameter."""
    return statement.replace("%", "%%").replace("?", "%s").encode()


def look(where: Inventory | str) -> Look:
    """Return a look at the inventory in a file or a schema."""
    return where if isinstance(where, Schema) else FileLook(where)


def give_back(*inventories: Inventory) -> None:
    """Say that a test is done with inventories."""
    for one in inventories:
        if isinstance(one, Schema):
            one.give_back()


def copy_inventory(source: Inventory, target: Inventory) -> None:
    """Copy an inventory to where there is none, which waits for no disk."""
    if isinstance(target, Schema):
        assert isinstance(source, Schema)
        target.copy_from(source)
    else:
        shutil.copy(source, target)
