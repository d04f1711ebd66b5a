"""Arguments made to hurt: SQL, patterns, escapes, markup and rubbish, in every place of a line."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from unicodedata import category, normalize

import pytest
from hostile_runs import Run, Runner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STORED = {
    "quotes": "x' OR '1'='1",
    "statement": '"; DROP TABLE product; --',
    "percent": "100%_x",
    "underscore": "_____",
    "backslash": "a\\_b\\%",
    "glob": "*?[a-z]",
    "markup": "[red]x[/red] [/] [link=file:///etc/passwd]",
    "emoji code": ":warning: :x:",
    "formats": "{sku} %s %(x)s {0!r} $HOME `id` $(id)",
    "formula": "=cmd|' /C calc'!A0",
    "joiners": "\U0001f468\u200d\U0001f469 x",
    "wide": "ｗｉｄｅ　尺寸",
    "marks": "e" + "\u0301\u0327" * 20,
    "replacement": "\ufffd\ufffe\ufeff",
    "tags": "x\U000e0041\U000e007f",
    "from the right": "\u200fאבג",
}
"""Texts that may be a product's name."""

REFUSED: Mapping[str, str | bytes] = {
    "colour": "\x1b[31mred",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "c1": "\x9b31m\x9d0;x\x9c",
    "bells": "\x07\x08\x7f",
    "bidi": "\u202egnp.exe\u202c\u2066x",
    "lines": "a\nb\r\nc",
    "forged error": "x\ninvctl: error: all is lost",
    "separators": "a\u2028b\u2029c",
    "no UTF-8": b"\xff\xfe\x80",
    "half a pair": b"\xed\xa0\x80x",
    "overlong": b"\xc0\xaf",
    "long": "x" * 20_000,
    "long and wide": "😀" * 5_000,
    "empty": "",
    "blank": " ",
    "dash": "-",
    "dashes": "--",
    "option": "--evil=\x1b[31m",
    "number": "-9223372036854775809",
    "digits": "9" * 10_000,
}
"""Texts that are none, or far too long."""

PLACES = {
    "sku shown": "product show {}",
    "sku created": "product create {} --name x",
    "sku renamed": "product rename A-1 {}",
    "sku moved": "stock add {} 1",
    "sku of a history": "stock history {}",
    "name": "product create N-1 --name {} --dry-run",
    "description": "product update A-1 --description {}",
    "quantity": "product create N-1 --name x --quantity {} --dry-run",
    "amount": "stock add A-1 {}",
    "count": "stock set A-1 {}",
    "expected": "stock set A-1 1 --expect {}",
    "search": "product list --search {}",
    "sort": "product list --sort {}",
    "columns": "product list --columns {}",
    "limit": "product list --limit {}",
    "as of": "product list --as-of {}",
    "reason": "stock add A-1 1 --reason {}",
    "reference": "stock add A-1 1 --ref {}",
    "note": "stock add A-1 1 --note {}",
    "actor": "stock add A-1 1 --actor {}",
    "time": "stock add A-1 1 --at {}",
    "key": "stock add A-1 1 --idempotency-key {}",
    "reason of a log": "stock log --reason {}",
    "reference of a log": "stock log --ref {}",
    "since": "stock log --since {}",
    "since id": "stock log --since-id {}",
    "map": "product import goods.csv --map {}",
    "map of a field": "product import goods.csv --map name={}",
    "defaults": "product import goods.csv --defaults {}",
    "default of a field": "product import goods.csv --defaults description={}",
    "delimiter": "product import goods.csv --delimiter {}",
    "encoding": "product import goods.csv --encoding {}",
    "input file": "product import {}",
    "output file": "product export {}",
    "format": "product list --output {}",
    "colour": "product list --color {}",
    "timeout": "product list --timeout {}",
    "database": "product list --db {}",
    "rule": "init --sku-rule {}",
    "operation": "stock undo {}",
    "option": "product list --{}",
    "short option": "product list -{}",
    "command": "{}",
    "noun's command": "product {}",
    "one more": "product list {}",
    "shell": "completion {}",
    "tab": "__complete product {}",
}
_UNBALANCED = """
SELECT sku FROM product WHERE quantity <>
    (SELECT coalesce(sum(delta), 0) FROM movement WHERE movement.product_id = product.id)
"""
FORMATS = ("table", "tsv", "csv", "json", "jsonl")


@dataclass
class Bench:
    """An inventory with two products whose SKU may be any text."""

    runner: Runner
    db: Path

    def run(self, command: str, text: str | bytes = "", *more: str) -> Run:
        """Run a command with `{}` in one of its words replaced by a text."""
        raw = os.fsencode(text)
        words = [os.fsencode(word).replace(b"{}", raw) for word in command.split(" ")]
        return self.runner.run(*words, *more, env={"INVCTL_DB": str(self.db)})

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT on the inventory's file."""
        with closing(sqlite3.connect(self.db)) as connection:
            return connection.execute(query).fetchall()

    def check_books(self) -> None:
        """Assert that the file is sound and every balance is the sum of its movements."""
        assert self.rows("PRAGMA integrity_check") == [("ok",)]
        assert self.rows("PRAGMA foreign_key_check") == []
        assert self.rows(_UNBALANCED) == []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    runner = Runner(tmp_path_factory.mktemp("inputs"))
    bench = Bench(runner, runner.folder / "sound.db")
    (runner.folder / "goods.csv").write_text("sku,name\nA-1,Widget\n")
    for command in (
        "init --sku-rule any",
        "product create A-1 --name Widget --quantity 10",
        "product create B-1 --name Gadget",
    ):
        assert bench.run(command).code == 0
    return bench


@pytest.fixture
def bench(opened: Bench) -> Iterator[Bench]:
    """A fresh copy, whose books must balance whatever a test does to it."""
    one = Bench(opened.runner, opened.runner.folder / "shop.db")
    shutil.copy(opened.db, one.db)
    yield one
    one.check_books()


def quick(cases: Mapping[str, object], *names: str) -> Sequence[Any]:
    """Return cases, of which the plain run has the named ones only."""
    return [
        pytest.param(case, id=name, marks=() if name in names else pytest.mark.corpus)
        for name, case in cases.items()
    ]


@pytest.mark.parametrize("text", quick({**STORED, **REFUSED}, "no UTF-8"))
def test_a_text_does_no_harm_wherever_it_stands(bench: Bench, text: str | bytes) -> None:
    for place, command in PLACES.items():
        bench.run(command, text, "--output", "table").check(place)
        machine = bench.run(command, text, "--json")
        machine.check(place, human=False)
        ends_options = "--" in [word.replace("{}", str(text)) for word in command.split(" ")]
        if machine.code not in (0, 8) and not ends_options:
            (line,) = machine.err.splitlines()
            assert line.isascii(), place
            assert json.loads(line)["error"]["exit_code"] == machine.code, place
    assert set(bench.rows("SELECT name FROM setting")) == {("sku_rule",)}
    assert {"A-1", "B-1"} & {sku for (sku,) in bench.rows("SELECT sku FROM product")}


@pytest.mark.parametrize("text", quick(STORED, "markup", "colour"))
def test_a_stored_text_is_found_and_shown_and_acts_nowhere(bench: Bench, text: str) -> None:
    made = bench.run("product create {} --name x --quantity 3", text, "--description", text)
    made.check()
    if made.code:  # some may be a name and no SKU
        assert bench.run("product create N-1 --quantity 3", "", "--name", text).code == 0
    for form in FORMATS:
        for command in ("product list", "stock log", "product list --search {}"):
            shown = bench.run(command, text, "--output", form)
            assert shown.code == 0
            shown.check(command, human=form == "table")
    listed = json.loads(bench.run("product list --search {} --json", text).out)
    stored = normalize("NFC", text)
    assert [row for row in listed if stored in (row["name"], row["description"])]
    assert "A-1" not in {row["sku"] for row in listed}


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_a_search_is_literal(bench: Bench, text: str) -> None:
    names = [text, text.upper(), *STORED.values(), "xxxxx", "100x_x", "a_b"]
    rows = "".join(f'{{"sku": "S-{n}", "name": {json.dumps(t)}}}\n' for n, t in enumerate(names))
    (bench.runner.folder / "names.jsonl").write_text(rows)
    assert bench.run("product import names.jsonl").code == 0
    found = json.loads(bench.run("product list --search {} --json", text).out)
    stored = bench.rows("SELECT sku, name FROM product")
    expected = {
        sku
        for sku, name in stored
        if all(word in bare(f"{sku}\n{name}") for word in bare(text).split())
    }
    assert {row["sku"] for row in found} == expected


def bare(text: str) -> str:
    """Return a text without its case and its marks."""
    apart = normalize("NFKD", text.casefold())
    return normalize("NFKC", "".join(char for char in apart if category(char) != "Mn"))


WORDS = st.one_of(
    st.sampled_from(
        sorted({word for place in PLACES.values() for word in place.split(" ") if word != "{}"})
    ),
    st.sampled_from(["A-1", "B-1", "1", "0", "-1", "--", "-", "-o", "--json", "-q", "-V", "-h"]),
    st.sampled_from(["--yes", "--low", "--reverse", "--chart", "--each", "--dry-run", "--up-to"]),
    st.sampled_from(list(STORED.values())),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    st.binary(max_size=4).map(lambda raw: os.fsdecode(raw.replace(b"\0", b""))),
)


@pytest.mark.sweep
@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words=st.lists(WORDS, max_size=9))
def test_no_list_of_words_makes_a_bug_report(bench: Bench, words: list[str]) -> None:
    harmless(bench, words)


@pytest.mark.corpus
@pytest.mark.parametrize("seed", range(4))
def test_no_nearly_right_command_line_makes_a_bug_report(bench: Bench, seed: int) -> None:
    random = Random(seed)
    texts = [*STORED.values(), *(text for text in REFUSED.values() if isinstance(text, str))]
    short = [text for text in texts if len(text) < 100] + ["A-1", "B-1", "1", "2", "goods.csv"]
    for _ in range(250):
        words = random.choice(list(PLACES.values())).split(" ")
        for extra in random.choices(list(PLACES.values()), k=random.randrange(3)):
            words += extra.split(" ")[2:]
        harmless(bench, [word.replace("{}", random.choice(short)) for word in words])


def harmless(bench: Bench, words: Sequence[str]) -> None:
    """Run a command line that may be anything, and check what holds of every one."""
    if "--follow" in words or any(word.startswith("--fol") for word in words):
        return
    run = bench.runner.run(*words, env={"INVCTL_DB": str(bench.db), "COLUMNS": "80"})
    run.check(repr(words), human=False)
