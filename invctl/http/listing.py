"""Lists over the wire: JSON arrays, or an object a line, as they are read."""

import re
from collections.abc import Callable, Sequence

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from invctl.db.database import Database
from invctl.files.writing import encoder
from invctl.http.asking import LINES, served
from invctl.http.reading import Rows

_QUALITY = re.compile(r"q=[01](\.[0-9]{0,3})?")


async def listed(
    request: Request,
    rows: Callable[[Database], Rows],
    fields: Sequence[str],
    most: int | None = None,
) -> Response:
    """Return the answer that is a list of so many rows at the `most`.

    What is wrong before its first row is raised.
    """
    lines = _wants_lines(", ".join(request.headers.getlist("accept")))
    encode = encoder("jsonl" if lines else "json", fields)
    listing = await served(request).readers.list(rows, encode, most)
    media_type = LINES if lines else "application/json"
    return StreamingResponse(listing.taken(), media_type=media_type)


def _wants_lines(accept: str) -> bool:
    """Return whether an object a line is asked for by its name, and an array not rather."""
    wanted: dict[str, float] = {}
    for one in accept.lower().split(","):
        kind, *more = (part.strip() for part in one.split(";"))
        quality = next((part for part in more if _QUALITY.fullmatch(part)), "q=1")
        wanted[kind] = float(quality[2:])
    lines = wanted.get(LINES, 0)
    return lines > 0 and lines >= wanted.get("application/json", 0)
