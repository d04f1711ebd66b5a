"""What befalls a cluster while it sells, one thing after the other, and how long nobody could."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import pairwise
from typing import NamedTuple

from load import Load, Try
from machines import Cluster, Node

_BEFORE = 3.0
_AFTER = 4.0


class Round(NamedTuple):
    """What befell it, and what its clients had of that; seconds."""

    event: str
    without_writes: float
    acknowledged: int
    unknown: int
    refused: int


@contextmanager
def lost(_cluster: Cluster, leader: Node, _load: Load) -> Iterator[None]:
    """The leader's machine is lost, all of it at once."""
    leader.lose()
    yield
    leader.start(new=False)


@contextmanager
def crashed(_cluster: Cluster, leader: Node, _load: Load) -> Iterator[None]:
    """The leader's postmaster is killed."""
    leader.crash()
    yield


@contextmanager
def frozen(_cluster: Cluster, leader: Node, _load: Load) -> Iterator[None]:
    """The leader's machine stands still, and goes on when another leads."""
    leader.freeze()
    yield
    leader.thaw()


@contextmanager
def cut(_cluster: Cluster, leader: Node, load: Load) -> Iterator[None]:
    """The leader's machine is cut off, with a shop on its side that goes on selling."""
    over = threading.Event()
    url = f"postgresql://postgres@{leader.address}/inv"
    far = threading.Thread(target=load.sell_at, args=(leader.inside(), url, over))
    far.start()
    leader.cut()
    try:
        yield
    finally:
        over.set()
        leader.heal()
        far.join()


@contextmanager
def without_etcd(cluster: Cluster, _leader: Node, _load: Load) -> Iterator[None]:
    """The etcd that leads is killed."""
    node = cluster.etcd_leader()
    node.kill_etcd()
    yield
    node.start_etcd()


@contextmanager
def switched(cluster: Cluster, _leader: Node, _load: Load) -> Iterator[None]:
    """An administrator lets another machine lead."""
    cluster.switch_over()
    yield


Event = Callable[[Cluster, Node, Load], AbstractContextManager[None]]
EVENTS: dict[str, Event] = {
    "machine lost": lost,
    "postmaster killed": crashed,
    "frozen": frozen,
    "cut off": cut,
    "etcd's leader killed": without_etcd,
    "switchover": switched,
}


def befall(cluster: Cluster, load: Load, event: str) -> Round:
    """Let something happen, wait until all is whole again, check the books; return what it cost."""
    wait_for_sales(load, time.time())
    load.wait_for_reader()
    threading.Event().wait(_BEFORE)
    began = time.time()
    with EVENTS[event](cluster, cluster.leader(), load):
        wait_for_sales(load, time.time())
        threading.Event().wait(_AFTER)
    cluster.wait_until_whole()
    load.run("db", "check", "-q")
    wait_for_sales(load, time.time())
    return _round(event, load, began)


def wait_for_sales(load: Load, since: float) -> None:
    """Wait until something that was begun since then has been acknowledged to those outside."""
    until = time.monotonic() + 120
    while not any(_is_sale(one) and one.began > since for one in load.tries[-50:]):
        assert time.monotonic() < until, "nobody can sell"
        time.sleep(0.1)


def _is_sale(one: Try) -> bool:
    return one.code == 0 and one.who != "far"


def _round(event: str, load: Load, began: float) -> Round:
    tries = [one for one in load.tries if one.began + one.took > began - 1 and one.who != "far"]
    done = sorted(one.began + one.took for one in tries if one.code == 0)
    pauses = [after - before for before, after in pairwise(done)]
    return Round(
        event,
        max(pauses, default=0.0),
        len(done),
        sum(one.code == 9 for one in tries),
        sum(one.code in (11, 12) for one in tries),
    )


def table(rounds: Sequence[Round]) -> Iterator[str]:
    """Yield the lines of a table of rounds."""
    yield f"{'what befell it':<24}{'s without writes':>17}{'sold':>8}{'unknown':>9}{'refused':>9}"
    for one in rounds:
        counts = f"{one.acknowledged:>8}{one.unknown:>9}{one.refused:>9}"
        yield f"{one.event:<24}{one.without_writes:>17.1f}{counts}"
