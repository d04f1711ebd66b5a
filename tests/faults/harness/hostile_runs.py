"""Runs of `invctl` on what was made to hurt it, and what has to hold of every one of them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forked import Ended
from shop import forker

CODES = frozenset({0, *range(2, 16)})
"""The exit codes of the contract, but for 1, which is a bug, and the signals."""

MEBIBYTE = 1 << 20
MOST_MEMORY = 256 * MEBIBYTE
HANGS = 60.0
"""Seconds after which a run hangs for good; a failure, never a pace."""

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What can act on a terminal or hide in it: no text for people may hold any."""


class Run(Ended):
    """How a run ended, and what has to hold of it."""

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


@dataclass
class Runner:
    """Starts runs in a folder with an empty home."""

    folder: Path

    def run(
        self,
        *words: str | bytes | Path,
        stdin: bytes | Path = b"",
        env: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a command line to its end."""
        given = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "COLUMNS": "100",
        }
        ended = forker(serving=False).run(
            [os.fsdecode(word) for word in words],
            stdin=stdin,
            env={**given, **(env or {})},
            cwd=str(self.folder),
            timeout=HANGS,
        )
        return Run(*ended)
