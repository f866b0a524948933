"""Read the WSDL of an outbound message into the neutral contract; only this module knows xsdata.

Salesforce makes each of these WSDLs from one skeleton, so this is a check against that skeleton
rather than a reader of WSDLs in general: what differs in shape is refused with its line.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NoReturn, TypeVar, cast

from xsdata.codegen.parsers.definitions import DefinitionsParser
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.models.generics import AnyElement
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers.lxml import LxmlEventHandler
from xsdata.models.mixins import ElementBase
from xsdata.models.wsdl import Definitions
from xsdata.models.xsd import ComplexType, Element, Extension, Schema, Sequence, SimpleType

from obgen.codegen.contract import XSD_TYPES, Contract, Field
from obgen.codegen.diagnosis import OUTBOUND
from obgen.codegen.document import Document, parse_document, read_bytes
from obgen.codegen.fragments import MAX_API_NAME, ApiName
from obgen.codegen.quoting import quoted

MAX_FIELDS: Final = 2_000
"""The most fields of one object; Salesforce allows fewer than 1,000."""

_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_ENT: Final = "urn:enterprise.soap.sforce.com"
_ENS: Final = "urn:sobject.enterprise.soap.sforce.com"
_SOAP_ADDRESS: Final = "{http://schemas.xmlsoap.org/wsdl/soap/}address"
_NOTIFICATIONS: Final = (
    "OrganizationId",
    "ActionId",
    "SessionId",
    "EnterpriseUrl",
    "PartnerUrl",
    "Notification",
)
_SUFFIX: Final = "Notification"

_QName = tuple[str, str]
_Named = TypeVar("_Named", ComplexType, SimpleType, Element)


def read_contract(path: str) -> Contract:
    """Return the contract of the WSDL file at `path`, or raise `WsdlError` with file and line."""
    return parse_contract(read_bytes(path), path)


def parse_contract(body: bytes, path: str) -> Contract:
    """Return the contract of a WSDL's bytes; `path` is how messages name the file."""
    return _Reader(parse_document(body, path)).contract()


class _Context(XmlContext):
    """Keep to xsdata's own models: by itself it makes any dataclass that a document names."""

    __slots__ = ()

    def find_types(self, qname: str) -> list[type[Any]]:  # noqa: ARG002 - the same for every name
        """Return no class for an element that the models don't expect, nor for an `xsi:type`."""
        return []


@cache
def _context() -> _Context:
    context = _Context()
    # Complete before the first document, so that none leaves anything in it for the next.
    context.build_recursive(Definitions)
    return context


def _parse_definitions(document: Document) -> Definitions:
    parser = DefinitionsParser(
        config=ParserConfig(fail_on_converter_warnings=True),
        context=_context(),
        handler=LxmlEventHandler,
    )
    try:
        return parser.parse(document.root, Definitions)
    except Exception as error:  # noqa: BLE001 - xsdata has no error of its own for this
        # Whatever xsdata stumbles over isn't in a WSDL that Salesforce made. It counts the
        # elements as it comes to them, so the count says where it stopped.
        document.refuse("this isn't in the shape that Salesforce makes", parser.index, error)


class _Reader:
    """Walk one WSDL from its `notifications` element down to the fields of its object."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # xsdata empties the tree while it reads; lines and digest were taken before.
        self._definitions = _parse_definitions(document)
        self._complex_types: dict[_QName, ComplexType] = {}
        self._simple_types: dict[_QName, SimpleType] = {}
        self._elements: dict[_QName, Element] = {}
        self._warnings: list[str] = []
        for schema in self._definitions.schemas:
            self._collect(schema.complex_types, schema, self._complex_types)
            self._collect(schema.simple_types, schema, self._simple_types)
            self._collect(schema.elements, schema, self._elements)

    def contract(self) -> Contract:
        """Return the contract, or raise `WsdlError` at the first thing that is out of shape."""
        endpoint = self._endpoint()
        record = self._record_type(self._notification_type())
        fields = tuple(self._fields(record))
        return Contract(
            object_type=str(record.name),
            fields=fields,
            endpoint=endpoint,
            digest=self._document.digest,
            warnings=tuple(self._warnings),
        )

    def _endpoint(self) -> str:
        services = self._definitions.services
        ports = [port for service in services for port in service.ports]
        addresses = [
            element.attributes.get("location", "")
            for port in ports
            for element in port.extended
            if isinstance(element, AnyElement) and element.qname == _SOAP_ADDRESS
        ]
        for found, what in ((services, "service"), (ports, "port"), (addresses, "soap:address")):
            if len(found) != 1:
                self._document.refuse(f"expected one {what}, found {len(found)}")
        return addresses[0].strip()

    def _notification_type(self) -> ComplexType:
        root = self._elements.get((OUTBOUND, "notifications"))
        if root is None:
            self._document.refuse("the element 'notifications' is missing")
        if root.complex_type is None:
            self._refuse(root, "the element 'notifications' has no content of its own")
        parts = self._sequence(root.complex_type, root.complex_type.sequence)
        if tuple(part.name for part in parts) != _NOTIFICATIONS:
            self._refuse(root, f"'notifications' must hold {', '.join(_NOTIFICATIONS)}, in order")
        return self._complex_type(parts[-1], OUTBOUND)

    def _record_type(self, notification: ComplexType) -> ComplexType:
        parts = self._sequence(notification, notification.sequence)
        if tuple(part.name for part in parts) != ("Id", "sObject"):
            self._refuse(notification, "a notification must hold Id and sObject, in order")
        record = self._complex_type(parts[-1], _ENS)
        self._check_api_name(record, "object")
        if notification.name != f"{record.name}{_SUFFIX}":
            self._refuse(
                notification,
                f"the type of a {record.name} notification must be called {record.name}{_SUFFIX}",
            )
        for (namespace, name), other in self._complex_types.items():
            if namespace == _ENS and name not in {"sObject", "AggregateResult", record.name}:
                self._refuse(other, f"a second object type {quoted(name)}; expected one")
            if namespace == OUTBOUND and other is not notification:
                self._refuse(other, f"a second notification type {quoted(name)}; expected one")
        return record

    def _fields(self, record: ComplexType) -> Iterator[Field]:
        base = self._complex_types.get((_ENS, "sObject"))
        if base is None:
            self._document.refuse("the type 'sObject' is missing")
        extension = record.complex_content and record.complex_content.extension
        if not extension or self._resolve(extension, extension.base) != (_ENS, "sObject"):
            self._refuse(record, f"the type {record.name} must extend ens:sObject directly")
        common = {part.name: part for part in self._sequence(base, base.sequence)}
        if "Id" not in common or not common.keys() <= {"Id", "fieldsToNull"}:
            self._refuse(base, "the type 'sObject' must hold fieldsToNull and Id")
        own = self._sequence(extension, extension.sequence)
        if len(own) >= MAX_FIELDS:
            self._refuse(record, f"{record.name} has over {MAX_FIELDS:,} fields")
        seen = {name: self._line(part) for name, part in common.items()}
        yield Field("Id", self._xsd_type(common["Id"]), seen["Id"])
        for part in own:
            self._check_api_name(part, "field")
            line = self._line(part)
            if part.name in seen:
                self._refuse(part, f"{part.name} is declared twice, in line {seen[part.name]} too")
            seen[part.name] = line
            yield Field(str(part.name), self._xsd_type(part), line)

    def _xsd_type(self, part: Element) -> str:
        """Return the field's type as a name of `XSD_TYPES`; what obgen can't type is a string."""
        if part.max_occurs not in (None, 1):
            self._refuse(part, f"{part.name} may come more than once")
        if part.simple_type is not None:
            return self._untyped(part, "a type of its own")
        key = namespace, name = self._resolve(part, part.type)
        if key == (_ENT, "ID"):
            return "ID"
        if namespace == _XSD and name in XSD_TYPES - {"ID"}:
            return name
        if part.complex_type is not None or key in self._complex_types:
            self._refuse(part, f"{part.name} is not a simple value")
        if namespace != _XSD and key not in self._simple_types:
            self._refuse(part, f"the type {quoted(part.type or '')} of {part.name} is not defined")
        return self._untyped(part, f"the type {quoted(name)}")

    def _untyped(self, part: Element, kind: str) -> str:
        line = self._line(part)
        place = f"{self._document.path}:{line}"
        self._warnings.append(f"{place}: {part.name} has {kind}; it is read as a string")
        return "string"

    def _complex_type(self, part: Element, namespace: str) -> ComplexType:
        key = self._resolve(part, part.type)
        found = self._complex_types.get(key)
        if found is None or key[0] != namespace:
            self._refuse(part, f"the type {quoted(part.type or '')} of {part.name} is not defined")
        return found

    def _collect(self, found: list[_Named], schema: Schema, table: dict[_QName, _Named]) -> None:
        for component in found:
            key = (schema.target_namespace or "", component.name or "")
            if key in table:
                first = self._line(table[key])
                self._refuse(component, f"{quoted(key[1])} is defined twice, in line {first} too")
            table[key] = component

    def _sequence(self, owner: ComplexType | Extension, sequence: Sequence | None) -> list[Element]:
        """Return the elements of `sequence`, which must be all that `owner` consists of."""
        others = (owner.group, owner.all, owner.choice, owner.attributes, owner.attribute_groups)
        if any(others) or (isinstance(owner, ComplexType) and owner.complex_content):
            self._refuse(owner, "this type must consist of one sequence of elements")
        if sequence is None:
            return []
        if any((sequence.groups, sequence.choices, sequence.sequences, sequence.any)):
            self._refuse(sequence, "this sequence must consist of elements")
        return sequence.elements

    def _check_api_name(self, component: ComplexType | Element, what: str) -> None:
        name = component.name or ""
        if not ApiName.allows(name):
            self._refuse(
                component,
                f"the {what} name {quoted(name)} is no API name of Salesforce "
                f"(a letter, then letters, digits and _, at most {MAX_API_NAME} characters)",
            )

    def _resolve(self, scope: ElementBase, qname: str | None) -> _QName:
        """Return namespace and name of a QName by the prefixes in scope; "" if there are none."""
        prefix, colon, name = (qname or "").strip().rpartition(":")
        # xsdata declares the keys of this mapping as strings, but the default namespace has None.
        prefixes = cast("dict[str | None, str]", scope.ns_map)
        return prefixes.get(prefix if colon else None, ""), name

    def _line(self, component: ElementBase) -> int:
        return self._document.line(component.index)

    def _refuse(self, component: ElementBase, message: str) -> NoReturn:
        self._document.refuse(message, component.index)
