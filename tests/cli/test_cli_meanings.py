"""Words that are no command, options that a command lacks, and arguments that are too many."""

import pytest
from shop import Shop
from typer.core import TyperArgument

from invctl.cli import meanings
from invctl.cli.app import build_app
from invctl.cli.completion.generate import walk
from invctl.cli.completion.tree import COMMANDS, GLOBAL, GROUPS

pytestmark = pytest.mark.sqlite("it opens none")

MEANT = {
    "list": "product list",
    "ls": "product list",
    "Product": "product",
    "add": "stock add | product create",
    "new": "product create",
    "rm": "product delete | product archive",
    "delete": "product delete | product archive",
    "product restore": "product unarchive | db restore",
    "restore": "db restore | product unarchive",
    "product recover": "product unarchive",
    "receive": "delivery receive | stock add",
    "recieve": "delivery receive | stock add",
    "sell": "stock remove",
    "remove": "stock remove | product delete | product archive",
    "adjust": "stock set",
    "get": "product show | db info",
    "info": "db info | product show",
    "show": "product show | db info",
    "find": "product list --search TEXT",
    "search": "product list --search TEXT",
    "status": "stock low | db info",
    "movements": "stock log",
    "revert": "undo",
    "product undo": "undo",
    "product help": "help product",
    "products": "product list",
    "history": "stock history | log",
    "backup": "db backup",
    "version": "--version",
    "product-list": "product list",
    "stokc": "stock",
    "product get": "product show",
    "product add": "product create | stock add",
    "product new": "product create",
    "product rm": "product delete | product archive",
    "product remove": "product delete | product archive | stock remove",
    "product search": "product list --search TEXT",
    "product lst": "product list",
    "product mv": "product rename",
    "product copy": "product create | db copy",
    "place add": "stock add --to PLACE",
    "stock show": "product show",
    "stock sell": "stock remove",
    "count": "stock count | stock set",
    "code rm": "code remove",
    "barcode": "code add",
    "till": "stock scan",
    "stock receive": "stock add",
    "stock adjust": "stock set",
    "stock list": "product list",
    "stock histroy": "stock history",
    "stock hist": "stock history",
    "stock rm": "stock remove",
    "stock take": "stock count | stock remove",
    "stock check": "product show | db check",
    "stock level": "product show",
    "stock print": "stock sheet",
    "location": "place list | db path",
    "bestsellers": "stock usage",
    "po": "delivery expect",
    "man": "help",
    "exit": "help",
    "db size": "db info",
    "stock delete": "stock remove | product delete",
    "stock new": "product create",
    "stock info": "product show",
    "product receive": "delivery receive | stock add",
    "product count": "stock count | stock set",
    "code find": "code list",
    "db create": "init | product create | hold create",
    "config": "db info",
    "db list": "db info | product list | hold list",
    "reserve": "hold create",
    "stock cancel": "delivery cancel | undo",
    "hold add": "hold create | stock add",
    "hold remove": "hold release | stock remove",
    "hold ls": "hold list",
    "delivery order": "delivery expect",
    "delivery arrived": "delivery receive",
    "order": "delivery expect",
    "db save": "db backup",
    "stock ad": "stock add",
    "stock rem": "stock remove",
    "st": "stock",
    "stock mv": "stock move",
    "stock sold": "stock usage",
    "lend": "stock move",
    "product set": "product update | stock set",
    "put": "stock add",
    "stock intake": "stock add",
    "refund": "stock add",
    "stock loss": "stock remove",
    "write-off": "stock remove",
    "stock expired": "stock where --expiring DURATION",
    "stock reserved": "hold list",
    "idle": "stock usage --idle DURATION",
    "labels": "stock scan --codes FILE",
    "delivery close": "delivery receive | delivery cancel",
    "place show": "stock where --place PLACE | place list",
    "place tree": "place list",
}


@pytest.mark.parametrize("line", MEANT)
def test_a_word_that_is_no_command_is_answered_by_what_it_means(line: str) -> None:
    group, _, word = line.rpartition(" ")
    expected = MEANT[line].split(" | ")
    assert list(meanings.commands_for(word, group))[: len(expected)] == expected


def test_the_answer_is_one_sentence_and_a_question(shop: Shop) -> None:
    done = shop.run("product", "rm", "A-1")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        "invctl: error: there is no command 'product rm'; "
        "did you mean `invctl product delete` or `invctl product archive`?\n"
    )
    three = "`invctl product delete`, `invctl product archive` or `invctl stock remove`"
    assert shop.run("product", "remove", "A-1").stderr.endswith(f"did you mean {three}?\n")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("list holds", "hold list"),
        ("show deliveries", "delivery list"),
        ("add code MUG 123", "code add"),
        ("remove place SHOP", "place remove"),
        ("cancel hold 3", "hold release"),
        ("delete products A-1", "product delete"),
        ("stock A-1 add 3", "stock add A-1 3"),
        ("A-1 remove 'x y'", "stock remove A-1 'x y'"),
        ("hold A-1 create 2", "hold create A-1 2"),
        ("product A-1", "product show A-1"),
    ],
)
def test_words_in_another_order_are_answered_by_the_right_one(
    shop: Shop, line: str, meant: str
) -> None:
    done = shop.bash(f"invctl {line}")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; did you mean `invctl {meant}`?\n")


@pytest.mark.parametrize("line", ["frobnicate", "product frobnicate", "stock -", "--", "db ''"])
def test_a_word_that_means_nothing_is_told_where_there_are_more(shop: Shop, line: str) -> None:
    done = shop.bash(f"invctl {line}")
    assert (done.code, done.stdout) == (2, "")
    assert "did you mean" not in done.stderr


def test_every_command_of_the_table_is_one() -> None:
    within = (command for table in meanings._WITHIN.values() for command in table)
    for command in (*meanings._COMMANDS, *within):
        path = command.partition(" -")[0]
        assert path in COMMANDS or command == "--version", command


def test_no_word_of_the_table_is_a_command_of_its_own_group() -> None:
    tables = {"": meanings._COMMANDS, **meanings._WITHIN}
    for within, command, words in (
        (within, *line) for within, table in tables.items() for line in table.items()
    ):
        group = within or command.rpartition(" ")[0]
        # What is counted is a file, or one product; of one with a history none is deleted.
        own = set(GROUPS.get(group, ())) - {"count", "delete"}
        assert not set(words.split()) & own, command


def test_every_option_of_the_table_is_one() -> None:
    known = {
        name for _, _, options, *_ in COMMANDS.values() for names, *_ in options for name in names
    }
    known |= {name for names, *_ in GLOBAL for name in names}
    for _, command in walk("", build_app()):
        known |= {str(p.metavar) for p in command.params if isinstance(p, TyperArgument)}
    assert {option.partition(" ")[0] for option in meanings._OPTIONS} <= known


def misspelled(word: str) -> set[str]:
    """Return a word with a letter left out, doubled, or two of them the wrong way round."""
    places = range(len(word))
    return (
        {word[:i] + word[i + 1 :] for i in places}
        | {word[:i] + word[i] + word[i:] for i in places}
        | {word[:i] + word[i : i + 2][::-1] + word[i + 2 :] for i in places}
    )


@pytest.mark.sweep
@pytest.mark.parametrize("pair", meanings._OPPOSITES[:-1], ids=" and ".join)
def test_no_misspelled_word_is_taken_for_the_opposite(pair: tuple[str, str]) -> None:
    for command, other in (pair, pair[::-1]):
        words = [command.rpartition(" ")[2], *meanings._COMMANDS.get(command, "").split()]
        for word in words:
            if other in meanings.commands_for(word, ""):
                continue
            for typo in misspelled(word):
                assert other not in meanings.commands_for(typo, ""), (word, typo)


@pytest.mark.parametrize("word", ["switch", "tree", "uptake", "resell", "buffer", "stock upsert"])
def test_another_word_that_only_looks_like_one_is_not_taken_for_it(word: str) -> None:
    group, _, word = word.rpartition(" ")
    assert meanings.commands_for(word, group) == ()


@pytest.mark.parametrize("word", ["unadd", "unremove", "deremove", "unlist", "unset", "disremove"])
def test_a_word_that_takes_another_back_is_not_taken_for_it(word: str) -> None:
    for group in GROUPS:
        found = meanings.commands_for(word, group)
        assert not any(one.endswith(word[-4:]) for one in found), found


BEHIND = "it stands behind a command that has it"
OPTIONS = {
    "-v": "did you mean `-V`?",
    "product list -v": "did you mean `-V`?",
    "stock low --limit 3": "`invctl stock low --help` lists them",
    "product list --format json": "did you mean `--output`?",
    "product list --csv": "did you mean `-o csv`?",
    "product list --desc": "did you mean `--reverse`?",
    "product list --top 3": "did you mean `--limit`?",
    "product list --serach x": "did you mean `--search`?",
    "product create A-1 --title x": "did you mean `--name`?",
    "stock remove A-1 1 --dry": "did you mean `--dry-run`?",
    "stock remove A-1 1 --to VAN": "`invctl stock move A-1 1 --from PLACE --to VAN` does that",
    "stock add A-1 1 --from=VAN": "`invctl stock move A-1 1 --from VAN --to PLACE` does that",
    "stock remove A-1 1 --from X;Y --to VAN": "`invctl stock move A-1 1 --from 'X;Y' --to VAN` "
    "does that",
    "stock remove A-1 1 --place VAN": "did you mean `--from`?",
    "product delete A-1 -f": "did you mean `--yes`?",
    "stock log -f": "did you mean `--follow`?",
    "stock log --from 24h": "did you mean `--since`?",
    "stock log --to 24h": "did you mean `--until`?",
    "stock add A-1 1 --user ann": "did you mean `--actor`?",
    "stock add A-1 1 --idempotency k": "did you mean `--idempotency-key`?",
    "stock add --sku A-1 1": "SKU is given without an option: `invctl stock add A-1 1`",
    "stock add --qty 1 A-1": "AMOUNT is given without an option: `invctl stock add A-1 1`",
    "stock add -qojson A-1 -o table --qty 1": "AMOUNT is given without an option: "
    "`invctl stock add A-1 1`",
    "stock add -qo table --json -o table --qty 1": "AMOUNT is given without an option: "
    "`invctl stock add SKU 1`",
    "product create --sku A-1 --name O'Hara --quantity=3 --dry-run": "SKU is given without an "
    """option: `invctl product create A-1 --name 'O'"'"'Hara' --quantity 3 --dry-run`""",
    "stock remove --sku A-1 --qty 3 --reason sale": "SKU is given without an option: "
    "`invctl stock remove A-1 3 --reason sale`",
    "db copy --to x.db": "TARGET is given without an option: `invctl db copy x.db`",
    "log --last 5": "did you mean `--limit`?",
    "stock log --today": "did you mean `--since`?",
    "product list --all": "`--archived` lists archived ones, `invctl product export` writes all",
    "hold list --all": "did you mean `--state all`?",
    "stock remove A-1 5 --form SHOP": "did you mean `--from`?",
    "product list --form json": "did you mean `--output`?",
    "product update A-1 --nmae x": "did you mean `--name`?",
    "stock low -n 5": "`invctl stock low --help` lists them",
    "product update A-1 --qty 3": "`invctl stock set A-1 3` does that",
    "product update A-1 --sku B-1": "`invctl product rename A-1 B-1` does that",
    "product update --archived A-1": "`invctl product archive A-1` does that",
    "stock add A-1 1 -r sale": "did you mean `--reason` or `--ref`?",
    "stock add A-1 1 -x": "`invctl stock add --help` lists them",
    "-n 1 product list": f"{BEHIND}: `invctl product list -n`",
    "stock --exit-code low": f"{BEHIND}: `invctl stock low --exit-code`",
    "--reasons sale stock add A-1 1": "`invctl --help` lists them",
    "product create A-1 --place VAN": "`invctl stock add SKU N --to PLACE` puts them there "
    "once it is made",
    "product list --place VAN": "`invctl stock where --place VAN` does that",
    "stock history A-1 --lot A12": "`invctl stock log --sku A-1 --lot A12` does that",
    "stock history A-1 --place VAN": "`invctl stock log --sku A-1 --place VAN` does that",
    "stock where --lot A12": "`invctl stock where -o tsv | grep A12` does that",
    "stock remove A-1 5 --from VAN --expires 2027-01-31": "did you mean `--lot`?",
    "product rename A-1 --name Widget": "`invctl product update A-1 --name Widget` does that",
    "product list --sku A-1": "`invctl product show A-1` does that",
    "stock add A-1 1 --in VAN": "did you mean `--to`?",
    "hold create A-1 1 --customer Ann": "did you mean `--ref`?",
    "stock add A-1 1 --frobnicate": "`invctl stock add --help` lists them",
}


@pytest.mark.parametrize("line", OPTIONS)
def test_an_unknown_option_is_answered_by_one_that_the_command_has(shop: Shop, line: str) -> None:
    done = shop.run(*line.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; {OPTIONS[line]}\n")
    assert done.stderr.startswith("invctl: error: `invctl")


SURPLUS = {
    "stock log A-1": "`invctl stock history A-1` shows those of one product, "
    "`--sku A-1` among others",
    "product list shirt": "`invctl product list --search shirt` looks for it",
    "stock low A-1": "`invctl product show A-1` says whether it is low",
    "product rename A-1 B-1 2": "`invctl product rename --help` shows how it is used",
    "stock count A-1 5": "`invctl stock set A-1 5` counts one product",
    "stock add A-1 5 SHOP": "`invctl stock add A-1 5 --to SHOP` puts them there",
    "stock remove A-1 5 SHOP": "`invctl stock remove A-1 5 --from SHOP` takes them from there",
    "stock move A-1 2 SHOP VAN": "`invctl stock move A-1 2 --from SHOP --to VAN` says which way",
    "stock move -otable A-1 2 -qo table VAN": "`invctl stock move A-1 2 --from VAN --to PLACE` "
    "says which way",
    "stock where A-1 SHOP": "`invctl stock where A-1 --place SHOP` shows what of it lies there",
    "stock scan remove": "codes are scanned, or typed, once it runs; `--mode remove` says what for",
    "code add A-1 400638 6": "`invctl code add A-1 400638 --units 6` says of how many units it is",
    "product update A-1 Widget": "`invctl product update A-1 --name Widget` names it so",
    "hold create A-1 5 ANN": "`invctl hold create A-1 5 --ref ANN` says for whom",
    # What a shell has parted was one value, or one of several.
    "product create A-1 --name Tube 28 inch": "did you mean `--name 'Tube 28 inch'`?",
    "stock add A-1 5 --to SHELF 2 --lot X": "did you mean `--to 'SHELF 2'`?",
    "stock remove A-1 5 --note=for Bob": "did you mean `--note 'for Bob'`?",
    "stock log --since 2026-01-31 14:17": "did you mean `--since '2026-01-31 14:17'`?",
    "product list --columns sku name": "did you mean `--columns sku,name`?",
    "product import x.csv --map sku=A name=B": "did you mean `--map sku=A,name=B`?",
    "stock log --sku A-1 B-1": "did you mean `--sku A-1 --sku B-1`?",
    "stock log --limit 3 A-1": "`invctl stock history A-1` shows those of one product, "
    "`--sku A-1` among others",
    # An option's name without its hyphens, a word before a place.
    "hold create A-1 5 for 3d": "did you mean `--for 3d`?",
    "stock remove A-1 5 REASON sale": "did you mean `--reason sale`?",
    "stock move A-1 5 to SHOP": "did you mean `--to SHOP`?",
    "stock add A-1 5 in SHOP": "`invctl stock add A-1 5 --to SHOP` puts them there",
    "stock add A-1 5 from SHOP": "`invctl stock move A-1 5 --from PLACE --to PLACE` does that",
    "stock move A-1 5 SHOP to VAN": "`invctl stock move A-1 5 --from SHOP --to VAN` says which way",
    # Another one of the same.
    "stock remove A-1 5 B-1 2": "`invctl stock remove B-1 2` is a command of its own",
    "undo 2 3": "`invctl undo 3` is a command of its own",
}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("find shirt", "product list --search shirt"),
        ("place add TOP\\1", r"stock add --to 'TOP\1'"),
        ("place add", "stock add --to PLACE"),
        ("expire MUG", "stock where --expiring DURATION"),
        ("expiring 30d", "stock where --expiring 30d"),
        ("total MUG", "stock log --by FIELD"),
        ("total month", "stock log --by month"),
        ("hold A-1 2 --for 3d", "hold create A-1 2 --for 3d"),
        ("place SHOP", "stock where --place SHOP"),
        ("place create SHOP", "stock add --to SHOP"),
        ("code create MILK", "code add"),
        ("4006381333931", "product show 4006381333931"),
    ],
)
def test_what_a_word_was_said_of_stands_in_what_is_meant(shop: Shop, line: str, meant: str) -> None:
    done = shop.run(*line.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; did you mean `invctl {meant}`?\n")


@pytest.mark.parametrize("line", SURPLUS)
def test_an_argument_too_many_is_told_where_it_belongs(shop: Shop, line: str) -> None:
    done = shop.run(*line.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f" takes; {SURPLUS[line]}\n")


@pytest.mark.parametrize("line", ["stock add A-1 1 --reason", "stock add", "product create A-1"])
def test_what_is_missing_is_explained_by_the_page_of_its_command(shop: Shop, line: str) -> None:
    done = shop.run(*line.split())
    assert (done.code, done.stdout) == (2, "")
    command = " ".join(line.split()[:2])
    assert done.stderr.endswith(f"; `invctl {command} --help` shows how it is used\n")


@pytest.mark.parametrize(
    ("line", "lacks"),
    [
        ("stock add A-1", "argument 'AMOUNT' of `invctl stock add SKU AMOUNT`"),
        ("product create A-1", "option '--name' of `invctl product create SKU --name NAME`"),
    ],
)
def test_what_is_missing_is_shown_in_its_line(shop: Shop, line: str, lacks: str) -> None:
    assert shop.fails(2, *line.split())["message"] == f"missing {lacks}"


def test_who_counts_a_product_as_if_it_were_a_file_is_told_how(shop: Shop) -> None:
    error = shop.fails(2, "stock", "count", "A-1")
    assert error["message"] == "cannot read A-1: no such file or directory"
    assert error["hint"].endswith("; `invctl stock set A-1 QUANTITY` counts one product")
    assert "set" not in shop.fails(2, "stock", "apply", "A-1")["hint"]


@pytest.mark.parametrize(
    "line",
    [
        "product create -ABC --name x",
        "product create -12 --name x",
        "stock add -ABC 3",
        "product rename A-1 -B-2",
        "product show A-1 -AB",
    ],
)
def test_a_sku_that_looks_like_options_is_told_why_it_is_none(shop: Shop, line: str) -> None:
    sku = next(one for one in line.split() if one.startswith("-"))
    error = shop.fails(2, *line.split())
    assert (error["message"], error["details"]["value"]) == (f"sku: '{sku}' starts with '-'", sku)


HINTS = {
    "stock set A-1 +5": "`invctl stock add` is the verb that adds",
    "stock set A-1 -5": "a count is 0 or more; `invctl stock remove` is the verb that takes away",
    "stock remove 3 A-1": "the SKU comes first, then the amount",
    "stock add A-1 +5": "(5 would do)",
    "hold commit cart-1": "`invctl hold list` shows the numbers, "
    "`invctl hold list --sku cart-1` those of a product; "
    "`invctl hold commit --ref cart-1` is for all with that ref",
    "hold release cart-1": "`invctl hold release --ref cart-1` is for all with that ref",
    "hold extend cart-1 --for 1h": "`invctl hold list --ref cart-1` shows the numbers of that ref",
    "delivery receive PO-1 5": "`invctl delivery receive --ref PO-1` is for all with that ref",
    "delivery receive A-1 5 --ref PO-1": "`invctl delivery list --ref PO-1` shows the numbers",
    "delivery cancel PO-1": "`invctl delivery list --ref PO-1` shows the numbers of that ref",
    "undo last": "`invctl undo --last` takes back your newest one",
    "stock undo PO-1": "`invctl undo --last` takes back your newest one, "
    "`invctl log --ref PO-1` shows those with a ref, "
    "`invctl log --sku PO-1` those of a product",
    "undo #2": "`invctl undo 2` is how it is typed",
    "log X;Y": "`invctl log --sku 'X;Y'` shows what was done to a product",
}


@pytest.mark.parametrize("line", HINTS)
def test_a_number_that_means_another_verb_or_place_is_told_which(shop: Shop, line: str) -> None:
    done = shop.run(*line.split())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f" {HINTS[line]}\n")
