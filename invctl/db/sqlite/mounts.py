"""What kind of disk a path is on, and what is mounted there itself, by proc(5)'s mountinfo.

That is read once a run: before the first statement, and not again for a mount that comes later.
"""

import os
import re
from functools import cache
from typing import NamedTuple

# Where shared memory or locks do not reach every host that writes (https://sqlite.org/wal.html).
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "afs", "ceph"}


class _Mount(NamedTuple):
    device: str
    point: str
    kind: str


def is_on_network(path: str) -> bool:
    """Return whether `path` is on a file system where the write-ahead log is not safe."""
    try:
        device = os.stat(path).st_dev
    except OSError:
        return False
    number = f"{os.major(device)}:{os.minor(device)}"
    return any(mount.device == number and _is_network(mount.kind) for mount in _mounts())


@cache
def is_mount_point(path: str) -> bool:
    """Return whether something is mounted on `path` itself, whose links have been followed."""
    return any(mount.point == path for mount in _mounts())


def _is_network(kind: str) -> bool:
    # What is behind FUSE, which may be sshfs or a disk of this machine, it does not tell.
    return kind in _NETWORK_FILE_SYSTEMS or kind.startswith("fuse")


@cache
def _mounts() -> tuple[_Mount, ...]:
    """Return what is mounted; nothing where the system does not say."""
    try:
        with open("/proc/self/mountinfo", "rb") as lines:
            return tuple(_read(os.fsdecode(line)) for line in lines)
    except OSError:
        return ()


def _read(line: str) -> _Mount:
    """Read `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS… - TYPE SOURCE OPTIONS`."""
    mount, _, kind = line.partition(" - ")
    fields = mount.split(" ", 5)
    return _Mount(fields[2], _unescaped(fields[4]), kind.split(" ", 1)[0])


def _unescaped(name: str) -> str:
    """Return a name whose blanks and backslashes are written as octal numbers."""
    if "\\" not in name:
        return name
    plain = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), os.fsencode(name))
    return os.fsdecode(plain)
