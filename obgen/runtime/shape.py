"""Tell a message from other bodies by a look at its bytes, before it is worth a large tree."""

import re
from typing import Final

from obgen.runtime.limits import Limits

_TAGS_OF_A_RECORD: Final = 16
"""Of its notification, that is, and not inside its sObject: there are six."""
# How a message begins, whatever its prefixes, and its records.
_BEGINNING: Final = re.compile(
    rb"""[^<]*(?:<\?[^<]*)?<(?:[^<>:= ]*:)?Envelope[^<>]*>[ \t\r\n]*"""
    rb"""<(?:[^<>:= ]*:)?Body[^<>]*>[ \t\r\n]*<(?:[^<>:= ]*:)?notifications[^<>]*>"""
)
_RECORD: Final = re.compile(rb"<(?:[^<>:/= ]*:)?sObject(?:[ \t\r\n][^<>]*)?(?<!/)>")
_END_OF_RECORD: Final = re.compile(rb"</(?:[^<>:/= ]*:)?sObject[ \t\r\n]*>")


def looks_like_a_message(markup: bytes, limits: Limits) -> bool:
    """Tell whether XML without sections begins as a message, with its tags in records."""
    beginning = _BEGINNING.match(markup)
    if not beginning:
        return False
    outside, at = 0, beginning.end()
    for _ in range(limits.max_notifications):
        record = _RECORD.search(markup, at)
        end = record and _END_OF_RECORD.search(markup, record.end())
        if not record or not end:
            break
        outside += markup.count(b"<", at, record.start())
        at = end.end()
    return outside + markup.count(b"<", at) <= _TAGS_OF_A_RECORD * limits.max_notifications
