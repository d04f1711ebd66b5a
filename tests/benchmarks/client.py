"""Programs that answer each line of their input by a line, and a client at the end of the pipe."""

import os
import subprocess
import time
from collections.abc import Sequence
from itertools import cycle, islice
from threading import Thread
from types import TracebackType
from typing import Self


class Pipe:
    """A program kept open, and the one client that it has."""

    def __init__(self, command: Sequence[str], **environ: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environ}
        )
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its input and wait for its end, which tells whether it refused any line."""
        self._input.close()
        while self._output.read(1 << 16):
            pass
        if self._process.wait() and error is None:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.returncode}")

    def at_once(self, lines: Sequence[bytes]) -> float:
        """Give it all lines as fast as it takes them; return its answers a second."""
        whole = b"".join(lines)
        began = time.perf_counter()
        # It would not read on while nobody reads its answers.
        writer = Thread(target=self._write, args=(whole,))
        writer.start()
        answered = 0
        while answered < len(lines):
            answered += self._heard()
        seconds = time.perf_counter() - began
        writer.join()
        return len(lines) / seconds

    def for_a_while(self, lines: Sequence[bytes], seconds: float, ahead: int = 1) -> float:
        """Give it lines, over and over, `ahead` of its answers; return its answers a second.

        Those that it has not answered when the time is up are waited for and not counted.
        """
        asked = cycle(lines)
        began = now = time.perf_counter()
        waiting = answered = 0
        while now < began + seconds:
            self._write(b"".join(islice(asked, ahead - waiting)))
            heard = self._heard()
            waiting, answered = ahead - heard, answered + heard
            now = time.perf_counter()
        while waiting:
            waiting -= self._heard()
        return answered / (now - began)

    def _write(self, lines: bytes) -> None:
        self._input.write(lines)
        self._input.flush()

    def _heard(self) -> int:
        """Wait for answers; return how many have ended."""
        said = os.read(self._output.fileno(), 1 << 16)
        if not said or b'"error"' in said:
            raise RuntimeError(said.decode() or "it ended")
        return said.count(b"\n")
