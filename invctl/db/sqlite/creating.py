"""Making an inventory's file: with its first change in it, whole, or not at all."""

import os
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from invctl.appearing import LOGS, publish, refuse_parts, unfinished
from invctl.db.session import Session
from invctl.db.sqlite import files, steps
from invctl.db.sqlite.connection import open_connection, safe_journal
from invctl.db.sqlite.session import SQLiteSession
from invctl.oserrors import database_problem

T = TypeVar("T")


def create(
    path: str,
    timeout: float,
    sku_rule: str | None,
    work: Callable[[Session], T],
    *,
    dry_run: bool = False,
) -> tuple[T] | None:
    """Make a database and the first change to it as one file, then give that its name.

    Returns the answer of `work`; None where another file has got the name first. A dry run does
    all of it but the last, in the same place, so that it fails where the real run would.
    """
    with (
        files.folder_made(path, keep=not dry_run),
        unfinished(path, "new", explain=database_problem) as new,
    ):
        answer = _fill(new, path, timeout, sku_rule, work)
        refuse_parts(path)
        if not dry_run and not publish(new, path, beside=LOGS, explain=database_problem):
            return None
    return (answer,)


def _fill(
    new: str, path: str, timeout: float, sku_rule: str | None, work: Callable[[Session], T]
) -> T:
    with closing(open_connection(new, timeout)) as connection:
        # Nothing to lose until it has its name; `publish` syncs the whole file before that.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN IMMEDIATE")
        # Counted on from here, it tells this file's log from those of others.
        connection.execute(f"PRAGMA schema_version = {int.from_bytes(os.urandom(4)) >> 2}")
        steps.create(connection, sku_rule)
        answer = work(SQLiteSession(connection))
        connection.execute("COMMIT")
        connection.execute(f"PRAGMA journal_mode = {safe_journal(path)}")
    return answer
