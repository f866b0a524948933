"""The limits that a message has to keep, and those of them that are questions to its tree.

`markup` holds the bytes of a message against the others, before there is a tree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from lxml import etree

from obgen.errors import ConfigurationError, EnvelopeError, Refusal
from obgen.hardened import Element

_DEPTH_OF_A_FIELD: Final = 6
_DEPTH_OF_THE_PARSER: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Say how much of everything one message may have; beyond it, it is refused.

    The defaults let pass whatever Salesforce sends: 100 notifications with every field that an
    object can have. They hold what any other body costs to a quarter of a second and 64 MB.

    Attributes:
        max_bytes: The size of the body (refused with status 413, all others with 400).
        max_notifications: Notifications in the message; Salesforce sends up to 100.
        max_fields: Fields of one record; an object of Salesforce's has some hundreds.
        max_elements: Elements and attributes in the message. Comments, instructions and CDATA
            sections count double, ten references as one, and "=" in an attribute's value too. A
            message may have as many as have 48 bytes each, if nearly all are inside its records
            and its last bytes are those of a message.
        max_references: References such as `&lt;` and `&#65;` in the message. The default is one
            for 8 bytes of 16 MiB; text that is little but escaped markup has fewer.
        max_depth: How deep elements may be nested; a field of Salesforce's is 6 deep. Beyond 256
            the parser has a limit of its own.
        max_attributes: Attributes and namespace declarations of one element.
        max_namespaces: Namespaces that are declared around the notifications; Salesforce declares
            four. To look up the prefix of an xsi:type takes time for each.
        max_name_length: Bytes of the name of an element or attribute.
        max_attribute_length: Bytes of an attribute's value, as written.
        max_namespace_length: Bytes of a namespace's name. It is copied for each notification, and
            for each element that is looked at.
        max_comment_length: Bytes of a comment or a processing instruction.
        max_text_length: Characters of one element's text; Salesforce's longest is 131,072.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_notifications: int = 1_000
    max_fields: int = 2_000
    max_elements: int = 70_000
    max_references: int = 2 * 1024 * 1024
    max_depth: int = 64
    max_attributes: int = 1_000
    max_namespaces: int = 100
    max_name_length: int = 2_048
    max_attribute_length: int = 65_536
    max_namespace_length: int = 1_024
    max_comment_length: int = 65_536
    max_text_length: int = 262_144

    def __post_init__(self) -> None:
        for name in self.__slots__:
            least = _DEPTH_OF_A_FIELD if name == "max_depth" else 1
            value: object = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ConfigurationError(f"the limit {name} must be a whole number, not {value!r}")
            if value < least:
                raise ConfigurationError(f"the limit {name} must be at least {least}")


DEFAULT_LIMITS: Final = Limits()


def over_limit(name: str, limits: Limits, refusal: Refusal = Refusal.TOO_COMPLEX) -> EnvelopeError:
    """Return the error that says which limit was exceeded."""
    return EnvelopeError(refusal, f"over {name}={getattr(limits, name)}")


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
