"""A bench for faults: one inventory in a folder of its own, and invctl run on it under strace."""

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from forked import Forker, Waiting
from shop import INVCTL, Result, Shop, new_shop

FILE_CALLS = "%file,%desc"
HANG = 120
"""Seconds after which a run under a fault hangs for good; a failure, never a pace.

Five lines that each cannot lock take fifty on an idle machine: SQLite tries for ten.
"""
_WHOLE = ("-xx", "-y", "-s", "100000")
_SUFFIXES = ("", "-wal", "-shm", "-journal")
_NAME = re.compile(r"(?:\[pid +\d+\] |\d+ +)?(\w+)\(")


class Run(NamedTuple):
    """A run under strace: how it ended, and the calls that it made on the inventory's files."""

    result: Result
    trace: list[str]

    @property
    def calls(self) -> list[str]:
        """The names of the calls, in order."""
        return [call for call, _ in self.lines]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The name of each call, and its line."""
        return [(found[1], line) for line in self.trace if (found := _NAME.match(line))]


@dataclass
class Bench:
    """A folder for the inventory, `shop.db.parent`, which each point of a sweep finds afresh."""

    shop: Shop
    forker: Forker
    sees_all: bool = False
    """Whether every call is watched, as it must be where files get names that nobody knows."""

    @property
    def books(self) -> Path:
        """The folder that the inventory is in."""
        return self.shop.db.parent

    @property
    def paths(self) -> list[Path]:
        """Whatever invctl may touch beside its own code: the folder and each file in it."""
        names = (f"{self.shop.db}{suffix}" for suffix in (*_SUFFIXES, ".lock"))
        return [self.books, *map(Path, names)]

    @property
    def _outside(self) -> list[Path]:
        """Where the folder itself has its name, and what the command answers."""
        return [self.shop.root, self.shop.root / "stdout"]

    def concerns(self, line: str) -> bool:
        """Return whether a call that was watched is about the inventory or its folder."""
        return not self.sees_all or str(self.books) in line or '"books' in line

    def _watched(self, calls: str, paths: Sequence[Path]) -> Sequence[str]:
        return ["-y", *_watch((), calls)] if self.sees_all else _watch(paths, calls)

    def lay(self, template: Path | None) -> None:
        """Make the folder what `template` is, or with None remove it."""
        shutil.rmtree(self.books, ignore_errors=True)
        if template is not None:
            shutil.copytree(template, self.books)

    def run(self, *command: str) -> Result:
        """Run invctl without a fault."""
        run = self._start(command)
        run.go()
        return self._ended(run)

    def trace(
        self,
        command: Sequence[str],
        *faults: str,
        calls: str = FILE_CALLS,
        whole: bool = False,
    ) -> Run:
        """Run invctl with strace's `faults` injected; a run that hangs is killed.

        `whole` logs every byte, in hexadecimal, the paths of descriptors, and the output.
        """
        run = self._start(command)
        paths = [*self.paths, *self._outside] if whole else self.paths
        with attached(
            run.pid, [*self._watched(calls, paths), *(_WHOLE if whole else ())], *faults
        ) as strace:
            run.go()
            lines = read_to_end(strace, run.pid)
            return Run(self._ended(run), lines)

    def trace_stopped(
        self, command: Sequence[str], fault: str, *, calls: str, meanwhile: Callable[[], None]
    ) -> Run:
        """Run invctl with a fault that stops it; it goes on when `meanwhile` has been called."""
        run = self._start(command)
        with attached(run.pid, _watch(self.paths, calls), fault) as strace:
            run.go()
            assert strace.stderr is not None
            lines = []
            for line in strace.stderr:
                lines.append(line)
                if "--- stopped by SIGSTOP" in line:  # the signal itself is told before it acts
                    meanwhile()
                    os.kill(run.pid, signal.SIGCONT)
            return Run(self._ended(run), lines)

    def trace_installed(self, command: Sequence[str]) -> Run:
        """Run the installed command itself under strace, from its first instruction on."""
        log = self.shop.root / "strace"
        strace = ["strace", "-f", "-o", str(log), *self._watched(FILE_CALLS, self.paths)]
        done = subprocess.run(
            [*strace, str(INVCTL), *command],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=self.shop.env,
            cwd=self.shop.root,
            timeout=HANG,
            check=False,
        )
        lines = log.read_text(errors="replace").splitlines()
        return Run(Result(done.returncode, done.stdout, done.stderr), lines)

    def _start(self, command: Sequence[str]) -> Waiting:
        root = self.shop.root
        streams = (Path(os.devnull), root / "stdout", root / "stderr")
        return self.forker.start(command, streams=streams, env=self.shop.env, cwd=str(root))

    def _ended(self, run: Waiting) -> Result:
        out, err = self.shop.root / "stdout", self.shop.root / "stderr"
        return Result(run.wait(), out.read_bytes(), err.read_bytes())


@contextmanager
def new_bench(root: Path, package: Path | None = None) -> Iterator[Bench]:
    """Give a bench in `root`, an empty folder; with `package` it runs the invctl in there."""
    shop = new_shop(root)
    shop.db = root / "books" / "shop.db"
    shop.env["INVCTL_DB"] = str(shop.db)
    with closing(Forker(shop.env, package=package)) as forker:
        yield Bench(shop, forker)


@contextmanager
def attached(pid: int, options: Sequence[str], *faults: str) -> Iterator[subprocess.Popen[str]]:
    """Give strace as it watches a process, its log in `stderr`."""
    injected = [word for fault in faults for word in ("-e", f"inject={fault}")]
    command = ["strace", "-f", *options, *injected, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as strace:
        assert strace.stderr is not None
        told = strace.stderr.readline()  # before it is there, calls would go by unseen
        assert told.endswith(" attached\n"), told
        yield strace


def read_to_end(strace: subprocess.Popen[str], pid: int) -> list[str]:
    """Return what strace logs until the process has ended, which it must within HANG seconds."""
    assert strace.stderr is not None
    watchdog = threading.Timer(HANG, os.kill, (pid, signal.SIGKILL))
    watchdog.start()
    try:
        return strace.stderr.read().splitlines()
    finally:
        watchdog.cancel()


def _watch(paths: Sequence[Path], calls: str) -> list[str]:
    watched = [word for path in paths for word in ("-P", str(path))]
    # Never --seccomp-bpf: with it strace passes over what is to be injected, without a word.
    return [*watched, "-e", f"trace={calls}"]


@cache
def missing_tool() -> str | None:
    """Return why strace cannot be used here, or None if it can."""
    try:
        done = subprocess.run(
            ["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "there is no `strace` here"
    return f"strace may not trace here: {done.stderr.strip()}" if done.returncode else None
