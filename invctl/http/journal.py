"""What was asked of the server, a line of JSON each on standard error.

A thread of its own writes: where nobody takes the lines, they are dropped and counted, and
nothing waits for them.
"""

import os
import threading
from queue import Empty, SimpleQueue

from invctl.files.writing import json_line

_WAITING = 10_000
_TOGETHER = 200


class Journal:
    """The lines about requests on their way to standard error."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def note(self, record: dict[str, object]) -> None:
        """Write a line when there is time."""
        if self._queue.qsize() < _WAITING:
            self._queue.put(json_line(record) + "\n")
        else:
            self._dropped += 1

    def close(self, patience: float = 2.0) -> None:
        """Write what is left, if somebody takes it."""
        self._queue.put(None)
        self._thread.join(patience)

    def _run(self) -> None:
        while True:
            lines = [self._queue.get()]
            try:
                while len(lines) < _TOGETHER:
                    lines.append(self._queue.get_nowait())
            except Empty:
                pass
            text = "".join([line for line in lines if line is not None])
            if self._dropped:
                text += json_line({"dropped": self._dropped}) + "\n"
                self._dropped = 0
            try:
                _write(text.encode())
            except OSError:
                return  # nobody is there to be told
            if None in lines:
                return


def _write(text: bytes) -> None:
    while text:
        text = text[os.write(2, text) :]
