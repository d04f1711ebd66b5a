"""Many clients at once, each with a session of its own, that begin together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

from invctl.db.database import Database
from invctl.db.opening import open_database
from invctl.errors import InventoryError
from invctl.settings import Location

T = TypeVar("T")


def crowd(
    location: Location, count: int, work: Callable[[Database, int], T], **options: object
) -> list[T | InventoryError]:
    """Let `count` clients do their work at once; return what each got, or why it was refused."""
    together = threading.Barrier(count)

    def one(number: int) -> T | InventoryError:
        given = {"timeout": 60, **options}  # a busy machine is no reason to be refused
        with closing(open_database(location, **given)) as db:  # type: ignore[arg-type]
            together.wait()
            try:
                return work(db, number)
            except InventoryError as error:
                return error

    with ThreadPoolExecutor(count) as clients:
        return list(clients.map(one, range(count)))
