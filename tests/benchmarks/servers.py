"""A PostgreSQL server for a benchmark: that of the tests, but as durable as servers are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server import Server

DURABLE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on"}


@contextmanager
def started(folder: Path) -> Iterator[Server]:
    """Give a new server in a folder below `folder`; it is stopped after the block."""
    server = Server(folder / "server")
    server.folder.mkdir()
    server.create(DURABLE)
    server.start()
    try:
        yield server
    finally:
        server.stop()
