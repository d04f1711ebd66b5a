"""What spreadsheets make of values, and how it is recognised in what they have written."""

import re

from invctl.errors import InvalidValue
from invctl.text import quoted
from invctl.values import check_sku, is_strict

_MONTHS = "Jan|Feb|Mar|Mrz|Apr|May|Mai|Jun|Jul|Aug|Sep|Oct|Okt|Nov|Dec|Dez"
_ERRORS = "N/A|NV|(?:REF|NAME|VALUE|DIV/0|NULL|NUM|BEZUG|WERT|ZAHL)[!?]"
_ROUNDED = r"(?P<rounded>[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{2,3})"
_MANGLED = (
    rf"{_ROUNDED}|(?P<dated>[0-9]{{1,2}}(?:-|\. )(?:{_MONTHS})|(?:{_MONTHS})-[0-9]{{1,4}})"
    f'|(?P<formula>=".*")|(?P<failed>#(?:{_ERRORS})|Err:[0-9]{{3}})'
)
_WHY_MANGLED = {
    "rounded": "is a number that a spreadsheet has rounded: make its column text, enter it anew",
    "dated": "looks like a date that a spreadsheet has made of a SKU: make its column text",
    "formula": "is a spreadsheet's formula: give the text that is in its quotes",
    "failed": "is what a spreadsheet shows of a formula that failed: mend it there",
}
_TOTALS = frozenset(
    (
        "total", "totals", "grand total", "grand totals", "grand-total", "grandtotal", "sub total",
        "sub totals", "sub-total", "subtotal", "subtotals", "sum", "summe", "gesamt", "gesamtsumme",
        "zwischensumme", "somme", "totale", "totaal", "suma", "insgesamt",
    )
)  # fmt: skip
"""What stands first in the last line of a sheet, for a person who reads it."""
NO_PRODUCT = "looks like a line of totals, which is no product: take it out"


def check_imported_sku(text: str, rule: str) -> str:
    """Return a new SKU of a file, unless a spreadsheet has made another text of it.

    A line of totals makes no product under either rule: who has one called so creates it.
    """
    if is_total(text):
        made = "`invctl product create` makes a product that is called so"
        raise InvalidValue("sku", text, f"{quoted(text)} {NO_PRODUCT} ({made})")
    if rule == "strict" and is_strict(text):
        return text
    refuse_mangled(text, "sku")
    return check_sku(text, rule)


def is_total(text: str) -> bool:
    """Return whether a line's first cell says that it is the sum of others: `Grand Total:`."""
    return len(text) < 20 and text.strip().rstrip(": ").casefold() in _TOTALS


def refuse_mangled(text: str, field: str) -> None:
    """Refuse a text that a spreadsheet has put in the place of another: it raises InvalidValue."""
    _refuse(_MANGLED, text, field)


def refuse_rounded(text: str, field: str) -> None:
    """Refuse a number that a spreadsheet has rounded: it raises InvalidValue."""
    _refuse(_ROUNDED, text, field)


def _refuse(patterns: str, text: str, field: str) -> None:
    mangled = re.fullmatch(patterns, text)
    if mangled:
        problem = f"{quoted(text)} {_WHY_MANGLED[mangled.lastgroup or '']}"
        raise InvalidValue(field, text, problem)
