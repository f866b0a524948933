"""Secrets of an endpoint's URL: what they have to be, and how to keep them out of access logs."""

import copy
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Final

from obgen.errors import ConfigurationError
from obgen.runtime.settings import listed

SHORTEST_SECRET: Final = 22
"""As long as 128 random bits are when they are written in base64."""

UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]+")
"""What stands in a URL as it is: no server, proxy or sender writes it in another way."""

_REDACTED: Final = "[secret]"
_UNREADABLE: Final = "A line that may hold a secret could not be read"


def read_secrets(secrets: Sequence[str]) -> list[str]:
    """Return the secrets of a setting; raise ConfigurationError for one that can be guessed.

    The error doesn't show it.
    """
    texts = listed("secrets", secrets)
    for number, text in enumerate(texts, 1):
        problem = ""
        if not isinstance(text, str) or UNRESERVED.fullmatch(text) is None:
            problem = "has other characters than A-Z, a-z, 0-9 and -._~"
        elif len(text) < SHORTEST_SECRET:
            problem = f"has less than {SHORTEST_SECRET} characters"
        if problem:
            raise ConfigurationError(
                f"secret {number} of {len(texts)} {problem}",
                hint='Make one with: python -c "import secrets; print(secrets.token_urlsafe())"',
            )
    return texts


class RedactSecrets(logging.Filter):
    """Replace the secrets of a URL by "[secret]" in what a server logs; a filter for `logging`.

    Add it to the loggers or the handlers of access logs: `uvicorn.access`, `gunicorn.access`,
    `django.server` and `django.request`, `werkzeug`, `hypercorn.access`. It leaves the arguments
    of a record in their places, because the formatters of servers pick them apart, and lets every
    record pass. Tracebacks are not looked at.

    Args:
        secrets: Those of `OriginChecks`, in the same form.

    Raises:
        ConfigurationError: There is no secret, or one that can be guessed.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        # The longest goes first: a shorter one may be a part of it.
        self._secrets = sorted(read_secrets(secrets), key=len, reverse=True)

    def __repr__(self) -> str:
        return f"<RedactSecrets: {len(self._secrets)}>"

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record if it holds a secret; return True."""
        try:
            self._redact(record)
        except Exception:  # noqa: BLE001 - a log call never raises, and never shows a secret
            record.msg, record.args = _UNREADABLE, ()
        return True

    def _redact(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, Mapping):
            record.args = self._mapping(record.args)
        elif record.args:
            record.args = tuple(map(self._value, record.args))
        # A secret may also be in the format, or in what an argument turns into.
        message = record.getMessage()
        redacted = self._without(message)
        if redacted != message:
            record.msg, record.args = redacted, ()

    def _mapping(self, found: Mapping[str, object]) -> Mapping[str, object]:
        changed = {
            name: new for name, value in found.items() if (new := self._value(value)) is not value
        }
        if not changed or not isinstance(found, dict):
            return found
        # gunicorn's mapping gives "-" for what it doesn't hold, so its type has to stay.
        same = copy.copy(found)
        same.update(changed)
        return same

    def _value(self, value: object) -> object:
        return self._without(value) if isinstance(value, str) else value

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return text
