"""`/products`: what there is, and what is said of it; their stock is changed in `stock`."""

from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from invctl.core.catalog import get_product, list_products
from invctl.core.products import create_product, update_product
from invctl.db.database import Database
from invctl.errors import InvalidValue, UsageError
from invctl.http import asking, bodies, describing, records, urls
from invctl.http.answers import Record, answer, change_response, doubted, product_record
from invctl.http.asking import attempt, changed, served
from invctl.http.listing import listed
from invctl.http.receiving import read_body
from invctl.http.urls import Truth, Whole, moment, read_query, sku_of, truth, whole
from invctl.models.fields import PRODUCT_FIELDS, PRODUCT_SORTS

router = APIRouter(route_class=asking.Direct)


class ProductQuery(urls.Query):
    """Which products, and in which order; as the options of `invctl product list`."""

    search: str | None = None
    low: Truth = None
    archived: Truth = None
    sort: Literal[PRODUCT_SORTS] = "sku"  # type: ignore[valid-type]
    reverse: Truth = None
    limit: Whole = None
    as_of: str | None = None


class AsOf(urls.Query):
    """At which time."""

    as_of: str | None = None


@router.get(
    "/products/{sku}",
    responses=describing.told(records.Product),
    openapi_extra=describing.queries(AsOf, "sku"),
)
async def show(request: Request) -> Response:
    """Show a product."""
    query, sku = read_query(request, AsOf), sku_of(request)
    then = moment(query.as_of, "as_of", end_of_day=True)
    found = await served(request).readers.ask(lambda db: get_product(db, sku, as_of=then))
    return answer(found._asdict())


@router.post(
    "/products",
    status_code=201,
    responses=describing.answers(
        records.ProductAfter, 201, headers={**describing.SAID, **describing.LOCATION}
    ),
    openapi_extra=describing.asks(bodies.ProductCreate),
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

    done = await served(request).writer.change(work)
    where = f"/products/{quote(done.record['sku'], safe='')}"  # a / in it parts no path
    return change_response(doubted(done, asked.quantity), 201, {"Location": where})


@router.get(
    "/products",
    responses=describing.listed(records.PRODUCTS),
    openapi_extra=describing.queries(ProductQuery),
)
async def list_(request: Request) -> Response:
    """List the products, in order of SKU if nothing else is said."""
    query = read_query(request, ProductQuery)
    low, archived = truth(query.low, "low"), truth(query.archived, "archived")
    reverse = truth(query.reverse, "reverse")
    most = whole(query.limit, "limit")
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
        most,
    )


@router.patch(
    "/products/{sku}",
    responses=describing.answers(records.ProductAfter),
    openapi_extra=describing.asks(bodies.ProductUpdate, "sku"),
)
async def update(request: Request) -> Response:
    """Change what is said of a product; null empties what can be empty."""
    asked, who, sku = (
        await read_body(request, bodies.ProductUpdate),
        attempt(request),
        sku_of(request),
    )
    given = asked.model_fields_set  # null is given: it empties a field
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

    return await changed(request, work)
