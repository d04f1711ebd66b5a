"""Which engines a test runs on: in some folders on each, unless a marker keeps it to SQLite."""

import pytest

SQLITE, POSTGRESQL = "sqlite", "postgresql"

on_a_server = pytest.mark.parametrize(
    "engine", [pytest.param(POSTGRESQL, marks=pytest.mark.server)], scope="session"
)
"""Marks a test that is about a server."""


def on_each_engine(metafunc: pytest.Metafunc, *, swept: bool = False) -> None:
    """Run a test that has an inventory on each engine; a folder's hook calls this.

    The marker `sqlite` says why a test is about files and not about what is kept in them. With
    `swept` those on a server are left to the sweep.
    """
    given = metafunc.definition.iter_markers("parametrize")
    if "engine" in metafunc.fixturenames and not any(one.args[0] == "engine" for one in given):
        engines = [pytest.param(SQLITE)]
        if not metafunc.definition.get_closest_marker("sqlite"):
            marks = [pytest.mark.server, *([pytest.mark.sweep] if swept else [])]
            engines.append(pytest.param(POSTGRESQL, marks=marks))
        metafunc.parametrize("engine", engines, scope="session")
