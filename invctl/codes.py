"""The rules of codes, such as the numbers under barcodes. Knows no database.

Each command loads it; what only new codes need is loaded for these.
"""

import re
from collections.abc import Mapping, Sequence

from invctl.errors import InvalidValue
from invctl.text import quoted
from invctl.values import MAX_SKU, check_sku, is_digits, spelled

CONTROL = "INVCTL:"
"""What codes begin with that say what to do, and not which product."""
CONTROLS = ("ADD", "REMOVE", "COUNT", "SHOW", "UNDO", "DONE", "REF:…", "PLACE:…")
"""What they go on with."""
GTIN_LENGTHS = (8, 12, 13, 14)
"""How many digits the numbers under barcodes have."""


def is_gtin(text: str) -> bool:
    """Return whether digits are a barcode's: 8, 12, 13 or 14 of them, the check digit being right.

    GS1 General Specifications, 7.9: from the right they count 1, 3, 1, 3, … times.
    """
    if len(text) not in GTIN_LENGTHS or not is_digits(text):
        return False
    digits = [int(digit) for digit in reversed(text)]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def units_doubt(text: str) -> str | None:
    """Return what is odd about a number of units: a scanner may have typed it; None if nothing."""
    return f"{text} looks like a barcode, not like a number of units" if is_gtin(text) else None


def did_anything(record: Mapping[str, object]) -> bool:
    """Return whether a change of units, as its record tells it, was made now, and of any unit."""
    if record.get("replayed") or record.get("dry_run"):
        return False
    may_be_none = record.get("kind") in ("remove", "hold")  # with `--up-to`
    return not may_be_none or bool(record.get("delta") or record.get("amount"))


def check_code(text: str) -> str:
    """Return a code in NFC: text such as the rule `any` allows for SKUs, and no control code."""
    from invctl.spreadsheets import refuse_rounded

    # Many codes are rounded to one number, which would stand for the first of their products.
    refuse_rounded(text, "code")
    try:
        code = check_sku(text, "any")
    except InvalidValue as error:
        raise InvalidValue("code", text, error.problem) from error
    if code.upper().startswith(CONTROL):
        problem = f"{quoted(text)} begins with {CONTROL}, which tells a scanner what to do"
        raise InvalidValue("code", text, problem)
    return code


def check_imported_code(text: str) -> str:
    """Return a new code of a file, unless a spreadsheet has made another text of it."""
    from invctl.spreadsheets import refuse_mangled

    refuse_mangled(text, "code")
    return check_code(text)


def code_key(code: str, rule: str) -> str:
    """Return what a code is compared by: one article is one, with and without leading zeros."""
    if is_gtin(code):
        return code.lstrip("0") or "0"
    return spelled(code, rule)


def code_spellings(code: str, rule: str) -> Sequence[str]:
    """Return the SKUs that would mean the same as a code: itself, and with other zeros."""
    key = code_key(code, rule)
    lengths = GTIN_LENGTHS if is_digits(key) else ()
    zeroed = (one for length in lengths if is_gtin(one := key.zfill(length)))
    return tuple(dict.fromkeys((spelled(code, rule), key, *zeroed)))


def with_lost_zeros(sku: str) -> Sequence[str]:
    """Return the numbers of which a spreadsheet makes this one: they begin with zeros."""
    if not re.fullmatch("[1-9][0-9]*", sku):
        return ()
    lengths = {*range(len(sku) + 1, len(sku) + 4), *GTIN_LENGTHS}
    return [sku.zfill(length) for length in sorted(lengths) if len(sku) < length <= MAX_SKU]
