"""`/products`: what they are, and their stock."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from invctl.core.catalog import get_product, list_products
from invctl.core.products import create_product, update_product
from invctl.core.stock import add_stock, remove_stock, set_stock
from invctl.db.database import Database
from invctl.errors import InvalidValue, UsageError
from invctl.http import asking, bodies, records
from invctl.http.answers import Record, answer, product_record, stock_record
from invctl.http.asking import Truth, Whole, attempt, served, sku_of, truth
from invctl.http.bodies import read_body
from invctl.http.changes import Line
from invctl.http.listing import listed, moment
from invctl.models import PRODUCT_FIELDS, Attempt
from invctl.values import check_amount, parse_quantity

router = APIRouter()


class ProductQuery(asking.Query):
    """Which products, and in which order; as the options of `invctl product list`."""

    search: str | None = None
    low: Truth = None
    archived: Truth = None
    sort: Literal["sku", "name", "quantity", "updated"] = "sku"
    reverse: Truth = None
    limit: Whole = None
    as_of: str | None = None


class AsOf(asking.Query):
    """At which time."""

    as_of: str | None = None


# The routes are tried in this order: what is asked most stands first.


@router.patch(
    "/products/{sku}/remove",
    responses=asking.answers(records.ProductAfter),
    openapi_extra=asking.asks(bodies.StockRemove, "sku"),
)
async def remove(request: Request) -> Response:
    """Remove units from a product's stock; never more than there are."""
    asked, who, sku = (
        await read_body(request, bodies.StockRemove),
        attempt(request),
        sku_of(request),
    )
    check_amount(asked.amount)

    def work(db: Database) -> Record:
        change = remove_stock(
            db, sku, asked.amount, up_to=asked.up_to, label=asked.label, attempt=who
        )
        return stock_record(db, change)

    line = None if asked.up_to else _line(sku, "remove", asked.amount, asked, who)
    return answer(await served(request).writer.change(work, line=line))


@router.patch(
    "/products/{sku}/add",
    responses=asking.answers(records.ProductAfter),
    openapi_extra=asking.asks(bodies.StockAdd, "sku"),
)
async def add(request: Request) -> Response:
    """Add units to a product's stock."""
    asked, who, sku = await read_body(request, bodies.StockAdd), attempt(request), sku_of(request)
    check_amount(asked.amount)

    def work(db: Database) -> Record:
        return stock_record(db, add_stock(db, sku, asked.amount, label=asked.label, attempt=who))

    line = _line(sku, "add", asked.amount, asked, who)
    return answer(await served(request).writer.change(work, line=line))


@router.get(
    "/products/{sku}",
    responses=asking.answers(records.Product, changes=False),
    openapi_extra={"parameters": [asking.in_path("sku")]},
)
async def show(request: Request, query: Annotated[AsOf, Query()]) -> Response:
    """Show a product."""
    sku, then = sku_of(request), moment(query.as_of, "as_of", end_of_day=True)
    found = await served(request).readers.ask(lambda db: get_product(db, sku, as_of=then))
    return answer(found._asdict())


@router.post(
    "/products",
    status_code=201,
    responses=asking.answers(records.ProductAfter, 201),
    openapi_extra=asking.asks(bodies.ProductCreate),
)
async def create(request: Request) -> Response:
    """Create a product; its opening stock is its first movement."""
    asked, who = await read_body(request, bodies.ProductCreate), attempt(request)

    def work(db: Database) -> Record:
        change = create_product(
            db,
            asked.sku,
            name=asked.name,
            description=asked.description,
            quantity=asked.quantity,
            reorder_point=asked.reorder_point,
            reorder_to=asked.reorder_to,
            label=asked.label,
            attempt=who,
        )
        return product_record(db, change, "create")

    made = await served(request).writer.change(work)
    return answer(made, 201, {"Location": f"/products/{quote(made['sku'], safe='')}"})


@router.get("/products", responses=asking.answers(records.PRODUCTS, changes=False))
async def list_(request: Request, query: Annotated[ProductQuery, Query()]) -> Response:
    """List the products, in order of SKU if nothing else is said."""
    low, archived = truth(query.low, "low"), truth(query.archived, "archived")
    reverse = truth(query.reverse, "reverse")
    most = None if query.limit is None else parse_quantity(query.limit, "limit")
    then = moment(query.as_of, "as_of", end_of_day=True)
    return await listed(
        request,
        lambda db: list_products(
            db,
            search=query.search,
            low=low,
            archived=archived,
            sort=query.sort,
            reverse=reverse,
            limit=most,
            as_of=then,
        ),
        PRODUCT_FIELDS,
    )


@router.patch(
    "/products/{sku}",
    responses=asking.answers(records.ProductAfter),
    openapi_extra=asking.asks(bodies.ProductUpdate, "sku"),
)
async def update(request: Request) -> Response:
    """Change what is said of a product; null empties what can be empty."""
    asked, who, sku = (
        await read_body(request, bodies.ProductUpdate),
        attempt(request),
        sku_of(request),
    )
    given = asked.model_fields_set
    if not given:
        raise UsageError("nothing to update")
    if "name" in given and asked.name is None:
        raise InvalidValue("name", "null", "cannot be empty")

    def work(db: Database) -> Record:
        change = update_product(
            db,
            sku,
            name=asked.name,
            description=(asked.description or "") if "description" in given else None,
            reorder_point=asked.reorder_point,
            forget_reorder_point="reorder_point" in given and asked.reorder_point is None,
            reorder_to=asked.reorder_to,
            forget_reorder_to="reorder_to" in given and asked.reorder_to is None,
            attempt=who,
        )
        return product_record(db, change, "update")

    return answer(await served(request).writer.change(work))


@router.put(
    "/products/{sku}/quantity",
    responses=asking.answers(records.ProductAfter),
    openapi_extra=asking.asks(bodies.StockCount, "sku"),
)
async def count(request: Request) -> Response:
    """Make a product's stock what was counted; with `expect` only if it is that now."""
    asked, who, sku = await read_body(request, bodies.StockCount), attempt(request), sku_of(request)

    def work(db: Database) -> Record:
        change = set_stock(
            db, sku, asked.quantity, expect=asked.expect, label=asked.label, attempt=who
        )
        return stock_record(db, change)

    return answer(await served(request).writer.change(work))


def _line(sku: str, action: str, amount: int, said: bodies.Said, who: Attempt) -> Line | None:
    """Return a change as a line that can be made together with others.

    None where a line would say something else: there an empty text is none, and a time is read
    by another rule.
    """
    texts = (said.reason, said.ref, said.note)
    if said.at is not None or "" in texts or not sku:
        return None
    cells = (sku, "", action, str(amount), *(text or "" for text in texts), "", who.key or "")
    return Line(who.actor, cells)
