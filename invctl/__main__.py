"""The process: what happens before any command is parsed, and how it all ends."""

import _signal  # type: ignore[import-not-found]  # `signal` would load `enum` first
import gc
import os
import sys

# From here on an interrupt ends it silently: what Python does would print a traceback of whatever
# is being imported. Where it is ignored, as in a background job, it stays so.
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

# Made beforehand: to make it may take more than there is.
_NO_MEMORY = b"invctl: error: memory: there is too little of it; `ulimit -v` may limit it\n"

# Nearly all that a short run allocates lives to its end: collecting it costs a quarter of the time.
gc.disable()


def main() -> None:
    """Run the command line of this process and end it with its exit code, or by its signal."""
    _keep_sentences()
    _speak_utf8()
    _own_descriptors()
    if sys.argv[1:2] == ["__complete"]:
        _complete(sys.argv[2:])
    # Die of a pipe that breaks off as other tools do, so that a shell's pipeline ends with it.
    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    status = 1  # `internal`
    try:
        status = _run(sys.argv[1:])
    except MemoryError:
        status = 14  # `config`
        os.write(2, _NO_MEMORY)
    except Exception as error:
        _tell_plainly(error)
    finally:
        try:
            sys.stderr.flush()
        finally:  # also where nobody can be told
            # Nothing is left to do: taking the interpreter apart would cost 7 ms.
            os._exit(status)


def _tell_plainly(error: Exception) -> None:
    """Tell what kept the program from starting, or from telling an error: it may lack a part.

    Of what others raise only the kind is told, as nothing here could hide a password in it.
    """
    told = type(error).__name__
    if isinstance(error, ImportError):
        told += f": {error}"
    sys.stderr.write(f"invctl: error: {told}; INVCTL_DEBUG=1 shows where\n")
    if os.environ.get("INVCTL_DEBUG"):
        sys.excepthook(type(error), error, error.__traceback__)


def _run(arguments: list[str]) -> int:
    # Typer answers it on longer lines; to load it is most of what a start costs.
    if arguments in (["--version"], ["-V"]):
        return _show_version()
    from invctl.cli.app import run

    return run(arguments)


def _show_version() -> int:
    from invctl import __version__
    from invctl.cli.exit_codes import ExitCode
    from invctl.cli.printing.streams import write_out
    from invctl.errors import OutputFailed

    try:
        write_out(f"invctl {__version__}\n")
    except OutputFailed as error:
        from invctl.cli.printing.diagnostics import report

        return report(error, machine=False)
    return ExitCode.SUCCESS


def _complete(words: list[str]) -> None:
    """Answer a shell's TAB; a prompt is no place for what may go wrong there."""
    try:
        from invctl.cli.completion.answer import answer

        answer(words)
    finally:
        os._exit(0)


def _keep_sentences() -> None:
    """Start over where Python leaves docstrings out (`-OO`): what errors and help say is theirs."""
    if sys.flags.optimize < 2 or not sys.executable:
        return
    options = len(sys.orig_argv) - len(sys.argv) + 1
    pythons = [one for one in sys.orig_argv[1:options] if one.strip("O") != "-"]
    again = [sys.executable, *pythons, *sys.orig_argv[options:]]
    # Among other letters, as in `-IOO`, it cannot be taken back: no second time would end.
    if again[1:] == sys.orig_argv[1:] and os.environ.get("PYTHONOPTIMIZE") in (None, "1"):
        return
    os.environ["PYTHONOPTIMIZE"] = "1"
    _start_over(again)


def _speak_utf8() -> None:
    """Start over in Python's UTF-8 mode where the locale is of another encoding.

    Arguments, variables and names of files are UTF-8 whatever the locale says; only what people
    read stays in its encoding.
    """
    if sys.getfilesystemencoding() == "utf-8" or not sys.executable:
        return
    os.environ.setdefault("PYTHONIOENCODING", getattr(sys.stdout, "encoding", "ascii"))
    _start_over([sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _start_over(line: list[str]) -> None:
    """Become what a line starts; where the system refuses that, go on as it is."""
    try:
        os.execv(sys.executable, line)  # noqa: S606 (the same program: there is nothing to inject)
    except OSError:
        return


def _own_descriptors() -> None:
    """Occupy closed standard descriptors, or the database itself would become one of them."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # Not to be read: a closed standard input would pass for an empty one.
            os.open(os.devnull, os.O_WRONLY)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)
    if sys.stdout is None:
        from invctl.cli.printing.streams import ClosedStream

        sys.stdout = ClosedStream()
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)


if __name__ == "__main__":
    main()
