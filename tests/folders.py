"""What lies in a folder, who may use a file, and a file that strangers change."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def mode(path: Path | str) -> int:
    return os.stat(path).st_mode & 0o777


def edit(path: Path | str, *statements: str) -> None:
    """Change an inventory's file as no command would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
