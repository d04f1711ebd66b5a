"""Where the server listens: an address, or a socket in the file system."""

import errno
import ipaddress
import os
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from invctl.errors import ConfigError, InvalidValue
from invctl.oserrors import reason

_BACKLOG = 2048
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_HINTS = {
    errno.EADDRINUSE: "--port 0 takes one that is free",
    errno.EACCES: "ports from 1024 on are for everybody",
}


class Address(NamedTuple):
    """Where to listen: a host and a port, or a socket in the file system."""

    host: str = "127.0.0.1"
    port: int = 8000
    path: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask there."""
        if self.path is not None or self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def hosts(self) -> frozenset[str] | None:
        """The names that requests may be sent to; None for any, where names protect nothing."""
        if self.path is not None or not self.is_local:
            return None
        return frozenset((*_LOOPBACK, _in_url(self.host.lower())))


def listen(at: Address) -> socket.socket:
    """Return a socket that listens. Raises ConfigError, or InvalidValue for a path that is none."""
    if at.path is not None:
        return _listen_in_files(at.path)
    listener = None
    try:
        found: Sequence[Any] = socket.getaddrinfo(
            at.host, at.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        # Or the connections of the server before it would keep a restart from the address.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # `::` names no IPv4 address; whether it takes them, too, a system's setting would say.
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        where = f"{_in_url(at.host)}:{at.port}"
        hint = _HINTS.get(error.errno or 0, "--host names an address of this machine")
        raise ConfigError(f"--host and --port ({where})", reason(error), hint) from error
    return listener


def _listen_in_files(path: str) -> socket.socket:
    """Return a socket that listens at a path; one that an ended server has left is replaced."""
    if not path:  # the system would choose a name that is in no folder
        raise InvalidValue("--socket", path, "is empty")
    listener = socket.socket(socket.AF_UNIX)
    try:
        if _is_left_over(path):
            os.unlink(path)
        listener.bind(path)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError("--socket", f"{path}: {reason(error)}", "name another path") from error
    return listener


def _is_left_over(path: str) -> bool:
    """Return whether there is a socket at a path at which nobody listens."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return False
        # That the file is there tells nothing: a server that was killed has left it.
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def file_of(at: Address) -> tuple[int, int] | None:
    """Return which file is at an address, by its device and inode; None where there is none."""
    if at.path is None:
        return None
    try:
        found = os.lstat(at.path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def take_away(at: Address, made: tuple[int, int] | None) -> None:
    """Remove the socket that was made there, if it is there still: another server's stays."""
    if at.path is not None and made is not None and file_of(at) == made:
        with suppress(OSError):  # somebody was quicker, or the folder is no longer ours
            os.unlink(at.path)


def shown(at: Address, listener: socket.socket) -> str:
    """Return where a server listens, as people open it."""
    if at.path is not None:
        return at.path
    # With --port 0 the system has chosen one.
    return f"http://{_in_url(at.host)}:{listener.getsockname()[1]}/"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
