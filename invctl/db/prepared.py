"""Core statements that are compiled once and then run by the driver as they are.

For what is run thousands of times a second: one by one (`Prepared`), where Core's own way takes
three times as long, or many at once (`insert_rows`, `update_rows`), where dictionaries would.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from itertools import chain
from typing import Any, ClassVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    Table,
    bindparam,
    insert,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.dml import Insert, Update
from sqlalchemy.sql.functions import FunctionElement

CHUNK = 5_000
"""How many rows go to the driver at a time; more takes memory and saves nothing."""

STREAMED = {"stream_results": True}
"""The execution option with which rows come as they are read, however many there are."""

_TOGETHER = 50
_NOTHING: Mapping[str, int] = {}


class Prepared:
    """A statement with named parameters, ready to be run on any engine."""

    _all: ClassVar[list["Prepared"]] = []

    def __init__(self, statement: Insert | Update | Select[Any], *names: str) -> None:
        self._statement = statement
        self._names = list(names)
        self._texts: dict[str, tuple[str, Sequence[str] | None]] = {}
        self._all.append(self)

    @classmethod
    def compile_all(cls, connection: Connection) -> None:
        """Compile all that there are, for who wants to hold a lock no longer than need be."""
        for one in cls._all:
            if connection.dialect.name not in one._texts:
                one._compile(connection)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Run the statement with a value for each of its names; return the row that it returns."""
        row: tuple[Any, ...] | None = self.start(connection, values).fetchone()
        return row

    def start(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Run the statement and return the driver's cursor, whose `fetchone` gives its row.

        Within `together` that is what makes it run, and all that was started before it.
        """
        known = self._texts.get(connection.dialect.name)
        text, order = known or self._compile(connection)
        given = values if order is None else tuple([values[name] for name in order])
        driver = connection.connection.driver_connection
        assert driver is not None
        return driver.execute(text, given)

    def _compile(self, connection: Connection) -> tuple[str, Sequence[str] | None]:
        compiled = self._statement.compile(connection, column_keys=self._names or None)
        made = self._texts[connection.dialect.name] = (str(compiled), compiled.positiontup)
        return made


def together(connection: Connection) -> AbstractContextManager[object]:
    """Send what is started in the block at once, where each message would take its time."""
    if connection.dialect.name == "sqlite":
        return nullcontext()
    driver: Any = connection.connection.driver_connection
    pipeline: AbstractContextManager[object] = driver.pipeline()
    return pipeline


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


def among(column: Column[str], values: BindParameter[str]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the texts in a JSON array."""
    given = _JsonTexts(values).table_valued("value", name="given")
    return column.in_(select(given.c.value))


def insert_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    constants: Mapping[str, int] = _NOTHING,
) -> None:
    """Insert tuples of values in the order of `names`, and `constants` with each of them."""
    if connection.dialect.name == "sqlite":
        _insert_many(connection, table, tuple(names), rows, tuple(constants.items()))
        return
    from invctl.db.postgresql import bulk

    bulk.insert_rows(connection, table, names, rows, constants)


def _insert_many(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    constants: tuple[tuple[str, int], ...],
) -> None:
    """Insert by statements for 50 rows each, which take three quarters of the time of 50."""
    several = len(rows) - len(rows) % _TOGETHER
    text = _insert_text(connection.dialect, table, names, constants, _TOGETHER)
    driver = connection.connection.driver_connection
    assert driver is not None
    for start in range(0, several, _TOGETHER):
        values = tuple(chain.from_iterable(rows[start : start + _TOGETHER]))
        driver.execute(text, values)
    if several < len(rows):
        one = _insert_text(connection.dialect, table, names, constants, 1)
        driver.executemany(one, rows[several:])


@cache
def _insert_text(
    dialect: Dialect,
    table: Table,
    names: tuple[str, ...],
    constants: tuple[tuple[str, int], ...],
    count: int,
) -> str:
    """Return the text of an INSERT of `count` rows, as Core writes it for this engine."""
    always: dict[str, Any] = {name: literal_column(f"{value:d}") for name, value in constants}
    rows = [{name: bindparam(f"{name}_{n}") for name in names} | always for n in range(count)]
    compiled = insert(table).inline().values(rows).compile(dialect=dialect)
    order = [name.rpartition("_")[0] for name in compiled.positiontup or ()]
    if order != list(names) * count:
        raise AssertionError(f"{names} are not in the order of {compiled}")
    return str(compiled)


def update_rows(
    connection: Connection,
    statement: Update,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> int:
    """Run an UPDATE once for each tuple of values in the order of `names`.

    Returns how many rows it changed.
    """
    if not rows:
        return 0
    if connection.dialect.name != "sqlite":
        from invctl.db.postgresql import bulk

        return bulk.update_rows(connection, statement, names, rows)
    compiled = statement.compile(connection)
    if list(compiled.positiontup or ()) != list(names):
        raise AssertionError(f"{names} are not in the order of {compiled}")
    return connection.exec_driver_sql(str(compiled), list(rows)).rowcount
