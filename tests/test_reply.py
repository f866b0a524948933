"""The answers, byte for byte: Salesforce accepts nothing else."""

import dataclasses
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

import obgen
from obgen.errors import FaultCode
from obgen.runtime.reply import ACKNOWLEDGED, CONTENT_TYPE, NOT_ACKNOWLEDGED, refused

ACK = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
)


def fault_of(body: bytes) -> tuple[str | None, str | None]:
    """Return the code and the reason of a SOAP fault, as another parser reads them."""
    fault = ET.fromstring(body).find(f"{SOAP}Body/{SOAP}Fault")  # noqa: S314 - it is ours
    assert fault is not None
    assert [child.tag for child in fault] == ["faultcode", "faultstring"]
    return fault.findtext("faultcode"), fault.findtext("faultstring")


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false")])
def test_an_ack_is_exactly_what_salesforce_documents(value: bool, text: str) -> None:
    assert obgen.ack(value) == ACK.format(text).encode()
    assert obgen.ack(value) is obgen.ack(value)


@pytest.mark.parametrize("code", ["Client", "Server", "MustUnderstand", "VersionMismatch"])
def test_a_fault_has_a_soap_1_1_code_and_a_reason(code: FaultCode) -> None:
    body = obgen.fault(code, "no & <why>")
    assert body.startswith(b"<soapenv:Envelope ")
    assert fault_of(body) == (f"soapenv:{code}", "no & <why>")


@given(XML_TEXT)
def test_a_fault_holds_any_text(reason: str) -> None:
    assert (fault_of(obgen.fault("Client", reason))[1] or "") == reason


@pytest.mark.parametrize("reason", ["\x00", "a\x1fb", "\ud800", "\ufffe", "\uffff", "\x0b"])
def test_a_fault_refuses_what_xml_cannot_hold(reason: str) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^a SOAP fault can't hold"):
        obgen.fault("Client", reason)


def test_a_fault_refuses_another_code() -> None:
    code: FaultCode = "client"  # type: ignore[assignment] # pyright: ignore[reportAssignmentType] - a mistake
    with pytest.raises(
        obgen.ConfigurationError, match=r"^'client' is not a SOAP 1.1 fault code$"
    ) as caught:
        obgen.fault(code, "")
    assert caught.value.hint == "Use one of Client, Server, MustUnderstand, VersionMismatch."


@pytest.mark.parametrize(("reply", "value"), [(ACKNOWLEDGED, True), (NOT_ACKNOWLEDGED, False)])
def test_both_acks_are_200(reply: obgen.Reply, value: bool) -> None:
    assert (reply.status, reply.body) == (200, obgen.ack(value))
    assert reply.acknowledged is value
    assert reply.content_type == CONTENT_TYPE == "text/xml; charset=utf-8"
    assert reply.headers == {
        "Content-Type": "text/xml; charset=utf-8",
        "Content-Length": str(len(reply.body)),
    }


@pytest.mark.parametrize("refusal", obgen.Refusal)
def test_a_refusal_is_a_fault_of_a_fixed_reason_and_never_an_ack(refusal: obgen.Refusal) -> None:
    reply = refused(refusal)
    assert reply is refused(refusal)
    assert reply.acknowledged is False
    assert reply.status == refusal.status
    assert fault_of(reply.body) == (f"soapenv:{refusal.fault_code}", refusal.reason)
    assert reply.headers.get("Allow") == ("POST" if reply.status == 405 else None)
    assert reply.headers["Content-Length"] == str(len(reply.body))


def test_the_statuses_and_codes_of_the_refusals() -> None:
    statuses = {refusal.name: (refusal.status, refusal.fault_code) for refusal in obgen.Refusal}
    special = {
        "TOO_LARGE": (413, "Client"),
        "ORGANIZATION": (403, "Client"),
        "ADDRESS": (403, "Client"),
        "CERTIFICATE": (403, "Client"),
        "NOT_FOUND": (404, "Client"),
        "METHOD": (405, "Client"),
        "SLOW": (500, "Server"),
        "INTERNAL": (500, "Server"),
        "MUST_UNDERSTAND": (400, "MustUnderstand"),
        "VERSION_MISMATCH": (400, "VersionMismatch"),
    }
    assert statuses == {name: special.get(name, (400, "Client")) for name in statuses}
    assert len({refusal.reason for refusal in obgen.Refusal}) == len(obgen.Refusal)


def test_nobody_can_change_the_reply_of_the_next_request() -> None:
    headers: dict[str, str] = ACKNOWLEDGED.headers  # type: ignore[assignment] # pyright: ignore[reportAssignmentType] - a mistake
    with pytest.raises(TypeError):
        headers["Set-Cookie"] = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        ACKNOWLEDGED.status = 500  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue] - a mistake
