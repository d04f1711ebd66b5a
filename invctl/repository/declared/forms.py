"""What statements are made of: what each engine says its own way, and what is about many rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Insert,
    Select,
    Table,
    TableValuedAlias,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    null,
    select,
)
from sqlalchemy import Text as TextType
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from invctl.db.dialects import EachEngine
from invctl.db.schema import product
from invctl.values import MAX_QUANTITY

INTEGER = BigInteger()
TEXT = TextType()


def constant(value: str | int) -> ColumnElement[Any]:
    """Return a value that stands in the text of a statement, which nobody else can choose."""
    # As a plain value it would be a parameter that nobody gives: `text_of` refuses those.
    if isinstance(value, int):
        return literal_column(str(value), INTEGER)
    return literal_column(f"'{value}'")


ZERO, ONE, MOST = constant(0), constant(1), constant(MAX_QUANTITY)


class _JsonTexts(FunctionElement[str]):
    """A function of a JSON array that returns its texts as rows."""

    name = "json_texts"
    inherit_cache = True


@compiles(_JsonTexts, "sqlite")
def _json_each(element: _JsonTexts, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_JsonTexts)
def _json_array_elements(element: _JsonTexts, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **kw)} AS JSON))"


def among(texts: str) -> Select[Any]:
    """Return the texts in a JSON array that is a parameter."""
    given = _JsonTexts(bindparam(texts)).table_valued("value", name="given")
    return select(given.c.value)


def among_numbers(numbers: str) -> Select[Any]:
    """Return the whole numbers in a JSON array that is a parameter."""
    given = _JsonTexts(bindparam(numbers)).table_valued("value", name="given")
    return select(cast(given.c.value, BigInteger))


def numbered(
    name: str, values: Sequence[object], kind: TypeEngine[Any]
) -> list[BindParameter[Any]]:
    """Return a parameter for each of several values: their name, with a number behind it."""
    return [bindparam(f"{name}_{place}", type_=kind) for place in range(len(values))]


Value = Callable[[str], ColumnElement[Any]]


def for_each(make: Callable[[Value], Any], **kinds: TypeEngine[Any]) -> EachEngine:
    """Return a statement about many rows, which have values of these `kinds`.

    On SQLite it is run for each of them; on a server once, beside an array of each value.
    """
    given = _given(kinds)  # since each statement of its own would be a round trip
    return EachEngine(
        sqlite=make(lambda name: bindparam(name, type_=kinds[name])),
        server=make(lambda name: given.c[name]),
    )


def _given(kinds: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """Return arrays of values of these kinds, beside one another, as the rows of a table."""
    arrays = (bindparam(name, type_=ARRAY(kind)) for name, kind in kinds.items())
    columns = (column(name, kind) for name, kind in kinds.items())
    return func.unnest(*arrays).table_valued(*columns, name="given").render_derived()


def insert_one(rows: Table, *names: str) -> Insert:
    """Return an INSERT of one row, with a parameter for each of the named columns."""
    return insert(rows).values(**parameters(rows, *names))


def insert_each(rows: Table, *names: str) -> EachEngine:
    """Return an INSERT of many rows: on SQLite one for each, on a server one of all."""
    kinds = {name: INTEGER if rows.c[name].type.python_type is int else TEXT for name in names}
    given = _given(kinds)
    return EachEngine(
        sqlite=insert_one(rows, *names),
        server=insert(rows).from_select(names, select(*(given.c[name] for name in names))),
    )


def next_id(ids: ColumnElement[int]) -> ColumnElement[int]:
    """Return the id after the greatest of `ids`."""
    return func.coalesce(func.max(ids), ZERO) + ONE


def insert_next(
    rows: Table, values: Mapping[str, ColumnElement[Any]], *answer: ColumnElement[Any]
) -> EachEngine:
    """Return an INSERT of the row with a table's next id, which SQLite gives it by itself."""

    def made(number: ColumnElement[Any]) -> Insert:
        statement = insert(rows).values(id=number, **values).inline()
        return statement.returning(*answer) if answer else statement

    return EachEngine(made(null()), made(select(next_id(rows.c.id)).scalar_subquery()))


def at_most(statement: Select[Any], most: ColumnElement[int] = ONE) -> Select[Any]:
    """Return a statement whose answer has so many rows at the most."""
    # Where no offset is named, Core's text for SQLite has one that is a parameter.
    return statement.limit(most).offset(ZERO)


def parameters(rows: Table, *names: str) -> dict[str, BindParameter[Any]]:
    """Return a parameter of its own name and type for each of the named columns."""
    return {name: bindparam(name, type_=rows.c[name].type) for name in names}


def locking(condition: ColumnElement[bool] | None = None) -> Select[Any]:
    """Return what locks products in order of id, and says no more than how many they are."""
    chosen = select(product.c.id)
    if condition is not None:
        chosen = chosen.where(condition)
    # In a subquery: a server locks no rows that it counts.
    locked = chosen.order_by(product.c.id).with_for_update().subquery()
    return select(func.count()).select_from(locked)
