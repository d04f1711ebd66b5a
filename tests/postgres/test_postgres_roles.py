"""The README's three roles on a server: each may do what it says, and nothing else."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
import pytest
from readme import block
from server import Server
from shop import Shop, error_of, new_shop

READS = ["product export - -o csv", "stock log", "log 1", "hold list", "db check", "db backup {}"]
SALES = [
    *("stock remove A-1 1 --idempotency-key k", "stock set A-1 7", "undo --last"),
    *("product create B-1 --name B", "product rename B-1 C-1", "product delete C-1 --yes"),
    *("hold create A-1 1", "hold commit 1", "product import {}", "stock apply {}"),
    *("stock add A-1 2 --to P --lot L", "stock add A-1 1 --to P --lot L --expires 2042-01-01"),
    *("stock move A-1 3 --from P --to Q", "stock set A-1 0 --in Q", "place rename P R"),
    *("place remove R", "code add A-1 C", "delivery expect A-1 2"),
    *("delivery receive 2 --to Q", "hold create A-1 1 --ref r", "hold release --ref r"),
    *("hold create A-1 1 --for 1s", "hold extend 4 --for 1m", "product update A-1 --name q"),
]
RESTORE = ["db restore {} --yes"]
FILES = {"import": "products.csv", "apply": "sales.csv"}


@pytest.fixture(scope="module")
def roles(own_server: Server) -> Server:
    """A server with the README's roles, before its owner has made the inventory."""
    with own_server.connect() as admin:
        for statement in filter(str.strip, block("roles: administrator").split("\n")):
            admin.execute(statement.partition("--")[0].encode())
    return own_server


def url(server: Server, role: str) -> str:
    return f"postgresql://{role}@/shop?host={server.folder}&port={server.port}"


@pytest.fixture
def shop(tmp_path: Path, roles: Server) -> Iterator[Shop]:
    shop = new_shop(tmp_path)
    shop.file("products.csv", "sku,name\nNEW-1,New\n")
    shop.file("sales.csv", "sku,delta\nA-1,-1\n")
    shop.env["INVCTL_DB"] = url(roles, "shop_owner")
    assert shop.run("product", "create", "A-1", "--name", "a", "--quantity", "9").code == 0
    with psycopg.connect(url(roles, "shop_owner")) as owner:
        owner.execute(block("roles: owner").encode())
    yield shop
    with psycopg.connect(url(roles, "shop_owner")) as owner:
        owner.execute("DROP OWNED BY shop_owner")


def allowed(shop: Shop, server: Server, role: str, lines: Iterable[str]) -> list[str]:
    """Return which of some lines a role may do; the others are refused as no right."""
    return [line for line in lines if _is_allowed(shop, url(server, role), line)]


def _is_allowed(shop: Shop, where: str, line: str) -> bool:
    words = line.format(shop.root / FILES.get(line.split()[1], "backup.db")).split()
    done = shop.run("-ojsonl", *words, env={"INVCTL_DB": where})
    if done.code:
        assert error_of(done, 13)["hint"]
    return done.code == 0


@pytest.mark.sweep
def test_each_role_may_do_what_it_says_and_nothing_else(shop: Shop, roles: Server) -> None:
    assert allowed(shop, roles, "shop_reader", READS) == READS
    assert allowed(shop, roles, "shop_reader", [*SALES, *RESTORE]) == []
    assert allowed(shop, roles, "shop_seller", SALES) == SALES
    assert allowed(shop, roles, "shop_seller", RESTORE) == []
    assert allowed(shop, roles, "shop_owner", RESTORE) == RESTORE


@pytest.mark.parametrize("table", ["product", "movement"])
def test_rows_that_a_policy_hides_are_not_called_damage(
    shop: Shop, roles: Server, table: str
) -> None:
    with psycopg.connect(url(roles, "shop_owner")) as owner:
        owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())
    for role in ("shop_seller", "shop_reader", "shop_owner"):
        done = shop.run("db", "check", "-o", "jsonl", env={"INVCTL_DB": url(roles, role)})
        assert (done.code, [one["kind"] for one in done.records]) == (8, ["stranger"])
        assert f"security on {table}" in done.records[0]["message"]


def test_a_role_that_may_only_read_by_its_own_setting_is_told_so(shop: Shop, roles: Server) -> None:
    with roles.connect() as admin:
        admin.execute("ALTER ROLE shop_seller SET default_transaction_read_only = on")
        told = shop.fails(13, "stock", "add", "A-1", "1", "--db", url(roles, "shop_seller"))
        admin.execute("ALTER ROLE shop_seller RESET default_transaction_read_only")
    assert "default_transaction_read_only is on, set by `ALTER ROLE`" in told["message"]
    assert "primary" not in told["hint"]


@pytest.mark.parametrize(
    "line", ["init", "product create A-1 --name a", "db copy {}", "db restore {backup}"]
)
def test_who_may_make_no_tables_is_told_what_that_needs(
    shop: Shop, roles: Server, line: str
) -> None:
    with roles.connect() as admin:
        admin.execute("CREATE SCHEMA IF NOT EXISTS empty")
        admin.execute("GRANT USAGE ON SCHEMA empty TO shop_seller")
    backup = shop.root / "backup.db"
    shop.json("db", "backup", backup, "-q")
    there = f"{url(roles, 'shop_seller')}&options=-csearch_path=empty"
    words = line.format(there, backup=backup).split()
    env = None if there in words else {"INVCTL_DB": there}
    told = shop.fails(13, *words, env=env)
    assert "CREATE on the schema" in told["hint"]
    assert "`GRANT SELECT" not in told["hint"]


@pytest.mark.parametrize("line", ["init", "product list", "stock add A-1 1"])
def test_an_inventory_in_a_schema_that_a_role_may_not_use_is_not_called_missing(
    shop: Shop, roles: Server, line: str
) -> None:
    with roles.connect("shop") as admin:
        admin.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        told = shop.fails(13, *line.split(), env={"INVCTL_DB": url(roles, "shop_seller")})
        admin.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    assert "may not use the schema 'public'" in told["message"]
    assert "`GRANT USAGE ON SCHEMA" in told["hint"]


def test_a_schema_that_a_role_may_not_use_takes_no_tables_of_its_own(
    shop: Shop, roles: Server
) -> None:
    with roles.connect("shop") as admin:
        admin.execute("CREATE SCHEMA locked")
        admin.execute("GRANT CREATE ON DATABASE shop TO shop_seller")
        there = f"{url(roles, 'shop_seller')}&options=-csearch_path=locked"
        told = shop.fails(13, "init", env={"INVCTL_DB": there})
        admin.execute("REVOKE CREATE ON DATABASE shop FROM shop_seller")
    assert "needs USAGE and CREATE on the schema" in told["hint"]


def test_a_right_that_is_no_table_s_is_named_where_it_lacks(shop: Shop, roles: Server) -> None:
    with roles.connect("shop") as admin:
        admin.execute("REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC")
        there = {"INVCTL_DB": url(roles, "shop_seller")}
        told = shop.fails(13, "stock", "apply", shop.root / "sales.csv", env=there)
        admin.execute("GRANT TEMPORARY ON DATABASE shop TO PUBLIC")
    assert "temporary tables" in told["message"]


def test_who_may_not_replace_history_is_told_who_does(shop: Shop, roles: Server) -> None:
    backup = shop.root / "backup.db"
    shop.json("db", "backup", backup, "-q")
    there = {"INVCTL_DB": url(roles, "shop_seller")}
    for sure in ("--yes", "--dry-run"):
        told = shop.fails(13, "db", "restore", backup, sure, env=there)
        assert "the owner of the tables" in told["hint"]


@pytest.mark.usefixtures("shop")
def test_a_seller_can_only_add_to_history(roles: Server) -> None:
    with psycopg.connect(url(roles, "shop_seller"), autocommit=True) as seller:
        for statement in (
            "UPDATE movement SET delta = 1",
            "DELETE FROM movement",
            "UPDATE change SET after = ''",
            "DELETE FROM operation",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                seller.execute(statement.encode())
