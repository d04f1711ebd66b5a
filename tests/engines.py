"""Which engines a test runs on: in some folders on each, unless a marker keeps it to SQLite."""

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"

on_a_server = pytest.mark.parametrize(
    "engine", [pytest.param(POSTGRESQL, marks=pytest.mark.server)], scope="session"
)
"""Marks a test that is about a server."""


def on_each_engine(metafunc: pytest.Metafunc) -> None:
    """Run a test that has an inventory on each engine; a folder's hook is this.

    The marker `sqlite` says why a test is about files and not about what is kept in them.
    """
    given = metafunc.definition.iter_markers("parametrize")
    if "engine" in metafunc.fixturenames and not any(one.args[0] == "engine" for one in given):
        engines = [pytest.param(SQLITE)]
        if not metafunc.definition.get_closest_marker("sqlite"):
            engines.append(pytest.param(POSTGRESQL, marks=pytest.mark.server))
        metafunc.parametrize("engine", engines, scope="session")
