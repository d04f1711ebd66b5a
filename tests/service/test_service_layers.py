"""Imports only go down, and what needs no database or table loads neither."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import pytest

import invctl

ROOT = Path(invctl.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py"))

# For each room, the rooms and packages beside the standard library that it may import.
ALLOWED = {
    "__init__": set(),
    "errors": {"text"},
    "passwords": set(),
    "text": set(),
    "times": {"durations", "errors", "text"},
    "durations": set(),
    "values": {"errors", "text"},
    "codes": {"errors", "spreadsheets", "text", "values"},
    "spreadsheets": {"errors", "text", "values"},
    "models": {"errors", "models"},
    "oserrors": {"errors"},
    "stopping": set(),
    "appearing": {"errors", "oserrors", "stopping"},
    "scratch": {"oserrors"},
    "settings": {"errors", "passwords", "text", "values", "platformdirs"},
    "db": {
        "db", "appearing", "scratch", "settings", "models", "values", "times", "text",
        "oserrors", "errors", "sqlalchemy", "psycopg",
    },
    "repository": {"repository", "db", "models", "values", "times", "errors", "sqlalchemy"},
    "core": {
        "core", "repository", "db", "models", "codes", "spreadsheets", "values", "times", "text",
        "errors",
    },
    "files": {"files", "models", "codes", "values", "times", "text", "oserrors", "errors"},
    "http": {
        "__init__", "http", "core", "db", "files", "scratch", "settings", "models", "passwords",
        "codes", "values", "times", "oserrors", "errors", "fastapi", "starlette", "pydantic",
        "uvicorn", "httptools",
    },
    "cli": {
        "__init__", "cli", "http", "core", "db", "files", "appearing", "scratch", "settings",
        "stopping", "models", "passwords", "codes", "values", "times", "text", "oserrors",
        "errors", "typer", "rich", "plotext", "barcode",
    },
    "__main__": {"__init__", "cli", "settings", "models", "values", "text", "errors", "typer"},
}  # fmt: skip


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def nodes(path: Path) -> Iterator[ast.AST]:
    """Return all nodes of a module's tree."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@cache
def statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """Return what a module imports anywhere in it; whole trees would be too much to keep."""
    return [one for one in nodes(path) if isinstance(one, ast.Import | ast.ImportFrom)]


def imports_of(path: Path) -> set[str]:
    """Return the rooms and packages that a module imports anywhere in it."""
    found = set()
    for node in statements(path):
        if isinstance(node, ast.Import):
            found |= {room for alias in node.names for room in named(alias.name)}
        else:
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            for alias in node.names:
                found |= named(f"{node.module}.{alias.name}")
    return found - set(sys.stdlib_module_names)


def named(module: str) -> set[str]:
    """Return the room of this project, or the package, that a dotted name begins with."""
    first, *rest = module.split(".")
    if first != "invctl":
        return {first}
    is_room = bool(rest) and any((ROOT / name).exists() for name in (rest[0], f"{rest[0]}.py"))
    return {rest[0] if is_room else "__init__"}


def test_a_module_imports_only_what_is_below_it() -> None:
    beyond = {
        str(path.relative_to(ROOT)): imports_of(path) - ALLOWED[room_of(path)] for path in MODULES
    }
    assert {path: rooms for path, rooms in beyond.items() if rooms} == {}


def test_every_room_is_known() -> None:
    rooms = {room_of(path) for path in MODULES}
    assert rooms == set(ALLOWED)


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "invctl", *arguments],
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "PYTHONPATH": str(ROOT.parent),
            **environ,
        },
        timeout=60,
        check=False,
    )


def loaded(stderr: str) -> set[str]:
    """Return the modules that a run loaded, by what `-X importtime` says, with their packages."""
    names = re.findall(r"^import time:.*\| +(\S+)$", stderr, flags=re.MULTILINE)
    return {".".join(name.split(".")[:count]) for name in names for count in (1, 2, 3, 4)}


LIGHT = {
    "version": (["--version"], 0),
    "help": (["--help"], 0),
    "group help": (["product", "--help"], 0),
    "command help": (["stock", "remove", "--help"], 0),
    "no command": ([], 2),
    "unknown command": (["stok"], 2),
    "unknown option": (["stock", "remove", "A-1", "1", "--nope"], 2),
    "missing argument": (["stock", "remove", "A-1"], 2),
    "bad amount": (["stock", "remove", "A-1", "3.0"], 2),
    "negative amount": (["stock", "remove", "A-1", "-3"], 2),
    "json usage error": (["--json", "stock", "remove", "A-1", "x"], 2),
    "db path": (["db", "path"], 0),
}


@pytest.mark.parametrize(("arguments", "code"), LIGHT.values(), ids=LIGHT)
def test_what_needs_neither_database_nor_table_loads_neither(
    arguments: list[str], code: int
) -> None:
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    packages = loaded(done.stderr)
    assert "invctl" in packages
    assert packages & {"sqlalchemy", "rich", "sqlite3", "pydantic"} == set()


def test_a_machine_format_loads_no_rich() -> None:
    done = run("--db", "/nonexistent/shop.db", "-o", "json", "product", "show", "A")
    assert done.returncode == 10, done.stderr
    assert "rich" not in loaded(done.stderr)


# What the commands of every day may load that is neither ours nor Python's, and what of ours and of
# Python's would make them slow.
NEEDED = {"typer", "shellingham", "annotated_doc", "platformdirs"}
SLOW = {
    "asyncio", "concurrent", "email", "http", "logging", "multiprocessing", "socket", "ssl",
    "tempfile", "invctl.cli.help", "invctl.cli.printing.tables", "invctl.db.postgresql",
    "invctl.db.schema", "invctl.http", "invctl.repository.declared",
}  # fmt: skip


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what leads to an inventory with a product in a place."""
    environ = {"INVCTL_DB": str(tmp_path_factory.mktemp("shop") / "a.db"), "INVCTL_ACTOR": "me"}
    for words in ("product create A-1 --name Mug --quantity 9", "stock add A-1 9 --to SHOP"):
        assert run(*words.split(), **environ).returncode == 0
    return environ


@pytest.mark.parametrize(
    "words",
    [
        "stock remove A-1 1",
        "stock remove A-1 1 --from SHOP",
        "stock where A-1",
        "stock where --expiring 30d",
        "product show A-1",
        "place list",
        "hold create A-1 1 --ref R",
        "hold list",
        "product list",
        "product list --sort quantity --reverse",
        "product list --search mug",
        "product export -o csv",
        "stock low",
        "stock usage",
        "stock sheet -o csv",
        "stock history A-1",
        "stock log --since 7d",
        "stock log --by sku",
        "log",
        "log 1",
    ],
)
def test_what_is_typed_every_day_loads_next_to_nothing(words: str, environ: dict[str, str]) -> None:
    done = run("-o", "json", *words.split(), **environ)
    assert done.returncode == 0, done.stderr
    modules = loaded(done.stderr)
    # What was looked for and is not there was tried, too: other systems have it.
    others = {name for name in modules if "." not in name and find_spec(name)}
    others -= {*loaded_by_python(), *sys.stdlib_module_names, "invctl"}
    assert others <= NEEDED
    assert modules & SLOW == set()


@cache
def loaded_by_python() -> set[str]:
    """Return what Python loads for nothing."""
    command = [sys.executable, "-X", "importtime", "-c", ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return loaded(done.stderr)


@pytest.mark.parametrize("room", ["errors", "values", "models", "settings", "files.reading"])
def test_the_rooms_under_the_command_load_no_database(room: str) -> None:
    script = f"import sys, invctl.{room}; print({{'sqlalchemy', 'typer'}} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "set()\n"


def test_services_load_no_command_line() -> None:
    names = sorted(module_name(path) for path in MODULES if room_of(path) == "core")
    script = f"import sys, {', '.join(names)}\n"
    script += "print({'typer', 'rich', 'click', 'invctl.cli', 'invctl.files'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "set()\n"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_imported(path: Path, known: set[str]) -> set[str]:
    """Return the modules of this project that one imports, wherever in it the statement stands.

    Imports for the type checker alone count too: what is read together should not be a knot.
    """
    found = set()
    for node in statements(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known else str(node.module))
    return found & known


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        fresh = graph[ahead.pop()] - seen
        seen |= fresh
        ahead.extend(fresh)
    return seen


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Return what can be reached from itself, with what lies on the way."""
    below = {name: reachable(graph, name) for name in graph}
    return {
        frozenset(other for other in below[name] if name in below[other])
        for name in graph
        if name in below[name]
    }


def imported() -> dict[str, set[str]]:
    names = {module_name(path): path for path in MODULES}
    return {name: modules_imported(path, set(names)) for name, path in names.items()}


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(imported()) == set()


# Asks the whole command line what there is, and nothing asks it.
GENERATOR = "invctl.cli.completion.generate"


@pytest.mark.parametrize("room", ["invctl.core.", "invctl.cli."])
def test_no_folders_of_a_room_do(room: str) -> None:
    def place(name: str) -> str:
        return ".".join(name.split(".")[:3])

    graph: dict[str, set[str]] = {}
    for name, known in imported().items():
        assert GENERATOR not in known
        if name.startswith(room) and name != GENERATOR:
            inside = {place(one) for one in known if one.startswith(room)}
            graph.setdefault(place(name), set()).update(inside - {place(name)})
    assert circles(graph) == set()


def test_functions_are_short() -> None:
    lines = {
        f"{path.relative_to(ROOT)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: length for name, length in lines.items() if length > 45} == {}
    assert median(lines.values()) <= 7
