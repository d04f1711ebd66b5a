"""What somebody with his own SQLite, or an editor of bytes, can do to an inventory's file."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random

Tamper = Callable[[Path], object]

TABLES = ("operation", "product", "setting", "movement")
ACTING = "evil\x1b]0;owned\x07\x1b[31m\u202e\x9b"
"""What a terminal would act on."""
LARGE = 100_000_000
TIME = "'2026-01-31T09:30:00.000Z'"


def sql(*statements: str) -> Tamper:
    """Return what runs statements, as a stranger with his own SQLite would."""

    def tamper(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.create_function("invctl_holds", 4, lambda *_: True, deterministic=True)
            connection.create_function("evil", -1, lambda *_: 1, deterministic=True)
            connection.executescript("PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF")
            for statement in statements:
                connection.execute(statement)

    return tamper


def schema(name: str, text: str | None, *after: str) -> Tamper:
    """Return what writes a thing's text in the schema, against all rules of SQLite."""

    def tamper(path: Path) -> None:
        _write_schema(path, "UPDATE sqlite_schema SET sql = ? WHERE name = ?", text, name)
        sql(*after)(path)

    return tamper


def _write_schema(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement, values)
        version = connection.execute("PRAGMA schema_version").fetchone()[0]
        connection.execute(f"PRAGMA schema_version = {version + 1}")


def leftover(kind: str, name: str, root: int, text: str | None) -> Tamper:
    """Return what adds a row to the schema that no statement would have made."""
    statement = "INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)"
    return lambda path: _write_schema(path, statement, kind, name, name, root, text)


def shared_root(path: Path) -> None:
    """Let two tables be the same pages."""
    same = "(SELECT rootpage FROM sqlite_schema WHERE name = 'movement')"
    _write_schema(path, f"UPDATE sqlite_schema SET rootpage = {same} WHERE name = 'product'")


def rebuilt(name: str, *edits: tuple[str, str]) -> Tamper:
    """Return what makes a table anew with its text edited, and keeps the rows that still fit."""

    def tamper(path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.create_function("evil", -1, lambda *_: 1, deterministic=True)
            connection.create_function("invctl_holds", 4, lambda *_: True, deterministic=True)
            connection.create_collation("evil", lambda a, b: (a > b) - (a < b))
            texts = connection.execute(
                "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL"
                " ORDER BY type DESC",
                [name],
            ).fetchall()
            (_, text), *indexes = texts
            for old, new in edits:
                assert old in text, (old, text)
                text = text.replace(old, new, 1)
            connection.execute("PRAGMA legacy_alter_table = ON")
            connection.execute(f"ALTER TABLE {name} RENAME TO old")
            connection.execute(text)
            _copy(connection, name)
            connection.execute("DROP TABLE old")
            for _, index in indexes:
                with suppress(sqlite3.Error):
                    connection.execute(index)

    return tamper


def _copy(connection: sqlite3.Connection, name: str) -> None:
    """Copy the columns that the old table and the new one both have and that can be written."""
    old = [row[1] for row in connection.execute("PRAGMA table_info(old)")]
    new = {row[1] for row in connection.execute(f"PRAGMA table_xinfo({name})") if not row[6]}
    both = ", ".join(column for column in old if column in new)
    connection.execute(f"INSERT INTO {name} ({both}) SELECT {both} FROM old")


def view(name: str, select: str = "SELECT * FROM {real}", *more: str) -> Tamper:
    """Return what puts a view in the place of a table, over the real one under another name."""
    real = f"real_{name}"
    return sql(
        "PRAGMA legacy_alter_table = ON",
        f"ALTER TABLE {name} RENAME TO {real}",
        f"CREATE VIEW {name} AS {select.format(real=real)}",
        *more,
    )


def columns_of(name: str) -> list[str]:
    """Return the columns of a table."""
    from invctl.db.schema import metadata

    return [column.name for column in metadata.tables[name].columns]


def loose(name: str, *statements: str) -> Tamper:
    """Return what takes STRICT and the CHECKs from a table for a while, and forges its rows."""

    def tamper(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            text = connection.execute(
                "SELECT sql FROM sqlite_schema WHERE name = ?", [name]
            ).fetchone()[0]
        free = text.replace("STRICT", "")
        free = re.sub(r"CONSTRAINT \w+ CHECK \([^)]*\),", "", free)
        free = re.sub(r"\b(TEXT|INTEGER)\b( NOT NULL)?", "BLOB", free)
        free = free.replace("id BLOB", "id INTEGER NOT NULL", 1)
        schema(name, free)(path)
        sql(*statements)(path)
        schema(name, text)(path)

    return tamper


def chained(*tampers: Tamper) -> Tamper:
    """Return what does one thing after the other."""

    def tamper(path: Path) -> None:
        for one in tampers:
            one(path)

    return tamper


def flipped(seed: int, count: int = 1) -> Tamper:
    """Return what flips bits of bytes at seeded places, the first hundred left as they are."""

    def tamper(path: Path) -> None:
        random = Random(seed)
        data = bytearray(path.read_bytes())
        for _ in range(count):
            data[random.randrange(100, len(data))] ^= random.randrange(1, 256)
        path.write_bytes(data)

    return tamper


def header(place: int, value: bytes) -> Tamper:
    """Return what writes bytes into the file's header (sqlite.org/fileformat2.html, 1.3)."""

    def tamper(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[place : place + len(value)] = value
        path.write_bytes(data)

    return tamper


def cut(size: int) -> Tamper:
    """Return what cuts a file to a size, or by one if that is negative."""
    return lambda path: os.truncate(path, size if size > 0 else path.stat().st_size + size)


def beside(suffix: str, content: bytes | Callable[[Path], bytes]) -> Tamper:
    """Return what plants a file beside the database."""

    def tamper(path: Path) -> None:
        data = content if isinstance(content, bytes) else content(path)
        Path(f"{path}{suffix}").write_bytes(data)

    return tamper


def rollback_journal(path: Path) -> bytes:
    """Return a hot journal that undoes nothing and names a file elsewhere as its super-journal."""
    name = f"{path}-elsewhere".encode()
    Path(f"{path}-elsewhere").write_bytes(b"no journal at all")
    pages = path.stat().st_size // 4096
    head = bytes.fromhex("d9d505f920a163d7") + b"".join(
        number.to_bytes(4, "big") for number in (0, 7, pages, 512, 4096)
    )
    tail = (0xFFFFFFFF).to_bytes(4, "big") + name
    tail += len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big")
    return head.ljust(512, b"\0") + tail + bytes.fromhex("d9d505f920a163d7")


def foreign_log(path: Path) -> bytes:
    """Return the write-ahead log of another database, whole and valid."""
    other = Path(f"{path}-other")
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE product (evil)")
        connection.execute("INSERT INTO product VALUES (hex(randomblob(9000)))")
        return Path(f"{other}-wal").read_bytes()


def another_file(path: Path) -> None:
    """Put the database of another application in its place."""
    path.unlink()
    sql("PRAGMA application_id = 0x47504B47", "CREATE TABLE product (sku, quantity)")(path)


def utf16(path: Path) -> None:
    """Keep the same inventory in UTF-16."""
    with closing(sqlite3.connect(path)) as connection:
        dump = "\n".join(connection.iterdump())
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA encoding = 'UTF-16le'; PRAGMA application_id = 0x494E5643;"
            f"PRAGMA user_version = 1; PRAGMA journal_mode = WAL; {dump}"
        )


def forged(column: str, value: str, table: str = "product") -> Tamper:
    """Return what writes an SQL expression into a column, past every rule of its table."""
    return loose(table, f"UPDATE {table} SET {column} = {value}")
