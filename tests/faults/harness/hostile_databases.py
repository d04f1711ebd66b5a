"""Inventories that somebody has tampered with: what was done to each, by its name."""

import os
from collections.abc import Mapping

from hostile_tampering import (
    ACTING,
    LARGE,
    TABLES,
    TIME,
    Tamper,
    another_file,
    beside,
    chained,
    columns_of,
    cut,
    flipped,
    foreign_log,
    forged,
    header,
    leftover,
    rebuilt,
    rollback_journal,
    schema,
    shared_root,
    sql,
    utf16,
    view,
)

_SKU = "sku TEXT NOT NULL,\n"
_NAME = "name TEXT NOT NULL,"
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
_PRODUCT = ", ".join(columns_of("product"))

CODE: Mapping[str, Tamper] = {
    "trigger adds stock": sql(
        "CREATE TRIGGER t AFTER UPDATE ON product WHEN new.quantity < 100"
        " BEGIN UPDATE product SET quantity = quantity + 1000 WHERE id = new.id; END"
    ),
    "trigger forges a movement": sql(
        "CREATE TRIGGER t AFTER INSERT ON operation BEGIN INSERT INTO movement"
        " (operation_id, product_id, delta, quantity, occurred_at)"
        f" VALUES (new.id, 1, 5, 5, {TIME}); END"
    ),
    "trigger forgets history": sql(
        "CREATE TRIGGER t BEFORE INSERT ON movement BEGIN DELETE FROM movement; END"
    ),
    "trigger with a terminal's name": sql(
        f'CREATE TRIGGER "{ACTING}" AFTER INSERT ON movement BEGIN SELECT 1; END'
    ),
    "instead-of trigger on a view": view(
        "product",
        "SELECT * FROM {real}",
        "CREATE TRIGGER t INSTEAD OF UPDATE ON product"
        " BEGIN UPDATE real_product SET quantity = 1000; END",
    ),
    **{f"view in place of {name}": view(name) for name in TABLES},
    "endless view of products": view(
        "product", f"{_ENDLESS}SELECT real.* FROM {{real}} AS real, n"
    ),
    "endless view of movements": view(
        "movement", f"{_ENDLESS}SELECT real.* FROM {{real}} AS real, n WHERE i < 0"
    ),
    "endless view of operations": view(
        "operation", f"{_ENDLESS}SELECT real.* FROM {{real}} AS real, n WHERE i < 0"
    ),
    "endless view of settings": view(
        "setting", f"{_ENDLESS}SELECT real.* FROM {{real}} AS real, n WHERE i < 0"
    ),
    "view of large texts": view(
        "product",
        f"SELECT {_PRODUCT.replace('name', f'hex(zeroblob({LARGE})) AS name')} FROM {{real}}",
    ),
    "view of unsafe functions": view(
        "product",
        f"SELECT {_PRODUCT.replace('name', 'load_extension(name) AS name')} FROM {{real}}",
    ),
    "view of itself": view("setting", "SELECT * FROM setting"),
    "view of nothing": view("product", "SELECT * FROM gone"),
    "another view": sql("CREATE VIEW other AS SELECT * FROM product"),
    "view with a terminal's name": sql(f'CREATE VIEW "{ACTING}" AS SELECT 1'),
    "generated name": rebuilt(
        "product", (_NAME, "name TEXT NOT NULL GENERATED ALWAYS AS (upper(sku)) VIRTUAL,")
    ),
    "generated large name": rebuilt(
        "product", (_NAME, f"name TEXT GENERATED ALWAYS AS (hex(zeroblob({LARGE}))) VIRTUAL,")
    ),
    "generated name of an unsafe function": rebuilt(
        "product", (_NAME, "name TEXT GENERATED ALWAYS AS (evil(sku)) VIRTUAL,")
    ),
    "generated quantity": rebuilt(
        "product", ("quantity INTEGER NOT NULL", "quantity INTEGER GENERATED ALWAYS AS (1000)")
    ),
    "generated delta": rebuilt(
        "movement", ("delta INTEGER NOT NULL", "delta INTEGER GENERATED ALWAYS AS (1000) STORED")
    ),
    "check of an unsafe function": rebuilt(
        "product", (_NAME, "name TEXT NOT NULL CHECK (evil(name)),")
    ),
    "check that calls our function": rebuilt(
        "product", (_NAME, "name TEXT NOT NULL CHECK (invctl_holds('', sku, name, NULL)),")
    ),
    "check that makes a large text": rebuilt(
        "product", (_NAME, f"name TEXT NOT NULL CHECK (length(hex(zeroblob({LARGE}))) > 0),")
    ),
    "check that refuses": rebuilt(
        "product", ("PRIMARY KEY (id)", "PRIMARY KEY (id), CHECK (quantity IN (0, 13))")
    ),
    "default that makes a large text": chained(
        sql("DELETE FROM movement"),
        rebuilt(
            "movement", ("note TEXT,", f"note TEXT, evil TEXT DEFAULT (hex(zeroblob({LARGE}))),")
        ),
    ),
    "index of an unsafe function": sql("CREATE INDEX i ON product (evil(name))"),
    "index of our function": sql("CREATE INDEX i ON product (invctl_holds('', sku, name, NULL))"),
    "index of large texts": sql(
        f"CREATE INDEX i ON product (length(hex(zeroblob({LARGE // 10} + quantity))))"
    ),
    "index of a part": sql(
        "CREATE INDEX i ON movement (ref) WHERE length(replace(note, 'a', 'b')) > 3"
    ),
    "index that refuses": sql("CREATE UNIQUE INDEX i ON operation (actor) WHERE id > 5"),
    "unknown collation": rebuilt("product", (_SKU, "sku TEXT COLLATE evil NOT NULL,\n")),
    "collation without case": rebuilt("product", (_SKU, "sku TEXT COLLATE NOCASE NOT NULL,\n")),
    "full-text table in place of products": sql(
        "PRAGMA legacy_alter_table = ON",
        "ALTER TABLE product RENAME TO real_product",
        f"CREATE VIRTUAL TABLE product USING fts5({_PRODUCT})",
    ),
    "full-text table beside": sql("CREATE VIRTUAL TABLE f USING fts5(x)"),
    "page statistics in place of settings": chained(
        sql("DROP TABLE setting", "CREATE TABLE setting (name, value)"),
        schema("setting", "CREATE VIRTUAL TABLE setting USING dbstat"),
    ),
    "unknown module": schema("setting", "CREATE VIRTUAL TABLE setting USING evil(name, value)"),
    "cascade": rebuilt(
        "movement",
        (
            "FOREIGN KEY(product_id) REFERENCES product (id)",
            "FOREIGN KEY(product_id) REFERENCES product (id) ON UPDATE CASCADE ON DELETE CASCADE",
        ),
    ),
    "a child that forbids": sql(
        "CREATE TABLE child (sku TEXT REFERENCES product (sku))",
        "INSERT INTO child SELECT sku FROM product",
    ),
}
"""Files that bring code or rules of their own: nothing of it may run in a write."""

SHAPES: Mapping[str, Tamper] = {
    "extra column": sql("ALTER TABLE product ADD COLUMN evil TEXT"),
    "extra column that is wanted": chained(
        sql("DELETE FROM movement"),
        rebuilt("movement", ("reason TEXT,", "reason TEXT, evil TEXT NOT NULL,")),
    ),
    "extra column of a terminal": sql(f'ALTER TABLE product ADD COLUMN "{ACTING}" TEXT'),
    "missing column": sql("ALTER TABLE product DROP COLUMN description"),
    "renamed column": sql("ALTER TABLE movement RENAME COLUMN note TO evil"),
    "columns in another order": rebuilt("product", (_SKU, ""), (_NAME, f"{_NAME} {_SKU}")),
    "missing index": sql("DROP INDEX operation_key"),
    "extra table": sql("CREATE TABLE evil (a)"),
    "extra table with a terminal's name": sql(f'CREATE TABLE "{ACTING}" (a)'),
    "not strict": rebuilt("product", (") STRICT", ")")),
    "without row ids": rebuilt("product", (") STRICT", ") STRICT, WITHOUT ROWID")),
    "sku not unique": rebuilt("product", (",\n        UNIQUE (sku)", "")),
    "sku twice": chained(
        rebuilt("product", (",\n        UNIQUE (sku)", "")),
        sql(
            "INSERT INTO product (sku, name, quantity, created_at, updated_at)"
            " SELECT sku, name, 7, created_at, updated_at FROM product"
        ),
    ),
    "counted ids at their end": chained(
        rebuilt(
            "movement",
            ("id INTEGER NOT NULL", "id INTEGER PRIMARY KEY AUTOINCREMENT"),
            ("PRIMARY KEY (id),", ""),
        ),
        sql("UPDATE sqlite_sequence SET seq = 9223372036854775807"),
    ),
    "schema text gone": schema("movement", None),
    "schema text is rubbish": schema("product", f"CREATE TABLE product {ACTING}"),
    "schema text of another name": schema("product", f'CREATE TABLE "{ACTING}" (a)'),
    "schema text of a million columns": schema(
        "product", f"CREATE TABLE product ({', '.join(f'c{n}' for n in range(40_000))})"
    ),
    "schema row of a terminal": leftover("table", ACTING, 3, f'CREATE TABLE "{ACTING}" (a)'),
    "schema row of no kind": leftover("evil", "evil", 0, "rubbish"),
    "schema row far away": leftover("table", "evil", 2**31 - 1, "CREATE TABLE evil (a)"),
    "schema row at the first page": leftover("table", "evil", 1, "CREATE TABLE evil (a)"),
    "schema row as a trigger": leftover(
        "trigger", "evil", 0, "CREATE TRIGGER evil AFTER UPDATE ON product BEGIN SELECT 1; END"
    ),
    "schema row as a trigger in disguise": leftover(
        "table",
        "evil",
        0,
        "CREATE TRIGGER evil AFTER INSERT ON movement"
        " BEGIN UPDATE product SET quantity = 1000; END",
    ),
    "schema row with a hidden name": leftover(
        "trigger",
        "sqlite_evil",
        0,
        "CREATE TRIGGER sqlite_evil AFTER INSERT ON movement"
        " BEGIN UPDATE product SET quantity = 1000; END",
    ),
    "two tables on one page": shared_root,
    "other application": sql("PRAGMA application_id = 1"),
    "newer version": sql("PRAGMA user_version = 3"),
    "far newer version": sql("PRAGMA user_version = 2147483647"),
    "negative version": sql("PRAGMA user_version = -1"),
    "another application's file": another_file,
}
"""Files with another schema than an inventory has."""


_HOSTILE = f"CAST(x'{ACTING.encode().hex()}' AS TEXT)"
_TEXTS = {
    "product": ("sku", "name", "description", "archived_at", "created_at", "updated_at"),
    "operation": ("kind", "actor", "recorded_at", "idempotency_key", "result", "request_hash"),
    "movement": ("reason", "ref", "note", "occurred_at"),
    "setting": ("value",),
}
_NUMBERS = {
    "product": ("quantity", "reorder_point"),
    "movement": ("delta", "quantity", "operation_id", "product_id"),
    "operation": ("reverses_id",),
}
_ONE = {"operation": " WHERE id = 1", "product": " WHERE id = 1"}  # what is unique stays so


def _every(columns: Mapping[str, tuple[str, ...]], what: str, value: str) -> dict[str, Tamper]:
    return {
        f"{what} in {table}.{name}": forged(name, value + _ONE.get(table, ""), table)
        for table, names in columns.items()
        for name in names
    }


VALUES: Mapping[str, Tamper] = {
    **_every(_TEXTS, "escapes", _HOSTILE),
    **_every(_TEXTS, "NUL", "'a' || char(0) || 'b'"),
    **_every(_TEXTS, "no UTF-8", "CAST(x'41ff80fe' AS TEXT)"),
    **_every(_TEXTS, "bytes", "x'00ff'"),
    **_every(_TEXTS, "a number", "7"),
    **_every(_TEXTS, "null", "NULL"),
    **_every(_NUMBERS, "text", "'seven'"),
    **_every(_NUMBERS, "bytes", "x'07'"),
    **_every(_NUMBERS, "a fraction", "2.5"),
    **_every(_NUMBERS, "infinity", "9e999"),
    **_every(_NUMBERS, "the largest", "9223372036854775807"),
    **_every(_NUMBERS, "the least", "-9223372036854775807 - 1"),
    **_every(_NUMBERS, "null", "NULL"),
    "large name of NUL": forged("name", "CAST(zeroblob(4000000) AS TEXT) WHERE id = 1"),
    "large sku": forged("sku", "hex(zeroblob(2000000)) WHERE id = 1"),
    "large note": forged("note", "hex(zeroblob(2000000)) WHERE id = 1", "movement"),
    "large answer": forged("result", "hex(zeroblob(2000000))", "operation"),
    "answer nested deeply": forged("result", f"'{'[' * 100_000}'", "operation"),
    "answer of other fields": forged("result", """'{"evil": 1}'""", "operation"),
    "answer of wrong types": forged("result", "replace(result, '13', '[1]')", "operation"),
    "no settings": sql("DELETE FROM setting"),
    "unknown sku rule": sql("UPDATE setting SET value = 'evil'"),
    "negative product ids": sql(
        "UPDATE product SET id = -id", "UPDATE movement SET product_id = -product_id"
    ),
    "negative operation ids": sql(
        "UPDATE operation SET id = -id", "UPDATE movement SET operation_id = -operation_id"
    ),
    "negative movement ids": sql("UPDATE movement SET id = -id"),
    "last product id": sql(
        "UPDATE product SET id = 9223372036854775807 WHERE id = 2",
        "UPDATE movement SET product_id = 9223372036854775807 WHERE product_id = 2",
    ),
    "last operation id": sql(
        "UPDATE operation SET id = 9223372036854775807 WHERE id = 1",
        "UPDATE movement SET operation_id = 9223372036854775807 WHERE operation_id = 1",
    ),
    "last movement id": sql("UPDATE movement SET id = 9223372036854775807 WHERE id = 1"),
    "sums that overflow": chained(
        forged("delta", "9223372036854775807", "movement"),
        sql("UPDATE movement SET product_id = 1"),
    ),
    "no movements": sql("DELETE FROM movement"),
    "no operations": sql("DELETE FROM operation"),
    "no products": sql("DELETE FROM product"),
    "quantity beside its movements": sql("UPDATE product SET quantity = 1000"),
    "an operation that undoes itself": sql("UPDATE operation SET reverses_id = id"),
    "statistics of rubbish": sql(
        "ANALYZE",
        f"UPDATE sqlite_stat1 SET stat = {_HOSTILE}",
        "INSERT INTO sqlite_stat1 VALUES ('product', 'product_archived', '1e999 -1 0 unordered')",
        "INSERT INTO sqlite_stat1 VALUES (NULL, zeroblob(99), 99999999999999999999)",
    ),
    "in UTF-16": utf16,
}
"""Inventories whose schema is right and whose rows are not."""

VERY_LARGE: Tamper = forged("name", f"hex(zeroblob({LARGE // 2})) WHERE id = 1")
"""A name of 100 MB."""

PAGES: Mapping[str, Tamper] = {
    **{f"cut to {size}": cut(size) for size in (1, 50, 100, 512, 4095, 4096, 8192, -4096, -1)},
    "page size of nothing": header(16, b"\0\0"),
    "page size of 512": header(16, b"\x02\x00"),
    "page size of 65536": header(16, b"\x00\x01"),
    "unknown write format": header(18, b"\x03\x03"),
    "old journal": header(18, b"\x01\x01"),
    "reserved bytes": header(20, b"\xff"),
    "page count of a terabyte": header(28, b"\x10\x00\x00\x00"),
    "free pages from nowhere": header(32, b"\x00\x00\x00\x02\x00\x00\x00\x09"),
    "unknown schema format": header(44, b"\x00\x00\x00\x09"),
    "unknown text encoding": header(56, b"\x00\x00\x00\x09"),
    "wrong text encoding": header(56, b"\x00\x00\x00\x03"),
    "vacuum in steps": header(
        52, b"\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01"
    ),
    "many flips": flipped(1, 3000),
}
"""Files whose bytes are not what SQLite left."""

NEIGHBOURS: Mapping[str, Tamper] = {
    "log of another database": beside("-wal", foreign_log),
    "log of rubbish": beside("-wal", bytes(range(256)) * 64),
    "empty log": beside("-wal", b""),
    "log cut short": beside("-wal", lambda path: foreign_log(path)[:5000]),
    "shared memory of rubbish": beside("-shm", b"\xff" * 32768),
    "hot journal of another": chained(
        header(18, b"\x01\x01"), beside("-journal", rollback_journal)
    ),
    "hot journal beside a log": beside("-journal", rollback_journal),
    "journal of rubbish": chained(
        header(18, b"\x01\x01"), beside("-journal", b"\xd9\xd5\x05" * 999)
    ),
    "log that is a folder": lambda path: os.mkdir(f"{path}-wal"),
    "journal that is a folder": lambda path: os.mkdir(f"{path}-journal"),
    "shared memory that is a folder": lambda path: os.mkdir(f"{path}-shm"),
    "log that is a pipe": lambda path: os.mkfifo(f"{path}-wal"),
    "lock that is a pipe": lambda path: os.mkfifo(f"{path}.lock"),
    "lock that is a folder": lambda path: os.mkdir(f"{path}.lock"),
    "lock that is a link": lambda path: os.symlink("/etc/passwd", f"{path}.lock"),
    "log that is a link": lambda path: os.symlink("/etc/passwd", f"{path}-wal"),
}
"""Sound inventories with something planted beside them."""
