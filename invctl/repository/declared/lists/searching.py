"""Products in which words are found; see `db.search`."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    func,
    null,
    or_,
    select,
)

from invctl.db.dialects import EachEngine
from invctl.db.schema import code, product
from invctl.db.search import SEARCHED
from invctl.repository.declared.forms import INTEGER, constant

_COLUMNS = [product.c[name] for name in SEARCHED]


def searched(statement: Select[Any], words: Sequence[str]) -> Select[Any] | EachEngine:
    """Return a statement for the products that hold each of several words, where there are any.

    SQLite asks back for each product. A server folds case in ways of its own: who asks it has
    found the products before, see `Session.search`.
    """
    if not words:
        return statement
    hits = bindparam("hits", type_=ARRAY(INTEGER))
    return EachEngine(
        statement.where(_held(len(words))), statement.where(product.c.id == any_(hits))
    )


def _held(words: int) -> ColumnElement[bool]:
    """Return the condition on SQLite."""
    # In a subquery, or it would walk the index of the sort order, which looks every row up on its
    # own (a million names: 2 s instead of 0.6).
    hits = select(product.c.id).where(and_(*map(_holds, range(words))))
    return product.c.id.in_(hits)


def _holds(number: int) -> ColumnElement[bool]:
    """Return the condition that a product, or a code of it, holds one of the words."""
    word: BindParameter[str] = bindparam(f"words_{number}")
    coded = select(code.c.product_id).where(
        func.invctl_holds(word, code.c.code, constant(""), null())
    )
    return or_(func.invctl_holds(word, *_COLUMNS), product.c.id.in_(coded))
