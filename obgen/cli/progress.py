"""Show on stderr how deliveries are going: a table in place, a line in place, or plain lines."""

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

import click

from obgen.cli.console import printable
from obgen.cli.deliveries import MAX_ROWS, describe

if TYPE_CHECKING:
    from obgen.cli.deliveries import Report
    from obgen.simulate.delivery import Message
    from obgen.simulate.sending import Result

_PAUSE: Final = 0.05
"""Seconds between two drawings: more often, nobody could read them."""
_TENTHS: Final = 10
_BAR: Final = 60


class Progress(Protocol):
    """What is told of each attempt, and of the end."""

    def add(self, message: "Message", result: "Result", /) -> None:
        """Show what came of an attempt."""

    def close(self) -> None:
        """Leave the screen to others."""


def make_progress(report: "Report") -> Progress:
    """Return what suits the number of messages, and what stderr is."""
    few = len(report.messages) <= MAX_ROWS
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return _InPlace(report, table=few)
    return _Lines() if few else _Tenths(report)


class _Lines:
    """Write a line for each attempt."""

    def add(self, message: "Message", result: "Result") -> None:
        click.echo(printable(describe(message, result)), err=True)

    def close(self) -> None:
        """Leave the lines as they are."""


class _Tenths:
    """Write a line whenever another tenth of the messages is done."""

    def __init__(self, report: "Report") -> None:
        self._report = report
        self._tenth = 0

    def add(self, _message: "Message", _result: "Result") -> None:
        number = len(self._report.messages)
        tenth = self._report.done * _TENTHS // number
        if tenth > self._tenth:
            self._tenth = tenth
            click.echo(self._report.summary(), err=True)

    def close(self) -> None:
        """Leave the lines as they are."""


class _InPlace:
    """Draw the table, or the summary alone, over the one before; `close` wipes it out."""

    def __init__(self, report: "Report", *, table: bool) -> None:
        self._report = report
        self._table = table
        self._height = 0
        self._drawn = 0.0
        self._draw()

    def add(self, _message: "Message", _result: "Result") -> None:
        # What waits for long must be seen as it is; what comes quickly is drawn soon enough.
        if self._table or time.monotonic() - self._drawn >= _PAUSE:
            self._draw()

    def close(self) -> None:
        click.echo(f"{self._up()}\x1b[J", err=True, nl=False)
        self._height = 0

    def _draw(self) -> None:
        columns, rows = shutil.get_terminal_size()
        report = self._report
        lines = report.table(report.messages) if self._table else [self._bar()]
        # What has scrolled away can't be drawn over.
        lines = [*lines[: rows - 2], report.summary()]
        fitting = "".join(f"{printable(line)[: columns - 1]}\x1b[K\n" for line in lines)
        click.echo(f"{self._up()}{fitting}\x1b[J", err=True, nl=False, color=True)
        self._height = len(lines)
        self._drawn = time.monotonic()

    def _bar(self) -> str:
        number = len(self._report.messages)
        done = self._report.done * _BAR // number
        return f"[{'#' * done:<{_BAR}}]"

    def _up(self) -> str:
        return f"\x1b[{self._height}A" if self._height else ""
