"""How many sales a second a cluster takes from kept-open pipes, beside pgbench in the same run.

Both wait for each answer, and for the standby with each commit; pgbench runs the same guarded
UPDATE and INSERT on tables of its own.
"""

import os
import subprocess
import threading
import time
from collections.abc import Iterator

from load import INVCTL, SKUS, Load
from machines import DATABASE, POSTGRESQL, Cluster

CLIENTS = (1, 4, 16, 64)
SECONDS = 5.0
_PEER = """
CREATE SCHEMA peer;
CREATE TABLE peer.product AS SELECT id, sku, quantity FROM product;
CREATE UNIQUE INDEX ON peer.product (sku);
CREATE TABLE peer.movement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id bigint, delta bigint);
"""
_SCRIPT = """
\\set number :client_id % {count}
BEGIN;
UPDATE peer.product SET quantity = quantity - 1
    WHERE sku = 'P-' || :number AND quantity >= 1 RETURNING id, quantity;
INSERT INTO peer.movement (product_id, delta) VALUES (:number, -1) RETURNING id;
COMMIT;
"""


def lines(cluster: Cluster) -> Iterator[str]:
    """Measure both with so many clients, in turn; yield the lines of a table."""
    Load(cluster.url, 60).open()
    leader = cluster.leader()
    with leader.connect(DATABASE) as admin:
        admin.execute(_PEER.encode())
    script = leader.folder.parent / "script.sql"
    script.write_text(_SCRIPT.format(count=len(SKUS)))
    yield f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    yield f"{'clients':>8}{'pipes, asked':>14}{'64 ahead':>10}{'pgbench':>9}{'asked / pgbench':>17}"
    for clients in CLIENTS:
        asked, ahead = _pipes(cluster.url, clients, 1), _pipes(cluster.url, clients, 64)
        peer = _pgbench(leader.address, str(script), clients)
        yield f"{clients:>8}{asked:>14.0f}{ahead:>10.0f}{peer:>9.0f}{asked / peer:>17.2f}"


def _pipes(url: str, clients: int, ahead: int) -> float:
    """Return how many lines a second so many pipes answer together."""
    ready = threading.Barrier(clients + 1)
    sold = [0] * clients

    def sell(number: int) -> None:
        line = f'{{"sku":"{SKUS[number % len(SKUS)]}","delta":-1}}\n'.encode()
        with subprocess.Popen(
            [INVCTL, "--db", url, "stock", "apply", "-", "--each", "--timeout", "60"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stdout
            answers = os.fdopen(os.dup(process.stdout.fileno()), "rb")
            process.stdin.write(line)
            answers.readline()
            ready.wait()
            until = time.monotonic() + SECONDS
            process.stdin.write(line * ahead)
            while time.monotonic() < until:
                assert b"error" not in answers.readline()
                sold[number] += 1
                process.stdin.write(line)
            process.stdin.close()
            while answers.readline():
                pass
            answers.close()

    threads = [threading.Thread(target=sell, args=(number,)) for number in range(clients)]
    for one in threads:
        one.start()
    ready.wait()
    for one in threads:
        one.join()
    return sum(sold) / SECONDS


def _pgbench(host: str, script: str, clients: int) -> float:
    options = f"-n -h {host} -U postgres -c {clients} -j 2 -T {SECONDS:.0f} -f {script}".split()
    command = [str(POSTGRESQL / "pgbench"), *options, DATABASE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    tps = next(line for line in done.stdout.splitlines() if line.startswith("tps = "))
    return float(tps.split()[2])
