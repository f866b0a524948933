"""The limits that a message has to keep, most of them checked before a tree is built of it.

In XML that is well-formed, "<" stands nowhere but at the start of a tag or a section (a comment,
CDATA, a processing instruction). Once the sections are cut out, tags can be counted and measured
by searching, many times faster than by parsing. XML that isn't well-formed is refused in any case;
up to its first error, where the parser stops, all this holds too. Only the length of a text and
the depth are questions to the tree.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, cast

from lxml import etree

from obgen.errors import ConfigurationError, EnvelopeError, Refusal
from obgen.hardened import Element

_DEPTH_OF_A_FIELD: Final = 6
_DEPTH_OF_THE_PARSER: Final = 256
_SMALLEST_ELEMENT: Final = len("<a/>")
_SMALLEST_ATTRIBUTE: Final = len(' a=""')
_FEWEST_BYTES: Final = 2
"""Per node: `<a>b</a>c`, three of them, takes nine bytes, and ` a=""`, two of them, five."""
_FAIR_BYTES: Final = 48
"""Per element: fields that are large enough for a message of 16 MiB may be as many as it takes."""
_WEIGHT_OF_SECTION: Final = 2
_DENSE: Final = 32
_LONGEST_REFERENCE: Final = len("&#x10FFFF;")

_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[ \t\r\n][^?]*\?>")
_SECTION: Final = re.compile(rb"<[!?]")
# A value that holds ">" hides the end of its tag from a search for ">".
_HIDDEN_END: Final = re.compile(rb"""=[ \t\r\n]*+(?:"[^"<>]*+>|'[^'<>]*+>)""")
_ATTRIBUTE: Final = re.compile(
    rb"""([^ \t\r\n=]++)[ \t\r\n]*+=[ \t\r\n]*+("[^"]*+"|'[^']*+')[ \t\r\n]*+"""
)
# How a message begins, whatever its prefixes.
_BEGINNING: Final = re.compile(
    rb"""[^<]*(?:<\?[^<]*)?<(?:[^<>:= ]*:)?Envelope[^<>]*>[ \t\r\n]*"""
    rb"""<(?:[^<>:= ]*:)?Body[^<>]*>[ \t\r\n]*<(?:[^<>:= ]*:)?notifications[^<>]*>"""
)
_RECORD: Final = re.compile(rb"<(?:[^<>:/= ]*:)?sObject[^<>]*>")
_END_OF_RECORD: Final = re.compile(rb"</(?:[^<>:/= ]*:)?sObject[ \t\r\n]*>")
_TAGS_OF_A_RECORD: Final = 16
"""Of its notification, that is, and not inside its sObject: there are six."""
_END_OF_NAME: Final = re.compile(rb"[ \t\r\n/]")
_TEXT: Final = re.compile(rb">(?:[ \t\n]*+[^ \t\n<]|[ \t\n]++</)[^<]*+")
"""White space counts only if it is all that an element has; any other the parser leaves out."""
_ANY_TEXT: Final = re.compile(rb">[^<]++")
"""Where there are sections or carriage returns, it leaves out none; see `envelope`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Say how much of everything one message may have; beyond it, it is refused.

    The defaults let pass whatever Salesforce sends: 100 notifications with every field that an
    object can have. They hold what any other body costs to a quarter of a second and 64 MB.

    Attributes:
        max_bytes: The size of the body (refused with status 413, all others with 400).
        max_notifications: Notifications in the message; Salesforce sends up to 100.
        max_elements: Elements and attributes in the message, with the references inside
            attributes; comments, instructions and CDATA sections count double. A body that has 48
            bytes for each, and nearly all inside its records, may have more of them.
        max_nodes: Elements, texts between tags, and attributes, which count double: each takes
            some 120 bytes of memory. The same body may have twice as many nodes as elements.
        max_depth: How deep elements may be nested; a field of Salesforce's is 6 deep. Beyond 256
            the parser has a limit of its own.
        max_attributes: Attributes and namespace declarations of one element.
        max_namespaces: Namespaces that are declared around the notifications; Salesforce declares
            four. To look up the prefix of an xsi:type takes time for each.
        max_name_length: Bytes of the name of an element or attribute.
        max_attribute_length: Bytes of an attribute's value or a namespace's name, as written.
        max_comment_length: Bytes of a comment or a processing instruction.
        max_text_length: Characters of one element's text; Salesforce's longest is 131,072.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_notifications: int = 1_000
    max_elements: int = 100_000
    max_nodes: int = 250_000
    max_depth: int = 64
    max_attributes: int = 1_000
    max_namespaces: int = 100
    max_name_length: int = 2_048
    max_attribute_length: int = 65_536
    max_comment_length: int = 65_536
    max_text_length: int = 262_144

    def __post_init__(self) -> None:
        for name in self.__slots__:
            least = _DEPTH_OF_A_FIELD if name == "max_depth" else 1
            if getattr(self, name) < least:
                raise ConfigurationError(f"the limit {name} must be at least {least}")


DEFAULT_LIMITS: Final = Limits()


def check_limits(body: bytes, limits: Limits) -> bool:
    """Raise EnvelopeError if `body`, which is UTF-8 without DOCTYPE, goes over a limit.

    Return whether it has nothing but elements: no comment, CDATA section or instruction. What
    `check_texts` and `check_depth` look at is left to them.
    """
    if _is_surely_plain(body, limits):
        return True
    if _lacks_tags(body, limits.max_text_length * _LONGEST_REFERENCE):
        raise over_limit("max_text_length", limits)
    start = _end_of_declaration(body)
    instruction = body.find(b"?", start) >= 0 and body.find(b"<?", start) >= 0
    if instruction or (b"!" in body and b"<!" in body):
        _check_tags(*_cut_sections(body, start, limits), limits)
        return False
    _check_tags(body, 0, limits)
    return True


def _end_of_declaration(body: bytes) -> int:
    declaration = _DECLARATION.match(body)
    return declaration.end() if declaration else 0


def _is_surely_plain(body: bytes, limits: Limits) -> bool:
    """Tell whether a body has nothing but elements and keeps every limit, by the quickest looks."""
    # Single bytes are found much faster than pairs, and these two are rare in messages.
    if b"!" in body or body.find(b"?", _end_of_declaration(body)) >= 0:
        return False
    if len(body) > limits.max_elements * _SMALLEST_ELEMENT:
        tags, equals = body.count(b"<"), body.count(b"=")
        # Not more than these are attributes, or references inside of them.
        inside = equals + body.count(b"&")
        if tags + inside > limits.max_elements or 2 * (tags + equals) > limits.max_nodes:
            return False
    longest = min(limits.max_name_length, limits.max_attribute_length)
    return not _has_gap(body, min(longest, limits.max_attributes * _SMALLEST_ATTRIBUTE))


def check_texts(root: Element, limits: Limits) -> None:
    """Raise EnvelopeError if any text under `root` is too long."""
    if _question(f"boolean(//text()[string-length() > {limits.max_text_length}])")(root):
        raise over_limit("max_text_length", limits)


def may_have_long_text(body: bytes, limits: Limits) -> bool:
    """Tell whether a body that has nothing but elements needs `check_texts`."""
    return _has_gap(body, limits.max_text_length)


def _has_gap(body: bytes, span: int) -> bool:
    """Tell whether "<" may be missing for as many bytes: surely not, if the answer is no.

    There is none inside a tag, not even in an attribute's value, and none inside a text.
    """
    return _lacks_tags(body, max(span // 2, 1))


def _lacks_tags(body: bytes, window: int) -> bool:
    """Tell whether one of the windows, side by side, has no "<"."""
    return any(
        body.find(b"<", at, at + window) < 0 for at in range(0, len(body) - window + 1, window)
    )


def check_depth(root: Element, limits: Limits) -> None:
    """Raise EnvelopeError if the elements under `root` are nested too deep."""
    levels = min(limits.max_depth, _DEPTH_OF_THE_PARSER) + 1
    if _question(f"boolean({'/*' * levels})")(root):
        raise over_limit("max_depth", limits)


def over_limit(name: str, limits: Limits, refusal: Refusal = Refusal.TOO_COMPLEX) -> EnvelopeError:
    """Return the error that says which limit was exceeded."""
    return EnvelopeError(refusal, f"over {name}={getattr(limits, name)}")


class _Patterns(NamedTuple):
    """What to search for, for certain limits.

    Attributes:
        long_tag: A tag that may be over a limit; one that is shorter, and has no ">" in its
            values, can't be.
        tag_with_room: A tag that is long enough for a name that is too long.
        attributes: The attributes of a tag that has any, but not many more than are allowed.
    """

    long_tag: re.Pattern[bytes]
    tag_with_room: re.Pattern[bytes]
    attributes: re.Pattern[bytes]


@lru_cache(maxsize=16)
def _patterns(limits: Limits) -> _Patterns:
    most = limits.max_attributes
    span = min(most * _SMALLEST_ATTRIBUTE, limits.max_name_length, limits.max_attribute_length)
    return _Patterns(
        re.compile(rb"<[^>]{%d}" % span),
        re.compile(rb"<(?!/)[^>]{%d}" % (limits.max_name_length + 1)),
        re.compile(
            rb"""<[^<>= \t\r\n]++[ \t\r\n]*+([^<>=]++"""
            rb"""(?:=[ \t\r\n]*+(?:"[^"]*+"|'[^']*+')[^<>=]*+){1,%d})""" % (most + 1)
        ),
    )


@lru_cache(maxsize=16)
def _question(expression: str) -> Callable[[Element], bool]:
    return cast("Callable[[Element], bool]", etree.XPath(expression))


def _cut_sections(body: bytes, start: int, limits: Limits) -> tuple[bytes, int]:
    """Return `body` without its sections, and what they count for as elements."""
    pieces: list[bytes] = []
    weight = at = 0
    found = _SECTION.search(body, start)
    while found:
        begin = found.start()
        pieces.append(body[at:begin])
        content, end, limit = _section(body, begin)
        stop = body.find(end, content)
        if stop < 0:
            raise EnvelopeError(Refusal.NOT_WELL_FORMED)
        if stop - content > getattr(limits, limit):
            raise over_limit(limit, limits)
        weight += _WEIGHT_OF_SECTION
        if weight > limits.max_elements:
            raise over_limit("max_elements", limits)
        at = stop + len(end)
        found = _SECTION.search(body, at)
    pieces.append(body[at:])
    return b"".join(pieces), weight


def _section(body: bytes, begin: int) -> tuple[int, bytes, str]:
    """Return where the content of the section begins, what ends it, and the limit it has."""
    if body.startswith(b"<!--", begin):
        return begin + 4, b"-->", "max_comment_length"
    if body.startswith(b"<?", begin):
        return begin + 2, b"?>", "max_comment_length"
    if body.startswith(b"<![CDATA[", begin):
        return begin + 9, b"]]>", "max_text_length"
    raise EnvelopeError(Refusal.NOT_WELL_FORMED)


def _check_tags(markup: bytes, weight: int, limits: Limits) -> None:
    """Check the tags of XML that has no sections (more), by searches that are quick to fail."""
    elements = weight + markup.count(b"<") - markup.count(b"</")
    most, most_nodes = limits.max_elements, limits.max_nodes
    fair = len(markup) // _FAIR_BYTES
    if elements > most // 2 and fair > most and _holds_records(markup, limits):
        most, most_nodes = fair, max(most_nodes, 2 * fair)
    if elements > most:
        raise over_limit("max_elements", limits)
    if _has_suspicious_tag(markup, limits):
        _check_names(markup, limits)
    elif _has_surely_few(markup, elements, most, most_nodes):
        return
    attributes, references = _check_attributes(markup, most, limits)
    if elements + attributes + references > most:
        raise over_limit("max_elements", limits)
    nodes = elements + 2 * attributes
    if nodes + 2 * elements > most_nodes:
        texts = _ANY_TEXT if weight or b"\r" in markup else _TEXT
        nodes += sum(1 for _ in texts.finditer(markup))
        if nodes > most_nodes:
            raise over_limit("max_nodes", limits)


def _holds_records(markup: bytes, limits: Limits) -> bool:
    """Tell whether a body begins as a message does, and nearly all its tags are inside sObjects."""
    beginning = _BEGINNING.match(markup)
    if beginning is None:
        return False
    outside, at = 0, beginning.end()
    for _ in range(limits.max_notifications):
        record = _RECORD.search(markup, at)
        if record is None:
            break
        outside += markup.count(b"<", at, record.start())
        if record[0].endswith(b"/>"):
            at = record.end()
            continue
        end = _END_OF_RECORD.search(markup, record.end())
        if end is None:
            return False
        at = end.end()
    return outside + markup.count(b"<", at) <= _TAGS_OF_A_RECORD * limits.max_notifications


def _has_suspicious_tag(markup: bytes, limits: Limits) -> bool:
    """Tell whether a tag may be over a limit; one that is short and ends where it seems can't."""
    if markup.count(b"=") > len(markup) // _DENSE:
        return True  # _HIDDEN_END would be slow
    return bool(_patterns(limits).long_tag.search(markup) or _HIDDEN_END.search(markup))


def _has_surely_few(markup: bytes, elements: int, most: int, most_nodes: int) -> bool:
    """Tell whether attributes, references and texts can't be too many, by what is quick to see."""
    if elements + len(markup) // _FEWEST_BYTES <= min(most, most_nodes):
        return True
    equals = markup.count(b"=")
    if elements + equals + markup.count(b"&") > most:
        return False
    return elements + 2 * equals + markup.count(b">") - markup.count(b"><") <= most_nodes


def _check_names(markup: bytes, limits: Limits) -> None:
    for tag in _patterns(limits).tag_with_room.finditer(markup):
        if _END_OF_NAME.search(markup, *tag.span()) is None:
            raise over_limit("max_name_length", limits)


def _check_attributes(markup: bytes, most: int, limits: Limits) -> tuple[int, int]:
    """Return how many attributes there are (at most), and references in them; check each tag's."""
    total = references = 0
    short = min(limits.max_name_length, limits.max_attribute_length)
    for tag in _patterns(limits).attributes.finditer(markup):
        attributes = tag[1]
        count = attributes.count(b"=")
        if count > limits.max_attributes or len(attributes) > short:
            count = _check_tag(attributes, limits)
        total += count
        references += attributes.count(b"&")
        if total > most:
            break
    return total, references


def _check_tag(attributes: bytes, limits: Limits) -> int:
    """Return how many attributes one tag has, after checking each."""
    found = _ATTRIBUTE.findall(attributes)
    if len(found) > limits.max_attributes:
        raise over_limit("max_attributes", limits)
    if any(len(name) > limits.max_name_length for name, _ in found):
        raise over_limit("max_name_length", limits)
    if any(len(value) > limits.max_attribute_length + len('""') for _, value in found):
        raise over_limit("max_attribute_length", limits)
    return len(found)
