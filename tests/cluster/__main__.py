"""Sell on a cluster of three machines while it is troubled, and judge it: `python tests/cluster`.

    --minutes N       go on with all that can befall it for so long (default: 10)
    --events A,B      each of these once instead
    --asynchronous    on a cluster that acknowledges what one machine alone has: it is to lose sales
    --rates           how many sales a second, beside pgbench on the same cluster

It needs root, and Debian's patroni, etcd-server, etcd-client, postgresql-15 and iproute2. All of it
runs in namespaces of its own and ends with it. The exit code is 1 where anything was wrong.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "harness"))  # as pytest finds them

from judge import judge
from load import Load
from machines import Cluster, cluster, enter, missing
from rounds import EVENTS, Round, befall, table


def main() -> int:
    """Build it, run what was asked for, and take it down."""
    parser = argparse.ArgumentParser(prog="python tests/cluster")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--events", type=lambda text: text.split(","))
    parser.add_argument("--asynchronous", action="store_true")
    parser.add_argument("--rates", action="store_true")
    parser.add_argument("--timeout", type=float, default=5)
    given = parser.parse_args()
    if reason := missing():
        print(f"no cluster: {reason}")
        return 2
    enter()
    folder = Path(tempfile.mkdtemp(prefix="invctl-cluster-", dir="/tmp"))
    try:
        with cluster(folder, synchronous=not given.asynchronous) as made:
            if given.rates:
                from rates import lines

                for line in lines(made):
                    print(line, flush=True)
                return 0
            return _trouble(made, given)
    except BaseException:
        for log in sorted(folder.glob("n*/*.log")):
            print(f"--- {log}\n{log.read_text(errors='replace')[-1500:]}", file=sys.stderr)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _trouble(made: Cluster, given: argparse.Namespace) -> int:
    load = Load(made.url, given.timeout)
    load.open()
    ends = time.monotonic() + given.minutes * 60
    rounds: list[Round] = []
    with load.running(shoppers=2, pipes=2):
        for event in given.events or _endless():
            if given.events is None and time.monotonic() > ends:
                break
            rounds.append(befall(made, load, event))
            print(list(table(rounds[-1:]))[1], flush=True)
    verdict = judge(load)
    print("\n".join(["", *table(rounds), ""]))
    for name, value in verdict._asdict().items():
        print(f"{name:<14}{len(value) if isinstance(value, list) else value}")
    for name, fault in verdict.faults.items():
        print(f"FAULT: {name}: {str(fault)[:2000]}")
    return int(bool(verdict.faults))


def _endless() -> "list[str]":
    """Return events in turns of all of them, each turn in an order of its own."""
    chance = random.Random(1)
    return [one for _ in range(100) for one in chance.sample(list(EVENTS), len(EVENTS))]


if __name__ == "__main__":
    sys.exit(main())
