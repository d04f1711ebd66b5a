"""Answers that are kept under their keys, for retries: what is stored of one, and read again."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from invctl.core.fingerprints import request_hash
from invctl.core.lookup import sku_rule_of
from invctl.db.database import Database
from invctl.db.session import Session
from invctl.errors import KeyReused
from invctl.models.answers import ANSWERS, Answer
from invctl.models.batches import BatchChange, ImportChange
from invctl.models.products import Product
from invctl.models.several import Several
from invctl.models.stock import StockChange
from invctl.repository import operations, products
from invctl.repository.operations import Earlier

if TYPE_CHECKING:
    from invctl.core.reports import LineReport

_TYPE, _OF, _LINES, _PRODUCT = "answer", "of", "told", "product"
"""The keys of a stored answer: which it is, of what there are several, its lines, its product."""


def earlier_answer(
    session: Session,
    kind: str,
    key: str,
    request: Callable[[], object],
    report: "LineReport[Any] | None" = None,
) -> Answer | None:
    """Return what a request was answered when it was made before; None if it was not.

    What its lines did goes into a `report`, where that is asked for.
    Raises KeyReused.
    """
    earlier = operations.earlier(session, key)
    if earlier is None:
        return None
    if earlier.request_hash != request_hash(kind, request(), sku_rule_of(session)):
        raise KeyReused(key)
    answer = read_answer(earlier)
    if report is not None:
        report.tell_again(session, json.loads(earlier.result).get(_LINES), answer)
    return answer._replace(replayed=True)


def stored_answer(
    answer: Answer, lines: Sequence[object] | None = None, left: Product | None = None
) -> str:
    """Return an answer as the JSON that is kept for a retry.

    With it what `lines` of a file did, or the product that it has `left`.
    """
    record = {_TYPE: type(answer).__name__, **answer._asdict()}
    if lines is not None:
        record[_LINES] = lines
    if left is not None:
        record[_PRODUCT] = left
    if isinstance(answer, Several) and answer.changes:
        record[_OF] = type(answer.changes[0]).__name__
    return json.dumps(record, ensure_ascii=False)


def product_left(session: Session, answer: Answer) -> Product | None:
    """Return the product that a change of stock has left."""
    if not isinstance(answer, StockChange):
        return None
    return products.records(session, [answer.sku]).get(answer.sku)


def read_answer(earlier: Earlier) -> Answer:
    """Return an answer that was kept; what it did not know yet is None."""
    record = json.loads(earlier.result)
    name = record.pop(_TYPE, None) or _untold_type(record)
    record.pop(_LINES, None)
    record.pop(_PRODUCT, None)
    if _OF in record:
        kind = ANSWERS[record.pop(_OF)]
        record["changes"] = [kind._make(one) for one in record["changes"]]
    if earlier.kind == "undo":  # in version 1 it answered as what it undid
        name = {"StockChange": "StockUndo", "BatchChange": "BatchUndo"}.get(name, name)
    answer: Answer = ANSWERS[name](**record)
    return answer


def _untold_type(record: Mapping[str, object]) -> str:
    """Return which answer a record is of version 1, which did not tell."""
    told = {"delta": StockChange, "lines": BatchChange, "created": ImportChange}
    return next((kind.__name__ for name, kind in told.items() if name in record), "ProductChange")


def products_left(
    db: Database, changes: Sequence[tuple[StockChange, str | None]]
) -> list[Product | None]:
    """Return the product that each change of stock has left, as it was kept under its key.

    Where it was not it is the product of now, None where that is gone.
    """
    keys = {key for _, key in changes if key is not None}
    with db.read() as session:
        found = operations.kept_under(session, keys) if keys else {}
        rows = {key: json.loads(one.result).get(_PRODUCT) for key, one in found.items()}
        kept = {key: Product._make(row) for key, row in rows.items() if row is not None}
        others = {one.sku for one, key in changes if key not in kept}
        present = products.records(session, others) if others else {}
    return [kept[key] if key in kept else present.get(one.sku) for one, key in changes]
