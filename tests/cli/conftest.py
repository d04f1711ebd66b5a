"""What the command does is the same on each engine: the tests of it run on each."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from engines import on_each_engine

# What the engine has a part in. On a server the tests of how it all looks are left to the sweep:
# they take minutes, and would tell nothing of the server.
CLOSE = ("each", "stock")
_ENDING: dict[signal.Signals, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGHUP: signal.SIG_DFL,
}
"""What signals do to a process by themselves."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    close = metafunc.module.__name__.removeprefix("test_cli_") in CLOSE
    on_each_engine(metafunc, swept=not close)


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """A shell may have this runner ignore SIGINT or SIGHUP, which its children would inherit."""
    before = {number: signal.signal(number, how) for number, how in _ENDING.items()}
    yield
    for number, how in before.items():
        signal.signal(number, how)
