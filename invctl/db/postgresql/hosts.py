"""How a connection is opened, on the one of several hosts that is what the URL asks for.

Where another host may take a server's place, that is waited for.
"""

import os
import time
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from invctl.db.postgresql.connection import Connection
from invctl.db.postgresql.faults import refusal
from invctl.db.postgresql.waiting import PatientConnection
from invctl.errors import DatabaseUnusable, ServerUnreachable
from invctl.settings import ServerLocation

# What a dead network is noticed by, in seconds or (the last) milliseconds.
_ALIVE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# Seconds that one of several hosts has to answer: a dead one costs each command so many; and what
# each has from the second time on, where all of them may merely be slow.
_SHARE, _SHARE_LATER = 2, 5
_PAUSE = 0.2
# Which servers a URL asks for that may be elsewhere a moment later.
_ROLES = ("read-write", "primary", "standby", "read-only")


def may_move(location: ServerLocation) -> bool:
    """Return whether another host may take the server's place: the URL names several, or a role."""
    try:
        given = conninfo_to_dict(location.url.conninfo)
    except psycopg.Error:
        return False
    several = ("host", "PGHOST"), ("hostaddr", "PGHOSTADDR")
    if any("," in str(given.get(name) or os.environ.get(env, "")) for name, env in several):
        return True
    role = given.get("target_session_attrs") or os.environ.get("PGTARGETSESSIONATTRS")
    return role in _ROLES


def connect(location: ServerLocation, timeout: float) -> Connection:
    """Open a connection; where the server may move, look for it `timeout` seconds long.

    Raises ServerUnreachable, PermissionRefused, DatabaseMissing or DatabaseUnusable.
    """
    deadline = time.monotonic() + timeout
    moves = may_move(location)
    share = min(_SHARE, timeout) if moves else timeout
    while True:
        try:
            driver = PatientConnection.connect(
                **_parameters(location, share),
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.Error as error:
            refused = refusal(location, error)
        else:
            driver.watch(timeout)
            _refuse_other_encodings(driver, location.shown)
            return Connection(driver, timeout)
        # Outside the handler: the driver's text may quote the URL, and a traceback would show it.
        if not (moves and isinstance(refused, ServerUnreachable)) or time.monotonic() > deadline:
            raise refused
        share = min(_SHARE_LATER, timeout)
        time.sleep(_PAUSE)


def _parameters(location: ServerLocation, seconds: float) -> dict[str, Any]:
    """Return what the driver is told: the URL, and what it leaves to whoever connects.

    Raises psycopg.Error for a URL that cannot be used.
    """
    given: dict[str, Any] = {**_ALIVE, **conninfo_to_dict(location.url.conninfo)}
    given["client_encoding"] = "UTF8"  # whatever the environment would have: texts are Unicode
    if not os.environ.get("PGCONNECT_TIMEOUT"):
        given = {"connect_timeout": max(int(seconds), 2), **given}
    return given


def _refuse_other_encodings(driver: "psycopg.Connection[Any]", path: str) -> None:
    """Raise DatabaseUnusable where the database cannot hold every text."""
    encoding = driver.pgconn.parameter_status(b"server_encoding") or b"UTF8"
    if encoding not in (b"UTF8", b"UTF-8"):
        driver.close()
        problem = f"has the encoding {encoding.decode()}, which cannot hold every text"
        raise DatabaseUnusable(path, problem, "`createdb -E UTF8 -T template0` makes one that can")
