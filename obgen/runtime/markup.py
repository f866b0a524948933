"""Hold the bytes of a message against its limits, before a tree is built of them.

In XML that is well-formed, "<" stands nowhere but at the start of a tag or of a section (a comment,
CDATA, an instruction), and "&" at the start of a reference. Once the sections are cut out, counting
bytes counts tags, and a tag or a text that is long is a gap between two "<": both are found many
times faster than by parsing. XML that isn't well-formed is refused in any case; but libxml2 reads
on after its first error. So what it would take for the end of a section is refused here, or what
follows would be read unmeasured.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from obgen.errors import EnvelopeError, Refusal
from obgen.runtime.limits import Limits, over_limit
from obgen.runtime.shape import looks_like_a_message


class _Section(NamedTuple):
    """What ends a section, and its limit; a unit of that has so many bytes at most."""

    end: bytes
    limit: str
    unit: int


_SMALLEST: Final = len("<a/>")
"""No reference is smaller either."""
_SMALLEST_ATTRIBUTE: Final = len(' a=""')
_WEIGHT_OF_SECTION: Final = 2
_PIECES_OF_AN_ELEMENT: Final = 10
"""References, and carriage returns alone: to read as many takes no longer than an element."""

_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[ \t\r\n][^?]*\?>")
_SECTION: Final = re.compile(rb"<(?:!--|!\[CDATA\[|!|\?)")
_SECTIONS: Final = {
    b"<!--": _Section(b"-->", "max_comment_length", 1),
    b"<![CDATA[": _Section(b"]]>", "max_text_length", 4),
    b"<?": _Section(b"?>", "max_comment_length", 1),
}
_NO_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""What XML 1.0 can't hold; a section ends there for libxml2."""
_TARGET: Final = re.compile(rb"[A-Za-z_:][A-Za-z0-9._:-]*+(?=[ \t\r\n]|\?>)")
"""Others are possible, but instructions carry nothing for us."""
_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32)])
_NAME: Final = re.compile(rb"/?([^ \t\r\n=/>]++)")
_ATTRIBUTE: Final = re.compile(
    rb"""[ \t\r\n]*+([^ \t\r\n=/>]++)[ \t\r\n]*+=[ \t\r\n]*+("[^"<]*+"|'[^'<]*+')"""
)
_END_OF_TAG: Final = re.compile(rb"[ \t\r\n]*+[/?]?>")
"""With the question mark that ends the XML declaration."""
_TAG_WITH_ATTRIBUTES: Final = re.compile(
    rb"""<[^<>= \t\r\n]++[ \t\r\n]++(?:[^<>"']*+(?:"[^"<]*+"|'[^'<]*+'))++"""
)
_BYTES_OF_A_FIELD: Final = 48
"""Fields of as many are large enough for a message of 16 MiB to have as many as it takes."""


def check_markup(body: bytes, limits: Limits) -> bool:
    """Raise EnvelopeError if `body`, which is UTF-8 without DOCTYPE, goes over a limit.

    Return whether it has nothing but elements: no comment, CDATA section or instruction. How long
    the texts are and how deep the elements is left to questions to the tree.
    """
    start = _end_of_declaration(body)
    plain = not _has_sections(body, start)
    markup, sections = (body, 0) if plain else _cut_sections(body, start, limits)
    _check_long_tags(markup, limits)
    _check_counts(markup, sections, limits)
    return plain


def may_have_long_text(body: bytes, limits: Limits) -> bool:
    """Tell whether a body that has nothing but elements may have a text that is too long."""
    return next(_gaps(body, limits.max_text_length + 1), None) is not None


def _end_of_declaration(body: bytes) -> int:
    declaration = _DECLARATION.match(body)
    return declaration.end() if declaration else 0


def _has_sections(body: bytes, start: int) -> bool:
    # A single byte is found much faster than the pattern, and these two are rare in messages.
    if b"!" not in body and body.find(b"?", start) < 0:
        return False
    return _SECTION.search(body, start) is not None


def _cut_sections(body: bytes, start: int, limits: Limits) -> tuple[bytes, int]:
    """Return `body` without its sections, and what they count for as elements."""
    pieces: list[bytes] = []
    weight = at = 0
    found = _SECTION.search(body, start)
    while found:
        pieces.append(body[at : found.start()])
        kind = _SECTIONS.get(found[0])
        stop = body.find(kind.end, found.end()) if kind else -1
        if kind is None or stop < 0 or _is_broken(body, found, stop):
            raise EnvelopeError(Refusal.NOT_WELL_FORMED)
        if stop - found.end() > getattr(limits, kind.limit) * kind.unit:
            raise over_limit(kind.limit, limits)
        weight += _WEIGHT_OF_SECTION
        if weight > limits.max_elements:
            raise over_limit("max_elements", limits)
        at = stop + len(kind.end)
        found = _SECTION.search(body, at)
    pieces.append(body[at:])
    return b"".join(pieces), weight


def _is_broken(body: bytes, start: re.Match[bytes], stop: int) -> bool:
    """Tell whether a section has something in it that no section can have."""
    if start[0] == b"<?" and not _TARGET.match(body, start.end()):
        return True
    return _NO_CHARACTER.search(body, start.end(), stop) is not None


def _check_long_tags(markup: bytes, limits: Limits) -> None:
    """Look closely at each tag that is long enough to be over a limit."""
    room = limits.max_elements  # for their attributes; all of them are counted later, if need be
    shortest = min(
        limits.max_name_length,
        limits.max_attribute_length,
        limits.max_namespace_length,
        limits.max_attributes * _SMALLEST_ATTRIBUTE,
    )
    for at in _gaps(markup, shortest):
        if at:  # what stands before the first tag is none
            room -= _check_tag(markup, at, limits)
        if room < 0:
            raise over_limit("max_elements", limits)


def _check_tag(markup: bytes, at: int, limits: Limits) -> int:
    """Check the tag whose "<" stands before `at`, and return how many attributes it has."""
    name = _NAME.match(markup, at)
    if name is None:
        raise EnvelopeError(Refusal.NOT_WELL_FORMED)
    if len(name[1]) > limits.max_name_length:
        raise over_limit("max_name_length", limits)
    at, count = name.end(), 0
    while attribute := _ATTRIBUTE.match(markup, at):
        at, count = attribute.end(), count + 1
        if count > limits.max_attributes:
            raise over_limit("max_attributes", limits)
        if len(attribute[1]) > limits.max_name_length:
            raise over_limit("max_name_length", limits)
        limit = "max_attribute_length"
        if attribute[1] == b"xmlns" or attribute[1].startswith(b"xmlns:"):
            limit = "max_namespace_length"
        if len(attribute[2]) > getattr(limits, limit) + len('""'):
            raise over_limit(limit, limits)
    if _END_OF_TAG.match(markup, at) is None:
        raise EnvelopeError(Refusal.NOT_WELL_FORMED)
    return count


def _gaps(markup: bytes, span: int) -> Iterator[int]:
    """Yield where the gaps between "<" begin that have at least as many bytes as `span`.

    A window is searched from its far end: where tags are close together, each step is nearly as
    long as the window.
    """
    at = 0
    while at + span <= len(markup):
        found = markup.rfind(b"<", at, at + span)
        if found < 0:
            yield at
            found = markup.find(b"<", at + span)
            if found < 0:
                return
        at = found + 1


def _check_counts(markup: bytes, sections: int, limits: Limits) -> None:
    """Hold references, elements and attributes against their limits, cheapest questions first."""
    possible = len(markup) // _SMALLEST
    if possible <= limits.max_references and sections + possible <= limits.max_elements:
        return
    if len(markup.translate(None, _CONTROLS)) < len(markup):
        raise EnvelopeError(Refusal.NOT_WELL_FORMED)  # each would cost the parser an error
    references = markup.count(b"&")
    if references > limits.max_references:
        raise over_limit("max_references", limits)
    pieces = references + markup.count(b"\r") - markup.count(b"\r\n")
    weight = sections + pieces // _PIECES_OF_AN_ELEMENT
    tags, equals = markup.count(b"<"), markup.count(b"=")  # the texts may hold "=" too
    if weight + tags + equals <= limits.max_elements:
        return
    weight += tags - markup.count(b"</")
    if _is_over(limits.max_elements, weight, equals, markup):
        fair = len(markup) // _BYTES_OF_A_FIELD
        if _is_over(fair, weight, equals, markup) or not looks_like_a_message(markup, limits):
            raise over_limit("max_elements", limits)


def _is_over(most: int, weight: int, equals: int, markup: bytes) -> bool:
    """Tell whether attributes come to more than `most`, together with the weight of all else."""
    if weight + equals <= most:
        return False
    for tag in _TAG_WITH_ATTRIBUTES.finditer(markup):
        if weight > most:
            break
        weight += tag[0].count(b"=")
    return weight > most
