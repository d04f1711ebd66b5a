"""Which database is meant: `--db` before INVCTL_DB before the platform's folder."""

import re
from pathlib import Path

import pytest

from invctl.errors import ConfigError, InventoryError, UsageError
from invctl.settings import FileLocation, ServerLocation, locate


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INVCTL_DB", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_default_is_the_users_data_folder(tmp_path: Path) -> None:
    expected = tmp_path / ".local" / "share" / "invctl" / "inventory.db"
    assert locate(None) == FileLocation(str(expected), "the default")


def test_the_data_folder_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert locate(None).shown == "/data/invctl/inventory.db"


def test_the_flag_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVCTL_DB", "/env.db")
    assert locate(None) == FileLocation("/env.db", "INVCTL_DB")
    assert locate("/flag.db") == FileLocation("/flag.db", "--db")


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVCTL_DB", "")
    assert locate(None).source == "the default"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("shop.db", "{here}/shop.db"),
        ("./a/../shop.db", "{here}/shop.db"),
        ("~/shop.db", "{here}/shop.db"),
        ("/abs/shop.db", "/abs/shop.db"),
        ("a:b.db", "{here}/a:b.db"),
        ("sqlite:///shop.db", "{here}/shop.db"),
        ("sqlite:////abs/shop.db", "/abs/shop.db"),
        ("sqlite:////abs/a%20b.db", "/abs/a b.db"),
        ("sqlite:////abs/a[1]%3F%23.db", "/abs/a[1]?#.db"),
    ],
)
def test_a_path_or_an_url_names_a_file(tmp_path: Path, text: str, path: str) -> None:
    assert locate(text).shown == path.format(here=tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite://host/a.db",
        "sqlite://[red]/a",
        "mysql://h/d",
        "postgresql://u:p\udcff@h/d",
    ],
)
def test_an_url_that_names_no_file_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(UsageError):
        locate(text)
    monkeypatch.setenv("INVCTL_DB", text)
    with pytest.raises(ConfigError):
        locate(None)


@pytest.mark.parametrize(
    ("rest", "told"),
    [("?mode=ro&key=s3cret#x", "'?mode=…&key=…'"), ("?", "'?'"), ("#s3cret", "'#'")],
)
def test_what_the_url_of_a_file_says_besides_is_refused_and_named(
    monkeypatch: pytest.MonkeyPatch, rest: str, told: str
) -> None:
    monkeypatch.setenv("INVCTL_DB", f"sqlite:////abs/a.db{rest}")
    with pytest.raises(ConfigError) as caught:
        locate(None)
    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value.details)


def test_an_empty_flag_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        locate("")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:s3cret@host/db", "postgresql://me@host/db"),
        ("postgres://me:s3cret@host:5432,other/db", "postgresql://me@host:5432,other/db"),
        ("postgresql+psycopg://me:s3cret@[::1]:5432", "postgresql://me@[::1]:5432"),
        ("postgresql:///db?password=s3cret&host=/tmp", "postgresql:///db?host=/tmp"),
        ("postgresql://host/db?sslpassword=s3cret&sslmode=require", "postgresql://host/db?sslmode=require"),
        ("postgresql:///db?options=-csearch_path=shop", "postgresql:///db?options=-csearch_path=shop"),
    ],
)  # fmt: skip
def test_a_server_is_shown_without_its_password(url: str, shown: str) -> None:
    location = locate(url)
    assert isinstance(location, ServerLocation)
    assert location.shown == shown
    assert "s3cret" not in repr(location)
    assert ("s3cret" in location.url.conninfo) == ("s3cret" in url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:s3cret@host/db",
        "cockroachdb://me:s3cret@host:26257/db",
        "ftp://me:s3cret@host/db",
        "postgresql+asyncpg://me:s3cret@host/db",
        "postgresql://me:s3/cret@host/db",
        "postgresql://me:s3cret@x@host/db",
        "postgresql://me:s3cret?x@host/db",
        "postgresql://me:s3cret#x@host/db",
        "postgresql://me:s3cret",
    ],
)
def test_no_error_shows_a_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("INVCTL_DB", url)
    for flag in (url, None):
        with pytest.raises(InventoryError) as caught:
            locate(flag)
        shown = f"{caught.value.message} {caught.value.hint} {caught.value.details}"
        assert not re.search("s3|cret", shown)
