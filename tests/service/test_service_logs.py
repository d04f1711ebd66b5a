"""How a file's log is looked at: whether there is anything in it, and without a cost to writers."""

import os
from pathlib import Path

import pytest

from invctl.core.stock import add_stock
from invctl.db.database import Database
from invctl.db.sqlite.quiet import is_logged
from invctl.models.attempts import Attempt

pytestmark = pytest.mark.sqlite("it is about files")

ME = Attempt("tester")


@pytest.mark.parametrize(
    ("size", "logged"), [(None, False), (0, False), (32, False), (33, True), (4152, True)]
)
def test_a_log_is_one_behind_its_header(tmp_path: Path, size: int | None, logged: bool) -> None:
    if size is not None:
        (tmp_path / "shop.db-wal").write_bytes(bytes(size))
    assert is_logged(str(tmp_path / "shop.db")) is logged


def test_what_cannot_be_read_is_asked_for_its_size(tmp_path: Path) -> None:
    (tmp_path / "shop.db-wal").mkdir()
    assert is_logged(str(tmp_path / "shop.db"))


def test_a_sale_does_not_ask_when_the_log_was_written(
    stall: Database, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_stock(stall, "TEA", 1, attempt=ME)
    asked: list[object] = []
    look = os.stat

    def noted(of: object, *more: object, **named: object) -> os.stat_result:
        asked.append(of)
        return look(of, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", noted)
    add_stock(stall, "TEA", 1, attempt=ME)
    assert path in asked
    assert f"{path}-wal" not in asked
