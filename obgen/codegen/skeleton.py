"""The skeleton that Salesforce makes every WSDL of an outbound message from: plain data.

Only the object, its fields and the endpoint differ from one to the next. So this table names all
that may stand in one, and `obgen.codegen.shape` refuses the rest: whatever could mean something
to another reader of the file has a place here, or the file isn't used.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from obgen.codegen.fragments import MAX_API_NAME, ApiName

QName = tuple[str, str]
"""A name in a namespace: (namespace, name)."""

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
OUTBOUND: Final = "http://soap.sforce.com/2005/09/outbound"
"""The target namespace of every outbound message's WSDL."""
ENTERPRISE: Final = "urn:enterprise.soap.sforce.com"
SOBJECT: Final = "urn:sobject.enterprise.soap.sforce.com"

OBJECT: Final = "{object}"
"""Stands in the table for the name of the object, once that is known."""
ANY: Final = "*"
"""Stands in a `Reference` for any name of a namespace."""
DOCUMENTATION: Final = {WSDL: f"{{{WSDL}}}documentation", XSD: f"{{{XSD}}}annotation"}
"""What may stand in any element of a namespace, holding anything: a comment made of elements."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text that differs from one WSDL to the next.

    Attributes:
        pattern: What all of it must match.
        fault: What is wrong with one that doesn't.
        owner: Whose it is, where a message has to say that.
        hidden: Whether it is a secret: shown to nobody, and in no hash.
    """

    pattern: re.Pattern[str]
    fault: str
    owner: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A name written with a prefix, and those that it may stand for."""

    names: tuple[QName, ...]


Rule = str | Words | Reference
"""What an attribute must say: exactly this, something like this, or a name of these."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the skeleton.

    Attributes:
        tag: What the element here is.
        title: What messages call it.
        must: The attributes that it has.
        may: Those that it can have besides.
        children: The places in it, in this order.
        least: How often it is there at least.
        most: How often at most; None stands for any number.
    """

    tag: str
    title: str
    must: Mapping[str, Rule]
    children: tuple["Place", ...] = ()
    may: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    least: int = 1
    most: int | None = 1

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Return the attributes by which the element is known, and what they say."""
        return tuple(
            (name, rule)
            for name, rule in self.must.items()
            if name in {"name", "targetNamespace"} and isinstance(rule, str)
        )


_NONE: Final[Mapping[str, Rule]] = {}
_NILLABLE: Final[Mapping[str, Rule]] = {"nillable": "true"}
_NO_API_NAME: Final = (
    f"is no API name of Salesforce (a letter, then letters, digits and _, at most {MAX_API_NAME} "
    "characters)"
)
OBJECT_NAME: Final = Words(ApiName.pattern, _NO_API_NAME, "object ")
_FIELD_NAME: Final = Words(ApiName.pattern, _NO_API_NAME, "field ")
_ENDPOINT: Final = Words(re.compile(r"\s*\S.*", re.DOTALL), "of the endpoint is empty", hidden=True)

_ID: Final = (ENTERPRISE, "ID")
_STRING: Final = (XSD, "string")


def _wsdl(tag: str, must: Mapping[str, Rule] = _NONE, *children: Place) -> Place:
    return Place(f"{{{WSDL}}}{tag}", tag, must, children)


def _soap(tag: str, must: Mapping[str, Rule]) -> Place:
    return Place(f"{{{SOAP}}}{tag}", f"soap:{tag}", must)


def _xsd(tag: str, must: Mapping[str, Rule] = _NONE, *children: Place) -> Place:
    return Place(f"{{{XSD}}}{tag}", tag, must, children)


def _element(name: Rule, *types: QName, may: Mapping[str, Rule] = _NONE) -> Place:
    return replace(_xsd("element", {"name": name, "type": Reference(types)}), may=may)


def _element_of(name: str, *parts: Place) -> Place:
    """Return a global element with a type of its own, a sequence."""
    return _xsd("element", {"name": name}, _xsd("complexType", {}, _xsd("sequence", {}, *parts)))


def _extension(*parts: Place) -> Place:
    """Return the content of a type that extends `ens:sObject` by a sequence."""
    base = {"base": Reference(((SOBJECT, "sObject"),))}
    return _xsd(
        "complexContent",
        {},
        _xsd("extension", base, replace(_xsd("sequence", {}, *parts), least=0)),
    )


def _schema(target: str, *content: Place) -> Place:
    return _xsd("schema", {"targetNamespace": target, "elementFormDefault": "qualified"}, *content)


def _import(namespace: str) -> Place:
    return _xsd("import", {"namespace": namespace})


def _outbound(name: str) -> Reference:
    return Reference(((OUTBOUND, name),))


_FIELD: Final = replace(
    _element(
        _FIELD_NAME,
        (XSD, ANY),
        _ID,
        may={"nillable": "true", "minOccurs": "0", "maxOccurs": "1"},
    ),
    title="field",
    least=0,
    most=None,
)
_WILDCARD: Final = _xsd(
    "any",
    {
        "namespace": "##targetNamespace",
        "minOccurs": "0",
        "maxOccurs": "unbounded",
        "processContents": "lax",
    },
)

_ENTERPRISE_SCHEMA: Final = _schema(
    ENTERPRISE,
    _xsd(
        "simpleType",
        {"name": "ID"},
        _xsd(
            "restriction",
            {"base": Reference((_STRING,))},
            _xsd("length", {"value": "18"}),
            _xsd("pattern", {"value": "[a-zA-Z0-9]{18}"}),
        ),
    ),
)

_SOBJECT_SCHEMA: Final = _schema(
    SOBJECT,
    _import(ENTERPRISE),
    _xsd(
        "complexType",
        {"name": "sObject"},
        _xsd(
            "sequence",
            {},
            _element(
                "fieldsToNull",
                _STRING,
                may={"nillable": "true", "minOccurs": "0", "maxOccurs": "unbounded"},
            ),
            _element("Id", _ID, _STRING, may={"nillable": "true", "minOccurs": "0"}),
        ),
    ),
    replace(_xsd("complexType", {"name": "AggregateResult"}, _extension(_WILDCARD)), least=0),
    replace(_xsd("complexType", {"name": OBJECT_NAME}, _extension(_FIELD)), title="object type"),
)

_OUTBOUND_SCHEMA: Final = _schema(
    OUTBOUND,
    _import(ENTERPRISE),
    _import(SOBJECT),
    _element_of(
        "notifications",
        _element("OrganizationId", _ID),
        _element("ActionId", _ID),
        _element("SessionId", _STRING, may=_NILLABLE),
        _element("EnterpriseUrl", _STRING),
        _element("PartnerUrl", _STRING),
        _element("Notification", (OUTBOUND, f"{OBJECT}Notification"), may={"maxOccurs": "100"}),
    ),
    _xsd(
        "complexType",
        {"name": f"{OBJECT}Notification"},
        _xsd("sequence", {}, _element("Id", _ID), _element("sObject", (SOBJECT, OBJECT))),
    ),
    _element_of("notificationsResponse", _element("Ack", (XSD, "boolean"))),
)


SKELETON: Final = _wsdl(
    "definitions",
    {"targetNamespace": OUTBOUND},
    _wsdl("types", {}, _ENTERPRISE_SCHEMA, _SOBJECT_SCHEMA, _OUTBOUND_SCHEMA),
    _wsdl(
        "message",
        {"name": "notificationsRequest"},
        _wsdl("part", {"name": "request", "element": _outbound("notifications")}),
    ),
    _wsdl(
        "message",
        {"name": "notificationsResponse"},
        _wsdl("part", {"name": "response", "element": _outbound("notificationsResponse")}),
    ),
    _wsdl(
        "portType",
        {"name": "NotificationPort"},
        _wsdl(
            "operation",
            {"name": "notifications"},
            _wsdl("input", {"message": _outbound("notificationsRequest")}),
            _wsdl("output", {"message": _outbound("notificationsResponse")}),
        ),
    ),
    _wsdl(
        "binding",
        {"name": "NotificationBinding", "type": _outbound("NotificationPort")},
        _soap(
            "binding",
            {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"},
        ),
        _wsdl(
            "operation",
            {"name": "notifications"},
            _soap("operation", {"soapAction": ""}),
            _wsdl("input", {}, _soap("body", {"use": "literal"})),
            _wsdl("output", {}, _soap("body", {"use": "literal"})),
        ),
    ),
    _wsdl(
        "service",
        {"name": "NotificationService"},
        _wsdl(
            "port",
            {"name": "Notification", "binding": _outbound("NotificationBinding")},
            _soap("address", {"location": _ENDPOINT}),
        ),
    ),
)
"""The skeleton, from its root element down."""
