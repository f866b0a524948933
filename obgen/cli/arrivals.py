"""Show what arrived: a typed table for each notification, in 80 columns."""

import threading
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

import click

from obgen.cli.console import printable, say
from obgen.errors import EnvelopeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obgen.runtime.reply import Reply
    from obgen.runtime.values import Value
    from obgen.runtime.wire import Record
    from obgen.simulate.arrivals import Arrival, Incoming

_WIDTH: Final = 80
_INDENT: Final = " " * 4
_NAME: Final = 30
_TYPE: Final = len("datetime")
_MOST: Final = 10
"""The most notifications of a message that are shown with all their fields."""


class Arrivals:
    """Show and keep what arrives, from any number of threads.

    Attributes:
        number: How many messages have arrived.
    """

    def __init__(self, records: "Mapping[str, type[Record]]", folder: Path | None) -> None:
        self.number = 0
        self._records = records
        self._folder = folder
        self._lock = threading.Lock()

    def add(self, body: bytes, reply: "Reply") -> None:
        """Show a message and its answer, and save it if that is wanted."""
        from obgen.simulate.arrivals import look

        with self._lock:
            self.number += 1
            now = f"{datetime.now().astimezone():%H:%M:%S}"
            try:
                incoming = look(body, self._records)
            except EnvelopeError:
                # The receiver's log has told why.
                click.echo(f"{now}  refused: HTTP {reply.status}")
                return
            lines = [f"{now}  {_title(incoming)}  -> {_answer(reply)}", *_lines(incoming), ""]
            click.echo("\n".join(map(printable, lines)))
            if self._folder is not None:
                self._save(self._folder, incoming, body)

    def _save(self, folder: Path, incoming: "Incoming", body: bytes) -> None:
        from obgen.simulate.arrivals import without_session

        # The name is the sender's, and only one that a WSDL has can be a file's.
        known = incoming.object_type in self._records
        stem = incoming.object_type if known else "unknown"
        number = 1
        while (path := folder / f"{stem}-{number:03}.xml").exists():
            number += 1
        try:
            with path.open("xb") as file:
                file.write(without_session(body))
        except OSError as error:
            say("warning:", f"{path} can't be written: {error.strerror}")
        else:
            say("saved", str(path))


def _answer(reply: "Reply") -> str:
    if reply.status != HTTPStatus.OK:
        return f"HTTP {reply.status}"
    return "Ack true" if reply.acknowledged else "Ack false"


def _title(incoming: "Incoming") -> str:
    number = len(incoming.arrivals)
    counted = f"{number} notification{'' if number == 1 else 's'}"
    return f"{incoming.object_type or 'no object'}, {counted}, action {incoming.action_id}"


def _lines(incoming: "Incoming") -> Iterator[str]:
    for arrival in incoming.arrivals[:_MOST]:
        yield f"  {arrival.record_id or '-':<18}  notification {arrival.id}"
        yield from _details(arrival)
    if len(incoming.arrivals) > _MOST:
        yield f"  and {len(incoming.arrivals) - _MOST} more notifications"


def _details(arrival: "Arrival") -> Iterator[str]:
    if not arrival.record_id:
        what = f"can't be read: {arrival.error}" if arrival.error else "deleted before delivery"
        yield from _wrapped(what)
        return
    width = min(_NAME, max(map(len, (*arrival.values, *arrival.unknown))))
    for name, value in arrival.values.items():
        yield _row(name, type(value).__name__ if value is not None else "nil", _text(value), width)
    for name, text in arrival.unknown.items():
        yield _row(name, "unknown", repr(text), width)
    if arrival.unknown:
        yield from _wrapped("What is unknown isn't in the WSDL: download it again.")
    if arrival.missing:
        yield from _wrapped(f"empty, or not sent: {', '.join(arrival.missing)}")


def _row(name: str, kind: str, text: str, width: int) -> str:
    line = f"{_INDENT}{name:<{width}}  {kind:<{_TYPE}}  {printable(text)}"
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def _text(value: "Value | None") -> str:
    if value is None:
        return ""
    return repr(value) if isinstance(value, str | bytes) else str(value)


def _wrapped(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
