"""One run of the command: what its global options say, and the inventory that it opens."""

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from invctl.cli.printing.diagnostics import InternalError, note, warn
from invctl.cli.printing.format import Format
from invctl.codes import did_anything, units_doubt
from invctl.errors import InventoryError, UsageError, another, command
from invctl.models.attempts import Attempt, Label
from invctl.oserrors import surroundings_problem
from invctl.settings import Location, default_actor, locate
from invctl.times import doubt
from invctl.values import OTHER_RULE

if TYPE_CHECKING:
    import typer

    from invctl.cli.printing.output import Output
    from invctl.db.database import Database
    from invctl.files.options import FileFlags
    from invctl.models.answers import Answer

_COLLECT_AFTER = 100_000


class Invocation:
    """What the options say that every command takes, and those that every mutation takes."""

    db: str | None = None
    output: str | None = None
    columns: tuple[str, ...] | None = None
    no_header: bool = False
    quiet: bool = False
    color: str = "auto"
    timeout: float = 5.0
    reason: str | None = None
    ref: str | None = None
    note: str | None = None
    at: str | None = None
    actor: str | None = None
    key: str | None = None
    dry_run: bool = False
    given: tuple[str, ...] = ()
    """What stands behind the name of the command."""
    command: tuple[str, ...] = ()
    """What stands behind `--` where another command is to be run."""

    def __init__(self) -> None:
        self.file_flags: FileFlags = {}
        """What is said of how to read a file."""
        self._began = time.monotonic()
        self._inventory: Database | None = None
        self._barcode = ""
        """What is to be said of a number of units that a scanner may have typed."""
        self._said: set[str] = set()

    @property
    def seconds(self) -> float:
        """How long this run has taken so far."""
        return time.monotonic() - self._began

    @property
    def form(self) -> Format:
        """How standard output is to look."""
        return Format(self.output, self.columns, not self.no_header, self.quiet, self.color)

    @property
    def label(self) -> Label:
        """What is said of the movements that this run makes."""
        return Label(reason=self.reason, ref=self.ref, note=self.note, at=self.at)

    def attempt(self) -> Attempt:
        """Return who makes this run's mutation, with which key, and whether it only rehearses.

        Raises ConfigError where the environment names nobody.
        """
        return Attempt(actor=self.actor or default_actor(), key=self.key, dry_run=self.dry_run)

    def writer(self, fields: Sequence[str]) -> "Output":
        """Return what writes records with those fields; raises UsageError for unknown columns."""
        from invctl.cli.printing.output import Output

        form = self.form._replace(columns=self.picked(fields))
        return Output(form, fields, self.hinders_others, self._say_barcode)

    def hinders_others(self) -> bool:
        """Return whether others' changes pile up behind what this run is reading."""
        return self._inventory is not None and self._inventory.hinders_others()

    def picked(self, fields: Sequence[str]) -> tuple[str, ...] | None:
        """Return which of the fields `--columns` names, by themselves or by a table's titles.

        Raises UsageError for others; None where all are wanted.
        """
        if self.columns is None:
            return None
        found = tuple(_field(name, fields) for name in self.columns)
        if len(set(found)) < len(found):
            raise UsageError("--columns: a column stands there twice")
        return found

    def say_doubt(self, text: str, option: str) -> None:
        """Say how a time was read that the local clock does not have, or has twice."""
        if odd := doubt(text):
            self._say_once(f"{option}: {odd}")

    def doubt_barcode(self, text: str) -> None:
        """Note a number of units that a scanner may have typed into the wrong field."""
        self._barcode = units_doubt(text) or self._barcode

    def say_warnings(self, db: "Database") -> None:
        """Say what there is to say of an inventory and of what was done, and was not said yet."""
        for text in db.notices:
            self._say_once(text)
        for text in db.warnings:
            warn(text, quiet=self.quiet)
        db.warnings.clear()

    def _say_once(self, text: str) -> None:
        # A pipe comes here with every line, and `hold run` with an inventory that is opened anew.
        if text not in self._said:
            self._said.add(text)
            warn(text, quiet=self.quiet)

    def _say_barcode(self, change: "Answer | None" = None) -> None:
        """Warn of such a number, and where a change was made of it just now how to undo that."""
        if not self._barcode:
            return
        said = self._barcode
        if change is not None and did_anything(change._asdict()):
            undo = command("undo", str(change.operation))
            said += f"; {undo} takes it back if it was one"
        warn(said, quiet=self.quiet)

    @contextmanager
    def inventory(
        self,
        location: Location | None = None,
        *,
        create: bool = False,
        sku_rule: str | None = None,
    ) -> Iterator["Database"]:
        """Open an inventory; if none is given, what options, environment or platform name."""
        location = location or locate(self.db)
        if self.at is not None:  # not when it was parsed: --quiet may stand behind it
            self.say_doubt(self.at, "--at")
        from invctl.db.opening import open_database

        # Start-up is over and what it made stays. A long command must drop what it is done with,
        # a short one never makes enough to be worth a collection.
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        gc.enable()
        db = open_database(location, timeout=self.timeout, create=create, sku_rule=sku_rule)
        self._inventory = db  # also when it is closed: damage is looked for once a run has failed
        done = False
        try:
            yield db
            done = True
        finally:
            db.close()
            self.say_warnings(db)
            if not done:
                self._say_barcode()
        if db.created:
            note(f"created the inventory {db.path}", quiet=self.quiet)

    def complete(self, error: InventoryError) -> None:
        """Say with an error how SKUs of the other rule are had where an inventory is there."""
        db = self._inventory
        if db is None or OTHER_RULE not in error.hint:
            return
        from invctl.core.upkeep.inventory import inventory_info

        with suppress(InventoryError):  # that it cannot be looked at is not what went wrong
            if not db.is_missing():
                is_empty = not inventory_info(db).products
                what = "an inventory that takes such SKUs"
                way = another(db.path, "any", is_empty=is_empty, what=what)
                error.hint = error.hint.replace(OTHER_RULE, way)
        db.close()

    def explain(self, error: Exception) -> InventoryError:
        """Return what an error means that nobody foresaw: a file's, a damaged one's, or a bug's."""
        named = surroundings_problem(error)
        if named is not None:
            return named
        if self._inventory is None:
            return InternalError(error)
        from invctl.core.upkeep.check import damage_in

        damage = damage_in(self._inventory)
        self._inventory.close()
        return damage or InternalError(error)


def _field(name: str, fields: Sequence[str]) -> str:
    """Return the field that a name, in any case, or the title that a table gives it means."""
    if name.casefold() in fields:
        return name.casefold()
    from invctl.cli.printing.layouts import field_titled

    found = field_titled(name, fields)
    if found is None:
        problem = f"--columns: there is no column '{name}'"
        raise UsageError(problem, f"there are {', '.join(fields)}")
    return found


def invocation(ctx: "typer.Context") -> Invocation:
    """Return the run that a command belongs to."""
    call = ctx.find_root().obj
    assert isinstance(call, Invocation)
    return call
