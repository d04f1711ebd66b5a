"""The ordered steps from an empty file to the present schema; each is frozen once released.

A new database takes the same steps as an old one, and a test holds the outcome equal to the
tables in `schema`.
"""

from collections.abc import Sequence
from typing import Final

from invctl.errors import DatabaseUnusable

APPLICATION_ID: Final = 0x494E5643
"""`INVC`: marks a file as an inventory (https://www.sqlite.org/fileformat2.html, 1.3.15)."""

VERSION: Final = "schema_version"
"""The setting that says on a server what `user_version` says of a file.

Its row is locked by whoever numbers operations and movements there.
"""

_VERSION_1 = (
    """CREATE TABLE operation (
        id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        idempotency_key TEXT,
        request_hash TEXT,
        result TEXT,
        reverses_id INTEGER,
        actor TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(reverses_id) REFERENCES operation (id)
    ) STRICT""",
    """CREATE UNIQUE INDEX operation_key ON operation (idempotency_key)
        WHERE idempotency_key IS NOT NULL""",
    """CREATE UNIQUE INDEX operation_reverses ON operation (reverses_id)
        WHERE reverses_id IS NOT NULL""",
    """CREATE TABLE product (
        id INTEGER NOT NULL,
        sku TEXT NOT NULL,
        name TEXT NOT NULL,
        description TEXT,
        quantity INTEGER NOT NULL,
        reorder_point INTEGER,
        archived_at TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT quantity_in_range CHECK (quantity BETWEEN 0 AND 9007199254740991),
        UNIQUE (sku)
    ) STRICT""",
    "CREATE INDEX product_archived ON product (sku) WHERE archived_at IS NOT NULL",
    """CREATE INDEX product_low ON product (sku)
        WHERE quantity <= reorder_point AND archived_at IS NULL""",
    """CREATE TABLE setting (
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (name)
    ) STRICT""",
    """CREATE TABLE movement (
        id INTEGER NOT NULL,
        operation_id INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        delta INTEGER NOT NULL,
        quantity INTEGER NOT NULL,
        reason TEXT,
        ref TEXT,
        note TEXT,
        occurred_at TEXT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT delta_moves CHECK (delta <> 0),
        FOREIGN KEY(operation_id) REFERENCES operation (id),
        FOREIGN KEY(product_id) REFERENCES product (id)
    ) STRICT""",
    "CREATE INDEX movement_operation ON movement (operation_id)",
    "CREATE INDEX movement_product ON movement (product_id)",
)

_VERSION_1_ON_A_SERVER = (
    """CREATE TABLE operation (
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        idempotency_key TEXT,
        request_hash TEXT,
        result TEXT,
        reverses_id BIGINT,
        actor TEXT NOT NULL,
        recorded_at TEXT COLLATE "C" NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(reverses_id) REFERENCES operation (id)
    )""",
    """CREATE UNIQUE INDEX operation_key ON operation (idempotency_key)
        WHERE idempotency_key IS NOT NULL""",
    """CREATE UNIQUE INDEX operation_reverses ON operation (reverses_id)
        WHERE reverses_id IS NOT NULL""",
    """CREATE TABLE product (
        id BIGINT NOT NULL,
        sku TEXT COLLATE "C" NOT NULL,
        name TEXT COLLATE "C" NOT NULL,
        description TEXT,
        quantity BIGINT NOT NULL,
        reorder_point BIGINT,
        archived_at TEXT COLLATE "C",
        created_at TEXT COLLATE "C" NOT NULL,
        updated_at TEXT COLLATE "C" NOT NULL,
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
        id BIGINT NOT NULL,
        operation_id BIGINT NOT NULL,
        product_id BIGINT NOT NULL,
        delta BIGINT NOT NULL,
        quantity BIGINT NOT NULL,
        reason TEXT,
        ref TEXT,
        note TEXT,
        occurred_at TEXT COLLATE "C" NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT delta_moves CHECK (delta <> 0),
        FOREIGN KEY(operation_id) REFERENCES operation (id),
        FOREIGN KEY(product_id) REFERENCES product (id)
    )""",
    "CREATE INDEX movement_operation ON movement (operation_id)",
    "CREATE INDEX movement_product ON movement (product_id)",
    f"INSERT INTO setting (name, value) VALUES ('{VERSION}', '0')",  # noqa: S608 (a constant)
)

Step = Sequence[str]
STEPS: Final[Sequence[Step]] = (_VERSION_1,)
"""STEPS[n] takes an SQLite file from schema version n to n + 1."""

SERVER_STEPS: Final[Sequence[Step]] = (_VERSION_1_ON_A_SERVER,)
"""SERVER_STEPS[n] does the same to the tables on a server."""

SCHEMA_VERSION: Final = len(STEPS)

MADE: Final = {
    " ".join(statement.split("(")[0].split(" ON ")[0].split()).rpartition(" ")[2]: " ".join(
        statement.split()
    )
    for statement in _VERSION_1
}
"""The statement that made each table and index of an SQLite file, as SQLite keeps it."""


TABLES: Final = ("product", "operation", "movement", "setting")
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
        problem = f"has the older schema version {version}"
        raise DatabaseUnusable(path, problem, "`invctl db migrate` brings it up to date")
