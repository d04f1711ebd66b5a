"""The control codes of `stock scan` as a sheet to print: bars in an SVG, or text."""

import os
from xml.sax.saxutils import escape

from invctl.appearing import publish, unfinished
from invctl.cli.streams import write_out
from invctl.errors import ConfigError, FileExists
from invctl.oserrors import explained, output_problem

CODES = {
    "INVCTL:REMOVE": "what is scanned goes out",
    "INVCTL:ADD": "what is scanned comes in",
    "INVCTL:COUNT": "what is scanned is counted",
    "INVCTL:SHOW": "what is scanned is shown",
    "INVCTL:UNDO": "take back the last scan",
    "INVCTL:DONE": "the end",
}
# In millimetres: bars that a hand scanner reads at arm's length, two codes a row on A4.
_MODULE, _HEIGHT, _COLUMN, _ROW, _MARGIN = 0.4, 18.0, 95.0, 42.0, 12.0


def write_codes(file: str) -> None:
    """Write the sheet to a new file, as bars where it is named `.svg`; `-` is standard output.

    Raises FileExists, and ConfigError where what draws bars is not installed.
    """
    text = _svg() if file.lower().endswith(".svg") else _text()
    if file == "-":
        write_out(text)
        return
    if os.path.lexists(file):
        raise FileExists(file)
    with unfinished(file, "codes", private=False) as new:
        with explained(file, output_problem), open(new, "w", encoding="utf-8") as stream:
            stream.write(text)
        if not publish(new, file):
            raise FileExists(file)


def _text() -> str:
    return "".join(f"{code:<16}{about}\n" for code, about in CODES.items())


def _svg() -> str:
    rows = -(-len(CODES) // 2)
    width, height = 2 * _MARGIN + 2 * _COLUMN, 2 * _MARGIN + rows * _ROW
    drawn = [
        _drawn(code, about, _MARGIN + number % 2 * _COLUMN, _MARGIN + number // 2 * _ROW)
        for number, (code, about) in enumerate(CODES.items())
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}">\n'
        f'<rect width="{width:g}" height="{height:g}" fill="white"/>\n{"".join(drawn)}</svg>\n'
    )


def _drawn(code: str, about: str, left: float, top: float) -> str:
    """Return one code's bars in Code 128, what they say, and what that does."""
    try:
        from barcode.codex import Code128
    except ImportError as error:
        hint = "pip install 'invctl[labels]'; or write text: --codes -"
        raise ConfigError("--codes", "nothing is installed that draws bars", hint) from error
    bars, place = [], left
    for run in _runs(Code128(code).build()[0]):
        width = len(run) * _MODULE
        if run[0] == "1":
            bars.append(f"M{place:.2f} {top:g}h{width:.2f}v{_HEIGHT:g}h-{width:.2f}z")
        place += width
    words = (
        f'<text x="{left:g}" y="{top + _HEIGHT + at:g}" font-family="sans-serif" '
        f'font-size="{size:g}">{escape(said)}</text>\n'
        for said, at, size in ((code, 5, 4.5), (about, 10, 3.5))
    )
    return f'<path d="{"".join(bars)}"/>\n{"".join(words)}'


def _runs(modules: str) -> list[str]:
    """Return modules, 1 for black, as runs of the same colour."""
    from itertools import groupby

    return ["".join(run) for _, run in groupby(modules)]
