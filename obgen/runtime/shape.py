"""Tell a message from other bodies by a look at its bytes, before it is worth a large tree."""

import re
from typing import Final

from obgen.runtime.limits import Limits

_TAGS_OF_A_RECORD: Final = 16
"""Of its notification, that is, and not inside its sObject: there are six."""
_TAGS_OF_A_FIELD: Final = 2
# How a message begins and ends, whatever its prefixes, and its records.
_BEGINNING: Final = re.compile(
    rb"""[^<]*+(?:<\?[^<]*+)?+<(?:[^<>:= ]*+:)?+Envelope[^<>]*+>[ \t\r\n]*+"""
    rb"""<(?:[^<>:= ]*+:)?+Body[^<>]*+>[ \t\r\n]*+<(?:[^<>:= ]*+:)?+notifications[^<>]*+>"""
)
_RECORD: Final = re.compile(rb"<(?:[^<>:/= ]*:)?sObject(?:[ \t\r\n][^<>]*)?(?<!/)>")
_END_OF_RECORD: Final = re.compile(rb"</(?:[^<>:/= ]*:)?sObject[ \t\r\n]*>")
_ENDING: Final = re.compile(
    rb"</(?:[^<>:/= ]*:)?notifications[ \t\r\n]*>[ \t\r\n]*"
    rb"</(?:[^<>:/= ]*:)?Body[ \t\r\n]*>[ \t\r\n]*"
    rb"</(?:[^<>:/= ]*:)?Envelope[ \t\r\n]*>[ \t\r\n]*\Z"
)
_LONGEST_ENDING: Final = 1_000


def looks_like_a_message(markup: bytes, limits: Limits) -> bool:
    """Tell whether XML without sections begins and ends as a message, with its tags in records.

    None of the records has more fields than it may have.
    What cuts a message short, or follows it, is seen here. A mistake between two tags isn't.
    """
    beginning = _BEGINNING.match(markup)
    if not beginning or not _ENDING.search(markup, max(len(markup) - _LONGEST_ENDING, 0)):
        return False
    outside, at = 0, beginning.end()
    for _ in range(limits.max_notifications):
        record = _RECORD.search(markup, at)
        end = record and _END_OF_RECORD.search(markup, record.end())
        if not record or not end:
            break
        if markup.count(b"<", record.end(), end.start()) > _TAGS_OF_A_FIELD * limits.max_fields:
            return False
        outside += markup.count(b"<", at, record.start())
        at = end.end()
    return outside + markup.count(b"<", at) <= _TAGS_OF_A_RECORD * limits.max_notifications
