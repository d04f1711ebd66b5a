"""The installed `invctl` as a user has it: a process of its own, and a home with one inventory."""

import atexit
import fcntl
import json
import os
import pty
import resource
import subprocess
import sys
import termios
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

from forked import Forker
from inventories import Look, look

INVCTL = Path(sys.executable).with_name("invctl")
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
MAX = 2**53 - 1
WAIT = 120
"""Seconds after which a process hangs for good; a failure, never a pace."""

STARTED = "INVCTL_TEST_STARTED"
"""The variable with which each run of `invctl` is started anew, as it is for its users."""

_OF_THE_START = ("LANG", "LC_", "PYTHON")
"""How variables begin that Python reads when it starts."""

Environment = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Result:
    """How a process ended and what it wrote; a code below 0 is the signal that it died of."""

    code: int
    out: bytes
    err: bytes

    @property
    def stdout(self) -> str:
        return self.out.decode()

    @property
    def stderr(self) -> str:
        return self.err.decode()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines of standard output as the JSON objects that they are."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Shop:
    """A shop with nothing but an empty home folder and the path of its inventory, `db`.

    On a server `db` is a `Schema`, which answers for a path: as text, to `exists` and `unlink`.
    """

    root: Path
    db: Path
    env: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        *arguments: str | bytes | Path,
        stdin: str | bytes = b"",
        env: Environment | None = None,
        cwd: Path | None = None,
    ) -> Result:
        """Run `invctl` with its standard streams in pipes; no run may show a traceback.

        It is forked from a process that has loaded it, but where that would be told.
        """
        told = any(name.startswith(_OF_THE_START) for name in env or ())
        if told or STARTED in os.environ:
            return self._finish([os.fspath(INVCTL), *arguments], stdin, env, cwd)
        ended = forker(serving="serve" in arguments).run(
            [os.fsdecode(one) for one in arguments],
            stdin=stdin if isinstance(stdin, bytes) else stdin.encode(),
            env=self._environment(env),
            cwd=os.fspath(cwd or self.root),
            timeout=WAIT,
        )
        return _sound(Result(ended.code, ended.out, ended.err))

    def bash(self, script: str, *, env: Environment | None = None) -> Result:
        """Run a shell script in which `invctl` is the installed command."""
        return self._finish(["bash", "-c", script], b"", env, None)

    def start(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start `invctl` and leave it running; whoever calls this waits for it."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [INVCTL, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env=self.env,
            cwd=self.root,
        )

    def terminal(
        self, *arguments: str, typed: str = "", env: Environment | None = None
    ) -> tuple[int, str]:
        """Run `invctl` on a terminal of its own; return its code and all that it showed."""
        return self.screen(INVCTL, *arguments, typed=typed, env=env)

    def screen(
        self, *command: str | Path, typed: str = "", env: Environment | None = None
    ) -> tuple[int, str]:
        """Run a program on a terminal of its own; return its code and all that it showed."""
        keyboard, screen = pty.openpty()
        with subprocess.Popen(
            command,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            env=self._environment({"TERM": "xterm-256color", **(env or {})}),
            cwd=self.root,
        ) as process:
            os.close(screen)
            os.write(keyboard, typed.encode())
            shown = b"".join(_read_terminal(keyboard))
            os.close(keyboard)
            return process.wait(WAIT), shown.decode().replace("\r\n", "\n")

    def json(self, *arguments: str | bytes | Path, **how: Any) -> Any:
        """Run `invctl … --json`, which succeeds without a word on stderr; return what it says."""
        result = self.run("--json", *arguments, **how)
        assert (result.code, result.stderr) == (0, "")
        return json.loads(result.out)

    def fails(self, code: int, *arguments: str | bytes | Path, **how: Any) -> dict[str, Any]:
        """Run `invctl … --json`, which fails as contract §5 says; return its error."""
        return error_of(self.run("--json", *arguments, **how), code)

    def refuses(self, code: int, *arguments: str | bytes | Path, **how: Any) -> dict[str, Any]:
        """Like `fails`, and the inventory is what it was."""
        before = self.dump()
        error = self.fails(code, *arguments, **how)
        assert self.dump() == before
        return error

    def quantity(self, sku: str = "A-1") -> int:
        """Return a product's balance straight from its table."""
        return int(self.query("SELECT quantity FROM product WHERE sku = ?", sku)[0][0])

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT on the inventory's tables."""
        return self._look.query(statement, *values)

    def change(self, statement: str, *values: object) -> None:
        """Change the inventory's tables as a stranger would."""
        self._look.change(statement, *values)

    def dump(self) -> list[str]:
        """Return everything that the inventory holds, as text."""
        return self._look.dump()

    def check_books(self) -> None:
        """Assert that the tables are sound and every balance is the sum of its movements, >= 0."""
        self._look.check()

    @property
    def _look(self) -> Look:
        return look(self.db)

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file into the shop's folder."""
        path = self.root / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def _environment(self, changes: Environment | None) -> dict[str, str]:
        merged = {**self.env, **(changes or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def _finish(
        self,
        command: Sequence[str | bytes | Path],
        stdin: str | bytes,
        env: Environment | None,
        cwd: Path | None,
    ) -> Result:
        done = subprocess.run(
            command,
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            env=self._environment(env),
            cwd=cwd or self.root,
            timeout=WAIT,
            check=False,
        )
        return _sound(Result(done.returncode, done.stdout, done.stderr))


@cache
def forker(*, serving: bool) -> Forker:
    """Return this test process's one, or the one for `serve`; it ends with it."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
    made = Forker(env, serving=serving)
    atexit.register(made.close)
    return made


def _sound(result: Result) -> Result:
    assert b"Traceback" not in result.err, result.stderr
    return result


def error_of(result: Result, code: int) -> dict[str, Any]:
    """Return the error of a failed run in a machine format: one JSON line, on stderr alone."""
    assert (result.code, result.out) == (code, b""), result.stderr
    assert result.err.isascii()
    assert result.err.count(b"\n") == 1
    error: dict[str, Any] = json.loads(result.err)["error"]
    assert set(error) == {"code", "exit_code", "message", "hint", "retryable", "details"}
    assert error["exit_code"] == code
    return error


def _read_terminal(keyboard: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(keyboard, 4096)
        except OSError:  # what Linux says when the last program has left the terminal
            return
        if not piece:
            return
        yield piece


def until_full(stream: IO[Any]) -> None:
    """Return when a pipe that nobody reads has room for no page more."""
    room, held = fcntl.fcntl(stream, fcntl.F_GETPIPE_SZ), array("i", [0])
    while held[0] <= room - resource.getpagesize():
        fcntl.ioctl(stream, termios.FIONREAD, held)


def new_shop(root: Path, db: Path | None = None) -> Shop:
    """Return a shop in `root`, an empty folder, with its inventory at `db` or in a file there."""
    home = root / "home"
    home.mkdir()
    db = db or root / "shop.db"
    env = {
        "PATH": f"{INVCTL.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "INVCTL_DB": str(db),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    return Shop(root, db, env)
