"""Who may ask: tokens, and the names that they stand for."""

import os
import stat
from collections.abc import Mapping
from hashlib import sha256

from invctl.errors import ConfigError, InvalidValue, InventoryError
from invctl.oserrors import REFUSALS, explained, reason, refused
from invctl.values import check_text

VARIABLE = "INVCTL_TOKEN"
OPTION = "--token-file"
_SHORT = 16
_MOST = 1 << 20
_GOOD = "`openssl rand -hex 24` makes a good one"


class Tokens:
    """Tokens by what they hash to, so that looking one up tells nothing of the others."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = {_hash(token): name for token, name in names.items()}
        self.guessable = sorted({name for token, name in names.items() if len(token) < _SHORT})
        """Whose tokens are short enough to be found by trying."""

    def __bool__(self) -> bool:
        return bool(self._names)

    def name(self, token: str) -> str | None:
        """Return whose token it is; None if it is nobody's."""
        return self._names.get(_hash(token))


def read_tokens(file: str | None, actor: str) -> Tokens:
    """Return the tokens of a file and of INVCTL_TOKEN; there may be none.

    A line is `NAME TOKEN`; the variable may hold a token alone, which is then the `actor`'s.
    Raises ConfigError, or what is wrong with the file.
    """
    found: dict[str, str] = {}
    if file is not None:
        for number, line in enumerate(_lines(file), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                _add(found, line, f"{OPTION} {file}, line {number}", None)
        if not found:
            raise ConfigError(OPTION, f"there is no token in {file}", "a line is NAME TOKEN")
    if variable := os.environ.get(VARIABLE):
        _add(found, variable, VARIABLE, actor)
    return Tokens(found)


def _add(found: dict[str, str], line: str, where: str, actor: str | None) -> None:
    """Take in a line that names somebody, if it must, and a token."""
    *names, token = line.split() or [""]
    name = " ".join(names) or actor
    if name is None:
        raise ConfigError(where, "it holds one word where NAME TOKEN is wanted", "name whose it is")
    if not token or not (token.isascii() and token.isprintable()):
        raise ConfigError(where, "the token is not of plain characters", _GOOD)
    if token in found:
        raise ConfigError(where, "the token is there twice", "give everybody one of their own")
    try:
        found[token] = check_text(name, "actor")
    except InvalidValue as error:
        raise ConfigError(where, str(error.details["problem"]), "name whose it is") from error


def _lines(file: str) -> list[str]:
    """Return the lines of a file that only its owner may read. Raises ConfigError for others."""
    with explained(file, _unreadable), open(file, "rb") as stream:
        found = os.fstat(stream.fileno())
        if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077:
            mode = f"{stat.S_IMODE(found.st_mode):04o}"
            raise ConfigError(OPTION, f"others may use {file} (mode {mode})", f"chmod 600 {file}")
        content = stream.read(_MOST)
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ConfigError(OPTION, f"{file} is not UTF-8", "save it as that") from error


def _unreadable(file: str, error: OSError) -> InventoryError:
    if error.errno in REFUSALS:
        return refused(file, error)
    return ConfigError(OPTION, f"cannot read {file}: {reason(error)}", "a line is NAME TOKEN")


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
