"""What is read from WSDLs, however they are written, and what in them is refused where."""

import re
import time
import warnings
from collections.abc import Callable
from dataclasses import replace

import pytest
from wsdl_builder import ENDPOINT, EVERY_TYPE, FIVE_FIELDS, build_wsdl, field_element

from obgen.codegen.contract import XSD_TYPES, Contract
from obgen.codegen.document import (
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    parse_document,
)
from obgen.codegen.wsdl import MAX_FIELDS, parse_contract
from obgen.errors import WsdlError

PLAIN = build_wsdl()


def read(text: str | bytes) -> Contract:
    body = text.encode() if isinstance(text, str) else text
    return parse_contract(body, "message.wsdl")


def refusal(text: str | bytes) -> str:
    """Return the message with which a WSDL is refused."""
    with pytest.raises(WsdlError) as caught:
        read(text)
    assert caught.value.exit_code == 2
    assert "Click for WSDL" in caught.value.hint
    return str(caught.value)


def line_of(text: str, part: str) -> int:
    """Return the line in which `part` first stands."""
    return text[: text.index(part)].count("\n") + 1


def test_reads_object_fields_and_endpoint() -> None:
    contract = read(PLAIN)

    assert contract.object_type == "Opportunity"
    assert [(field.api_name, field.xsd_type) for field in contract.fields] == [
        ("Id", "ID"),
        *FIVE_FIELDS.items(),
    ]
    assert contract.endpoint == ENDPOINT
    assert contract.warnings == ()


def test_each_field_knows_its_line() -> None:
    assert {field.api_name: field.line for field in read(PLAIN).fields} == {
        name: line_of(PLAIN, f'<element name="{name}" ' if name != "Id" else 'name="Id" ')
        for name in ("Id", *FIVE_FIELDS)
    }


def test_reads_every_type() -> None:
    contract = read(build_wsdl("Every_Type__c", EVERY_TYPE))

    assert {field.xsd_type for field in contract.fields} == XSD_TYPES
    assert {field.api_name: field.xsd_type for field in contract.fields[1:]} == EVERY_TYPE


@pytest.mark.parametrize("count", [0, 1, 195, MAX_FIELDS - 1])
def test_reads_any_number_of_fields(count: int) -> None:
    contract = read(build_wsdl(fields={f"Field_{number}__c": "string" for number in range(count)}))

    assert len(contract.fields) == count + 1


def test_reads_an_object_without_a_sequence() -> None:
    empty = re.sub(r"<sequence>\s*</sequence>", "", build_wsdl(fields={}))

    assert [field.api_name for field in read(empty).fields] == ["Id"]


NOISE: dict[str, Callable[[str], bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CRLF mixed with LF": lambda text: text.replace("\n", "\r\n", 20).encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "no declaration": lambda text: text.partition("?>\n")[2].encode(),
    "another date": lambda text: text.replace("2024-02-03", "2025-12-24").encode(),
    "no comments": lambda text: re.sub("<!--.*?-->", "", text, flags=re.DOTALL).encode(),
    "comment between fields": lambda text: text.replace(
        '<element name="Name"', '<!-- <element/> -->\n<element name="Name"'
    ).encode(),
    "instruction": lambda text: text.replace("<types>", "<?editor indent?><types>").encode(),
    "one line": lambda text: re.sub(r">\s+<", "><", text).encode(),
    "indented by tabs": lambda text: re.sub(r"^ +", "\t\t", text, flags=re.MULTILINE).encode(),
    "attributes in another order": lambda text: re.sub(
        r'<element (name="[^"]*") (.*?) ?/>', r"<element \2 \1></element>", text
    ).encode(),
    "single quotes": lambda text: re.sub(r'"([^"\']*)"', r"'\1'", text).encode(),
    "other prefixes": lambda text: re.sub(
        r"\b(xsd|ent|ens|tns|soap)([:=])", r"x\1\2", text
    ).encode(),
    "wrapped documentation": lambda text: text.replace("Process a", "\n  Process\n  a").encode(),
}


@pytest.mark.parametrize("noise", NOISE)
def test_noise_changes_nothing(noise: str) -> None:
    noisy = NOISE[noise](PLAIN)

    assert noisy != PLAIN.encode()
    assert read(noisy) == read(PLAIN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xsd:double", "xsd:string"),
        ('name="Amount"', 'name="Amounts"'),
        ("receiver.example.com", "elsewhere.example.com"),
        ('xmlns:xsd="http://www.w3.org/2001/XMLSchema"', 'xmlns:xsd="urn:other"'),
        ("Process a number", "Process any number"),
        ('length value="18"', 'length value="15"'),
    ],
)
def test_content_changes_the_digest(old: str, new: str) -> None:
    assert old in PLAIN

    before = parse_document(PLAIN.encode(), "message.wsdl")
    after = parse_document(PLAIN.replace(old, new).encode(), "message.wsdl")

    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("declaration", "kind"),
    [
        ('type="xsd:unsignedLong"', "the type 'unsignedLong'"),
        ('type="xsd:ID"', "the type 'ID'"),
        ('type="tns:Size"', "the type 'Size'"),
    ],
)
def test_a_type_that_is_not_known_is_a_string_with_a_warning(declaration: str, kind: str) -> None:
    text = PLAIN.replace('type="xsd:double"', declaration).replace(
        '<element name="notifications">',
        '<simpleType name="Size"><restriction base="xsd:string"/></simpleType>'
        '<element name="notifications">',
    )
    contract = read(text)
    line = contract.fields[1].line

    assert contract.fields[1].xsd_type == "string"
    assert contract.warnings == (f"message.wsdl:{line}: Amount has {kind}; it is read as a string",)


def test_a_type_inside_a_field_is_a_string_with_a_warning() -> None:
    picklist = (
        '<element name="Stage"><simpleType><restriction base="xsd:string">'
        '<enumeration value="&quot;&#10;\\{{ x }}"/></restriction></simpleType></element>'
    )
    contract = read(PLAIN.replace(field_element("Amount", "double"), picklist))

    assert contract.fields[1].xsd_type == "string"
    assert "Stage has a type of its own" in contract.warnings[0]


def test_endpoint_is_in_no_repr() -> None:
    secret = build_wsdl(endpoint="https://receiver.example.com/hush-hush")

    assert read(secret).endpoint.endswith("/hush-hush")
    assert "hush-hush" not in repr(read(secret))


def test_contracts_compare_by_content() -> None:
    moved = PLAIN.replace("<types>", "\n\n<types>")

    assert read(moved) == read(PLAIN)
    assert read(moved).fields[1].line == read(PLAIN).fields[1].line + 2
    assert replace(read(PLAIN), digest="") != read(PLAIN)


def test_nothing_is_printed_or_warned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal(PLAIN.replace('minOccurs="0"', 'minOccurs="many"'))


BASE = 'base="ens:sObject"'
AMOUNT = field_element("Amount", "double")
OPEN = '<complexType name="Opportunity">'
SOBJECT = PLAIN[PLAIN.index('<complexType name="sObject">') : PLAIN.index("</complexType>") + 14]
NOTIFICATION = '<complexType name="OpportunityNotification">'
PORT = PLAIN[PLAIN.index("<port ") : PLAIN.index("</port>") + 7]
ADDRESS = f'<soap:address location="{ENDPOINT}"/>'

SHAPES: dict[str, tuple[str, str, str]] = {
    "no service": (PLAIN[PLAIN.index("<service") : PLAIN.index("</service>") + 10], "", "service"),
    "two services": ("<service ", "<service name='x'/><service ", "one service, found 2"),
    "two ports": (PORT, PORT + PORT, "one port, found 2"),
    "no address": (ADDRESS, "", "one soap:address, found 0"),
    "two addresses": (ADDRESS, ADDRESS + ADDRESS, "one soap:address, found 2"),
    "no notifications": ('<element name="notifications">', '<element name="other">', "missing"),
    "notifications by type": (
        '<element name="notifications">',
        '<element name="notifications" type="xsd:string"/><element name="other">',
        "no content of its own",
    ),
    "a part more": (
        '<element name="PartnerUrl"',
        '<element name="More" type="xsd:string"/><element name="PartnerUrl"',
        "in order",
    ),
    "parts in another order": ('name="ActionId"', 'name="SessionId"', "in order"),
    "dangling notification": ('type="tns:OpportunityNotification"', 'type="tns:Gone"', "defined"),
    "notification of another namespace": (
        'type="tns:OpportunityNotification"',
        'type="ens:Opportunity"',
        "'ens:Opportunity' of Notification is not defined",
    ),
    "notification without sObject": (
        'name="sObject" type',
        'name="sobject" type',
        "Id and sObject",
    ),
    "dangling object": ('type="ens:Opportunity"', 'type="ens:Lead"', "'ens:Lead' of sObject"),
    "undeclared prefix": ('type="ens:Opportunity"', 'type="sf:Opportunity"', "'sf:Opportunity'"),
    "another notification name": (
        "OpportunityNotification",
        "LeadNotification",
        "must be called OpportunityNotification",
    ),
    "two objects": (OPEN, f'<complexType name="Lead"/>{OPEN}', "second object type 'Lead'"),
    "two notification types": (
        NOTIFICATION,
        f'<complexType name="LeadNotification"/>{NOTIFICATION}',
        "second notification type 'LeadNotification'",
    ),
    "object twice": (OPEN, f'<complexType name="Opportunity"/>{OPEN}', "is defined twice"),
    "no sObject": (SOBJECT, "", "the type 'sObject' is missing"),
    "no base type": ('<complexType name="sObject">', '<complexType name="AObject">', "second"),
    "object extends itself": (
        f"{OPEN}\n                <complexContent>\n                    <extension {BASE}",
        f'{OPEN}<complexContent><extension base="ens:Opportunity"',
        "must extend ens:sObject directly",
    ),
    "object extends nothing": (
        f"{OPEN}\n                <complexContent>\n                    <extension {BASE}",
        f"{OPEN}<complexContent><extension",
        "must extend ens:sObject directly",
    ),
    "base without Id": (
        'name="Id" type="ent:ID" nillable',
        'name="Key" type="ent:ID" nillable',
        "Id",
    ),
    "base with more": (
        '<element name="fieldsToNull"',
        '<element name="More" type="xsd:string"/><element name="fieldsToNull"',
        "fieldsToNull and Id",
    ),
    "field twice": (AMOUNT, f"{AMOUNT}\n{AMOUNT}", "Amount is declared twice"),
    "Id twice": (AMOUNT, field_element("Id", "ID"), "Id is declared twice"),
    "repeated field": (AMOUNT, AMOUNT.replace("/>", ' maxOccurs="2"/>'), "more than once"),
    "unbounded field": (
        AMOUNT,
        AMOUNT.replace("/>", ' maxOccurs="unbounded"/>'),
        "more than once",
    ),
    "structured field": (
        AMOUNT,
        '<element name="Amount"><complexType><sequence/></complexType></element>',
        "not a simple value",
    ),
    "field with a structured type": (
        AMOUNT,
        field_element("Amount", "ens:sObject"),
        "not a simple value",
    ),
    "field with a dangling type": (AMOUNT, field_element("Amount", "ens:Money"), "not defined"),
    "field by reference": (AMOUNT, '<element ref="tns:notifications"/>', "field name ''"),
    "any": (AMOUNT, "<any/>", "must consist of elements"),
    "choice": (AMOUNT, "<choice/>", "must consist of elements"),
    "sequence in sequence": (AMOUNT, "<sequence/>", "must consist of elements"),
    "two sequences": (AMOUNT, "</sequence><sequence>", "shape that Salesforce makes"),
    "attribute": (
        "</sequence>\n                    </extension>",
        '</sequence><attribute name="a"/></extension>',
        "one sequence of elements",
    ),
    "foreign element": (OPEN, f'<x xmlns="urn:x"/>{OPEN}', "shape that Salesforce makes"),
    "not a number": (AMOUNT, AMOUNT.replace('"0"', '"x"'), "shape that Salesforce makes"),
    "import": ("<types>", '<import namespace="u" location="x.wsdl"/><types>', "'import'"),
    "schema import": (
        '<import namespace="urn:enterprise.soap.sforce.com" />',
        '<import namespace="urn:e" schemaLocation="http://127.0.0.1:1/x.xsd"/>',
        "follows no references",
    ),
    "include": (OPEN, f'<include schemaLocation="file:///etc/hosts"/>{OPEN}', "'include'"),
    "redefine": (OPEN, f'<redefine schemaLocation="message.wsdl"/>{OPEN}', "'redefine'"),
    "override": (OPEN, f'<override schemaLocation="../x.xsd"/>{OPEN}', "'override'"),
    "XInclude": (
        "<types>",
        '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/hosts"/><types>',
        "'include'",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_another_shape_is_refused(shape: str) -> None:
    old, new, reason = SHAPES[shape]
    assert old in PLAIN

    message = refusal(PLAIN.replace(old, new))

    assert reason in message
    if "found" not in message and "missing" not in message:
        assert re.match(r"message\.wsdl:\d+: ", message), "the message lacks its line"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1st",
        "_private",
        "__init__",
        "Größe",
        "\N{CYRILLIC CAPITAL LETTER A}mount",
        "a.b",
        "a-b",
        "../../etc/passwd",
        "a&quot;);import os#",
        "{{ 7*7 }}",
        "%s",
        "a&#x85;b",
        "a&#x2028;b",
        "a&#x202e;b",
        "\uff21mount",
        "٣",
        "A" * 121,
        "A" * 5_000,
    ],
)
def test_a_name_that_salesforce_cannot_have_is_refused_with_its_line(name: str) -> None:
    for what, text, part in (
        ("field", PLAIN.replace('name="Amount"', f'name="{name}"'), f'name="{name}"'),
        ("object", build_wsdl(name), f'<complexType name="{name}"'),
    ):
        message = refusal(text)

        assert message.startswith(f"message.wsdl:{line_of(text, part)}: the {what} name ")
        assert message.isascii()
        assert message.isprintable()
        assert len(message) < 250


@pytest.mark.parametrize("name", ["Amount ", "Amount&#10;", "&#9;Amount"])
def test_white_space_around_a_name_is_refused(name: str) -> None:
    assert "the field name" in refusal(PLAIN.replace('name="Amount"', f'name="{name}"'))
    assert "object name" in (message := refusal(build_wsdl(name))) or "not defined" in message


def test_the_longest_name_passes() -> None:
    assert read(build_wsdl(fields={"A" * 120: "string"})).fields[1].api_name == "A" * 120


def many(count: int) -> str:
    """Return a WSDL with so many fields."""
    fields = "".join(f'<element name="F{number}" type="xsd:string"/>\n' for number in range(count))
    return PLAIN.replace(AMOUNT, fields)


def crowded(start: str, count: int) -> str:
    """Return a WSDL one of whose elements has so many attributes, each beginning with `start`."""
    attributes = " ".join(f'{start}{number}="x"' for number in range(count))
    return PLAIN.replace("<types>", f"<types {attributes}>")


def deep(depth: int) -> str:
    """Return a WSDL in which so many elements stand in each other."""
    return PLAIN.replace("<types>", "<a>" * depth + "</a>" * depth + "<types>")


LIMITS: dict[str, tuple[Callable[[], str], str]] = {
    "2,000 fields": (lambda: many(MAX_FIELDS), "over 2,000 fields"),
    "elements": (lambda: many(MAX_ELEMENTS), "over 10,000 elements"),
    "100,000 fields": (lambda: many(100_000), "larger than 4 MiB"),
    "bytes": (lambda: PLAIN + " " * MAX_BYTES, "larger than 4 MiB"),
    "depth": (lambda: deep(MAX_DEPTH), "nested more than 32 deep"),
    "depth 5,000": (lambda: deep(5_000), "nested more than 32 deep"),
    "name": (lambda: PLAIN.replace("<types>", f"<{'a' * 60_000}>"), "a limit of the parser"),
    "attributes": (lambda: crowded("a", MAX_ATTRIBUTES + 1), "over 50 attributes"),
    "100,000 attributes": (lambda: crowded("a", 100_000), "over 50 attributes"),
    "prefixes": (lambda: crowded("xmlns:a", MAX_ATTRIBUTES), "namespace prefixes"),
    "50,000 prefixes": (lambda: crowded("xmlns:a", 50_000), "over 20,000 namespace declarations"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_hold_quickly(limit: str) -> None:
    make, reason = LIMITS[limit]
    text = make()
    start = time.process_time()

    assert reason in refusal(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("end", range(0, len(PLAIN) - 1, 97))
def test_a_truncated_file_is_never_read(end: int) -> None:
    message = refusal(PLAIN[:end])

    assert "cut off" in message or "can't be used" in message
