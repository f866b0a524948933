"""Hold a WSDL's tree against the skeleton, element by element, and hash what differs.

What isn't in the skeleton is refused with its line. What is left has one meaning, so nothing
depends on which parts of a schema another reader knows. Nothing here needs xsdata or jinja2: to
find that nothing changed must be fast.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NoReturn

from lxml import etree

from obgen.codegen.diagnosis import DOWNLOAD_HINT
from obgen.codegen.quoting import quoted
from obgen.codegen.skeleton import (
    ANY,
    DOCUMENTATION,
    OBJECT,
    OBJECT_NAME,
    SKELETON,
    SOAP,
    WSDL,
    XSD,
    Place,
    QName,
    Reference,
    Rule,
    Words,
)
from obgen.errors import WsdlError

_BLANK: Final = " \t\r\n"
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]*"
_PREFIXED: Final = re.compile(rf"(?:({_NAME}):)?({_NAME})")

_Json = str | Sequence["_Json"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a WSDL that has the shape of the skeleton.

    Attributes:
        lines: The line of each element, in document order, documentation left out.
        references: The name that the element at a position refers to; positions count from 1.
        endpoint: The URL that the administrator typed; it is in no repr.
        digest: SHA-256 of all that can differ between WSDLs, in 64 hexadecimal digits. That are
            names and types: neither comments, documentation, white space, prefixes and
            the order of attributes, nor the endpoint, which may hold a secret that somebody with
            a hash could guess.
    """

    lines: tuple[int, ...]
    references: dict[int, QName]
    endpoint: str = field(repr=False)
    digest: str


def check_shape(root: etree._Element, path: str) -> Shape:
    """Return what a tree says, or raise `WsdlError` at the first thing that is out of shape.

    Documentation is taken out of the tree, which must have been parsed by `obgen.hardened`, so
    without comments and instructions.
    """
    walker = _Walker(path)
    content = walker.walk(root, SKELETON)
    return Shape(
        lines=tuple(walker.lines),
        references=walker.references,
        endpoint=walker.endpoint,
        digest=sha256(json.dumps(content).encode("ascii")).hexdigest(),
    )


class _Walker:
    """Walk tree and skeleton side by side; the skeleton is a few levels deep, so that ends."""

    def __init__(self, path: str) -> None:
        self.lines: list[int] = []
        self.references: dict[int, QName] = {}
        self.endpoint = ""
        self._path = path
        self._object = ""

    def walk(self, element: etree._Element, place: Place) -> _Json:
        """Check an element and all in it, and return what of that can differ."""
        self.lines.append(element.sourceline or 0)
        attributes = self._attributes(element, place)
        children = self._children(element)
        places = self._places(element, place, children)
        content = [self.walk(child, there) for child, there in zip(children, places, strict=True)]
        return [etree.QName(element).localname, attributes, content]

    def _attributes(self, element: etree._Element, place: Place) -> _Json:
        for name in place.must:
            if name not in element.attrib:
                self._refuse(element, f"{_shown(element)} has no {name}")
        content: list[_Json] = []
        for name, value in sorted(element.attrib.items()):
            rule = place.must.get(name, place.may.get(name))
            if rule is None:
                self._refuse(element, f"{_shown(element)} can't have the attribute {quoted(name)}")
            content += self._read(element, name, value, rule)
        return content

    def _read(self, element: etree._Element, name: str, value: str, rule: Rule) -> Sequence[_Json]:
        """Check an attribute, and return what of it can differ."""
        match rule:
            case Words():
                return self._read_words(element, name, value, rule)
            case Reference():
                return self._read_reference(element, name, value, rule)
            case _:
                expected = self._filled(rule)
                if value != expected:
                    self._refuse_value(element, name, value, quoted(expected))
                return []

    def _read_words(
        self, element: etree._Element, name: str, value: str, rule: Words
    ) -> Sequence[_Json]:
        if rule.pattern.fullmatch(value) is None:
            text = "" if rule.hidden else f" {quoted(value)}"
            self._refuse(element, f"the {rule.owner}{name}{text} {rule.fault}")
        if rule is OBJECT_NAME:
            self._object = value
        if rule.hidden:
            self.endpoint = value.strip(_BLANK)
            return []
        return [[name, value]]

    def _read_reference(
        self, element: etree._Element, name: str, value: str, rule: Reference
    ) -> Sequence[_Json]:
        allowed = [(namespace, self._filled(local)) for namespace, local in rule.names]
        found = _resolve(element, value)
        if found is None or (found not in allowed and (found[0], ANY) not in allowed):
            self._refuse_value(element, name, value, " or ".join(map(_described, allowed)))
        self.references[len(self.lines)] = found  # `walk` has just noted this element's line
        return [[name, *found]]

    def _children(self, element: etree._Element) -> list[etree._Element]:
        """Return what stands in an element, which must be no text, and take documentation out."""
        if (element.text or "").strip(_BLANK):
            self._refuse(element, f"there is text in {_shown(element)}")
        for child in element:
            if (child.tail or "").strip(_BLANK):
                self._refuse(child, f"there is text behind {_shown(child)}")
        documentation = DOCUMENTATION.get(etree.QName(element).namespace or "")
        for child in list(element):
            if child.tag == documentation:
                element.remove(child)
        return list(element)

    def _places(
        self, element: etree._Element, place: Place, children: Sequence[etree._Element]
    ) -> list[Place]:
        """Return the place of each child, which come in the order of the skeleton."""
        found: list[Place] = []
        for there in place.children:
            before = len(found)
            while len(found) < len(children) and len(found) - before != there.most:
                if not self._fits(children[len(found)], there):
                    break
                found.append(there)
            if len(found) - before < there.least:
                self._refuse_missing(element, there, children[len(found) :])
        for child in children[len(found) :]:
            if found and self._fits(child, found[-1]):
                again = _shown(child, found[-1].title)
                self._refuse(child, f"a second {again}; there can be one")
            self._refuse(child, f"{_shown(child)} doesn't belong in {_shown(element)}")
        return found

    def _fits(self, element: etree._Element, place: Place) -> bool:
        """Return whether an element is what a place is for; what is in it is another question."""
        return element.tag == place.tag and all(
            element.get(name) == self._filled(value) for name, value in place.keys
        )

    def _refuse_missing(
        self, parent: etree._Element, place: Place, rest: Sequence[etree._Element]
    ) -> NoReturn:
        keys = "".join(f" {quoted(self._filled(value))}" for _, value in place.keys)
        expected = f"{place.title}{keys}"
        if not rest:
            self._refuse(parent, f"the {expected} is missing in {_shown(parent)}")
        self._refuse(rest[0], f"expected the {expected}, found {_shown(rest[0])}")

    def _refuse_value(
        self, element: etree._Element, name: str, value: str, expected: str
    ) -> NoReturn:
        self._refuse(
            element, f"{name} of {_shown(element)} must be {expected}, not {quoted(value)}"
        )

    def _refuse(self, element: etree._Element, reason: str) -> NoReturn:
        raise WsdlError(reason, path=self._path, line=element.sourceline, hint=DOWNLOAD_HINT)

    def _filled(self, text: str) -> str:
        return text.replace(OBJECT, self._object)


def _resolve(element: etree._Element, text: str) -> QName | None:
    """Return what a name with or without prefix stands for, or None if that is nothing."""
    found = _PREFIXED.fullmatch(text)
    namespace = element.nsmap.get(found[1]) if found else None
    return (namespace, found[2]) if found and namespace else None


def _shown(element: etree._Element, title: str = "") -> str:
    """Return how messages name an element: by a title or its tag, and its name if it has one."""
    tag = etree.QName(element)
    if not title:
        title = tag.localname if _PREFIXED.fullmatch(tag.localname) else quoted(tag.localname)
        if tag.namespace == SOAP:
            title = f"soap:{title}"
        elif tag.namespace not in {WSDL, XSD}:
            title = f"{title} of the namespace {quoted(tag.namespace or '')}"
    name = element.get("name", element.get("targetNamespace"))
    return title if name is None else f"{title} {quoted(name)}"


def _described(name: QName) -> str:
    namespace, local = name
    return f"{'a name' if local == ANY else quoted(local)} of {namespace}"
