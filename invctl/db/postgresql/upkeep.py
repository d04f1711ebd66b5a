"""Copies of a server's inventory, which are SQLite inventories, and the way back from one."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection, MetaData

from invctl.db import migrations
from invctl.db.database import Verify
from invctl.db.sqlite import files
from invctl.db.sqlite.connection import driver, open_connection
from invctl.db.sqlite.copies import kept_name, unfinished, write_backup
from invctl.db.sqlite.restoring import identify_backup, take_over
from invctl.db.transfer import copy_rows, empty
from invctl.errors import DatabaseUnusable
from invctl.scratch import scratch_folder
from invctl.settings import ServerUrl, data_folder

# Nobody may begin to write, and whoever writes ends before this goes on; readers are not touched.
_ALONE = "LOCK TABLE setting, product, operation, movement IN SHARE ROW EXCLUSIVE MODE"


def back_up(connection: Connection, source: str, path: str, verify: Verify) -> int:
    """Write a verified copy to `path`, a new file; return its size. See `Database.backup`."""
    return write_backup(source, path, verify, lambda new: _fill(new, connection, source))


def keep(connection: Connection, server: ServerUrl, why: str, version: int) -> str:
    """Copy an inventory, whatever is wrong in it, to a new file in the user's data folder."""
    name = re.sub(r"[^A-Za-z0-9.=-]+", "-", server.shown.partition("://")[2]).strip("-")
    path = os.path.join(data_folder(), f"{server.engine}-{name[:100]}")
    files.make_folder(path)
    kept = kept_name(path, why)
    with unfinished(kept, "partial") as new:
        _fill(new, connection, server.shown, version)
        files.publish(new, kept)
    return kept


def _fill(
    new: str, source: Connection, path: str, version: int = migrations.SCHEMA_VERSION
) -> None:
    """Make the empty file `new` an inventory with all that a server's holds."""
    with closing(open_connection(new, 0)) as target:
        driver(target).execute("PRAGMA synchronous = OFF")  # it is synced when it gets its name
        with target.begin():
            driver(target).execute("BEGIN IMMEDIATE")
            migrations.migrate(target, 0, version)
            tables = MetaData()
            tables.reflect(target)
            if not copy_rows(source, target, tables.sorted_tables):
                raise DatabaseUnusable(path, "holds rows that a file gives back as others")


@contextmanager
def sound_copy(path: str, timeout: float, verify: Verify) -> Iterator[Connection]:
    """Give a connection to a copy of a backup that has been proved sound."""
    identify_backup(path)
    here = os.path.join(scratch_folder(), os.path.basename(path))
    with unfinished(here, "restored") as copy:
        take_over(path, copy, here, timeout, verify)
        with closing(open_connection(copy, 0, "ro")) as connection:
            yield connection


def replace(
    connection: Connection, source: Connection, path: str, keep_it: Callable[[], str] | None
) -> str | None:
    """Put what a sound copy holds in the place of all rows; return where the old ones are kept."""
    kept = None
    if keep_it is not None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_ALONE)
        kept = keep_it()
        empty(connection)
    if not copy_rows(source, connection):
        raise DatabaseUnusable(path, "gave back other rows than it was given")
    return kept
