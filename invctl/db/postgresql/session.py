"""Sessions with a server: how one is opened, and what of an inventory it finds there."""

import logging
import os
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, RootTransaction, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from invctl.db.journal import TURN
from invctl.db.migrations import APPLICATION_ID
from invctl.db.postgresql.faults import refusal
from invctl.errors import DatabaseUnusable
from invctl.settings import Location, ServerUrl

_LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")
# Under this name a session knows which of them the server or the URL has set: those stay.
_OWN_LIMITS = "own limits"
# `to_regclass` alone would not do: after a wait it answers from what the session knew before.
_TABLES = """
SELECT coalesce(bool_or(relname = 'setting'), false), coalesce(bool_or(relname = 'product'), false),
    pg_backend_pid(), current_setting('statement_timeout'),
    current_setting('idle_in_transaction_session_timeout')
FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
WHERE relname IN ('setting', 'product') AND nspname = ANY (current_schemas(false))
"""
_VERSION = "SELECT value FROM setting WHERE name = %s"
# How often a session runs a statement before it has the server keep its plan.
_OFTEN = 5
_SCHEMA = "SELECT current_schema(), current_setting('search_path'), current_user"
# What a dead network is noticed by, in seconds or (the last) milliseconds.
_ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# What they log comes as an error too, and standard error is for that alone.
for library in ("psycopg", "sqlalchemy"):
    logging.getLogger(library).addHandler(logging.NullHandler())


class Begin(NamedTuple):
    """How a transaction begins: isolation, and limits in milliseconds by the server's names."""

    isolation: str
    limits: Mapping[str, int]


def driver(connection: Connection) -> "psycopg.Connection[Any]":
    """Return the driver's own connection."""
    return cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)


def open_connection(location: Location, timeout: float) -> Connection:
    """Open a session in which the driver begins no transactions of its own.

    Raises ServerUnreachable, PermissionRefused, DatabaseMissing or DatabaseUnusable.
    """
    server = cast(ServerUrl, location.server)

    def connect() -> "psycopg.Connection[Any]":
        given: dict[str, Any] = {**_ALIVE, **conninfo_to_dict(server.conninfo)}
        given["client_encoding"] = "UTF8"  # whatever the environment would have: texts are Unicode
        if not os.environ.get("PGCONNECT_TIMEOUT"):
            given = {"connect_timeout": max(int(timeout), 2), **given}
        return psycopg.connect(**given, autocommit=True, prepare_threshold=None)

    engine = create_engine(
        f"{server.engine}+psycopg://",
        creator=connect,
        poolclass=NullPool,
        pool_reset_on_return=None,  # a lost session cannot be reset, and a log would tell of that
        use_native_hstore=False,
    )
    try:
        connection = engine.connect()
    except (DBAPIError, psycopg.Error) as error:
        refused = refusal(location, error)
    else:
        _refuse_other_encodings(connection, location.path)
        return connection
    # Outside the handler: the driver's text may quote the URL, and a traceback would show it.
    raise refused


def _refuse_other_encodings(connection: Connection, path: str) -> None:
    """Raise DatabaseUnusable where the database cannot hold every text."""
    encoding = driver(connection).pgconn.parameter_status(b"server_encoding") or b"UTF8"
    if encoding not in (b"UTF8", b"UTF-8"):
        connection.close()
        problem = f"has the encoding {encoding.decode()}, which cannot hold every text"
        raise DatabaseUnusable(path, problem, "`createdb -E UTF8 -T template0` makes one that can")


def schema_version(connection: Connection, path: str) -> int | None:
    """Return the version of the inventory in the session's schema, None where there is none.

    A session that is the client's own may prepare statements from here on. One behind a pooler may
    not, since they would stay behind for whom it is given to next: a pooler is known by its giving
    out numbers of sessions that are not the server's.

    Limits that the session has of its own are known from here on, too.

    Raises DatabaseUnusable where something else has its tables there.
    """
    found = driver(connection).execute(_TABLES).fetchone()
    assert found is not None
    own = found[2] == driver(connection).info.backend_pid
    driver(connection).prepare_threshold = _OFTEN if own else None
    limits = zip(_LIMITS, found[3:], strict=True)
    # Asked again within a transaction, they are those that were set for it.
    connection.info.setdefault(_OWN_LIMITS, {name for name, limit in limits if limit != "0"})
    if not any(found[:2]):
        return None
    row = driver(connection).execute(_VERSION, (TURN,)).fetchone() if found[0] else None
    if row is None or not str(row[0]).isdigit():
        problem = "has a table `setting` or `product` in that schema, but no inventory"
        raise DatabaseUnusable(path, problem, "name another schema: ?options=-csearch_path=NAME")
    return int(row[0])


def wait_for_creators(connection: Connection) -> None:
    """Let one transaction at a time make or migrate tables.

    CockroachDB has no such locks: there one of two creators fails, and begins anew.
    """
    if connection.dialect.name == "postgresql":
        driver(connection).execute("SELECT pg_advisory_xact_lock(%s)", (APPLICATION_ID,))


def make_schema(connection: Connection) -> None:
    """Make the schema that the search path begins with, where there is none of its names."""
    row = driver(connection).execute(_SCHEMA).fetchone()
    assert row is not None
    present, path, user = row
    if present is None:
        first = path.split(",")[0].strip().strip('"')
        name = user if first == "$user" else first
        create = SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(name))
        driver(connection).execute(create)


def is_lost(connection: Connection) -> bool:
    """Return whether this session is known to have ended."""
    # Asked for the driver's connection, an invalid one would open another behind our back.
    return connection.invalidated or driver(connection).closed


def begin(connection: Connection, how: Begin) -> RootTransaction:
    """Begin a transaction by a BEGIN of its own."""
    transaction = connection.begin()
    own = connection.info.get(_OWN_LIMITS, ())
    limits = (
        f"; SET LOCAL {name} = {limit}" for name, limit in how.limits.items() if name not in own
    )
    together = f"BEGIN ISOLATION LEVEL {how.isolation}{''.join(limits)}"
    driver(connection).execute(together.encode(), prepare=False)
    return transaction


def has_failed(connection: Connection) -> bool:
    """Return whether a statement of the present transaction failed: nothing of it can commit."""
    return driver(connection).info.transaction_status == TransactionStatus.INERROR
