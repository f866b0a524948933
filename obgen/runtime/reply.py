"""The answers that Salesforce understands: an Ack, or a SOAP fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, get_args
from xml.sax.saxutils import escape

from obgen.errors import ConfigurationError, FaultCode, Refusal

CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_FAULT_CODES: Final = get_args(FaultCode)
_NOT_XML: Final = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENVELOPE: Final = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
_ACK: Final = (
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">'
    "<Ack>{}</Ack></notificationsResponse>"
)
_FAULT: Final = (
    "<soapenv:Fault><faultcode>soapenv:{}</faultcode><faultstring>{}</faultstring></soapenv:Fault>"
)
_ACKS: Final = {
    value: _ENVELOPE.format(_ACK.format(text)).encode()
    for value, text in ((True, "true"), (False, "false"))
}


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer one request; adapters turn it into their framework's response.

    Attributes:
        status: The HTTP status.
        body: The XML to send, exactly as it is: Salesforce accepts nothing before it.
        acknowledged: Whether the body is an Ack of true, the only word that stops the retries.
        headers: All response headers, Content-Type and Content-Length among them.
    """

    status: int
    body: bytes
    acknowledged: bool
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """Return the Content-Type header."""
        return self.headers["Content-Type"]


def ack(value: bool, /) -> bytes:  # noqa: FBT001 - it is what the element holds
    """Return the envelope that answers `true` (never send it again) or `false` (send it again)."""
    return _ACKS[bool(value)]


def fault(code: FaultCode, reason: str) -> bytes:
    """Return a SOAP 1.1 fault; Salesforce takes it as a failed delivery and sends again.

    `code` is one of SOAP's four, such as "Client"; `reason` is shown to the sender. Raises
    ConfigurationError for another code, and for a reason with characters that XML can't hold.
    """
    if code not in _FAULT_CODES:
        raise ConfigurationError(
            f"{code!r} is not a SOAP 1.1 fault code", hint=f"Use one of {', '.join(_FAULT_CODES)}."
        )
    if _NOT_XML.search(reason):
        raise ConfigurationError("a SOAP fault can't hold control characters or lone surrogates")
    return _ENVELOPE.format(_FAULT.format(code, escape(reason))).encode()


def _reply(status: int, body: bytes, *, acknowledged: bool, allow: str = "") -> Reply:
    headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(len(body))}
    if allow:
        headers["Allow"] = allow
    # Every request of one kind gets the same reply, so nobody may change it.
    return Reply(status, body, acknowledged, MappingProxyType(headers))


ACKNOWLEDGED: Final = _reply(200, _ACKS[True], acknowledged=True)
NOT_ACKNOWLEDGED: Final = _reply(200, _ACKS[False], acknowledged=False)
_REFUSALS: Final = {
    refusal: _reply(
        refusal.status,
        fault(refusal.fault_code, refusal.reason),
        acknowledged=False,
        allow="POST" if refusal is Refusal.METHOD else "",
    )
    for refusal in Refusal
}


def refused(refusal: Refusal) -> Reply:
    """Return the fixed reply to a message that is refused."""
    return _REFUSALS[refusal]
