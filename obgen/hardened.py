"""Parse untrusted XML: strictly UTF-8, no document type, no entities, no network, no recovery.

Both halves of obgen stand on this module: a WSDL is a file that somebody mailed, and a message
comes from a public endpoint.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sized
from enum import Enum
from typing import Final, Protocol, cast

from lxml import etree

_BOM: Final = codecs.BOM_UTF8
_SPACE: Final = b" \t\r\n"
_SLICE: Final = 64 * 1024
_MOST_BEFORE_THE_ROOT: Final = 1_000

_PLAIN_PROLOG: Final = re.compile(
    rb"""(?:<\?xml[ ]version="1\.0"[ ]encoding="(?:UTF-8|utf-8)"\?>)?[ \t\r\n]*<[A-Za-z_]""",
    re.VERBOSE,
)
"""How nearly every message begins; what doesn't match is looked at closely."""

_LIMITS_OF_LIBXML2: Final = (
    etree.ErrorTypes.ERR_RESOURCE_LIMIT,
    etree.ErrorTypes.ERR_NAME_TOO_LONG,
)

_DECLARATION: Final = re.compile(
    rb"""<\?xml
    [ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?P<vq>["'])(?P<version>[0-9.]{1,8})(?P=vq)
    (?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*
        (?P<eq>["'])(?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,63})(?P=eq))?
    (?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?P<sq>["'])(?:yes|no)(?P=sq))?
    [ \t\r\n]*\?>""",
    re.VERBOSE,
)


class Flaw(Enum):
    """What is wrong with the bytes as XML, in the words that a person is told."""

    EMPTY = "it is empty"
    ENCODING = "it is not UTF-8"
    XML_VERSION = "it is not XML 1.0"
    DOCTYPE = "it has a document type declaration (DOCTYPE)"
    NOT_WELL_FORMED = "it is not well-formed XML"
    TOO_COMPLEX = "it goes over a limit of the parser"


class XmlRefusedError(Exception):
    """Say what is wrong with the bytes and where, without repeating any of them."""

    def __init__(self, flaw: Flaw, line: int | None = None, column: int | None = None) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.line = line
        self.column = column


class Element(Protocol):
    """An element as our parser makes it: without comments beside it, so its tag is a string."""

    tag: str
    text: str | None
    tail: str | None

    @property
    def nsmap(self) -> Mapping[str | None, str]:
        """Return {prefix: namespace} of the declarations in scope."""
        ...

    @property
    def attrib(self) -> Sized:
        """Return the attributes."""
        ...

    @property
    def sourceline(self) -> int | None:
        """Return the line, counted from 1."""
        ...

    def get(self, key: str, /) -> str | None:
        """Return the value of an attribute, by its qualified name."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator["Element"]: ...

    def __getitem__(self, key: slice, /) -> list["Element"]: ...


def make_parser(*, remove_blank_text: bool = False) -> etree.XMLParser:
    """Return a new parser with every dangerous feature off; one parser serves one thread.

    With `remove_blank_text`, white space between elements is left out, where that is surely what
    it is; see `etree.XMLParser`.
    """
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        collect_ids=False,
        remove_blank_text=remove_blank_text,
    )


def parse(body: bytes, parser: etree.XMLParser) -> Element:
    """Return the root element of `body`, or raise `XmlRefusedError`; nothing is repaired."""
    check(body)
    return parse_checked(body, parser)


def check(body: bytes) -> None:
    """Raise `XmlRefusedError` unless `body` is strictly UTF-8 and begins as a message may."""
    check_prolog(body)
    check_encoding(body)


def parse_checked(body: bytes, parser: etree.XMLParser) -> Element:
    """Return the root element of a `body` that `check` let pass, or raise `XmlRefusedError`."""
    try:
        return cast("Element", etree.fromstring(body, parser))
    except etree.XMLSyntaxError as error:
        line, column = error.position
        flaw = Flaw.TOO_COMPLEX if error.code in _LIMITS_OF_LIBXML2 else Flaw.NOT_WELL_FORMED
    # Raised out here, where lxml's error, which repeats names that were sent, isn't its context.
    raise XmlRefusedError(flaw, line or None, column or None)


def check_encoding(body: bytes) -> None:
    """Raise `XmlRefusedError` unless `body` is strictly UTF-8, without a decoded copy of it all."""
    if body.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    view = memoryview(body)
    end = 0
    try:
        for end in range(_SLICE, len(body) + _SLICE, _SLICE):
            decoder.decode(view[end - _SLICE : end], final=end >= len(body))
    except UnicodeDecodeError as error:
        # What the decoder looked at ends where the slice ends, and may begin before it.
        at = min(end, len(body)) - len(error.object) + error.start
        raise XmlRefusedError(Flaw.ENCODING, body.count(b"\n", 0, at) + 1) from None


def check_prolog(body: bytes) -> None:
    """Look at what stands before the root element and refuse what a message never has.

    Refused are a DOCTYPE, another declared encoding, another XML version, an empty body, and
    comments and instructions by the thousand.
    `<!DOCTYPE` inside text is not looked at: only the prolog can declare one.
    """
    if _PLAIN_PROLOG.match(body):
        return
    at = len(_BOM) if body.startswith(_BOM) else 0
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\x00", b"<\x00")):
        raise XmlRefusedError(Flaw.ENCODING, 1)
    if body.startswith(b"<?xml", at) and body[at + 5 : at + 6] in _SPACE:
        at = _check_declaration(body, at)
    for _ in range(_MOST_BEFORE_THE_ROOT + 1):
        at = _skip_space(body, at)
        if body.startswith(b"<!--", at):
            at = _after(body, b"-->", at + 4)
        elif body.startswith(b"<?", at):
            at = _after(body, b"?>", at + 2)
        else:
            break
    else:
        raise XmlRefusedError(Flaw.TOO_COMPLEX)
    if body.startswith(b"<!", at):
        raise XmlRefusedError(Flaw.DOCTYPE, body.count(b"\n", 0, at) + 1)
    if at == len(body):
        raise XmlRefusedError(Flaw.EMPTY)


def _check_declaration(body: bytes, at: int) -> int:
    found = _DECLARATION.match(body, at)
    if found is None:
        raise XmlRefusedError(Flaw.NOT_WELL_FORMED, 1)
    if found["version"] != b"1.0":
        raise XmlRefusedError(Flaw.XML_VERSION, 1)
    if found["encoding"] is not None and found["encoding"].upper() != b"UTF-8":
        raise XmlRefusedError(Flaw.ENCODING, 1)
    return found.end()


def _skip_space(body: bytes, at: int) -> int:
    # lstrip on slices, so that megabytes of leading white space cost one pass in C.
    while True:
        window = body[at : at + _SLICE]
        rest = window.lstrip(_SPACE)
        at += len(window) - len(rest)
        if rest or not window:
            return at


def _after(body: bytes, end: bytes, start: int) -> int:
    found = body.find(end, start)
    if found < 0:
        raise XmlRefusedError(Flaw.NOT_WELL_FORMED)
    return found + len(end)
