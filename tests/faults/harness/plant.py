"""Bugs planted in a copy of invctl, which the sweeps must find: else they prove nothing."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import invctl

Edits = Mapping[str, str]
"""Source texts, each of which stands once in the whole package, and what to make of them."""

# A commit is no longer synced before it is acknowledged.
SYNCHRONOUS_NORMAL: Edits = {'"FULL" if journal == "wal"': '"NORMAL" if journal == "wal"'}

# The UPDATE takes more than there is, and nothing catches it.
UNGUARDED: Edits = {
    '        (product.c.quantity + bindparam("by")).between(_NONE, _MOST),\n': "",
    '"PRAGMA mmap_size = 0",': '"PRAGMA mmap_size = 0", "PRAGMA ignore_check_constraints = ON",',
}

# The balance is read, and later made what was read and the change, whoever wrote meanwhile.
READ_CHECK_WRITE: Edits = {
    "    def work(connection: Connection, operation: Operation) -> StockChange:\n": (
        "    with db.read() as earlier:\n"
        "        seen = find_active(earlier, sku).quantity\n\n"
        "    def work(connection: Connection, operation: Operation) -> StockChange:\n"
    ),
    "        made = post(connection, operation, name, by, checked)": (
        "        connection.exec_driver_sql(\n"
        '            "UPDATE product SET quantity = ? WHERE sku = ?", (seen, name)\n'
        "        )\n"
        "        made = post(connection, operation, name, by, checked)"
    ),
}

# A file is applied line by line, each of them committed.
TWO_PIECES: Edits = {
    "            _apply_chunk(batch, judge, lines, chunk)\n": (
        "          driver = connection.connection.dbapi_connection\n"
        "          for one in chunk:\n"
        "            _apply_chunk(batch, judge, lines, [one])\n"
        "            batch.settle()\n"
        "            batch.balances.clear()\n"
        '            driver.execute("COMMIT")\n'
        '            driver.execute("BEGIN IMMEDIATE")\n'
    ),
}


UNSYNCED_FILES: Edits = {"        os.fsync(descriptor)\n    finally:": "        pass\n    finally:"}
"""What gets its name, or takes another's place, is not on the disk first."""


def plant(folder: Path, edits: Edits) -> Path:
    """Copy the package into `folder` with a bug in it; return the folder, for PYTHONPATH.

    Raises AssertionError where a text is not there any more, or stands more than once.
    """
    package = folder / "invctl"
    shutil.copytree(
        Path(invctl.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    for old, new in edits.items():
        places = [path for path in package.rglob("*.py") if old in path.read_text()]
        assert len(places) == 1, f"{old!r} stands in {len(places)} files"
        source = places[0].read_text()
        assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {places[0]}"
        places[0].write_text(source.replace(old, new))
    return folder
