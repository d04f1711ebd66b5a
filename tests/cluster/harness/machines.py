"""Three machines in network namespaces, each with etcd, Patroni and PostgreSQL: how they come about
and what befalls them.

All of it lives in namespaces of this process's own (`enter`): a machine is cut off by its link, and
nothing stays behind, however the process ends.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

PROGRAMS = ("etcd", "etcdctl", "patroni", "patronictl", "ip", "unshare", "nsenter", "setpriv")
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
DATABASE = "inv"
# Seconds: Patroni wants ttl >= loop_wait + 2 * retry_timeout, and no ttl below 20.
TTL, LOOP, RETRY = 20, 5, 5
WAIT = 120.0
_INSIDE = "INVCTL_CLUSTER_INSIDE"
_NETWORK = "10.11.0"
_USER = "postgres"


def missing() -> str | None:
    """Return why there can be no cluster here, None where there can."""
    if os.geteuid():
        return "only root may make network namespaces"
    if absent := [name for name in PROGRAMS if shutil.which(name) is None]:
        return f"there is no {', '.join(absent)} (Debian: patroni etcd-server etcd-client iproute2)"
    if not POSTGRESQL.exists():
        return f"there is no {POSTGRESQL} (Debian: postgresql-15)"
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "try0", "type", "veth"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"no network namespace: {tried.stderr.strip()}" if tried.returncode else None


def enter() -> None:
    """Go on in namespaces of its own, in which all ends with this process."""
    if os.environ.get(_INSIDE):
        _run("ip", "link", "set", "lo", "up")
        return
    # A shell is the first process in there: it buries those whose parents were killed.
    shell = ["bash", "-c", '"$@"; exit $?', "bash", sys.executable, *sys.argv]
    namespaces = ["--net", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"]
    os.environ[_INSIDE] = "1"
    os.execvp("unshare", ["unshare", *namespaces, "--", *shell])  # noqa: S606 (this very program)


class Node:
    """One machine: a network namespace, and every process in it."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.name = f"n{number}"
        self.address = f"{_NETWORK}.{10 + number}"
        self.folder = folder / self.name
        self.is_lost = False
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._link = f"v{number}"

    def plug(self) -> None:
        """Give it a link to the others."""
        end = f"e{self.number}"
        while self._namespace(self._holder.pid) == self._namespace(os.getpid()):
            time.sleep(0.01)  # it has not got its own yet
        _run("ip", "link", "add", self._link, "type", "veth", "peer", "name", end)
        _run("ip", "link", "set", end, "netns", str(self._holder.pid))
        _run("ip", "link", "set", self._link, "master", "br0", "up")
        for said in (
            "link set lo up",
            f"addr add {self.address}/24 dev {end}",
            f"link set {end} up",
        ):
            _run(*self.inside(), "ip", *said.split())
        self.folder.mkdir()
        shutil.chown(self.folder, _USER, _USER)

    def start(self, *, new: bool) -> None:
        """Start what runs on it."""
        self.is_lost = False
        self.start_etcd(new=new)
        self._spawn("patroni", "patroni", str(self.folder / "patroni.json"))

    def start_etcd(self, *, new: bool = False) -> None:
        """Start its etcd alone."""
        self._spawn("etcd", *self._etcd(new=new))

    def kill_etcd(self) -> None:
        """Kill its etcd alone."""
        reached = self.signal(signal.SIGKILL, "etcd", "--election-timeout")
        assert reached == 1, f"{reached} processes look like an etcd"

    def configure(self, dcs: Mapping[str, Any]) -> None:
        """Write down how its Patroni is to begin."""
        (self.folder / "patroni.json").write_text(json.dumps(self._patroni(dcs), indent=1))

    def pids(self) -> list[int]:
        """Return the processes that run on it."""
        mine = self._namespace(self._holder.pid)
        all_pids = [int(one.name) for one in Path("/proc").glob("[0-9]*")]
        return [p for p in all_pids if p != self._holder.pid and self._namespace(p) == mine]

    def signal(self, number: signal.Signals, *words: str) -> int:
        """Send a signal to each of its processes, or those whose command line has all of `words`.

        Return how many there were.
        """
        reached = 0
        for pid in self.pids():
            with suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                if all(word in line for word in words):
                    os.kill(pid, number)
                    reached += 1
        return reached

    def lose(self) -> None:
        """Lose the machine: all of it at once."""
        self.freeze()
        self.signal(signal.SIGKILL)
        self.is_lost = True

    def crash(self) -> None:
        """Kill its postmaster, and nothing else."""
        postmaster = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGKILL)

    def freeze(self) -> None:
        """Stop all of it where it is."""
        for _ in range(2):  # there may have been children born meanwhile
            self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def cut(self) -> None:
        """Pull its plug: no packet comes or goes, and nobody is told."""
        _run("ip", "link", "set", self._link, "down")

    def heal(self) -> None:
        """Put it back."""
        _run("ip", "link", "set", self._link, "up")

    def is_leader(self) -> bool:
        """Return whether its Patroni says that it is the one that lets write."""
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://{self.address}:8008/primary", timeout=1),
        ):
            return True
        return False

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """Return a session of an administrator's."""
        return psycopg.connect(
            host=self.address, user="postgres", dbname=database, autocommit=True, connect_timeout=2
        )

    @staticmethod
    def _namespace(pid: int) -> str:
        try:
            return os.readlink(f"/proc/{pid}/ns/net")
        except OSError:
            return ""

    def inside(self) -> list[str]:
        """Return what a command begins with that is to run on it."""
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net"]

    def _spawn(self, log: str, *command: str) -> None:
        who = ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--init-groups"]
        with (self.folder / f"{log}.log").open("ab") as said:
            subprocess.Popen(
                [*self.inside(), *who, *command],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=self.folder,
                start_new_session=True, env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            )  # fmt: skip

    def _etcd(self, *, new: bool) -> list[str]:
        all_of_them = ",".join(f"n{n}=http://{_NETWORK}.{10 + n}:2380" for n in (1, 2, 3))
        client, peer = f"http://{self.address}:2379", f"http://{self.address}:2380"
        # Patroni 3.0.2 takes its lock back after a thaw where it uses the v3 API.
        return [
            "etcd", "--name", self.name, "--data-dir", str(self.folder / "etcd"),
            "--enable-v2=true", "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", all_of_them, "--initial-cluster-token", DATABASE,
            "--initial-cluster-state", "new" if new else "existing",
            "--heartbeat-interval", "200", "--election-timeout", "2000", "--log-level", "warn",
        ]  # fmt: skip

    def _patroni(self, dcs: Mapping[str, Any]) -> dict[str, Any]:
        trusted, rest = f"all {_NETWORK}.0/24 trust", f"{self.address}:8008"
        who = {"username": "postgres"}
        return {
            "scope": DATABASE,
            "name": self.name,
            "restapi": {"listen": rest, "connect_address": rest},
            "etcd": {"hosts": [f"{_NETWORK}.{10 + n}:2379" for n in (1, 2, 3)]},
            "bootstrap": {
                "dcs": dcs,
                "initdb": [{"encoding": "UTF8"}, "data-checksums", {"locale": "C.UTF-8"}],
                "pg_hba": [
                    f"host all {trusted}", f"host replication {trusted}", "local all all trust",
                ],
            },
            "postgresql": {
                "listen": f"{self.address}:5432",
                "connect_address": f"{self.address}:5432",
                "data_dir": str(self.folder / "data"),
                "bin_dir": str(POSTGRESQL),
                "pgpass": str(self.folder / "pgpass"),
                "authentication": {"superuser": who, "replication": who, "rewind": who},
                "parameters": {
                    "unix_socket_directories": str(self.folder),
                    "wal_sender_timeout": "5s",
                    "wal_receiver_timeout": "5s",
                    "shared_buffers": "64MB",
                },
            },
        }  # fmt: skip


class Cluster:
    """Three machines of which one may be lost; with `synchronous` off, with what it had."""

    def __init__(self, folder: Path, *, synchronous: bool) -> None:
        self._synchronous = synchronous
        folder.chmod(0o755)
        _run("ip", "link", "add", "br0", "type", "bridge")
        _run("ip", "addr", "add", f"{_NETWORK}.1/24", "dev", "br0")
        _run("ip", "link", "set", "br0", "up")
        self.nodes = [Node(number, folder) for number in (1, 2, 3)]
        hosts = ",".join(node.address for node in self.nodes)
        where = f"postgresql://postgres@/{DATABASE}?host={hosts}"
        self.url = f"{where}&target_session_attrs=read-write"

    def start(self) -> None:
        """Start all of it, and make the database."""
        dcs = {
            "ttl": TTL,
            "loop_wait": LOOP,
            "retry_timeout": RETRY,
            "maximum_lag_on_failover": 1 << (20 if self._synchronous else 40),
            "synchronous_mode": self._synchronous,
            "synchronous_mode_strict": self._synchronous,
            "postgresql": {
                "use_pg_rewind": True,
                "parameters": {"wal_log_hints": "on", "max_connections": 150},
            },
        }
        for node in self.nodes:
            node.plug()
            node.configure(dcs)
            node.start(new=True)
        self.wait_until_whole()
        with self.leader().connect() as admin:
            admin.execute(f"CREATE DATABASE {DATABASE}".encode())

    def leader(self, seconds: float = WAIT) -> Node:
        """Return the machine that lets write, once there is one."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for node in self.nodes:
                if not node.is_lost and node.is_leader():
                    return node
            time.sleep(0.1)
        raise AssertionError("no leader; what its machines say is in their logs")

    def wait_until_whole(self) -> None:
        """Wait until there is a leader whom two follow, one of them as its word demands."""
        names = [node.name for node in self.nodes]  # who is just being copied to has another
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            with suppress(AssertionError, psycopg.Error):
                with self.leader(5).connect() as admin:
                    row = admin.execute(
                        "SELECT count(*), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))"
                        " FROM pg_stat_replication"
                        " WHERE state = 'streaming' AND application_name = ANY (%s)",
                        (names,),
                    ).fetchone()
                if row and row[0] == 2 and (row[1] or not self._synchronous):
                    return
            time.sleep(0.2)
        raise AssertionError("the cluster did not come back to three")

    def etcd_leader(self) -> Node:
        """Return the machine whose etcd leads."""
        for node in self.nodes:
            with (
                suppress(OSError),
                urllib.request.urlopen(
                    f"http://{node.address}:2379/v2/stats/self", timeout=1
                ) as said,
            ):
                if json.load(said)["state"] == "StateLeader":
                    return node
        raise AssertionError("etcd has no leader")

    def switch_over(self) -> None:
        """Let another machine lead, as an administrator would."""
        command = ["patronictl", "-c", str(self.nodes[0].folder / "patroni.json")]
        leader = self.leader().name
        for _ in range(10):
            done = subprocess.run(
                [*command, "switchover", "--master", leader, "--force"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if "Successfully" in done.stdout:
                return
            time.sleep(1)
        raise AssertionError(done.stdout + done.stderr)


@contextmanager
def cluster(folder: Path, *, synchronous: bool) -> Iterator[Cluster]:
    """Give a cluster that runs; its machines are lost in the end."""
    made = Cluster(folder, synchronous=synchronous)
    try:
        made.start()
        yield made
    finally:
        for node in made.nodes:
            node.lose()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, f"{' '.join(command)}: {done.stderr}"
