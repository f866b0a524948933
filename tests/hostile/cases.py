"""What a hostile case is, and what may come of it.

A case is bytes that arrive at an endpoint, made by code when it runs. The canary is a file whose
content must never turn up anywhere, and the port is that of a listener that must never hear
anything: cases name both wherever XML lets them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import messages

from obgen import Refusal

SECRET = "s3cr3t-0f-the-rec0rd"
"""Data of a record: it may be in values, and never in a reply, a log or an error's text."""


@dataclass(frozen=True)
class Bait:
    """What a hostile message would like to reach.

    Attributes:
        canary: A file.
        port: A port of this machine that somebody listens at.
    """

    canary: Path
    port: int

    @property
    def file(self) -> str:
        """Return the URL of the canary."""
        return self.canary.as_uri()

    @property
    def http(self) -> str:
        """Return a URL at the listener."""
        return f"http://127.0.0.1:{self.port}/x"

    @property
    def ftp(self) -> str:
        """Return another URL at the listener."""
        return f"ftp://127.0.0.1:{self.port}/x"


@dataclass(frozen=True)
class Refused:
    """The message is refused for one of these reasons, and nothing of it is handled."""

    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class Isolated:
    """The first notification can't be read; the second is handled, and the Ack is false."""


@dataclass(frozen=True)
class Deleted:
    """The record was deleted before delivery, and the Ack is true."""


@dataclass(frozen=True)
class Read:
    """The one record has exactly these values beside its Id, and the Ack is true.

    Attributes:
        values: {Python name: value}; a NaN is written as the string "NaN".
        unknown: {API name: text}.
    """

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    unknown: dict[str, str] = field(default_factory=dict[str, str])


Expected = Refused | Isolated | Deleted | Read


@dataclass(frozen=True)
class Case:
    """One hostile case.

    Attributes:
        name: What it is, in a few words.
        make: Makes the bodies, nearly always one.
        expected: What must come of each.
        measured: Whether its time and memory count, because it is made to cost some.
    """

    name: str
    make: Callable[[Bait], Iterable[bytes]]
    expected: Expected
    measured: bool = False


def refused(name: str, body: bytes | str, *refusals: Refusal) -> Case:
    """Return the case of a body that is refused."""
    return Case(name, lambda _: [encoded(body)], Refused(refusals))


def isolated(name: str, *fields: str, first: str | None = None) -> Case:
    """Return the case of fields, or of a whole notification, that can't be read."""
    hostile = messages.record(*fields) if first is None else first
    good = messages.record(messages.field("Name", "good"), notification_id=messages.numbered(2))
    return Case(name, lambda _: [messages.message(hostile, good)], Isolated())


def read(name: str, /, *fields: str, unknown: dict[str, str] | None = None, **values: Any) -> Case:
    """Return the case of fields that look hostile and have values all the same."""
    return Case(
        name, lambda _: [messages.message(messages.record(*fields))], Read(values, unknown or {})
    )


def always(*bodies: bytes) -> Callable[[Bait], Iterable[bytes]]:
    """Return what makes the same bodies whatever the bait."""
    return lambda _: bodies


def baited(body: bytes) -> Callable[[Bait], Iterable[bytes]]:
    """Return what puts the bait in the place of `{file}` and `{http}`."""
    return lambda bait: [
        body.replace(b"{file}", bait.file.encode()).replace(b"{http}", bait.http.encode())
    ]


def encoded(body: bytes | str) -> bytes:
    """Return a body as bytes."""
    return body.encode() if isinstance(body, str) else body


def raw(name: str, xml: str, attributes: str = "") -> str:
    """Return a field whose content is XML, not text."""
    return f"<sf:{name} {attributes}>{xml}</sf:{name}>"


def with_doctype(doctype: str, *fields: str) -> str:
    """Return a message with a document type declaration."""
    declaration = messages.DECLARATION + doctype
    return messages.message(messages.record(*fields), declaration=declaration).decode()
