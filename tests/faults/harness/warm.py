"""Runs of invctl without its start-up: a process that has imported it forks one for each run.

A run is then a tenth of a second of tracing shorter; `test_faults_kills` holds that it makes the
same calls on the database as the installed command does. `python warm.py FD` is the server.
"""

import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_LAZY = ("hashlib", "pwd", "sqlite3", "sqlalchemy.dialects.sqlite.pysqlite")


class Warm:
    """A process with invctl imported, from `package`'s folder if that is given."""

    def __init__(self, env: Mapping[str, str], package: Path | None = None) -> None:
        ours, theirs = socket.socketpair()
        path = {} if package is None else {"PYTHONPATH": str(package)}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            env={**env, **path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._socket = ours
        self._lines = ours.makefile("rw", encoding="utf-8")
        self.home = Path(self._hear()["invctl"]).parent

    def start(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        streams: Sequence[Path],
    ) -> int:
        """Fork a run that waits for `go`; return its process id.

        `streams` are the files of its standard input, output and error.
        """
        files = [str(one) for one in streams]
        run = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd), "streams": files}
        self._tell(run)
        return int(self._hear()["pid"])

    def go(self) -> None:
        """Let the run that was started go on."""
        self._tell("go")

    def wait(self) -> int:
        """Return how the run that goes on has ended; below 0 it is the signal."""
        return int(self._hear()["code"])

    def close(self) -> None:
        """End the server, and with it whatever run is still there."""
        self._lines.close()
        self._socket.close()
        self._process.wait()

    def _tell(self, what: object) -> None:
        self._lines.write(f"{json.dumps(what)}\n")
        self._lines.flush()

    def _hear(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer


def serve(descriptor: int) -> None:
    """Import all of invctl, then run it as often as the other end of the socket asks."""
    import invctl

    for module in pkgutil.walk_packages(invctl.__path__, "invctl."):
        with suppress(ImportError):  # of an extra that is not installed
            importlib.import_module(module.name)
    for name in _LAZY:
        importlib.import_module(name)
    with socket.socket(fileno=descriptor) as mine, mine.makefile("rw", encoding="utf-8") as lines:
        _tell(lines, {"invctl": invctl.__file__})
        for line in lines:
            starter, waiting = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                starter.close()
                os.close(descriptor)  # its own end of the socket is the server's alone
                _be_invctl(json.loads(line), waiting)
            waiting.close()
            starter.recv(1)  # its streams are open: whoever attaches sees invctl's calls alone
            _tell(lines, {"pid": pid})
            lines.readline()  # "go"
            starter.close()
            _, status = os.waitpid(pid, 0)
            _tell(lines, {"code": os.waitstatus_to_exitcode(status)})


def _tell(lines: Any, answer: object) -> None:
    lines.write(f"{json.dumps(answer)}\n")
    lines.flush()


def _be_invctl(run: Mapping[str, Any], starter: socket.socket) -> None:
    for number, path in enumerate(run["streams"]):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if number else os.O_RDONLY
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(run["env"])
    os.chdir(run["cwd"])
    starter.send(b".")
    starter.recv(1)  # ends when the other end is closed
    starter.close()
    from invctl.__main__ import main

    sys.argv = ["invctl", *run["arguments"]]
    main()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
