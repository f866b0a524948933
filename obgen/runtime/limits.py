"""The limits that a message has to keep, most of them checked before a tree is built of it.

Nearly every message is told harmless by a few searches for single bytes. The others are measured
exactly by expat, which reads along without building anything, and stops at the first excess.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast
from xml.parsers import expat

from lxml import etree

from obgen.errors import ConfigurationError, EnvelopeError, Refusal
from obgen.hardened import Element

_DEPTH_OF_A_FIELD: Final = 6
_DEPTH_OF_THE_PARSER: Final = 256
_SMALLEST_ELEMENT: Final = len("<a/>")
_SMALLEST_ATTRIBUTE: Final = len(' a=""')
_FAIR_BYTES: Final = 40
"""Bytes of an element in a real message, at least: nobody gains memory by sending those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Say how much of everything one message may have; beyond it, it is refused.

    The defaults let pass whatever Salesforce sends: 100 notifications with every field that an
    object can have.

    Attributes:
        max_bytes: The size of the body (refused with status 413, all others with 400).
        max_notifications: Notifications in the message; Salesforce sends up to 100.
        max_elements: Elements in the message; attributes, comments and instructions count too. A
            body that has 40 bytes for each of them may have more.
        max_depth: How deep elements may be nested; a field of Salesforce's is 6 deep. Beyond 256
            the parser has a limit of its own.
        max_attributes: Attributes and namespace declarations of one element, and namespaces that
            are declared around the notifications.
        max_name_length: Characters of the name of an element or attribute.
        max_attribute_length: Characters of an attribute's value or a namespace's name.
        max_comment_length: Characters of a comment or a processing instruction.
        max_text_length: Characters of one element's text; Salesforce's longest is 131,072.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_notifications: int = 1_000
    max_elements: int = 150_000
    max_depth: int = 64
    max_attributes: int = 1_000
    max_name_length: int = 4_096
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

    Return whether it has nothing but elements after its declaration: no comment, CDATA section
    or instruction. Texts and the depth are left to `check_texts` and `check_depth`.
    """
    only_elements = _has_only_elements(body)
    if not only_elements or _may_be_over(body, limits):
        measure(body, limits)
    return only_elements


def _has_only_elements(body: bytes) -> bool:
    if b"!" in body and b"<!" in body:
        return False
    # Single bytes are found much faster than pairs, and "?" is rare in messages.
    return body.rfind(b"?") <= body.find(b"?>") + 1 or body.rfind(b"<?") <= 0


def _may_be_over(body: bytes, limits: Limits) -> bool:
    """Tell whether a body that has nothing but elements could go over a limit, by cheap bounds."""
    if len(body) > limits.max_elements * _SMALLEST_ELEMENT:
        elements = body.count(b"<") - body.count(b"</")
        if elements + body.count(b"=") > _most_elements(body, limits):
            return True
    longest = min(limits.max_name_length, limits.max_attribute_length)
    return _has_gap(body, min(longest, limits.max_attributes * _SMALLEST_ATTRIBUTE))


def may_have_long_text(body: bytes, limits: Limits) -> bool:
    """Tell whether a body that has nothing but elements needs `check_texts`."""
    return _has_gap(body, limits.max_text_length)


def _has_gap(body: bytes, span: int) -> bool:
    """Tell whether "<" may be missing for as many bytes: surely not, if the answer is no.

    There is none inside a tag, not even in an attribute's value, and none inside a text.
    """
    window = max(span // 2, 1)
    return any(
        body.find(b"<", at, at + window) < 0 for at in range(0, len(body) - window + 1, window)
    )


def _most_elements(body: bytes, limits: Limits) -> int:
    return max(limits.max_elements, len(body) // _FAIR_BYTES)


def check_texts(root: Element, limits: Limits) -> None:
    """Raise EnvelopeError if any text under `root` is too long."""
    if _question(f"boolean(//text()[string-length() > {limits.max_text_length}])")(root):
        raise over_limit("max_text_length", limits)


def check_depth(root: Element, limits: Limits) -> None:
    """Raise EnvelopeError if the elements under `root` are nested too deep."""
    levels = min(limits.max_depth, _DEPTH_OF_THE_PARSER) + 1
    if _question(f"boolean({'/*' * levels})")(root):
        raise over_limit("max_depth", limits)


@lru_cache(maxsize=16)
def _question(expression: str) -> Callable[[Element], bool]:
    return cast("Callable[[Element], bool]", etree.XPath(expression))


def over_limit(name: str, limits: Limits, refusal: Refusal = Refusal.TOO_COMPLEX) -> EnvelopeError:
    """Return the error that says which limit was exceeded."""
    return EnvelopeError(refusal, f"over {name}={getattr(limits, name)}")


def measure(body: bytes, limits: Limits) -> None:
    """Raise EnvelopeError if anything but a text goes over its limit; build nothing."""
    gauge = _Gauge(limits, _most_elements(body, limits))
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.StartElementHandler = gauge.start
    parser.CommentHandler = gauge.comment
    parser.ProcessingInstructionHandler = gauge.instruction
    try:
        parser.Parse(body, True)  # noqa: FBT003 - its second argument has no name
    except expat.ExpatError as error:
        raise EnvelopeError(Refusal.NOT_WELL_FORMED, line=error.lineno) from None


class _Gauge:
    """Count and measure what expat reports, up to the first excess."""

    def __init__(self, limits: Limits, most: int) -> None:
        self._limits = limits
        self._left = most

    def start(self, name: str, attributes: list[str]) -> None:
        count = len(attributes) // 2
        self._count(1 + count)
        if count > self._limits.max_attributes:
            raise over_limit("max_attributes", self._limits)
        self._check("max_name_length", [name, *attributes[::2]])
        self._check("max_attribute_length", attributes[1::2])

    def comment(self, text: str) -> None:
        self._count(1)
        self._check("max_comment_length", [text])

    def instruction(self, target: str, text: str) -> None:
        self._check("max_name_length", [target])
        self.comment(text)

    def _count(self, nodes: int) -> None:
        self._left -= nodes
        if self._left < 0:
            raise over_limit("max_elements", self._limits)

    def _check(self, limit: str, texts: list[str]) -> None:
        if max(map(len, texts), default=0) > getattr(self._limits, limit):
            raise over_limit(limit, self._limits)
