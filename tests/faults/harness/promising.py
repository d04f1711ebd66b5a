"""One of a crowd that holds, commits, releases, sells and counts: `python promising.py …`.

It goes through the services and tells on standard output what it asks, before it does, and what it
was told, so that one which is killed has said what it was at. Leases are milliseconds here: who
waits for one of a second to run out tries little.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from invctl.core.promises import holds
from invctl.core.promises.endings import commit_hold, release_hold
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import Conflict, InventoryError
from invctl.models.attempts import Attempt
from invctl.settings import read_location
from invctl.times import format_time

LEASES = (1, 5, 20, 100, 1000, 5000)
_WEIGHTS = {
    "hold": 8, "commit": 5, "release": 2, "extend": 1, "add": 2, "remove": 4, "up-to": 1, "set": 1,
}  # fmt: skip


def _after(moment: str, milliseconds: str, _field: str) -> str:
    later = timedelta(milliseconds=int(milliseconds))
    return format_time(datetime.fromisoformat(moment) + later)


def _asked(chance: random.Random, skus: Sequence[str], latest: int) -> dict[str, Any]:
    """Return something to ask for; holds that are ended are the latest anybody has told of."""
    verb = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    asked: dict[str, Any] = {"verb": verb, "sku": chance.choice(skus)}
    if verb in ("commit", "release", "extend"):
        asked["other"] = str(max(1, latest - chance.choice((0, 0, 1, 2, 5, 9))))
    elif verb == "set":
        asked["amount"] = chance.randint(0, 40)
    else:
        asked["amount"] = chance.randint(1, 8)
    return {**asked, "lease": str(chance.choice(LEASES))}


def _do(db: Database, asked: dict[str, Any], attempt: Attempt) -> Any:
    match asked["verb"]:
        case "hold":
            lease = asked["lease"]
            return holds.create_hold(
                db, asked["sku"], asked["amount"], lasting=lease, attempt=attempt
            )
        case "commit":
            return commit_hold(db, int(asked["other"]), attempt=attempt)
        case "release":
            return release_hold(db, int(asked["other"]), attempt=attempt)
        case "extend":
            return holds.extend_hold(db, int(asked["other"]), asked["lease"], attempt=attempt)
        case "up-to":
            return remove_stock(db, asked["sku"], asked["amount"], up_to=True, attempt=attempt)
        case verb:
            services: dict[str, Callable[..., object]] = {
                "add": add_stock, "remove": remove_stock, "set": set_stock,
            }  # fmt: skip
            return services[verb](db, asked["sku"], asked["amount"], attempt=attempt)


def _told(verb: str, done: Any) -> list[Any]:
    if verb == "hold":
        return ["held", str(done.hold), done.amount]
    if verb in ("release", "extend"):
        return ["let go"] if verb == "release" else ["extended"]
    return ["moved", done.delta, done.quantity]


def _refused(error: InventoryError) -> list[Any]:
    """Return what a caller may rely on of a refusal.

    How many units are free, what has run out counted, is not known where no operation says so.
    """
    return [error.code, error.reason] if isinstance(error, Conflict) else [error.code]


def _say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(location: str, name: str, seconds: float, skus: Sequence[str]) -> None:
    """Ask for one thing after another until the time is up."""
    vars(holds)["after"] = _after  # no command knows milliseconds
    chance = random.Random(name)
    latest = 1
    with closing(open_database(read_location(location, "--db"), timeout=60)) as db:
        end, number = time.time() + seconds, 0
        while time.time() < end:
            asked = _asked(chance, skus, latest)
            tag, number = f"{name}-{number}", number + 1
            _say(tag=tag, began=time.time(), **asked)
            try:
                done = _do(db, asked, Attempt(name, tag))
                told, operation = _told(asked["verb"], done), done.operation
                latest = max(latest, int(told[1])) if asked["verb"] == "hold" else latest
            except InventoryError as error:
                told, operation = _refused(error), None
            _say(tag=tag, ended=time.time(), told=told, operation=operation)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4].split(","))
