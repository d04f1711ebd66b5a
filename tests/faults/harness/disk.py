"""A disk as a power cut may leave it: what was synced is there, of the rest anything may be.

The rules are POSIX's, not those of one file system: writes to a file may be lost one by one, and
torn, until it is synced; a name may be there or not until its folder is synced.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from sweep import spread

_SECTOR = 512
_PLACES = 24


@dataclass(frozen=True)
class Write:
    """Bytes written at an offset; zeros where only the size of the file was kept."""

    offset: int
    data: bytes

    def on(self, content: bytes) -> bytes:
        """Return a file's content after it."""
        padded = content.ljust(self.offset, b"\0")
        return padded[: self.offset] + self.data + padded[self.offset + len(self.data) :]

    def torn(self) -> "Iterator[Write]":
        """Yield its halves, of which a cut may keep one, and the mere length that it gave."""
        half = len(self.data) // 2 // _SECTOR * _SECTOR or len(self.data) // 2
        yield Write(self.offset, self.data[:half])
        yield Write(self.offset + half, self.data[half:])
        yield Write(self.offset + len(self.data), b"")


@dataclass(frozen=True)
class Truncate:
    """A file cut, or extended, to a size."""

    size: int

    def on(self, content: bytes) -> bytes:
        """Return a file's content after it."""
        return content[: self.size].ljust(self.size, b"\0")


Change = Write | Truncate


@dataclass
class Node:
    """A file: its content as synced, and what was written to it since."""

    synced: bytes = b""
    pending: list[Change] = field(default_factory=list)
    is_folder: bool = False


@dataclass
class Name:
    """What a name stood for when its folder was synced, and what it was made since."""

    synced: Node | None = None
    pending: list[Node | None] = field(default_factory=list)

    @property
    def now(self) -> Node | None:
        """What it stands for while the power is on."""
        return self.pending[-1] if self.pending else self.synced


Files = dict[str, bytes]
"""The files that are found after a cut, by their paths."""


class Disk:
    """Everything below `root`, a folder that was there before."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.names: dict[str, Name] = {}

    def holds(self, path: str) -> bool:
        """Return whether a path, which is absolute, is on it."""
        assert path.startswith("/"), path
        return path == self.root or path.startswith(f"{self.root}/")

    def make(self, path: str, *, is_folder: bool = False) -> None:
        """Create a file or folder, where there is none."""
        if self._name(path).now is None:
            self._name(path).pending.append(Node(is_folder=is_folder))

    def change(self, path: str, change: Change) -> None:
        """Write to a file, or change its size."""
        self._node(path).pending.append(change)

    def sync(self, path: str) -> None:
        """Make a file's content durable, or the names in a folder."""
        node = self._name(path).now
        if path == self.root or (node and node.is_folder):
            for other, name in self.names.items():
                if other.rpartition("/")[0] == path:
                    name.synced, name.pending = name.now, []
        elif node:
            node.synced, node.pending = _after(node.synced, node.pending), []

    def link(self, old: str, new: str) -> None:
        """Give a file another name."""
        self._name(new).pending.append(self._node(old))

    def unlink(self, path: str) -> None:
        """Take a name away."""
        self._name(path).pending.append(None)

    def after_cut(self, chance: random.Random, mixtures: int) -> Iterator[Files]:
        """Yield what may be found after a cut at this moment.

        Every way to lose what one file or name has pending, with all else lost or all else kept,
        and some random `mixtures`.
        """
        ways = {id(node): _contents(node) for node in self._nodes().values()}
        open_names = [name for name in self.names.values() if name.pending]
        for kept in (False, True):
            contents = {node: found[kept] for node, found in ways.items()}
            names = {id(name): name.now if kept else name.synced for name in self.names.values()}
            yield self._files(names, contents)
            for node, found in ways.items():
                for content in found:
                    yield self._files(names, {**contents, node: content})
            for name in open_names:
                for value in name.pending[:-1] if kept else name.pending:
                    yield self._files({**names, id(name): value}, contents)
            for name in open_names if kept else ():
                yield self._files({**names, id(name): name.synced}, contents)
        for _ in range(mixtures):
            names = {
                id(name): chance.choice([name.synced, *name.pending])
                for name in self.names.values()
            }
            yield self._files(names, {node: chance.choice(found) for node, found in ways.items()})

    def _name(self, path: str) -> Name:
        return self.names.setdefault(path, Name())

    def _node(self, path: str) -> Node:
        self.make(path)  # one that was made by who is not recorded
        node = self._name(path).now
        assert node is not None
        return node

    def _nodes(self) -> dict[int, Node]:
        values = chain.from_iterable((one.synced, *one.pending) for one in self.names.values())
        return {id(node): node for node in values if node and not node.is_folder}

    def _files(self, names: dict[int, Node | None], contents: dict[int, bytes]) -> Files:
        there = {path: names[id(name)] for path, name in self.names.items()}
        found = {}
        for path, node in there.items():
            folder = path.rpartition("/")[0]
            reachable = folder == self.root or there.get(folder)
            if node and not node.is_folder and reachable:  # its folder has its name
                found[path] = contents[id(node)]
        return found


def _after(content: bytes, changes: list[Change]) -> bytes:
    for change in changes:
        content = change.on(content)
    return content


def _contents(node: Node) -> list[bytes]:
    """Return what a file may hold after a cut: first all lost, second all kept."""
    pending = node.pending
    ways: list[list[Change]] = [[], pending]
    # All that a sound program has ever pending; of one that never syncs, a few.
    for place in spread(range(len(pending)), _PLACES):
        change = pending[place]
        ways += [pending[:place], pending[:place] + pending[place + 1 :], [change]]
        if isinstance(change, Write) and len(change.data) > 1:
            for part in change.torn():
                ways += [[*pending[:place], part], [*pending[:place], part, *pending[place + 1 :]]]
    return [_after(node.synced, way) for way in ways]
