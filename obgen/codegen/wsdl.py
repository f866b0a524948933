"""Read the WSDL of an outbound message into the neutral contract; only this module knows xsdata.

The shape is certain when xsdata gets the tree, see `obgen.codegen.shape`. So what is left to find
here is what can differ: the object, its fields and their types.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NoReturn

from xsdata.codegen.parsers.definitions import DefinitionsParser
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.parsers.handlers.lxml import LxmlEventHandler
from xsdata.models.mixins import ElementBase
from xsdata.models.wsdl import Definitions
from xsdata.models.xsd import ComplexType, Element, Extension

from obgen.codegen.contract import XSD_TYPES, Contract, Field
from obgen.codegen.document import Document, parse_document, read_bytes
from obgen.codegen.quoting import quoted
from obgen.codegen.skeleton import ENTERPRISE

MAX_FIELDS: Final = 2_000
"""The most fields of one object; Salesforce allows fewer than 1,000."""


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
    """Return xsdata's model of a document; xsdata empties the tree while it reads."""
    parser = DefinitionsParser(
        config=ParserConfig(fail_on_converter_warnings=True),
        context=_context(),
        handler=LxmlEventHandler,
    )
    return parser.parse(document.root, Definitions)


class _Reader:
    """Read the object of one WSDL, which has the shape of the skeleton."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._warnings: list[str] = []

    def contract(self) -> Contract:
        """Return the contract, or raise `WsdlError` for an object that can't be."""
        _, sobjects, _ = _parse_definitions(self._document).schemas
        base, *others, record = sobjects.complex_types
        for other in (base, *others):
            if other.name == record.name:
                self._refuse(record, f"{quoted(str(record.name))} is defined twice")
        fields = tuple(self._fields(_elements(base), _elements(_extension(record))))
        return Contract(
            object_type=str(record.name),
            fields=fields,
            endpoint=self._document.shape.endpoint,
            digest=self._document.shape.digest,
            warnings=tuple(self._warnings),
        )

    def _fields(self, common: list[Element], own: list[Element]) -> Iterator[Field]:
        if len(own) >= MAX_FIELDS:
            self._refuse(own[0], f"the object has over {MAX_FIELDS:,} fields")
        seen: dict[str | None, int] = {}
        for part in (*common, *own):
            line = self._document.line(part.index)
            if part.name in seen:
                self._refuse(part, f"{part.name} is declared twice, in line {seen[part.name]} too")
            seen[part.name] = line
            if part.name != "fieldsToNull":
                yield Field(str(part.name), self._xsd_type(part), line)

    def _xsd_type(self, part: Element) -> str:
        """Return the field's type as a name of `XSD_TYPES`; what obgen can't type is a string."""
        namespace, name = self._document.shape.references[part.index]
        if namespace == ENTERPRISE or name in XSD_TYPES - {"ID"}:
            return name
        place = f"{self._document.path}:{self._document.line(part.index)}"
        self._warnings.append(
            f"{place}: {part.name} has the type {quoted(name)}; it is read as a string"
        )
        return "string"

    def _refuse(self, component: ElementBase, message: str) -> NoReturn:
        self._document.refuse(message, component.index)


def _extension(record: ComplexType) -> Extension:
    content = record.complex_content
    if content is None or content.extension is None:
        raise AssertionError("obgen.codegen.shape let a type pass that extends nothing")
    return content.extension


def _elements(owner: ComplexType | Extension) -> list[Element]:
    return owner.sequence.elements if owner.sequence else []
