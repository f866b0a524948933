"""What a message says once it is decoded: typed records, and where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic

from obgen.errors import DecodeError
from obgen.runtime.wire import RecordT


@dataclass(slots=True)
class Notification(Generic[RecordT]):
    """One notification of a message.

    Attributes:
        id: The notification's own id, 15 or 18 characters; a repeated delivery has the same.
        sobject: The record, or None if it was deleted before delivery or can't be read.
        present: Python names of the fields that were in the XML, a nil one too.
        unknown: {API name: text} of the elements that the WSDL doesn't have; a nil one is "".
        error: Why this notification can't be read, or None.
    """

    id: str
    sobject: RecordT | None = None
    present: frozenset[str] = frozenset()
    unknown: Mapping[str, str] = field(default_factory=dict[str, str])
    error: DecodeError | None = None


@dataclass(slots=True, kw_only=True)
class OutboundMessage(Generic[RecordT]):
    """One outbound message: up to 100 notifications of one organization and one action.

    Attributes:
        organization_id: The sender's organization, 15 or 18 characters.
        action_id: The outbound message's own id (04k…), as Setup > Outbound Messages shows it.
        enterprise_url: Where the organization's Enterprise API answers.
        partner_url: Where the organization's Partner API answers.
        session_id: A credential, or None. Salesforce sends none since February 2026; it is kept
            out of every repr.
        notifications: All of them, in the order of the message.
    """

    organization_id: str
    action_id: str
    enterprise_url: str
    partner_url: str
    session_id: str | None = field(default=None, repr=False)
    notifications: list[Notification[RecordT]]


@dataclass(slots=True, kw_only=True)
class Delivery:
    """Tell a handler which notification its record came with.

    Attributes:
        notification_id: The notification's id; the same one may be delivered more than once.
        organization_id: The sender's organization.
        action_id: The outbound message's own id (04k…).
        object_type: The API name of the object; "" for a deleted record that doesn't say it.
        record_id: The record's id, or None if it was deleted before delivery.
        present: Python names of the fields that were in the XML, a nil one too.
        unknown: {API name: text} of the elements that the WSDL doesn't have; a nil one is "".
        enterprise_url: Where the organization's Enterprise API answers.
        partner_url: Where the organization's Partner API answers.
        attempt: How often obgen has started to handle this delivery, counted from 1. Repetitions
            by Salesforce itself can't be told without an inbox.
    """

    notification_id: str
    organization_id: str
    action_id: str
    object_type: str
    record_id: str | None
    present: frozenset[str] = frozenset()
    unknown: Mapping[str, str] = field(default_factory=dict[str, str])
    enterprise_url: str = ""
    partner_url: str = ""
    attempt: int = 1
