"""`/movements`: the log, the log as it grows, and many movements at once."""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from functools import lru_cache
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Literal, cast

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from invctl.core.bulk.apply import apply_movements
from invctl.core.ledger import Filter, movement_totals, stock_log
from invctl.db.database import Database
from invctl.errors import InventoryError, UsageError
from invctl.files.fingerprint import fingerprint
from invctl.files.options import parse_options
from invctl.files.reading import read_rows
from invctl.files.rows import RowSource
from invctl.files.writing import json_line
from invctl.http import asking, describing, records, urls
from invctl.http.answers import Record
from invctl.http.asking import LINES, attempt, changed, served
from invctl.http.errors import TooLarge, UnsupportedMedia, body_of
from invctl.http.listing import listed
from invctl.http.receiving import media_type, refuse_coded, refuse_large
from invctl.http.stream import Chunk
from invctl.http.urls import Truth, Whole, period, read_query, truth, whole
from invctl.models.fields import KINDS, MOVEMENT_COLUMNS, MOVEMENT_FIELDS, TOTALS_BY
from invctl.models.rows import BadRow, FileRow, MovementRow
from invctl.scratch import scratch

LARGEST = 1 << 30
"""Bytes that a body of movements may have: ten million of them."""
_IN_MEMORY = 1 << 20
_BLANKS = b" \t\r\n"
_MOST_BLANKS = 1000
_NAME = "the body"
_EVENTS = "text/event-stream"
_HEARD = 4096
"""Movements that are kept as events while who listens is sent them, one after the other."""

router = APIRouter(route_class=asking.Direct)


class MovementQuery(urls.Query):
    """Which movements; as the options of `invctl stock log`."""

    since_id: Whole = None
    since: str | None = None
    until: str | None = None
    sku: list[str] = Field(default_factory=list)
    kind: list[Literal[KINDS]] = Field(default_factory=list)  # type: ignore[valid-type]
    actor: list[str] = Field(default_factory=list)
    reason: list[str] = Field(default_factory=list)
    ref: list[str] = Field(default_factory=list)
    place: str | None = None
    lot: str | None = None
    net: Truth = None
    by: Literal[TOTALS_BY] | None = None  # type: ignore[valid-type]
    limit: Whole = None
    reverse: Truth = None


class StreamQuery(urls.Query):
    """After which movement; `Last-Event-ID` says it, too."""

    since_id: Whole = None


@router.get(
    "/movements",
    responses=describing.listed(records.MOVEMENTS),
    openapi_extra=describing.queries(MovementQuery),
)
async def list_(request: Request) -> Response:
    """List movements, oldest first: the last N, or the first N after `since_id`; or their sums."""
    query = read_query(request, MovementQuery)
    begin, end = period(query.since, query.until)
    net, reverse = truth(query.net, "net"), truth(query.reverse, "reverse")
    most = whole(query.limit, "limit")
    after = whole(query.since_id, "since_id")
    only = Filter(
        since=begin,
        until=end,
        skus=query.sku,
        kinds=query.kind,
        actors=query.actor,
        reasons=query.reason,
        refs=query.ref,
        place=query.place,
        lot=query.lot,
        net=net,
    )
    if query.by is None:
        return await listed(
            request,
            lambda db: stock_log(db, only, since_id=after, limit=most, reverse=reverse),
            MOVEMENT_FIELDS,
            most,
        )
    if after is not None:
        raise UsageError("`by` sums up what happened when; `since_id` goes by movements")
    by = query.by
    fields = (by, "added", "removed", "net", "movements")
    return await listed(
        request, lambda db: movement_totals(db, only, by, limit=most, reverse=reverse), fields
    )


@router.post(
    "/movements",
    responses=describing.answers(records.BatchChange),
    openapi_extra={
        "parameters": [describing.KEY_HEADER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
                LINES: {"schema": {"type": "string"}},
            },
        },
    },
)
async def apply(request: Request) -> Response:
    """Make many movements as one operation: all of them, or none.

    Each is an object with `sku`, and `delta` or `action` (add, remove, set, move) and `amount`;
    with `reason`, `ref`, `note` and `occurred_at` where they are known. `place` is where units go
    to or come from, or were counted, of a `lot` that `expires_on` a date; a move goes from `place`
    to `to_place`.
    """
    who = attempt(request)
    if media_type(request) not in ("application/json", LINES):
        raise UnsupportedMedia(f"the body is to be application/json or {LINES}")
    refuse_coded(request)
    refuse_large(request, LARGEST)
    with _spool() as body:
        await _spooled(request, body)
        _refuse_unlike(body, is_array=media_type(request) != LINES)
        # In a thread: whoever else asks does not wait until so much is read.
        rows = await asyncio.to_thread(Movements, body)
        file_hash = await asyncio.to_thread(fingerprint, body)

        def work(db: Database) -> Record:
            return apply_movements(db, rows, file_hash=file_hash, attempt=who)._asdict()

        return await changed(request, work, alone=True)


@router.get(
    "/movements/stream",
    response_class=Response,  # which is of no kind by itself: else it would be JSON, too
    responses={
        **describing.told(None),
        200: {"content": {_EVENTS: {"schema": {"type": "string"}}}},
    },
    openapi_extra=describing.queries(StreamQuery, describing.LAST_EVENT),
)
async def stream(request: Request) -> Response:
    """Send movements as they are committed, by whoever: all after `Last-Event-ID`, or from now.

    Each is an event `movement`. An `id` by itself is that of the movement after which it goes on:
    where none was named, where there is none of that number, where a backup was restored. An event
    `error` has the body of an error, and ends it: ask again with the last `id`.
    """
    query = read_query(request, StreamQuery)
    told = request.headers.get("last-event-id")
    since = whole(told, "Last-Event-ID") if told else whole(query.since_id, "since_id")
    if request.state.is_head:  # whose answer would have no end either
        return StreamingResponse(iter(()), media_type=_EVENTS)
    chunks = served(request).stream.movements(since)
    return StreamingResponse(_events(chunks), media_type=_EVENTS)


async def _events(chunks: AsyncGenerator[Chunk | int, None]) -> AsyncIterator[str]:
    """Yield movements as events; in a silence, what keeps the connection known to be alive."""
    yield "retry: 1000\n\n"
    try:
        async for came in chunks:
            # After which one somebody listens who did not know: an id is no event, and says where a
            # stream goes on that breaks off before the next.
            if isinstance(came, int):
                yield f"id: {came}\n\n"
            else:
                yield "".join(map(_event, came)) or ":\n\n"  # a comment, which is no event
    except InventoryError as error:
        yield f"event: error\ndata: {json_line(body_of(error))}\n\n"
    finally:
        # Now, and not when the collector comes to it: who listens is given movements until then.
        await chunks.aclose()


@lru_cache(_HEARD)
def _event(row: MovementRow) -> str:
    """Return a movement as an event: all who listen are sent the same."""
    record = dict(zip(MOVEMENT_FIELDS, row, strict=True))
    return f"id: {row[0]}\nevent: movement\ndata: {json_line(record)}\n\n"


class Movements:
    """The rows of a body, which each iteration reads from its beginning: a retry may need it."""

    def __init__(self, body: BinaryIO) -> None:
        self._body = body
        self._start = _start(body)
        self._first: RowSource | None = self._read()

    def __iter__(self) -> Iterator[FileRow | BadRow]:
        rows, self._first = self._first, None
        for row in rows or self._read():
            yield _reworded(row) if isinstance(row, BadRow) else row

    def _read(self) -> RowSource:
        self._body.seek(self._start)
        options = parse_options(MOVEMENT_COLUMNS)
        return read_rows(self._body, MOVEMENT_COLUMNS, options, name=_NAME, by_element=True)


def _reworded(row: BadRow) -> BadRow:
    """Return a row that is refused in words that know of no command line."""
    if row.column == "idempotency_key":
        return row._replace(message=f"a key is for all of the body, in the header {asking.KEY}")
    return row._replace(message=row.message.partition("; --")[0])


def _start(body: BinaryIO) -> int:
    """Return where reading begins: at the first line, but for blanks that are too many for it."""
    body.seek(0)
    at, rest = 0, b""
    while not rest and (piece := body.read(_IN_MEMORY)):
        rest = piece.lstrip(_BLANKS)
        at += len(piece) - len(rest)
    # A few are read like the rest, or a line would not be told by its number in the body.
    return at if at > _MOST_BLANKS else 0


def _refuse_unlike(body: BinaryIO, *, is_array: bool) -> None:
    """Raise UsageError for what is no array of objects, or no lines of them, by how it begins."""
    body.seek(_start(body))
    begins = body.read(_IN_MEMORY).removeprefix(BOM_UTF8).lstrip(_BLANKS)
    first = b"[" if is_array else b"{"
    if begins[:1] != first:
        raise UsageError(f"the body is to begin with {first.decode()}")
    if is_array and begins[1:].lstrip(_BLANKS)[:1] not in (b"{", b"]", b""):
        raise UsageError("the elements of the array are to be objects")


@contextmanager
def _spool() -> Iterator[BinaryIO]:
    """Give a temporary file, which is one when there is much in it."""
    with SpooledTemporaryFile(_IN_MEMORY) as body:
        yield cast("BinaryIO", body)


async def _spooled(request: Request, body: BinaryIO) -> None:
    """Take a body off the wire before anything is locked. Raises TooLarge."""
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                raise TooLarge(f"the body has more than {LARGEST} bytes")
            with scratch():
                body.write(piece)
    except ClientDisconnect as error:
        raise UsageError("the body broke off") from error
