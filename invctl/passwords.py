"""Passwords in what was typed, and texts without them. Knows no other module."""

import json
import os
import re
import sys
from codecs import unicode_escape_encode
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

HIDDEN = "***"
_SHORTEST = 4
"""Shorter ones would be found in every other word: they are only hidden where they stand."""

_PATTERNS = (
    # Up to the last @, whatever is in it: an odd password is what makes a URL malformed.
    r"^[^:]*:(?:/*[^:@]*:)?(?!/)(.+)@",
    # Without an @ it could be a port, which digits up to what ends one are taken for.
    r"^[^:@]*:/+[^:@]*:(?![0-9]+[,/?])([^@]*[^0-9@/][^@]*)$",
    r"\bpass(?:word|wd)?\s*=\s*'([^']+)'",
    r"\bpass(?:word|wd)?\s*=\s*'(.+)'",
    r"\bpass(?:word|wd)?\s*=\s*([^\s&']+)",
)


def passwords_in(setting: str) -> Iterator[str]:
    """Yield the passwords that a database's URL holds, however malformed it is."""
    for pattern in _PATTERNS:
        for found in re.finditer(pattern, setting, re.IGNORECASE | re.DOTALL):
            yield found[1]


def without_passwords(text: str) -> str:
    """Return `text` without the passwords of this process's settings and arguments."""
    for password in _known():
        if len(password) < _SHORTEST:
            text = text.replace(f":{password}@", f":{HIDDEN}@")
        else:
            text = text.replace(password, HIDDEN)
    return text


@cache
def _known() -> tuple[str, ...]:
    """Return every spelling of every password that this process was given, the longest first."""
    given = [os.environ.get("INVCTL_DB", ""), *_urls(sys.argv[1:])]
    found = {password for setting in given for password in passwords_in(setting)}
    found.add(os.environ.get("PGPASSWORD", ""))
    found |= {unquote(password) for password in found}
    found |= {spelling for password in found for spelling in _spellings(password)}
    return tuple(sorted(filter(None, found), key=len, reverse=True))


def _urls(arguments: list[str]) -> Iterator[str]:
    """Yield what may name a database: the value of `--db`, and whatever looks like a URL."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        name, equals, value = argument.partition("=")
        if before == "--db" or re.match(r"\s*['\"]?[a-z][a-z0-9+.-]*:/", argument, re.IGNORECASE):
            yield argument
        if name == "--db" and equals:
            yield value


def _spellings(password: str) -> Iterator[str]:
    """Yield a password as messages, JSON and tracebacks may have it."""
    yield json.dumps(password)[1:-1]
    yield repr(password)[1:-1]
    yield unicode_escape_encode(password, "surrogatepass")[0].decode("ascii")
    yield repr(os.fsencode(password))[2:-1]
