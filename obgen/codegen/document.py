"""Read a WSDL's bytes into a tree that is safe to walk: strictly parsed, bounded, in shape, alone.

A WSDL is a file that somebody mailed. All limits hold before anything looks at its meaning, and
nothing that it refers to is ever opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from lxml import etree

from obgen import hardened
from obgen.codegen import diagnosis
from obgen.codegen.quoting import quoted
from obgen.codegen.shape import Shape, check_shape
from obgen.codegen.skeleton import OUTBOUND, WSDL, XSD
from obgen.errors import WsdlError

MAX_BYTES: Final = 4 * 1024 * 1024
"""The largest WSDL that is read; one with 2,000 fields has about 250 KiB."""

MAX_ELEMENTS: Final = 10_000
"""The most elements in a WSDL; one with 200 fields has about 260."""

MAX_DEPTH: Final = 32
"""The deepest nesting of elements in a WSDL; Salesforce's has 9."""

MAX_ATTRIBUTES: Final = 50
"""The most attributes of one element; Salesforce's have up to 5."""

MAX_PREFIXES: Final = 50
"""The most namespace declarations that surround one element; Salesforce's have 8."""

MAX_PREFIX_CHARACTERS: Final = 4_096
"""The longest that these are together, prefixes and namespaces; Salesforce's take some 320.

The tag of every element holds its whole namespace, and what resolves a prefix copies all of them.
"""

MAX_LINES: Final = 65_534
"""The most lines of a WSDL; libxml2 tells the line of no element beyond."""

_MAX_DECLARATIONS: Final = 20_000
_XINCLUDE: Final = "{http://www.w3.org/2001/XInclude}"
_REFERENCES: Final = frozenset(
    {
        f"{{{WSDL}}}import",
        f"{{{XSD}}}include",
        f"{{{XSD}}}override",
        f"{{{XSD}}}redefine",
        f"{_XINCLUDE}include",
    }
)
_TOO_DEEP: Final = etree.XPath("/*" * (MAX_DEPTH + 1))


@dataclass(frozen=True, slots=True)
class Document:
    """A WSDL that is parsed, within all limits, and has the shape that Salesforce makes.

    Attributes:
        path: The file as the user named it.
        root: Its `definitions` element, without documentation.
        shape: What is known of it.
    """

    path: str
    root: etree._Element
    shape: Shape

    def line(self, position: int) -> int:
        """Return the line of the element at `position` in document order, counted from 1."""
        return self.shape.lines[position - 1]

    def refuse(self, message: str, position: int) -> NoReturn:
        """Raise a `WsdlError` about the element at `position`."""
        _refuse(message, self.path, self.line(position))


def read_bytes(path: str) -> bytes:
    """Return the content of the file at `path`, at most one byte over the limit."""
    if not path:  # to pathlib it is the current directory
        raise WsdlError("no file is named", path='""', hint="check the name")
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise WsdlError(
            "this is a directory, not a WSDL", path=path, hint="name the file itself"
        ) from None
    except FileNotFoundError:
        raise WsdlError("there is no such file", path=path, hint="check the name") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the name is impossible"
        raise WsdlError(f"can't be read: {reason}", path=path, hint="check the file") from error


def parse_document(body: bytes, path: str) -> Document:
    """Return the tree of `body`, or raise `WsdlError` saying what it is instead, and where."""
    if len(body) > MAX_BYTES:
        _refuse_kind(body, path, f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if body.count(b"xmlns") > _MAX_DECLARATIONS:
        _refuse_kind(body, path, f"it has over {_MAX_DECLARATIONS:,} namespace declarations")
    try:
        root: etree._Element = cast("Any", hardened.parse(body, hardened.make_parser()))
    except hardened.XmlRefusedError as error:
        _refuse_markup(body, path, error)
    is_long = body.count(b"\n") > MAX_LINES
    if root.tag != f"{{{WSDL}}}definitions" or root.get("targetNamespace") != OUTBOUND:
        flaw = f"it isn't WSDL ({WSDL})" if root.get("targetNamespace") == OUTBOUND else ""
        _refuse_kind(body, path, flaw, None if is_long else root.sourceline)
    if is_long:
        _refuse_kind(body, path, f"it has over {MAX_LINES:,} lines")
    _check_limits(root, path)
    return Document(path, root, check_shape(root, path))


def _refuse_markup(body: bytes, path: str, error: hardened.XmlRefusedError) -> NoReturn:
    reason = ""
    if error.flaw is hardened.Flaw.TOO_COMPLEX and diagnosis.is_deeper_than(MAX_DEPTH, body):
        reason = f"the elements are nested more than {MAX_DEPTH} deep"
    elif error.flaw is hardened.Flaw.NOT_WELL_FORMED and diagnosis.is_cut_off(body):
        reason = "this WSDL is cut off: its end is missing"
    if not reason:
        flaw = error.flaw.value
        if error.flaw is hardened.Flaw.ENCODING and _is_utf_8(body):
            flaw = "it declares another encoding than UTF-8"
        _refuse_kind(body, path, flaw, error.line, error.column)
    raise WsdlError(
        reason, path=path, line=error.line, column=error.column, hint=diagnosis.DOWNLOAD_HINT
    ) from None


def _is_utf_8(body: bytes) -> bool:
    try:
        hardened.check_encoding(body)
    except hardened.XmlRefusedError:
        return False
    return b"\0" not in body  # UTF-16 could be taken for it


def _refuse_kind(
    body: bytes, path: str, flaw: str, line: int | None = None, column: int | None = None
) -> NoReturn:
    kind = diagnosis.guess(body)
    if kind.startswith(diagnosis.SELF_EVIDENT):
        flaw, line, column = "", None, None
    reason = f"; {flaw}" if flaw else ""
    raise WsdlError(
        f"this can't be used as the WSDL of an outbound message: it seems to be {kind}{reason}",
        path=path,
        line=line,
        column=column,
        hint=diagnosis.DOWNLOAD_HINT,
    )


def _refuse(reason: str, path: str, line: int | None) -> NoReturn:
    raise WsdlError(reason, path=path, line=line, hint=diagnosis.DOWNLOAD_HINT)


def _check_limits(root: etree._Element, path: str) -> None:
    """Hold the tree against the limits, and refuse references."""
    scope: list[int] = []
    number = 0
    for event, item in etree.iterwalk(root, events=("start-ns", "start", "end-ns")):
        if event == "start-ns":
            prefix, namespace = cast("tuple[str, str]", item)
            scope.append(len(prefix) + len(namespace))
        elif event == "end-ns":
            scope.pop()
        else:
            # The declarations of an element have come before it.
            number += 1
            element: etree._Element = cast("Any", item)
            reason = _excess(element, number, scope) or _reference(element)
            if reason:
                _refuse(reason, path, element.sourceline)
    for element in _TOO_DEEP(root)[:1]:
        _refuse(f"the elements are nested more than {MAX_DEPTH} deep", path, element.sourceline)


def _excess(element: etree._Element, number: int, scope: Sequence[int]) -> str:
    """Return which limit the element goes over, without asking for its tag, or ""."""
    if number > MAX_ELEMENTS:
        return f"the WSDL has over {MAX_ELEMENTS:,} elements"
    if len(scope) > MAX_PREFIXES:
        return f"over {MAX_PREFIXES} namespace prefixes surround an element"
    if sum(scope) > MAX_PREFIX_CHARACTERS:
        return f"the namespaces around an element have over {MAX_PREFIX_CHARACTERS:,} characters"
    if len(element.attrib) > MAX_ATTRIBUTES:
        return f"an element has over {MAX_ATTRIBUTES} attributes"
    return ""


def _reference(element: etree._Element) -> str:
    """Return what is wrong with an element that refers to another file, or ""."""
    if element.tag in _REFERENCES or (
        element.tag == f"{{{XSD}}}import" and element.get("schemaLocation") is not None
    ):
        name = quoted(etree.QName(element).localname)
        return f"the {name} here refers to another file, and obgen follows no references"
    return ""
