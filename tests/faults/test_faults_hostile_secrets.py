"""A password in a database's URL is never shown, however odd it is and however wrong the URL."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hostile_runs import Runner

SECRETS = {
    "plain": "s3cr3t-8Zq",
    "with @": "s3cr3t@8Zq",
    "with :": "s3cr3t:8Zq",
    "with /": "s3cr3t/8Zq",
    "with ? and #": "s3cr3t?8Zq#9",
    "with %": "s3cr3t%408Zq%00%zz",
    "with blanks": "s3cr3t 8Zq 9",
    "with quotes": "s3cr3t\"8Zq'9",
    "with backslashes": "s3cr3t\\n8Zq\\",
    "with lines": "s3cr3t\n8Zq\t9",
    "with escapes": "s3cr3t\x1b[31m8Zq",
    "with markup": "s3cr3t[red]8Zq{sku}%s",
    "beyond ASCII": "s3cr3t-ß😀8Zq",
    "no UTF-8": "s3cr3t\udcff8Zq",
    "with [": "s3cr3t[8Zq",
    "short": "8Zq",
}
URLS = {
    "right": "postgresql://user:{}@host/db",
    "driver": "postgresql+psycopg://user:{}@host:5432/db",
    "other scheme": "postgres://user:{}@host/db",
    "capitals": "PostgreSQL://user:{}@host/db",
    "unknown engine": "mysql://user:{}@host/db",
    "one slash": "postgresql:/user:{}@host/db",
    "no slash": "postgresql:user:{}@host/db",
    "no colon": "postgresql//user:{}@host/db",
    "no scheme": "user:{}@host/db",
    "blank before": " postgresql://user:{}@host/db",
    "quoted": '"postgresql://user:{}@host/db"',
    "bad port": "postgresql://user:{}@host:port/db",
    "bad host": "postgresql://user:{}@[::1/db",
    "no host": "postgresql://user:{}x",
    "file": "sqlite://user:{}@host/db",
    "words": "host=host user=user password='{}' dbname=db",
}
COMMANDS = {
    "list": ("product", "list"),
    "json": ("product", "list", "--json"),
    "table": ("product", "show", "A-1", "-o", "table"),
    "path": ("db", "path"),
    "info": ("db", "info", "--json"),
    "init": ("init",),
    "add": ("stock", "add", "A-1", "1"),
    "create": ("product", "create", "A-1", "--name", "x", "--dry-run"),
    "tab": ("__complete", "stock", "add", ""),
}
PART = b"8Zq"
"""What every one of the passwords holds, and nothing else."""


def some(cases: Mapping[str, Any], quick: str) -> Sequence[Any]:
    """Return cases, of which the plain run has the `quick` ones only."""
    return [
        pytest.param(case, id=name, marks=() if name in quick.split(", ") else pytest.mark.corpus)
        for name, case in cases.items()
    ]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("secrets"))


@pytest.mark.parametrize("debug", ["", "1"], ids=["", "debug"])
@pytest.mark.parametrize("command", some(COMMANDS, "json, path"))
@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_a_password_in_the_environment_is_not_shown(
    runner: Runner, url: str, command: tuple[str, ...], debug: str
) -> None:
    env = {"INVCTL_DB": url.format(SECRETS["plain"]), "INVCTL_DEBUG": debug}
    hides(runner, command, env, debug)


def some_odd(quick: str) -> Sequence[Any]:
    """Return URLs with odd passwords, but where an @ in one would be what the host begins after."""
    return [
        pytest.param(url, secret, id=f"{where}-{odd}", marks=marks)
        for where, url in URLS.items()
        for odd, secret in SECRETS.items()
        if (where, odd) != ("no host", "with @")
        for marks in ((() if where in quick.split(", ") else pytest.mark.corpus),)
    ]


@pytest.mark.parametrize(("url", "secret"), some_odd("one slash"))
@pytest.mark.parametrize("debug", ["", "1"], ids=["", "debug"])
def test_an_odd_password_is_not_shown(runner: Runner, url: str, secret: str, debug: str) -> None:
    for command in ("list", "json", "path"):
        env = {"INVCTL_DB": url.format(secret), "INVCTL_DEBUG": debug}
        hides(runner, COMMANDS[command], env, debug)


@pytest.mark.parametrize(("url", "secret"), some_odd("one slash, bad port"))
def test_a_password_on_the_command_line_is_not_shown(runner: Runner, url: str, secret: str) -> None:
    typed = url.format(secret)
    hides(runner, ("product", "list", "--db", typed), {})
    hides(runner, (f"--db={typed}", "db", "path", "--json"), {})


@pytest.mark.parametrize(
    "command",
    [
        ("{}",),
        ("product", "{}"),
        ("product", "list", "{}"),
        ("product", "import", "{}"),
        ("product", "list", "--bd", "{}"),
        ("product", "list", "--bd={}"),
        ("db", "path", "{}", "--json"),
        ("product", "list", "--db", "{}", "--output", "xml"),
        ("--columns", "{}", "product", "list"),
    ],
)
def test_a_url_in_the_wrong_place_is_shown_without_its_password(
    runner: Runner, command: tuple[str, ...]
) -> None:
    url = URLS["right"].format(SECRETS["plain"])
    hides(runner, tuple(word.format(url) for word in command), {})


def hides(runner: Runner, words: tuple[str, ...], env: dict[str, str], debug: str = "") -> None:
    """Run a command and assert that nothing it wrote holds the password."""
    run = runner.run(*words, env=env)
    if debug:
        assert run.code != 1
    else:
        run.check()
    assert PART not in run.out, run.out
    assert PART not in run.err, run.err
