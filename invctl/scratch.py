"""Temporary files: what is wrong where they cannot be."""

from collections.abc import Iterator
from contextlib import contextmanager

from invctl.oserrors import scratch_problem


@contextmanager
def scratch() -> Iterator[None]:
    """Turn an operating system's refusal of temporary files into a ConfigError."""
    try:
        yield
    except OSError as error:
        raise scratch_problem(error) from error


def scratch_folder() -> str:
    """Return the folder for temporary files. Raises ConfigError where there is none."""
    import tempfile

    with scratch():
        return tempfile.gettempdir()
