"""SKUs for completion, straight from the inventory's file: where anything is wrong, none.

Writes nothing: not even the empty log that a plain read-only connection leaves beside a file.
"""

import os
import sys
from codecs import unicode_escape_encode

MOST = 100
_MAGIC = b"SQLite format 3\x00"
_INVENTORY = b"INVC"
_WAL = b"\x02\x02"
_AFTER_ALL = "\U0010ffff"  # no character; greater than whatever a SKU goes on with
_STEPS = 3_000_000  # of SQLite's machine, about 0.1 s: a TAB must end, whatever the file holds
_LONGEST = 1_000_000
_SECONDS = 0.01
_TRIES = 3
_FILTERS = {
    "active": "AND archived_at IS NULL",
    "archived": "AND archived_at IS NOT NULL",
    "any": "",
}
_JOINERS = "\u200c\u200d"


def find_skus(prefix: str, products: str, db: str | None) -> list[tuple[str, str]]:
    """Return the first SKUs with a prefix, and their products' names, in order of SKU.

    `products` are the `active` ones, the `archived` ones or `any`; `db` is what `--db` said.
    """
    path = _locate(db)
    if not path or not _is_inventory(path):
        return []
    import sqlite3

    for _ in range(_TRIES):
        try:
            return _scan(path, prefix, _FILTERS[products])
        except sqlite3.Error:
            # The log comes and goes with the processes that write.
            continue
    return []


def _scan(path: str, prefix: str, condition: str) -> list[tuple[str, str]]:
    import sqlite3

    # What a URI would take for its own; urllib would cost 3 ms.
    name = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    statement = f"""SELECT sku, name FROM product WHERE sku >= ? AND sku < ? {condition}
        ORDER BY sku LIMIT {MOST}"""  # noqa: S608 (the condition is one of `_FILTERS`)
    found = []
    connection = sqlite3.connect(f"file:{name}?{_mode(path)}", uri=True, timeout=_SECONDS)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        connection.set_progress_handler(lambda: 1, _STEPS)
        for sku, about in connection.execute(statement, (prefix, prefix + _AFTER_ALL)):
            # What a terminal might act on would not arrive as it is.
            if visible(sku) == sku:
                found.append((sku, about))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
    finally:
        connection.close()
    return found


def visible(text: str) -> str:
    """Return `text` as `text.printable` does, which costs 20 ms to import."""
    if text.isprintable():
        return text
    return "".join(c if _is_visible(c) else _escaped(c) for c in text)


def _is_visible(char: str) -> bool:
    is_blank = char.isspace() and char > "\x9f" and char not in "\u2028\u2029"
    return char.isprintable() or is_blank or char in _JOINERS


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return unicode_escape_encode(char, "surrogatepass")[0].decode("ascii")


def _is_inventory(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    header = _header(path)
    return header[:16] == _MAGIC and header[68:72] == _INVENTORY


def _header(path: str) -> bytes:
    # No connection of this process is open then whose locks the closing would drop.
    with open(path, "rb", buffering=0) as file:
        return file.read(100)


def _mode(path: str) -> str:
    """Return the URI parameters that read a file and leave nothing behind.

    A `mode=ro` connection to a file in WAL mode makes -wal and -shm where there are none, and
    cannot remove them. Without a log the file is all there is, and `immutable` reads just that:
    a writer that began this very moment could at worst spoil the answer to one TAB. With a log,
    `readonly_shm` reads both, or fails.
    """
    if _header(path)[18:20] != _WAL:
        return "mode=ro"
    try:
        is_logged = os.path.getsize(f"{path}-wal") > 0
    except FileNotFoundError:
        is_logged = False
    return "mode=ro&readonly_shm=1" if is_logged else "mode=ro&immutable=1"


def _locate(flag: str | None) -> str | None:
    """Return the file that `settings.locate` names, without its imports where it is easy to say.

    None on PostgreSQL, which takes longer than a TAB may.
    """
    text = flag if flag is not None else os.environ.get("INVCTL_DB")
    if text and text.startswith("postgres") and "://" in text:
        return None
    if text and "://" not in text:
        return os.path.realpath(os.path.expanduser(text))
    if flag is None and not text and sys.platform == "linux":
        home, data = os.environ.get("HOME", ""), os.environ.get("XDG_DATA_HOME")
        if data is None and home.startswith("/"):
            data = f"{home}/.local/share"
        if data and data.startswith("/"):
            return os.path.realpath(f"{data}/invctl/inventory.db")
    from invctl.settings import FileLocation, locate

    found = locate(flag)
    return os.path.realpath(found.path) if isinstance(found, FileLocation) else None
