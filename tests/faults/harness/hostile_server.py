"""Forks one process of `invctl` for every request, so that thousands of runs take seconds.

All that a run loads is loaded once, before the forks. A request is a line of JSON on standard
input, its answer a line on the descriptor in the first argument.
"""

import gc
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

_HARD_LIMIT = 3 << 30
"""Bytes of address space: what protects the machine, far over what a test allows."""


def _preload() -> None:

    import invctl.cli.app
    import invctl.cli.each
    import invctl.cli.export
    import invctl.cli.product
    import invctl.cli.stock
    import invctl.cli.tables
    import invctl.core.apply
    import invctl.core.imports
    import invctl.core.products
    import invctl.core.undo
    import invctl.files.jsonl
    import invctl.files.reading  # noqa: F401


def _become(request: dict[str, Any]) -> None:
    """Turn this process into a run of `invctl`."""
    folder = Path(request["folder"])
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        flags = os.O_RDONLY if name == "stdin" else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        opened = os.open(folder / name, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    resource.setrlimit(resource.RLIMIT_AS, (_HARD_LIMIT, _HARD_LIMIT))
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = ["invctl", *(os.fsdecode(bytes.fromhex(word)) for word in request["words"])]

    from invctl.__main__ import main

    main()


def _wait(child: int, seconds: float) -> tuple[int, int]:
    """Return a child's exit code and peak of memory in bytes; one that hangs is killed."""
    ended = os.pidfd_open(child)
    if not select.select([ended], [], [], seconds)[0]:
        os.kill(child, signal.SIGKILL)
    os.close(ended)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def serve(answers: int) -> None:
    """Answer every request until standard input ends."""
    _preload()
    gc.freeze()
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    for line in iter(requests.readline, b""):
        request = json.loads(line)
        child = os.fork()
        if not child:
            requests.close()
            os.close(answers)
            _become(request)
        answer = _wait(child, request["seconds"])
        os.write(answers, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
