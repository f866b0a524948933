"""What a receiver writes to the log: loud about drift, and silent about the data of records.

Errors are logged as text: a log that keeps its records would keep, by their tracebacks and values,
whole messages.
"""

import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Collection
from typing import Final

from obgen.errors import DecodeError, EnvelopeError, Refusal
from obgen.runtime.handling import Call

_log: Final = logging.getLogger("obgen.receiver")
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_]{1,120}")
_LONGEST_NAME: Final = 120
_ADDRESS: Final = re.compile(r"[0-9A-Za-z.:%_-]{1,64}")
_LONGEST_ADDRESS: Final = 64
_LONGEST_KEY: Final = 2 * _LONGEST_NAME
_MOST_NAMES: Final = 1_000
_DAY: Final = 24 * 60 * 60.0


class Reports:
    """Log what happens to notifications; what would repeat with each message, only once."""

    def __init__(self) -> None:
        self._unroutable = _Names("objects or actions without handler")
        self._unknown: dict[str, _Names] = {}

    def surroundings(self) -> None:
        """Report what takes from a receiver something that it needs: real threads."""
        patched = getattr(sys.modules.get("gevent.monkey"), "is_module_patched", None)
        if patched is not None and patched("threading"):
            _log.warning(
                "gevent has replaced the threads of this process: hostile messages can fill its "
                "store of XML names, see SECURITY.md. Take another worker, such as gthread."
            )

    def refused(self, what: str, error: EnvelopeError, peer: str) -> None:
        """Report a message or a request that is refused, with the address it came from."""
        level = logging.ERROR if error.refusal is Refusal.ORGANIZATION else logging.WARNING
        origin = f" from {_address(peer)}" if peer else ""
        _log.log(level, "Refused a %s%s: %s", what, origin, str(error))

    def undecodable(self, notification_id: str, error: DecodeError) -> None:
        """Report a notification that can't be read."""
        _log.error("Notification %s can't be read: %s", notification_id, str(error))

    def unroutable(self, object_type: str, action_id: str) -> None:
        """Report an object or an action without handler, with the command that adds it."""
        # An action id may be as long as a text can be.
        if not self._unroutable.is_first(f"{object_type} {action_id[:_LONGEST_NAME]}"):
            return
        file = f"{object_type}.wsdl" if _HARMLESS.fullmatch(object_type) else "the.wsdl"
        _log.error(
            "No handler for %s (action %s). Download its WSDL (Setup > Outbound Messages > "
            "the message > Click for WSDL), run `obgen generate %s`, and register a handler.",
            _printable(object_type),
            _printable(action_id),
            file,
        )

    def unknown_fields(self, object_type: str, names: Collection[str]) -> None:
        """Report fields that the WSDL doesn't have: it has changed since the code was generated."""
        if not names:
            return
        reported = self._unknown.setdefault(object_type, _Names(f"unknown fields of {object_type}"))
        if reported.is_full():  # which spares a look at each of 100,000 names
            return
        for name in names:
            if reported.is_first(name):
                _log.warning(
                    "%s has a field %s that its WSDL doesn't know; it is kept in `unknown`. "
                    "Download the WSDL again and run `obgen generate`.",
                    _printable(object_type),
                    _printable(name),
                )

    def deleted(self, notification_id: str, object_type: str) -> None:
        """Report a record that was deleted before delivery, for which nobody asked."""
        _log.info(
            "Notification %s has no data: the %s was deleted before delivery",
            notification_id,
            _printable(object_type) if object_type else "record",
        )

    def failed(self, call: Call, error: BaseException) -> None:
        """Report a handler that raised; its words may be data of the record, so they are DEBUG."""
        _log.error(
            "Handler %s raised %s for notification %s%s",
            call.name,
            type(error).__name__,
            call.delivery.notification_id,
            _place(error),
        )
        _log.debug("Handler %s raised", call.name, exc_info=error)

    def unexpected(self, error: Exception) -> None:
        """Report what should never happen; its words may be data of the message."""
        _log.error("A message could not be processed: %s%s", type(error).__name__, _place(error))
        _log.debug("A message could not be processed", exc_info=error)


class _Names:
    """Tell names of one kind that are new from those that were reported.

    A sender may invent any number. Beyond a thousand no more are reported, and a line says so; a
    day later it starts anew, as there may be a real one that is still to be told.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._lock = threading.Lock()
        self._reported: set[str] = set()
        self._full_until = 0.0

    def is_full(self) -> bool:
        """Tell whether there were too many names, less than a day ago."""
        return time.monotonic() < self._full_until

    def is_first(self, name: str) -> bool:
        """Tell whether a name has to be reported; it will not have to be again."""
        if name in self._reported:  # looked up without the lock first: nearly all are
            return False
        key = name[:_LONGEST_KEY]
        with self._lock:
            if key in self._reported or self.is_full():
                return False
            full = len(self._reported) == _MOST_NAMES
            if full:
                self._reported.clear()
                self._full_until = time.monotonic() + _DAY
            else:
                self._reported.add(key)
        if full:
            _log.warning("More than %d %s: no more are reported for a day", _MOST_NAMES, self._kind)
        return not full


def _place(error: BaseException) -> str:
    if error.__traceback__ is None:
        return ""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f" at {frame.filename}:{frame.lineno}"


def _address(peer: str) -> str:
    """Return an address that is safe in a log: some servers take it from a header."""
    return peer if _ADDRESS.fullmatch(peer) else ascii(peer[:_LONGEST_ADDRESS])


def _printable(name: str) -> str:
    """Return a name that is safe in a log: a sender chooses it, and may be hostile."""
    return name if _HARMLESS.fullmatch(name) else ascii(name[:_LONGEST_NAME])
