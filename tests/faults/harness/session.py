"""A session of several commands, recorded: each write and sync on its files, each answer."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import NamedTuple

from bench import Bench
from books import Moved
from disk import Disk, Truncate, Write
from scenarios import INPUT
from trial import State, state

CALLS = (
    "openat,pwrite64,write,ftruncate,fsync,fdatasync,link,linkat,unlink,unlinkat,rename,"
    "renameat,renameat2,mkdir,fallocate,pwritev,writev"
)
_CALL = re.compile(r"(?:\[pid +\d+\] )?(\w+)\((.*)\) += (\d+)")
_DESCRIPTOR = re.compile(r"\d+<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.*)')


class Command(NamedTuple):
    """A command of the session, and the movements of each of its operations, in order."""

    arguments: tuple[str, ...]
    operations: tuple[Moved, ...]
    input: str = ""


SESSION = (
    Command(
        ("product", "create", "A-1", "--name", "Widget", "--quantity", "10"), ((("A-1", 10),),)
    ),
    Command(("product", "create", "B-1", "--name", "Gadget"), ((),)),
    Command(("stock", "add", "A-1", "3"), ((("A-1", 3),),)),
    Command(
        ("stock", "apply", INPUT, "--each"),
        ((("A-1", -1),), (("B-1", 5),), (("A-1", 4),), (("B-1", -2),)),
        '{"sku":"A-1","delta":-1}\n{"sku":"B-1","delta":5}\n'
        '{"sku":"A-1","delta":4}\n{"sku":"B-1","delta":-2}\n',
    ),
    Command(
        ("product", "import", INPUT),
        ((("N-1", 7), ("N-3", 2)),),
        "sku,name,quantity\nA-1,Renamed,99\nN-1,New,7\nN-2,Newer,0\nN-3,Newest,2\n",
    ),
    Command(
        ("stock", "apply", INPUT),
        ((("A-1", -3), ("B-1", 8), ("A-1", 4)),),
        "sku,delta\nA-1,-3\nB-1,8\nA-1,4\n",
    ),
    Command(("product", "rename", "N-2", "N-4"), ((),)),
    Command(("stock", "undo", "9"), ((("A-1", 3), ("A-1", -4), ("B-1", -8)),)),
    Command(("stock", "remove", "A-1", "2"), ((("A-1", -2),),)),
)


class Event(NamedTuple):
    """A call that changed the disk, or an answer; how many operations were begun by then."""

    line: str
    begun: int


class Recording(NamedTuple):
    """What a session did to the disk, and what the inventory was after each operation."""

    root: Path
    events: list[Event]
    states: list[State | None]
    operations: list[Moved]


def record(bench: Bench, *, with_reader: bool) -> Recording:
    """Run the session in a folder that it makes itself, and record its calls.

    `with_reader` has another program keep the file open, so that its log outlives the commands;
    then the folder was there before. The recording's `root` is the folder that was.
    """
    states = _reference(bench)
    bench.sees_all = True  # a new file has a name of its own
    bench.lay(None)
    if with_reader:
        bench.books.mkdir()
    root = bench.books if with_reader else bench.shop.root
    events: list[Event] = []
    begun, reader = 0, None
    for command in SESSION:
        (bench.shop.root / INPUT).write_text(command.input)
        begun += len(command.operations)
        if with_reader and bench.shop.db.exists() and reader is None:
            reader = sqlite3.connect(bench.shop.db)
            reader.execute("SELECT count(*) FROM product").fetchone()
        run = bench.trace((*command.arguments, "--json"), calls=CALLS, whole=True)
        assert run.result.code == 0, run.result.stderr
        events += (Event(line, begun) for line in run.trace)
    with closing(reader) if reader else nullcontext():
        assert state(bench.shop.db) == states[-1]
    return Recording(root, events, states, [one for each in SESSION for one in each.operations])


def _reference(bench: Bench) -> list[State | None]:
    """Return what the inventory is before the session and after each operation of it."""
    bench.lay(None)
    states = [state(bench.shop.db)]
    for command in SESSION:
        lines = command.input.splitlines(keepends=True)
        inputs = lines if len(command.operations) > 1 else [command.input]
        for text in inputs:
            (bench.shop.root / INPUT).write_text(text)
            done = bench.run(*command.arguments)
            assert done.code == 0, done.stderr
            states.append(state(bench.shop.db))
    return states


def replay(disk: Disk, line: str, stdout: str) -> int:
    """Do to the disk what a traced call did; return how many answers it gave on `stdout`."""
    called = _CALL.match(line)
    if not called:
        return 0  # it failed, or is no call
    call, arguments, _ = called.groups()
    descriptor = _DESCRIPTOR.match(arguments)
    path = _text(descriptor[1]) if descriptor else ""
    strings = list(_strings(arguments))
    about = path or strings[0].decode()
    # What it is given to read is named as the shop does, which is where its messages go, too.
    is_elsewhere = not about.startswith("/") or about == f"{os.path.dirname(stdout)}/stderr"
    if is_elsewhere or (about != stdout and not disk.holds(about)):
        return 0
    match call:
        case "openat" | "mkdir" if call == "mkdir" or "O_CREAT" in arguments:
            disk.make(about, is_folder=call == "mkdir")
        case "write" if path == stdout:
            return strings[0].count(b"\n")
        case "pwrite64":
            disk.change(path, Write(int(arguments.rpartition(", ")[2]), strings[0]))
        case "ftruncate":
            disk.change(path, Truncate(int(arguments.rpartition(", ")[2])))
        case "fsync" | "fdatasync":
            disk.sync(path)
        case "link" | "rename" | "linkat" | "renameat" | "renameat2":
            old, new = (one.decode() for one in strings)
            disk.link(old, new)
            if call.startswith("rename"):
                disk.unlink(old)
        case "unlink" | "unlinkat":
            disk.unlink(about)
        case "openat" | "write":
            assert call == "openat", f"a write that no rule knows: {line}"
        case _:
            raise AssertionError(f"a call that no rule knows: {line}")
    return 0


def _strings(arguments: str) -> Iterator[bytes]:
    for text, more in _STRING.findall(arguments):
        assert not more, "strace cut a text off"
        yield bytes.fromhex(text.replace("\\x", ""))


def _text(name: str) -> str:
    """Return a path as strace shows it, in hexadecimal or not."""
    return bytes.fromhex(name.replace("\\x", "")).decode() if name.startswith("\\x") else name
