"""What to type so that a file that was refused is read: whole options, to be pasted."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from shlex import quote

from invctl.errors import LineError
from invctl.files.cells import marks_of, whole
from invctl.files.columns import Columns, Finder, lacking
from invctl.files.options import FileOptions
from invctl.files.rows import Reading, cut, in_quotes, nearest, plain
from invctl.files.synonyms import SYNONYMS, fields_called
from invctl.models.fields import PRODUCT_RECORD, SHEET_COLUMNS
from invctl.values import OTHER_RULE, STRICT_ONLY, any_takes

_LISTED = 12
_NOT_UTF_8 = "is not utf-8"
_LOOKED_AT = 1000
"""Names out of which likely ones are picked: each costs some microseconds."""
_CODES = {
    "code", "number", "no", "#", "id", "barcode", "ean", "gtin", "upc", "article", "handle", "part",
    "pn", "mpn",
}  # fmt: skip
"""What a column may be called that has the SKUs of a file without any."""
_STOCK = "quantity"
_UNITS = {"quantity", "qty", "stock"}
_ON_HAND = {"on", "hand"}
_THERE = {"stock", "hand"}
_NO_STOCK = {
    "alert", "committed", "cost", "id", "incoming", "low", "max", "maximum", "min", "minimum",
    "price", "reorder", "status", "unavailable", "value",
}  # fmt: skip
"""Words of a column's name that speak of a number of units, and those that say of which other."""
_NEEDED = frozenset({"sku", "name", "code"})
"""The texts for which a likely column is looked for; the others are as well left out."""
_OPEN = "…"
"""What its user alone knows of a file."""
_SAID = {
    "remove": {"sold", "sales", "shipped", "picked", "used", "consumed", "removed", "issued"},
    "add": {"received", "purchased", "bought", "delivered", "restocked", "added", "returned"},
    "set": {"counted"},
}
_ACTION = "action"
_NAME = "name"
_WANTS = {"available", "expected", "reorder_point", "reorder_to"}
"""What stands in a record of `stock low` beside how many to order."""
_ENDS = {"place": ("from", "fromplace"), "to_place": ("to",)}
"""What a column may be called that says where units of a movement come from, and where they go."""
_NUMBERS = ("amount", "counted")
_OF_OTHERS = {
    "counted": "stock count",
    "counted_at": "stock count",
    "delta": "stock apply",
    "action": "stock apply",
}
"""Which command reads the files that have a column which others do not know."""


def listed(names: Sequence[str]) -> str:
    """Return some names for a sentence, the first of them where there are many."""
    shown = ", ".join(map(in_quotes, names[:_LISTED]))
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"


def header_advice(finder: Finder, columns: Columns, unknown: Sequence[str]) -> str:
    """Return what to add to the command so that a header with `unknown` names is read."""
    pairs = {**likely_columns(finder, columns, unknown)}
    first = next(iter(finder.fields))
    if first not in {*columns.places, *pairs, *finder.options.mapping, *finder.options.defaults}:
        pairs = {first: "…", **pairs}
    given = {*columns.places, *pairs, *finder.options.mapping, *finder.options.defaults}
    for wanted in lacking(finder.fields, given):
        rest = [name for name in unknown if name not in pairs.values() and not _says_other(name)]
        # An amount is what most have who have no delta, and its action is told beside it.
        pairs["amount" if wanted == "delta" else wanted] = rest[0] if len(rest) == 1 else "…"
    for name in unknown[:_LOOKED_AT]:
        # A near miss is passed over where it is said which column its field has, or that none has.
        field = finder.missed(name, columns.places)
        if field is not None and field in columns.places:
            pairs[field] = columns.name_of(field)
        elif field is not None and name in PRODUCT_RECORD:
            pairs.setdefault(field, "")
    words = [_option("--map", pairs)] if pairs else []
    known = f"known columns are {', '.join(finder.fields)}"
    is_signless = "action" in finder.fields and not {"delta", "action"} & columns.places.keys()
    if "amount" in pairs and is_signless and "action" not in finder.options.defaults:
        action = _action_of(pairs["amount"], finder.options)
        words.append(f"--defaults {quote(f'action={action or _OPEN}')}")
        actions = "add or remove" if finder.options.recipe else "add, remove or set"
        known = known if action else f"the action is {actions}; {known}"
    called = {*map(plain, unknown[:_LOOKED_AT])}
    other = next((_OF_OTHERS[name] for name in _OF_OTHERS if plain(name) in called), "")
    so = f"`invctl {other}` reads such a file; to read it here" if other else "to read it so"
    if set(unknown) - set(pairs.values()) and not finder.options.ignore_extra:
        words.append("--ignore-extra")
        # Else whoever pastes that has all products with nothing in stock, and was not told.
        given = {*columns.places, *pairs, *finder.options.mapping, *finder.options.defaults}
        so += ", without a quantity" if {_STOCK} & finder.fields.keys() - given else ""
    return f"{so}, add {' '.join(words)} ({known})" if words else known


def _says_other(name: str) -> bool:
    """Return whether a name is that of a field which files of other kinds have."""
    return plain(name) in {*map(plain, (*SYNONYMS, *SHEET_COLUMNS)), *fields_called()}


def _action_of(name: str, options: FileOptions) -> str | None:
    """Return what a file does with the amounts of a column, if the column's name says it."""
    words = set(_words(name))
    action = next((action for action, said in _SAID.items() if words & said), None)
    return None if options.recipe and action == "set" else action


def likely_columns(finder: Finder, columns: Columns, unknown: Sequence[str]) -> Mapping[str, str]:
    """Return the fields without a column, each with the name that it probably has."""
    names = unknown[:_LOOKED_AT]
    taken = {*columns.places, *finder.options.mapping, *finder.options.defaults}
    if {"delta", "amount"} & taken:
        taken |= {"delta", "amount"}
    first = next(iter(finder.fields))
    likely = [f for f, kind in finder.kinds.items() if kind == "integer" or f in _NEEDED]
    # What is surer comes first, so that no field takes another one's name.
    guesses: list[tuple[str, str | None]] = [
        *((field, name) for name in names for field in _ENDS if plain(name) in _ENDS[field]),
        *(("amount", name) for name in names if name == "order" and _WANTS & {*names}),
        *(
            (field, name)
            for name in names
            if name not in PRODUCT_RECORD and (field := finder.missed(name, ()))
        ),
        *((field, _by_its_last_word(field, names, finder)) for field in likely),
        *((field, _by_a_word(field, names)) for field in (_STOCK, *_NUMBERS) if field in likely),
        *((field, nearest(field, names, 0.75)) for field in likely),
        *((first, name) for name in names if _last_word(name) in _CODES),
    ]
    pairs: dict[str, str] = {}
    for field, name in guesses:
        if name and not {field} & (taken | pairs.keys()) and name not in pairs.values():
            pairs[field] = name
    return {field: pairs[field] for field in finder.fields if field in pairs}


def _by_its_last_word(field: str, names: Sequence[str], finder: Finder) -> str | None:
    """Return the name that ends as the field is called: `Opening Qty`, `Own SKU`."""
    called = {plain(one) for one in (field, *SYNONYMS.get(field, ()))}
    if field == "amount":  # of a promise it is never what there is
        moved = map(plain, (_STOCK, *SYNONYMS[_STOCK]))
        called |= {*moved} if _ACTION in finder.kinds else _UNITS - _THERE
    without = _NO_STOCK if field == _STOCK else set()
    fitting = (name for name in names if _last_word(name) in called)
    return next((name for name in fitting if not without & set(_words(name))), None)


def _by_a_word(field: str, names: Sequence[str]) -> str | None:
    """Return the first name that says how many units: `Current Quantity Main Shop`."""
    others = _NO_STOCK | (_THERE if field == "amount" else _SAID["remove"] | _SAID["add"])
    for name in names:
        words = set(_words(name))
        if (words & _UNITS or words >= _ON_HAND) and not words & others:
            return name
    return None


def _last_word(name: str) -> str:
    words = _words(name)
    return words[-1] if words else ""


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+|#", cut(name).casefold())


def _option(flag: str, pairs: Mapping[str, str]) -> str:
    """Return an option with its pairs, as it is typed."""
    cells = [f"{field}={name}" for field, name in pairs.items()]
    written = [_csv_cell(cell) for cell in cells]
    return f"{flag} {quote(','.join(written))}"


def _csv_cell(text: str) -> str:
    if "," in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def row_advice(
    errors: Sequence[LineError],
    finder: Finder,
    seen: Reading,
    given: Collection[str],
    unknown: Sequence[str] = (),
) -> str:
    """Return which options would read rows that were refused; empty where none is known to.

    The fields that a file has are `given`; what its `unknown` columns are called may tell of one
    that is meant.
    """
    said: list[str] = []
    kinds, options = finder.kinds, finder.options
    said += _filling(
        {e.column or "" for e in errors if e.value == ""}, finder, seen, given, unknown
    )
    if _ACTION not in options.defaults and any(e.column == _ACTION and not e.value for e in errors):
        others = "add" if options.recipe else "add, set or move"
        said.append(f"--defaults {_ACTION}=remove, or {others}, says it of all lines without one")
    truths = {e.column: None for e in errors if e.value and kinds.get(e.column or "") == "boolean"}
    said += [f"--map {column}= passes over that column" for column in truths]
    written = [e.value for e in errors if e.value and kinds.get(e.column or "") == "integer"]
    said += _marks(written, options.decimal_mark)
    said += filter(None, [encoding_advice([e.message for e in errors], options)])
    if any(STRICT_ONLY in e.message and any_takes(e.value or "") for e in errors):
        said.append(OTHER_RULE)
    return "; ".join(said)


def encoding_advice(problems: Iterable[str], options: FileOptions) -> str:
    """Return which option would read what is no UTF-8; empty where one is given, or all is."""
    if options.encoding is not None or not any(_NOT_UTF_8 in problem for problem in problems):
        return ""
    return "--encoding cp1252 reads what many spreadsheets save"


def _filling(
    lacks: Collection[str],
    finder: Finder,
    seen: Reading,
    given: Collection[str],
    unknown: Sequence[str],
) -> Iterator[str]:
    """Yield what would read rows that lack the cells of some fields, or pass over them."""
    first = next(iter(finder.fields))
    skips = finder.options.skip_empty
    if first in lacks and not skips:
        codes = (name for name in unknown[:_LOOKED_AT] if _last_word(name) in _CODES)
        read = f"{_option('--map', {first: next(codes, 'HEADER')})} reads it from another column"
        passed = f"--skip-empty passes over rows without a {first}, "
        # Where all are without one, nothing would be left.
        yield passed + read if seen.is_named else f"no row has a {first}: {read}"
    if _NAME in {*lacks} - {*given} and unknown:
        yield f"--map {_NAME}=HEADER reads it from another column"
    numbers = {field for field in given if finder.kinds[field] == "integer"}
    # A heading between rows has neither a name nor a number.
    if {*lacks} & {*numbers, *({_NAME} & {*given})} and numbers and not skips:
        yield "--skip-empty passes over rows without any number"


def _marks(numbers: Sequence[str], given: str | None) -> Sequence[str]:
    """Return which decimal marks would read numbers that were refused, and as what."""
    # Where one was given, nobody knows here of the numbers that it has read.
    only = ", if all are written so" if given else ""
    return [
        f"--decimal-mark {mark} reads numbers such as {_example(numbers, mark)}{only}"
        for mark in marks_of(numbers)
        if mark != given
    ]


def _example(numbers: Sequence[str], mark: str) -> str:
    text = next(one for one in numbers if whole(one, mark) != one)
    return f"{text} as {whole(text, mark)}"
