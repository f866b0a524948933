"""Take a message apart down to its sObjects, by its exact shape, and refuse everything else.

Elements are found by position and qualified name, never by searching: a copy planted in a Header
or a second Body is an error, not an alternative.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from lxml import etree

from obgen import hardened
from obgen.errors import DecodeError, EnvelopeError, Refusal
from obgen.hardened import Element
from obgen.runtime import parsing
from obgen.runtime.ids import is_salesforce_id
from obgen.runtime.limits import Limits, check_depth, check_texts, over_limit
from obgen.runtime.markup import check_markup, may_have_long_text

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND: Final = "http://soap.sforce.com/2005/09/outbound"
SOBJECT: Final = "urn:sobject.enterprise.soap.sforce.com"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

XSI_NIL: Final = f"{{{XSI}}}nil"
_XSI_TYPE: Final = f"{{{XSI}}}type"
_ENVELOPE: Final = f"{{{SOAP}}}Envelope"
_HEADER: Final = f"{{{SOAP}}}Header"
_BODY: Final = f"{{{SOAP}}}Body"
_MUST_UNDERSTAND: Final = f"{{{SOAP}}}mustUnderstand"
_NOTIFICATIONS: Final = f"{{{OUTBOUND}}}notifications"
_ORGANIZATION_ID: Final = f"{{{OUTBOUND}}}OrganizationId"
_ACTION_ID: Final = f"{{{OUTBOUND}}}ActionId"
_SESSION_ID: Final = f"{{{OUTBOUND}}}SessionId"
_ENTERPRISE_URL: Final = f"{{{OUTBOUND}}}EnterpriseUrl"
_PARTNER_URL: Final = f"{{{OUTBOUND}}}PartnerUrl"
_NOTIFICATION: Final = f"{{{OUTBOUND}}}Notification"
_ID: Final = f"{{{OUTBOUND}}}Id"
_SOBJECT: Final = f"{{{OUTBOUND}}}sObject"

_PARTS: Final = len((_ORGANIZATION_ID, _ACTION_ID, _SESSION_ID, _ENTERPRISE_URL, _PARTNER_URL))
_NOTIFICATION_FORMS: Final = ([_ID, _SOBJECT], [_ID])

_SPACE: Final = " \t\r\n"
_NOTHING_MANDATORY: Final = ("0", "false")
_LOCAL_NAME: Final = re.compile(r"[^\s:]{1,255}")
"""Salesforce's names have 80 characters and a namespace."""
_NIL: Final = {"false": False, "0": False, "true": True, "1": True}

# Fields are six deep: /Envelope/Body/notifications/Notification/sObject/*. Questions about all of
# them are answered in C at once: has any field attributes, or elements inside, or text beside it?
_has_unusual_fields: Final = cast(
    "Callable[[Element], bool]",
    etree.XPath(
        "boolean(/*/*/*/*/*/*/@*) or boolean(/*/*/*/*/*/*/*) or boolean(/*/*/*/*/*[2]/text())"
    ),
)
_has_nested_fields: Final = cast(
    "Callable[[Element], bool]", etree.XPath("boolean(/*/*/*/*/*/*/*)")
)

_REFUSALS: Final = {
    hardened.Flaw.EMPTY: Refusal.EMPTY,
    hardened.Flaw.ENCODING: Refusal.ENCODING,
    hardened.Flaw.XML_VERSION: Refusal.XML_VERSION,
    hardened.Flaw.DOCTYPE: Refusal.DOCTYPE,
    hardened.Flaw.NOT_WELL_FORMED: Refusal.NOT_WELL_FORMED,
    hardened.Flaw.TOO_COMPLEX: Refusal.TOO_COMPLEX,
}


class RawNotification:
    """A notification whose record is still XML.

    Attributes:
        id: The notification's id.
        number: Its place in the message, counted from 1.
        object_type: The API name of the object, or None where the message doesn't say it.
        sobject: The record's element, or None if the record was deleted before delivery.
        error: Why the record can't even be looked at, or None.
    """

    __slots__ = ("error", "id", "number", "object_type", "sobject")

    def __init__(self, notification_id: str, number: int) -> None:
        self.id = notification_id
        self.number = number
        self.object_type: str | None = None
        self.sobject: Element | None = None
        self.error: DecodeError | None = None

    @property
    def path(self) -> str:
        """Return where the record stands in the message, for errors."""
        return f"notifications/Notification[{self.number}]/sObject"


@dataclass(slots=True)
class Envelope:
    """A message of the right shape, its records still XML.

    Attributes:
        unusual: Whether any field may have attributes, elements inside or text beside it, so that
            each has to be looked at closely.
        charge: What the names of the message were charged with, to be given back once all of them
            turned out to be known; see `parsing`. 0 where that can't be.
        unknown: Names of fields that the decoders came across and don't know.
    """

    organization_id: str
    action_id: str
    session_id: str | None = field(repr=False)
    enterprise_url: str
    partner_url: str
    notifications: list[RawNotification]
    unusual: bool
    charge: int
    unknown: set[str] = field(default_factory=set[str])


def read_envelope(body: bytes, limits: Limits) -> Envelope:
    """Return the parts of the message in `body`, or raise EnvelopeError; nothing is repaired."""
    root, compact, charge = _parse(body, limits)
    parts = _Parts(_notifications(root, limits), _PARTS + limits.max_notifications + 1)
    envelope = Envelope(
        organization_id=_id_text(parts.take(_ORGANIZATION_ID), "notifications/OrganizationId"),
        action_id=_scalar_text(parts.take(_ACTION_ID), "notifications/ActionId"),
        session_id=_session(parts.take_optional(_SESSION_ID)),
        enterprise_url=_scalar_text(parts.take(_ENTERPRISE_URL), "notifications/EnterpriseUrl"),
        partner_url=_scalar_text(parts.take(_PARTNER_URL), "notifications/PartnerUrl"),
        notifications=_read_notifications(parts.rest(), limits),
        unusual=not compact or _has_unusual_fields(root),
        charge=charge if len(root) == 1 else 0,  # nobody knows what is in a Header
    )
    if envelope.unusual and _has_nested_fields(root):
        check_depth(root, limits)
    return envelope


def is_blank(text: str | None) -> bool:
    """Tell whether `text` is nothing but white space, or nothing at all."""
    return text is None or not text.strip(_SPACE)


def is_nil(element: Element) -> bool:
    """Tell whether `element` says xsi:nil; raise ValueError if it says it and has content too."""
    text = element.get(XSI_NIL)
    if text is None:
        return False
    nil = _NIL.get(text.strip(_SPACE))
    if nil is None:
        raise ValueError("xsi:nil is not a boolean")
    if nil and (len(element) or not is_blank(element.text)):
        raise ValueError("xsi:nil with content")
    return nil


def _parse(body: bytes, limits: Limits) -> tuple[Element, bool, int]:
    """Return the root element, whether white space between elements was left out, and the charge.

    libxml2 tells such white space from a field's value only where nothing but elements follows
    it, and no carriage return; in any other body it is kept, and looked at.
    """
    try:
        if len(body) > limits.max_bytes:
            raise over_limit("max_bytes", limits, Refusal.TOO_LARGE)
        hardened.check(body)
        plain = check_markup(body, limits)
        compact = plain and b"\r" not in body
        root, charge = parsing.parse(body, compact=compact)
    except hardened.XmlRefusedError as refused:
        raise EnvelopeError(_REFUSALS[refused.flaw], line=refused.line) from None
    if not compact or may_have_long_text(body, limits):
        check_texts(root, limits)
    return root, compact, charge if plain else 0


def _notifications(root: Element, limits: Limits) -> Element:
    if root.tag != _ENVELOPE:
        other_version = root.tag.startswith("{") and root.tag.endswith("}Envelope")
        raise EnvelopeError(Refusal.VERSION_MISMATCH if other_version else Refusal.NOT_SOAP)
    children = _children(root, "Envelope", 3)
    if children and children[0].tag == _HEADER:
        check_depth(root, limits)
        for entry in children.pop(0):
            mandatory = entry.get(_MUST_UNDERSTAND)
            if mandatory is not None and mandatory.strip(_SPACE) not in _NOTHING_MANDATORY:
                raise EnvelopeError(
                    Refusal.MUST_UNDERSTAND, path="Envelope/Header", line=entry.sourceline
                )
    if [child.tag for child in children] != [_BODY]:
        raise EnvelopeError(
            Refusal.NOT_SOAP, "the Envelope doesn't hold exactly one Body", path="Envelope"
        )
    content = _children(children[0], "Envelope/Body", 2)
    if [child.tag for child in content] != [_NOTIFICATIONS]:
        raise EnvelopeError(
            Refusal.NOT_OUTBOUND,
            "the Body doesn't hold exactly one notifications element",
            path="Envelope/Body",
            line=children[0].sourceline,
        )
    # Looking up the prefix of an xsi:type costs time for each namespace that is in force there.
    if len(content[0].nsmap) > limits.max_namespaces:
        raise over_limit("max_namespaces", limits)
    return content[0]


class _Parts:
    """Take the children of `notifications` one after the other, each in its place."""

    def __init__(self, notifications: Element, most: int) -> None:
        self._children = _children(notifications, "notifications", most)
        self._at = 0

    def take_optional(self, tag: str) -> Element | None:
        if self._at < len(self._children) and self._children[self._at].tag == tag:
            self._at += 1
            return self._children[self._at - 1]
        return None

    def take(self, tag: str) -> Element:
        element = self.take_optional(tag)
        if element is None:
            name = tag.rpartition("}")[2]
            detail = f"{name} is missing or not in its place"
            raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path="notifications")
        return element

    def rest(self) -> list[Element]:
        return self._children[self._at :]


def _children(element: Element, path: str, most: int) -> list[Element]:
    """Return the first elements inside; raise EnvelopeError for text between them, or for a nil.

    `most` is one more than there may be: the caller then finds one too many, and of the others
    no Python object is ever made.
    """
    children = element[:most]
    beside = {element.text, *[child.tail for child in children]}
    if not all(map(is_blank, beside)):
        detail = "there is text between the elements"
        raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path=path, line=element.sourceline)
    _is_nil_at(element, path)
    return children


def _is_nil_at(element: Element, path: str) -> bool:
    """Tell whether a part of the message is nil; raise EnvelopeError if it has content too."""
    if not element.attrib:  # nearly none has any, and to look for a certain one takes longer
        return False
    try:
        return is_nil(element)
    except ValueError as error:
        detail = str(error)
    raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path=path, line=element.sourceline)


def _session(element: Element | None) -> str | None:
    # Nil since February 2026: a message that leaves it out one day is still understood.
    path = "notifications/SessionId"
    if element is None or _is_nil_at(element, path):
        return None
    return _scalar_text(element, path)


def _read_notifications(elements: list[Element], limits: Limits) -> list[RawNotification]:
    if not elements:
        detail = "there is no Notification"
        raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path="notifications")
    if len(elements) > limits.max_notifications:
        detail = f"over max_notifications={limits.max_notifications}"
        raise EnvelopeError(Refusal.TOO_COMPLEX, detail, path="notifications")
    kinds = _Kinds()
    return [
        _read_notification(element, number, kinds, limits)
        for number, element in enumerate(elements, 1)
    ]


def _read_notification(
    element: Element, number: int, kinds: "_Kinds", limits: Limits
) -> RawNotification:
    path = f"notifications/Notification[{number}]"
    if element.tag != _NOTIFICATION:
        detail = "an element where only a Notification may follow"
        raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path=path, line=element.sourceline)
    children = _children(element, path, 3)
    if [child.tag for child in children] not in _NOTIFICATION_FORMS:
        detail = "a Notification has one Id, then one sObject"
        raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path=path, line=element.sourceline)
    raw = RawNotification(_id_text(children[0], f"{path}/Id"), number)
    for sobject in children[1:]:
        try:
            raw.object_type, nil = kinds.kind(sobject)
            raw.sobject = _record(sobject, raw.object_type, limits, nil=nil)
        except ValueError as error:
            raw.error = DecodeError(str(error), path=raw.path, line=sobject.sourceline)
    return raw


class _Kinds:
    """Tell the type of each sObject; the last answer is kept, as most messages repeat it."""

    def __init__(self) -> None:
        self._said: tuple[object, ...] = ()
        self._kind: tuple[str | None, bool] = (None, False)

    def kind(self, sobject: Element) -> tuple[str | None, bool]:
        """Return (object type or None where there is none, whether it is nil)."""
        # One by one: a list of all attributes repeats the names of their namespaces.
        qname, prefixes = sobject.get(_XSI_TYPE), sobject.nsmap
        said = (qname, sobject.get(XSI_NIL), prefixes)
        if said != self._said:
            self._kind = _object_type(qname, prefixes), is_nil(sobject)
            self._said = said
        return self._kind


def _object_type(qname: str | None, prefixes: Mapping[str | None, str]) -> str | None:
    """Resolve xsi:type through the prefixes in scope."""
    if qname is None:
        return None
    prefix, colon, local = qname.strip(_SPACE).rpartition(":")
    if prefixes.get(prefix if colon else None) != SOBJECT or not _LOCAL_NAME.fullmatch(local):
        raise ValueError("xsi:type is not the type of an sObject")
    return local


def _record(
    sobject: Element, object_type: str | None, limits: Limits, *, nil: bool
) -> Element | None:
    """Return the sObject if it has data, or None if its record was deleted before delivery."""
    if not is_blank(sobject.text):
        raise ValueError("text beside the fields")
    count = len(sobject)
    if not count:
        return None
    if count > limits.max_fields:
        raise over_limit("max_fields", limits)
    if nil:
        raise ValueError("xsi:nil with content")
    if object_type is None:
        raise ValueError("the record has no xsi:type")
    return sobject


def _id_text(element: Element, path: str) -> str:
    text = _scalar_text(element, path)
    if not is_salesforce_id(text):
        raise EnvelopeError(Refusal.BAD_ID, path=path, line=element.sourceline)
    return text


def _scalar_text(element: Element, path: str) -> str:
    if len(element):
        detail = "an element where only text may be"
        raise EnvelopeError(Refusal.NOT_OUTBOUND, detail, path=path, line=element.sourceline)
    _is_nil_at(element, path)
    return element.text or ""
