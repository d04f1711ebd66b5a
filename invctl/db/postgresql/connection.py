"""A connection to a server: what of an inventory is found there, and its transactions."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from typing import NamedTuple

import psycopg
from psycopg.pq import TransactionStatus

from invctl.db.migrations import APPLICATION_ID, TABLES, VERSION
from invctl.db.postgresql.schemas import refuse_closed
from invctl.db.postgresql.session import ServerSession
from invctl.db.postgresql.strangers import FOUND
from invctl.db.postgresql.waiting import PatientConnection
from invctl.db.session import Row
from invctl.errors import DatabaseUnusable

# The limits of a transaction; a session may have all but the first of its own.
_LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
_VERSION = "SELECT value FROM setting WHERE name = %s"
_SIZE = "SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(%s::text[]) AS name"
# How often a session runs a statement before it has the server keep its plan.
_OFTEN = 5
# An acknowledged change is on the disk, and on a standby's where there must be one, whatever the
# server would have; and where it is not, the server says so.
_DURABLE = """set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit')
    IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, {is_local}),
    set_config('client_min_messages', 'warning', {is_local})"""
# A backslash is one, an array's NULL is no text, and what the server calls a type by has no quotes,
# whatever a role would have.
_LITERAL = """set_config('standard_conforming_strings', 'on', {is_local}),
    set_config('array_nulls', 'on', {is_local}),
    set_config('quote_all_identifiers', 'off', {is_local})"""
# Another client of a pooler may have left a temporary table by the name of one of ours, which would
# be found first. Where there is no schema to find, tables would be made among those.
_OURS_FIRST = """set_config('search_path', current_setting('search_path')
    || CASE WHEN current_schema() IS NULL THEN '' ELSE ', pg_temp' END, true)"""
_REPLICA = b"in_hot_standby"
_WHY_READ_ONLY = """
SELECT pg_is_in_recovery(), CASE setting WHEN 'on' THEN source END FROM pg_catalog.pg_settings
WHERE name = 'default_transaction_read_only'
"""
_HIDES = "SELECT bool_or(row_security_active(name)) FROM unnest(%s::text[]) AS name"
# How long ago a replica was as its primary, in seconds; 0 where it has all that was sent to it.
_AGE = """
SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
        AND EXISTS (SELECT FROM pg_stat_get_wal_receiver() AS receiver WHERE pid IS NOT NULL)
    THEN 0 ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END
"""

# What it logs comes as an error too, and standard error is for that alone.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class Begin(NamedTuple):
    """How a transaction begins: isolation, and limits in milliseconds by the server's names.

    One that has no limit by a name waits without one there.
    """

    isolation: str
    limits: Mapping[str, int]


class Connection:
    """A connection in which the driver begins no transactions of its own."""

    def __init__(self, driver: PatientConnection, timeout: float) -> None:
        self._driver = driver
        self._pipes = ExitStack()
        """Ends the pipeline that the driver is in, if it is."""
        self._pipeline: psycopg.Pipeline | None = None
        self._reading = Begin("READ COMMITTED READ ONLY", {"lock_timeout": milliseconds(timeout)})
        self.stranger: str | None = None
        """What others put on the tables that would run with every statement, as this user."""
        self._own_limits: set[str] | None = None
        self._kept: Mapping[str, int] | None = None
        """The limits that the session has since an earlier transaction, with all else it needs."""
        self._is_pooled = True  # until it is known
        self._is_spent = False

    @property
    def driver(self) -> PatientConnection:
        """The driver's connection, on which each statement is waited for by itself."""
        self._pipes.close()
        return self._driver

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is of no use for another transaction."""
        return self._driver.closed or self._is_spent

    @property
    def is_replica(self) -> bool:
        """Whether the server follows another one."""
        return self._driver.pgconn.parameter_status(_REPLICA) == b"on"

    def close(self) -> None:
        """End it."""
        self._driver.close()  # first: there is nobody left to be waited for
        with suppress(psycopg.Error):
            self._pipes.close()

    def age(self) -> float:
        """Return how many seconds ago a replica's state was its primary's, as far as it knows."""
        row = self.driver.execute(_AGE).fetchone()
        return 0.0 if row is None or row[0] is None else float(row[0])

    def schema_version(self, path: str) -> int | None:
        """Return the version of the inventory in the session's schema, None where there is none.

        A session that is the client's own may prepare statements from here on. One behind a
        pooler may not, since they would stay behind for whom it is given to next: a pooler is
        known by its giving out numbers of sessions that are not the server's.

        Limits that the session has of its own are known from here on, too.

        Raises DatabaseUnusable where something else has its tables there, or policies hide them,
        and where what others have made would run in the place of what the server has;
        PermissionRefused where one is in a schema that this user may not use.
        """
        driver = self.driver
        found = driver.execute(FOUND, (list(TABLES),)).fetchone()
        assert found is not None
        *_, shadow, one_space, another = found
        if shadow is not None:
            problem = f"{shadow}, which somebody else made and which would run as you"
            raise DatabaseUnusable(path, problem, "look into it; its schema's owner can drop it")
        if one_space != another:
            problem = f"has tables by the names of an inventory's in {one_space} and {another}"
            raise DatabaseUnusable(path, problem, "name one: ?options=-csearch_path=NAME")
        is_own = found[2] == driver.info.backend_pid
        driver.prepare_threshold = _OFTEN if is_own else None
        self._is_pooled = not is_own
        if self._own_limits is None:  # asked again within a transaction, they are set for that
            limits = zip(_LIMITS[1:], found[4:6], strict=True)
            self._own_limits = {name for name, limit in limits if limit != "0"}
        self.stranger = found[3]
        if not any(found[:2]):
            refuse_closed(driver, path)
            return None
        row = self._ask(_VERSION, VERSION) if found[0] else None
        if row is None and self.stranger is not None:
            self.refuse_strangers(path)
        if row is None or not str(row[0]).isdigit():
            problem = "has a table `setting` or `product` in that schema, but no inventory"
            hint = "name another schema: ?options=-csearch_path=NAME"
            raise DatabaseUnusable(path, problem, hint)
        return int(row[0])

    def size(self) -> int:
        """Return how many bytes the tables and their indexes take."""
        row = self._ask(_SIZE, list(TABLES))
        assert row is not None
        return int(row[0] or 0)

    def _ask(self, question: str, value: object) -> Row | None:
        """Return the first row of an answer, for which no lock is waited for longer than may be.

        Outside of a transaction, which has said so already, that takes one of its own, all of it
        sent at once but to a pooler.
        """
        driver = self.driver
        if driver.info.transaction_status != TransactionStatus.IDLE:
            return driver.execute(question.encode(), (value,)).fetchone()
        try:
            with nullcontext() if self._is_pooled else driver.pipeline():
                self._begin(self._reading)
                answer = driver.execute(question.encode(), (value,))
                driver.execute("ROLLBACK", prepare=False)
            return answer.fetchone()
        finally:
            self._roll_back()

    def refuse_strangers(self, path: str) -> None:
        """Raise DatabaseUnusable where somebody else's code would run as this user."""
        if self.stranger is not None:
            problem = f"{self.stranger}, which invctl did not make"
            raise DatabaseUnusable(path, problem, "look into it before it runs as you")

    def hides_rows(self) -> bool:
        """Return whether policies may keep rows of the inventory from this user."""
        return self.driver.execute(_HIDES, (list(TABLES),)).fetchone() == (True,)

    def why_read_only(self) -> Row | None:
        """Return whether the server follows another one, and who else has it read only, if any."""
        with suppress(psycopg.Error):  # the session may be lost
            return self.driver.execute(_WHY_READ_ONLY).fetchone()
        return None

    @contextmanager
    def transaction(self, how: Begin, *, pipelined: bool = False) -> Iterator[ServerSession]:
        """Give a transaction; what of it is not committed is undone.

        In a pipeline BEGIN is sent with the first question, and what has no answer with the next.
        The next transaction goes on in the pipeline of one that was committed.
        """
        session = ServerSession(self._driver)
        try:
            with self._pipes as pipes:
                self._send_ahead()
                said = self._begin(how)
                driver = self._driver if pipelined else self.driver
                session = ServerSession(driver, self._pipeline)
                yield session
                if session.is_committed:
                    self._kept = said
                    self._pipes = pipes.pop_all()
        except psycopg.Error:
            if not session.is_committed:
                raise
            self.close()  # what was acknowledged stands, though the session is lost since
        finally:
            self._roll_back()

    def _send_ahead(self) -> None:
        """Let what is sent travel together, until the `driver` is asked for."""
        # Behind a pooler nobody sends ahead: PgBouncer 1.18 was seen to keep a session for who did,
        # and to let all others wait for it for ever.
        if self._pipeline is None and not self._is_pooled:
            self._pipeline = self._pipes.enter_context(self._driver.pipeline())
            self._pipes.callback(setattr, self, "_pipeline", None)

    def _begin(self, how: Begin) -> Mapping[str, int] | None:
        """Begin a transaction; limits that the session has of its own stay.

        What is set lasts beyond a transaction that commits, and its limits are returned; but not
        behind a pooler, who gives the session to others.
        """
        self._driver.execute(f"BEGIN ISOLATION LEVEL {how.isolation}".encode(), prepare=False)
        own = self._own_limits or ()
        limits = {name: how.limits.get(name, 0) for name in _LIMITS if name not in own}
        if limits != self._kept:
            settings = "set_config(%s, %s, {is_local}), " * len(limits) + f"{_DURABLE}, {_LITERAL}"
            settings += f", {_OURS_FIRST}" if self._is_pooled else ""
            text = settings.format(is_local=str(self._is_pooled).lower())
            values = [value for name, limit in limits.items() for value in (name, str(limit))]
            self._driver.execute(f"SELECT {text}".encode(), values)
        return None if self._is_pooled else limits

    def _roll_back(self) -> None:
        """Undo what the present transaction did, if there is one."""
        status = self._driver.info.transaction_status
        if status in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            return
        # What was sent after what failed has not come to the server, and the driver may take some
        # of it for prepared there.
        self._is_spent = status == TransactionStatus.INERROR
        try:
            self.driver.execute("ROLLBACK", prepare=False)
        except psycopg.Error:  # what went wrong before is what counts
            self.close()

    def wait_for_creators(self) -> None:
        """Let one transaction at a time make or migrate tables."""
        self.driver.execute("SELECT pg_advisory_xact_lock(%s::bigint)", (APPLICATION_ID,))


def milliseconds(seconds: float) -> int:
    """Return a time limit as a server wants it."""
    return max(int(seconds * 1000), 1)  # 0 would mean for ever
