"""`invctl completion SHELL`, the scripts' copies for packagers, and the tree of what there is."""

import subprocess
import sys

import pytest
from shells_terminal import ROOT, need, readme_lines
from shop import Shop, error_of

from invctl.cli.completion import generate
from invctl.cli.completion.command import SCRIPTS

CHECKS = {"bash": ["bash", "-n"], "zsh": ["zsh", "-n"], "fish": ["fish", "--no-execute"]}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_is_printed_as_it_lies_in_completions(shop: Shop, shell: str) -> None:
    result = shop.run("completion", shell)
    assert (result.code, result.err) == (0, b"")
    assert result.out == (ROOT / "completions" / SCRIPTS[shell]).read_bytes()
    assert not shop.db.exists()


def test_completions_holds_the_scripts_alone() -> None:
    assert {path.name for path in (ROOT / "completions").iterdir()} == set(SCRIPTS.values())


@pytest.mark.parametrize("shell", CHECKS)
def test_a_script_is_well_formed(shop: Shop, shell: str) -> None:
    need(shell)
    script = ROOT / "completions" / SCRIPTS[shell]
    assert shop.bash(f"{' '.join(CHECKS[shell])} {script}").out == b""


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_never_evaluates_data(shell: str) -> None:
    script = (ROOT / "completions" / SCRIPTS[shell]).read_text()
    code = [line for line in script.splitlines() if not line.lstrip().startswith("#")]
    for word in ("eval", "Invoke-Expression", "iex", "source"):
        assert all(word not in line.split() for line in code)


def test_the_tree_is_that_of_the_command_line() -> None:
    how = "`python -m invctl.cli.completion.generate` brings it up to date"
    assert generate.TREE.read_text(encoding="utf-8") == generate.tree_source(), how


def test_an_unknown_shell_is_a_usage_error(shop: Shop) -> None:
    error = error_of(shop.run("completion", "tcsh", "--json"), 2)
    assert "bash, zsh, fish, powershell" in error["message"]


@pytest.mark.parametrize("purpose", ["bash", "zsh", "fish", "powershell", "system", "package"])
def test_the_readme_tells_how_to_install_it(purpose: str) -> None:
    assert "completion" in readme_lines(purpose)


def test_printing_a_script_loads_neither_sqlalchemy_nor_rich() -> None:
    code = """
import sys
from invctl.cli.app import run
run(["completion", "zsh"])
sys.exit(bool({"sqlalchemy", "rich"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
