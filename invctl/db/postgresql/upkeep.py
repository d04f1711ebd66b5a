"""Copies of a server's inventory, which are SQLite inventories, and the way back from one."""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Column, MetaData, Table

from invctl.appearing import unfinished
from invctl.db import migrations
from invctl.db.database import Verify
from invctl.db.postgresql.session import ServerSession
from invctl.db.session import Session
from invctl.db.sqlite import files, steps
from invctl.db.sqlite.connection import open_connection
from invctl.db.sqlite.copies import publish_kept, write_backup
from invctl.db.sqlite.restoring import identify_backup, take_over
from invctl.db.sqlite.session import SQLiteSession
from invctl.db.transfer import TABLES, copy_rows, empty
from invctl.errors import DatabaseUnusable
from invctl.scratch import scratch_folder
from invctl.settings import ServerUrl, data_folder

# Nobody may begin to write, and whoever writes ends before this goes on; readers are not touched.
_ALONE = f"LOCK TABLE {', '.join(migrations.TABLES)} IN SHARE ROW EXCLUSIVE MODE"


def back_up(session: Session, source: str, path: str, verify: Verify) -> int:
    """Write a verified copy to `path`, a new file; return its size. See `Database.backup`."""
    return write_backup(source, path, verify, lambda new: _fill(new, session, source))


def keep(session: Session, server: ServerUrl, why: str, version: int) -> str:
    """Copy an inventory, whatever is wrong in it, to a new file in the user's data folder."""
    # Of a URL only what any file system takes in a name.
    name = re.sub(r"[^A-Za-z0-9.=-]+", "-", server.shown.partition("://")[2]).strip("-")
    path = os.path.join(data_folder(), f"postgresql-{name[:100]}")
    files.make_folder(path)
    with unfinished(f"{path}.before-{why}", "partial") as new:
        _fill(new, session, server.shown, version)
        return publish_kept(new, path, why)


def _fill(new: str, source: Session, path: str, version: int = migrations.SCHEMA_VERSION) -> None:
    """Make the empty file `new` an inventory with all that a server's holds."""
    with closing(open_connection(new, 0)) as target:
        target.execute("PRAGMA synchronous = OFF")  # it is synced when it gets its name
        target.execute("BEGIN IMMEDIATE")
        steps.take(target, 0, version)
        if not copy_rows(source, SQLiteSession(target), _tables(target)):
            raise DatabaseUnusable(path, "holds rows that a file gives back as others")
        target.execute("COMMIT")


def _tables(file: sqlite3.Connection) -> Iterator[Table]:
    """Yield the tables of a file, which may be of an older schema, none before one it refers to."""
    order = {table.name: number for number, table in enumerate(TABLES)}
    names = file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (name,) in sorted(names, key=lambda row: order[row[0]]):
        columns = file.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
        yield Table(name, MetaData(), *(Column(one, primary_key=bool(pk)) for one, pk in columns))


@contextmanager
def sound_copy(path: str, timeout: float, verify: Verify) -> Iterator[Session]:
    """Give a connection to a copy of a backup that has been proved sound."""
    identify_backup(path)
    here = os.path.join(scratch_folder(), os.path.basename(path))
    with unfinished(here, "restored") as copy:
        take_over(path, copy, here, timeout, verify)
        with closing(open_connection(copy, 0, "mode=ro")) as connection:
            yield SQLiteSession(connection)


def replace(
    session: Session, source: Session, path: str, keep_it: Callable[[], str | None] | None
) -> str | None:
    """Put what a sound copy holds in the place of all rows; return where the old ones are kept."""
    kept = None
    if keep_it is not None:
        assert isinstance(session, ServerSession)
        session.driver.execute(_ALONE.encode())
        kept = keep_it()
        empty(session)
    if not copy_rows(source, session):
        raise DatabaseUnusable(path, "gave back other rows than it was given")
    return kept
