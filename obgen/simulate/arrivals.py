"""Look at what arrived: each record typed, and beside it what its WSDL doesn't know.

No dataclass is made for that, and so no code: what a WSDL says stays data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from lxml import etree

from obgen import hardened
from obgen.runtime.decode import decoder_of
from obgen.runtime.envelope import (
    OUTBOUND,
    SOAP,
    XSI_NIL,
    Envelope,
    RawNotification,
    read_envelope,
)
from obgen.runtime.limits import DEFAULT_LIMITS
from obgen.runtime.parsing import give_back
from obgen.runtime.values import Value
from obgen.runtime.wire import Record, WireTable

_HEADER: Final = f"{{{SOAP}}}Header"
_SESSION_ID: Final = f"{{{OUTBOUND}}}SessionId"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A notification that arrived.

    Attributes:
        id: The notification's id.
        record_id: The record's id, or "" if it was deleted before delivery or can't be read.
        values: {Python name: value} of the fields that came.
        missing: Python names of the fields that didn't.
        unknown: {API name: text} of the fields that the WSDL doesn't have.
        error: Why the record can't be read, or "".
    """

    id: str
    record_id: str = ""
    values: Mapping[str, Value | None] = field(default_factory=dict[str, Value | None])
    missing: tuple[str, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict[str, str])
    error: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that arrived.

    Attributes:
        organization_id: Who sent it.
        action_id: Which outbound message of Setup it is.
        object_type: The API name of the object, or "" if no record says it.
        arrivals: What it brought.
    """

    organization_id: str
    action_id: str
    object_type: str
    arrivals: tuple[Arrival, ...]


class _Seen:
    __obgen__: ClassVar[WireTable]
    __dataclass_fields__: ClassVar[dict[str, Any]] = {}

    def __init__(self, /, **values: Value | None) -> None:
        self.values = values

    @property
    def id(self) -> str:
        return str(self.values["id"])


def record_type(table: WireTable) -> type[Record]:
    """Return a class that holds whatever fields a record has, for `look` and for handlers."""
    return type("Seen", (_Seen,), {"__obgen__": table})


def look(body: bytes, records: Mapping[str, type[Record]]) -> Incoming:
    """Return what a message brought, its records read as {object: class} says.

    Raises EnvelopeError if it is no message.
    """
    envelope = read_envelope(body, DEFAULT_LIMITS)
    arrivals = tuple(_arrival(raw, envelope, records) for raw in envelope.notifications)
    if envelope.charge:
        give_back(envelope.charge, body, envelope.unknown)
    types = {raw.object_type for raw in envelope.notifications if raw.object_type}
    object_type = types.pop() if len(types) == 1 else ""
    return Incoming(envelope.organization_id, envelope.action_id, object_type, arrivals)


def _arrival(
    raw: RawNotification, envelope: Envelope, records: Mapping[str, type[Record]]
) -> Arrival:
    if raw.error is not None or raw.sobject is None:
        return Arrival(raw.id, error=str(raw.error or ""))
    record = records.get(raw.object_type or "")
    if record is None:
        envelope.charge = 0  # there are names that nobody looks at
        return Arrival(raw.id, error=f"no WSDL is of {raw.object_type}")
    notification = decoder_of(record).decode(raw, envelope)
    if notification.error is not None:
        return Arrival(raw.id, error=str(notification.error))
    seen: Any = notification.sobject
    names = record.__obgen__.fields
    return Arrival(
        raw.id,
        seen.id,
        {name: seen.values[name] for name in names if name in notification.present},
        tuple(name for name in names if name not in notification.present),
        notification.unknown,
    )


def without_session(body: bytes) -> bytes:
    """Return a message that can be kept: without comments, header and session id.

    The id is taken out of fields too: there are formulas that hold it.
    """
    root: Any = hardened.parse(body, hardened.make_parser())
    for header in root.findall(_HEADER):
        root.remove(header)
    sessions = list(root.iter(_SESSION_ID))
    secrets = {element.text.strip() for element in sessions if element.text} - {""}
    for element in sessions:
        element.text = None
        element.set(XSI_NIL, "true")
    for element in root.iter():
        for secret in secrets:
            if element.text and secret in element.text:
                element.text = element.text.replace(secret, "")
    kept: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return kept
