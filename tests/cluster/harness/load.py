"""Who sells while a cluster is troubled: one-shots, pipes, one who is served; one reads along.

Each sale has a key, with which it is tried again for as long as its seller is told that it may.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx

INVCTL = str(Path(sys.executable).with_name("invctl"))
SKUS = tuple(f"P-{n}" for n in range(8))
STOCK = 1_000_000
AGAIN = (9, 11, 12)
"""Exit codes after which a request may be made again."""
ENDED = -1
"""What a pipe that ended has said, or a one-shot that was waited for too long."""
_STATUSES = {200: 0, 503: 12, 504: 9}
"""The exit code that says what an HTTP status does."""
_HANGS = 180
"""How many seconds an answer may take, and all the tries of a sale."""
_PAUSE = 0.05


class Try(NamedTuple):
    """One try of a sale: when it began, how long it took, its exit code and its answer."""

    who: str
    key: str
    began: float
    took: float
    code: int
    answer: dict[str, Any]


class Load:
    """Everybody who sells, and what they were told."""

    def __init__(self, url: str, timeout: float) -> None:
        self.tries: list[Try] = []
        self.seen: list[tuple[int, str | None]] = []
        """What was read along: ids and refs, in the order of their coming."""
        self.ends: list[str] = []
        """What is never to happen: whoever stays open ends, or hangs."""
        self._url = url
        self._timeout = str(timeout)
        self._stop = threading.Event()
        self._is_given_up = False
        """Whether nothing is tried again any more: what it is judged by has gone wrong."""
        self._threads: list[threading.Thread] = []

    def open(self) -> None:
        """Make the products."""
        lines = "".join(f"{sku},product {sku},{STOCK}\n" for sku in SKUS)
        self.run("product", "import", "-", "-q", stdin=f"sku,name,quantity\n{lines}")

    def run(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that must succeed, and return what it says."""
        command = [INVCTL, "--db", self._url, *arguments, "--timeout", "60"]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def running(self, shoppers: int, pipes: int) -> Iterator[None]:
        """Let them sell and read during the block.

        All that was begun is answered after it; where the block fails, nothing is tried again.
        """
        works = [(self._shop, n) for n in range(shoppers)] + [(self._pipe, n) for n in range(pipes)]
        self._threads = [threading.Thread(target=work, args=(n,)) for work, n in works]
        with self._serving() as client:
            self._threads.append(threading.Thread(target=self._ask, args=(client,)))
            with self._all_at_work():
                yield

    @contextmanager
    def _all_at_work(self) -> Iterator[None]:
        follower = subprocess.Popen(
            [INVCTL, "--db", self._url, "stock", "log", "--follow", "-o", "jsonl"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._threads.append(threading.Thread(target=self._read, args=(follower,)))
        for one in self._threads:
            one.start()
        try:
            yield
        except BaseException:
            self._is_given_up = True
            raise
        finally:
            self._stop.set()
            for one in self._threads[:-1]:
                one.join()
            threading.Event().wait(2)  # so that it can be told of the last ones
            follower.terminate()
            self._threads[-1].join()

    def wait_for_reader(self) -> None:
        """Wait until who reads along has been told of something."""
        until = time.monotonic() + _HANGS
        while not (self.seen or self.ends):
            assert time.monotonic() < until, "who reads along is told of nothing"
            threading.Event().wait(0.1)

    def sell_at(self, command: Sequence[str], url: str, until: threading.Event) -> None:
        """Sell by one-shots elsewhere: each is tried once there, then here until it is known."""
        open_keys = []
        for number in count():
            if until.is_set():
                break
            key, sku = f"far-{time.time_ns()}", SKUS[number % len(SKUS)]
            if self._once("far", [*command, INVCTL, "--db", url], "2", key, sku) != 0:
                open_keys.append((key, sku))
        for key, sku in open_keys:
            self._sell("far", key, sku)

    def _shop(self, number: int) -> None:
        for sale in count():
            if self._stop.is_set():
                return
            self._sell("shopper", f"s{number}-{sale}", SKUS[(number + sale) % len(SKUS)])

    def _sell(self, who: str, key: str, sku: str) -> None:
        command = [INVCTL, "--db", self._url]
        self._until_known(partial(self._once, who, command, self._timeout), key, sku)

    def _until_known(self, sell: Callable[[str, str], int], key: str, sku: str) -> int:
        """Try a sale until what became of it is known, or never will be; return its exit code."""
        until = time.monotonic() + _HANGS
        while (code := sell(key, sku)) in AGAIN and not self._is_given_up:
            if time.monotonic() > until:
                self.ends.append(f"what became of a sale is never known: {key}")
                break
            threading.Event().wait(_PAUSE)
        return code

    def _once(self, who: str, invctl: Sequence[str], timeout: str, key: str, sku: str) -> int:
        given = ["--ref", key, "--idempotency-key", key, "--timeout", timeout, "--json"]
        command = [*invctl, "stock", "remove", sku, "1", *given]
        began = time.time()
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_HANGS
            )
        except subprocess.TimeoutExpired:
            self.ends.append(f"a one-shot hangs: {key}")
            code, said = ENDED, {}
        else:
            code = done.returncode
            said = json.loads(done.stdout or done.stderr.splitlines()[-1])
        self.tries.append(Try(who, key, began, time.time() - began, code, said))
        return code

    def _pipe(self, number: int) -> None:
        command = [INVCTL, "--db", self._url, "stock", "apply", "-", "--each"]
        with subprocess.Popen(
            [*command, "--timeout", self._timeout],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            for sale in count():
                if self._stop.is_set():
                    break
                key, sku = f"p{number}-{sale}", SKUS[number % len(SKUS)]
                code = self._until_known(partial(self._line, process), key, sku)
                if code == ENDED:
                    assert process.stderr
                    self.ends.append(f"a pipe ended: {process.stderr.read()}")
                    break
                threading.Event().wait(_PAUSE)
            assert process.stdin
            process.stdin.close()

    def _line(self, process: "subprocess.Popen[str]", key: str, sku: str) -> int:
        assert process.stdin
        assert process.stdout
        line = {"sku": sku, "delta": -1, "ref": key, "idempotency_key": key}
        began = time.time()
        print(json.dumps(line), file=process.stdin, flush=True)
        answer = process.stdout.readline()
        said = json.loads(answer) if answer else {}
        code = said["error"]["exit_code"] if "error" in said else 0 if said else ENDED
        self.tries.append(Try("pipe", key, began, time.time() - began, code, said))
        return code

    @contextmanager
    def _serving(self) -> Iterator[httpx.Client]:
        """Serve during the block; give who asks it, once it listens."""
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/socket"
            command = [INVCTL, "--db", self._url, "serve", "--socket", path, "-q"]
            with subprocess.Popen([*command, "--timeout", self._timeout]) as process:
                try:
                    while not Path(path).exists():
                        assert process.poll() is None, "it does not serve"
                        threading.Event().wait(_PAUSE)
                    transport = httpx.HTTPTransport(uds=path)
                    with httpx.Client(
                        transport=transport, base_url="http://localhost", timeout=_HANGS
                    ) as one:
                        yield one
                    if process.poll() is not None:
                        self.ends.append(f"who serves ended: {process.returncode}")
                finally:
                    process.terminate()

    def _ask(self, client: httpx.Client) -> None:
        for sale in count():
            if self._stop.is_set():
                return
            key, sku = f"h-{sale}", SKUS[sale % len(SKUS)]
            code = self._until_known(partial(self._request, client), key, sku)
            if code == ENDED:
                return
            threading.Event().wait(_PAUSE)

    def _request(self, client: httpx.Client, key: str, sku: str) -> int:
        began = time.time()
        path, body = f"/products/{sku}/remove", {"amount": 1, "ref": key}
        try:
            answer = client.patch(path, json=body, headers={"Idempotency-Key": key})
        except httpx.HTTPError as error:
            self.ends.append(f"who serves did not answer: {error}")
            code, said = ENDED, {}
        else:
            code, said = _STATUSES.get(answer.status_code, ENDED), answer.json()
            if code == ENDED:
                self.ends.append(f"who serves said {answer.status_code}: {said}")
        self.tries.append(Try("served", key, began, time.time() - began, code, said))
        return code

    def _read(self, follower: "subprocess.Popen[str]") -> None:
        assert follower.stdout
        assert follower.stderr
        for line in follower.stdout:
            row = json.loads(line)
            self.seen.append((row["id"], row["ref"]))
        if not self._stop.is_set():
            self.ends.append(f"a follower ended: {follower.stderr.read()}")
        follower.wait()
