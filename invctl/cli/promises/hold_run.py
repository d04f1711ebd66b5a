"""`invctl hold run`: a command that has units of stock to itself for as long as it runs."""

import os
import signal
import subprocess
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from invctl.cli.invocation import Invocation, invocation
from invctl.cli.options import UNKEYED_STOCK_MUTATION
from invctl.cli.printing.diagnostics import for_terminal, note, warn
from invctl.cli.printing.streams import safe_lines, write_err
from invctl.cli.promises.hold import For
from invctl.cli.spec import Spec
from invctl.errors import Conflict, HoldClosed, HoldExpired, InventoryError, NotFound, UsageError
from invctl.oserrors import reason
from invctl.times import after, now_text, parse_duration

NOT_STARTED, NOT_FOUND = 126, 127
_SIGNALLED = 128
_LONGEST = 3600.0
"""Seconds after which a hold is looked after at the latest, however long it is good for."""
_SOONEST = 0.1
_DONE = "the command had succeeded"


def run(
    ctx: typer.Context,
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar="SKU[=N]...", help="What to hold: a unit of it, or N."),
    ] = None,
    lasting: For = None,
) -> int:
    """Hold units while COMMAND runs (after --); then commit them, or release them if it fails."""
    call = invocation(ctx)
    if not wanted or not call.command:
        line = "`invctl hold run SKU[=N]... -- COMMAND [ARG...]` is how it is used"
        raise UsageError("it wants what to hold, and after -- a command", line)
    from invctl.core.promises.holds import LASTING

    how_long = lasting or LASTING
    after(now_text(), how_long, "--for")
    return HeldCommand(call, how_long).run(wanted)


RUN = Spec(
    run,
    (
        "invctl hold run TSHIRT-RED-L -- true",
        "invctl hold run TSHIRT-RED-L=2 --for 5m -- sh -c 'echo $INVCTL_HOLD'",
    ),
    UNKEYED_STOCK_MUTATION,
    exits={
        3: "there is no such product, and COMMAND was not started",
        4: "the hold ran out meanwhile and somebody took the units, though COMMAND succeeded",
        5: "not as many are free, and COMMAND was not started",
        126: "COMMAND could not be started",
        127: "there is no such COMMAND",
    },
    runs="What to run while they are held; INVCTL_HOLD has the numbers of its holds.",
    ends={
        "128+N": "signal N ended COMMAND, and the units are free again",
        "else": "as COMMAND ended, and the units are free again",
    },
)


class HeldCommand:
    """A command that runs, and the holds that it has. No inventory is open while it waits."""

    _SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)

    def __init__(self, call: Invocation, lasting: str) -> None:
        from invctl.core.labels import check_label

        self._call = call
        # What is so long ago is that by now, not when the command ends.
        self._label = check_label(call.label)
        self._lasting = lasting
        self._pause = min(
            max(parse_duration(lasting, "--for").total_seconds() / 2, _SOONEST), _LONGEST
        )
        self._holds: list[int] = []
        self._stopped = False

    def run(self, wanted: Sequence[str]) -> int:
        """Hold, run, and commit or release; return the exit code."""
        with self._call.inventory() as db:
            from invctl.core.promises.holds import hold_all, read_wanted_skus

            holds = hold_all(
                db,
                read_wanted_skus(db, wanted),
                lasting=self._lasting,
                label=self._label,
                attempt=self._call.attempt(),
            )
        self._holds = [one.hold for one in holds if one.hold is not None]
        assert len(self._holds) == len(holds)  # none is of no units: it would have been refused
        if self._call.dry_run:
            note("a dry run: it could be held, and nothing was started", quiet=self._call.quiet)
            return 0
        # From here on signals are waited for, not handled: none may come between the end of the
        # command and what becomes of its holds.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, self._SIGNALS)
        code = self._ran(before)
        # Who was told to stop takes nothing, whatever the command makes of that.
        if code == 0 and not self._stopped:
            self._commit()
        else:
            self._release()
        return code

    def _ran(self, mask: set[int | signal.Signals]) -> int:
        """Run the command and return its exit code, as a shell would tell it."""
        command, held = self._call.command, " ".join(map(str, self._holds))
        try:
            child = subprocess.Popen(  # noqa: S603 (it is what the user asked to run)
                command,
                env={**os.environ, "INVCTL_HOLD": held},
                # Signals that wait here would wait there, too. (There are no threads to be harmed.)
                preexec_fn=partial(signal.pthread_sigmask, signal.SIG_SETMASK, mask),  # noqa: PLW1509
            )
        except FileNotFoundError:
            return self._not_started(command[0], "no such command", NOT_FOUND)
        except OSError as error:
            return self._not_started(command[0], reason(error), NOT_STARTED)
        except (ValueError, subprocess.SubprocessError) as error:
            return self._not_started(command[0], str(error), NOT_STARTED)
        while child.poll() is None:
            self._wait(child)
        code = child.returncode
        return code if code >= 0 else _SIGNALLED - code

    def _not_started(self, name: str, problem: str, code: int) -> int:
        told = safe_lines(f"invctl: error: {name} could not be started: {problem}")
        write_err(told, lambda text: for_terminal(text, 2))
        return code

    def _wait(self, child: "subprocess.Popen[bytes]") -> None:
        """Wait for the command's end or a signal; when half of its time is up, extend the hold."""
        got = signal.sigtimedwait(self._SIGNALS, self._pause)
        # One that was stopped until after its time is given a signal that nobody sent.
        if got is None or got.si_signo not in self._SIGNALS:
            self._extend()
        elif got.si_signo != signal.SIGCHLD:
            self._stopped = True
            # What a terminal sends, it has sent to the command, too.
            if got.si_signo == signal.SIGTERM or got.si_pid:
                child.send_signal(got.si_signo)

    def _extend(self) -> None:
        from invctl.core.promises.holds import extend_all

        try:
            with self._call.inventory() as db:
                extend_all(
                    db, self._holds, self._lasting, label=self._label, attempt=self._call.attempt()
                )
        except InventoryError as error:  # it may go next time; if not, the end tells
            warn(f"the hold could not be extended: {error.message}", quiet=self._call.quiet)

    def _commit(self) -> None:
        from invctl.core.promises.endings import commit_all

        try:
            with self._call.inventory() as db:
                closed = commit_all(
                    db, self._holds, label=self._label, attempt=self._call.attempt()
                )
        except InventoryError as error:
            raise _not_taken(error, self._holds) from None
        if closed is not None:
            closed.hint = f"{_DONE}, and its other units were taken; {closed.hint}"
            raise closed

    def _release(self) -> None:
        from invctl.core.promises.endings import release_all

        try:
            with self._call.inventory() as db:
                release_all(db, self._holds, label=self._label, attempt=self._call.attempt())
        except HoldClosed:
            pass  # it has let go already
        except InventoryError as error:
            problem = f"the hold could not be released, and runs out by itself: {error.message}"
            warn(problem, quiet=self._call.quiet)


def _not_taken(error: InventoryError, holds: Sequence[int]) -> InventoryError:
    """Return why units were not taken after all, though that is no fault of their command."""
    error.retryable = False  # the command would be done again, too
    if isinstance(error, HoldClosed) and error.details["state"] == "expired" and error.due_at:
        number = error.details["hold"]
        assert isinstance(number, int)
        error = HoldExpired(number, error.due_at)
    if isinstance(error, HoldExpired):
        error.hint = f"{_DONE}, but its units may be somebody else's by now"
    elif isinstance(error, Conflict | NotFound):
        error.hint = f"{_DONE}; {error.hint}"
    else:
        each = " and ".join(f"`invctl hold commit {one}`" for one in holds)
        verb = "takes" if len(holds) == 1 else "take"
        error.hint = f"{_DONE}, do not run it again: {each} {verb} its units while they are held"
    return error
