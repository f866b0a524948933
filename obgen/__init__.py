"""Receive Salesforce outbound messages: typed, checked, and acknowledged exactly right.

The names below load on first use, so that the command line and generated files start without
the XML parser.

PYTEST_DONT_REWRITE: pytest wants to rewrite what brings a plugin, and warns where that is loaded
already. There is no assert in here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from obgen import adapters as adapters
    from obgen.errors import (
        ConfigurationError,
        DecodeError,
        EnvelopeError,
        ObgenError,
        Refusal,
        RunningLoopError,
    )
    from obgen.runtime.decode import decode
    from obgen.runtime.limits import Limits
    from obgen.runtime.message import Delivery, Notification, OutboundMessage
    from obgen.runtime.origin_checks import OriginChecks
    from obgen.runtime.receiver import ANY_ORGANIZATION, Receiver
    from obgen.runtime.redaction import RedactSecrets
    from obgen.runtime.reply import Reply, ack, fault
    from obgen.runtime.wire import WireField, WireTable, wire_fields

__version__ = "0.1.0"

__all__ = [
    "ANY_ORGANIZATION",
    "ConfigurationError",
    "DecodeError",
    "Delivery",
    "EnvelopeError",
    "Limits",
    "Notification",
    "ObgenError",
    "OriginChecks",
    "OutboundMessage",
    "Receiver",
    "RedactSecrets",
    "Refusal",
    "Reply",
    "RunningLoopError",
    "WireField",
    "WireTable",
    "__version__",
    "ack",
    "decode",
    "fault",
    "wire_fields",
]

_HOMES: Final = {
    "errors": (
        "ConfigurationError",
        "DecodeError",
        "EnvelopeError",
        "ObgenError",
        "Refusal",
        "RunningLoopError",
    ),
    "runtime.decode": ("decode",),
    "runtime.limits": ("Limits",),
    "runtime.message": ("Delivery", "Notification", "OutboundMessage"),
    "runtime.origin_checks": ("OriginChecks",),
    "runtime.receiver": ("ANY_ORGANIZATION", "Receiver"),
    "runtime.redaction": ("RedactSecrets",),
    "runtime.reply": ("Reply", "ack", "fault"),
    "runtime.wire": ("WireField", "WireTable", "wire_fields"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # a type checker is to know the names above, and no others

    def __getattr__(name: str) -> object:
        if name in _HOME_OF:
            value = getattr(import_module(f"obgen.{_HOME_OF[name]}"), name)
        elif name == "adapters":
            value = import_module("obgen.adapters")
        else:
            raise AttributeError(f"module 'obgen' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
