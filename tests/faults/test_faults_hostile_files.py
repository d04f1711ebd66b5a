"""Files made to hurt, beside those in `tests/files`: whole runs, in bounded memory and time."""

import codecs
import encodings
import gzip
import json
import pkgutil
import string
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import islice, product
from random import Random

import pytest
from hostile_runs import Run, Runner
from hypothesis import given, settings
from hypothesis import strategies as st

from invctl.errors import InvalidData, InvalidValue
from invctl.files.options import FileOptions, parse_options
from invctl.files.reading import read_rows
from invctl.models.fields import PRODUCT_COLUMNS
from invctl.models.rows import BadRow

pytestmark = pytest.mark.faults

MEGABYTE = 1_000_000
ODD_NAMES = (
    "mbcs",
    "oem",
    "string-escape",
    "string_escape",
    "locale",
    "__init__",
    "../x",
    "aliases",
)
CODECS = sorted(
    {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    | set(encodings.aliases.aliases)
    | set(ODD_NAMES)
)
HEAD = b"sku,name\n"
NAMES = ["".join(letters) for letters in islice(product(string.ascii_lowercase, repeat=4), 100_000)]


def bomb(line: bytes, count: int) -> bytes:
    return gzip.compress(HEAD + line * count, compresslevel=1)


FILES: dict[str, tuple[Callable[[], bytes], int]] = {
    "gzip of gzip": (lambda: gzip.compress(gzip.compress(HEAD + b"A,b\n")), 6),
    "bomb of short lines": (lambda: bomb(b"X-1,x\n", 1_000_000), 6),
    "bomb of long cells": (lambda: bomb(b"X-1," + b"x" * MEGABYTE + b"\n", 400), 6),
    "bomb of long skus": (lambda: bomb(b"X" * MEGABYTE + b",x\n", 400), 6),
    "bomb of blanks": (lambda: bomb(b" " * 1000 + b"\n", 100_000), 0),
    "bomb of NUL": (lambda: bomb(b"\0" * MEGABYTE, 300), 6),
    "a key twice, after a hundred thousand": (
        lambda: (
            json.dumps(dict.fromkeys(NAMES, 1)).encode()[:-1] + f',"{NAMES[-1]}":1}}\n'.encode()
        ),
        6,
    ),
    "a hundred thousand columns": (lambda: ",".join(NAMES).encode() + b"\n", 6),
    "a hundred thousand columns to skip": (
        lambda: b"sku,name," + ",".join(NAMES).encode() + b"\nA,b" + b"," * 100_000 + b"\n",
        6,
    ),
    "the same column often": (lambda: b"sku," * 200_000 + b"name\n", 6),
    "columns of escapes": ("sku,\x1b[31mname,\u202ex,\x9bc\n".encode, 6),
    "columns of a NUL": (lambda: b"sku,na\0me\nA,b\n", 6),
    "cells of escapes": ("sku,name\nA,\x1b]0;x\x07\nB,\u202ex\nC,\x9b\n".encode, 6),
    "cells of NUL": (lambda: HEAD + b"A\0,b\nB,\0\n", 6),
    "keys of escapes": (lambda: b'{"sku":"A","\\u001b[31m":1,"\xc2\x9b":2}\n', 6),
    "values of escapes": (lambda: b'{"sku":"A\\u001b]0;x\\u0007","name":"\\u202e"}\n', 6),
    "formulas": (lambda: HEAD + b"A,=cmd|' /C calc'!A0\nB,@x\nC,\"+1\t1\"\n", 6),
    "line ends of three kinds": (lambda: HEAD + b"A,a\r\nB,b\rC,c\n\r\nD,d", 0),
    "a mark in the middle": (lambda: HEAD + "A,\ufeffb\n\ufeffB,c\n".encode(), 6),
    "UTF-16 without a mark": (lambda: "sku,name\nA,b\n".encode("utf-16-le"), 6),
    "half of UTF-16": (lambda: "sku,name\nA,b\n".encode("utf-16")[:-1], 6),
    "a quote never closed": (lambda: HEAD + b'A,"b\n' + b"x,y\n" * 400_000, 6),
    "only quotes": (lambda: HEAD + b'"' * 999_999 + b"\n", 6),
    "only commas": (lambda: HEAD + b"," * 999_999 + b"\n", 0),
    "deep lists": (lambda: b'{"sku":' + b"[" * 900_000 + b"\n", 6),
    "a huge number": (lambda: b'{"sku":"A","name":"b","quantity":' + b"9" * 900_000 + b"}\n", 6),
    "a huge exponent": (lambda: b'{"sku":"A","name":"b","quantity":1e999999999}\n', 6),
    "no number": (lambda: b'{"sku":"A","name":"b","quantity":NaN}\n', 6),
    "many errors": (lambda: HEAD + b"!,\n" * 300_000, 6),
    "long errors": (lambda: HEAD + (b"!" * 100_000 + b",b\n") * 200, 6),
    "random bytes": (lambda: Random(1).randbytes(300_000), 6),
    "random text": (lambda: HEAD + Random(2).randbytes(300_000).hex().encode(), 6),
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    one = Runner(tmp_path_factory.mktemp("files"))
    assert one.run("init", "--db", "shop.db").code == 0
    return one


def imported(runner: Runner, data: bytes, *more: str, piped: bool = False) -> Run:
    """Rehearse the import of a file, named or on standard input."""
    path = runner.folder / "goods"
    path.write_bytes(data)
    name = "-" if piped else "goods"
    words = ("product", "import", name, "--db", "shop.db", "--dry-run", "-o", "table", *more)
    return runner.run(*words, stdin=path if piped else b"")


SLOW = {name for name in FILES if name.startswith(("bomb", "many", "long"))}


@pytest.mark.parametrize("piped", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(*case, id=name, marks=pytest.mark.corpus if name in SLOW else ())
        for name, case in FILES.items()
    ],
)
def test_a_file_made_to_hurt_is_refused_or_read_in_little_memory(
    runner: Runner, make: Callable[[], bytes], code: int, piped: bool
) -> None:
    run = imported(runner, make(), piped=piped)
    run.check()
    assert run.code == code, run.said
    assert len(run.err) < 20_000


@pytest.mark.parametrize("name", ["bomb of long cells", "long errors", "many errors"])
@pytest.mark.corpus
def test_what_scripts_are_told_of_a_file_is_short_too(runner: Runner, name: str) -> None:
    run = imported(runner, FILES[name][0](), "--json")
    run.check(human=False)
    assert len(run.err) < 100_000


@pytest.mark.corpus
@pytest.mark.parametrize("gigabytes", [1, 4])
def test_a_sparse_file_without_a_line_end_is_refused_at_once(
    runner: Runner, gigabytes: int
) -> None:
    path = runner.folder / "sparse"
    with path.open("wb") as file:
        file.write(HEAD)
        file.truncate(gigabytes << 30)
    run = runner.run("product", "import", "sparse", "--db", "shop.db")
    path.unlink()
    run.check()
    assert run.code == 6


@pytest.mark.parametrize("name", CODECS)
def test_every_codec_reads_anything_as_text_or_is_refused(name: str) -> None:
    try:
        options = parse_options(PRODUCT_COLUMNS, encoding=name, ignore_extra=True)
    except InvalidValue:
        return
    assert options.encoding
    codecs.lookup(options.encoding)
    for data in (HEAD + b"A,b\n", HEAD * 99, bytes(range(256)) * 9):
        for noise in (b"", b"\x1b$B\xff~{\x0e+AAA-\\ud800\\N{BELL}"):
            for text in rows(data + noise, options):
                text.encode()


def rows(data: bytes, options: FileOptions) -> Iterator[str]:
    """Yield the rows of a file as text, up to what ends it."""
    with suppress(InvalidData):
        for row in read_rows(BytesIO(data), PRODUCT_COLUMNS, options):
            yield row.message if isinstance(row, BadRow) else "".join(row[1])


@pytest.mark.parametrize("name", ["zlib", "rot13", "idna", "punycode", "undefined", "\x1b[31m"])
def test_a_codec_that_is_none_of_text_is_a_usage_error(runner: Runner, name: str) -> None:
    run = imported(runner, HEAD + b"A,b\n", "--encoding", name)
    run.check()
    assert run.code == 2


PIECES = st.lists(
    st.one_of(
        st.sampled_from([b"sku", b"name", b"quantity", b"A-1", b"3", b"{", b"}", b":", b"[", b"]"]),
        st.sampled_from([b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b" "]),
        st.sampled_from(
            [b'{"sku":"A"}', b'"\\u', b"d800", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b"]
        ),
        st.binary(max_size=5),
    ),
    max_size=40,
).map(b"".join)
OPTIONS = st.sampled_from(
    [
        FileOptions(),
        FileOptions(ignore_extra=True),
        FileOptions(mapping={"name": "sku", "sku": "name"}, defaults={"quantity": "0"}),
        FileOptions(encoding="utf-16-le", delimiter=";"),
        FileOptions(encoding="iso2022_jp", ignore_extra=True),
    ]
)


def any_file_is_rows_or_invalid(data: bytes, options: FileOptions, packed: bool) -> None:
    with suppress(InvalidData):
        previous = 0
        source = gzip.compress(data) if packed else data
        for row in read_rows(BytesIO(source), PRODUCT_COLUMNS, options):
            line = row.line if isinstance(row, BadRow) else row[0]
            assert line >= previous
            previous = line
            if not isinstance(row, BadRow):
                assert len(row[1]) == len(PRODUCT_COLUMNS)


@given(data=PIECES, options=OPTIONS, packed=st.booleans())
def test_any_bytes_are_rows_in_order_or_invalid_data(
    data: bytes, options: FileOptions, packed: bool
) -> None:
    any_file_is_rows_or_invalid(data, options, packed)


@pytest.mark.corpus
@settings(max_examples=5_000)
@given(data=PIECES, options=OPTIONS, packed=st.booleans())
def test_very_many_bytes_are_rows_in_order_or_invalid_data(
    data: bytes, options: FileOptions, packed: bool
) -> None:
    any_file_is_rows_or_invalid(data, options, packed)
