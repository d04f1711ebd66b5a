"""What the command does is the same on each engine: the tests of it run on each."""

import pytest
from engines import on_each_engine

# What the engine has a part in. On a server the tests of how it all looks are left to the sweep:
# they take minutes, and would tell nothing of the server.
CLOSE = ("each", "stock")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    close = metafunc.module.__name__.removeprefix("test_cli_") in CLOSE
    on_each_engine(metafunc, swept=not close)
