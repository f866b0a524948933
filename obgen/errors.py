"""Every exception of obgen: what happened, where, what to do, and how to answer.

Errors of the generator carry an exit code and a place in a file; errors of a message carry the
HTTP status and the SOAP fault that answer it. None of them ever shows data of a record or a
session id in its text.
"""

from enum import Enum
from typing import Any, Literal

FaultCode = Literal["Client", "Server", "MustUnderstand", "VersionMismatch"]


class ObgenError(Exception):
    """Say what happened, and in `hint` what to do about it.

    Attributes:
        hint: One sentence for the person who reads the error, or "".
        exit_code: What a command that stops with this error exits with.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls __init__ with the message alone, which isn't all that it takes.
        return type(self).__new__, (type(self), *self.args), self.__dict__


class ConfigurationError(ObgenError, ValueError):
    """Report a setting or an argument that can't work, such as a Receiver without organizations."""


class RunningLoopError(ObgenError, RuntimeError):
    """Report `Receiver.receive` called where an event loop runs; `receive_async` is for there."""


class InputError(ObgenError):
    """Report something wrong in a file, with its place as `file:line:column`.

    Attributes:
        path: The file as the user named it.
        line: Counted from 1, or None where the file as a whole is meant.
        column: Counted from 1, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str,
        line: int | None = None,
        column: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return f"{place}: {super().__str__()}"


class WsdlError(InputError):
    """Refuse a WSDL: it can't be read, or it isn't that of an outbound message."""


class ProjectError(InputError):
    """Refuse a `[tool.obgen]`: a key or a value in it can't be used."""


class TemplateError(InputError):
    """Refuse a template of the user's: it can't be used, or what it makes isn't Python."""


class OutputError(ObgenError):
    """Refuse to write: a file that isn't obgen's is in the way, or the directory can't be used."""


class Refusal(Enum):
    """The fixed list of reasons for which a message is refused, each with its answer.

    Each value is (HTTP status, SOAP fault code, reason). The reason is all that the sender is
    told, so that nothing it sent comes back to it.
    """

    EMPTY = (400, "Client", "The body is empty")
    LENGTH = (400, "Client", "The Content-Length is not a number")
    TRUNCATED = (400, "Client", "The body is shorter than its Content-Length")
    TOO_LARGE = (413, "Client", "The body is larger than this receiver accepts")
    ENCODING = (400, "Client", "The body is not UTF-8")
    XML_VERSION = (400, "Client", "The body is not XML 1.0")
    DOCTYPE = (400, "Client", "A document type declaration is not allowed")
    NOT_WELL_FORMED = (400, "Client", "The body is not well-formed XML")
    TOO_COMPLEX = (400, "Client", "The body exceeds a limit of this receiver")
    VERSION_MISMATCH = (400, "VersionMismatch", "The body is not a SOAP 1.1 envelope")
    MUST_UNDERSTAND = (400, "MustUnderstand", "A mandatory SOAP header is not understood")
    NOT_SOAP = (400, "Client", "The body is not a SOAP envelope")
    NOT_OUTBOUND = (400, "Client", "The envelope does not hold one Salesforce outbound message")
    BAD_ID = (400, "Client", "An id in the message is not a Salesforce id")
    ORGANIZATION = (403, "Client", "The organization is not allowed here")
    ADDRESS = (403, "Client", "The address is not allowed here")
    CERTIFICATE = (403, "Client", "A client certificate is required here")
    NOT_FOUND = (404, "Client", "Not found")
    METHOD = (405, "Client", "Only POST is allowed")
    SLOW = (500, "Server", "The body did not arrive in time")
    INTERNAL = (500, "Server", "The message could not be processed")

    def __init__(self, status: int, fault_code: FaultCode, reason: str) -> None:
        self.status = status
        self.fault_code: FaultCode = fault_code
        self.reason = reason


class EnvelopeError(ObgenError):
    """Refuse a message as a whole; nothing of it was handled.

    Attributes:
        refusal: The reason, one of a fixed list.
        status: The HTTP status that answers it.
        fault_code: The SOAP fault code that answers it, such as "Client".
        reason: The text of the SOAP fault.
        path: Where in the message, such as "notifications/Notification[3]/Id", or "".
        line: The line in the body, counted from 1, or None.
    """

    def __init__(
        self, refusal: Refusal, detail: str = "", *, path: str = "", line: int | None = None
    ) -> None:
        super().__init__(detail or refusal.reason)
        self.refusal = refusal
        self.status = refusal.status
        self.fault_code: FaultCode = refusal.fault_code
        self.reason = refusal.reason
        self.path = path
        self.line = line

    def __str__(self) -> str:
        return _placed(super().__str__(), self.path, self.line)


class DecodeError(ObgenError):
    """Report the one notification that can't be read; the others of its message are not touched.

    Attributes:
        path: Where in the message, such as "notifications/Notification[3]/sObject/Amount".
        value: The text that couldn't be read, or None. It is data of the record: obgen keeps it
            out of `str()` and never logs it.
        line: The line in the body, counted from 1, or None.
    """

    def __init__(
        self, message: str, *, path: str, value: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message)
        self.path = path
        self.value = value
        self.line = line

    def __str__(self) -> str:
        return _placed(super().__str__(), self.path, self.line)


def _placed(message: str, path: str, line: int | None) -> str:
    place = ", ".join(part for part in (path, f"line {line}" if line else "") if part)
    return f"{message} ({place})" if place else message
