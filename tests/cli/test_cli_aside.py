"""Long lists whose reader takes nothing: what is left is put aside, and nobody else waits."""

import os
import pty
import resource
import subprocess
import tempfile
import termios
import threading
from collections.abc import Iterator

import pytest
from shop import INVCTL, WAIT, Shop, until_full

from invctl.cli.printing.aside import Outlet, pour
from invctl.errors import OutputFailed

_LONG = b"x" * 999 + b"\n"
_PRODUCTS = 4000


def _failed(error: OSError) -> OutputFailed:
    return OutputFailed(str(error), committed=False)


def _impatient(pieces: Iterator[bytes], descriptor: int, *, hinders: bool = False) -> None:
    patience = 1e9 if hinders else 0.0
    pour(pieces, Outlet(descriptor, _failed, lambda: hinders, patience))


class Reader(threading.Thread):
    """Somebody who begins to read a descriptor only when told to, and reads it to its end."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.begin = threading.Event()
        self.got = b""
        self._descriptor = descriptor
        self.start()

    def run(self) -> None:
        self.begin.wait(WAIT)
        while piece := os.read(self._descriptor, 1 << 16):
            self.got += piece
        os.close(self._descriptor)


@pytest.mark.parametrize("hinders", [False, True], ids=["late", "hinders"])
def test_what_nobody_takes_is_read_to_its_end_before_it_is_taken(hinders: bool) -> None:
    reading, writing = os.pipe()
    reader = Reader(reading)

    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            yield b"%d" % number + _LONG
        reader.begin.set()  # nobody reads before all of it has been asked for

    _impatient(pieces(), writing, hinders=hinders)
    os.close(writing)
    reader.join(WAIT)
    assert reader.got == b"".join(b"%d" % number + _LONG for number in range(1000))


def test_at_a_pause_it_is_written_and_then_goes_on() -> None:
    reading, writing = os.pipe()
    reader = Reader(reading)

    def pieces() -> Iterator[bytes]:
        yield from (_LONG for _ in range(200))
        reader.begin.set()
        yield b""
        yield b"last"

    _impatient(pieces(), writing)
    os.close(writing)
    reader.join(WAIT)
    assert reader.got == _LONG * 200 + b"last"


@pytest.mark.parametrize("folder", ["/nowhere", "/dev/full"])
def test_without_a_temporary_file_it_waits_for_its_reader(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unopened(**_: object) -> object:
        return open(folder, "wb+", buffering=0)  # a file that takes nothing, or none

    monkeypatch.setattr(tempfile, "TemporaryFile", unopened)
    reading, writing = os.pipe()
    reader = Reader(reading)
    reader.begin.set()
    _impatient((b"%d" % number + _LONG for number in range(300)), writing)
    os.close(writing)
    reader.join(WAIT)
    assert reader.got == b"".join(b"%d" % number + _LONG for number in range(300))


def test_a_temporary_file_that_is_full_within_a_piece_costs_none_of_it() -> None:
    reading, writing = os.pipe()
    reader = Reader(reading)

    def pieces() -> Iterator[bytes]:
        for number in range(300):
            yield b"%d" % number + _LONG
            if number == 100:  # the pipe is full, and the file is not yet
                reader.begin.set()

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_500, before[1]))
    try:
        _impatient(pieces(), writing)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    os.close(writing)
    reader.join(WAIT)
    assert reader.got == b"".join(b"%d" % number + _LONG for number in range(300))


def test_a_stopped_terminal_is_a_reader_that_takes_nothing() -> None:
    keyboard, screen = pty.openpty()
    mode = termios.tcgetattr(screen)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(screen, termios.TCSANOW, mode)
    asked_for_all = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield from (_LONG for _ in range(300))
        asked_for_all.set()

    writer = threading.Thread(target=_impatient, args=(pieces(), screen), daemon=True)
    writer.start()
    assert asked_for_all.wait(WAIT)
    got = b""
    while len(got) < 300 * len(_LONG):
        got += os.read(keyboard, 1 << 16)
    writer.join(WAIT)
    assert got == _LONG * 300
    os.close(keyboard)
    os.close(screen)


@pytest.mark.sqlite("it is about the log")
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("stock log -o csv", marks=pytest.mark.sweep),
        "product export {}/pipe.csv.gz",
    ],
)
def test_a_list_that_nobody_reads_lets_the_log_begin_over(shop: Shop, command: str) -> None:
    rows = "".join(f"A-{number},{os.urandom(90).hex()},1\n" for number in range(_PRODUCTS))
    assert shop.run("product", "import", "-", stdin=f"sku,name,quantity\n{rows}").code == 0
    os.mkfifo(shop.root / "pipe.csv.gz")
    expected = shop.run(*command.format(shop.root).split()) if "export" not in command else None
    with (
        subprocess.Popen(
            [INVCTL, *command.format(shop.root).split()],
            stdout=subprocess.PIPE,
            env=shop.env,
        ) as lister,
        open(shop.root / "pipe.csv.gz", "rb") if "export" in command else lister.stdout as unread,  # type: ignore[union-attr]
    ):
        until_full(unread)
        _sell_until_the_log_begins_over(shop)
        got = unread.read()
        assert lister.wait(WAIT) == 0
    if expected is not None:
        assert got == expected.out


def _sell_until_the_log_begins_over(shop: Shop) -> None:
    """Sell one by one, each in a commit of its own; at the most one of each product."""
    before = b""
    with subprocess.Popen(
        [INVCTL, "stock", "apply", "--each", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=shop.env,
    ) as pipe:
        assert pipe.stdin
        assert pipe.stdout
        pipe.stdin.write(b"sku,delta\n")
        for number in range(_PRODUCTS):
            pipe.stdin.write(b"A-%d,-1\n" % (number * 7 % _PRODUCTS))  # on many pages
            pipe.stdin.flush()
            assert b'"quantity":0' in pipe.stdout.readline()
            now = _beginnings(shop)
            before = before or now  # the first one begins it
            if now != before:
                break
        pipe.stdin.close()
        assert pipe.wait(WAIT) == 0
    assert now != before


def _beginnings(shop: Shop) -> bytes:
    """Return how often the log has begun over (https://www.sqlite.org/fileformat2.html, 4.1)."""
    with open(f"{shop.db}-wal", "rb") as log:
        return log.read(16)[12:]
