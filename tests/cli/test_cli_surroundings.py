"""Who runs it and where: users without a name, no home, a folder that is gone, odd variables."""

import errno
import os
import shlex
import subprocess
import sys

import pytest
from shop import INVCTL, Result, Shop, error_of

from invctl.errors import UsageError
from invctl.oserrors import (
    Explain,
    database_problem,
    input_problem,
    output_problem,
    unforeseen_problem,
)

UNKNOWN = ["unshare", "--user", "--map-user=4242", "--map-group=4242", "--"]
"""Runs a command as a user without an entry among the users, who may read what this one may."""

HERE = ["init", "product create C-1 --name C", "product list", "stock add A-1 1", "db path"]


@pytest.fixture
def unknown() -> str:
    """What a shell puts before a command for the user 4242, of whom the system knows nothing."""
    try:
        probe = subprocess.run([*UNKNOWN, INVCTL, "--version"], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if probe.returncode:
        pytest.skip(f"cannot become another user here: {probe.stderr.decode().strip()}")
    return shlex.join(UNKNOWN)


def actors(shop: Shop) -> list[str]:
    return [movement["actor"] for movement in shop.json("stock", "log")]


def test_a_user_without_a_name_acts_under_a_number(shop: Shop, unknown: str) -> None:
    made = shop.bash(
        f"{unknown} env -u HOME -u USER -u LOGNAME invctl product create A-1 --name x --quantity 1"
    )
    assert (made.code, made.stderr) == (0, f"invctl: created the inventory {shop.db}\n")
    assert actors(shop) == ["uid 4242"]


def test_a_variable_names_who_acts_unless_a_flag_does(stocked: Shop) -> None:
    named = {"INVCTL_ACTOR": "Zoë Žitná"}
    assert stocked.run("stock", "add", "A-1", "1", env=named).code == 0
    assert stocked.run("stock", "add", "A-1", "1", "--actor", "joe", env=named).code == 0
    assert actors(stocked)[1:] == ["Zoë Žitná", "joe"]


@pytest.mark.parametrize("blanks", ["", "  "])
def test_blanks_name_nobody(stocked: Shop, unknown: str, blanks: str) -> None:
    done = stocked.bash(f"{unknown} invctl stock add A-1 1", env={"INVCTL_ACTOR": blanks})
    assert (done.code, actors(stocked)[-1]) == (0, "uid 4242")
    assert "is empty" in stocked.fails(2, "stock", "add", "A-1", "1", "--actor", "  ")["message"]


@pytest.mark.parametrize(
    "name",
    ["a\nb", "x" * 201, b"\xff", "$USER", "`whoami`", '"joe"'],
    ids=["two lines", "long", "bytes", "not replaced", "not run", "in quotes"],
)
def test_a_variable_that_names_nobody_is_told(stocked: Shop, name: str | bytes) -> None:
    env = {"INVCTL_ACTOR": os.fsdecode(name)}
    error = stocked.refuses(14, "stock", "add", "A-1", "1", env=env)
    assert (error["code"], error["details"]["setting"]) == ("config", "INVCTL_ACTOR")
    assert stocked.run("product", "list", env=env).code == 0


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize(("home", "line"), [("HOME=", HERE[0]), *(("", line) for line in HERE)])
def test_without_a_home_it_says_what_to_set(shop: Shop, unknown: str, home: str, line: str) -> None:
    bare = f"{unknown} env -i PATH=$PATH {home} invctl"
    error = error_of(shop.bash(f"{bare} --json {line}"), 14)
    assert (error["code"], error["details"]["setting"]) == ("config", "HOME")
    assert "INVCTL_DB" in error["hint"]
    assert error_of(shop.bash(f"{bare} --json --db '~/i.db' {line}"), 2)["code"] == "usage"
    found = shop.bash(f"{bare} --db {shop.root}/i.db db path")
    assert (found.code, found.stdout) == (0, f"{shop.root}/i.db\n")


BAD = {
    "a line end": "{root}/i.db\r",
    "two lines": "{root}/i.db\n{root}/j.db",
    "an escape": "{root}/\x1b[31mi.db",
    "a URL with a line end": "postgresql://me:s3cret@localhost/shop\r",
    "a URL with a hidden NUL": "sqlite:///{root}/i%00.db",
    "a name in single quotes": "$HOME/i.db",
    "a name in braces": "${{HOME}}/i.db",
    "a name in the middle": "{root}/$SHOP.db",
    "a command": "$(pwd)/i.db",
    "a number": "$1/i.db",
    "a name in a URL": "sqlite:///$HOME/i.db",
    "a command in backquotes": "`pwd`/i.db",
    "quotes": '"{root}/i.db"',
    "single quotes": "'{root}/i.db'",
    "a URL in quotes": '"postgresql://me:s3cret@localhost/shop"',
    "a URL without a password in quotes": '"sqlite:///{root}/i.db"',
    "a blank behind it": "{root}/i.db ",
    "a blank before it": " {root}/i.db",
    "nothing but a blank": " ",
    "a folder that is not there": "{root}/mounted/",
    "the URL of such a folder": "sqlite:///{root}/mounted/",
}


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("line", ["init", "product create A-1 --name x", "db path"])
@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_a_variable_that_nobody_can_have_meant_is_told_and_makes_nothing(
    shop: Shop, value: str, line: str
) -> None:
    error = shop.fails(14, *line.split(), env={"INVCTL_DB": value.format(root=shop.root)})
    assert (error["code"], error["details"]["setting"]) == ("config", "INVCTL_DB")
    assert "s3cret" not in str(error)
    assert list(shop.root.iterdir()) == [shop.root / "home"]


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("value", ["$HOME/data", "{root}/data\r", '"{root}/data"'])
def test_neither_does_the_platforms_variable_make_a_second_home(shop: Shop, value: str) -> None:
    env = {"INVCTL_DB": None, "XDG_DATA_HOME": value.format(root=shop.root)}
    error = shop.fails(14, "init", env=env)
    assert error["details"]["setting"] == "XDG_DATA_HOME"
    assert list(shop.root.iterdir()) == [shop.root / "home"]


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("option", ["--db", "TARGET"])
@pytest.mark.parametrize("name", ["sqlite:///i%00.db", "~nobody_/i", "mounted/"])
def test_a_flag_that_nobody_can_have_meant_is_a_usage_error(
    stocked: Shop, option: str, name: str
) -> None:
    line = ("db", "copy", name) if option == "TARGET" else ("init", "--db", name)
    error = stocked.fails(2, *line)
    assert (error["code"], error["message"].split(":")[0]) == ("usage", option)


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("value", ["bash_source", "complete_bash", "x"])
def test_a_variable_of_the_library_s_completion_answers_for_no_command(
    stocked: Shop, value: str
) -> None:
    env = {"_INVCTL_COMPLETE": value}
    assert stocked.json("stock", "add", "A-1", "1", env=env)["quantity"] == 11


def test_a_dollar_that_a_shell_would_leave_is_a_letter_of_a_name(shop: Shop) -> None:
    for name in ("5$.db", "$.db"):
        path = str(shop.root / name)
        assert shop.run("db", "path", env={"INVCTL_DB": path}).stdout == f"{path}\n"
    assert shop.run("db", "path", "--db", "./$HOME.db").stdout == f"{shop.root}/$HOME.db\n"


def nowhere(shop: Shop, line: str) -> Result:
    """Run `invctl` in a folder that is removed meanwhile."""
    return shop.bash(f"mkdir gone && cd gone && rmdir ../gone && {line}")


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize(
    "line",
    [
        *(f"invctl --db i.db {line}" for line in HERE),
        *(f"INVCTL_DB=i.db invctl {line}" for line in HERE),
        "invctl db backup b.db",
        "invctl db restore b.db --yes",
        "invctl db copy b.db",
        "invctl db copy sqlite:///b.db",
    ],
)
def test_in_a_folder_that_is_gone_a_relative_path_is_told(stocked: Shop, line: str) -> None:
    error = error_of(nowhere(stocked, f"{line} --json"), 14)
    assert (error["code"], error["details"]["setting"]) == ("config", "the working folder")


@pytest.mark.sqlite("it is about files")
def test_in_a_folder_that_is_gone_an_absolute_path_works(stocked: Shop) -> None:
    backup = stocked.root / "b.db"
    for line in ("stock add A-1 1", f"db backup {backup}", f"db restore {backup} --yes"):
        done = nowhere(stocked, f"invctl {line} -q")
        assert (done.code, done.stderr) == (0, "")
    assert stocked.quantity() == 11


CRAMPED = """
mount --bind {root} {root} && mount --rbind /tmp /tmp && mount -o remount,bind,ro /tmp &&
mount -t tmpfs -o ro tmpfs /var/tmp && cd /proc && """
"""Makes a place where no temporary file can be, though one can beside the inventory."""


CRAMPED_TOO = (
    *("product list", "stock log -o json", "product export -", "stock history A-1 --chart"),
    *("stock apply - --each <{root}/lines.csv", "init"),
)


@pytest.fixture
def cramped(stocked: Shop) -> str:
    """What a shell puts before a command to run it there."""
    inner = CRAMPED.format(root=stocked.root) + '"$@"'
    script = f"unshare --mount sh -c {shlex.quote(inner)} -"
    probe = stocked.bash(f"{script} true")
    if probe.code:
        pytest.skip(f"cannot take /tmp away here: {probe.stderr.strip()}")
    return script


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize(
    "line",
    [
        *("product list --sort name -o table", "db check", "stock add A-1 1", "stock undo 1"),
        *("product export {root}/p.csv", "db backup {root}/b.db", "db copy {root}/c.db"),
        *("stock apply {root}/lines.csv", "product import {root}/products.csv"),
        *(pytest.param(line, marks=pytest.mark.sweep) for line in CRAMPED_TOO),
    ],
)
def test_without_a_place_for_temporary_files_all_goes_on_that_needs_none(
    stocked: Shop, cramped: str, line: str
) -> None:
    stocked.file("lines.csv", "sku,delta\nA-1,1\n")
    stocked.file("products.csv", "sku,name\nC-1,C\n")
    done = stocked.bash(f"{cramped} invctl -q {line.format(root=stocked.root)}")
    assert (done.code, done.stderr) == (0, "")


@pytest.mark.sqlite("it is about files")
@pytest.mark.parametrize("line", ["stock apply -", "product import -", "db backup -"])
def test_what_needs_a_temporary_file_names_the_variable_that_says_where(
    stocked: Shop, cramped: str, line: str
) -> None:
    script = f"echo sku,name,delta | {cramped} invctl {line} | cat >/dev/null"
    script += "; exit ${PIPESTATUS[1]}"
    failed = stocked.bash(script)
    assert (failed.code, failed.stdout) == (14, "")
    assert failed.stderr.startswith("invctl: error: TMPDIR: ")
    assert stocked.bash(script, env={"TMPDIR": str(stocked.root)}).code != 14


@pytest.fixture(scope="module")
def latin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody whose terminal knows ISO 8859-1 alone."""
    folder = tmp_path_factory.mktemp("locales")
    command = ["localedef", "-i", "en_US", "-f", "ISO-8859-1", str(folder / "en_US.ISO-8859-1")]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("no such locale can be made here")
    return {"LOCPATH": str(folder), "LC_ALL": "en_US.ISO-8859-1"}


@pytest.fixture(params=["ASCII", "ISO 8859-1"])
def locale(request: pytest.FixtureRequest) -> dict[str, str]:
    """A locale in which arguments would be read as something else than UTF-8."""
    if request.param == "ASCII":
        return {"LC_ALL": "C", "PYTHONUTF8": "0"}
    env: dict[str, str] = request.getfixturevalue("latin")
    return env


@pytest.mark.sqlite("it is about files")
def test_arguments_variables_and_names_of_files_are_utf_8_whatever_the_locale_says(
    shop: Shop, locale: dict[str, str]
) -> None:
    env = {**locale, "INVCTL_ACTOR": "Zoë Žitná", "INVCTL_DB": str(shop.root / "größe.db")}
    made = shop.run("product", "create", "A-1", "--name", "Größe 日本", "--quantity", "1", env=env)
    assert made.code == 0
    file = shop.file("žluť.csv", "sku,delta,note\nA-1,1,žluť\n")
    assert shop.run("stock", "apply", file, env=env).code == 0
    assert shop.json("product", "show", "A-1", env=env)["name"] == "Größe 日本"
    movements = shop.json("stock", "log", env=env)
    assert [movement["actor"] for movement in movements] == ["Zoë Žitná"] * 2
    assert movements[1]["note"] == "žluť"
    assert shop.run("db", "path", env=env).stdout == f"{env['INVCTL_DB']}\n"


def test_what_is_no_utf_8_is_refused_whatever_the_locale_says(
    stocked: Shop, locale: dict[str, str]
) -> None:
    name = "Größe".encode("latin-1")
    error = stocked.refuses(2, "product", "update", "A-1", "--name", name, env=locale)
    assert "not valid UTF-8" in error["message"]


def test_what_people_read_is_in_their_encoding(stocked: Shop, latin: dict[str, str]) -> None:
    stocked.json("product", "update", "A-1", "--name", "Größe")
    shown = stocked.run("product", "show", "A-1", "-o", "table", env=latin)
    assert (shown.code, shown.err) == (0, b"")
    assert "Größe" in shown.out.decode("iso-8859-1")
    added = stocked.run("stock", "add", "A-1", "1", "-o", "table", env=latin)
    assert added.out == b"A-1: 10 -> 11 (added 1, operation 4)\n"
    record = stocked.run("product", "show", "A-1", "-o", "csv", "--columns", "name", env=latin)
    assert record.stdout == "name\nGröße\n"


@pytest.mark.parametrize("output", ["", "--json"])
def test_what_errors_and_help_say_is_said_where_python_drops_docstrings(
    stocked: Shop, output: str
) -> None:
    told = stocked.bash(f"invctl {output} product show X-9").stderr
    assert "X-9" in told
    module = f"{shlex.quote(sys.executable)} -OO -m invctl"
    for program, env in (("invctl", {"PYTHONOPTIMIZE": "2"}), (module, {})):
        refused = stocked.bash(f"{program} {output} product show X-9", env=env)
        assert (refused.code, refused.stdout, refused.stderr) == (3, "", told)
        helped = stocked.bash(f"{program} product show --help", env=env)
        assert (helped.code, helped.stderr) == (0, "")


@pytest.mark.parametrize("module", ["typer", "json", "shutil"])
def test_a_library_that_is_missing_is_named(stocked: Shop, module: str) -> None:
    (stocked.root / f"{module}.py").write_text("import nobody_has_this")
    env = {"PYTHONPATH": str(stocked.root)}
    told = "invctl: error: ModuleNotFoundError: No module named 'nobody_has_this'"
    failed = stocked.bash("invctl product show A-1", env=env)
    assert (failed.code, failed.stdout) == (1, "")
    assert failed.stderr == f"{told}; INVCTL_DEBUG=1 shows where\n"
    debugged = {**env, "INVCTL_DEBUG": "1"}
    shown = stocked.bash("invctl product show A-1 2>&1 | grep -c ^Traceback", env=debugged)
    assert shown.stdout == "1\n"


def short_of_memory(shop: Shop, *calls: str) -> Result:
    """Show a product where some of the program's calls find too little memory."""
    script = f"""import sys, invctl.cli.app, invctl.core.catalog, invctl.__main__ as program
def short(*_, **__): raise MemoryError
{" = ".join(calls)} = short
sys.argv = ["invctl", "--json", "product", "show", "A-1"]
program.main()"""
    return shop.bash(f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}")


def test_too_little_memory_is_no_bug(stocked: Shop) -> None:
    error = error_of(short_of_memory(stocked, "invctl.core.catalog.get_product"), 14)
    assert (error["code"], error["details"]["setting"]) == ("config", "memory")


def test_memory_that_does_not_even_suffice_to_tell_so_is_no_bug_either(stocked: Shop) -> None:
    failed = short_of_memory(stocked, "invctl.core.catalog.get_product", "invctl.cli.app.report")
    told = "invctl: error: memory: there is too little of it; `ulimit -v` may limit it\n"
    assert (failed.code, failed.stdout, failed.stderr) == (14, "", told)


@pytest.mark.parametrize("explain", [database_problem, output_problem, input_problem])
def test_too_few_open_files_are_told_as_such(explain: Explain) -> None:
    error = OSError(errno.EMFILE, os.strerror(errno.EMFILE), "a.csv")
    for found in (explain("a.csv", error), unforeseen_problem(error)):
        assert found is not None
        assert not isinstance(found, UsageError)
        assert "ulimit -n" in found.hint
