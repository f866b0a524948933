"""Show text that a stranger wrote without letting it act: ASCII, escaped, shortened."""

from typing import Final

_SHOWN: Final = 60


def quoted(text: str) -> str:
    """Return `text` as a short ASCII literal for a message, never more than some 60 characters."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
