"""Write for people: results on stdout, progress and errors on stderr, nothing that acts.

Names and paths may hold terminal escapes; whatever isn't printable is shown as an escape
sequence. Colour appears only on a terminal, and never under NO_COLOR.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import click

_COLOURS: Final = {
    "created": "green",
    "error": "red",
    "hint": "cyan",
    "note": "cyan",
    "updated": "yellow",
    "warning": "yellow",
}


def say(label: str, text: str, *, width: int = 0) -> None:
    """Write one line on stderr: a label, coloured if possible, and what there is to say."""
    padded = f"{label:<{width}}"
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        padded = click.style(padded, fg=_COLOURS.get(label.rstrip(":")), bold=label == "error:")
    click.echo(f"{padded} {printable(text)}", err=True)


def show(text: str) -> None:
    """Write one line of a result on stdout."""
    click.echo(printable(text))


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
