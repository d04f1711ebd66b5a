"""Each way in which a server is of no use has its code and its sentence, and shows no secret."""

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from server import Server, new_folder
from shop import INVCTL, WAIT, Shop, error_of, new_shop

from invctl.core.products import create_product
from invctl.db.opening import open_database
from invctl.models.attempts import Attempt
from invctl.settings import read_location

pytestmark = pytest.mark.sweep

SECRET = "s3cr%25et"  # noqa: S105 (what a URL writes for `s3cr%et`)
COMMANDS = [
    ("product", "list"),
    ("stock", "add", "A", "1"),
    ("product", "create", "B", "--name", "b"),
    ("init",),
]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server on TCP that asks for passwords, with databases and roles for each refusal."""
    server = Server(new_folder())
    server.port = free_port()
    server.create({"listen_addresses": "127.0.0.1", "max_connections": "12"})
    (server.data / "pg_hba.conf").write_text(
        "local all all trust\n"
        "local replication all trust\n"
        "host refused all 127.0.0.1/32 reject\n"
        "host all all 127.0.0.1/32 scram-sha-256\n"
    )
    server.start()
    with server.connect() as admin:
        for statement in (
            "CREATE ROLE shop LOGIN PASSWORD 's3cr%et'",
            "CREATE ROLE reader LOGIN PASSWORD 's3cr%et'",
            "CREATE ROLE nobody NOLOGIN",
            "CREATE DATABASE shop OWNER shop",
            "CREATE DATABASE refused",
            "CREATE DATABASE latin ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
            "CREATE DATABASE closed",
            "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
        ):
            admin.execute(statement)
    url = f"postgresql://shop:{SECRET}@127.0.0.1:{server.port}/shop?options=-csearch_path=ours"
    with closing(open_database(read_location(url, "--db"), create=True)) as db:
        create_product(db, "A", name="a", quantity=5, attempt=Attempt("tester"))
    with server.connect("shop") as admin:
        for statement in (
            "GRANT USAGE ON SCHEMA ours TO reader",
            "GRANT SELECT ON ALL TABLES IN SCHEMA ours TO reader",
            "CREATE SCHEMA strange AUTHORIZATION shop",
            "CREATE TABLE strange.product (sku text, quantity real)",
            "CREATE SCHEMA newer AUTHORIZATION shop",
            "CREATE TABLE newer.setting AS SELECT 'schema_version' AS name, '999' AS value",
            "CREATE TABLE newer.product ()",
            "ALTER TABLE newer.setting OWNER TO shop",
            "CREATE SCHEMA foreigner",
        ):
            admin.execute(statement)
    yield server
    server.stop("immediate")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return new_shop(tmp_path)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def url(
    server: Server, user: str = f"shop:{SECRET}", rest: str = "/shop?options=-csearch_path=ours"
) -> str:
    return f"postgresql://{user}@127.0.0.1:{server.port}{rest}"


def refusal(
    shop: Shop, where: str, code: int, *command: str, env: Mapping[str, str] | None = None
) -> str:
    """Run a command that is refused, for a machine and for a person; return its sentence."""
    there = {"INVCTL_DB": where, **(env or {})}
    error = error_of(shop.run(*command, "--json", env=there), code)
    told = debugged(shop, (*command, "-o", "tsv"), there)
    assert told.startswith("invctl: error: ")
    assert "Traceback" in told.splitlines()[1]
    for text in (str(error), told):
        assert "s3cr" not in text
    assert error["hint"]
    return f"{error['code']} {error['retryable']}: {error['message']}"


def debugged(shop: Shop, command: tuple[str, ...], env: Mapping[str, str]) -> str:
    """Return all that a run says which may show where it went wrong."""
    done = subprocess.run(
        [INVCTL, *command],
        env={**shop.env, **env, "INVCTL_DEBUG": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=WAIT,
        check=False,
    )
    return done.stdout.decode()


SCHEMA = "/shop?options=-csearch_path="
CASES = {
    "wrong password": (f"shop:{SECRET}x", None, 13, "permission False", "password authentication"),
    "no password": ("shop", None, 13, "permission False", "no password"),
    "no such user": (f"stranger:{SECRET}", None, 13, "permission False", "the server refuses"),
    "may not log in": ("nobody:s3cr", None, 13, "permission False", "the server refuses"),
    "turned away": (f"shop:{SECRET}", "/refused", 13, "permission False", "pg_hba.conf"),
    "closed database": (f"shop:{SECRET}", "/closed", 13, "permission False", "permission denied"),
    "no such database": (f"shop:{SECRET}", "/nowhere", 10, "db_missing False", "/nowhere"),
    "another encoding": (f"shop:{SECRET}", "/latin", 12, "db_unusable False", "LATIN1"),
    "another program's": (f"shop:{SECRET}", f"{SCHEMA}strange", 12, "db_unusable", "no inventory"),
    "a newer version's": (f"shop:{SECRET}", f"{SCHEMA}newer", 12, "db_unusable", "newer invctl"),
    "bad parameter": (f"shop:{SECRET}", "/shop?nosuch=1", 12, "db_unusable False", "no URL"),
    "bad sslmode": (f"shop:{SECRET}", "/shop?sslmode=bad", 12, "db_unusable False", "sslmode"),
    "TLS and there is none": (f"shop:{SECRET}", "/shop?sslmode=require", 12, "db_unusable", "SSL"),
    "bad setting": (f"shop:{SECRET}", "/shop?options=-cnosuch=1", 12, "db_unusable", "URL"),
    "no such service": (f"shop:{SECRET}", "/shop?service=x", 12, "db_unusable False", "service"),
    "bad protocol": (
        f"shop:{SECRET}", "/shop?ssl_min_protocol_version=9", 12, "db_unusable False", "no URL",
    ),
    "bad role": (f"shop:{SECRET}", "/shop?target_session_attrs=x", 12, "db_unusable", "URL"),
    "another's role": (
        f"shop:{SECRET}", "/shop?options=-crole=postgres", 12, "db_unusable True",
        "lets no session begin: permission denied",
    ),
    "bad port": (f"shop:{SECRET}", "/shop?port=99999", 12, "db_unusable False", "URL"),
    "password in the query": ("shop", "/shop?password=s3crwrong", 13, "permission", "password"),
}  # fmt: skip


@pytest.mark.parametrize(("user", "rest", "code", "kind", "words"), CASES.values(), ids=CASES)
def test_a_server_that_refuses_is_told_by_its_code_and_without_a_secret(
    shop: Shop,
    guarded: Server,
    user: str,
    rest: str | None,
    code: int,
    kind: str,
    words: str,
) -> None:
    where = url(guarded, user, rest or f"{SCHEMA}ours")
    told = refusal(shop, where, code, *COMMANDS[1])
    assert told.startswith(kind)
    assert words in told


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("host", ["127.0.0.1", "/nowhere", "name.invalid"])
def test_a_server_that_cannot_be_reached_can_be_tried_again(
    shop: Shop, command: tuple[str, ...], host: str
) -> None:
    where = f"postgresql://shop:{SECRET}@:{free_port()}/shop?host={host}"
    told = refusal(shop, where, 12, *command)
    assert told.startswith("db_unusable True: ")
    assert "cannot be reached" in told


def test_a_role_that_may_only_read_reads_and_does_not_write(shop: Shop, guarded: Server) -> None:
    there = {"INVCTL_DB": url(guarded, f"reader:{SECRET}")}
    assert shop.json("product", "show", "A", env=there)["quantity"] == 5
    assert len(shop.json("stock", "log", env=there)) == 1
    for command in (("stock", "add", "A", "1"), ("product", "update", "A", "--name", "b")):
        told = refusal(shop, there["INVCTL_DB"], 13, *command)
        assert told.startswith("permission False: ")


@pytest.mark.parametrize("schema", ["foreigner", "notyet"])
def test_a_role_that_may_make_no_tables_is_refused(
    shop: Shop, guarded: Server, schema: str
) -> None:
    where = url(guarded, f"reader:{SECRET}", f"{SCHEMA}{schema}")
    assert refusal(shop, where, 13, "init").startswith("permission False: ")


def test_a_database_that_is_read_only_is_read_and_not_written(shop: Shop, guarded: Server) -> None:
    where = url(guarded, rest=f"{SCHEMA}ours%20-cdefault_transaction_read_only=on")
    assert shop.json("product", "show", "A", env={"INVCTL_DB": where})["quantity"] == 5
    for command in COMMANDS[1:3]:
        told = refusal(shop, where, 13, *command)
        assert "only lets read: default_transaction_read_only is on, set by the URL" in told
    new = url(guarded, rest=f"{SCHEMA}notyet%20-cdefault_transaction_read_only=on")
    assert "only lets read" in refusal(shop, new, 13, "init")


def test_a_replica_is_read_and_not_written(shop: Shop, guarded: Server) -> None:
    replica = Server(new_folder())
    replica.follow(guarded)
    try:
        where = replica.url("shop", "ours")
        assert shop.json("product", "show", "A", env={"INVCTL_DB": where})["quantity"] == 5
        for command in COMMANDS[1:3]:
            assert "only lets read: it is a replica" in refusal(shop, where, 13, *command)
        assert refusal(shop, replica.url("shop", "notyet"), 13, "init").startswith("permission")
    finally:
        replica.stop("immediate")


def test_too_many_connections_can_be_tried_again(shop: Shop, guarded: Server) -> None:
    held: list[psycopg.Connection[object]] = []
    where = url(guarded)
    try:
        with suppress(psycopg.OperationalError):
            while True:
                held.append(psycopg.connect(where.replace("-csearch_path=", "-csearch_path%3D")))
        told = refusal(shop, where, 12, "product", "list")
        assert told.startswith("db_unusable True: ")
    finally:
        for one in held:
            one.close()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_driver_that_is_not_there_is_named_with_what_installs_it(
    shop: Shop, guarded: Server, command: tuple[str, ...]
) -> None:
    stub = shop.root / "stub"
    stub.mkdir()
    (stub / "psycopg.py").write_text("raise ImportError('no pq wrapper available')")
    told = refusal(shop, url(guarded), 14, *command, env={"PYTHONPATH": str(stub)})
    assert told.startswith("config False: ")


BAD = [
    f"postgresql://shop:{SECRET}@example.invalid/sh@op",
    "postgresql://shop:s3cr/et@example.invalid/shop",
    "postgresql://shop:s3cr@et@example.invalid/shop",
    "postgresql://shop:s3cr#et@example.invalid/shop",
    "postgresql://shop:s3cr?et@example.invalid/shop",
    "postgresql://shop:s3cr:et@example.invalid/shop",
    "postgresql+psycopg2://shop:s3cr@example.invalid/shop",
    "postgresql+s3cr://example.invalid/shop",
    "postgresql://shop:s3cr%zzet@example.invalid/shop",
    "postgresql://shop:s3cr et@example.invalid/shop",
    "postgresql://shop:s3cr%00et@example.invalid/shop",
    "postgresql://[::1:5432/shop?password=s3cr",
    "mysql://shop:s3cr@example.invalid/shop",
]


@pytest.mark.parametrize("bad", BAD)
def test_a_url_that_cannot_be_read_is_refused_without_a_word_of_its_password(
    shop: Shop, bad: str
) -> None:
    asked = ("product", "list")
    for said in (
        debugged(shop, ("--db", bad, *asked), {}),
        debugged(shop, ("db", "path"), {"INVCTL_DB": bad}),
        shop.run(*asked, "--json", env={"INVCTL_DB": bad}).stderr,
    ):
        assert "s3cr" not in said.replace("'s3cr' is not a driver", "")


OURS = "options=-csearch_path=ours"
SPELLINGS = {
    "driver": {"INVCTL_DB": "postgresql+psycopg://shop:{secret}@{at}/shop?{ours}"},
    "postgres": {"INVCTL_DB": "postgres://shop:{secret}@{at}/shop?{ours}"},
    "escaped options": {
        "INVCTL_DB": "postgresql://shop:{secret}@{at}/shop?options=-csearch_path%3Dours"
    },
    "socket": {"INVCTL_DB": "postgresql://postgres@/shop?host={folder}&port={port}&{ours}"},
    "socket as host": {"INVCTL_DB": "postgresql://postgres@{escaped}:{port}/shop?{ours}"},
    "many hosts": {
        "INVCTL_DB": "postgresql://shop:{secret}@127.0.0.1:1,{at}/shop?{ours}"
        "&target_session_attrs=read-write"
    },
    "PGPASSWORD": {"INVCTL_DB": "postgresql://shop@{at}/shop?{ours}", "PGPASSWORD": "s3cr%et"},
    "PGPASSFILE": {
        "INVCTL_DB": "postgresql://shop@{at}/shop?{ours}", "PGPASSFILE": "{root}/passes"
    },
    ".pgpass": {"INVCTL_DB": "postgresql://shop@{at}/shop?{ours}", "HOME": "{root}"},
    "passfile": {"INVCTL_DB": "postgresql://shop@{at}/shop?{ours}&passfile={root}/passes"},
    "PGSERVICE": {
        "INVCTL_DB": "postgresql://", "PGSERVICE": "shop", "PGSERVICEFILE": "{root}/services",
        "PGOPTIONS": "-csearch_path=ours",
    },
    "service": {
        "INVCTL_DB": "postgresql:///?service=shop&{ours}", "PGSERVICEFILE": "{root}/services"
    },
    "PG variables": {
        "INVCTL_DB": "postgresql://", "PGHOST": "127.0.0.1", "PGPORT": "{port}",
        "PGDATABASE": "shop",
        "PGUSER": "shop", "PGPASSWORD": "s3cr%et", "PGOPTIONS": "-csearch_path=ours",
    },
    "password in the query": {
        "INVCTL_DB": "postgresql://{at}/shop?user=shop&password={secret}&{ours}"
    },
    "sslmode": {"INVCTL_DB": "postgresql://shop:{secret}@{at}/shop?sslmode=prefer&{ours}"},
    "another encoding": {
        "INVCTL_DB": "postgresql://shop:{secret}@{at}/shop?{ours}", "PGCLIENTENCODING": "LATIN1"
    },
    "other habits": {
        "INVCTL_DB": "postgresql://shop:{secret}@{at}/shop?{ours}%20-cstandard_conforming_strings=off"
        "%20-cdefault_transaction_isolation=serializable%20-cDateStyle=German%20-cTimeZone=Asia/Kolkata"
        "%20-cbytea_output=escape%20-cdefault_transaction_deferrable=on"
    },
}  # fmt: skip


@pytest.mark.parametrize("way", SPELLINGS.values(), ids=SPELLINGS)
def test_an_inventory_is_found_however_it_is_said_where_it_is(
    shop: Shop, guarded: Server, way: dict[str, str]
) -> None:
    for name in ("passes", ".pgpass"):
        shop.file(name, f"127.0.0.1:{guarded.port}:shop:shop:s3cr%et\n").chmod(0o600)
    here = f"host=127.0.0.1\nport={guarded.port}\ndbname=shop\nuser=shop\npassword=s3cr%et\n"
    shop.file("services", f"[shop]\n{here}")
    values = {
        "at": f"127.0.0.1:{guarded.port}",
        "port": guarded.port,
        "root": shop.root,
        "folder": guarded.folder,
        "escaped": str(guarded.folder).replace("/", "%2F"),
        "secret": SECRET,
        "ours": OURS,
    }
    env = {name: text.format(**values) for name, text in way.items()}
    name = "Größe Ω 日本 \\ 'x' \"y\" %s"
    changed = shop.json(
        "product", "update", "A", "--name", name, "--description", "a\n\tb", env=env
    )
    assert (changed["name"], changed["description"]) == (name, "a\n\tb")
    # No file is like another's, which would be warned of.
    lines = f'sku,delta,ref,note\nA,1,"{name[:-12]}",{shop.root}\nA,-1,\\N,\n'
    applied = shop.json("stock", "apply", "-", stdin=lines, env=env)
    assert (
        shop.json("stock", "log", "--since-id", "1", "--limit", "99", env=env)[-1]["ref"] == "\\N"
    )
    assert shop.json("db", "info", env=env)["products"] == 1
    assert applied["movements"] == 2
    assert "s3cr" not in shop.run("db", "path", env=env).stdout
