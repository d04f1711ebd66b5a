"""Which database a command speaks to, and who says so: flag, environment, platform."""

import os
import re
from typing import NamedTuple

from invctl.errors import ConfigError, InventoryError, UsageError

ENVIRONMENT = "INVCTL_DB"

# The schemes of servers, and the one that the client library reads.
_SERVERS = {"postgresql": "postgresql", "postgres": "postgresql"}
_DRIVERS = ("", "psycopg")
# What a URL's query may say in public; a password, or what is none of the library's, is not.
_PUBLIC = {
    "application_name", "channel_binding", "connect_timeout", "dbname", "host", "hostaddr",
    "options", "port", "service", "sslmode", "sslnegotiation", "sslrootcert",
    "target_session_attrs", "user",
}  # fmt: skip


class ServerUrl:
    """A server's URL with all that it holds, which may be a password: it prints as `shown`."""

    def __init__(self, engine: str, rest: str, shown: str, secrets: tuple[str, ...]) -> None:
        self.engine = engine
        self.shown = shown
        self.conninfo = f"postgresql://{rest}"
        self.secrets = secrets

    def __repr__(self) -> str:
        return self.shown


class FileLocation(NamedTuple):
    """An inventory in a file: the file's path, and the setting that names it."""

    path: str
    source: str

    @property
    def shown(self) -> str:
        """Where it is, as people are told."""
        return self.path


class ServerLocation(NamedTuple):
    """An inventory on a server: the server's URL, and the setting that names it."""

    url: ServerUrl
    source: str

    @property
    def shown(self) -> str:
        """Where it is, as people are told: without its password."""
        return self.url.shown


Location = FileLocation | ServerLocation


def locate(flag: str | None) -> Location:
    """Return the inventory that `--db`, INVCTL_DB or the platform's data folder names.

    Raises UsageError for a bad flag and ConfigError for a bad variable.
    """
    if flag is not None:
        return read_location(flag, "--db")
    variable = os.environ.get(ENVIRONMENT)
    if variable:
        return read_location(variable, ENVIRONMENT)
    return FileLocation(os.path.join(data_folder(), "inventory.db"), "the default")


def data_folder() -> str:
    """Return the folder for this user's data, which need not exist."""
    from platformdirs import user_data_path

    return str(user_data_path("invctl", appauthor=False))


def read_location(text: str, source: str) -> Location:
    """Return the inventory that a path or a URL names; `source` is the setting that holds it.

    Raises UsageError, or ConfigError where the setting is a variable.
    """
    if not text:
        raise _refused(source, "is empty", "give the path of a database file")
    scheme, separator, rest = text.partition("://")
    if _is_broken_url(text, scheme):
        problem = "it holds what looks like a password, but is no URL"
        raise _refused(source, problem, "write postgresql://…, or ./… for a file of that name")
    if not separator or not scheme.replace("+", "").isalnum():
        return FileLocation(os.path.abspath(os.path.expanduser(text)), source)
    engine, _, driver = scheme.partition("+")
    if engine in _SERVERS:
        if driver not in _DRIVERS:
            raise _refused(source, f"'{driver}' is not a driver", f"write {engine}://…")
        return ServerLocation(_server(_SERVERS[engine], rest, source), source)
    if scheme != "sqlite":
        known = "a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE"
        raise _refused(source, f"'{scheme}' is not an engine", f"give {known}")
    return FileLocation(_file(rest, source), source)


def _is_broken_url(text: str, scheme: str) -> bool:
    """Return whether a text would be a path only because the URL in it is misspelled.

    Whoever shows a path would show its password.
    """
    if text[0] in "/.~" or scheme.replace("+", "").isalnum() or not re.search("[:=]", text):
        return False
    from invctl.passwords import passwords_in

    return any(passwords_in(text))


def _file(rest: str, source: str) -> str:
    """Return the file that an `sqlite:///` URL names."""
    from urllib.parse import unquote

    path = unquote(re.split("[?#]", rest)[0])
    if not rest.startswith("/") or len(path) < 2:
        raise _refused(
            source, "the URL names no file", "write sqlite:///relative or sqlite:////abs"
        )
    return os.path.abspath(path[1:])


def _server(engine: str, rest: str, source: str) -> ServerUrl:
    """Take the URL of a server apart, so far as to know what in it is nobody's business.

    Where it could be read in two ways it is refused, without a word of it: one of them would show
    a part of the password.
    """
    from urllib.parse import unquote

    parts = re.fullmatch(
        r"(?:(?P<user>[^/?#@:]*)(?::(?P<password>[^/?#@]*))?@)?"
        r"(?P<hosts>[^/?#@]*)(?:/(?P<database>[^/?#@]*))?(?:\?(?P<query>[^#]*))?",
        rest,
    )
    items = [one.split("=", 1) for one in (parts["query"] or "").split("&") if one] if parts else []
    if (
        parts is None
        or any(len(one) != 2 for one in items)
        or not _are_hosts(parts["hosts"])
        or re.search("[\udc80-\udcff]", rest)  # bytes that are no UTF-8, as Python has them
    ):
        problem = "the URL cannot be read"
        hint = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, and / ? # @ : % as %2F …"
        raise _refused(source, problem, hint)
    public = "&".join(f"{name}={value}" for name, value in items if name in _PUBLIC)
    shown = f"{engine}://" + (f"{parts['user']}@" if parts["user"] else "") + parts["hosts"]
    shown += f"/{parts['database']}" if parts["database"] is not None else ""
    shown += f"?{public}" if public else ""
    hidden = [parts["password"] or "", *(v for name, v in items if name not in _PUBLIC)]
    spelled = dict.fromkeys(text for one in hidden if one for text in (one, unquote(one)))
    # `?options=-csearch_path=shop` is what people write; the client library wants its = as %3D.
    head = rest.partition("?")[0]
    query = "&".join(f"{name}={value.replace('=', '%3D')}" for name, value in items)
    return ServerUrl(engine, f"{head}?{query}" if query else head, shown, tuple(spelled))


def _are_hosts(hosts: str) -> bool:
    """Return whether this is `HOST:PORT,…`; a HOST may be empty, or an address in brackets."""
    return all(
        re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:]*)(:[0-9]*)?", one) for one in hosts.split(",")
    )


def _refused(source: str, problem: str, hint: str) -> InventoryError:
    """Return the error for a bad setting: the command line's or the environment's."""
    if source == ENVIRONMENT:
        return ConfigError(source, problem, hint)
    return UsageError(f"{source}: {problem}", hint)
