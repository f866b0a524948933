"""Write for people: results on stdout, progress and errors on stderr, nothing that acts.

Names and paths may hold terminal escapes; whatever isn't printable is shown as an escape
sequence. Colour appears only on a terminal, and never under NO_COLOR.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from io import BytesIO, TextIOWrapper
from typing import Final, TextIO

import click

from obgen.errors import ObgenError

_COLOURS: Final = {
    "breaking": "red",
    "created": "green",
    "differs": "yellow",
    "error": "red",
    "failed": "red",
    "fine": "green",
    "hint": "cyan",
    "missing": "yellow",
    "note": "cyan",
    "ok": "green",
    "orphan": "yellow",
    "skipped": "cyan",
    "untracked": "yellow",
    "updated": "yellow",
    "warning": "yellow",
}


def say(label: str, text: str, *, width: int = 0) -> None:
    """Write one line on stderr: a label, coloured if possible, and what there is to say."""
    padded = coloured(f"{label:<{width}}", _COLOURS.get(label.rstrip(":")), sys.stderr)
    tell(f"{padded} {printable(text)}")


def tell(line: str) -> None:
    """Write one line on stderr as it is; if nobody can read it, the run ends as it would anyway."""
    try:
        click.echo(line, err=True)
    except OSError:
        # A full disk, or a reader that went away. Python would try again at the very end, and
        # change the exit code if that fails.
        sys.stderr = _nowhere()


def replace_closed_streams() -> None:
    """Give stdout and stderr a stream that nobody reads where the caller has closed them."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


def give_up_stdout() -> None:
    """Write nothing more on a stdout that failed; Python would try again at the very end."""
    sys.stdout = _nowhere()


def _nowhere() -> TextIO:
    """Return a stream for text and for bytes, as the real ones are."""
    return TextIOWrapper(BytesIO(), encoding="utf-8", errors="backslashreplace")


def say_error(error: ObgenError) -> None:
    """Write what happened on stderr, and what to do about it."""
    say("error:", str(error))
    if error.hint:
        say("hint:", error.hint)


def coloured(text: str, colour: str | None, stream: TextIO) -> str:
    """Return `text` in a colour, where `stream` is a terminal and people want colours."""
    if colour is None or not stream.isatty() or os.environ.get("NO_COLOR"):
        return text
    return click.style(text, fg=colour)


def show(text: str) -> None:
    """Write one line of a result on stdout."""
    click.echo(printable(text))


def show_labelled(line: str) -> None:
    """Write one line of a result on stdout, with its first word coloured if possible."""
    label, blank, rest = printable(line).partition(" ")
    click.echo(coloured(label, _COLOURS.get(label), sys.stdout) + blank + rest)


def show_table(rows: Iterable[Sequence[str]]) -> None:
    """Write rows on stdout in columns that are as wide as they need to be."""
    lines = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def printable(text: str) -> str:
    """Return `text` with an escape sequence in place of each character that isn't printable."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )
