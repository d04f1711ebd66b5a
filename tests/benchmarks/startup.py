"""What one command costs, the whole process: beside sqlite-utils, and another invctl."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from measure import INVCTL, SQLITE_UTILS, Bench, Figure, Run, in_turn, peer, ratio, run
from servers import started

Program = Callable[[], Run]
TIMES = 25
REMOVE = ("stock", "remove", "A-1", "1")
SHOW = ("product", "show", "A-1")
LIST = ("product", "list")
UPDATE = "UPDATE product SET quantity = quantity - 1 WHERE sku = 'A-1' AND quantity >= 1"
SELECT = "SELECT * FROM product WHERE sku = 'A-1'"
SELECT_ALL = "SELECT * FROM product ORDER BY sku"


def figures(bench: Bench) -> Iterator[Figure]:
    """Measure commands of every day and a usage error; with another invctl on a server, too."""
    yield from _on_a_file(bench)
    yield _usage()
    if bench.beside:
        yield from _on_a_server(bench)


def _on_a_file(bench: Bench) -> Iterator[Figure]:
    # Each its own: the schema of one invctl may be too new for the other.
    databases = {name: str(bench.folder / f"{name}.db") for name in ("beside", "ours", "peer")}
    for name, invctl in {"peer": INVCTL, **bench.invctls()}.items():
        _create(invctl, databases[name])
    for command, statement in ((REMOVE, UPDATE), (SHOW, SELECT), (LIST, SELECT_ALL)):
        ours = _program(INVCTL, databases["ours"], command)
        query: Program = partial(run, [SQLITE_UTILS, "query", databases["peer"], statement])
        others = [("sqlite-utils query", query, "<= 0.65")]
        if bench.beside:
            other = _program(bench.beside, databases["beside"], command)
            others.append(("the other invctl", other, "<= 0.40"))
        yield from _beside(" ".join(command[:2]), ours, others)


def _on_a_server(bench: Bench) -> Iterator[Figure]:
    assert bench.beside
    with started(bench.folder) as server:
        programs = []
        for name, invctl in bench.invctls().items():
            _create(invctl, server.url(schema=name))
            programs.append(_program(invctl, server.url(schema=name), REMOVE))
        ours, other = programs
        yield from _beside("stock remove on a server", ours, [("the other", other, "<= 0.65")])


def _usage() -> Figure:
    usage = partial(run, [INVCTL, "stock", "remove", "A-1", "--quiet"], ends=2)
    bare = partial(run, peer("usage", "A-1"), ends=2)
    (figure,) = _beside("a usage error", usage, [("a bare Typer program's", bare, "<= 1.10")])
    return figure


def _create(invctl: str, db: str) -> None:
    product = ("A-1", "--name", "A", "--quantity", "100000")
    run([invctl, "product", "create", *product, "-q"], INVCTL_DB=db)


def _program(invctl: str, db: str, command: tuple[str, ...]) -> Program:
    return partial(run, [invctl, *command], INVCTL_DB=db)


def _beside(
    name: str, ours: Program, others: Sequence[tuple[str, Program, str]]
) -> Iterator[Figure]:
    """Measure a command and its peers in turn; yield a figure for each peer."""
    mine, *theirs = in_turn(ours, *(program for _, program, _ in others), times=TIMES)
    for (other, _, goal), measured in zip(others, theirs, strict=True):
        yield ratio(f"{name} / {other}", mine, measured, goal)
