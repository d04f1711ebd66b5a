"""Errors keep what they were given, and are made fit for a terminal where they are told."""

import errno
import re
from collections.abc import Iterator

import pytest

from invctl import errors
from invctl.cli.exit_codes import ExitCode, code_of
from invctl.cli.invocation import Invocation
from invctl.cli.printing.diagnostics import as_dict
from invctl.errors import (
    AlreadyUndone,
    CodeExists,
    DatabaseUnusable,
    FileExists,
    HasHistory,
    InsufficientStock,
    InvalidData,
    InventoryError,
    LineError,
    MoreThanPromised,
    PlaceExists,
    PlaceNotEmpty,
    ProductArchived,
    ProductExists,
    ProductNotFound,
    SkuIsCode,
    UnitsHeld,
    UnitsPlaced,
    UsageError,
)

_BRANCH = re.compile(r"^([│ ]*)[├└]── (\w+) +(?:(?:… )?([a-z_]+))?")
RAW = "a\x1b]0;b\x07\nc\u202e"
FIT = r"a\x1b]0;b\x07\nc\u202e"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UnitsHeld("TEA", 0, 1), "TEA has 1 unit held, more than the 0 that would be left"),
        (
            UnitsHeld("TEA", 0, 1, archiving=True),
            "TEA has 1 unit held, and what is held cannot be archived",
        ),
        (
            InsufficientStock("TEA", 5, 4, quantity=5, held=1),
            "TEA has 4 available, not 5: 1 of 5 is held",
        ),
        (UnitsHeld("TEA", 1, 2), "TEA has 2 units held, more than the 1 that would be left"),
        (UnitsPlaced("TEA", 3, 1), "TEA has 1 unit in places, so a count of 3 must say of which"),
        (PlaceExists("VAN", 1), "VAN is there already, with 1 unit in it"),
        (PlaceNotEmpty("VAN", 1, 12), "VAN is not empty, with 12 units in it"),
        (MoreThanPromised("hold", 7, 1, 2), "hold 7 is of 1 unit, not of 2"),
        (HasHistory("TEA", 0, 1), "TEA has been promised once, which a deletion would lose"),
    ],
)
def test_one_unit_is_no_plural(error: InventoryError, message: str) -> None:
    assert error.message == message


@pytest.mark.parametrize(
    ("error", "pasted"),
    [
        (ProductExists("A B"), "product update 'A B'"),
        (ProductExists("TEA", archived=True), "product unarchive TEA"),
        (ProductArchived("A B"), "product unarchive 'A B'"),
        (HasHistory("TEA", 3), "product archive TEA"),
        (CodeExists("a$1", "TEA"), "code remove 'a$1'"),
        (SkuIsCode("0036000291452", "036000291452", "TEA"), "code remove 036000291452"),
        (AlreadyUndone(4, 21), "undo 21"),
        (UnitsPlaced("TEA", 3, 1), "stock where TEA"),
        (PlaceExists("LEFT SHELF", 1), "stock where --place 'LEFT SHELF'"),
        (PlaceNotEmpty("LEFT SHELF", 1, 12), "stock where --place 'LEFT SHELF'"),
    ],
)
def test_a_command_that_is_named_can_be_pasted(error: InventoryError, pasted: str) -> None:
    assert f"`invctl {pasted}`" in error.advice


@pytest.mark.parametrize(
    ("error", "datum"),
    [
        (UsageError(RAW, RAW), "problem"),
        (FileExists(RAW), "path"),
        (DatabaseUnusable(RAW, "is damaged", RAW), "path"),
        (ProductNotFound(RAW), "sku"),
    ],
    ids=["problem", "path", "database", "sku"],
)
def test_data_stay_as_they_were_given_and_are_escaped_in_the_sentence(
    error: InventoryError, datum: str
) -> None:
    told = as_dict(error)
    assert told["details"] is error.details
    assert error.details[datum] == RAW
    assert FIT in str(told["message"])
    assert RAW not in f"{told['message']}{told['hint']}"


def test_the_errors_of_lines_keep_their_values_and_are_escaped_in_their_messages() -> None:
    error = InvalidData([LineError(7, "name", RAW, "invalid_data", f"'{RAW}' is no name")])
    assert error.details == {
        "error_count": 1,
        "errors": [
            {
                "line": 7,
                "column": "name",
                "value": RAW,
                "code": "invalid_data",
                "message": f"'{FIT}' is no name",
            }
        ],
    }
    assert error.message == f"line 7, name '{FIT}': '{FIT}' is no name"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("A-1\xa0", r"A-1\xa0"), ("A\u30001", r"A\u30001"), ("A\u2009B C", r"A\u2009B C")],
)
def test_a_sku_that_only_looks_like_another_one_shows_the_difference(
    typed: str, shown: str
) -> None:
    error = ProductNotFound(typed, "A-1")
    assert error.message == f"there is no product {shown}"
    assert error.details["sku"] == typed


def every_error(kind: type[InventoryError] = InventoryError) -> list[type[InventoryError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in every_error(below))]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_has_an_exit_code_of_its_name(kind: type[InventoryError]) -> None:
    error = kind.__new__(kind)
    assert code_of(error).name.lower() == kind.code
    assert code_of(error) not in (ExitCode.SUCCESS, ExitCode.CHECK_SAID_YES)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/etc/x"), "permission"),
        (OSError(errno.EROFS, "Read-only file system", b"/etc/x"), "permission"),
        (OSError(errno.ENOSPC, "No space left on device", "/etc/x"), "db_unusable"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/etc/x"), "usage"),
    ],
)
def test_what_the_system_refuses_unforeseen_names_its_file(error: OSError, code: str) -> None:
    told = Invocation().explain(error)
    assert told.code == code
    assert "/etc/x" in told.message


def test_a_working_folder_that_was_removed_is_no_bug() -> None:
    told = Invocation().explain(FileNotFoundError(errno.ENOENT, "No such file or directory"))
    assert (told.code, told.message) == ("config", "the working folder: was removed")


def test_what_names_no_file_is_no_fault_of_standard_output() -> None:
    assert Invocation().explain(OSError(errno.EIO, "I/O error")).code == "internal"


def every(kind: type[InventoryError]) -> Iterator[type[InventoryError]]:
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__:
            yield one
            yield from every(one)


def test_the_tree_that_is_drawn_is_that_of_the_classes() -> None:
    above = ["InventoryError"]
    drawn: dict[str, tuple[str, str]] = {}
    for line in (errors.__doc__ or "").splitlines():
        if found := _BRANCH.match(line):
            indent, name, said = found.groups()
            depth = len(indent) // 4 + 1
            above[depth:] = [name]
            drawn[name] = above[depth - 1], said if line[27:44].strip() else ""
    classes = {one.__name__: one for one in every(InventoryError)}
    assert drawn.keys() == classes.keys()
    for name, (base, said) in drawn.items():
        kind = classes[name]
        assert kind.__base__ is not None
        assert kind.__base__.__name__ == base, name
        assert said in ("", kind.code, getattr(kind, "reason", "")), name
