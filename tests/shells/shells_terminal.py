"""Shells on a real terminal: tmux holds it, types what a person would, and reads the screen."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 20
"""Seconds after which what should appear never will; a failure, never a pace."""

_PROMPT = re.compile(r"[#$%>] ?$")


def readme_lines(purpose: str) -> str:
    """Return the README's lines for completion in a shell, `system` or `package`, as they are."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(rf"<!-- completion: {purpose} -->\n```\w+\n(.*?)```", readme, re.DOTALL)
    assert block, f"the README has no lines for {purpose}"
    return block[1]


def need(*programs: str) -> None:
    """Skip a test where a program is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


class Terminal:
    """A terminal of 100 columns and 40 lines in which a shell waits at its prompt."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path, outer: Sequence[str] = ()
    ) -> None:
        # The paths that pytest gives are too long for a socket.
        self._folder = TemporaryDirectory(prefix="tmux-")
        self._env = dict(env)
        self._tmux("new-session", "-d", "-x", "100", "-y", "40", *command, cwd=cwd, outer=outer)
        try:
            self.wait_for_prompt()
        except BaseException:
            self.close()
            raise

    def type(self, text: str, *, tab: bool = True) -> None:
        """Type some text, and press TAB after it."""
        self._tmux("send-keys", "-l", "--", text)
        if tab:
            self.press("Tab")

    def press(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self._tmux("send-keys", *keys)

    @property
    def screen(self) -> str:
        """What the terminal shows, without the blanks at the ends of lines."""
        shown = self._tmux("capture-pane", "-p", "-J").splitlines()
        return "\n".join(line.rstrip() for line in shown).rstrip("\n")

    def wait(self, is_there: Callable[[str], bool]) -> str:
        """Return the screen as soon as it shows what it should."""
        deadline = time.monotonic() + DEADLINE
        while not is_there(screen := self.screen):
            assert time.monotonic() < deadline, f"the terminal shows:\n{screen}"
            time.sleep(0.02)
        return screen

    def shows(self, *texts: str) -> str:
        """Wait until the screen shows each of some texts; return it."""
        return self.wait(lambda screen: all(text in screen for text in texts))

    def ends(self, text: str) -> str:
        """Wait until a line of the screen ends so; return the screen."""
        return self.wait(lambda screen: any(line.endswith(text) for line in screen.splitlines()))

    def wait_for_prompt(self) -> None:
        """Wait until the shell is at an empty line."""
        self.wait(lambda screen: _PROMPT.search(screen) is not None)

    def clear(self) -> None:
        """Give up the line that is typed on, and wait for an empty one on an empty screen."""
        self.press("C-e", "C-u", "C-l")
        self.wait(lambda screen: "\n" not in screen and _PROMPT.search(screen) is not None)

    def writes(self, path: Path) -> str:
        """Wait until a command has written a whole line to a file; return what it says."""
        self.wait(lambda _: path.exists() and path.read_text().endswith("\n"))
        return path.read_text()

    def close(self) -> None:
        """End the shell and all that runs in it."""
        self._tmux("kill-server")
        self._folder.cleanup()

    def _tmux(self, *arguments: str, cwd: Path | None = None, outer: Sequence[str] = ()) -> str:
        done = subprocess.run(
            [*outer, "tmux", "-S", f"{self._folder.name}/socket", "-f", "/dev/null", *arguments],
            env=self._env,
            cwd=cwd,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=True,
        )
        return done.stdout
