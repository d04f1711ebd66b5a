"""Works that share a commit: each as if alone, on an engine that shares and on a server."""

from collections.abc import Callable

import pytest
from inventories import Rows

from invctl.core.catalog import get_product
from invctl.core.products import create_product
from invctl.core.stock import add_stock, remove_stock
from invctl.db.database import Database
from invctl.errors import InsufficientStock, ProductExists
from invctl.models.attempts import Attempt

ME = Attempt("anna")


def test_works_that_share_a_commit_are_each_as_if_alone(
    db: Database, query: Callable[..., Rows]
) -> None:
    create_product(db, "A", name="a", quantity=10, attempt=ME)

    def half_done() -> object:
        add_stock(db, "A", 100, attempt=ME)
        raise ZeroDivisionError

    def rehearsed() -> object:
        return add_stock(db, "A", 50, attempt=ME._replace(dry_run=True)).quantity

    works: list[Callable[[], object]] = [
        lambda: remove_stock(db, "A", 4, attempt=ME._replace(key="k")).quantity,
        lambda: remove_stock(db, "A", 7, attempt=ME),
        rehearsed,
        lambda: create_product(db, "A", name="again", attempt=ME),
        lambda: create_product(db, "B", name="b", attempt=ME).sku,
        lambda: remove_stock(db, "A", 4, attempt=ME._replace(key="k")).replayed,
        lambda: get_product(db, "A").quantity,
        lambda: remove_stock(db, "A", 6, attempt=ME).quantity,
    ]
    done = db.write_each(works)
    refused = [type(one) for one in done if isinstance(one, Exception)]
    assert refused == [InsufficientStock, ProductExists]
    assert [one for one in done if not isinstance(one, Exception)] == [6, 56, "B", True, 6, 0]
    assert query("SELECT count(*) FROM operation") == [(4,)]
    (bug,) = db.write_each([half_done])
    assert isinstance(bug, ZeroDivisionError)


@pytest.mark.sqlite("a server makes each work in a transaction of its own")
def test_a_work_that_breaks_off_leaves_nothing_in_what_it_shares(
    db: Database, query: Callable[..., Rows]
) -> None:
    create_product(db, "A", name="a", quantity=10, attempt=ME)

    def breaks_off() -> object:
        return db.write(lambda session: session.run(1))  # type: ignore[arg-type]

    done = db.write_each([breaks_off, lambda: remove_stock(db, "A", 1, attempt=ME).quantity])
    assert isinstance(done[0], Exception)
    assert done[1] == 9
    assert query("SELECT quantity FROM product") == [(9,)]
