"""The answer to a TAB, `invctl __complete WORDS…`: what may stand in place of the last word.

It is asked at every TAB, so it imports next to nothing and never Typer; it changes nothing. One
`value<TAB>description` a line, then `:0` where the shell is to complete file names (after the
`=`, in an option's own word), `:4` where it is not, or `:6` where no blank is to follow either:
cobra's protocol and numbers, so that scripts written for that work with this. What goes wrong is
silence; see `__main__`.
"""

import os
import sys
from collections.abc import Iterable

from invctl.cli.completion.reading import visible
from invctl.cli.completion.skus import MOST, find_codes, find_skus
from invctl.cli.completion.tree import (
    COMMANDS,
    GLOBAL,
    GROUPS,
    MORE,
    PROGRAM,
    TOPICS,
    Option,
    Takes,
)

FILES = 0
NO_FILES = 4
NO_BLANK = 6

Candidates = list[tuple[str, str]]


class CommandLine:
    """A command line, as far as its words say what the next one can be."""

    def __init__(self, words: list[str]) -> None:
        self.path: str | None = ""
        """The command so far: `product`, `product show`; None where there is no such command."""
        self.arguments: list[str] = []
        self.waiting: Option | None = None
        """The option whose value comes next."""
        self.only_arguments = False
        self.behind = 0
        """How many arguments stand before `--`, if it is there: what follows may be a program."""
        self.db: str | None = None
        self.used: set[tuple[str, ...]] = set()
        for word in words:
            self._read(word)

    @property
    def options(self) -> tuple[Option, ...]:
        """The options that may stand here."""
        own = COMMANDS[self.path][2] if self.path in COMMANDS else ()
        return (*own, *GLOBAL)

    def split(self, word: str) -> tuple[Option | None, str, str | None]:
        """Return an option word as the option, its name as typed, and the value, if there is one.

        `--output=json` is `--output=` and `json`; `-qojson` is `-qo` and `json`.
        """
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            return self._find(name), name + equals, value if equals else None
        option = None
        # The first letter that wants a value has the rest of the word for it.
        for end in range(2, len(word) + 1):
            option = self._find(f"-{word[end - 1]}")
            if option and option[1]:
                return option, word[:end], word[end:] or None
        return option, word, None

    def _find(self, name: str) -> Option | None:
        return next((option for option in self.options if name in option[0]), None)

    def _read(self, word: str) -> None:
        if self.waiting:
            self._take(self.waiting, word)
            self.waiting = None
        elif self.only_arguments or word == "-" or not word.startswith("-"):
            self._read_argument(word)
        elif word == "--":
            self.only_arguments, self.behind = True, len(self.arguments)
        else:
            option, _, value = self.split(word)
            if option:
                self.used.add(option[0])
            if option and value is not None:
                self._take(option, value)
            elif option and option[1]:
                self.waiting = option

    def _take(self, option: Option, value: str) -> None:
        if "--db" in option[0]:
            self.db = value

    def _read_argument(self, word: str) -> None:
        if self.path in GROUPS:
            below = f"{self.path} {word}".lstrip()
            self.path = below if word in GROUPS[self.path] else None
        else:
            self.arguments.append(word)


def complete(words: list[str]) -> tuple[Candidates, int]:
    """Return what may stand in place of the last word, and whether file names may."""
    *before, word = words or [""]
    line = CommandLine(before)
    if line.path is None:
        return [], NO_FILES
    if line.waiting:
        return _values(line, line.waiting[1], word)
    if word.startswith("-") and not line.only_arguments:
        option, name, value = line.split(word)
        if option is None or value is None:
            return _options(line, word), NO_FILES
        found, directive = _values(line, option[1], value)
        return [(name + text, about) for text, about in found], directive
    if line.path in GROUPS:
        return _commands(line.path, word), NO_FILES
    expected = COMMANDS[line.path][1]
    if expected[:1] == ("help",):
        return _explained(" ".join(line.arguments), word), NO_FILES
    if expected[-1:] == (PROGRAM,):
        if line.only_arguments:
            return _programs(word, is_first=len(line.arguments) == line.behind)
        expected = expected[:-1]
    if expected[-1:] == (MORE,):
        # As many as there are, and the one that comes next.
        expected = (*expected[:-1], *[expected[-2]] * len(line.arguments))
    if len(line.arguments) < len(expected):
        found, directive = _values(line, expected[len(line.arguments)], word)
        return _not_yet(line, found), directive
    # Where no argument is to come, options are offered before a hyphen asks for them.
    return ([] if word else _options(line, "")), NO_FILES


def _not_yet(line: CommandLine, found: Candidates) -> Candidates:
    """Return what may be said that was not, but for what are too many to be shown."""
    # Of too many the last must stay: a shell inserts what all that it is told of have in common.
    said = {one for word in line.arguments for one in (word, word.partition("=")[0])}
    return [one for one in found if one[0] not in said] if len(found) < MOST else found


def _programs(word: str, *, is_first: bool) -> tuple[Candidates, int]:
    """Return which programs may be run; what follows one, and a path to one, the shell knows."""
    if not is_first or "/" in word:
        return [], FILES
    from invctl.cli.completion.programs import find_programs

    found = find_programs(word)
    return [(name, "") for name in found], NO_FILES if found else FILES


def _commands(path: str, word: str) -> Candidates:
    names = (name for name in GROUPS[path] if name.startswith(word))
    return [(name, COMMANDS[f"{path} {name}".lstrip()][0]) for name in names]


def _explained(path: str, word: str) -> Candidates:
    """Return what `invctl help` may go on with: a command, or a topic if nothing stands there."""
    topics = () if path else TOPICS
    commands = _commands(path, word) if path in GROUPS else []
    return [*commands, *((name, about) for name, about in topics if name.startswith(word))]


def _options(line: CommandLine, word: str) -> Candidates:
    """Return the options that are not on the line yet, by each of their names."""
    return [
        (name, about)
        for names, _, about in line.options
        if names not in line.used
        for name in names
        if name.startswith(word or "--")
    ]


def _values(line: CommandLine, takes: Takes, word: str) -> tuple[Candidates, int]:
    if isinstance(takes, tuple):
        return [(value, "") for value in takes if value.startswith(word)], NO_FILES
    if takes == "file":
        return [], FILES
    if takes in ("active", "archived", "any"):
        return find_skus(word, takes, line.db), NO_FILES
    if takes == "code":
        return find_codes(word, line.db), NO_FILES
    if takes == "operation":
        from invctl.cli.completion.past import find_operations

        return find_operations(word, line.db), NO_FILES
    if takes in ("reason", "ref", "actor"):
        from invctl.cli.completion.past import find_used

        return find_used(takes, word, line.db), NO_FILES
    if takes in ("hold", "delivery"):
        from invctl.cli.completion.past import find_promises

        return find_promises(takes, word, line.db), NO_FILES
    if takes in ("hold ref", "delivery ref"):
        from invctl.cli.completion.past import find_refs

        return find_refs(takes.removesuffix(" ref"), word, line.db), NO_FILES
    if takes in ("place", "lot"):
        from invctl.cli.completion import contents

        if takes == "lot":
            return contents.find_lots(word, next(iter(line.arguments), None), line.db), NO_FILES
        return contents.find_places(word, line.db), NO_FILES
    if takes in ("fields", "pairs") and line.path in COMMANDS:
        _, _, _, fields, columns = COMMANDS[line.path]
        names = fields if takes == "fields" else [f"{column}=" for column in columns]
        return _listed(names, word), NO_BLANK
    return [], NO_FILES


def _listed(names: Iterable[str], word: str) -> Candidates:
    """Return how a list whose parts are parted by commas may go on, no part of it standing twice.

    Of what stands behind an `=` nothing is known.
    """
    before, comma, part = word.rpartition(",")
    there = {one.partition("=")[0] for one in before.split(",")}
    fitting = (name for name in names if name.startswith(part) and name.rstrip("=") not in there)
    return [(f"{before}{comma}{name}", "") for name in fitting]


def answer(words: list[str]) -> None:
    """Print the completions of the last of `words`."""
    candidates, directive = complete(words)
    lines = []
    for value, about in candidates:
        try:
            # As the words came: the shell's bytes, whatever its locale.
            lines.append(os.fsencode(f"{value}\t{visible(about)}\n" if about else f"{value}\n"))
        except UnicodeEncodeError:
            continue
    lines.append(b":%d\n" % directive)
    sys.stdout.buffer.write(b"".join(lines))
    sys.stdout.flush()
