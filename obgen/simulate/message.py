"""Write outbound messages, byte for byte in the shape of the real ones.

What goes into a message is a record as Salesforce sees it: its object, and its fields by API
name. `sobject_of` makes one of a wire table and values, so that generated dataclasses and fields
that were just read from a WSDL are written by the same code.
"""

import hashlib
import re
from bisect import bisect
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from obgen.errors import ConfigurationError
from obgen.runtime.envelope import OUTBOUND, SOAP, SOBJECT, XSI
from obgen.runtime.ids import id_key, is_salesforce_id
from obgen.runtime.wire import Record, WireTable, table_of
from obgen.simulate.ids import make_id
from obgen.simulate.lexical import escape, write_value

ORGANIZATION_ID: Final = "00D000000000001EAA"
ACTION_ID: Final = "04k000000000001AAA"
MAX_NOTIFICATIONS: Final = 100
"""The most that Salesforce puts into one message."""

DeletedForm = Literal["absent", "empty", "nil"]
"""How a notification without data may look: no sObject, one without fields, one that is nil."""

_API_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_INSTANCE: Final = "https://example.my.salesforce.com/services/Soap"
_VERSION: Final = "62.0"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"'
    f' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="{XSI}">\n'
    " <soapenv:Body>\n"
    f'  <notifications xmlns="{OUTBOUND}">\n'
)
_TAIL: Final = "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>"


@dataclass(frozen=True, slots=True)
class Sobject:
    """A record as it stands in a message.

    Attributes:
        object_type: The API name of the object.
        fields: {API name: text, or None for a nil field}, in the order of the message.
    """

    object_type: str
    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notification to be sent.

    Attributes:
        sobject: The record; one without fields was deleted before delivery.
        id: The notification's id; "" takes one that is made of what is sent, so that a message
            that is written twice is the same message, as when Salesforce repeats it.
        deleted_form: How a record without fields is written.
    """

    sobject: Sobject
    id: str = ""
    deleted_form: DeletedForm = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends a message, and for which outbound message of Setup.

    Attributes:
        organization_id: The organization, 15 or 18 characters.
        action_id: The outbound message's own id (04k…), 15 or 18 characters.
        session_id: A credential, or None: Salesforce sends none since February 2026.
    """

    organization_id: str = ORGANIZATION_ID
    action_id: str = ACTION_ID
    session_id: str | None = field(default=None, repr=False)


DEFAULT_SENDER: Final = Sender()


def sobject_of(
    table: WireTable,
    values: Mapping[str, Any],
    *,
    nil: Collection[str] = (),
    unknown: Mapping[str, str] | None = None,
) -> Sobject:
    """Return the record that `values`, by Python names, make in a message.

    Empty fields (None, an empty string, no bytes) are left out, as Salesforce does; those named in
    `nil` are written as nil instead, whatever they hold. `unknown` adds {API name: text} of fields
    that the WSDL doesn't have, where the alphabet puts them. Raises ConfigurationError for a value
    that can't be sent, with the field's name and nothing of the value.
    """
    for name in nil:
        if name not in table.fields or name == "id":
            raise ConfigurationError(
                f"{table.object_type}.{name} can't be nil",
                hint="Name fields of the dataclass by their Python names; the id is none of them.",
            )
    fields: dict[str, str | None] = {}
    for name, (api_name, xsd_type) in table.fields.items():
        if name in nil:
            fields[api_name] = None
        elif values.get(name) is not None:
            place = f"{table.object_type}.{name}"
            if text := _text_of(values[name], xsd_type, place):
                fields[api_name] = text
    if table.fields["id"].api_name not in fields:
        raise ConfigurationError(
            f"a record of {table.object_type} without an id can't be sent",
            hint="Salesforce gives every record one.",
        )
    return Sobject(table.object_type, _with_unknown(fields, unknown or {}))


def record_sobject(
    record: Record, *, nil: Collection[str] = (), unknown: Mapping[str, str] | None = None
) -> Sobject:
    """Return what an instance of a generated dataclass is in a message; see `sobject_of`."""
    table = table_of(type(record))
    values = {name: getattr(record, name) for name in table.fields}
    return sobject_of(table, values, nil=nil, unknown=unknown)


def write_message(notifications: Sequence[Outgoing], sender: Sender = DEFAULT_SENDER) -> bytes:
    """Return the body of the request that brings these notifications.

    Raises ConfigurationError unless there are 1 to 100 of them, for one object, and for an id that
    no receiver would take.
    """
    _check_id(sender.organization_id, "organization_id")
    _check_id(sender.action_id, "action_id")
    if not 1 <= len(notifications) <= MAX_NOTIFICATIONS:
        raise ConfigurationError(
            f"a message has 1 to {MAX_NOTIFICATIONS} notifications, not {len(notifications)}",
            hint="Send several messages.",
        )
    objects = sorted({outgoing.sobject.object_type for outgoing in notifications})
    if len(objects) > 1:
        raise ConfigurationError(
            f"a message is of one object, not of {' and '.join(objects)}",
            hint="Each outbound message in Setup is for one object: send one message for each.",
        )
    session = '<SessionId xsi:nil="true"/>'
    if sender.session_id is not None:
        session = f"<SessionId>{_escaped(sender.session_id, 'session_id')}</SessionId>"
    short = id_key(sender.organization_id)
    text = "".join(
        [
            _HEAD,
            f"   <OrganizationId>{sender.organization_id}</OrganizationId>\n",
            f"   <ActionId>{sender.action_id}</ActionId>\n",
            f"   {session}\n",
            f"   <EnterpriseUrl>{_INSTANCE}/c/{_VERSION}/{short}</EnterpriseUrl>\n",
            f"   <PartnerUrl>{_INSTANCE}/u/{_VERSION}/{short}</PartnerUrl>\n",
            *_write_notifications(notifications, sender),
            _TAIL,
        ]
    )
    return text.encode()


def _write_notifications(notifications: Iterable[Outgoing], sender: Sender) -> Iterable[str]:
    for number, outgoing in enumerate(notifications):
        content = _write_sobject(outgoing)
        notification_id = outgoing.id
        if notification_id:
            _check_id(notification_id, "notification_id")
        else:
            place = f"{sender.organization_id} {sender.action_id} {number}"
            what = f"{place} {outgoing.sobject.object_type} {content}"
            digest = hashlib.sha256(what.encode()).digest()
            notification_id = make_id("04l", int.from_bytes(digest))
        yield f"   <Notification>\n    <Id>{notification_id}</Id>\n{content}   </Notification>\n"


def _write_sobject(outgoing: Outgoing) -> str:
    sobject = outgoing.sobject
    opening = f'    <sObject xsi:type="sf:{sobject.object_type}" xmlns:sf="{SOBJECT}"'
    if sobject.fields:
        lines = [
            f'     <sf:{name} xsi:nil="true"/>\n'
            if text is None
            else f"     <sf:{name}>{_escaped(text, f'{sobject.object_type}.{name}')}</sf:{name}>\n"
            for name, text in sobject.fields.items()
        ]
        return f"{opening}>\n{''.join(lines)}    </sObject>\n"
    if outgoing.deleted_form == "empty":
        return f"{opening}/>\n"
    return '    <sObject xsi:nil="true"/>\n' if outgoing.deleted_form == "nil" else ""


def _with_unknown(
    fields: dict[str, str | None], unknown: Mapping[str, str]
) -> Mapping[str, str | None]:
    """Add fields in the place that the alphabet gives them; the Id stays the first."""
    for api_name in unknown:
        if api_name in fields or _API_NAME.fullmatch(api_name) is None:
            raise ConfigurationError(
                f"{api_name!r} can't be an unknown field",
                hint="Take an API name that the record doesn't have, such as New__c.",
            )
    names = list(fields)
    for api_name in unknown:
        names.insert(bisect(names, api_name, lo=1), api_name)
    every = {**fields, **unknown}
    return {name: every[name] for name in names}


def _text_of(value: object, xsd_type: str, place: str) -> str:
    try:
        return write_value(value, xsd_type)
    except ValueError as error:
        raise ConfigurationError(f"{place} can't be sent: {error}") from None


def _escaped(text: str, place: str) -> str:
    try:
        return escape(text)
    except ValueError as error:
        raise ConfigurationError(f"{place} can't be sent: {error}") from None


def _check_id(text: str, what: str) -> None:
    if not is_salesforce_id(text):
        raise ConfigurationError(
            f"{text!r} can't be the {what}: ids have 15 or 18 letters and digits"
        )
