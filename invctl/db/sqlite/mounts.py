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


def network_file_system(path: str) -> str | None:
    """Return the kind of file system at `path` if the write-ahead log is not safe on it."""
    try:
        device = os.stat(path).st_dev
    except OSError:
        return None
    number = f"{os.major(device)}:{os.minor(device)}"
    kinds = (mount.kind for mount in _mounts() if mount.device == number)
    return next((kind for kind in kinds if kind in _NETWORK_FILE_SYSTEMS or hides_more(kind)), None)


def hides_more(kind: str) -> bool:
    """Return whether a kind of file system does not tell what is behind it."""
    # FUSE may have sshfs there or a folder of this machine; a block device, as of NTFS, is here.
    return kind.startswith("fuse") and kind != "fuseblk"


@cache
def is_mount_point(path: str) -> bool:
    """Return whether something is mounted on `path` itself, whose links have been followed."""
    return any(mount.point == path for mount in _mounts())


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
