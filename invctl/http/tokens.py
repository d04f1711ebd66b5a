"""Who may ask: tokens, and the names that they stand for."""

import os
import re
import stat
from collections.abc import Mapping, Sequence
from hashlib import sha256

from invctl.errors import ConfigError, InvalidValue, InventoryError
from invctl.oserrors import REFUSALS, explained, reason, refused
from invctl.values import check_text

VARIABLE = "INVCTL_TOKEN"
OPTION = "--token-file"
_SHORT = 16
_MOST = 1 << 20
_GOOD = "`openssl rand -hex 24` makes a good one"
_UNEXPANDED = re.compile(r"\$(\w+|\{.*\}|\(.*\))")
"""What comes of a shell that was not asked; a `$` among other characters is as good as any."""


class Tokens:
    """Tokens by what they hash to, so that looking one up tells nothing of the others.

    `guessable` says where those stand that are short enough to be found by trying.
    """

    def __init__(self, names: Mapping[str, str], guessable: Sequence[str] = ()) -> None:
        self._names = {_hash(token): name for token, name in names.items()}
        self.guessable = guessable

    def __bool__(self) -> bool:
        return bool(self._names)

    def name(self, token: str) -> str | None:
        """Return whose token it is; None if it is nobody's."""
        return self._names.get(_hash(token))


def read_tokens(file: str | None, actor: str) -> Tokens:
    """Return the tokens of a file and of INVCTL_TOKEN; there may be none.

    A line is `NAME TOKEN`, each of them one word, and a `#` before a word begins a comment; the
    variable may hold a token alone, which is then the `actor`'s. Raises InvalidValue for a file
    without a name, ConfigError, or what is wrong with the file.
    """
    if file == "":
        raise InvalidValue(OPTION, file, "is empty")
    lines = [] if file is None else _lines(file)
    # Whatever is wrong is told by its place and no word of it: any may be a token.
    places: list[tuple[str, str, str | None]] = [
        (f"{OPTION} {file}, line {n}", line, None) for n, line in enumerate(lines, 1)
    ]
    given = [place for place in places if _words(place[1])]
    if file is not None and not given:
        raise ConfigError(OPTION, f"there is no token in {file}", "a line is NAME TOKEN")
    if variable := os.environ.get(VARIABLE):
        if variable.splitlines() != [variable]:
            hint = f"it takes one token; {OPTION} takes many"
            raise ConfigError(VARIABLE, "there is a line end in it", hint)
        if not _words(variable):
            raise ConfigError(VARIABLE, "there is no token in it", "unset it to want none")
        given.append((VARIABLE, variable, actor))
    found: dict[str, str] = {}
    for where, line, whose in given:
        _add(found, line, where, whose)
    # Each line has added one token, in this order: one that was there already is refused.
    short = [where for (where, _, _), token in zip(given, found, strict=True) if _is_short(token)]
    return Tokens(found, short)


def _add(found: dict[str, str], line: str, where: str, actor: str | None) -> None:
    """Take in a line that names somebody, if it must, and a token."""
    *names, token = _words(line)
    if len(names) > 1:
        hint = "a name is one word, and a # begins a comment"
        raise ConfigError(where, "it holds more words than NAME TOKEN", hint)
    name = names[0] if names else actor
    if name is None:
        raise ConfigError(where, "it holds one word where NAME TOKEN is wanted", "name whose it is")
    if not (token.isascii() and token.isprintable()):
        raise ConfigError(where, "the token is not of plain characters", _GOOD)
    if _UNEXPANDED.fullmatch(token):
        raise ConfigError(where, "the token is a variable that no shell has replaced", _GOOD)
    if token in found:
        raise ConfigError(where, "the token is there twice", "give everybody one of their own")
    try:
        found[token] = check_text(name, "actor")
    except InvalidValue as error:
        raise ConfigError(where, error.problem, "name whose it is") from error


def _words(line: str) -> list[str]:
    """Return the words of a line, without a comment."""
    words = line.split()
    return words[: next((n for n, word in enumerate(words) if word.startswith("#")), len(words))]


def _is_short(token: str) -> bool:
    return len(token) < _SHORT


def _lines(file: str) -> list[str]:
    """Return the lines of a file that only its owner may read. Raises ConfigError for others."""
    with explained(file, _unreadable), open(file, "rb") as stream:
        found = os.fstat(stream.fileno())  # of what is read: the name may be another file's by now
        if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077:
            mode = f"{stat.S_IMODE(found.st_mode):04o}"
            raise ConfigError(OPTION, f"others may use {file} (mode {mode})", f"chmod 600 {file}")
        content = stream.read(_MOST)  # a device may have no end
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(OPTION, f"{file} is not UTF-8", "save it as that") from error


def _unreadable(file: str, error: OSError) -> InventoryError:
    if error.errno in REFUSALS:
        return refused(file, error)
    return ConfigError(OPTION, f"cannot read {file}: {reason(error)}", "a line is NAME TOKEN")


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
