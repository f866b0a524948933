"""Read a WSDL's bytes into a tree that is safe to walk: strictly parsed, bounded, alone.

A WSDL is a file that somebody mailed. All limits hold before anything looks at its meaning, and
nothing that it refers to is ever opened.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from lxml import etree

from obgen import hardened
from obgen.codegen import diagnosis
from obgen.codegen.digest import digest
from obgen.codegen.quoting import quoted
from obgen.errors import WsdlError

MAX_BYTES: Final = 4 * 1024 * 1024
"""The largest WSDL that is read; one with 2,000 fields has about 250 KiB."""

MAX_ELEMENTS: Final = 10_000
"""The most elements in a WSDL; one with 200 fields has about 260."""

MAX_DEPTH: Final = 32
"""The deepest nesting of elements in a WSDL; Salesforce's has 9."""

MAX_ATTRIBUTES: Final = 50
"""The most attributes, and the most namespace prefixes in scope, of one element."""

_MAX_DECLARATIONS: Final = 20_000
_WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_XINCLUDE: Final = "{http://www.w3.org/2001/XInclude}"
_REFERENCES: Final = frozenset(
    {
        f"{_WSDL}import",
        f"{_XSD}include",
        f"{_XSD}override",
        f"{_XSD}redefine",
        f"{_XINCLUDE}include",
    }
)
_TOO_DEEP: Final = etree.XPath("/*" * (MAX_DEPTH + 1))


@dataclass(frozen=True, slots=True)
class Document:
    """A WSDL that is parsed and within all limits.

    Attributes:
        path: The file as the user named it.
        root: Its `definitions` element, with the target namespace of outbound messages.
        lines: The line of each element, in document order.
        digest: The hash of its content, see `obgen.codegen.digest`.
    """

    path: str
    root: etree._Element
    lines: tuple[int, ...]
    digest: str

    def line(self, position: int) -> int:
        """Return the line of the element at `position` in document order, counted from 1."""
        return self.lines[position - 1]

    def refuse(
        self, message: str, position: int | None = None, cause: Exception | None = None
    ) -> NoReturn:
        """Raise a `WsdlError` about this file, or about the element at `position` in it."""
        line = self.line(position) if position else None
        raise WsdlError(message, path=self.path, line=line, hint=diagnosis.DOWNLOAD_HINT) from cause


def read_bytes(path: str) -> bytes:
    """Return the content of the file at `path`, at most one byte over the limit."""
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
    if (
        root.tag != f"{_WSDL}definitions"
        or root.get("targetNamespace", "").strip() != diagnosis.OUTBOUND
    ):
        _refuse_kind(body, path, "")
    return Document(path, root, _checked_lines(root, path), digest(root))


def _refuse_markup(body: bytes, path: str, error: hardened.XmlRefusedError) -> NoReturn:
    reason = ""
    if error.flaw is hardened.Flaw.TOO_COMPLEX and diagnosis.is_deeper_than(MAX_DEPTH, body):
        reason = f"the elements are nested more than {MAX_DEPTH} deep"
    elif error.flaw is hardened.Flaw.NOT_WELL_FORMED and diagnosis.is_cut_off(body):
        reason = "this WSDL is cut off: its end is missing"
    if not reason:
        _refuse_kind(body, path, error.flaw.value, error.line, error.column)
    raise WsdlError(
        reason, path=path, line=error.line, column=error.column, hint=diagnosis.DOWNLOAD_HINT
    ) from None


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


def _checked_lines(root: etree._Element, path: str) -> tuple[int, ...]:
    """Hold the tree against the limits, refuse references, and return the line of each element."""
    lines: list[int] = []
    for element in root.iter():
        line = element.sourceline or 0
        lines.append(line)
        reason = ""
        if len(lines) > MAX_ELEMENTS:
            reason = f"the WSDL has over {MAX_ELEMENTS:,} elements"
        elif len(element.attrib) > MAX_ATTRIBUTES or len(element.nsmap) > MAX_ATTRIBUTES:
            reason = f"an element has over {MAX_ATTRIBUTES} attributes or namespace prefixes"
        elif element.tag in _REFERENCES or (
            element.tag == f"{_XSD}import" and element.get("schemaLocation") is not None
        ):
            name = quoted(etree.QName(element).localname)
            reason = f"the {name} here refers to another file, and obgen follows no references"
        if reason:
            raise WsdlError(reason, path=path, line=line or None, hint=diagnosis.DOWNLOAD_HINT)
    if _TOO_DEEP(root):
        raise WsdlError(
            f"the elements are nested more than {MAX_DEPTH} deep",
            path=path,
            hint=diagnosis.DOWNLOAD_HINT,
        )
    return tuple(lines)
