"""What Salesforce makes of an answer: one form is an Ack, everything else is not."""

import pytest

import obgen
from obgen.simulate.judge import judge

ACK = obgen.ack(True).decode()
BARE = ACK.replace(' xmlns="http://soap.sforce.com/2005/09/outbound"', "")
OTHER_PREFIXES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">\n <S:Header/>\n <S:Body>\n'
    '  <o:notificationsResponse xmlns:o="http://soap.sforce.com/2005/09/outbound">\n'
    "   <o:Ack>true</o:Ack>\n  </o:notificationsResponse>\n </S:Body>\n</S:Envelope>\n"
)


@pytest.mark.parametrize("body", [ACK, OTHER_PREFIXES, f'<?xml version="1.0"?>{ACK}'])
def test_a_clear_true_is_an_ack(body: str) -> None:
    verdict = judge(200, body.encode())
    assert verdict.acknowledged
    assert str(verdict) == "acknowledged"
    assert not verdict.failure


def test_a_nack_is_told_in_the_words_of_salesforce() -> None:
    verdict = judge(200, obgen.ack(False))
    assert not verdict.acknowledged
    assert str(verdict) == "SOAP response was a nack"
    assert verdict.hint.startswith("A handler raised")


@pytest.mark.parametrize("body", [b"OK", b'{"Ack": true}', b"\xff\xfe<\x00"])
def test_no_xml_is_told_in_the_words_of_salesforce(body: bytes) -> None:
    assert str(judge(200, body)) == (
        "org.xml.sax.SAXParseException; lineNumber: 1; columnNumber: 1; "
        "Content is not allowed in prolog."
    )


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (201, ACK, "HTTP 201"),
        (202, "", "HTTP 202"),
        (301, "", "HTTP 301, a redirect, which isn't followed"),
        (308, ACK, "HTTP 308, a redirect, which isn't followed"),
        (502, "<html><br>Bad gateway</html>", "HTTP 502"),
        (500, obgen.fault("Server", "No luck").decode(), "HTTP 500: No luck"),
        (200, obgen.fault("Client", "No").decode(), "the answer is a SOAP fault: No"),
        (500, obgen.fault("Server", "No! " * 100).decode(), f"HTTP 500: {'No! ' * 75}"),
        (
            200,
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/>'
            "</s:Body></s:Envelope>",
            "the answer is a SOAP fault: without a reason",
        ),
        (200, "", "the answer is empty"),
        (200, f"\n{ACK}", "white space stands before the XML"),
        (200, f" {ACK}", "white space stands before the XML"),
        (200, f"\ufeff{ACK}", "a byte order mark stands before the XML"),
        (
            200,
            ACK[:-1],
            "the answer can't be read as XML: it is not well-formed XML (line 1)",
        ),
        (
            200,
            f"<!DOCTYPE x>{ACK}",
            "the answer can't be read as XML: "
            "it has a document type declaration (DOCTYPE) (line 1)",
        ),
        (200, "<html>fine</html>", "the answer isn't a SOAP 1.1 envelope"),
        (
            200,
            ACK.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope"),
            "the answer isn't a SOAP 1.1 envelope",
        ),
        (
            200,
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
            "the Envelope doesn't hold one Body",
        ),
        (
            200,
            BARE,
            "the Body doesn't hold one "
            "{http://soap.sforce.com/2005/09/outbound}notificationsResponse",
        ),
        (
            200,
            ACK.replace("<Ack>true</Ack>", "<Ack xmlns=''>true</Ack>"),
            "the notificationsResponse doesn't hold one "
            "{http://soap.sforce.com/2005/09/outbound}Ack",
        ),
        (
            200,
            ACK.replace("<Ack>true</Ack>", "<Ack>true</Ack>" * 2),
            "the notificationsResponse doesn't hold one "
            "{http://soap.sforce.com/2005/09/outbound}Ack",
        ),
        *[
            (200, ACK.replace(">true<", f">{text}<"), "the Ack is neither true nor false")
            for text in ("", "1", "True", " true ", "<b/>true")
        ],
    ],
)
def test_everything_else_is_sent_again(status: int, body: str, failure: str) -> None:
    verdict = judge(status, body.encode())
    assert not verdict.acknowledged
    assert verdict.failure == failure
    assert str(verdict) == f"simulated: {failure}"
    assert verdict.hint


@pytest.mark.parametrize("start", ["\n", "\ufeff", "\ufeff\r\n ", "\t"])
def test_what_stands_before_an_ack_is_a_failure_that_was_tolerated(start: str) -> None:
    verdict = judge(200, f"{start}{ACK}".encode())
    assert not verdict.acknowledged
    assert verdict.tolerated == "something stands before an Ack of true"


@pytest.mark.parametrize("body", [f"\n{obgen.ack(False).decode()}", "\n<html/>", ACK[:-1], " ", ""])
@pytest.mark.parametrize("status", [200, 500])
def test_a_failure_for_any_other_reason_is_not_tolerated(status: int, body: str) -> None:
    assert not judge(status, body.encode()).tolerated


def test_nothing_before_an_ack_excuses_its_status() -> None:
    assert not judge(500, f"\n{ACK}".encode()).tolerated


@pytest.mark.parametrize("kind", ["", "text/xml", "Text/XML; charset=utf-8"])
def test_the_documented_type_is_nothing_special(kind: str) -> None:
    assert judge(200, ACK.encode(), kind) == judge(200, ACK.encode())


@pytest.mark.parametrize(
    "kind", ["application/soap+xml", "text/html; charset=utf-8", "text/xmlish"]
)
def test_another_type_is_tolerated(kind: str) -> None:
    verdict = judge(200, ACK.encode(), kind)
    assert verdict.acknowledged
    assert verdict.tolerated == "the Content-Type isn't text/xml"
    assert not judge(200, obgen.ack(False), kind).tolerated
