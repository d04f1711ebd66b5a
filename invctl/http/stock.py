"""`/products/{sku}/…`: what changes a product's stock, in a place or in none."""

from fastapi import APIRouter, Request, Response

from invctl.core.bulk.requests import cells_of
from invctl.core.places.stock import add_to_place, count_place, move_stock, remove_from_place
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.db.database import Database
from invctl.errors import InvalidValue
from invctl.http import asking, bodies, describing, records
from invctl.http.answers import Record, stock_record
from invctl.http.asking import attempt, changed
from invctl.http.changes import Line
from invctl.http.receiving import read_body
from invctl.http.urls import sku_of
from invctl.models.attempts import Attempt, Label
from invctl.values import check_amount

router = APIRouter(route_class=asking.Direct)

# The routes are tried in this order: what is asked most stands first.


@router.patch(
    "/products/{sku}/remove",
    responses=describing.answers(records.ProductAfter),
    openapi_extra=describing.asks(bodies.StockRemove, "sku"),
)
async def remove(request: Request) -> Response:
    """Remove units from a product's stock; never more than there are."""
    asked, who = await read_body(request, bodies.StockRemove), attempt(request)
    _check_amount(asked.amount, "add")
    sku, units, up_to = sku_of(request), asked.amount, asked.up_to
    spot, label = asked.spot, asked.label

    def work(db: Database) -> Record:
        if spot is None:
            change = remove_stock(db, sku, units, up_to=up_to, label=label, attempt=who)
        else:
            change = remove_from_place(db, sku, units, spot, up_to=up_to, label=label, attempt=who)
        return stock_record(db, change, who)

    # A line is made together with others; what none can say is made by itself.
    line = None if up_to or spot else _line(sku, "remove", units, label, who)
    return await changed(request, work, units=units, line=line)


@router.patch(
    "/products/{sku}/add",
    responses=describing.answers(records.ProductAfter),
    openapi_extra=describing.asks(bodies.StockAdd, "sku"),
)
async def add(request: Request) -> Response:
    """Add units to a product's stock."""
    asked, who = await read_body(request, bodies.StockAdd), attempt(request)
    _check_amount(asked.amount, "remove")
    sku, units, spot, label = sku_of(request), asked.amount, asked.spot, asked.label

    def work(db: Database) -> Record:
        if spot is None:
            change = add_stock(db, sku, units, label=label, attempt=who)
        else:
            change = add_to_place(db, sku, units, spot, label=label, attempt=who)
        return stock_record(db, change, who)

    line = None if spot else _line(sku, "add", units, label, who)
    return await changed(request, work, units=units, line=line)


@router.patch(
    "/products/{sku}/move",
    responses=describing.answers(records.ProductAfter),
    openapi_extra=describing.asks(bodies.StockMove, "sku"),
)
async def move(request: Request) -> Response:
    """Move units from one place to another; a product's stock stays what it is."""
    asked, who = await read_body(request, bodies.StockMove), attempt(request)
    check_amount(asked.amount)
    sku, (source, target) = sku_of(request), asked.spots

    def work(db: Database) -> Record:
        change = move_stock(db, sku, asked.amount, source, target, label=asked.label, attempt=who)
        return stock_record(db, change, who)

    return await changed(request, work, units=asked.amount)


@router.put(
    "/products/{sku}/quantity",
    responses=describing.answers(records.ProductAfter),
    openapi_extra=describing.asks(bodies.StockCount, "sku"),
)
async def count(request: Request) -> Response:
    """Make a product's stock what was counted; with `expect` only if it is that now."""
    asked, who = await read_body(request, bodies.StockCount), attempt(request)
    sku, units, expect = sku_of(request), asked.quantity, asked.expect
    spot, label = asked.spot, asked.label

    def work(db: Database) -> Record:
        if spot is None:
            change = set_stock(db, sku, units, expect=expect, label=label, attempt=who)
        else:
            change = count_place(db, sku, units, spot, expect=expect, label=label, attempt=who)
        return stock_record(db, change, who)

    return await changed(request, work, units=units)


def _check_amount(amount: int, other: str) -> None:
    """Raise InvalidValue for units that cannot be moved, or that are meant for another verb."""
    if amount < 0:
        meant = f"{amount} is negative: PATCH /products/{{sku}}/{other} takes {-amount}"
        raise InvalidValue("amount", str(amount), meant)
    check_amount(amount)


def _line(sku: str, action: str, amount: int, said: Label, who: Attempt) -> Line | None:
    """Return a change as a line that can be made together with others; None where it is none."""
    texts = {"reason": said.reason, "ref": said.ref, "note": said.note}
    # In a line an empty text is none, and a time is read by another rule.
    if said.at is not None or "" in texts.values() or not sku:
        return None
    label = {name: text or "" for name, text in texts.items()}
    key = who.key or ""
    cells = cells_of(sku=sku, action=action, amount=str(amount), idempotency_key=key, **label)
    return Line(who.actor, cells)
