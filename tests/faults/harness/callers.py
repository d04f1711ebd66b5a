"""Callers of the installed command: a `Call` as a command line, and what it told as an `Event`."""

import json
import math
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from subprocess import Popen
from typing import Any, NamedTuple

from history import Event
from serial import READS, Answer, Call
from shop import WAIT, Result, Shop

KEYLESS = {"rename", "archive", "unarchive", "delete"}
_REFUSED = {3, 4, 5, 6}
LOCKED, OUTCOME_UNKNOWN = 11, 9


def command_of(call: Call, shop: Shop, operations: Mapping[str, int] | None = None) -> list[str]:
    """Return the arguments that ask for `call`; its tag is its key, or where none goes its actor.

    `operations` are the ids of the calls that can be undone.
    """
    who = "--actor" if call.verb in KEYLESS else "--idempotency-key"
    mark = [] if call.verb in READS else [who, call.tag]
    match call.verb:
        case "add" | "set" | "remove":
            expect = [] if call.expect is None else ["--expect", str(call.expect)]
            rest = ["stock", call.verb, call.sku, str(call.amount), *expect]
        case "up-to":
            rest = ["stock", "remove", call.sku, str(call.amount), "--up-to"]
        case "undo":
            rest = ["stock", "undo", str((operations or {})[call.other]), "--despite-counts"]
        case "apply":
            rest = ["stock", "apply", _file(shop, call, "sku,action,amount", "{0},{1},{2}")]
        case "import" | "import-set":
            count = ["--set-quantity"] if call.verb == "import-set" else []
            path = _file(shop, call, "sku,name,quantity", "{0},N,{2}")
            rest = ["product", "import", path, *count]
        case "create":
            rest = ["product", "create", call.sku, "--name", "N", "--quantity", str(call.amount)]
        case "rename":
            rest = ["product", "rename", call.sku, call.other]
        case "delete":
            rest = ["product", "delete", call.sku, "--yes"]
        case "export":
            return ["product", "export", "-", "-o", "jsonl"]
        case "log":
            return ["stock", "log", "--since-id", str(call.amount), "-o", "jsonl"]
        case "list":
            rest = ["product", "list"]
        case verb:
            rest = ["product", verb, call.sku]
    return [*rest, *mark, "--json", "-q"]


def _file(shop: Shop, call: Call, header: str, line: str) -> str:
    """Write a call's lines into a file that only it uses, the same at each retry."""
    lines = [header, *(line.format(*one) for one in call.lines)]
    return str(shop.file(f"{call.tag}.csv", "\n".join(lines) + "\n"))


class Told(NamedTuple):
    """What a run told its caller: no answer where nobody knows what happened."""

    answer: Answer | None
    operation: int | None = None
    replayed: bool = False


def told(call: Call, result: Result) -> Told:
    """Read what a run wrote. A lock that was not given in time is told as `db_locked`."""
    if result.code < 0 or result.code == OUTCOME_UNKNOWN:
        return Told(None)
    if result.code:
        assert (result.out, result.err[:1]) == (b"", b"{"), (call, result)
        return Told(refusal_of(json.loads(result.err)["error"]))
    assert (bool(result.out), result.err) == (True, b""), (call, result)
    if call.verb in READS:
        return Told(_shown(call, result))
    record = json.loads(result.out)
    return Told(_done(record), record["operation"], record["replayed"])


def refusal_of(error: Mapping[str, Any]) -> Answer:
    """Return what an error says that a caller may rely on."""
    assert error["exit_code"] in (*_REFUSED, LOCKED), error
    details = error["details"]
    match error["code"]:
        case "insufficient_stock":
            return error["code"], details["available"]
        case "invalid_data":
            return error["code"], tuple((one["line"], one["code"]) for one in details["errors"])
        case "conflict" if details["reason"] == "stale":
            return error["code"], "stale", details["actual"]
        case "conflict":
            return error["code"], details["reason"]
        case code:
            return (code,)


def _done(record: Mapping[str, Any]) -> Answer:
    if "created" in record:
        names = ("created", "updated", "unchanged", "quantity_kept", "movements")
        return "imported", *(record[name] for name in names)
    if "lines" in record:
        return "applied", record["movements"], record["products"]
    if "name" in record:
        return _is(record)
    return "moved", record["delta"], record["quantity"]


def _is(record: Mapping[str, Any]) -> Answer:
    return "is", record["sku"], record["quantity"], record["archived"]


def _shown(call: Call, result: Result) -> Answer:
    match call.verb:
        case "show":
            return _is(json.loads(result.out))
        case "list":
            rows = json.loads(result.out)
            return "lists", tuple((one["sku"], one["quantity"]) for one in rows)
        case "export":
            return "lists", tuple((one["sku"], one["quantity"]) for one in result.records)
        case _:
            ids = [one["id"] for one in result.records]
            assert ids == list(range(call.amount + 1, call.amount + 1 + len(ids)))
            return "logs", len(ids)


def asked(
    shop: Shop,
    call: Call,
    *more: str,
    operations: Mapping[str, int] | None = None,
    meddle: Callable[[Popen[bytes]], None] | None = None,
) -> tuple[Event, Result]:
    """Run a call to its end; return it as an event, and the run itself.

    `meddle` may do to the process what it likes, before its output is read.
    """
    began = time.monotonic()
    with shop.start(*command_of(call, shop, operations), *more) as process:
        if meddle:
            meddle(process)
        out, err = process.communicate(timeout=WAIT)
    ended = time.monotonic()
    result = Result(process.returncode, out, err)
    answer, operation, _ = told(call, result)
    return Event(call, answer, began, math.inf if answer is None else ended, operation), result


def ledger(shop: Shop, *, after: int) -> Sequence[tuple[int, str]]:
    """Return the operations after one: the id of each, and the tag of its call."""
    rows = shop.query(
        "SELECT id, coalesce(idempotency_key, actor) FROM operation WHERE id > ? ORDER BY id", after
    )
    return [(int(number), str(tag)) for number, tag in rows]


def last_ids(shop: Shop) -> tuple[int, int]:
    """Return the ids of the last operation and the last movement."""
    with closing(sqlite3.connect(shop.db)) as connection:
        query = "SELECT (SELECT max(id) FROM operation), coalesce(max(id), 0) FROM movement"
        operation, movement = connection.execute(query).fetchone()
    return int(operation or 0), int(movement)
