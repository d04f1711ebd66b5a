"""`python -m invctl.repository.compiling` writes the texts of what is declared.

Of fixed statements to `compiled.py`, of lists, for what is asked every day, to `lists/compiled.py`.

To be run after any change of a statement; a test fails when the texts are stale.
"""

import json
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Executable

from invctl.db.dialects import EachEngine, text_of
from invctl.db.session import Text
from invctl.repository.declared import (
    changes,
    checks,
    codes,
    contents,
    movements,
    operations,
    places,
    postings,
    products,
    promises,
    settings,
)
from invctl.repository.declared.lists import COMMON, LISTS

_DECLARED = (
    settings, products, operations, movements, postings, changes, promises, codes, places, contents,
    checks,
)  # fmt: skip
_STATEMENT = (Executable, EachEngine)
TARGET = Path(__file__).with_name("compiled.py")
LISTS_TARGET = Path(__file__).with_name("lists") / "compiled.py"

_HEADER = '''"""The texts of every fixed statement, by engine. Generated; do not edit.

`python -m invctl.repository.compiling` makes them from `declared`.
"""
# fmt: off
# ruff: noqa: E501

from invctl.db.session import Text
'''


_LISTS_HEADER = '''"""The texts of lists, by what is asked every day. Generated; do not edit.

`python -m invctl.repository.compiling` makes them from `declared.lists`.
"""
# fmt: off
# ruff: noqa: E501

from typing import Any

from invctl.db.session import Text

TEXTS: dict[tuple[Any, ...], Text] = {
'''


def texts() -> dict[str, Text]:
    """Return the text of each statement that the modules of `declared` have, in their order."""
    made: dict[str, Any] = {}
    for name, value in chain.from_iterable(vars(module).items() for module in _DECLARED):
        if name.isupper() and not name.startswith("_") and isinstance(value, _STATEMENT):
            # What one module has from another is the same object.
            assert made.setdefault(name, value) is value, f"{name} is declared twice"
    return {name: text_of(value) for name, value in made.items()}


def source() -> str:
    """Return what `compiled.py` should say."""
    lines = [f"{name} = Text(\n{_literal(text)})\n" for name, text in texts().items()]
    return "\n".join((_HEADER, *lines))


def lists_source() -> str:
    """Return what `lists/compiled.py` should say."""
    made = (
        ((name, *shape, *more), text_of(LISTS[name](shape, *more)))
        for name, common in COMMON.items()
        for shape, *more in common
    )
    lines = [f"    {asked!r}: Text(\n{_literal(text)}    ),\n" for asked, text in made]
    return "".join((_LISTS_HEADER, *lines, "}\n"))


def _literal(text: Text) -> str:
    order = "".join(f"{json.dumps(name)}, " for name in text.order).rstrip(" ")
    lines = (json.dumps(text.sqlite), json.dumps(text.server), f"({order})")
    return "".join(f"    {one},\n" for one in lines)


def main() -> None:
    """Write the texts."""
    TARGET.write_text(source(), encoding="utf-8")
    LISTS_TARGET.write_text(lists_source(), encoding="utf-8")


if __name__ == "__main__":
    main()
