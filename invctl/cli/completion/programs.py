"""Programs for completion: what `hold run` may start."""

import os


def find_programs(word: str) -> list[str]:
    """Return the names of programs on the PATH that begin with a word, each once, in order."""
    found: set[str] = set()
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        try:
            with os.scandir(folder or os.curdir) as entries:
                found.update(one.name for one in entries if _is_program(one, word))
        except OSError:
            continue  # there may be no such folder, or it is nobody's business
    return sorted(found)


def _is_program(entry: "os.DirEntry[str]", word: str) -> bool:
    is_named = entry.name.startswith(word) and entry.name.isprintable()
    return is_named and entry.is_file() and os.access(entry.path, os.X_OK)
