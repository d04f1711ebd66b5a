"""The ordered steps from an empty file to the present schema; each is frozen once released.

A new database takes the same steps as an old one, and a test holds the outcome equal to the
tables in `schema`.
"""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Final

from invctl.errors import DatabaseUnusable, OlderInventory

APPLICATION_ID: Final = 0x494E5643
"""`INVC`: marks a file as an inventory (https://www.sqlite.org/fileformat2.html, 1.3.15)."""

VERSION: Final = "schema_version"
"""The setting that says on a server what `user_version` says of a file.

Its row is locked by whoever numbers operations and movements there.
"""

OLD: Final = "last_of_version_1"
"""The setting that says which operations were migrated: all up to that number."""

# What both engines are told alike; INTEGER, TEXT and ORDERED stand for their types.
_TABLES_1 = (
    """CREATE TABLE operation (
        id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        idempotency_key TEXT,
        request_hash TEXT,
        result TEXT,
        reverses_id INTEGER,
        actor TEXT NOT NULL,
        recorded_at ORDERED NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(reverses_id) REFERENCES operation (id)
    )""",
    """CREATE UNIQUE INDEX operation_key ON operation (idempotency_key)
        WHERE idempotency_key IS NOT NULL""",
    """CREATE UNIQUE INDEX operation_reverses ON operation (reverses_id)
        WHERE reverses_id IS NOT NULL""",
    """CREATE TABLE product (
        id INTEGER NOT NULL,
        sku ORDERED NOT NULL,
        name ORDERED NOT NULL,
        description TEXT,
        quantity INTEGER NOT NULL,
        reorder_point INTEGER,
        archived_at ORDERED,
        created_at ORDERED NOT NULL,
        updated_at ORDERED NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT quantity_in_range CHECK (quantity BETWEEN 0 AND 9007199254740991),
        UNIQUE (sku)
    )""",
    "CREATE INDEX product_archived ON product (sku) WHERE archived_at IS NOT NULL",
    """CREATE INDEX product_low ON product (sku)
        WHERE quantity <= reorder_point AND archived_at IS NULL""",
    """CREATE TABLE setting (
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (name)
    )""",
    """CREATE TABLE movement (
        id INTEGER NOT NULL,
        operation_id INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        delta INTEGER NOT NULL,
        quantity INTEGER NOT NULL,
        reason TEXT,
        ref TEXT,
        note TEXT,
        occurred_at ORDERED NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT delta_moves CHECK (delta <> 0),
        FOREIGN KEY(operation_id) REFERENCES operation (id),
        FOREIGN KEY(product_id) REFERENCES product (id)
    )""",
    "CREATE INDEX movement_operation ON movement (operation_id)",
    "CREATE INDEX movement_product ON movement (product_id)",
)

_TABLES_2 = (
    """CREATE TABLE change (
        id INTEGER NOT NULL,
        operation_id INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        sku ORDERED NOT NULL,
        field TEXT NOT NULL,
        before TEXT,
        after TEXT,
        occurred_at ORDERED,
        PRIMARY KEY (id),
        FOREIGN KEY(operation_id) REFERENCES operation (id)
    )""",
    "CREATE INDEX change_product ON change (product_id)",
    """CREATE TABLE code (
        key ORDERED NOT NULL,
        code ORDERED NOT NULL,
        product_id INTEGER NOT NULL,
        units INTEGER NOT NULL,
        PRIMARY KEY (key),
        CONSTRAINT units_count CHECK (units > 0),
        FOREIGN KEY(product_id) REFERENCES product (id)
    )""",
    "CREATE INDEX code_product ON code (product_id)",
    """CREATE TABLE lot (
        product_id INTEGER NOT NULL,
        lot ORDERED NOT NULL,
        expires_on ORDERED,
        PRIMARY KEY (product_id, lot),
        FOREIGN KEY(product_id) REFERENCES product (id)
    )""",
    "CREATE INDEX lot_expires ON lot (expires_on) WHERE expires_on IS NOT NULL",
    """CREATE TABLE place (
        id INTEGER NOT NULL,
        name ORDERED NOT NULL,
        removed_at ORDERED,
        PRIMARY KEY (id),
        UNIQUE (name)
    )""",
    """CREATE TABLE pot (
        id INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        place_id INTEGER NOT NULL,
        lot ORDERED NOT NULL,
        quantity INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT pot_in_range CHECK (quantity BETWEEN 0 AND 9007199254740991),
        UNIQUE (product_id, place_id, lot),
        FOREIGN KEY(product_id) REFERENCES product (id),
        FOREIGN KEY(place_id) REFERENCES place (id)
    )""",
    "CREATE INDEX pot_place ON pot (place_id)",
    """CREATE TABLE promise (
        id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        product_id INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        taken INTEGER NOT NULL,
        due_at ORDERED,
        reason TEXT,
        ref TEXT,
        note TEXT,
        made_by INTEGER NOT NULL,
        closed_by INTEGER,
        PRIMARY KEY (id),
        CONSTRAINT amount_promises CHECK (amount > 0),
        CONSTRAINT taken_in_range CHECK (taken >= 0),
        FOREIGN KEY(product_id) REFERENCES product (id),
        FOREIGN KEY(made_by) REFERENCES operation (id),
        FOREIGN KEY(closed_by) REFERENCES operation (id)
    )""",
    "CREATE INDEX promise_open ON promise (product_id) WHERE closed_by IS NULL",
    "CREATE INDEX promise_ref ON promise (ref) WHERE closed_by IS NULL AND ref IS NOT NULL",
    "ALTER TABLE movement ADD COLUMN pot_id INTEGER REFERENCES pot (id)",
    *(
        f"ALTER TABLE operation ADD COLUMN {column}"
        for column in (
            "reason TEXT", "ref TEXT", "file_hash TEXT", "first_movement INTEGER",
            "last_movement INTEGER", "first_change INTEGER", "last_change INTEGER",
            "undone INTEGER DEFAULT 0 NOT NULL",
        )
    ),
    "CREATE INDEX operation_file ON operation (file_hash) WHERE file_hash IS NOT NULL",
    "ALTER TABLE product ADD COLUMN reorder_to INTEGER",
    *(
        f"ALTER TABLE product ADD COLUMN {name} INTEGER DEFAULT 0 NOT NULL"
        f" CONSTRAINT {name}_in_range CHECK ({name} BETWEEN 0 AND quantity)"
        for name in ("held", "placed")
    ),
    "DROP INDEX product_low",
)  # fmt: skip

_ROWS_2 = (
    # An operation's movements are a run of ids, so no index has to be fed to find them: the one
    # there is finds the runs, and goes.
    """UPDATE operation SET
        first_movement = (SELECT min(id) FROM movement WHERE operation_id = operation.id),
        last_movement = (SELECT max(id) FROM movement WHERE operation_id = operation.id)""",
    "DROP INDEX movement_operation",
    # What was undone is in effect again where its undo was undone, and so on.
    """WITH RECURSIVE chain (root, id, depth) AS (
            SELECT reverses_id, id, 1 FROM operation WHERE reverses_id IS NOT NULL
            UNION ALL SELECT chain.root, operation.id, depth + 1
            FROM chain JOIN operation ON operation.reverses_id = chain.id)
        UPDATE operation SET undone = 1 WHERE id IN
            (SELECT root FROM chain GROUP BY root HAVING max(depth) % 2 = 1)""",
    # What version 1 says of counts: a `set` that moved something was one.
    """INSERT INTO change
            (id, operation_id, product_id, sku, field, before, after, occurred_at)
        SELECT row_number() OVER (ORDER BY movement.id), operation_id, product_id, sku, 'counted',
            CAST(movement.quantity - delta AS TEXT), CAST(movement.quantity AS TEXT), occurred_at
        FROM movement JOIN operation ON operation.id = operation_id
        JOIN product ON product.id = product_id WHERE operation.kind = 'set'""",
    """UPDATE operation SET
        first_change = (SELECT min(id) FROM change WHERE operation_id = operation.id),
        last_change = (SELECT max(id) FROM change WHERE operation_id = operation.id)
        WHERE kind = 'set'""",
    # What it did to products besides their stock is not known: nobody is told that it was nothing.
    f"""INSERT INTO setting (name, value)
        SELECT '{OLD}', CAST(id AS TEXT) FROM operation ORDER BY operation.id DESC LIMIT 1""",  # noqa: S608
)


def _for_sqlite(statement: str) -> str:
    strict = " STRICT" if statement.startswith("CREATE TABLE") else ""
    return statement.replace("ORDERED", "TEXT") + strict


def _for_servers(statement: str) -> str:
    return statement.replace("INTEGER", "BIGINT").replace("ORDERED", 'TEXT COLLATE "C"')


# A file says of itself which version it is of.
_NUMBERED = f"INSERT INTO setting (name, value) VALUES ('{VERSION}', '0')"  # noqa: S608 (a constant)

Step = Sequence[str]
STEPS: Final[Sequence[Step]] = (
    tuple(map(_for_sqlite, _TABLES_1)),
    (*map(_for_sqlite, _TABLES_2), *_ROWS_2),
)
"""STEPS[n] takes an SQLite file from schema version n to n + 1."""

SERVER_STEPS: Final[Sequence[Step]] = (
    (*map(_for_servers, _TABLES_1), _NUMBERED),
    (*map(_for_servers, _TABLES_2), *_ROWS_2),
)
"""SERVER_STEPS[n] does the same to the tables on a server."""

SCHEMA_VERSION: Final = len(STEPS)

_CREATES = re.compile(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX) (\w+)")
_ADDS = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (.*)")
_DROPS = re.compile(r"DROP INDEX (\w+)")
# Where SQLite puts a column that is added: behind the last one, before what is about the table.
_LAST_COLUMN = re.compile(", (?=PRIMARY KEY|CONSTRAINT|FOREIGN KEY|UNIQUE)")


def _made(steps: Sequence[Step]) -> dict[str, str]:
    """Return the statement of each table and index that some steps leave, as SQLite keeps it."""
    made: dict[str, str] = {}
    for statement in chain.from_iterable(steps):
        text = " ".join(statement.split())
        if found := _CREATES.match(text):
            made[found[1]] = text
        elif found := _ADDS.match(text):
            made[found[1]] = _LAST_COLUMN.sub(f", {found[2]}, ", made[found[1]], count=1)
        elif found := _DROPS.match(text):
            del made[found[1]]
    return made


# Read off the steps, since every command looks: having SQLite make them and tell takes 4 ms.
MADE: Final = _made(STEPS)
"""The statement of each table and index of an SQLite file, as SQLite keeps it."""

RETIRED: Final = {
    "movement_pot": "CREATE INDEX movement_pot ON movement (pot_id) WHERE pot_id IS NOT NULL",
    "product_low": "CREATE INDEX product_low ON product (sku)"
    " WHERE quantity - held <= reorder_point AND archived_at IS NULL",
}
"""What the first files of this version have besides, and nothing needs: it only costs them time."""

TABLES: Final = (
    "product", "operation", "movement", "change", "promise", "place", "pot", "lot", "code",
    "setting",
)  # fmt: skip
"""The tables of the present schema."""

DEFAULT_SKU_RULE: Final = "strict"


def refuse_other_version(path: str, version: int) -> None:
    """Raise DatabaseUnusable unless an inventory's schema version is the present one."""
    if version > SCHEMA_VERSION:
        problem = (
            f"was written by a newer invctl (schema version {version}; "
            f"this one knows {SCHEMA_VERSION})"
        )
        raise DatabaseUnusable(path, problem, "upgrade invctl")
    if version < SCHEMA_VERSION:
        raise OlderInventory(path, version)
