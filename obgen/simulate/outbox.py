"""Fill the queue: messages of made-up records, or one that is in a file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from obgen.errors import ConfigurationError, EnvelopeError
from obgen.hardened import Element
from obgen.runtime.envelope import SOBJECT, read_envelope
from obgen.runtime.limits import DEFAULT_LIMITS
from obgen.runtime.wire import WireTable
from obgen.simulate.delivery import Content
from obgen.simulate.ids import make_id
from obgen.simulate.message import (
    DEFAULT_SENDER,
    MAX_NOTIFICATIONS,
    Sender,
    write_message,
)
from obgen.simulate.plausible import record_id
from obgen.simulate.sample import Sample

MAX_RECORDS: Final = 1_000_000
"""The most records that one seed has ids for."""

_ID: Final = f"{{{SOBJECT}}}Id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to make up; the same plan for the same table is the same messages.

    Attributes:
        records: How many records, 1 to a million.
        batch: How many of them go into one message, 1 to 100.
        seed: Another one gives other records, with other ids.
        deleted: How many records, the last ones, were deleted before delivery.
        changing: Whether the records change before each new attempt, which brings their new state.
        sender: Who sends them.
    """

    records: int = 1
    batch: int = MAX_NOTIFICATIONS
    seed: int = 0
    deleted: int = 0
    changing: bool = False
    sender: Sender = DEFAULT_SENDER

    def contents(self, table: WireTable) -> list[Content]:
        """Return the messages, none of them written yet."""
        if self.deleted > self.records:
            raise ConfigurationError(
                f"{self.deleted} of {self.records} records can't be deleted",
                hint="Send as many records as deleted ones, or more.",
            )
        return [
            self._content(table, number, range(first, min(first + self.batch, self.records)))
            for number, first in enumerate(range(0, self.records, self.batch))
        ]

    def _content(self, table: WireTable, number: int, records: range) -> Content:
        gone = len(range(max(records.start, self.records - self.deleted), records.stop))
        sample = Sample(number=len(records), seed=self.seed * MAX_RECORDS + number, deleted=gone)
        ids = [record_id(table.object_type, seed) for seed in sample.seeds]
        write = partial(self._write, table, sample, ids)
        return Content(write, self.sender.action_id, table.object_type, ids)

    def _write(self, table: WireTable, sample: Sample, ids: Sequence[str], attempt: int) -> bytes:
        if self.changing:
            sample = replace(sample, version=attempt - 1)
        notifications = sample.notifications(table)
        return write_message(
            [
                replace(notification, id=self._notification_id(record))
                for notification, record in zip(notifications, ids, strict=True)
            ],
            self.sender,
        )

    def _notification_id(self, record: str) -> str:
        """Return an id that stays the same whatever becomes of the record."""
        place = f"{self.sender.organization_id} {self.sender.action_id} {record}"
        return make_id("04l", int.from_bytes(hashlib.sha256(place.encode()).digest()))


def as_it_is(body: bytes) -> Content:
    """Return the content of a body that is sent unchanged, whether it is a message or not."""
    try:
        envelope = read_envelope(body, DEFAULT_LIMITS)
    except EnvelopeError:
        return Content(lambda _attempt: body)
    types = {raw.object_type for raw in envelope.notifications if raw.object_type}
    ids = [_record_id(raw.sobject) for raw in envelope.notifications if raw.sobject is not None]
    return Content(
        lambda _attempt: body, envelope.action_id, ", ".join(sorted(types)), list(filter(None, ids))
    )


def of_organization(body: bytes, organization_id: str) -> bytes:
    """Return a message as another organization would send it.

    Raises EnvelopeError if it is no message.
    """
    envelope = read_envelope(body, DEFAULT_LIMITS)
    return body.replace(envelope.organization_id.encode(), organization_id.encode())


def _record_id(sobject: Element) -> str:
    return next((child.text or "" for child in sobject if child.tag == _ID), "")
