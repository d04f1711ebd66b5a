"""An hour of a shop's life, typed into each shell at each width: `transcripts/hour-*.txt`.

Those files were read by a person. Times stand in them as one time, and the shop's folder as one
folder of the same length, so that no line breaks elsewhere.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from inventories import new_schema
from shop import Shop, new_shop

TRANSCRIPTS = Path(__file__).with_name("transcripts")
SHEET = "SKU,Name,Qty\nMUG-BLUE,Blue mug,30\nPOSTER-A2,Poster A2,12\nTSHIRT-RED-M,T-shirt M,8\n"
SALES = "sku,delta,ref\nMUG-BLUE,-4,web-101\nPOSTER-A2,-2,web-102\nMUG-BLUE,-1,web-103\n"
HOUR = """
invctl
invctl product create TSHIRT-RED-L --name 'T-shirt L' --quantity 10 --reorder-point 8
invctl product import sheet.csv
invctl product list
invctl stock remove tshirt-red-l 3 --reason sale --ref web-100
invctl sell MUG-BLUE 2
invctl stock remove MUG-BLUE 31
invctl stock remove MUG-BLEU 1
invctl delivery expect TSHIRT-RED-L 13 --ref PO-7
invctl stock low
invctl delivery receive --ref PO-7
invctl stock set POSTER-A2 15 --expect 12 --reason count
invctl undo --last
invctl stock set POSTER-A2 11 --expect 12 --reason count
invctl stock apply sales.csv --reason sale
invctl stock apply sales.csv --reason sale
invctl undo --last
invctl log
invctl stock history MUG-BLUE
invctl stock log --by sku --reason sale --net --since 7d
invctl stock usage --days 7
invctl hold create MUG-BLUE 20 --ref cart-9
invctl stock remove MUG-BLUE 6
invctl hold release --ref cart-9
invctl undo 2
invctl product show MUG-BLUE
invctl db check
invctl db copy SERVER -q
invctl --db SERVER stock remove MUG-BLUE 1 --reason sale
invctl --db SERVER db copy back.db -q
invctl --db back.db stock history MUG-BLUE
"""


@pytest.fixture
def desk() -> Iterator[Shop]:
    """A shop in a folder whose name is as long each time."""
    root = Path(tempfile.mkdtemp(prefix="shop-", dir="/tmp"))
    shop = new_shop(root)
    shop.env["INVCTL_ACTOR"] = "ann"
    shop.file("sheet.csv", SHEET)
    shop.file("sales.csv", SALES)
    yield shop
    shop.check_books()
    shutil.rmtree(root)


def steady(text: str, desk: Shop) -> str:
    """Return a text without what is another each time."""
    text = text.replace(str(desk.root), "/tmp/shop-12345678")  # noqa: S108
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", "2026-01-31 09:30", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "2026-01-31T09:30:00.000Z", text)
    return re.sub(r"\b\d\.\d s\b", "0.1 s", text)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("shell", "columns"), [("bash", 60), ("bash", 80), ("bash", 120), ("zsh", 80), ("fish", 80)]
)
def test_an_hour_of_a_shop_reads_as_it_was_read(desk: Shop, shell: str, columns: int) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    server = str(new_schema())
    told = []
    for line in HOUR.strip().splitlines():
        typed = line.replace("SERVER", f"'{server}'")
        code, shown = desk.screen(shell, "-c", typed, env={"COLUMNS": str(columns)})
        told.append(f"$ {line}\n{steady(shown, desk)}" + (f"[{code}]\n" if code else ""))
    found = "".join(told)
    expected = TRANSCRIPTS / f"hour-{columns}.txt"
    assert found == expected.read_text()
