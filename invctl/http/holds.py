"""`/holds`: units promised until a time. And `/operations`: taking back what was done."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from invctl.core.promises.endings import commit_hold, release_hold
from invctl.core.promises.holds import LASTING, create_hold, extend_hold, list_holds
from invctl.core.undoing.undo import undo_operation
from invctl.db.database import Database
from invctl.errors import UsageError
from invctl.http import asking, bodies, describing, records, urls
from invctl.http.answers import Record
from invctl.http.asking import attempt, changed
from invctl.http.listing import listed
from invctl.http.receiving import B, read_body
from invctl.http.urls import number_of, read_query
from invctl.models.attempts import Attempt
from invctl.models.fields import HOLD_STATES, PROMISE_FIELDS
from invctl.models.promises import HoldChange
from invctl.models.stock import StockChange
from invctl.models.undos import Undo
from invctl.times import parse_duration

router = APIRouter(route_class=asking.Direct)


class HoldQuery(urls.Query):
    """Which holds; as the options of `invctl hold list`."""

    sku: list[str] = Field(default_factory=list)
    ref: list[str] = Field(default_factory=list)
    state: Literal[HOLD_STATES] | None = None  # type: ignore[valid-type]


@router.get(
    "/holds",
    responses=describing.listed(records.HOLDS),
    openapi_extra=describing.queries(HoldQuery),
)
async def list_(request: Request) -> Response:
    """List the holds, oldest first; those that nobody has ended if no state is said."""
    query = read_query(request, HoldQuery)
    return await listed(
        request,
        lambda db: list_holds(db, skus=query.sku, refs=query.ref, state=query.state),
        PROMISE_FIELDS,
    )


@router.post(
    "/holds",
    status_code=201,
    responses=describing.answers(records.HoldChange, 201),
    openapi_extra=describing.asks(bodies.HoldCreate),
)
async def create(request: Request) -> Response:
    """Hold units of a product, so that nobody else takes them."""
    asked, who = await read_body(request, bodies.HoldCreate), attempt(request)
    if asked.no_expiry and asked.lasting is not None:
        raise UsageError("`for` and `no_expiry` exclude each other")
    if asked.lasting is not None:  # refused before it waits for its turn
        parse_duration(asked.lasting, "for")
    lasting = None if asked.no_expiry else asked.lasting or LASTING

    def work(db: Database) -> Record:
        return create_hold(
            db,
            asked.sku,
            asked.amount,
            lasting=lasting,
            up_to=asked.up_to,
            label=asked.label,
            attempt=who,
        )._asdict()

    return await changed(request, work, 201, units=asked.amount)


@router.post(
    "/holds/{number}/commit",
    responses=describing.answers(records.StockChange),
    openapi_extra=describing.asks(bodies.HoldCommit, "number", required=False),
)
async def commit(request: Request) -> Response:
    """Take the units of a hold out of stock, all of them or some."""

    def make(db: Database, hold: int, asked: bodies.HoldCommit, who: Attempt) -> StockChange:
        return commit_hold(db, hold, asked.amount, spot=asked.spot, label=asked.label, attempt=who)

    return await _changed(request, "hold", bodies.HoldCommit, make)


@router.post(
    "/holds/{number}/release",
    responses=describing.answers(records.HoldChange),
    openapi_extra=describing.asks(bodies.HoldRelease, "number", required=False),
)
async def release(request: Request) -> Response:
    """Let the units of a hold go."""

    def make(db: Database, hold: int, asked: bodies.HoldRelease, who: Attempt) -> HoldChange:
        return release_hold(db, hold, label=asked.label, attempt=who)

    return await _changed(request, "hold", bodies.HoldRelease, make)


@router.post(
    "/holds/{number}/extend",
    responses=describing.answers(records.HoldChange),
    openapi_extra=describing.asks(bodies.HoldExtend, "number"),
)
async def extend(request: Request) -> Response:
    """Make a hold good for so long from now on."""

    def make(db: Database, hold: int, asked: bodies.HoldExtend, who: Attempt) -> HoldChange:
        return extend_hold(db, hold, asked.lasting, label=asked.label, attempt=who)

    return await _changed(request, "hold", bodies.HoldExtend, make)


@router.post(
    "/operations/{number}/undo",
    responses=describing.answers(records.UNDO),
    openapi_extra=describing.asks(bodies.Undo, "number", required=False),
)
async def undo(request: Request) -> Response:
    """Take back an operation, whatever it did."""

    def make(db: Database, operation: int, asked: bodies.Undo, who: Attempt) -> Undo:
        return undo_operation(
            db, operation, despite_counts=asked.despite_counts, label=asked.label, attempt=who
        )

    return await _changed(request, "operation", bodies.Undo, make)


async def _changed(
    request: Request,
    name: str,
    model: type[B],
    make: Callable[[Database, int, B, Attempt], StockChange | HoldChange | Undo],
) -> Response:
    """Have a change made of what the path names by its number, and return its answer."""
    number = number_of(request, name)
    asked, who = await read_body(request, model), attempt(request)
    return await changed(request, lambda db: make(db, number, asked, who)._asdict())
