"""The group of commands, and how each of them ends."""

import errno
import sys
from collections.abc import Sequence
from typing import Final

import click

import obgen
from obgen.cli.compare import compare
from obgen.cli.console import (
    give_up_stdout,
    printable,
    replace_closed_streams,
    say,
    say_error,
    tell,
)
from obgen.cli.generate import generate
from obgen.cli.inspect import inspect
from obgen.cli.listen import listen
from obgen.cli.options import State, debug_option
from obgen.cli.sample import sample
from obgen.cli.send import send
from obgen.errors import ObgenError

_ERROR: Final = 2
_INTERRUPTED: Final = 128 + 2
_PIPE_CLOSED: Final = 128 + 13
# What we open ourselves gets an error of its own; that leaves stdout.
_FULL: Final = frozenset({errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(obgen.__version__, prog_name="obgen", message="%(prog)s %(version)s")
@debug_option
def cli() -> None:
    """Typed Python for Salesforce outbound messages, from their WSDLs."""


cli.add_command(compare)
cli.add_command(generate)
cli.add_command(inspect)
cli.add_command(listen)
cli.add_command(sample)
cli.add_command(send)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 means as wished, 1 that a check found a difference, 2 an error. Ctrl-C and a reader that
    went away end it with 130 and 141, as shells expect.
    """
    state = State()
    replace_closed_streams()
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if callable(reconfigure):
        # A terminal that lacks a character gets its escape sequence, as on stderr.
        reconfigure(errors="backslashreplace")
    try:
        code = cli.main(arguments, prog_name="obgen", obj=state, standalone_mode=False)
    except SystemExit:
        # So click ends a command whose output nobody reads any more.
        return _PIPE_CLOSED
    except (KeyboardInterrupt, click.Abort):
        say("error:", "interrupted")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort, so that no traceback shows
        return _report(error, debug=state.debug)
    return code if isinstance(code, int) else 0


def _report(error: Exception, *, debug: bool) -> int:
    if debug:
        import traceback

        # The message of an error further down may repeat what a stranger wrote.
        for line in "".join(traceback.format_exception(error)).split("\n"):
            tell(printable(line))
    match error:
        case click.exceptions.NoArgsIsHelpError():
            tell(error.format_message())
        case click.UsageError():
            say("error:", error.format_message())
            if error.ctx is not None:
                say("hint:", f"see `{error.ctx.command_path} --help`")
        case click.ClickException():
            say("error:", error.format_message())
        case ObgenError():
            say_error(error)
            return error.exit_code
        case OSError(errno=number, filename=None) if number in _FULL:
            give_up_stdout()
            say("error:", f"can't write the output: {error.strerror}")
        case _:
            say("error:", f"internal error: {type(error).__name__}: {error}")
            say("hint:", "this is a fault of obgen; run it with --debug and report what it shows")
    return _ERROR
