"""The control codes of `stock scan` as a sheet to print: bars in an SVG, or text."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from invctl.errors import ConfigError, InvalidValue, UsageError
from invctl.text import quoted

CODES = {
    "INVCTL:REMOVE": "what is scanned goes out",
    "INVCTL:ADD": "what is scanned comes in",
    "INVCTL:COUNT": "what is scanned is counted",
    "INVCTL:SHOW": "what is scanned is shown",
    "INVCTL:UNDO": "take back the last scan",
    "INVCTL:DONE": "the end",
}
_OTHERS = (
    ".pdf",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".eps",
    ".ps",
    ".html",
    ".docx",
    ".odt",
    ".xlsx",
)
"""How names of files end that text is none of, nor a picture that is drawn here."""
# In millimetres: bars that a hand scanner reads at arm's length, two codes a row on A4.
_MODULE, _HEIGHT, _COLUMN, _ROW, _MARGIN = 0.4, 18.0, 95.0, 42.0, 12.0


def code_sheet(file: str, places: Sequence[str] | None) -> str:
    """Return the sheet for a file of that name: as bars where it ends in `.svg`, else as text.

    With `places` it has their codes. Raises UsageError for a name of another kind of file,
    InvalidValue for a place that no bars can say, and ConfigError where what draws bars is not
    installed.
    """
    if file.lower().endswith(_OTHERS):
        ending = file.rpartition(".")[2]
        hint = "a browser shows and prints what is in an .svg"
        raise UsageError(f"codes are drawn in an .svg, or are text, not {ending}", hint)
    codes: Mapping[str, str] = CODES
    if places is not None:
        codes = {f"INVCTL:PLACE:{name}": "what is scanned lies here" for name in places}
    return _svg(codes) if file.lower().endswith(".svg") else _text(codes)


def _text(codes: Mapping[str, str]) -> str:
    room = max((len(code) for code in codes), default=0) + 2
    return "".join(f"{code:<{max(room, 16)}}{about}\n" for code, about in codes.items())


def _svg(codes: Mapping[str, str]) -> str:
    bars = {code: _bars(code) for code in codes}
    widest = max((sum(map(len, runs)) * _MODULE for runs in bars.values()), default=0)
    # Two codes a row where they fit, so that none reaches into the next one.
    columns, column = (2, _COLUMN) if widest <= _COLUMN else (1, widest)
    rows = -(-len(codes) // columns)
    width, height = 2 * _MARGIN + columns * column, 2 * _MARGIN + rows * _ROW
    drawn = []
    for number, (code, about) in enumerate(codes.items()):
        left = _MARGIN + number % columns * column
        top = _MARGIN + number // columns * _ROW
        drawn.append(_drawn(bars[code], left, top) + _said(code, about, left, top))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}">\n'
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>\n{"".join(drawn)}</svg>\n'
    )


def _bars(code: str) -> list[str]:
    """Return a code in Code 128 as runs of black and white modules, black first."""
    try:
        from barcode.codex import Code128
        from barcode.errors import BarcodeError
    except ImportError as error:
        hint = "`pip install 'invctl[labels]'` adds it; --codes - writes text"
        raise ConfigError("--codes", "nothing is installed that draws bars", hint) from error
    try:
        return _runs(Code128(code).build()[0])
    except BarcodeError as error:
        problem = f"{quoted(code)} has characters of which there are no bars; --codes - lists it"
        raise InvalidValue("--codes", code, problem) from error


def _drawn(runs: Sequence[str], left: float, top: float) -> str:
    """Return a code's bars."""
    bars, place = [], left
    for run in runs:
        width = len(run) * _MODULE
        if run[0] == "1":
            bars.append(f"M{place:.2f} {top:g}h{width:.2f}v{_HEIGHT:g}h-{width:.2f}z")
        place += width
    return f'<path d="{"".join(bars)}"/>\n'


def _said(code: str, about: str, left: float, top: float) -> str:
    """Return what stands under a code's bars: what they say, and what that does."""
    return "".join(
        f'<text x="{left:g}" y="{top + _HEIGHT + at:g}" font-family="sans-serif" '
        f'font-size="{size:g}">{escape(said)}</text>\n'
        for said, at, size in ((code, 5, 4.5), (about, 10, 3.5))
    )


def _runs(modules: str) -> list[str]:
    """Return modules, 1 for black, as runs of the same colour."""
    from itertools import groupby

    return ["".join(run) for _, run in groupby(modules)]
