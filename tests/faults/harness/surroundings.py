"""What the tests of bad surroundings need: tools, rights, small disks, and folders for others."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from shop import INVCTL, Shop, new_shop

NOBODY = 65534
as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


def needs(tool: str) -> pytest.MarkDecorator:
    """Skip a test where a tool is not installed."""
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"there is no {tool} here")


def needs_root(reason: str) -> pytest.MarkDecorator:
    """Skip a test for users who cannot do what it takes."""
    return pytest.mark.skipif(os.geteuid() != 0, reason=f"only root can {reason}")


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mount a file system on a folder; skip where the system does not let this user."""
    folder.mkdir(exist_ok=True)
    if shutil.which("mount") is None:
        pytest.skip("there is no `mount` here")
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def public_shop() -> Iterator[Shop]:
    """A shop in a folder that other users can reach."""
    with tempfile.TemporaryDirectory(prefix="invctl-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 (that is what it is for)
        shop = new_shop(Path(folder))
        # A home that others may not enter, say, keeps them from the command itself.
        probe = subprocess.run(
            [*as_nobody, INVCTL, "--version"], capture_output=True, env=shop.env, check=False
        )
        if probe.returncode:
            pytest.skip("other users cannot run the installed command where it is")
        yield shop
