"""Judge an answer as Salesforce does: strictly, and in its own words where those are known.

Everything but a clear "true" leads to another delivery. So what a lenient reader would let pass
(a blank line first, `1` for `true`, an Ack of another namespace) counts as a failure here. Of some
answers it is known that receivers get away with them; the verdict says so, and stays strict.
"""

from dataclasses import dataclass, replace
from typing import Final, NoReturn

from obgen import hardened
from obgen.hardened import Element
from obgen.runtime.envelope import OUTBOUND, SOAP

_ENVELOPE: Final = f"{{{SOAP}}}Envelope"
_HEADER: Final = f"{{{SOAP}}}Header"
_BODY: Final = f"{{{SOAP}}}Body"
_FAULT: Final = f"{{{SOAP}}}Fault"
_RESPONSE: Final = f"{{{OUTBOUND}}}notificationsResponse"
_ACK: Final = f"{{{OUTBOUND}}}Ack"
_XML: Final = "text/xml"
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_SPACE: Final = (b" ", b"\t", b"\r", b"\n")
_BOM: Final = b"\xef\xbb\xbf"

_MAX_REASON: Final = 300
"""The most characters that are repeated of the reason in a SOAP fault, which may be very long."""
NACK: Final = "SOAP response was a nack"
"""What Setup shows for an Ack of false."""
_NOT_XML: Final = (
    "org.xml.sax.SAXParseException; lineNumber: 1; columnNumber: 1; "
    "Content is not allowed in prolog."
)
_TOLERATED_START: Final = "something stands before an Ack of true"
_TOLERATED_TYPE: Final = f"the Content-Type isn't {_XML}"
_USE_ACK: Final = "Answer with the bytes of obgen.ack(True), and nothing around them."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Salesforce makes of an answer.

    Attributes:
        acknowledged: Whether the message is done; all else is delivered again.
        failure: What Setup would show as "Delivery Failure Reason", or "".
        simulated: Whether those are our words, because Salesforce's aren't known.
        hint: What to do about it, or "".
        tolerated: What isn't as documented about the answer although receivers in the wild got
            away with it, or "". Nothing promises that it will work tomorrow.
    """

    acknowledged: bool
    failure: str = ""
    simulated: bool = False
    hint: str = ""
    tolerated: str = ""

    def __str__(self) -> str:
        if self.acknowledged:
            return "acknowledged"
        return f"simulated: {self.failure}" if self.simulated else self.failure


ACKNOWLEDGED: Final = Verdict(acknowledged=True)


class _FailedError(Exception):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.failure)
        self.verdict = verdict


def judge(status: int, body: bytes, content_type: str = "") -> Verdict:
    """Return what Salesforce makes of an HTTP status, the bytes and the type that came with it.

    Of the Content-Type it is only known that others than text/xml have worked.
    """
    try:
        _check_status(status, body)
        _check_start(body)
        _check_ack(_ack_of(_envelope(body)))
    except _FailedError as failed:
        rest = body.removeprefix(_BOM).lstrip(b"".join(_SPACE))
        if status == _OK and rest != body and judge(status, rest).acknowledged:
            return replace(failed.verdict, tolerated=_TOLERATED_START)
        return failed.verdict
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("", _XML):
        return ACKNOWLEDGED
    return replace(ACKNOWLEDGED, tolerated=_TOLERATED_TYPE)


def _check_status(status: int, body: bytes) -> None:
    if status == _OK:
        return
    if status in _REDIRECTS:
        _fail(
            f"HTTP {status}, a redirect, which isn't followed",
            "Let Salesforce call the address that it leads to; often one slash at the end differs.",
        )
    try:
        reason = _fault_reason(_parse(body))
    except hardened.XmlRefusedError:
        reason = ""  # an error page of whatever stands before the receiver
    _fail(f"HTTP {status}{reason}", "Only an answer of 200 can be an Ack; see the receiver's log.")


def _check_start(body: bytes) -> None:
    if not body:
        _fail("the answer is empty", _USE_ACK)
    if body.startswith(_BOM):
        _fail("a byte order mark stands before the XML", _USE_ACK)
    if body.startswith(_SPACE):
        _fail("white space stands before the XML", _USE_ACK)
    if not body.startswith(b"<"):
        raise _FailedError(Verdict(acknowledged=False, failure=_NOT_XML, hint=_USE_ACK))


def _envelope(body: bytes) -> Element:
    try:
        return _parse(body)
    except hardened.XmlRefusedError as refused:
        where = f" (line {refused.line})" if refused.line else ""
        _fail(f"the answer can't be read as XML: {refused.flaw.value}{where}", _USE_ACK)


def _parse(body: bytes) -> Element:
    return hardened.parse(body, hardened.make_parser())


def _ack_of(root: Element) -> Element:
    """Return the Ack, found by its place and never by searching."""
    if root.tag != _ENVELOPE:
        _fail("the answer isn't a SOAP 1.1 envelope", _USE_ACK)
    if reason := _fault_reason(root):
        _fail(f"the answer is a SOAP fault{reason}", "The receiver's log says why.")
    parts = [part for part in root if part.tag != _HEADER]
    body = _only(parts, _BODY, "the Envelope doesn't hold one Body")
    response = _only(body[:], _RESPONSE, f"the Body doesn't hold one {_RESPONSE}")
    return _only(response[:], _ACK, f"the notificationsResponse doesn't hold one {_ACK}")


def _only(elements: list[Element], tag: str, otherwise: str) -> Element:
    if [element.tag for element in elements] != [tag]:
        _fail(otherwise, _USE_ACK)
    return elements[0]


def _check_ack(ack: Element) -> None:
    if len(ack) or ack.text not in ("true", "false"):
        _fail("the Ack is neither true nor false", _USE_ACK)
    if ack.text == "false":
        hint = "A handler raised, or a notification has none or can't be read; see the log."
        raise _FailedError(Verdict(acknowledged=False, failure=NACK, hint=hint))


def _fault_reason(root: Element) -> str:
    """Return ": " and what the SOAP fault says, or "" if the answer is none."""
    for fault in [child for body in root for child in body if child.tag == _FAULT]:
        texts = [part.text or "" for part in fault if part.tag == "faultstring"]
        return f": {' '.join(texts)[:_MAX_REASON] or 'without a reason'}"
    return ""


def _fail(failure: str, hint: str) -> NoReturn:
    raise _FailedError(Verdict(acknowledged=False, failure=failure, simulated=True, hint=hint))
