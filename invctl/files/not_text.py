"""What a file is that holds no rows of text, told by its first bytes. Reads nothing itself."""

import re

_SHEET = "save its sheet as CSV"
_UNPACK = "unpack it first (only gzip is read as it is)"
_NO_TABLE = "give a CSV, TSV or JSON Lines file"
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old workbook", _SHEET),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", _UNPACK),
    (b"\xfd7zX", "compressed by xz", _UNPACK),
    (b"BZh9", "compressed by bzip2", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "compressed by 7-Zip", _UNPACK),
    (b"Rar!\x1a\x07", "compressed by RAR", _UNPACK),
    (b"\x1f\x8b", "gzipped twice", "unpack it once"),
    (b"%PDF-", "a PDF document", _NO_TABLE),
    (b"{\\rtf", "a text document (RTF)", _NO_TABLE),
    (b"\x89PNG", "a picture (PNG)", _NO_TABLE),
    (b"\xff\xd8\xff", "a picture (JPEG)", _NO_TABLE),
    (b"GIF8", "a picture (GIF)", _NO_TABLE),
    (b"SQLite format 3\0", "a database", "`invctl db restore` reads one that is a backup"),
    (b"\x7fELF", "a program", _NO_TABLE),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_NAME = 30
"""Where an archive has the name of the first file in it."""
_IN_WORKBOOKS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|\?xml|\w+[ >])", re.I)
_TAR = (257, b"ustar")
"""Where an archive's first header has its magic, and what that is (POSIX, ustar)."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LINE_END = re.compile(rb"[\r\n]")
_BOM = b"\xef\xbb\xbf"
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_FEW, _SHARE = 8, 20
"""Controls are too many where there are as many, and one in so many bytes."""


def kind_of(head: bytes, *, is_named: bool) -> tuple[str, str] | None:
    """Return what a file is that begins so, and what to do, if it is not text; else None.

    Where its encoding `is_named`, controls may be the letters of another alphabet.
    """
    if head.startswith(_ZIP):
        return _archive(head)
    for signature, kind, advice in _SIGNATURES:
        if head.startswith(signature):
            return kind, advice
    if head[_TAR[0] :].startswith(_TAR[1]):
        return "an archive (tar)", "unpack it first"
    if markup := _MARKUP.match(head):
        is_page = b"html" in markup[1].lower()
        return "a web page" if is_page else "markup (XML or HTML)", _NO_TABLE
    return None if is_named else _binary(head)


def _archive(head: bytes) -> tuple[str, str]:
    if b"opendocument.spreadsheet" in head or head[_ZIP_NAME:].startswith(_IN_WORKBOOKS):
        return "a workbook", _SHEET
    return "a zip archive or a workbook", f"unpack it, or {_SHEET}"


def _binary(head: bytes) -> tuple[str, str] | None:
    """Return what bytes are that have too many controls to be text; None for all others."""
    controls = [found.start() for found in _CONTROLS.finditer(head)]
    if len(controls) < _FEW or len(controls) * _SHARE < len(head) or head.startswith(_MARKS):
        return None
    odd = sum(place % 2 for place in controls)
    if max(odd, len(controls) - odd) * 10 > len(controls) * 9:  # halves of letters, hardly all
        order = "le" if odd * 2 > len(controls) else "be"
        return "UTF-16 without a mark, it seems", f"--encoding utf-16-{order} reads it so"
    # Below a first line that is text an odd one is just that, and has an error of its own.
    first = _LINE_END.split(head.removeprefix(_BOM), 1)[0]
    return None if _is_clean(first) else ("not text", _NO_TABLE)


def _is_clean(line: bytes) -> bool:
    return bool(line.strip()) and line.isascii() and not _CONTROLS.search(line)
