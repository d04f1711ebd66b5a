"""What is answered: the records of changes, and how records and lists go over the wire."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from starlette.responses import Response

from invctl.codes import did_anything, units_doubt
from invctl.core.kept import products_left
from invctl.core.log import get_operation
from invctl.db.database import Database
from invctl.errors import InventoryError
from invctl.files.writing import json_line
from invctl.http.records import PRODUCT_CHANGE_FIELDS
from invctl.models.attempts import Attempt
from invctl.models.fields import PRODUCT_FIELDS
from invctl.models.products import Product, ProductChange
from invctl.models.stock import StockChange

Record = dict[str, Any]

REPLAYED = "Idempotency-Replayed"
WARNINGS = "Invctl-Warnings"
_SHOWN = 5
"""Warnings that one answer shows: who passes it on may refuse headers that are long."""


class Result(NamedTuple):
    """What came of a change: its record, and what people are to be told of it besides."""

    record: Record
    warnings: Sequence[str] = ()


def stock_records(db: Database, changes: Sequence[tuple[StockChange, str | None]]) -> list[Record]:
    """Return products as changes of their stock left them, under a key or not, and what did."""
    left: Sequence[Product | None]
    try:
        left = products_left(db, changes)
    except InventoryError:  # what was asked for is done by now, and nothing may say otherwise
        left = [None] * len(changes)
    return [_after(one, product) for (one, _), product in zip(changes, left, strict=True)]


def stock_record(db: Database, change: StockChange, attempt: Attempt) -> Record:
    """Return a product as a change of its stock has left it, and what did it."""
    return stock_records(db, [(change, attempt.key)])[0]


def _after(change: StockChange, product: Product | None) -> Record:
    """Return the record of a change, which has every key also where the product is not known."""
    record: Record = dict.fromkeys(PRODUCT_CHANGE_FIELDS)
    if product is not None:
        record.update(product._asdict())
        # Others may have moved it on since: what is available goes by the change's quantity, too.
        record["available"] += change.quantity - product.quantity
    record.update(
        sku=change.sku,
        quantity=change.quantity,
        low=change.low,
        operation=change.operation,
        kind=change.kind,
        delta=change.delta,
        movement=change.movement,
        replayed=change.replayed,
    )
    return record


def product_record(db: Database, change: ProductChange, kind: str) -> Record:
    """Return a product as a change of what is said of it has left it, and what did it."""
    said = change._asdict()
    record: Record = {field: said[field] for field in PRODUCT_FIELDS}
    moved = _opening(db, change) if kind == "create" and change.quantity else None
    record.update(
        operation=change.operation,
        kind=kind,
        delta=change.quantity if kind == "create" else 0,
        movement=moved,
        replayed=change.replayed,
    )
    return record


def _opening(db: Database, change: ProductChange) -> int | None:
    """Return the movement of a product's opening stock."""
    try:
        moved = get_operation(db, change.operation)["movement_records"]
    except InventoryError:
        return None
    return int(moved[0]["id"]) if moved else None


def doubted(done: Result, units: int) -> Result:
    """Return what came of a change, with a warning where its number may have been scanned."""
    odd = units_doubt(str(units))
    if odd is None:
        return done
    if did_anything(done.record):
        operation = done.record["operation"]
        odd += f"; POST /operations/{operation}/undo takes it back if it was one"
    return done._replace(warnings=(*done.warnings, odd))


def answer(record: Record) -> Response:
    """Return the answer that is one record."""
    return Response(json_line(record), media_type="application/json")


def change_response(done: Result, status: int, headers: Mapping[str, str]) -> Response:
    """Return the answer to a change: its record; headers say what was to be said besides."""
    more = dict(headers)
    if done.record.get("replayed"):
        more[REPLAYED] = "true"
    if done.warnings:
        more[WARNINGS] = _header(done.warnings)
    return Response(json_line(done.record), status, more, "application/json")


def _header(warnings: Sequence[str]) -> str:
    """Return warnings as an array in JSON, since headers are ASCII and names are not."""
    # Who asks here types no commands.
    shown = [re.sub(r"`invctl undo (\d+)`", r"POST /operations/\1/undo", one) for one in warnings]
    del shown[_SHOWN:]
    if len(warnings) > _SHOWN:
        shown.append(f"and {len(warnings) - _SHOWN} more")
    return json.dumps(shown)
