"""Making an inventory's file: its schema, its modes, and who wins when many make it at once."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from folders import mode
from inventories import ask
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from invctl.core.catalog import get_product, list_products
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.inventory import create_inventory
from invctl.db.database import Database
from invctl.db.migrations import APPLICATION_ID, SCHEMA_VERSION
from invctl.db.schema import metadata
from invctl.db.session import Session, Text
from invctl.errors import FileExists
from invctl.models.attempts import Attempt

pytestmark = pytest.mark.sqlite("it is about files")

ME = Attempt("tester")
Open = Callable[..., Database]
Schema = dict[tuple[str, str], str]

CREATOR = """
import sys
from invctl.core.products import create_product
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.models.attempts import Attempt
from invctl.settings import FileLocation

db = open_database(FileLocation(sys.argv[1], "--db"), timeout=60, create=True)
print("ready", flush=True)
sys.stdin.readline()
create_product(db, sys.argv[2], name="x", quantity=1, attempt=Attempt("tester"))
db.close()
print(db.created)
"""


@pytest.fixture
def db(open_db: Open) -> Database:
    """An inventory that was made by this very object."""
    database = open_db(create=True)
    create_inventory(database)
    return database


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """A umask for the time of a test."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def schema_of(connection: sqlite3.Connection) -> Schema:
    """Return what a database is made of, however it came to be: altered tables read otherwise."""
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    return {
        (kind, name): table_of(connection, name, sql) if kind == "table" else plain(sql)
        for kind, name, sql in rows
    }


def table_of(connection: sqlite3.Connection, name: str, sql: str) -> str:
    """Return a table's columns, keys and checks, each in an order of their own."""
    columns = connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall()
    keys = connection.execute(
        'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY 1', (name,)
    ).fetchall()
    checks = sorted(
        re.findall(r"CONSTRAINT (\w+ CHECK \([^)]*\))", plain(sql).replace("CHECK(", "CHECK ("))
    )
    return repr((columns, keys, checks, sql.rstrip().endswith("STRICT")))


def plain(sql: str) -> str:
    return re.sub(r" ?([(),]) ?", r"\1", " ".join(sql.replace('"', "").split()))


def test_a_new_database_equals_the_tables(db: Database, path: str) -> None:
    with closing(sqlite3.connect(path)) as made, closing(sqlite3.connect(":memory:")) as drawn:
        for table in metadata.sorted_tables:
            drawn.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
            for index in table.indexes:
                drawn.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
        assert schema_of(made) == schema_of(drawn)
    assert db.created is True


def test_every_table_is_strict(db: Database) -> None:
    with db.read() as session:
        strict = "SELECT name FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%' AND strict"
        tables = [row[0] for rows in session.rows(Text(strict, "")) for row in rows]
    assert sorted(tables) == sorted(metadata.tables)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("application_id", APPLICATION_ID),
        ("user_version", SCHEMA_VERSION),
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("mmap_size", 0),
        ("integrity_check", "ok"),
    ],
)
def test_an_open_inventory_is_set_up_to_lose_nothing(
    db: Database, open_db: Open, pragma: str, value: object
) -> None:
    def asked(session: Session) -> object:
        return ask(session, f"PRAGMA {pragma}")

    db.close()
    for database in (db, open_db()):
        with database.read() as session:
            assert asked(session) == value
        assert database.write(asked, dry_run=True) == value


def test_a_new_file_is_in_wal_mode_from_the_start(db: Database, path: str) -> None:
    assert db.created is True
    assert Path(path).read_bytes()[18:20] == b"\x02\x02"


@pytest.mark.usefixtures("umask")
def test_files_are_for_their_user_alone_whatever_the_umask(open_db: Open, tmp_path: Path) -> None:
    where = tmp_path / "new" / "folder" / "shop.db"
    db = open_db(str(where), create=True)
    create_product(db, "A", name="a", quantity=1, attempt=ME)
    add_stock(db, "A", 1, attempt=ME)
    assert [mode(one) for one in (where, where.parent, where.parent.parent)] == [
        0o600,
        0o700,
        0o700,
    ]
    others = [one for one in where.parent.iterdir() if one != where]
    assert sorted(one.name for one in others) == ["shop.db-shm", "shop.db-wal", "shop.db.lock"]
    assert [mode(one) & 0o077 for one in others] == [0, 0, 0]


def test_a_folder_that_exists_keeps_its_mode(open_db: Open, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o750)
    create_inventory(open_db(str(folder / "shop.db"), create=True))
    assert (mode(folder), mode(folder / "shop.db")) == (0o750, 0o600)


def test_of_sixteen_simultaneous_creators_one_wins_and_none_fails(
    open_db: Open, tmp_path: Path
) -> None:
    where = tmp_path / "new" / "shop.db"
    skus = [f"P-{n:02}" for n in range(16)]
    creators = [
        subprocess.Popen(
            [sys.executable, "-c", CREATOR, where, sku],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for sku in skus
    ]
    for creator in creators:
        assert creator.stdout is not None
        assert creator.stdout.readline() == "ready\n"
    for creator in creators:
        assert creator.stdin is not None
        creator.stdin.write("go\n")
        creator.stdin.flush()
    ends = [(*creator.communicate(timeout=60), creator.returncode) for creator in creators]
    assert sorted(ends) == [*[("False\n", "", 0)] * 15, ("True\n", "", 0)]
    [rows] = list_products(open_db(str(where)))
    assert [(row[0], row[3]) for row in rows] == [(sku, 1) for sku in skus]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new"]
    assert not list(where.parent.glob("*.invctl-*"))


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_what_a_dead_creator_left_is_removed(open_db: Open, path: str, end: str) -> None:
    left = Path(f"{path}.01234567.invctl-new{end}")
    left.write_bytes(b"half a database")
    create_product(open_db(create=True), "A", name="a", quantity=1, attempt=ME)
    assert get_product(open_db(), "A").quantity == 1
    assert not left.exists()


def test_who_died_between_the_two_names_of_a_new_file_is_in_nobody_s_way(
    db: Database, path: str
) -> None:
    os.link(path, f"{path}.01234567.invctl-new")
    create_product(db, "A", name="a", quantity=1, attempt=ME)
    assert os.stat(path).st_nlink == 1


def test_a_link_is_followed_to_where_the_inventory_shall_be(
    open_db: Open, path: str, tmp_path: Path
) -> None:
    os.symlink(tmp_path / "elsewhere" / "shop.db", path)
    db = open_db(create=True)
    create_product(db, "A", name="a", quantity=1, attempt=ME)
    assert (tmp_path / "elsewhere" / "shop.db").is_file()
    assert os.path.islink(path)
    assert get_product(open_db(), "A").quantity == 1


def test_the_log_of_an_inventory_that_was_removed_is_neither_played_in_nor_deleted(
    db: Database, open_db: Open, path: str
) -> None:
    create_product(db, "OLD", name="old", quantity=5, attempt=ME)
    shutil.copy(f"{path}-wal", f"{path}-kept")
    db.close()
    os.unlink(path)
    os.rename(f"{path}-kept", f"{path}-wal")
    kept = Path(f"{path}-wal").read_bytes()
    for dry_run in (True, False):
        with pytest.raises(FileExists) as caught:
            create_inventory(open_db(create=True), dry_run=dry_run)
        assert caught.value.details["path"] == f"{path}-wal"
    assert Path(f"{path}-wal").read_bytes() == kept
    assert not os.path.exists(path)


def test_closing_leaves_the_file_and_the_gate_alone(db: Database, path: str) -> None:
    create_product(db, "A", name="a", quantity=1, attempt=ME)
    db.close()
    assert sorted(one.name for one in Path(path).parent.iterdir()) == [
        "inventory.db",
        "inventory.db.lock",
    ]


@pytest.mark.parametrize("name", ["a b.db", "a?b=1.db", "a#b.db", "100%25.db", "ünï.db", "a\nb.db"])
def test_a_file_may_have_any_name(open_db: Open, tmp_path: Path, name: str) -> None:
    where = tmp_path / name
    create_product(open_db(str(where), create=True), "A", name="a", quantity=1, attempt=ME)
    assert where.is_file()
    assert get_product(open_db(str(where)), "A").quantity == 1


def test_a_name_that_is_not_unicode_is_a_name(open_db: Open, tmp_path: Path) -> None:
    where = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.db")
    create_product(open_db(where, create=True), "A", name="a", attempt=ME)
    assert os.path.exists(os.fsencode(tmp_path) + b"/\xff.db")
