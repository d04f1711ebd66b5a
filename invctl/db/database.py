"""What the services ask of an inventory, whichever engine keeps it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from invctl.db.session import Session
from invctl.settings import Location

if TYPE_CHECKING:
    from invctl.models.reports import Finding

T = TypeVar("T")

Verify = Callable[[Session], Iterator["Finding"]]
"""Looks for what is wrong in an inventory that an engine has made, or is to take over."""


class Restored(NamedTuple):
    """How a restore went: whether it made the inventory, and where the one before is kept."""

    created: bool
    kept: str | None


class Migration(NamedTuple):
    """Which schema version an inventory had, and where it is kept as it was (None: no need)."""

    before: int
    kept: str | None


def outcome(work: Callable[[], T]) -> T | Exception:
    """Return what a work returns, or the error that it raises."""
    try:
        return work()
    except Exception as error:  # what is none, as Ctrl-C or a lost transaction, ends them all
        return error


class Database(ABC):
    """An inventory, opened when it is first needed.

    `timeout` is how many seconds a writer waits for its turn. With `create`, the first write
    makes a missing inventory: it appears whole, with what that write did and `sku_rule` as its
    rule for new SKUs, or not at all.
    """

    engine: str

    def __init__(
        self, location: Location, *, timeout: float, create: bool, sku_rule: str | None
    ) -> None:
        self.location = location
        self.timeout = timeout
        self.create = create
        self.sku_rule = sku_rule
        self.created = False
        self.notices: list[str] = []
        """What its users should know of the inventory itself, each once."""
        self.warnings: list[str] = []
        """What there is to say of what was done, until somebody says it."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Where it is, as people are told: never with a password."""

    @abstractmethod
    def is_missing(self) -> bool:
        """Return whether there is none yet; raises DatabaseMissing where this may make none."""

    def hinders_others(self) -> bool:
        """Return whether a transaction that reads had better end: others' changes pile up."""
        return False

    @abstractmethod
    def size_bytes(self) -> int | None:
        """Return how much room it takes; None where the engine cannot tell."""

    @property
    def patience(self) -> float:
        """For how many seconds who reads along waits for an inventory that went away."""
        return self.timeout

    @property
    def is_replica(self) -> bool:
        """Whether what was read last may be older than what was read before."""
        return False

    def hides_rows(self) -> bool:
        """Return whether others may keep rows of it from this user: sums would say nothing."""
        return False

    @abstractmethod
    def read(
        self, *, unchecked: bool = False, whole: bool = False
    ) -> AbstractContextManager[Session]:
        """Give a transaction that sees one state of the inventory.

        What reads rows `whole` reads answers that are kept for retries, too, which may be long.
        What looks for faults reads `unchecked`: those, and tables that are not as they must be.

        Raises DatabaseMissing, DatabaseUnusable, DatabaseLocked or PermissionRefused.
        """

    @abstractmethod
    def write(
        self,
        work: Callable[[Session], T],
        *,
        dry_run: bool = False,
        many: bool = False,
        repeatable: bool = False,
    ) -> T:
        """Do `work` in a transaction of its own, durable when this returns its answer.

        With `many` it is about many rows: it may take longer than anybody waits for a turn. A
        `repeatable` work has a key, by which it finds out that it was done: where the outcome of a
        commit is unknown, it is done once more to be told that.

        An exception in the work undoes all of it, and so does `dry_run` at its end. Raises
        OutcomeUnknown where the commit itself failed, and what `read` raises. Where the engine
        lets transactions fail that others got in the way of, the work is done again.
        """

    def write_each(self, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Do several works, each as if alone; return what each returned or raised.

        A work calls services of this inventory. Where the engine can, all that they write shares
        a commit, and is durable when this returns; a work that raises changes nothing, and
        disturbs nobody.
        """
        return [outcome(work) for work in works]

    @abstractmethod
    def wait_for_commit(self) -> bool:
        """Wait for another connection's commit, a fifth of a second at most.

        Return whether there was one, or may have been.
        """

    @abstractmethod
    def inspect(self, session: Session) -> "Iterator[Finding]":
        """Find what only the engine can: damage, broken references, tables that are not ours.

        It only reads, also what `write` would refuse. What the driver raises on the way is
        translated by `read`, which the session comes from.
        """

    @abstractmethod
    def backup(self, path: str, verify: Verify) -> int:
        """Write all that there is to a new SQLite file, while others write; return its size.

        It gets its name when it is whole, on the disk, and neither `inspect` nor `verify` found
        anything in it. Raises FileExists, UsageError where there can be no such file, and
        DatabaseUnusable.
        """

    @abstractmethod
    def keep(self, why: str) -> str:
        """Copy the inventory as it is, faults and all, before something is done to it.

        Returns the name of the copy, which no other file had: `PATH.before-WHY-TIME`.
        """

    @abstractmethod
    def restore(
        self, path: str, verify: Verify, ready: Callable[[], None], *, dry_run: bool = False
    ) -> Restored:
        """Put what an SQLite file holds in the place of all that there is, which is kept.

        The file is only read. `ready` is asked when it has proved sound and there is something to
        replace; it stops the restore by raising. Others see all of the old or all of the new.
        Raises UsageError, or DatabaseUnusable where the file is no sound inventory.
        """

    @abstractmethod
    def migrate(self, look: Callable[[Session], None], *, dry_run: bool = False) -> Migration:
        """Bring an older inventory to the present schema, and keep it as it was before.

        `look` sees the outcome, if anything had to be done, before that is committed. Raises
        DatabaseUnusable for one of a newer schema.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the inventory."""
