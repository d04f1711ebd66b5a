"""The texts of the fixed statements are those of what is declared."""

import sqlite3
from contextlib import closing

from invctl.db.sqlite import session
from invctl.db.sqlite.session import SQLiteSession
from invctl.repository import compiling


def test_the_compiled_texts_are_what_the_declared_statements_say() -> None:
    assert compiling.TARGET.read_text(encoding="utf-8") == compiling.source()
    assert compiling.LISTS_TARGET.read_text(encoding="utf-8") == compiling.lists_source()


def test_the_texts_of_inserts_are_as_many_as_there_are_kinds_of_them() -> None:
    with closing(sqlite3.connect(":memory:")) as driver:
        driver.execute("CREATE TABLE pair (a INTEGER, b INTEGER)")
        for number in range(99):
            SQLiteSession(driver).insert("pair", ("a",), [(number,)] * 51, b=number)
            known = session._insert_text.cache_info().currsize
            if number == 0:
                first = known
        assert known == first
        assert driver.execute("SELECT count(*), sum(a = b) FROM pair").fetchone() == (5049, 5049)
