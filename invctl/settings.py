"""Which database a command speaks to, and who does, by flag, environment and platform.

What a flag or a variable holds is judged here, before anything is made under a name that nobody
meant.
"""

import os
import re
from typing import NamedTuple

from invctl.errors import ConfigError, InvalidValue, InventoryError, UsageError
from invctl.text import quoted

ENVIRONMENT = "INVCTL_DB"
ACTOR = "INVCTL_ACTOR"
# What the platform's data folder follows from, on most of them.
_FOLDERS = ("XDG_DATA_HOME", "HOME")

# The schemes of servers, and the one that the client library reads.
_SERVERS = ("postgresql", "postgres")
_DRIVERS = ("", "psycopg")
# What a URL's query may say in public; a password, or what is none of the library's, is not.
_PUBLIC = {
    "application_name", "channel_binding", "connect_timeout", "dbname", "host", "hostaddr",
    "options", "port", "service", "sslmode", "sslnegotiation", "sslrootcert",
    "target_session_attrs", "user",
}  # fmt: skip


class ServerUrl:
    """A server's URL with all that it holds, which may be a password: it prints as `shown`."""

    def __init__(self, rest: str, shown: str, secrets: tuple[str, ...]) -> None:
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
    """Return the folder for this user's data, which need not exist.

    Raises ConfigError where nothing says where it is: no HOME, and no entry among the users.
    """
    from platformdirs import user_data_path

    for name in _FOLDERS:
        folder = os.environ.get(name, "")
        if not folder.strip(" "):
            continue  # it counts as unset
        _refuse_wrapped(folder, name)
        _check_variable(folder, name)
    try:
        folder = str(user_data_path("invctl", appauthor=False))
    except RuntimeError:  # what it says of a missing home; older ones leave the ~ as it is
        folder = ""
    if not os.path.isabs(folder):
        problem = "no variable and no entry among the users says where this user's home is"
        raise ConfigError("HOME", problem, f"set HOME or {ENVIRONMENT}, or give --db")
    return folder


def default_actor() -> str:
    """Return who acts where no flag says it: INVCTL_ACTOR, else the operating system's user.

    Raises ConfigError for a variable that names nobody.
    """
    named = os.environ.get(ACTOR, "").strip(" ")
    if not named:
        return _user()
    _refuse_wrapped(named, ACTOR)
    _refuse_unexpanded(named, ACTOR, "the name")
    from invctl.values import check_text

    try:
        return check_text(named, "actor")
    except InvalidValue as error:
        raise ConfigError(ACTOR, error.problem, "set it to a name, or unset it") from error


def _user() -> str:
    """Return the name of this process's user, which the environment cannot change."""
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container any number may be the user
        return f"uid {number}"


def read_location(text: str, source: str) -> Location:
    """Return the inventory that a path or a URL names; `source` is the setting that holds it.

    Raises UsageError, or ConfigError where the setting is a variable.
    """
    if not text:
        raise _refused(source, "is empty", "give the path of a database file")
    if text == "-":  # a file of that name would be made, and the pipe behind it get nothing
        problem = "an inventory is no stream"
        raise _refused(source, problem, "`invctl db backup -` writes one; ./- is a file")
    _check_characters(text, source)
    if source == ENVIRONMENT:
        _refuse_wrapped(text, source)
    scheme, separator, rest = text.partition("://")
    if _is_broken_url(text, scheme):
        problem = "it holds what looks like a password, but is no URL"
        raise _refused(source, problem, "write postgresql://…, or ./… for a file of that name")
    if not separator or not scheme.replace("+", "").isalnum():
        return FileLocation(_path(text, source), source)
    engine, _, driver = scheme.partition("+")
    if engine in _SERVERS:
        if driver not in _DRIVERS:
            raise _refused(source, f"'{driver}' is not a driver", f"write {engine}://…")
        return ServerLocation(_server(rest, source), source)
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


def _path(text: str, source: str) -> str:
    """Return the file that a path names, which may begin with `~`."""
    if source == ENVIRONMENT:
        _check_variable(text, source)
    if not os.environ.get("HOME"):
        os.environ.pop("HOME", None)  # an empty one counts as unset, which Python does not know
    path = os.path.expanduser(text)
    if path.startswith("~"):
        home = path.partition("/")[0]
        hint = "give an absolute path, or ./~ for a file of that name"
        raise _refused(source, f"there is no home folder {quoted(home)}", hint)
    return _absolute(path, source)


def _absolute(path: str, source: str) -> str:
    """Return a file's absolute path, refusing a folder that is none yet."""
    found = os.path.abspath(path)
    if path.endswith("/") and not os.path.lexists(found):
        raise _refused(source, f"there is no folder {path}", "give the path of a file")
    return found


def _check_variable(path: str, name: str) -> None:
    """Raise ConfigError for a path in a variable that a shell would have read otherwise."""
    _check_characters(path, name)
    _refuse_unexpanded(path, name, "the path")


def _refuse_wrapped(text: str, name: str) -> None:
    """Raise ConfigError for what a shell would have taken off."""
    # A container's --env-file does not. Nothing of the text is told: it may hold a password.
    if text != text.strip(" "):
        raise ConfigError(name, "there is a blank before or after it", "set it without")
    if re.fullmatch(r"(['\"]).*\1", text):
        raise ConfigError(name, "it is in quotes, which no shell has taken off", "set it without")


def _refuse_unexpanded(text: str, name: str, what: str) -> None:
    """Raise ConfigError for a variable in a variable that a shell would have replaced."""
    found = re.search(r"\$(?:\w+|[{(][\w})]*|[@*#?!$-])|`.+`", text)
    if found:
        problem = f"no shell has replaced the {quoted(found.group())} in it"
        raise ConfigError(name, problem, f"set it to {what} itself")


def _check_characters(text: str, source: str) -> None:
    """Refuse what no file is called, and control characters in a variable."""
    # A file with Windows line ends leaves them there; who types such a name means it.
    typed = source.startswith("--") or source == "TARGET"
    found = re.search("\0" if typed else "[\0-\x1f\x7f-\x9f]", text)
    if found:
        problem = f"it holds the control character {quoted(found.group())}"
        raise _refused(source, problem, "set it without")


def _file(rest: str, source: str) -> str:
    """Return the file that an `sqlite:///` URL names."""
    from urllib.parse import unquote

    name, *more = re.split("([?#])", rest, maxsplit=1)
    if more:
        # What stands behind a = may be a password.
        told = more[0] + "&".join(f"{one}=…" for one in re.findall("([^=&#]*)=", more[1]))
        problem = f"the URL of a file takes no {quoted(told)}"
        raise _refused(source, problem, "leave it out; in a file's name write ? # as %3F %23")
    path = unquote(name)
    if not rest.startswith("/") or len(path) < 2:
        raise _refused(
            source, "the URL names no file", "write sqlite:///relative or sqlite:////abs"
        )
    _check_characters(path, source)
    if source == ENVIRONMENT:
        _check_variable(path, source)
    return _absolute(path[1:], source)


def _server(rest: str, source: str) -> ServerUrl:
    """Take the URL of a server apart, so far as to know what in it is nobody's business."""
    from urllib.parse import unquote

    parts = re.fullmatch(
        r"(?:(?P<user>[^/?#@:]*)(?::(?P<password>[^/?#@]*))?@)?"
        r"(?P<hosts>[^/?#@]*)(?:/(?P<database>[^/?#@]*))?(?:\?(?P<query>[^#]*))?",
        rest,
    )
    items = [one.split("=", 1) for one in (parts["query"] or "").split("&") if one] if parts else []
    # What could be read in two ways is refused, without a word of it: one of them would show a part
    # of the password.
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
    shown = "postgresql://" + (f"{parts['user']}@" if parts["user"] else "") + parts["hosts"]
    shown += f"/{parts['database']}" if parts["database"] is not None else ""
    shown += f"?{public}" if public else ""
    hidden = [parts["password"] or "", *(v for name, v in items if name not in _PUBLIC)]
    spelled = dict.fromkeys(text for one in hidden if one for text in (one, unquote(one)))
    # `?options=-csearch_path=shop` is what people write; the client library wants its = as %3D.
    head = rest.partition("?")[0]
    query = "&".join(f"{name}={value.replace('=', '%3D')}" for name, value in items)
    return ServerUrl(f"{head}?{query}" if query else head, shown, tuple(spelled))


def _are_hosts(hosts: str) -> bool:
    """Return whether this is `HOST:PORT,…`; a HOST may be empty, or an address in brackets."""
    return all(
        re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^\[\]:]*)(:[0-9]*)?", one) for one in hosts.split(",")
    )


def _refused(source: str, problem: str, hint: str) -> InventoryError:
    """Return the error for a bad setting: the command line's or the environment's."""
    if source in (ENVIRONMENT, *_FOLDERS):
        return ConfigError(source, problem, hint)
    return UsageError(f"{source}: {problem}", hint)
