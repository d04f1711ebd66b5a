"""Bugs planted in a copy of invctl, which the sweeps must find: else they prove nothing."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import invctl

Edits = Mapping[str, str]
"""Source texts, each of which stands once in the whole package, and what to make of them."""

# A commit is no longer synced before it is acknowledged.
SYNCHRONOUS_NORMAL: Edits = {'"FULL" if journal == "wal"': '"NORMAL" if journal == "wal"'}

# The UPDATE takes more than there is, and nothing catches it. Planted where it acts: in the text
# that was compiled of it, whose marks stay as many as there are values.
UNGUARDED: Edits = {
    " AND product.quantity + ? BETWEEN product.held + ? AND 9007199254740991": (
        " AND ? + ? IS NOT NULL"
    ),
    " AND product.placed + ? BETWEEN 0 AND product.quantity + ? RETURNING": (
        " AND ? + ? IS NOT NULL RETURNING"
    ),
    '"PRAGMA mmap_size = 0",': '"PRAGMA mmap_size = 0", "PRAGMA ignore_check_constraints = ON",',
}

# The balance is read, and later made what was read and the change, whoever wrote meanwhile.
READ_CHECK_WRITE: Edits = {
    "    def work(session: Session, draft: Draft) -> StockChange:\n        if not up_to:\n": (
        "    with db.read() as earlier:\n"
        "        seen = find_active(earlier, sku, lock=False).quantity\n\n"
        "    def work(session: Session, draft: Draft) -> StockChange:\n"
        "        session.driver.execute(\n"
        '            "UPDATE product SET quantity = ? WHERE sku = ?", (seen, sku)\n'
        "        )\n"
        "        if not up_to:\n"
    ),
}

# A file is applied line by line, each of them committed.
TWO_PIECES: Edits = {
    "            applying.take(chunk)\n": (
        "          batch = applying.batch\n"
        "          for one in chunk:\n"
        "            applying.take([one])\n"
        "            batch.settle()\n"
        "            batch.balances.clear()\n"
        "            batch._by_id.clear()\n"
        '            session.driver.execute("COMMIT")\n'
        '            session.driver.execute("BEGIN IMMEDIATE")\n'
    ),
}

# What a transaction did is told before it is committed: that waits for the next one, or the end.
ANSWERED_EARLY: Edits = {
    '            with Begun(connection, "BEGIN IMMEDIATE"):\n': (
        "            self._end_last(connection)\n"
        '            connection.execute("BEGIN IMMEDIATE")\n'
        "            if True:\n"
    ),
    '                if committing:\n                    connection.execute("COMMIT")\n': "",
    "        self._disconnect()\n        self._gate.close()\n": (
        "        if self._connection is not None:\n"
        "            self._end_last(self._connection)\n"
        "        self._disconnect()\n"
        "        self._gate.close()\n\n"
        "    def _end_last(self, connection):\n"
        "        if connection.in_transaction:\n"
        '            connection.execute("COMMIT")\n'
    ),
}

# Of lines that share a commit, a refused one takes the change of the line before it with it.
REFUSAL_SPREADS: Edits = {
    "        except InventoryError as refused:\n            return refused\n": (
        "        except InventoryError as refused:\n"
        "            if self._allowed and self._allowed[-1].delta:\n"
        "                last = self._allowed.pop()\n"
        "                self._allowed.append(last._replace(delta=0))\n"
        "                last_balance = self._balances[last.request.sku]\n"
        "                last_balance.now -= last.delta\n"
        "            return refused\n"
    ),
}

# What was held stays held when it is let go: `held` drifts from the holds that it is the sum of.
HELD_FOR_EVER: Edits = {
    "draft.recorded_at, held_by=-one.amount)": "draft.recorded_at, held_by=0)",
}

# A hold is committed whenever that comes, as long as nobody has closed it.
COMMITTED_LATE: Edits = {
    "    for hold, _ in wanted:\n        refuse_overdue(hold, now)\n": "",
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
