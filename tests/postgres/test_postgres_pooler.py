"""Behind PgBouncer in transaction mode: many clients on one session of the server, and no trace.

Its version 1.18 knows no `options`, so an inventory behind it is in the default schema.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from crowd import crowd
from lines import product_line
from server import Server, new_folder
from shop import WAIT, Shop, new_shop

from invctl.core.bulk.imports import import_products
from invctl.core.catalog import get_product
from invctl.core.products import create_product
from invctl.core.stock import add_stock
from invctl.core.upkeep.inventory import create_inventory
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.models.attempts import Attempt
from invctl.settings import read_location

ME = Attempt("tester")
POOLER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
# One session for all, and no reset between them: what one client leaves the next one would find.
SETTINGS = """
[databases]
by_statement = host={server} dbname=postgres pool_mode=statement
* = host={server}
[pgbouncer]
listen_port = 6432
unix_socket_dir = {folder}
logfile = {folder}/log
pidfile = {folder}/pid
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
server_reset_query =
"""
_names = count(1)

Pooled = tuple[Server, Path]
"""A server, and the folder of its pooler's socket."""

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.skipif(POOLER is None, reason="there is no pgbouncer here"),
]


@pytest.fixture(scope="module")
def pooled() -> Iterator[Pooled]:
    """A server of its own, and before it a pooler that has one session for each database."""
    server = Server(new_folder())
    server.create()
    server.start()
    pooler = new_folder()
    pooler.chmod(0o777)
    (pooler / "users").write_text('"postgres" ""\n')
    (pooler / "ini").write_text(SETTINGS.format(server=server.folder, folder=pooler))
    assert POOLER
    with server.start_beside(POOLER, str(pooler / "ini")) as process:
        while not (pooler / "pid").exists():
            assert process.poll() is None
        yield server, pooler
        process.terminate()
    server.stop("immediate")


@pytest.fixture
def database(pooled: Pooled) -> Iterator[str]:
    """A new database, and when the test is over no more than one session was ever in it."""
    name = f"pooled{next(_names)}"
    with pooled[0].connect() as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        yield name
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        assert admin.execute(sessions, (name,)).fetchone() == (1,)
    assert left_behind(pooled, name) == [0, 0, 0, "0", "0", "0", "off"]


def url(pooled: Pooled, name: str) -> str:
    return f"postgresql://postgres@/{name}?host={pooled[1]}&port=6432"


def left_behind(pooled: Pooled, name: str) -> list[Any]:
    """Return what a session of the server would still have from those who used it."""
    with psycopg.connect(url(pooled, name), autocommit=True, prepare_threshold=None) as session:
        return [
            session.execute(query).fetchall()[0][0]
            for query in (
                "SELECT count(*) FROM pg_prepared_statements",
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
                "SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'",
                "SHOW lock_timeout",
                "SHOW statement_timeout",
                "SHOW idle_in_transaction_session_timeout",
                "SHOW default_transaction_read_only",
            )
        ]


@pytest.mark.parametrize("line", ["init", "product list", "db check"])
def test_a_pooler_that_lets_no_transaction_through_is_told_as_that(
    pooled: Pooled, tmp_path: Path, line: str
) -> None:
    with closing(open_database(read_location(pooled[0].url(), "--db"), create=True)) as db:
        create_inventory(db)
    shop = new_shop(tmp_path)
    shop.env["INVCTL_DB"] = url(pooled, "by_statement")
    error = shop.fails(12, *line.split())
    assert error["hint"] == "have it pool by transactions or by sessions"
    assert not error["retryable"]


def test_two_coprocesses_share_one_session(pooled: Pooled, database: str, tmp_path: Path) -> None:
    shop = new_shop(tmp_path)
    shop.env["INVCTL_DB"] = url(pooled, database)
    assert shop.run("product", "create", "A", "--name", "a", "--quantity", "100").code == 0
    two = [coprocess(shop), coprocess(shop)]
    balances = []
    for one in two:
        assert one.stdin
        one.stdin.write("sku,delta\n")
    for line in range(40):
        one = two[line % 2]
        assert one.stdin
        assert one.stdout
        one.stdin.write("A,-1\n")
        one.stdin.flush()
        balances.append(json.loads(one.stdout.readline())["quantity"])
    assert balances == list(range(99, 59, -1))
    for one in two:
        assert one.communicate(timeout=WAIT) == ("", "")
        assert one.returncode == 0
    assert shop.json("product", "show", "A")["quantity"] == 60
    assert [row["id"] for row in shop.json("stock", "log")] == list(range(1, 42))


def coprocess(shop: Shop) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    command = ["invctl", "stock", "apply", "-", "--each"]
    return subprocess.Popen(command, env=shop.env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_temporary_table_that_another_client_left_is_not_sold_from(
    pooled: Pooled, database: str
) -> None:
    other = psycopg.connect(url(pooled, database), autocommit=True, prepare_threshold=None)
    with closing(open_database(read_location(url(pooled, database), "--db"), create=True)) as db:
        create_product(db, "A", name="a", quantity=9, attempt=ME)
        with other as session:
            session.execute("CREATE TEMPORARY TABLE product AS SELECT * FROM product")
            add_stock(db, "A", 1, attempt=ME)
            session.execute("DROP TABLE pg_temp.product")
        assert get_product(db, "A").quantity == 10


def test_a_crowd_of_all_kinds_shares_one_session(pooled: Pooled, database: str) -> None:
    location = read_location(url(pooled, database), "--db")

    def work(db: Database, number: int) -> int:
        create_product(db, f"N-{number}", name="x", quantity=1, attempt=ME)
        rows = [product_line(line, f"P-{line}", "y", quantity="2") for line in range(20)]
        import_products(db, rows, attempt=ME)
        return add_stock(db, f"N-{number}", number + 1, attempt=ME).delta

    assert crowd(location, 8, work, create=True) == list(range(1, 9))
