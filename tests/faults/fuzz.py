"""Coverage-guided fuzzing of what reads foreign bytes and texts; not a test, a search for some.

    pip install '.[fuzz]'
    python tests/faults/fuzz.py reading|values --seconds 300 [--corpus FOLDER]

It stops at the first input that breaks a promise and leaves it as `crash-…`; what was found so is
kept as a case in the tests. Coverage is of `invctl` alone.
"""

import argparse
import gzip
import io
import sys
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["invctl"]):
    from invctl import times, values
    from invctl.cli.printing.streams import safe_lines
    from invctl.errors import InvalidData, InvalidValue
    from invctl.files import jsonl  # noqa: F401  # loaded late, but to be instrumented
    from invctl.files.options import FileFlags, parse_options
    from invctl.files.reading import read_rows
    from invctl.models.fields import MOVEMENT_COLUMNS, PRODUCT_COLUMNS
    from invctl.models.rows import BadRow
    from invctl.text import printable

LONGEST_MESSAGE = 2000
SEEDS: dict[str, Sequence[bytes]] = {
    "reading": (
        b"\0\0sku,name,quantity\nA-1,Widget,3\n",
        b'\1\0{"sku":"A-1","delta":-3}\n{"sku":"A-1","delta":3.0}\n',
        b'\0\1sku;name\r\n"A""1";"x\ry"\r\n',
        b"\2\2" + "\ufeffsku\tname\r".encode("utf-16"),
        b"\3\3" + gzip.compress(b"sku|name\nA|b\n"),
        b"\4\4sku,Title,x\nA,b,c\n",
    ),
    "values": (
        b"2026-01-31T09:30:00.123+01:00",
        b"2026-W05-6",
        b"90m",
        b"-9007199254740991",
        b"TSHIRT-RED-L",
        "Größe \u200d\u202e\u2028".encode(),
        b"0.5",
    ),
}
_OPTIONS: Sequence[FileFlags] = (
    {},
    {"ignore_extra": True},
    {"mapping": ["name=Title,description="], "defaults": ["quantity=0,sku=x"]},
    {"delimiter": "|", "encoding": "utf-16-le"},
    {"encoding": "gb18030", "defaults": ['"name=a,b"']},
    {"encoding": "iso2022_jp", "ignore_extra": True},
    {"encoding": "utf-16"},
    {"encoding": "utf-32", "ignore_extra": True},
)


def read(data: bytes) -> None:
    """Read bytes as a file: nothing but InvalidData, and no message that a person cannot read."""
    fields = PRODUCT_COLUMNS if not data[:1] or data[0] % 2 == 0 else MOVEMENT_COLUMNS
    chosen = _OPTIONS[data[1] % len(_OPTIONS) if len(data) > 1 else 0]
    known = {"sku": "text", "name": "text", "description": "text", "quantity": "integer"}
    options = parse_options(known if "mapping" in chosen else {**fields, **known}, **chosen)
    previous, ended = 0, ""
    try:
        for row in read_rows(io.BytesIO(data[2:]), fields, options):
            line = row.line if isinstance(row, BadRow) else row[0]
            assert line >= previous, (line, previous)
            previous = line
            if isinstance(row, BadRow):
                assert len(row.message) < LONGEST_MESSAGE
                assert len(row.value or "") <= 200
            else:
                assert len(row[1]) == len(fields)
                "".join(row[1]).encode()
    except InvalidData as error:
        ended = error.message
    assert len(ended) < LONGEST_MESSAGE


def _parsers() -> Sequence[Callable[[str], object]]:
    texts = [lambda text, f=field: values.check_text(text, f) for field in values.TEXT_LIMITS]
    skus = [lambda text, r=rule: values.check_sku(text, r) for rule in values.SKU_RULES]
    return (
        *texts,
        *skus,
        values.check_reason,
        values.parse_quantity,
        values.parse_amount,
        values.parse_delta,
        lambda text: values.parse_seconds(text, "--timeout"),
        lambda text: values.parse_boolean(text, "archived"),
        lambda text: times.format_time(times.parse_time(text, "--at")),
        lambda text: times.format_time(times.parse_time(text, "--as-of", end_of_day=True)),
        values.known_sku,
    )


_PARSERS = _parsers()


def judge(data: bytes) -> None:
    """Give a text to every rule: nothing but InvalidValue, and what passes passes again."""
    text = data.decode("utf-8", "surrogateescape")
    for parse in _PARSERS:
        try:
            value = parse(text)
        except InvalidValue as error:
            shown = safe_lines(error.message)
            assert shown.replace("\n", "").isprintable() or _is_blank(shown), shown
            continue
        if isinstance(value, str):
            with suppress(InvalidValue):
                assert parse(value) == value, (parse, text)
            assert unicodedata.is_normalized("NFC", value)
    assert printable(printable(text)) == printable(text)


def _is_blank(text: str) -> bool:
    """Whether all that is not printable in a text are the blanks and joiners that are text."""
    odd = [char for char in text if not char.isprintable() and char != "\n"]
    return all(char in "\u200c\u200d" or unicodedata.category(char) == "Zs" for char in odd)


def main() -> None:
    """Search for as many seconds as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=SEEDS)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--corpus", type=Path, default=None, help="kept from run to run")
    asked = parser.parse_args()
    corpus = asked.corpus or Path(".fuzz") / asked.target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[asked.target]):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [
        f"-max_total_time={asked.seconds}",
        "-max_len=4096",
        "-timeout=20",
        "-rss_limit_mb=1024",
    ]
    atheris.Setup(
        [sys.argv[0], *limits, str(corpus)], {"reading": read, "values": judge}[asked.target]
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
