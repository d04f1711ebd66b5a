"""What bytes a file may be made of: encodings, gzip, and files that are made to hurt."""

import gzip
import os
import tracemalloc
import zlib
from collections.abc import Iterator
from io import BufferedReader, BytesIO, RawIOBase
from itertools import chain, pairwise, repeat
from random import Random
from typing import BinaryIO, cast

import pytest

from invctl.errors import InvalidData, UsageError
from invctl.files.options import FileOptions
from invctl.files.reading import read_rows
from invctl.files.source import CHUNK, LIMIT
from invctl.models.rows import BadRow

FIELDS = {"sku": "text", "name": "text"}
TEXT = "sku,name\nA-1,Größe 😀\nA-2,尺寸\n"
ROWS = [(2, ("A-1", "Größe 😀")), (3, ("A-2", "尺寸"))]
MEBIBYTE = 1 << 20


class Pipe(RawIOBase):
    """A stream that gives one piece a read, as a pipe does, and counts what was taken."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.rest = b""
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        self.rest = self.rest or next(self.pieces, b"")
        size = min(len(view), len(self.rest))
        view[:size] = self.rest[:size]
        self.rest = self.rest[size:]
        self.taken += size
        return size


def pipe(pieces: Iterator[bytes]) -> tuple[BinaryIO, Pipe]:
    raw = Pipe(pieces)
    return cast("BinaryIO", BufferedReader(raw)), raw


def rows(data: bytes, encoding: str | None = None) -> list[object]:
    return list(read_rows(BytesIO(data), FIELDS, FileOptions(encoding=encoding)))


def refused(stream: BinaryIO, options: FileOptions | None = None) -> tuple[int, str, str]:
    """Return the line, value and message of the one error that ends the reading."""
    with pytest.raises(InvalidData) as caught:
        for _ in read_rows(stream, FIELDS, options or FileOptions(), name="goods.csv"):
            pass
    errors = cast("list[dict[str, object]]", caught.value.details["errors"])
    (error,) = errors
    assert error["code"] == "invalid_data"
    return cast("int", error["line"]), str(error["value"]), str(error["message"])


def peak_of_refusing(stream: BinaryIO) -> tuple[int, str]:
    """Return the peak of memory in bytes while a stream is refused, and the message."""
    tracemalloc.start()
    try:
        _, _, message = refused(stream)
        return tracemalloc.get_traced_memory()[1], message
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("data", [b"", gzip.compress(b"", mtime=0)])
def test_zero_bytes_are_an_empty_file(data: bytes) -> None:
    assert refused(BytesIO(data)) == (1, "None", "goods.csv is empty")


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf", b"\n\r\n \t\n", "\ufeff\n".encode("utf-16-le")])
def test_a_file_of_blank_lines_is_empty_too(data: bytes) -> None:
    assert "is empty but for blank lines" in refused(BytesIO(data))[2]


class TestEncodings:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "utf-16-be"]
    )
    @pytest.mark.parametrize("compressed", [False, True])
    def test_text_is_read_in_every_encoding_that_is_marked_or_named(
        self, encoding: str, compressed: bool
    ) -> None:
        data = TEXT.encode(encoding)
        named = encoding if encoding in {"gb18030", "utf-16-be"} else None
        assert rows(gzip.compress(data) if compressed else data, named) == ROWS

    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-8", "utf-32-be"])
    @pytest.mark.parametrize("named", [False, True])
    def test_a_mark_at_the_head_is_no_part_of_the_first_name(self, codec: str, named: bool) -> None:
        assert rows(("\ufeff" + TEXT).encode(codec), codec if named else None) == ROWS

    def test_a_mark_further_in_is_text(self) -> None:
        assert rows("sku,name\nA,\ufeffx\n".encode()) == [(2, ("A", "\ufeffx"))]

    def test_a_second_one_is_dropped_too_wherever_a_pipe_is_cut(self) -> None:
        data = ("\ufeff\ufeff" + TEXT).encode()
        for cut in range(1, 12):
            pipe = BufferedReader(Pipe(iter([data[:cut], data[cut:]])))
            assert list(read_rows(pipe, FIELDS)) == ROWS

    @pytest.mark.parametrize("piece", [1, 2, 3, 5])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
    def test_characters_may_be_cut_anywhere_between_reads(self, piece: int, encoding: str) -> None:
        data = TEXT.replace("\n", "\r\n").encode(encoding)
        stream, _ = pipe(data[i : i + piece] for i in range(0, len(data), piece))
        assert list(read_rows(stream, FIELDS)) == ROWS

    @pytest.mark.parametrize("lines", [0, 1, 10_000, 25_000])
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_an_invalid_byte_costs_its_line_and_is_named_with_its_column(
        self, lines: int, end: str
    ) -> None:
        data = f"sku,name{end}{f'A,Größe{end}' * lines}B,caf".encode() + b"\xe9" + end.encode()
        *before, bad, after = rows(data + f"C,x{end}".encode())
        assert before == [(n, ("A", "Größe")) for n in range(2, lines + 2)]
        message = "the byte \\xe9 is not utf-8; --encoding reads another one"
        assert bad == BadRow(lines + 2, "name", "caf\\xe9", message)
        assert after == (lines + 3, ("C", "x"))

    @pytest.mark.parametrize("distance", [-3, -2, -1, 0, 1])
    def test_an_invalid_byte_beside_the_edge_of_a_chunk_is_on_the_right_line(
        self, distance: int
    ) -> None:
        head = b"sku,name\n" + b"A,x\n" * 1000
        start = CHUNK + distance
        data = head + b"\n" * (start - len(head)) + b"\xf0\x9f\x98A,x\nB,y\n"
        bad, good = rows(data)[1000:]
        line = data.count(b"\n", 0, start) + 1
        assert isinstance(bad, BadRow)
        assert (bad.line, bad.value, good) == (line, "\\xf0\\x9f\\x98A", (line + 1, ("B", "y")))

    @pytest.mark.parametrize(
        ("data", "encoding", "value"),
        [
            (b"sku,name\nA,\xf0\x9f", None, "\\xf0\\x9f"),
            ("\ufeffsku,name\nA,".encode("utf-16-le") + b"\x00\xd8x\x00", None, "\\x00\\xd8x"),
            ("\ufeffsku,name\nA,x".encode("utf-16-be") + b"\x00", None, "x\\x00"),
            ("sku,name\nA,é".encode("shift_jis", "ignore") + b"\x81\x20", "shift_jis", "\\x81 "),
            (b"sku,name\nA,\x81", "cp1252", "\\x81"),
            (b"sku,name\nA,\xc3\xa9", "ascii", "\\xc3\\xa9"),
            (b"\xef\xbb\xbfsku,name\nA,\xff", "utf-8-sig", "\\xff"),
        ],
    )
    def test_every_decoder_goes_on_after_what_it_cannot_read(
        self, data: bytes, encoding: str | None, value: str
    ) -> None:
        bad, *rest = rows(data, encoding)
        assert isinstance(bad, BadRow)
        assert (bad.line, bad.column, bad.value, rest) == (2, "name", value, [])

    def test_an_invalid_byte_in_the_header_ends_the_reading(self) -> None:
        with pytest.raises(InvalidData) as caught:
            list(read_rows(BytesIO(b"sku,n\xffme\nA,x\n"), FIELDS))
        assert "\\xff is not utf-8" in caught.value.lines[0].message
        assert caught.value.hint == "--encoding cp1252 reads what many spreadsheets save"

    def test_a_file_in_another_encoding_is_refused_row_by_row(self) -> None:
        found = rows(b"sku,name\n" + "A,é\nB,x\nC,ü\n".encode("latin-1"))
        assert [isinstance(row, BadRow) for row in found] == [True, False, True]

    @pytest.mark.parametrize(
        "data", [b"sku,name\n", b"\x00\xd8x\x00", b"sku,name\nA,\x00\xd8x\x00y"]
    )
    @pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
    def test_an_encoding_that_wants_a_mark_is_refused_without_one(
        self, data: bytes, encoding: str
    ) -> None:
        assert "--encoding" in refused(BytesIO(data), FileOptions(encoding=encoding))[2]

    def test_utf_16_without_a_mark_is_recognised_in_the_refusal(self) -> None:
        with pytest.raises(InvalidData) as caught:
            rows("sku,name\n".encode("utf-16-le"))
        assert "--encoding utf-16-le" in caught.value.hint

    @pytest.mark.parametrize(
        ("head", "said"),
        [(b"PK\x03\x04", "workbook"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\xfd7zXZ\0", "xz")],
    )
    def test_other_containers_are_named(self, head: bytes, said: str) -> None:
        assert said in refused(BytesIO(head + os.urandom(100)))[2]


def packed(data: bytes) -> bytes:
    """Return data gzipped at no time: the name of a test holds it, and is to be the same always."""
    return gzip.compress(data, mtime=0)


class TestOtherKindsOfFiles:
    """Files that somebody gives by mistake: what they are is said, and none of their bytes."""

    ZIP = b"PK\x03\x04" + bytes(26)
    PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(20)
    NOISE = Random(3).randbytes(3000)

    @pytest.mark.parametrize(
        ("data", "kind", "advice"),
        [
            (ZIP + b"[Content_Types].xml", "a workbook", "save its sheet as CSV"),
            (ZIP + b"xl/workbook.xml", "a workbook", "save its sheet as CSV"),
            (
                ZIP + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                "a workbook",
                "save its sheet as CSV",
            ),
            (ZIP + b"sales.csv", "a zip archive or a workbook", "unpack it, or save its sheet"),
            (b"\xd0\xcf\x11\xe0" + NOISE, "an old workbook", "save its sheet as CSV"),
            (packed(ZIP + b"xl/workbook.xml"), "a workbook", "save its sheet as CSV"),
            (packed(packed(b"sku,name\n")), "gzipped twice", "unpack it once"),
            (PICTURE, "a picture (PNG)", "give a CSV, TSV or JSON Lines file"),
            (b"\xff\xd8\xff\xe0" + NOISE, "a picture (JPEG)", "give a CSV"),
            (b"%PDF-1.4\n%\xe2\xe3\n" + NOISE, "a PDF document", "give a CSV"),
            (b"<!DOCTYPE html>\n<html>", "a web page", "give a CSV"),
            (b"\xef\xbb\xbf\n<?xml version='1.0'?>", "markup (XML or HTML)", "give a CSV"),
            (b"SQLite format 3\0" + bytes(99), "a database", "`invctl db restore` reads one"),
            (b"\x7fELF" + bytes(99), "a program", "give a CSV"),
            (b"a.csv" + bytes(252) + b"ustar\x0000", "an archive (tar)", "unpack it first"),
            (NOISE, "not text", "give a CSV"),
            (TEXT.encode("utf-16-le"), "UTF-16 without a mark, it seems", "--encoding utf-16-le"),
            (TEXT.encode("utf-16-be"), "UTF-16 without a mark, it seems", "--encoding utf-16-be"),
            (bytes(4000), "not text", "give a CSV"),
        ],
    )
    def test_it_is_named_and_none_of_it_is_shown(self, data: bytes, kind: str, advice: str) -> None:
        with pytest.raises(InvalidData) as caught:
            read_rows(BytesIO(data), FIELDS, name="goods.csv")
        assert caught.value.message == f"goods.csv is {kind}"
        assert caught.value.hint.startswith(advice)
        assert [line.value for line in caught.value.lines] == [None]

    @pytest.mark.parametrize(
        "text", [TEXT, "sku,name\nA,\x00\x01\x02\x03\x04\x05\x06\x07\x08\n", "sku,name\n"]
    )
    @pytest.mark.parametrize("end", ["\n", "\r"])
    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig"])
    def test_text_with_odd_lines_is_text_all_the_same(
        self, text: str, codec: str, end: str
    ) -> None:
        assert len(rows(text.replace("\n", end).encode(codec))) == text.count("\n") - 1

    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "cp1251", "cp037"])
    def test_a_named_encoding_is_believed(self, codec: str) -> None:
        text = "sku,name\nA,Футболка\n" if codec != "cp037" else "sku,name\nA,Hemd\n"
        (row,) = rows(text.encode(codec), codec)
        assert not isinstance(row, BadRow)

    def test_a_pipe_that_gives_it_in_little_pieces_is_told_too(self) -> None:
        stream, _ = pipe(self.PICTURE[i : i + 1] for i in range(len(self.PICTURE)))
        with pytest.raises(InvalidData) as caught:
            read_rows(stream, FIELDS, name="goods.csv")
        assert caught.value.message == "goods.csv is a picture (PNG)"


class TestGzip:
    DATA = b"sku,name\n" + b"".join(b"A-%d,thing %d\n" % (i, i * i) for i in range(40_000))

    def test_members_one_after_another_are_one_file(self) -> None:
        cuts = (0, 3, 9, 200_001, len(self.DATA))
        members = [gzip.compress(self.DATA[a:b]) for a, b in pairwise(cuts)]
        packed = b"".join([*members, gzip.compress(b"", mtime=0)])
        assert rows(packed) == rows(self.DATA)

    def test_zeros_after_the_last_member_are_padding(self) -> None:
        assert rows(gzip.compress(self.DATA) + bytes(1000)) == rows(self.DATA)

    @pytest.mark.parametrize("piece", [1, 7, 4096])
    def test_it_may_come_in_any_pieces(self, piece: int) -> None:
        data = self.DATA[:20_000]
        packed = gzip.compress(data) + gzip.compress(b"B,y\n")
        stream, _ = pipe(packed[i : i + piece] for i in range(0, len(packed), piece))
        assert list(read_rows(stream, FIELDS)) == rows(data + b"B,y\n")

    @pytest.mark.parametrize("share", [0.0001, 0.1, 0.5, 0.9, 0.9999])
    def test_a_truncated_file_is_refused_wherever_it_was_cut(self, share: float) -> None:
        packed = gzip.compress(self.DATA)
        line, _, message = refused(BytesIO(packed[: max(2, int(len(packed) * share))]))
        assert message == "goods.csv is cut off: its gzip data ends too early"
        assert (line > 1) == (share > 0.05)

    @pytest.mark.parametrize("missing", range(1, 9))
    def test_the_checksum_at_the_end_is_waited_for(self, missing: int) -> None:
        assert "cut off" in refused(BytesIO(gzip.compress(self.DATA)[:-missing]))[2]

    @pytest.mark.parametrize("place", [3, 20, 30_000, -6, -2])
    def test_a_damaged_file_is_refused(self, place: int) -> None:
        packed = bytearray(gzip.compress(self.DATA))
        packed[place] ^= 0xFF
        with pytest.raises(InvalidData):
            rows(bytes(packed))

    def test_rubbish_after_the_end_is_damage(self) -> None:
        assert "is damaged" in refused(BytesIO(gzip.compress(self.DATA) + b"rubbish"))[2]

    @pytest.mark.sweep
    def test_a_bomb_is_streamed(self) -> None:
        packer = zlib.compressobj(9, wbits=31)
        row = b"A,x" + b"," * 1000 + b"\n"
        parts = [packer.compress(b"sku,name\n")]
        parts += [packer.compress(row * 1000) for _ in range(20)]
        packed = b"".join([*parts, packer.flush()])
        tracemalloc.start()
        try:
            count = sum(1 for _ in read_rows(BytesIO(packed), FIELDS))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert len(packed) < MEBIBYTE // 8
        assert count == 20_000
        assert peak < 4 * MEBIBYTE

    def test_a_bomb_without_line_ends_is_refused_early(self) -> None:
        packer = zlib.compressobj(9, wbits=31)
        letters = b"x" * MEBIBYTE
        packed = b"".join([*(packer.compress(letters) for _ in range(200)), packer.flush()])
        peak, message = peak_of_refusing(BytesIO(packed))
        assert "longer than" in message
        assert peak < 12 * MEBIBYTE


class TestLimits:
    def test_a_line_of_the_limit_is_read_and_one_more_character_is_refused(self) -> None:
        line = "A," + "é" * (LIMIT - 2)
        assert len(rows(f"sku,name\n{line}\nB,x".encode())) == 2
        number, _, message = refused(BytesIO(f"sku,name\nB,x\n{line}é\n".encode()))
        assert (number, f"longer than {LIMIT}" in message) == (3, True)

    @pytest.mark.parametrize(
        "head", [b"", b"sku,name\n", b'sku,name\n"', b'{"sku":"A"}\n', b'"', b"sku,name\n,"]
    )
    def test_a_gigabyte_without_a_line_end_is_refused_after_little_of_it(self, head: bytes) -> None:
        block = b"x" * CHUNK
        stream, raw = pipe(
            piece for i in range(8193) for piece in ([block] if i else [head or block])
        )
        peak, message = peak_of_refusing(stream)
        assert "longer than" in message
        assert raw.taken < 2 * MEBIBYTE
        assert peak < 12 * MEBIBYTE

    def test_blanks_without_a_line_end_are_refused_after_little_of_them(self) -> None:
        stream, raw = pipe(b" " * CHUNK for _ in range(100))
        peak, message = peak_of_refusing(stream)
        assert message.endswith("is empty but for blank lines")
        assert raw.taken < 2 * MEBIBYTE
        assert peak < 12 * MEBIBYTE

    def test_long_rows_that_go_on_in_the_next_block_do_not_add_up(self) -> None:
        name = "n\n" + "n" * (CHUNK - 100)
        text = "sku,name\n" + f'A,"{name}"\n' * 20
        assert rows(text.encode())[-1] == (40, ("A", name))

    @pytest.mark.parametrize("line", [b"A,x\n", b'a"",\n', b'a","\n'])
    def test_a_quoted_cell_or_row_that_never_ends_is_refused_after_little_of_it(
        self, line: bytes
    ) -> None:
        block = line * (CHUNK // len(line))
        stream, raw = pipe(
            piece for i in range(8193) for piece in ([block] if i else [b'sku,name\nB,y\n"'])
        )
        _, message = peak_of_refusing(stream)
        assert "quote not closed" in message
        assert raw.taken < 3 * MEBIBYTE

    def test_the_line_where_an_endless_row_starts_is_named(self) -> None:
        data = b'sku,name\nB,y\nC,"' + b"A,x\n" * 500_000
        assert refused(BytesIO(data))[0] == 3

    def test_memory_does_not_grow_with_the_file(self) -> None:
        def peak(blocks: int) -> int:
            block = b"".join(b"SKU-%d,thing\n" % i for i in range(5_000))
            stream, _ = pipe(block if i else b"sku,name\n" for i in range(blocks))
            tracemalloc.start()
            try:
                for _ in read_rows(stream, FIELDS):
                    pass
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        assert peak(40) < 1.2 * peak(5)


class TestLiveStreams:
    """What somebody holds open and waits on: nothing ends it but its own end."""

    LONG = b"x" * (3 * LIMIT)

    @pytest.mark.parametrize(
        ("lines", "line"),
        [
            ([b"sku,name\n", b"A,", LONG, b"\n", b"B,y\n"], 2),
            ([b"sku,name\nA,", LONG, b"\nB,y\n"], 2),
            ([b'{"sku":"Z"}\n', b'{"sku":"', LONG, b'"}\n', b'{"sku":"B","name":"y"}\n'], 2),
        ],
    )
    def test_a_line_that_is_too_long_costs_one_answer(self, lines: list[bytes], line: int) -> None:
        stream, _ = pipe(iter(lines))
        *_, bad, good = read_rows(stream, FIELDS, live=True)
        assert bad == BadRow(line, None, None, f"the line is longer than {LIMIT} characters")
        assert good == (line + 1, ("B", "y"))

    def test_it_is_answered_before_it_ends(self) -> None:
        taken = []

        def peer() -> Iterator[bytes]:
            yield b"sku,name\nA,"
            for _ in range(100):
                taken.append(1)
                yield b"x" * CHUNK

        stream, _ = pipe(peer())
        bad = next(iter(read_rows(stream, FIELDS, live=True)))
        assert isinstance(bad, BadRow)
        assert len(taken) < 10

    def test_a_line_that_never_ends_is_passed_over_in_little_memory(self) -> None:
        stream, _ = pipe(chain([b"sku,name\nA,"], repeat(b"x" * CHUNK, 800)))
        tracemalloc.start()
        try:
            (bad,) = read_rows(stream, FIELDS, live=True)
            assert tracemalloc.get_traced_memory()[1] < 12 * MEBIBYTE
        finally:
            tracemalloc.stop()
        assert isinstance(bad, BadRow)

    @pytest.mark.parametrize("line", [b"A,x\n", pytest.param(b'a"",\n', marks=pytest.mark.sweep)])
    def test_a_quote_left_open_for_too_long_costs_its_own_row(self, line: bytes) -> None:
        count = 3 * LIMIT // len(line)
        stream, _ = pipe(iter([b'sku,name\nB,y\nC,"z\n', line * count]))
        first, bad, *others = read_rows(stream, FIELDS, live=True)
        assert first == (2, ("B", "y"))
        assert isinstance(bad, BadRow)
        assert (bad.line, "quote not closed" in bad.message) == (3, True)
        assert len(others) == count
        assert others[0][0] == 4

    def test_rows_are_given_before_more_is_waited_for(self) -> None:
        sent = []

        def peer() -> Iterator[bytes]:
            yield b"sku,name\n"
            yield b'A,x\nB,"y" z\nC,"begun\n'
            sent.append("rest")
            yield b'and ended"\n'

        stream, _ = pipe(peer())
        found = iter(read_rows(stream, FIELDS, live=True))
        assert (next(found), sent) == ((2, ("A", "x")), [])
        bad = next(found)
        assert isinstance(bad, BadRow)
        assert (bad.line, sent) == (3, [])
        assert next(found) == (4, ("C", "begun\nand ended"))

    def test_cells_with_line_ends_are_cells_and_not_rows(self) -> None:
        stream, _ = pipe(iter([b'sku,name\nA,"one\nB,-5\ntwo"\n']))
        assert list(read_rows(stream, FIELDS, live=True)) == [(2, ("A", "one\nB,-5\ntwo"))]


class TestPipes:
    @pytest.mark.parametrize(
        "lines",
        [
            [b"sku,name\n", b"A,x\n", b"B,y\n"],
            [b"sku,name\r\n", b"A,x\r\n", b"B,y\r\n"],
            [b"sku,name\r", b"A,x\r", b"B,y\r"],
            [b'{"sku":"Z"}\n', b'{"sku":"A","name":"x"}\n', b'{"sku":"B","name":"y"}\n'],
        ],
    )
    def test_a_row_comes_out_as_soon_as_its_line_is_in(self, lines: list[bytes]) -> None:
        sent: list[bytes] = []

        def peer() -> Iterator[bytes]:
            for line in lines:
                sent.append(line)
                yield line

        stream, _ = pipe(peer())
        found = iter(read_rows(stream, FIELDS))
        if lines[0].startswith(b"{"):
            next(found)
        assert next(found) == (2, ("A", "x"))
        assert sent == lines[:2]

    def test_a_stream_that_only_has_read_will_do(self) -> None:
        class Plain:
            def __init__(self, data: bytes) -> None:
                self.read = BytesIO(data).read

        assert list(read_rows(cast("BinaryIO", Plain(TEXT.encode())), FIELDS)) == ROWS

    def test_a_non_blocking_stream_that_has_nothing_yet_is_not_at_its_end(self) -> None:
        ours, theirs = os.pipe()
        os.set_blocking(ours, False)
        with open(ours, "rb", buffering=0) as stream, open(theirs, "wb", buffering=0) as peer:
            peer.write(b"sku,name\nA,x\n")
            some = iter(read_rows(cast("BinaryIO", stream), FIELDS))
            assert next(some) == (2, ("A", "x"))
            with pytest.raises(UsageError, match="cannot read the input: it is non-blocking"):
                next(some)

    def test_an_error_of_the_system_names_the_input(self) -> None:
        def broken() -> Iterator[bytes]:
            yield b"sku,name\nA,x\n"
            raise OSError(5, "Input/output error")

        stream, _ = pipe(broken())
        some = iter(read_rows(stream, FIELDS))
        assert next(some) == (2, ("A", "x"))
        with pytest.raises(UsageError, match="cannot read the input: input/output error"):
            next(some)
