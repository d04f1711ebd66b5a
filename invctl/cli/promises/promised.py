"""What the commands of holds and of deliveries have in common: their arguments and files."""

from invctl.cli.invocation import Invocation
from invctl.errors import InvalidValue, UsageError, command
from invctl.values import is_digits, parse_identifier

COLUMNS = {"sku": "which product", "amount": "how many units, 1 or more"}


def one_or_file(
    call: Invocation, command: str, sku: str | None, amount: str | None, file: str | None
) -> tuple[str, str] | str:
    """Return the SKU and the amount of one promise, or the file that says what is promised.

    Raises UsageError where it is neither or both, or says how to read a file that there is not.
    """
    if file is not None and sku is not None:
        raise UsageError("--file goes without a SKU")
    if file is not None:
        return file
    if sku is None or amount is None:
        raise UsageError("it wants SKU and AMOUNT, or --file", f"see `invctl {command} --help`")
    if flag := _file_flag(call):
        raise UsageError(f"{flag} goes with --file", f"see `invctl {command} --help`")
    return sku, amount


def _file_flag(call: Invocation) -> str | None:
    """Return the first flag of those that say how to read a file, if any was given."""
    if not call.file_flags:
        return None
    from invctl.files.options import FileFlags, flag_of

    return next(flag_of(name) for name in FileFlags.__annotations__ if name in call.file_flags)


def one_or_ref(call: Invocation, kind: str, verb: str, number: str | None) -> int | None:
    """Return the promise that is named; None where all of the --ref are meant.

    Raises UsageError where neither is given.
    """
    if number is None and call.ref is None:
        hint = f"give its number, or the --ref of several; `invctl {kind} list` shows them"
        raise UsageError(f"no {kind} is named", hint)
    if number is None:
        return None
    if call.ref is not None:  # then it is what is said, and the number alone says which
        return named(kind, number, f"{command(kind, 'list', '--ref', call.ref)} shows the numbers")
    of_one = f"{command(kind, 'list', '--sku', number)} those of a product"
    shown = f"{command(kind, 'list')} shows the numbers, {of_one}"
    whole = f"{command(kind, verb, '--ref', number)} is for all with that ref"
    return named(kind, number, f"{shown}; {whole}")


def named(kind: str, number: str, instead: str = "") -> int:
    """Return the promise that a number names.

    Raises UsageError; to who names none by its number it says what to do `instead`.
    """
    try:
        return parse_identifier(number, kind.upper())
    except InvalidValue as error:
        if number and not is_digits(number):
            listed = f"{command(kind, 'list', '--ref', number)} shows the numbers of that ref"
            error.hint = instead or listed
        raise
