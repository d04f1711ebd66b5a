"""What a server's or its driver's error means to the person who ran the command.

SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from invctl.db.postgresql.waiting import NoAnswer, Unconfirmed
from invctl.db.session import Row
from invctl.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseMissing,
    DatabaseUnusable,
    InventoryError,
    OutcomeUnknown,
    PermissionRefused,
    ServerUnreachable,
    SumTooLarge,
)
from invctl.settings import ServerLocation

_TOGETHER = {"40001", "40P01"}
"""Others got in the way: done again, it works."""
_TAKEN = "23505"
"""Somebody has just taken the SKU or the key: done again, it is seen."""
_LOCKED = "55P03"
_CANCELLED = "57014"
# The session is over: the server goes down, or has had enough of it.
_ENDED = {"57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04", "53300"}
_TOO_LONG = {
    "25P03": "idle_in_transaction_session_timeout",
    "25P04": "transaction_timeout",
    "57P05": "idle_session_timeout",
}
"""The server's limits by which it ends a session, by what it says then."""
_NO_RIGHT = "42501"
NO_TABLE = "42P01"
READ_ONLY = "25006"
TO_MAKE = (
    "to make its tables this user needs USAGE and CREATE on the schema, or CREATE on the database "
    "where that has no such schema yet; or let the owner run `invctl init` and `GRANT` rights to "
    "them; README has the roles"
)
TO_REPLACE = "only the owner of the tables does that; README has the roles"
"""What helps who may not do to tables what no right to their rows would allow."""
_VALUE = "'?([^,']*)'?"
_SETTINGS = {
    "client": "the URL's options or PGOPTIONS",
    "user": "`ALTER ROLE`",
    "database": "`ALTER DATABASE`",
    "database user": "`ALTER ROLE … IN DATABASE`",
    "configuration file": "the server's configuration",
}
"""Who sets a default, in words, by what a server calls it."""
_OVERFLOW = "22003"
"""A sum is past 64 bits: many movements of the most that is kept come to that."""
_AMBIGUOUS = "40003"
_UNUSABLE = {
    "53100": ("cannot be written: the server's disk is full", "make room there and run it again"),
    "53200": ("cannot be used: the server has no memory left", "run it again"),
    "58030": ("cannot be read or written: I/O error on the server", "check its disk"),
    "42P07": (
        "has a table of something else in that schema",
        "name another: ?options=-csearch_path=NAME",
    ),
}
_DAMAGED = {
    "XX001": ("is damaged", "restore a backup of it"),
    "XX002": ("is damaged: an index on the server", "REINDEX there, then `invctl db check`"),
    NO_TABLE: ("lacks a table of an inventory", "restore a backup of it"),
    "42703": ("has a table without a column that every inventory has", "restore a backup of it"),
}
# Classes of what a server lacks, limits, is set up to or gets wrong itself, whatever it was asked.
_ITS_OWN = ("53", "54", "58", "F0", "XX")
# What PgBouncer says by a code that it has for whatever it ends a session for.
_NO_TRANSACTIONS = "transaction blocks not allowed in statement pooling mode"
# Before there is a session, the server's answer comes as text alone.
_REFUSED = re.compile(
    "password authentication failed|no password supplied|role .* does not exist|pg_hba.conf"
    "|permission denied for database|authentication failed|not permitted to log in"
)
_WRONG = re.compile(
    "invalid port number|invalid [^ ]+ value|could not match [0-9]+ |invalid integer value"
    "|unrecognized configuration parameter|invalid value for parameter|invalid command-line"
    "|unsupported startup parameter|definition of service|service file|certificate file"
    "|private key file"
)
"""What the driver or the server says of a URL, or of what it goes by, that no retry helps."""
# What the server itself says begins with how grave it is, in its language, and two blanks.
_ANSWERED = re.compile(r"failed: \S+:  \S")
_NO_DATABASE = re.compile('database ".*" does not exist')


def state_of(error: psycopg.Error) -> str:
    """Return an error's SQLSTATE; '' where the server said none."""
    return error.sqlstate or ""


def is_passing(error: psycopg.Error) -> bool:
    """Return whether the same work may go through if it is done again."""
    return state_of(error) in {*_TOGETHER, _TAKEN}


def is_taken(error: psycopg.Error) -> bool:
    """Return whether somebody else has just committed what only one can have."""
    return state_of(error) == _TAKEN


def is_cancelled(error: psycopg.Error) -> bool:
    """Return whether a statement took longer than it may, or somebody stopped it."""
    return state_of(error) == _CANCELLED


def meaning(location: ServerLocation, timeout: float, error: psycopg.Error) -> Exception:
    """Return the error to raise for a statement's; a bug of ours comes back as it is."""
    state, path = state_of(error), location.shown
    if state == _LOCKED or is_passing(error):
        return DatabaseLocked(path, timeout)
    if state == _NO_RIGHT:
        hint = (
            "the tables' owner can `GRANT SELECT ON ALL TABLES IN SCHEMA … TO …`, and to who sells "
            "`INSERT, UPDATE, DELETE` too; README has the roles"
        )
        return PermissionRefused(path, f"the server refuses this user: {_said(error)}", hint)
    if state in _DAMAGED:
        return DatabaseDamaged(path, *_DAMAGED[state])
    if state in _UNUSABLE:
        return DatabaseUnusable(path, *_UNUSABLE[state])
    if state == _OVERFLOW:
        return SumTooLarge(path)
    if is_cancelled(error):
        problem = "was told to stop in the middle of it: nothing was changed"
        hint = "run it again; if the server's statement_timeout is too short for it, raise that"
        return ServerUnreachable(path, problem, hint)
    if _NO_TRANSACTIONS in str(error):
        problem = "is behind a pooler that pools by statements, and lets no transaction through"
        return DatabaseUnusable(path, problem, "have it pool by transactions or by sessions")
    if isinstance(error, NoAnswer):
        problem = "does not answer any more: nothing was changed"
        return ServerUnreachable(path, problem, "run it again")
    if state in _TOO_LONG:
        problem = f"ended the session by its {_TOO_LONG[state]}: nothing was changed"
        return ServerUnreachable(path, problem, "run it again; who set that limit can raise it")
    if is_lost(error):
        problem = "was lost in the middle of it: nothing was changed"
        return ServerUnreachable(path, problem, "run it again")
    if state.startswith(_ITS_OWN):
        problem = f"cannot do it: {_said(error)}"
        return DatabaseUnusable(path, problem, "who runs the server can change that")
    return error


def _said(error: psycopg.Error) -> str:
    """Return what the server said, in its language."""
    return error.diag.message_primary or str(error)


@contextmanager
def rights(location: ServerLocation, hint: str) -> Iterator[None]:
    """Tell whoever has no right to do something by which way it can be done."""
    try:
        yield
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName) as error:
        problem = f"the server refuses this user: {_said(error)}"
        raise PermissionRefused(location.shown, problem, hint) from error


def only_read(location: ServerLocation, why: Row | None) -> PermissionRefused:
    """Return the error to raise where nothing may be written.

    `why` is whether the server follows another one, and where else that is set; None: unknown.
    """
    problem = "the server only lets read"
    primary = "connect to the primary: target_session_attrs=read-write in the URL finds it"
    is_replica, source = why or (None, None)
    if is_replica:
        return PermissionRefused(location.shown, f"{problem}: it is a replica", primary)
    if source is None:
        return PermissionRefused(location.shown, problem, f"if it is a replica, {primary}")
    where = _SETTINGS.get(str(source), str(source))
    told = f"{problem}: default_transaction_read_only is on, set by {where}"
    return PermissionRefused(location.shown, told, "who set it there can set it to off")


def meaning_at_commit(location: ServerLocation, error: psycopg.Error) -> Exception | None:
    """Return the error to raise for a COMMIT that failed, None where it is sure that it did."""
    if isinstance(error, NoAnswer):
        return OutcomeUnknown(location.shown, "the server did not answer it in time")
    if isinstance(error, Unconfirmed):
        return OutcomeUnknown(location.shown, "no standby has confirmed it")
    if state_of(error) == _AMBIGUOUS or is_lost(error):
        return OutcomeUnknown(location.shown, "the connection was lost during the commit")
    return None


def is_lost(error: psycopg.Error) -> bool:
    """Return whether the session is over."""
    state = state_of(error)
    gone = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state.startswith("08") or state in _ENDED or (gone and not state)


def refusal(location: ServerLocation, error: psycopg.Error) -> InventoryError:
    """Return the error to raise where no session came about."""
    text = _without_secrets(location, str(error).strip())
    if _NO_DATABASE.search(text):
        return DatabaseMissing(location.shown, location.source, hint="`createdb` there makes it")
    # Behind a tab it asks whether the server runs; of what it tried, it says the outcome last.
    lines = [line for line in text.splitlines() if not line.startswith("\t")]
    told = [line for line in lines if re.search("FATAL|ERROR|failed", line)] or lines
    said = _by_host(lines) or _bare((told or [type(error).__name__])[-1])
    if _REFUSED.search(text):
        hint = "check the user and the password: in the URL, PGPASSWORD or .pgpass"
        return PermissionRefused(location.shown, f"the server refuses this user: {said}", hint)
    if isinstance(error, psycopg.ProgrammingError) or _WRONG.search(text):
        hint = "correct the URL, or the file or the variable that it goes by"
        return DatabaseUnusable(location.shown, f"is no URL that can be used: {said}", hint)
    if _ANSWERED.search(text):
        hint = "run it again if that passes by itself; else mend what it names"
        return ServerUnreachable(location.shown, f"lets no session begin: {said}", hint)
    hint = "check that the server runs and can be reached, then run it again"
    return ServerUnreachable(location.shown, f"cannot be reached: {said}", hint)


def _by_host(lines: list[str]) -> str:
    """Return what each of several hosts said, '' where one was asked."""
    found = [
        match.groups()
        for one in lines
        if (match := re.match(rf"- host: {_VALUE}, port: {_VALUE}, hostaddr: [^:]*: (.*)", one))
    ]
    hosts = [host for host, _, _ in found]
    said = (
        f"{host}:{port}: {_bare(what)}" if hosts.count(host) > 1 else f"{host}: {_bare(what)}"
        for host, port, what in found
    )
    return "; ".join(dict.fromkeys(said))


def _bare(line: str) -> str:
    """Return what a line of the driver's says, without where it comes from but for a socket."""
    socket = re.search('on socket "([^"]*)" failed', line)
    bare = re.sub(r"^.*(FATAL|ERROR|failed|connection is bad): +(\S+:  )?", "", line)
    return f"{bare} ({socket[1]})" if socket else bare


def _without_secrets(location: ServerLocation, text: str) -> str:
    """Return a driver's text without what the URL has to hide, which it may quote."""
    for secret in location.url.secrets:
        text = text.replace(secret, "***")
    return text
