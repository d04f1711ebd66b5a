"""A running `stock apply - --each`, spoken to line by line."""

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from callers import refusal_of
from history import Event
from serial import Call
from shop import INVCTL, WAIT, Result, Shop


class Coprocess:
    """One that is open."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def tell(self, line: str) -> None:
        """Write a line without waiting for its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any] | None:
        """Wait for an answer; None where it has ended without one."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        answer: dict[str, Any] | None = json.loads(said) if said.endswith(b"\n") else None
        return answer

    def ask(self, line: str) -> dict[str, Any]:
        """Write a line and return its answer."""
        self.tell(line)
        answer = self.hear()
        assert answer is not None, "it ended"
        return answer

    def end(self) -> Result:
        """Close its input and wait for its end."""
        out, err = self.process.communicate(timeout=WAIT)
        return Result(self.process.returncode, out, err)


@contextmanager
def coprocess(shop: Shop, *arguments: str) -> Iterator[Coprocess]:
    """Start one; it is killed at the end of the block if it still runs."""
    with subprocess.Popen(
        [INVCTL, "stock", "apply", "-", "--each", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=shop.env,
        cwd=shop.root,
    ) as process:
        try:
            yield Coprocess(process)
        finally:
            process.kill()
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # what it has not read any more
                process.stdin.close()


def line_of(call: Call) -> str:
    """Return the line that asks for an add, a remove or a set, with its tag as its key."""
    line = {"sku": call.sku, "action": call.verb, "amount": call.amount}
    return json.dumps({**line, "idempotency_key": call.tag})


def asked_each(each: Coprocess, calls: Sequence[Call]) -> list[Event]:
    """Ask for each call in turn; what gets no answer has an unknown one, and is the last."""
    events: list[Event] = []
    for call in calls:
        began = time.monotonic()
        try:
            each.tell(line_of(call))
            answer = each.hear()
        except BrokenPipeError:
            answer = None
        if answer is None:
            return [*events, Event(call, None, began)]
        ended = time.monotonic()
        if "error" in answer:
            events.append(Event(call, refusal_of(answer["error"]), began, ended))
        else:
            moved = ("moved", answer["delta"], answer["quantity"])
            events.append(Event(call, moved, began, ended, answer["operation"]))
    return events
