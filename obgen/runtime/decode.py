"""Decode messages into generated dataclasses, each notification for itself."""

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Generic

from obgen.errors import ConfigurationError, DecodeError
from obgen.hardened import Element
from obgen.runtime import values
from obgen.runtime.envelope import (
    SOBJECT,
    Envelope,
    RawNotification,
    is_blank,
    is_nil,
    read_envelope,
)
from obgen.runtime.limits import DEFAULT_LIMITS, Limits
from obgen.runtime.message import Notification, OutboundMessage
from obgen.runtime.parsing import give_back
from obgen.runtime.wire import RecordT, table_of

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMESPACE: Final = f"{{{SOBJECT}}}"
_NAMESPACE_LENGTH: Final = len(_NAMESPACE)
_FIELDS_TO_NULL: Final = f"{_NAMESPACE}fieldsToNull"
"""Declared by every WSDL for calls to Salesforce, and without meaning in what it sends."""
_API_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}")


def decode(
    body: bytes, record: type[RecordT], *, limits: Limits | None = None
) -> OutboundMessage[RecordT]:
    """Return the message in `body`, every notification of it, its records of type `record`.

    `body` is the request's body as it came. A notification that can't be read has its reason in
    `error` and touches no other. Raises EnvelopeError if the body as a whole is no outbound
    message or goes over one of the `limits`, and ConfigurationError if `record` isn't a class that
    `obgen generate` wrote.
    """
    if not isinstance(body, bytes):
        raise TypeError(f"decode takes the body as bytes, not {type(body).__name__}")
    decoder: Decoder[RecordT] = decoder_of(record)
    envelope = read_envelope(body, limits or DEFAULT_LIMITS)
    notifications = [decoder.decode(raw, envelope) for raw in envelope.notifications]
    if envelope.charge:
        give_back(envelope.charge, body, envelope.unknown)
    return OutboundMessage(
        organization_id=envelope.organization_id,
        action_id=envelope.action_id,
        enterprise_url=envelope.enterprise_url,
        partner_url=envelope.partner_url,
        session_id=envelope.session_id,
        notifications=notifications,
    )


@lru_cache(maxsize=256)
def decoder_of(record: type[Any]) -> "Decoder[Any]":
    """Return the decoder of a generated dataclass; it is made once."""
    return Decoder(record)


class Decoder(Generic[RecordT]):
    """Make records of one generated dataclass; the same one serves any number of messages."""

    def __init__(self, record: type[RecordT]) -> None:
        table = table_of(record)
        self.record = record
        self.object_type = table.object_type
        self._make: Callable[..., RecordT] = record
        self._name_of = _Names()
        self._converters: dict[str, Callable[[str], values.Value]] = {}
        for field_name, (api_name, xsd_type) in table.fields.items():
            name = sys.intern(field_name)  # what a call with keywords compares fastest
            self._name_of[_NAMESPACE + api_name] = name
            if xsd_type not in values.CONVERTERS:
                raise ConfigurationError(
                    f"{record!r} has the type {xsd_type!r}, which this version can't read",
                    hint="Install the obgen that generated it, or run `obgen generate` again.",
                )
            convert = values.CONVERTERS[xsd_type]
            if convert is values.double and table.decimals:
                convert = values.decimal_double
            if convert is not None:
                self._converters[name] = convert
        self._names = frozenset(table.fields)

    def decode(self, raw: RawNotification, envelope: Envelope) -> Notification[RecordT]:
        """Return the notification with its record, or with the error that it is.

        What the record has and nobody knows is noted in the envelope.
        """
        try:
            return self._decode(raw, envelope)
        except DecodeError as error:
            envelope.charge = 0  # there may be names that nobody looked at
            # Without its tracebacks, which would keep the whole message in memory.
            error.__context__ = None
            return Notification(id=raw.id, error=error.with_traceback(None))

    def _decode(self, raw: RawNotification, envelope: Envelope) -> Notification[RecordT]:
        if raw.error is not None:
            raise raw.error
        if raw.object_type not in (None, self.object_type):
            raise DecodeError(f"xsi:type is not {self.object_type}", path=raw.path)
        sobject = raw.sobject
        if sobject is None:
            return Notification(id=raw.id)
        # Nearly every record is plain. One that isn't is read again, closely: that finds what is
        # allowed, such as a nil field, and says exactly what isn't.
        children = sobject[:]
        found = {} if envelope.unusual else self._read_plain(children)
        if not found:
            found = self._read_closely(raw, children)
        present = self._names.intersection(found)
        unknown: dict[str, str] = {}
        if len(present) != len(found):
            for tag in [name for name in found if name not in present]:
                unknown[tag[_NAMESPACE_LENGTH:]] = str(found.pop(tag))
            envelope.unknown.update(unknown)
        if not str(found.get("id") or "").strip():
            raise _error("a record without Id", raw, sobject)
        return Notification(raw.id, self._make(**found), present, unknown)

    def _read_plain(self, children: list[Element]) -> dict[str, values.Value | None]:
        """Read fields that have nothing but text; return nothing if they aren't all like that."""
        name_of = self._name_of
        try:
            found: dict[str, Any] = {name_of[element.tag]: element.text for element in children}
            if len(found) != len(children) or None in found.values():
                return {}
            converters = self._converters
            for name in converters.keys() & found.keys():
                found[name] = converters[name](found[name])
        except (KeyError, ValueError):
            return {}
        return found

    def _read_closely(
        self, raw: RawNotification, children: list[Element]
    ) -> dict[str, values.Value | None]:
        """Read fields one after the other; raise DecodeError for the first that can't be read."""
        found: dict[str, values.Value | None] = {}
        for element in children:
            nil = _check_closely(raw, element)
            name = self._name_of.get(element.tag, element.tag)
            if name in found:
                raise _error("a field twice", raw, element)
            text = element.text or ""
            convert = self._converters.get(name)
            if name == _FIELDS_TO_NULL:
                continue
            if nil:
                found[name] = None if name in self._names else ""
            elif convert is None:
                found[name] = text
            else:
                try:
                    found[name] = convert(text)
                except ValueError as error:
                    raise _error(str(error), raw, element, text) from None
        return found


class _Names(dict[str, str]):
    """{tag: Python name}; an unknown field of the object's namespace goes by its tag."""

    def __missing__(self, tag: str) -> str:
        if tag == _FIELDS_TO_NULL or not tag.startswith(_NAMESPACE):
            raise KeyError(tag)
        return tag


def _check_closely(raw: RawNotification, element: Element) -> bool:
    """Tell whether a field is nil; raise DecodeError for what no field may have."""
    if not element.tag.startswith(_NAMESPACE):
        raise _error("an element of a foreign namespace", raw, element)
    if len(element):
        raise _error("an element inside a field", raw, element)
    if not is_blank(element.tail):
        raise _error("text beside the fields", raw, element)
    try:
        return is_nil(element)
    except ValueError as error:
        raise _error(str(error), raw, element, element.text) from None


def _error(
    message: str, raw: RawNotification, element: Element, value: str | None = None
) -> DecodeError:
    step = element.tag.rpartition("}")[2]
    path = raw.path
    if element.tag.startswith(_NAMESPACE) and _API_NAME.fullmatch(step):
        path += f"/{step}"
    return DecodeError(message, path=path, value=value, line=element.sourceline)
