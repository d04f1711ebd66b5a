"""The process: what happens before any command is parsed, and how it all ends."""

import gc
import os
import sys

# Nearly all that a short run allocates lives to its end: collecting it costs a quarter of the time.
gc.disable()


def main() -> None:
    """Run the command line of this process and end it with its exit code, or by its signal."""
    _own_descriptors()
    if sys.argv[1:2] == ["__complete"]:
        _complete(sys.argv[2:])
    _own_signals()
    from invctl.cli.exit_codes import ExitCode

    status: int = ExitCode.INTERNAL
    try:
        status = _run(sys.argv[1:])
    finally:
        try:
            sys.stderr.flush()
        finally:  # also where nobody can be told
            # Nothing is left to do: taking the interpreter apart would cost 7 ms.
            os._exit(status)


def _run(arguments: list[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        return _show_version()
    from invctl.cli.app import run

    return run(arguments)


def _show_version() -> int:
    from invctl import __version__
    from invctl.cli.exit_codes import ExitCode
    from invctl.cli.streams import write_out
    from invctl.errors import OutputFailed

    try:
        write_out(f"invctl {__version__}\n")
    except OutputFailed as error:
        from invctl.cli.diagnostics import report

        return report(error, machine=False)
    return ExitCode.SUCCESS


def _complete(words: list[str]) -> None:
    """Answer a shell's TAB; a prompt is no place for what may go wrong there."""
    try:
        from invctl.cli.completion.answer import answer

        answer(words)
    finally:
        os._exit(0)


def _own_descriptors() -> None:
    """Occupy closed standard descriptors, or the database itself would become one of them."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)
    if sys.stdout is None:
        from invctl.cli.streams import ClosedStream

        sys.stdout = ClosedStream()
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)


def _own_signals() -> None:
    """Die of SIGINT and SIGPIPE as other tools do, so that a shell's loop and pipe end with it.

    A transaction that they cut off is rolled back by the next one who opens the file.
    """
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


if __name__ == "__main__":
    main()
