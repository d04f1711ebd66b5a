"""`stock history --chart`: a balance over time, drawn in characters."""

import pytest
from shop import Shop

pytest.importorskip("plotext", reason="the extra `chart` is not installed")


@pytest.fixture
def sold(stocked: Shop) -> Shop:
    """A product that was delivered in January and sold in February and March."""
    stocked.json("product", "create", "C-1", "--name", "C", "--reorder-point", "4", "-q")
    for verb, amount, day in (("add", 10, "01-05"), ("remove", 3, "02-05"), ("remove", 6, "03-05")):
        stocked.json("stock", verb, "C-1", str(amount), "--at", f"2026-{day}T12:00:00Z")
    return stocked


def test_it_draws_a_falling_line_with_the_reorder_point_as_wide_as_the_terminal(
    sold: Shop,
) -> None:
    done = sold.run("stock", "history", "C-1", "--chart", env={"COLUMNS": "60"})
    lines = done.stdout.splitlines()
    assert (done.code, done.stderr) == (0, "")
    assert lines[0] == "C-1 C: 1 now, reorder at 4"
    assert {len(line) for line in lines[1:-1]} == {60}
    assert lines[2].startswith("10┤▀")
    assert any("-----" in line for line in lines[8:16])
    assert lines[-1].split() == ["2026-01-05", "2026-03-05"]
    assert "\x1b" not in done.stdout


def test_it_is_plain_ascii_where_the_terminal_has_no_utf_8(sold: Shop) -> None:
    done = sold.run("stock", "history", "C-1", "--chart", env={"PYTHONIOENCODING": "ascii"})
    assert done.code == 0
    assert done.stdout.isascii()
    assert "*" in done.stdout


def test_it_starts_at_since_with_the_balance_of_then(sold: Shop) -> None:
    since = ["--since", "2026-02-20T00:00:00Z"]
    done = sold.run("stock", "history", "C-1", "--chart", *since)
    assert done.code == 0
    assert done.stdout.splitlines()[2].lstrip().startswith("7┤▀")


def test_a_limit_draws_the_last_ones_and_says_so(sold: Shop) -> None:
    done = sold.run("stock", "history", "C-1", "--chart", "--limit", "2")
    assert (done.code, done.stderr) == (0, "invctl: only the last 2 are shown (--limit)\n")
    lines = done.stdout.splitlines()
    assert lines[2].startswith("10┤▌")
    assert (lines[-1].split()[0], lines[-1].split()[-1]) == ("2026-02-05", "2026-03-05")
    whole = [sold.run("stock", "history", "C-1", "--chart", *more) for more in ([], ["-n", "3"])]
    assert whole[0] == whole[1]


@pytest.mark.parametrize("more", ["--json", "--reverse"])
def test_it_goes_with_no_machine_format_and_not_from_right_to_left(sold: Shop, more: str) -> None:
    done = sold.run("stock", "history", "C-1", "--chart", more)
    assert (done.code, done.stdout, "--chart" in done.stderr) == (2, "", True)


def test_a_product_without_movements_has_nothing_to_draw(stocked: Shop) -> None:
    done = stocked.run("stock", "history", "B-1", "--chart")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr == "invctl: B-1 has no such movements\n"


def test_without_the_library_it_says_how_to_get_it(sold: Shop) -> None:
    sold.file("plotext.py", "raise ImportError")
    done = sold.run("stock", "history", "C-1", "--chart", env={"PYTHONPATH": str(sold.root)})
    assert (done.code, done.stdout) == (14, "")
    assert "pip install 'invctl[chart]'" in done.stderr


@pytest.mark.parametrize("columns", ["4000000", "9" * 20])
def test_it_is_no_wider_than_any_terminal(sold: Shop, columns: str) -> None:
    done = sold.run("stock", "history", "C-1", "--chart", env={"COLUMNS": columns})
    assert (done.code, done.stderr) == (0, "")
    assert {len(line) for line in done.stdout.splitlines()[1:-1]} == {1000}
