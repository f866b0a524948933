"""What every adapter needs before there is a message: a POST whose body is whole and not too large.

There is no I/O in here, so that it serves blocking and asynchronous frameworks alike.
"""

import re
from collections.abc import Callable
from time import monotonic
from typing import Final

from obgen.errors import EnvelopeError, Refusal

BODY_TIMEOUT: Final = 20.0
"""Seconds for a body to arrive: as long as Salesforce waits for the answer to it."""

# Small, since the time is looked at between two pieces; and 16 MiB are still only 4,096 of them.
_PIECE: Final = 4 * 1024
# int() takes "+5", "1_0" and other digits than HTTP's ten, and stops at 4,300 of them.
_LENGTH: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class Intake:
    """Collect the body of one request, and refuse it as soon as it can't become a message.

    Raises EnvelopeError for anything but a POST, for a Content-Length that isn't a number and for
    one over the limit, all before any of the body is read.

    Attributes:
        expected: The Content-Length in bytes, or None if the request has none.
    """

    def __init__(
        self,
        method: str,
        content_length: str | None,
        *,
        max_bytes: int,
        timeout: float | None = None,
    ) -> None:
        if method != "POST":
            raise EnvelopeError(Refusal.METHOD)
        self.expected = _parse_length(content_length)
        self._max_bytes = max_bytes
        self._deadline = None if timeout is None else monotonic() + timeout
        # A list would need forty bytes for each chunk of one byte.
        self._body = bytearray()
        if self.expected is not None and self.expected > max_bytes:
            raise EnvelopeError(Refusal.TOO_LARGE)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has arrived yet."""
        return not self._body

    @property
    def _wanted(self) -> int:
        """Return how many bytes to read next at most; 0 when all that was declared is here."""
        end = self._max_bytes + 1 if self.expected is None else self.expected
        return min(end - len(self._body), _PIECE)

    def add(self, piece: bytes) -> None:
        """Add what was read; raise EnvelopeError if that is too much by now, or too late."""
        if len(self._body) + len(piece) > self._max_bytes:
            raise EnvelopeError(Refusal.TOO_LARGE)
        if self._deadline is not None and monotonic() > self._deadline:
            raise EnvelopeError(Refusal.SLOW)
        self._body += piece

    def read(self, read: Callable[[int], bytes]) -> None:
        """Add all that a blocking stream still has, by its method `read`, and no byte beyond.

        The stream has to end where the body does, unless its length was declared. If it fails, by
        a connection that breaks or times out, that raises EnvelopeError: what arrived isn't all.
        """
        while self._wanted:
            try:
                piece = read(self._wanted)
            except Exception as error:
                raise EnvelopeError(Refusal.TRUNCATED) from error
            if not piece:
                return
            self.add(piece)

    def finish(self) -> bytes:
        """Return the whole body, or raise EnvelopeError if less arrived than was declared.

        The server can't be trusted with that: gunicorn hands over a truncated body as if whole.
        """
        if self.expected is not None and len(self._body) < self.expected:
            raise EnvelopeError(Refusal.TRUNCATED)
        return bytes(self._body)


def _parse_length(text: str | None) -> int | None:
    if not text:
        return None
    if _LENGTH.fullmatch(text) is None:
        raise EnvelopeError(Refusal.LENGTH)
    return int(text)
