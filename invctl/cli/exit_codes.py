"""How a run ends, as the shell that started it sees it: every code that there is, and no other."""

from enum import IntEnum

from invctl.errors import InventoryError


class ExitCode(IntEnum):
    """What scripts branch on; an error's is the one that has its name."""

    SUCCESS = 0
    INTERNAL = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    INSUFFICIENT_STOCK = 5
    INVALID_DATA = 6
    CONFIRMATION_REQUIRED = 7
    CHECK_SAID_YES = 8
    """No error: a check found what it looks for, and told that on standard output."""
    OUTCOME_UNKNOWN = 9
    DB_MISSING = 10
    DB_LOCKED = 11
    DB_UNUSABLE = 12
    PERMISSION = 13
    CONFIG = 14
    OUTPUT_IO = 15
    INTERRUPTED = 130
    """Given up at a question. What a signal interrupts dies of the signal itself, so that a
    shell's loop stops; the shell then says 128 + 2 of its own accord."""


def code_of(error: InventoryError) -> ExitCode:
    """Return the code that a run ends with because of an error."""
    return ExitCode[error.code.upper()]
