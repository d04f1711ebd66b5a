"""Who asks over HTTP: an application without a socket, or `invctl serve` as a process."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
from fastapi import FastAPI
from shop import INVCTL, WAIT, Shop

MakeApp = Callable[..., FastAPI]


def asking(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """Return what asks an application, with some headers each time."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers)


@contextmanager
def serving(shop: Shop, *options: str, **env: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Run `invctl serve`, and give where it listens and the process; what is left of it is ended.

    Its log goes to the file `log` in the shop's folder after the line that tells the address.
    """
    port = [] if "--socket" in options else ["--port", "0"]
    with (
        open(shop.root / "log", "w+") as log,
        subprocess.Popen(
            [INVCTL, "serve", *port, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**shop.env, **env},
            cwd=shop.root,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        descriptor = process.stderr.fileno()
        # By bytes, so that nothing of the next line is taken from who copies it.
        first = b"".join(iter(lambda: os.read(descriptor, 1).strip(b"\n"), b"")).decode()
        found = re.fullmatch(r"invctl: listening on (\S+)", first)
        assert found, first + process.stderr.read()
        # Whatever else it logs has to be read, or it would stand still once the pipe is full.
        copier = subprocess.Popen(["cat"], stdin=descriptor, stdout=log)
        try:
            yield found[1].removesuffix("/"), process
        finally:
            process.kill()
            process.wait(WAIT)
            copier.wait(WAIT)
            os.fsync(log.fileno())
