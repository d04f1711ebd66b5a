"""Runs of `invctl` on what was made to hurt it, and what has to hold of every one of them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CODES = frozenset({0, *range(2, 16)})
"""The exit codes of the contract, but for 1, which is a bug, and the signals."""

MEBIBYTE = 1 << 20
MOST_MEMORY = 256 * MEBIBYTE
HANGS = 60.0
"""Seconds after which a run hangs for good; a failure, never a pace."""

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What can act on a terminal or hide in it: no text for people may hold any."""

_SERVER = Path(__file__).with_name("hostile_server.py")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended, what it wrote, and its peak of memory in bytes."""

    code: int
    out: bytes
    err: bytes
    peak: int

    @property
    def said(self) -> str:
        """All that it wrote, for a person to read."""
        return (self.out + self.err).decode()

    def check(self, name: str = "", *, human: bool = True) -> None:
        """Assert what holds whatever a run was given; `human` output holds nothing that acts."""
        assert self.code in CODES, (name, self.code, self.err[-2000:].decode())
        assert b"Traceback" not in self.err, name
        assert self.peak < MOST_MEMORY, (name, self.peak)
        shown = self.said if human else self.err.decode()
        assert not ACTS.search(shown), (name, ACTS.search(shown))


class Runner:
    """Starts runs, each a forked process of its own, in a folder with an empty home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "100",
        }
        answers, theirs = os.pipe()
        self._server = subprocess.Popen(
            [sys.executable, _SERVER, str(theirs)], stdin=subprocess.PIPE, pass_fds=[theirs]
        )
        os.close(theirs)
        self._answers: IO[bytes] = os.fdopen(answers, "rb")

    def close(self) -> None:
        """End the process that forks."""
        self._server.communicate()
        self._answers.close()

    def run(
        self,
        *words: str | bytes | Path,
        stdin: bytes | Path = b"",
        env: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a command line to its end."""
        given = self.folder / "stdin"
        given.unlink(missing_ok=True)
        if isinstance(stdin, Path):
            given.symlink_to(stdin)
        else:
            given.write_bytes(stdin)
        request = {
            "words": [os.fsencode(word).hex() for word in words],
            "folder": str(self.folder),
            "cwd": str(self.folder),
            "env": {**self.env, **(env or {})},
            "seconds": HANGS,
        }
        assert self._server.stdin
        self._server.stdin.write(json.dumps(request).encode() + b"\n")
        self._server.stdin.flush()
        code, peak = json.loads(self._answers.readline())
        out, err = ((self.folder / name).read_bytes() for name in ("stdout", "stderr"))
        return Run(code, out, err, peak)
