"""The other ways to install completion, and the other states that a user's shell may be in."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from shells_terminal import ROOT, Terminal, need, readme_lines
from shop import INVCTL, Shop, new_shop

BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")
COMPINIT = "autoload -Uz compinit && compinit\n"
TOUCHED = ("/usr/local/share", "/etc/fish")
"""The folders that the README's lines for all users write to."""


@pytest.fixture
def home(tmp_path: Path) -> Shop:
    """A shop whose user has nothing but a home, and one product with a colon in its SKU."""
    shop = new_shop(tmp_path)
    del shop.env["XDG_DATA_HOME"]
    assert shop.run("init", "--sku-rule", "any").code == 0
    assert shop.run("product", "create", "A:1 x", "--name", "Widget").code == 0
    return shop


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """What a test puts in here is closed after it."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def completes(terminals: list[Terminal], terminal: Terminal) -> None:
    """Assert that the first TAB completes a command, and another one a SKU."""
    terminals.append(terminal)
    terminal.type("invctl pro")
    terminal.ends("invctl product")
    terminal.type("show A:")
    terminal.ends(r"show A:1\ x")


def dotfile(shop: Shop, name: str, text: str) -> None:
    Path(shop.env["HOME"], name).write_text(text)


def test_zsh_takes_the_script_sourced(home: Shop, terminals: list[Terminal]) -> None:
    need("tmux", "zsh")
    dotfile(home, ".zshrc", f"{COMPINIT}source <(invctl completion zsh)\n")
    completes(terminals, Terminal(["zsh"], home.env, home.root))


def test_bash_takes_the_script_sourced(home: Shop, terminals: list[Terminal]) -> None:
    need("tmux", "bash")
    dotfile(home, ".bashrc", "source <(invctl completion bash)\n")
    completes(terminals, Terminal(["bash"], home.env, home.root))


def test_fish_takes_the_script_sourced(home: Shop, terminals: list[Terminal]) -> None:
    need("tmux", "fish")
    config = Path(home.env["HOME"], ".config/fish/config.fish")
    config.parent.mkdir(parents=True)
    config.write_text("invctl completion fish | source\n")
    completes(terminals, Terminal(["fish"], home.env, home.root))


@pytest.mark.parametrize(
    "settings",
    ["COMP_WORDBREAKS=${COMP_WORDBREAKS//[:=]}", "set -u", "shopt -s nocasematch", "IFS=:"],
)
def test_bash_completes_under_any_settings(
    home: Shop, terminals: list[Terminal], settings: str
) -> None:
    need("tmux", "bash")
    dotfile(home, ".bashrc", f"source <(invctl completion bash)\n{settings}\n")
    completes(terminals, Terminal(["bash"], home.env, home.root))


def test_bash_completion_finds_the_script_by_itself(home: Shop, terminals: list[Terminal]) -> None:
    need("tmux", "bash")
    if not BASH_COMPLETION.exists():
        pytest.skip("bash-completion is not installed")
    assert home.bash(readme_lines("bash")).code == 0
    dotfile(home, ".bashrc", f". {BASH_COMPLETION}\n")
    completes(terminals, Terminal(["bash"], home.env, home.root))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_missing_command_is_no_noise_at_the_prompt(
    home: Shop, terminals: list[Terminal], shell: str
) -> None:
    need("tmux", shell)
    assert home.bash(readme_lines(shell)).code == 0
    env = {**home.env, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    terminal = Terminal([shell], env, home.root)
    terminals.append(terminal)
    terminal.type("invctl pro")
    terminal.type("duct", tab=False)
    terminal.wait(lambda screen: "invctl product" in screen.replace("pro duct", "product"))
    assert "nknown" not in terminal.screen
    assert "not found" not in terminal.screen


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_package_installs_it(home: Shop, terminals: list[Terminal], shell: str) -> None:
    need("tmux", shell)
    root = home.root / "package"
    env = {"DESTDIR": str(root)}
    done = subprocess.run(
        ["bash", "-ec", readme_lines("package")],
        cwd=ROOT,
        env={**home.env, **env},
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    share = root / "usr/share"
    dotfile(home, ".bashrc", f". {BASH_COMPLETION}\n")
    dotfile(home, ".zshrc", f"fpath=({share}/zsh/site-functions $fpath)\n{COMPINIT}")
    if shell == "bash" and not BASH_COMPLETION.exists():
        pytest.skip("bash-completion is not installed")
    seen = {**home.env, "XDG_DATA_DIRS": f"{share}:/usr/share"}
    completes(terminals, Terminal([shell], seen, home.root))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_system_installs_it_for_all_users(
    home: Shop, terminals: list[Terminal], shell: str
) -> None:
    need("tmux", shell, "unshare")
    if shell == "bash" and not BASH_COMPLETION.exists():
        pytest.skip("bash-completion is not installed")
    # The machine's own folders stay as they are: this mounts empty ones, for these processes alone.
    mounts = "".join(f"mkdir -p {path}; mount -t tmpfs none {path}; " for path in TOUCHED)
    namespace = ["unshare", "--mount", "bash", "-ec"]
    if subprocess.run([*namespace, mounts], capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    dotfile(home, ".bashrc", f". {BASH_COMPLETION}\n")
    dotfile(home, ".zshrc", COMPINIT)
    script = f'{mounts}{readme_lines("system")}exec "$@"'
    outer = (*namespace, script, "bash")
    completes(terminals, Terminal([shell], home.env, home.root, outer))


def test_powershell_completes(home: Shop) -> None:
    pwsh = shutil.which("pwsh")
    if pwsh is None:
        pytest.skip("pwsh is not installed")
    lines = [
        f"$PROFILE = '{home.root}/profile.ps1'",
        f"$env:PATH = '{INVCTL.parent}:' + $env:PATH",
        readme_lines("powershell"),
        ". $PROFILE",
        *(
            f"(TabExpansion2 '{line}' {len(line)}).CompletionMatches.CompletionText"
            for line in ("invctl pro", "invctl product show A", "invctl product list --output=ts")
        ),
    ]
    done = subprocess.run(
        [pwsh, "-NoProfile", "-Command", "\n".join(lines)],
        env=home.env,
        cwd=home.root,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.splitlines() == ["product", "'A:1 x'", "--output=tsv"]
