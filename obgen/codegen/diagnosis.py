"""Say what a file seems to be that isn't the WSDL of an outbound message.

People hand over the Enterprise WSDL, a login page saved as `.wsdl`, or the message instead of the
WSDL. This module guesses from the first tag, however long a comment stands before it; it parses
nothing and trusts nothing.
"""

import codecs
import re
from typing import Final, NamedTuple

from obgen.codegen.quoting import quoted
from obgen.codegen.skeleton import OUTBOUND

DOWNLOAD_HINT: Final = (
    "download the right file while logged in to Salesforce: "
    'Setup > Outbound Messages > the message > "Click for WSDL"'
)

SELF_EVIDENT: Final = (
    "JSON",
    "UTF-16",
    "a PDF",
    "a ZIP",
    "a binary",
    "a gzip",
    "an HTML",
    "an empty",
    "text",
)
"""Beginnings of guesses after which nobody needs to hear what else is wrong."""

_HEAD: Final = 64 * 1024
_MAX_TAG: Final = 16 * 1024
_END_TAG: Final = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?definitions[ \t\r\n]*>")
_TAG: Final = re.compile(rb"<(/?)[A-Za-z_][^<>]*?(/?)>")
_BEFORE_ROOT: Final = re.compile(r"(?:[^<]++|<!--.*?-->|<\?.*?\?>|<!(?!--)[^>]*+>)*+", re.DOTALL)
_ROOT_NAME: Final = re.compile(r"<(?:([A-Za-z_][\w.-]{0,80}):)?([A-Za-z_][\w.-]{0,80})")
_TARGET: Final = re.compile(r"""\stargetNamespace\s*=\s*["']([^"']{0,300})""")

_SIGNATURES: Final = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF document"),
    (codecs.BOM_UTF16_LE, "UTF-16 text; a WSDL is UTF-8"),
    (codecs.BOM_UTF16_BE, "UTF-16 text; a WSDL is UTF-8"),
    (b"<\x00", "UTF-16 text; a WSDL is UTF-8"),
    (b"\x00<", "UTF-16 text; a WSDL is UTF-8"),
)
_WSDLS: Final = (
    ("urn:partner.soap.sforce.com", "Salesforce's Partner WSDL"),
    ("urn:enterprise.soap.sforce.com", "Salesforce's Enterprise WSDL"),
    ("urn:tooling.soap.sforce.com", "Salesforce's Tooling WSDL"),
    ("http://soap.sforce.com/2006/04/metadata", "Salesforce's Metadata WSDL"),
    ("http://soap.sforce.com/2006/08/apex", "Salesforce's Apex WSDL"),
    ("urn:authentication.soap.sforce.com", "Salesforce's Delegated Authentication WSDL"),
    ("http://soap.sforce.com/schemas/class/", "the WSDL of an Apex class"),
    ("http://soap.sforce.com/schemas/package/", "the WSDL of an Apex class"),
)


class _Root(NamedTuple):
    """The first tag of a file: its prefix, its name, and the text up to its end."""

    prefix: str
    name: str
    tag: str


def guess(body: bytes) -> str:
    """Return what `body` seems to be, as a noun phrase such as "an HTML page"."""
    for signature, kind in _SIGNATURES:
        if body.startswith(signature):
            return kind
    if b"\x00" in body[:_HEAD]:
        return "a binary file"
    text = _decoded(body)
    if not text:
        return "an empty file"
    if text[0] in "{[":
        return "JSON"
    if not text.startswith("<"):
        return "text that isn't XML"
    return _guess_markup(text)


def is_cut_off(body: bytes) -> bool:
    """Return whether `body` begins as a WSDL and lacks its end, as a broken download does."""
    root = _root(_decoded(body))
    return root is not None and root.name == "definitions" and not _END_TAG.search(body)


def is_deeper_than(limit: int, body: bytes) -> bool:
    """Return whether the tags of `body` nest deeper than `limit`, by counting them."""
    depth = 0
    for tag in _TAG.finditer(body):
        if tag[1]:
            depth -= 1
        elif not tag[2]:
            depth += 1
            if depth > limit:
                return True
    return False


def _decoded(body: bytes) -> str:
    return body.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()


def _guess_markup(text: str) -> str:
    root = _root(text)
    if re.match(r"<!doctype\s+html", text, re.IGNORECASE):
        return _guess_page(text)
    if root is None:
        return "XML without any element"
    match root.name:
        case "html" | "HTML":
            kind = _guess_page(text)
        case "Envelope":
            kind = _guess_envelope(text)
        case "definitions":
            kind = _guess_wsdl(root)
        case "schema":
            kind = "an XML Schema, not a WSDL"
        case "description" if "http://www.w3.org/ns/wsdl" in root.tag:
            kind = "a WSDL 2.0 description; Salesforce makes WSDL 1.1"
        case name if "http://soap.sforce.com/2006/04/metadata" in root.tag:
            kind = f"Salesforce metadata ({quoted(name)}), as retrieved from an org"
        case name:
            kind = f"XML with the root element {quoted(name)}"
    return kind


def _guess_page(text: str) -> str:
    lower = text.lower()
    if "login" in lower or "password" in lower:
        return (
            "an HTML page, probably the login page that Salesforce shows when a session has ended"
        )
    return "an HTML page"


def _guess_envelope(text: str) -> str:
    if OUTBOUND in text and re.search(r"<(?:[\w.-]{1,80}:)?notifications[\s>]", text):
        return "an outbound message itself, as Salesforce sends it, not its WSDL"
    return "a SOAP message"


def _guess_wsdl(root: _Root) -> str:
    found = _TARGET.search(root.tag)
    target = found[1] if found else ""
    if target == OUTBOUND:
        return "the right kind of file, but changed or damaged"
    for namespace, kind in _WSDLS:
        if target == namespace or (namespace.endswith("/") and target.startswith(namespace)):
            return kind
    if not target:
        return "a WSDL without target namespace"
    return f"the WSDL of another service (target namespace {quoted(target)})"


def _root(text: str) -> _Root | None:
    """Find the root element's start tag behind comments, instructions and a document type."""
    before = _BEFORE_ROOT.match(text)
    at = before.end() if before else 0
    found = _ROOT_NAME.match(text, at)
    if found is None:
        return None
    tag = text[at : at + _MAX_TAG].partition(">")[0]
    return _Root(found[1] or "", found[2], tag)
