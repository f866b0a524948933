"""What a file is said to be that isn't the WSDL of an outbound message."""

import json
from pathlib import Path

import pytest
from wsdl_builder import build_wsdl

from obgen.codegen.diagnosis import guess
from obgen.codegen.wsdl import parse_contract, read_contract
from obgen.errors import WsdlError

PLAIN = build_wsdl()
WSDL = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="{}"></definitions>'
ENVELOPE = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    "{}</soapenv:Body></soapenv:Envelope>"
)
NOTIFICATIONS = '<notifications xmlns="http://soap.sforce.com/2005/09/outbound"/>'
LOGIN_PAGE = """
<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">
<html><head><title>Login | Salesforce</title></head><body><p>Session ended<br></body></html>
"""

FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "an empty file"),
    "blank": (b" \r\n\t", "an empty file"),
    "byte order mark alone": (b"\xef\xbb\xbf", "an empty file"),
    "Partner": (WSDL.format("urn:partner.soap.sforce.com").encode(), "Partner WSDL"),
    "Enterprise": (WSDL.format("urn:enterprise.soap.sforce.com").encode(), "Enterprise WSDL"),
    "Tooling": (WSDL.format("urn:tooling.soap.sforce.com").encode(), "Tooling WSDL"),
    "Metadata": (WSDL.format("http://soap.sforce.com/2006/04/metadata").encode(), "Metadata WSDL"),
    "Apex": (WSDL.format("http://soap.sforce.com/2006/08/apex").encode(), "Apex WSDL"),
    "Apex class": (
        WSDL.format("http://soap.sforce.com/schemas/class/Orders").encode(),
        "the WSDL of an Apex class",
    ),
    "another service": (
        WSDL.format("urn:weather{{7*7}}").encode(),
        "the WSDL of another service (target namespace 'urn:weather{{7*7}}')",
    ),
    "another long service": (
        WSDL.format(f"urn:{'x' * 400}").encode(),
        "the WSDL of another service (target namespace 'urn:xxxx",
    ),
    "another encoding": (
        PLAIN.replace('encoding="UTF-8"', 'encoding="US-ASCII"').encode(),
        "the right kind of file, but changed or damaged; it declares another encoding than UTF-8",
    ),
    "no target": (b'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>', "without target"),
    "prefixed": (
        b"<w:definitions xmlns:w='u' targetNamespace='urn:partner.soap.sforce.com'/>",
        "Partner WSDL",
    ),
    "another root namespace": (
        PLAIN.replace("schemas.xmlsoap.org/wsdl/", "example.org/").encode(),
        "the right kind of file, but changed or damaged; it isn't WSDL (http://schemas.xmlsoap.org/ws",
    ),
    "WSDL 2.0": (b'<description xmlns="http://www.w3.org/ns/wsdl"/>', "WSDL 2.0"),
    "schema": (b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', "an XML Schema"),
    "retrieved metadata": (
        b'<?xml version="1.0"?><Workflow xmlns="http://soap.sforce.com/2006/04/metadata"/>',
        "Salesforce metadata ('Workflow')",
    ),
    "login page": (LOGIN_PAGE.encode(), "the login page"),
    "page": (b"<html><body/></html>", "an HTML page"),
    "page with DOCTYPE": (b"<!doctype html><title>x</title>", "an HTML page"),
    "message": (ENVELOPE.format(NOTIFICATIONS).encode(), "an outbound message itself"),
    "another message": (ENVELOPE.format("<x/>").encode(), "a SOAP message"),
    "JSON": (b' {"openapi": "3.0.0"}', "JSON"),
    "JSON list": (b"[1]", "JSON"),
    "text": (b"Dear admin, attached is the file", "text that isn't XML"),
    "other XML": (b"<project><a/></project>", "XML with the root element 'project'"),
    "comment alone": (b"<!-- nothing -->", "XML without any element; it is empty"),
    "open comment": (b"<!-- nothing", "XML without any element"),
    "open tag": (b"<", "XML without any element"),
    "UTF-16": (PLAIN.encode("utf-16"), "UTF-16 text"),
    "UTF-16 without mark": (PLAIN.encode("utf-16-le"), "UTF-16 text"),
    "UTF-16, big end first": (PLAIN.encode("utf-16-be"), "UTF-16 text"),
    "ZIP": (b"PK\x03\x04aaa", "a ZIP archive"),
    "gzip": (b"\x1f\x8b\x08", "a gzip archive"),
    "PDF": (b"%PDF-1.7", "a PDF document"),
    "binary": (bytes(range(256)), "a binary file"),
    "Latin-1": (
        PLAIN.replace("UTF-8", "ISO-8859-1").replace("a test", "ä").encode("latin-1"),
        "the right kind of file, but changed or damaged; it is not UTF-8",
    ),
    "DOCTYPE": (
        PLAIN.replace("<definitions", '<!DOCTYPE d [<!ENTITY x SYSTEM "/etc/hosts">]><definitions')
        .encode(),
        "it has a document type declaration",
    ),
    "not well-formed": (PLAIN.replace("<types>", "<types a=1>").encode(), "not well-formed XML"),
    "XML 1.1": (PLAIN.replace('version="1.0"', 'version="1.1"').encode(), "it is not XML 1.0"),
    "junk behind": ((PLAIN + "junk").encode(), "not well-formed"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_says_what_it_seems_to_be(kind: str) -> None:
    body, expected = FILES[kind]

    with pytest.raises(WsdlError) as caught:
        parse_contract(body, "wsdl.xml")

    assert expected in str(caught.value)
    assert str(caught.value).isascii()
    assert str(caught.value).startswith("wsdl.xml:")
    assert "\n" not in str(caught.value)
    assert 'Setup > Outbound Messages > the message > "Click for WSDL"' in caught.value.hint


def test_says_no_more_than_helps() -> None:
    for body, ending in ((b"{}", "it seems to be JSON"), (b"<html><br>", "to be an HTML page")):
        with pytest.raises(WsdlError) as caught:
            parse_contract(body, "wsdl.xml")
        assert caught.value.line is None
        assert str(caught.value).endswith(ending)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<types>", "<types foo>", "right kind of file, but changed or damaged; it is not well-"),
        ('targetNamespace="http://soap', 'targetNamespace="https://soap', "another service"),
        ("</definitions>", "", "this WSDL is cut off: its end is missing"),
        ("<definitions", "<!DOCTYPE d><definitions", "it has a document type declaration"),
    ],
)
def test_a_long_comment_hides_nothing(old: str, new: str, expected: str) -> None:
    comment = f"<!--{'c' * 300_000}-->"
    text = PLAIN.replace("<!--", f"{comment}<!--", 1).replace(old, new, 1)

    with pytest.raises(WsdlError) as caught:
        parse_contract(text.encode(), "wsdl.xml")

    assert expected in str(caught.value)
    assert caught.value.line


def test_a_comment_beyond_the_limit_is_said_to_be_too_large() -> None:
    with pytest.raises(WsdlError, match="it is larger than 4 MiB"):
        parse_contract(b"<!--" + b"c" * 5_000_000, "wsdl.xml")


def test_another_file_is_refused_with_the_line_of_its_first_tag() -> None:
    above = "<!--\n\n-->\n"
    schema = '<schema xmlns="http://www.w3.org/2001/XMLSchema"/>'

    for text, line in ((above + schema, 4), ("\n" * 70_000 + schema, None)):
        with pytest.raises(WsdlError, match="an XML Schema, not a WSDL") as caught:
            parse_contract(text.encode(), "wsdl.xml")
        assert caught.value.line == line


def test_says_that_a_file_is_cut_off_and_where() -> None:
    with pytest.raises(WsdlError, match="cut off: its end is missing") as caught:
        parse_contract(PLAIN[: PLAIN.index("<service")].encode(), "wsdl.xml")

    assert caught.value.line == PLAIN[: PLAIN.index("<service")].count("\n") + 1


def test_says_that_a_schema_is_not_a_wsdl_even_if_huge() -> None:
    body = WSDL.format("urn:enterprise.soap.sforce.com").encode() + b" " * 5_000_000

    with pytest.raises(WsdlError, match="Enterprise WSDL; it is larger than 4 MiB"):
        parse_contract(body, "enterprise.wsdl")


def test_guesses_quickly_about_hostile_text() -> None:
    for text in ("<!--" * 100_000, "<" * 200_000, "<a " * 100_000, "<!DOCTYPE" * 50_000):
        assert guess(text.encode())


def test_a_captured_message_of_the_package_is_told_apart() -> None:
    message = ENVELOPE.format(NOTIFICATIONS.replace("notifications", "o:notifications"))

    assert guess(message.replace("xmlns=", "xmlns:o=").encode()).startswith("an outbound message")


def test_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "wfoutbound (1).wsdl"
    path.write_text(PLAIN, encoding="utf-8")

    assert read_contract(str(path)).object_type == "Opportunity"


def test_a_directory_a_missing_file_and_an_impossible_name_are_errors(tmp_path: Path) -> None:
    for path, reason in (
        (str(tmp_path), "this is a directory, not a WSDL"),
        (str(tmp_path / "gone.wsdl"), "there is no such file"),
        ("a\x00b", "the name is impossible"),
        ("x" * 5_000, "File name too long"),
    ):
        with pytest.raises(WsdlError, match=reason) as caught:
            read_contract(path)
        assert caught.value.hint


def test_an_unreadable_file_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(WsdlError, match="can't be read: Permission denied"):
        read_contract(str(tmp_path / "x.wsdl"))


def test_json_is_seen_whatever_its_shape() -> None:
    assert guess(json.dumps({"a": [1]}).encode()) == "JSON"
