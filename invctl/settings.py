"""Which database a command speaks to, and who says so: flag, environment, platform."""

import os
from typing import NamedTuple

from invctl.errors import ConfigError, InventoryError, UsageError

ENVIRONMENT = "INVCTL_DB"


class Location(NamedTuple):
    """Where an inventory is: `path` of its file, and which setting said so."""

    path: str
    source: str


def locate(flag: str | None) -> Location:
    """Return the inventory that `--db`, INVCTL_DB or the platform's data folder names.

    Raises UsageError for a bad flag and ConfigError for a bad variable.
    """
    if flag is not None:
        return Location(_path(flag, "--db"), "--db")
    variable = os.environ.get(ENVIRONMENT)
    if variable:
        return Location(_path(variable, ENVIRONMENT), ENVIRONMENT)
    from platformdirs import user_data_path

    folder = user_data_path("invctl", appauthor=False)
    return Location(str(folder / "inventory.db"), "the default")


def _path(text: str, source: str) -> str:
    """Return the file that a path or an `sqlite:///` URL names."""
    if not text:
        raise _refused(source, "is empty", "give the path of a database file")
    scheme, separator, rest = text.partition("://")
    if not separator or not scheme.replace("+", "").isalnum():
        return os.path.abspath(os.path.expanduser(text))
    if scheme.partition("+")[0] in ("postgresql", "postgres"):
        raise ConfigError(
            source, "PostgreSQL is not supported by this version", "give a file's path"
        )
    if scheme != "sqlite":
        raise _refused(source, f"'{scheme}' is not an engine", "give a path or sqlite:///PATH")
    from urllib.parse import unquote, urlsplit

    path = unquote(urlsplit(text).path)
    if not rest.startswith("/") or len(path) < 2:
        raise _refused(
            source, "the URL names no file", "write sqlite:///relative or sqlite:////abs"
        )
    return os.path.abspath(path[1:])


def _refused(source: str, problem: str, hint: str) -> InventoryError:
    """Return the error for a bad setting: the command line's or the environment's."""
    if source == ENVIRONMENT:
        return ConfigError(source, problem, hint)
    return UsageError(f"{source}: {problem}", hint)
