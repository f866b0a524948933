"""Salesforce ids, which come in a form of 15 characters and one of 18 that mean the same."""

from typing import Final

_LENGTHS: Final = (15, 18)
_KEY_LENGTH: Final = 15


def is_salesforce_id(text: str) -> bool:
    """Tell whether `text` has the form of a Salesforce id, short or long."""
    return len(text) in _LENGTHS and text.isascii() and text.isalnum()


def id_key(text: str) -> str:
    """Return what two ids have in common if they are the same; a plain string is its own key."""
    return text[:_KEY_LENGTH] if is_salesforce_id(text) else text
