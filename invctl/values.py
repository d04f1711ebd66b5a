"""The rules of single values: what may be typed, stored and read back. Knows no database.

Every function takes the text as given and the name of the field it is for, returns the value to
store, and raises `InvalidValue` with the reason in words.
"""

import re
import unicodedata

from invctl.errors import InvalidValue
from invctl.text import JOINERS, quoted

MAX_QUANTITY = 2**53 - 1
"""The largest quantity: the largest integer that every JSON reader holds exactly (RFC 8259, §6)."""

FOR_EVER = 2_147_483.0
"""The longest wait in seconds, 24 days: as many milliseconds as both engines count (2^31 − 1)."""

SKU_RULES = ("strict", "any")
MAX_SKU = 50
STRICT_ONLY = "only A-Z, 0-9 and - are allowed"
OTHER_RULE = "`invctl init --sku-rule any` makes an inventory that takes such SKUs"
TEXT_LIMITS = {
    "name": 255,
    "description": 1000,
    "ref": 200,
    "actor": 200,
    "place": 200,
    "note": 1000,
    "idempotency key": 200,
    "search": 1000,
}
MULTILINE_FIELDS = frozenset({"description", "note"})

# Patterns are texts: `re` compiles and keeps those that a run uses, which are few.
_BIDI = "\u202a-\u202e\u2066-\u2069"
_SURROGATES = "\ud800-\udfff"
_BAD_IN_LINE = f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}{_SURROGATES}]"
_BAD_IN_LINES = f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}{_SURROGATES}]"
_NOT_STRICT = "[^A-Z0-9-]"
_STRICT = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
_REASON = "[a-z0-9][a-z0-9-]{0,31}"
_GROUPED = "[1-9][0-9]{0,2}(?P<by>[., '’\u00a0\u2009\u202f])[0-9]{3}(?:(?P=by)[0-9]{3}){0,4}"
_WRITTEN_WHOLE = f"(?P<sign>[-−+]?)(?P<digits>[0-9]{{1,16}}|{_GROUPED})(?:(?!(?P=by))[.,]0+)?"
"""A whole number with a mark and zeros behind it, or with another one between its thousands."""
_TRUTHS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def _char_name(char: str) -> str:
    return f"{quoted(char)} (U+{ord(char):04X} {unicodedata.name(char, 'control')})"


def parse_quantity(text: str, field: str = "quantity", *, least: int = 0) -> int:
    """Return the count that plain decimal digits spell, from `least` to 2^53−1 units."""
    if not is_digits(text):
        raise InvalidValue(field, text, _why_not_digits(text, "+" if least else ""))
    digits = text.lstrip("0") or "0"
    if len(digits) > 16:  # far too many to count, and perhaps for int()
        raise InvalidValue(field, text, f"{quoted(text)} is more than {MAX_QUANTITY}")
    return check_quantity(int(digits), field, least=least, given=text)


def check_quantity(
    quantity: int, field: str = "quantity", *, least: int = 0, given: str | None = None
) -> int:
    """Return a number of units if it is from `least` to 2^53−1; `given` is how it was spelled."""
    given = given or str(quantity)
    if quantity > MAX_QUANTITY:
        raise InvalidValue(field, given, f"{quantity} is more than {MAX_QUANTITY}")
    if quantity < least:
        raise InvalidValue(field, given, f"{quantity} is less than {least}")
    return quantity


def check_optional_quantity(quantity: int | None, field: str) -> int | None:
    """Return a quantity that need not be given, if it is one."""
    return None if quantity is None else check_quantity(quantity, field)


def check_amount(amount: int, field: str = "amount") -> int:
    """Return a number of units to move if it is from 1 to 2^53−1."""
    return check_quantity(amount, field, least=1)


def is_digits(text: str) -> bool:
    """Return whether `text` is nothing but the digits 0-9, at least one."""
    return text.isascii() and text.isdigit()


def _why_not_digits(text: str, signs: str) -> str:
    """Return why a text is no number; with a sign, a count may be a change: `set A-1 +5`."""
    if not text:
        return "is empty, where a whole number is wanted"
    signed = re.sub(r"^\((.+)\)$|^(.+)[-−]$", r"-\1\2", text)  # as bookkeepers write it
    written = re.fullmatch(_WRITTEN_WHOLE, signed)
    if written and written["sign"] in {"-", "−"} and "-" not in signs:
        return f"{quoted(text)} is negative"
    if re.fullmatch("[-−+]?[1-9][0-9]{0,2}[.,][0-9]{3}", signed):
        # 1,000 is a thousand to some and one to others, and neither is to be proposed.
        return f"{quoted(text)} may be thousands or a fraction: plain digits 0-9 say which"
    if written and written["sign"] in signs:
        minus = "" if written["sign"] in {"", "+"} else "-"
        digits = "".join(filter(str.isdigit, written["digits"]))
        return f"{quoted(text)} is not written as a whole number ({minus}{digits} would do)"
    if re.fullmatch(f"[-−+]?(?:[0-9]+|{_GROUPED})(?!(?P=by))[.,][0-9]*", text):
        return f"{quoted(text)} is not a whole number; it is never rounded"
    return f"{quoted(text)} is not a whole number in plain digits 0-9"


def parse_amount(text: str, field: str = "amount") -> int:
    """Return how many units to move, from 1 to 2^53−1."""
    return parse_quantity(text, field, least=1)


def parse_delta(text: str, field: str = "delta") -> int:
    """Return a signed change: `-3` or `3`, or `0`, which changes nothing."""
    if not is_digits(text.removeprefix("-")):
        raise InvalidValue(field, text, _why_not_digits(text, "-−+"))
    if not text.startswith("-"):
        return parse_quantity(text, field)
    try:
        return -parse_quantity(text[1:], field)
    except InvalidValue as error:
        raise InvalidValue(field, text, error.problem) from error


def parse_identifier(text: str, field: str) -> int:
    """Return the positive id that `text` spells."""
    return parse_quantity(text, field, least=1)


_NAMES = ("name", "actor")


def check_text(text: str, field: str) -> str:
    """Return a required text in NFC, refusing what is empty, too long or would act on a screen."""
    # No file can say a name of blanks, which it has around its cells, and no such actor is anybody.
    if not text or (field in _NAMES and text.isspace()):
        raise InvalidValue(field, text, "is empty")
    # Most texts are: no other form of them has to be made, and nothing bad be looked for.
    plain = text.isascii() and text.isprintable()
    if not plain:
        text = unicodedata.normalize("NFC", text)
    limit = TEXT_LIMITS[field]
    if len(text) > limit:
        raise InvalidValue(field, text, f"has {len(text)} characters, {limit} at most are kept")
    bad = not plain and re.search(
        _BAD_IN_LINES if field in MULTILINE_FIELDS else _BAD_IN_LINE, text
    )
    if bad:
        raise InvalidValue(field, text, _why_bad(bad.group()))
    return text


def _why_bad(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return f"{quoted(char)} is not valid UTF-8"
    return f"the character {_char_name(char)} is not text"


def optional_text(text: str | None, field: str) -> str | None:
    """Return `check_text` of a text that may be left out; an empty one counts as left out."""
    return check_text(text, field) if text else None


def check_reason(text: str) -> str:
    """Return a reason: a lower-case word of 1 to 32 of `a-z 0-9 -`, such as `sale`."""
    if re.fullmatch(_REASON, text):
        return text
    problem = f"{quoted(text)} is not a word of a-z, 0-9 and -, 32 at most"
    # What accents leave behind is dropped with all else that is no such letter.
    bare = unicodedata.normalize("NFD", text[:200]).casefold()
    word = re.sub("[^a-z0-9]+", "-", re.sub("[\u0300-\u036f]", "", bare))[:33].strip("-")[:32]
    meant = f" ({word} would do)" if re.fullmatch(_REASON, word) else ""
    raise InvalidValue("reason", text, problem + meant)


def check_sku(text: str, rule: str) -> str:
    """Return a new SKU in NFC if the inventory's rule (`strict` or `any`) allows it.

    Only what makes a SKU calls this; an existing one is found or not found.
    """
    if not text:
        raise InvalidValue("sku", text, "is empty")
    if rule == "strict" and is_strict(text):
        return text
    if re.search(f"[{_SURROGATES}]", text):
        raise InvalidValue("sku", text, f"{quoted(text)} is not valid UTF-8")
    text = unicodedata.normalize("NFC", text)
    if len(text) > MAX_SKU:
        raise InvalidValue("sku", text, f"has {len(text)} characters, {MAX_SKU} at most are kept")
    if text.startswith("-"):
        raise InvalidValue("sku", text, f"{quoted(text)} starts with '-'")
    problem = _why_not_strict(text) if rule == "strict" else _why_not_any(text)
    if problem:
        hint = OTHER_RULE if rule == "strict" and not _why_not_any(text) else ""
        raise InvalidValue("sku", text, problem, hint)
    return text


def any_takes(text: str) -> bool:
    """Return whether the rule `any` takes a SKU, which the strict one does not."""
    return _why_not_any(text) is None


def is_strict(text: str) -> bool:
    """Return whether a text, not empty, is a SKU of the strict rule."""
    # Without a pattern, as a file may have a million of them.
    return len(text) <= MAX_SKU and not text.strip(_STRICT) and text[0] != "-"


def _why_not_strict(text: str) -> str | None:
    bad = re.search(_NOT_STRICT, text)
    if not bad:
        return None
    problem = f"{quoted(text)} has {_char_name(bad.group())}; {STRICT_ONLY}"
    meant = re.sub("[ _]+", "-", text.strip().upper())
    return f"{problem} ({meant} would do)" if meant and is_strict(meant) else problem


def _why_not_any(text: str) -> str | None:
    if text != text.strip():
        return f"{quoted(text)} has a blank at an end"
    if text.startswith("="):
        return f"{quoted(text)} begins with '=', as a spreadsheet's formula does"
    bad = next((c for c in text if not c.isprintable() and c not in JOINERS), None)
    return f"the character {_char_name(bad)} is not printable" if bad else None


def known_sku(text: str) -> str | None:
    """Return the SKU to look for when `text` was typed, or scanned with blanks at its ends.

    None for what can be no SKU at all.
    """
    text = text.strip()
    if text.isascii():
        return text if 0 < len(text) <= MAX_SKU and text.isprintable() else None
    if re.search(_BAD_IN_LINE, text):
        return None
    text = unicodedata.normalize("NFC", text)
    return text if len(text) <= MAX_SKU else None


def spelled(sku: str, rule: str) -> str:
    """Return a SKU in the one spelling that counts: under the strict rule in capital letters."""
    return sku.upper() if rule == "strict" and sku.isascii() else sku


def parse_boolean(text: str, field: str) -> bool:
    """Return the truth that a text names: true or false in any case, yes or no, 1 or 0."""
    word = text.lower()
    if word not in _TRUTHS:
        raise InvalidValue(field, text, f"{quoted(text)} is neither true nor false")
    return _TRUTHS[word]


def parse_seconds(text: str, field: str) -> float:
    """Return a length of time in seconds, such as `5` or `0.5`; more than counts is for ever."""
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise InvalidValue(field, text, f"{quoted(text)} is not a number of seconds")
    return min(float(text), FOR_EVER)
