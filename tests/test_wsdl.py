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
    MAX_LINES,
    MAX_PREFIX_CHARACTERS,
    MAX_PREFIXES,
    Document,
    parse_document,
)
from obgen.codegen.quoting import quoted
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
    "other documentation": lambda text: text.replace("Process a", "<b x='1'>ä</b> a").encode(),
    "an annotation": lambda text: text.replace(
        "<sequence>", "<sequence><annotation><appinfo><sequence/></appinfo></annotation>"
    ).encode(),
    "the endpoint on a line of its own": lambda text: text.replace(
        ENDPOINT, f"\n{ENDPOINT}\n"
    ).encode(),
    "prefixes that xsdata gives a meaning": lambda text: re.sub(
        r"\bxsd([:=])", r"xsi\1", re.sub(r"\bent([:=])", r"xlink\1", text)
    ).encode(),
}


@pytest.mark.parametrize("noise", NOISE)
def test_noise_changes_nothing(noise: str) -> None:
    noisy = NOISE[noise](PLAIN)

    assert noisy != PLAIN.encode()
    assert read(noisy) == read(PLAIN)


def digest(text: str) -> str:
    """Return the digest of a WSDL."""
    return parsed(text).shape.digest


def parsed(text: str) -> Document:
    """Return a WSDL in shape."""
    return parse_document(text.encode(), "message.wsdl")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("xsd:double", "xsd:string"),
        ('name="Amount"', 'name="Amounts"'),
        ("Opportunity", "Lead"),
        ('type="ent:ID" nillable', 'type="xsd:string" nillable'),
        (field_element("Amount", "double"), ""),
    ],
)
def test_content_changes_the_digest(old: str, new: str) -> None:
    assert old in PLAIN

    assert digest(PLAIN) != digest(PLAIN.replace(old, new))


def test_the_endpoint_does_not_change_the_digest() -> None:
    assert digest(build_wsdl(endpoint="https://receiver.example.com/other")) == digest(PLAIN)


def test_a_prefix_means_what_it_is_declared_for_where_it_stands() -> None:
    amount = field_element("Amount", "double")
    exchanged = amount.replace(
        "<element", '<element xmlns:xsd="urn:enterprise.soap.sforce.com"'
    ).replace("xsd:double", "xsd:ID")

    assert read(PLAIN.replace(amount, exchanged)).fields[1].xsd_type == "ID"
    assert read(PLAIN.replace(amount, exchanged)) == read(PLAIN.replace("xsd:double", "ent:ID"))


@pytest.mark.parametrize("name", ["unsignedLong", "ID"])
def test_a_type_that_is_not_known_is_a_string_with_a_warning(name: str) -> None:
    contract = read(PLAIN.replace('type="xsd:double"', f'type="xsd:{name}"'))
    line = contract.fields[1].line

    assert contract.fields[1].xsd_type == "string"
    assert contract.warnings == (
        f"message.wsdl:{line}: Amount has the type '{name}'; it is read as a string",
    )


def test_endpoint_is_in_no_repr() -> None:
    secret = build_wsdl(endpoint="https://receiver.example.com/hush-hush")

    assert read(secret).endpoint.endswith("/hush-hush")
    assert "hush-hush" not in repr(read(secret))
    assert "hush-hush" not in repr(parsed(secret))
    hidden = refusal(secret.replace("<soap:address", "<soap:address x=''"))
    assert "hush-hush" not in hidden


def test_the_endpoint_is_read_as_it_is_written() -> None:
    for endpoint in ("tns:secret/path", "https:host/p", "{urn:x}y"):
        assert read(build_wsdl(endpoint=endpoint)).endpoint == endpoint


def test_contracts_compare_by_content() -> None:
    moved = PLAIN.replace("<types>", "\n\n<types>")

    assert read(moved) == read(PLAIN)
    assert read(moved).fields[1].line == read(PLAIN).fields[1].line + 2
    assert replace(read(PLAIN), digest="") != read(PLAIN)


def test_nothing_is_printed_or_warned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refusal(PLAIN.replace('minOccurs="0"', 'minOccurs="many"'))


def part_of(text: str, start: str, end: str) -> str:
    """Return the part of `text` from one piece to the end of another."""
    at = text.index(start)
    return text[at : text.index(end, at) + len(end)]


AMOUNT = field_element("Amount", "double")
SOBJECT = part_of(PLAIN, '<complexType name="sObject">', "</complexType>")
AGGREGATE = part_of(PLAIN, '<complexType name="AggregateResult">', "</complexType>")
RECORD = part_of(PLAIN, '<complexType name="Opportunity">', "</complexType>")
NOTIFICATION = part_of(PLAIN, '<complexType name="OpportunityNotification">', "</complexType>")
SERVICE = part_of(PLAIN, "<service ", "</service>")
PORT = part_of(PLAIN, "<port ", "</port>")
BASE_ID = '<element name="Id" type="ent:ID" nillable="true" />'
ADDRESS = f'<soap:address location="{ENDPOINT}"/>'
ENS_SCHEMA = 'targetNamespace="urn:sobject.enterprise.soap.sforce.com">'
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
MORE = '<sequence><element name="More__c" type="xsd:string"/></sequence>'
FOREIGN = '<x xmlns="urn:x"/>'


def amended(attributes: str, content: str = "") -> tuple[str, str]:
    """Return the field Amount, and what it is with more attributes or with content."""
    opened = AMOUNT.replace("<element ", f"<element {attributes} ")
    return AMOUNT, opened.replace("/>", f">{content}</element>")


def changed(part: str, old: str, new: str) -> tuple[str, str]:
    """Return a part, and what it is with one piece replaced."""
    assert old in part
    return part, part.replace(old, new, 1)


SHAPES: dict[str, tuple[tuple[str, str], str]] = {
    "no service": ((SERVICE, ""), "the service 'NotificationService' is missing in definitions"),
    "two services": ((SERVICE, SERVICE * 2), "a second service 'NotificationService'"),
    "another service": (("<service ", "<service name='x'/><service "), "found service 'x'"),
    "no port": ((PORT, ""), "the port 'Notification' is missing in service"),
    "two ports": ((PORT, PORT * 2), "a second port 'Notification'; there can be one"),
    "no address": ((ADDRESS, ""), "the soap:address is missing in port"),
    "two addresses": ((ADDRESS, ADDRESS * 2), "a second soap:address"),
    "no location": ((f' location="{ENDPOINT}"', ""), "soap:address has no location"),
    "an empty location": ((ENDPOINT, " "), "the location of the endpoint is empty"),
    "another location": (
        ("<soap:address", '<soap:address soap:location="http://evil"'),
        "can't have the attribute '{http://schemas.xmlsoap.org/wsdl/soap/}location'",
    ),
    "SOAP 1.2": (
        ("http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"),
        "found binding of the namespace 'http://schemas.xmlsoap.org/wsdl/soap12/'",
    ),
    "a message of another element": (
        ('element="tns:notifications"', 'element="tns:notificationsResponse"'),
        "element of part 'request' must be 'notifications' of",
    ),
    "rpc": (('style="document"', 'style="rpc"'), "style of soap:binding must be 'document'"),
    "encoded": (('use="literal"', 'use="encoded"'), "use of soap:body must be 'literal'"),
    "no binding": ((part_of(PLAIN, "<binding", "</binding>"), ""), "expected the binding"),
    "no port type": ((part_of(PLAIN, "<portType", "</portType>"), ""), "expected the portType"),
    "no messages": ((part_of(PLAIN, "<message", "</message>"), ""), "expected the message"),
    "another port type": (("<binding", '<portType name="x"/><binding'), "found portType 'x'"),
    "two types": (("</types>", "</types><types/>"), "'notificationsRequest', found types"),
    "a schema beside types": (
        ("</types>", '</types><xsd:schema targetNamespace="urn:x"/>'),
        "found schema 'urn:x'",
    ),
    "a fourth schema": (("</types>", "<xsd:schema/></types>"), "schema doesn't belong in types"),
    "a schema more": (("<types>", "<types><xsd:schema/>"), "found schema"),
    "unqualified": (
        ('elementFormDefault="qualified"', 'elementFormDefault="unqualified"'),
        "elementFormDefault of schema 'urn:enterprise.soap.sforce.com' must be 'qualified'",
    ),
    "no form": (('elementFormDefault="qualified" ', ""), "has no elementFormDefault"),
    "another schema": ((ENS_SCHEMA, 'targetNamespace="urn:x">'), "found schema 'urn:x'"),
    "a foreign element": (("<types>", f"{FOREIGN}<types>"), "found x of the namespace 'urn:x'"),
    "a foreign element in a schema": ((RECORD, f"{FOREIGN}{RECORD}"), "expected the object type"),
    "an element that isn't ASCII": (("<types>", "<größe/><types>"), "found 'gr\\xf6\\xdfe'"),
    "an element of no namespace": (
        ("<types>", '<x xmlns=""/><types>'),
        "found x of the namespace ''",
    ),
    "no notifications": (
        ('<element name="notifications">', '<element name="other">'),
        "expected the element 'notifications', found element 'other'",
    ),
    "notifications by type": (
        ('<element name="notifications">', '<element name="notifications" type="xsd:string">'),
        "element 'notifications' can't have the attribute 'type'",
    ),
    "a part more": (
        ('<element name="PartnerUrl"', '<element name="More" type="xsd:string"/><element name="P"'),
        "expected the element 'PartnerUrl', found element 'More'",
    ),
    "parts in another order": (('name="ActionId"', 'name="SessionId"'), "'ActionId', found"),
    "an organization that is a number": (
        ('name="OrganizationId" type="ent:ID"', 'name="OrganizationId" type="xsd:int"'),
        "must be 'ID' of urn:enterprise.soap.sforce.com, not 'xsd:int'",
    ),
    "two organizations": (
        ('name="OrganizationId"', 'maxOccurs="unbounded" name="OrganizationId"'),
        "element 'OrganizationId' can't have the attribute 'maxOccurs'",
    ),
    "no notification": (('maxOccurs="100"', 'maxOccurs="0"'), "must be '100', not '0'"),
    "a dangling notification": (
        ('type="tns:OpportunityNotification"', 'type="tns:Gone"'),
        "must be 'OpportunityNotification' of http://soap.sforce.com/2005/09/outbound, not 'tns:G",
    ),
    "a notification without sObject": (
        ('name="sObject" type', 'name="sobject" type'),
        "expected the element 'sObject', found element 'sobject'",
    ),
    "two records": (changed(NOTIFICATION, 'name="sObject"', 'maxOccurs="5" name="sObject"'), "max"),
    "a dangling object": (
        ('type="ens:Opportunity"', 'type="ens:Lead"'),
        "type of element 'sObject' must be 'Opportunity' of urn:sobject.enterprise",
    ),
    "an undeclared prefix": (('type="ens:Opportunity"', 'type="sf:Opportunity"'), "'sf:Opportuni"),
    "another notification name": (
        ("OpportunityNotification", "LeadNotification"),
        "expected the complexType 'OpportunityNotification', found complexType 'LeadNotification'",
    ),
    "another notification type": (
        ('<complexType name="OpportunityNotification">', '<complexType name="LeadNotification">'),
        "expected the complexType 'OpportunityNotification', found complexType 'LeadNotification'",
    ),
    "two objects": (
        (RECORD, RECORD + RECORD.replace("Opportunity", "Lead")),
        "a second object type 'Lead'; there can be one",
    ),
    "no object": ((RECORD, ""), "the object type is missing in schema 'urn:sobject"),
    "two notification types": (
        (NOTIFICATION, NOTIFICATION + NOTIFICATION.replace("Opportunity", "Lead")),
        "expected the element 'notificationsResponse', found complexType 'LeadNotification'",
    ),
    "no base type": ((SOBJECT, ""), "expected the complexType 'sObject'"),
    "the object is the base type": (("Opportunity", "sObject"), "'sObject' is defined twice"),
    "the object is AggregateResult": (("Opportunity", "AggregateResult"), "is defined twice"),
    "the object extends itself": (
        changed(RECORD, "ens:sObject", "ens:Opportunity"),
        "base of extension must be 'sObject' of",
    ),
    "the object extends nothing": (
        changed(RECORD, ' base="ens:sObject"', ""),
        "extension has no base",
    ),
    "the base without Id": (changed(SOBJECT, '"Id"', '"Key"'), "found element 'Key'"),
    "the base with more": (
        changed(SOBJECT, "<sequence>", '<sequence><element name="More" type="xsd:string"/>'),
        "expected the element 'fieldsToNull', found element 'More'",
    ),
    "the base with two sequences": (
        changed(SOBJECT, "</sequence>", f"</sequence>{MORE}"),
        "a second sequence; there can be one",
    ),
    "an Id that is a number": (
        (BASE_ID, BASE_ID.replace("ent:ID", "xsd:double")),
        "type of element 'Id' must be 'ID' of urn:enterprise.soap.sforce.com or 'string' of",
    ),
    "Id twice in the base": ((BASE_ID, BASE_ID * 2), "a second element 'Id'"),
    "Id among the fields": ((AMOUNT, field_element("Id", "ID")), "Id is declared twice, in line"),
    "ID is missing": (('<simpleType name="ID">', '<simpleType name="Ids">'), "simpleType 'ID'"),
    "ID is a structure": (("simpleType", "complexType"), "expected the simpleType 'ID'"),
    "ID is a number": (
        ('<restriction base="xsd:string">', '<restriction base="xsd:int">'),
        "base of restriction must be 'string' of",
    ),
    "ID is a list": (
        ('<restriction base="xsd:string">', '<list itemType="xsd:string"/><restriction>'),
        "expected the restriction, found list",
    ),
    "a longer ID": (('value="18"', 'value="20"'), "value of length must be '18', not '20'"),
    "another length": (("<length ", "<maxLength "), "expected the length, found maxLength"),
    "an enumeration": (("</restriction>", "<enumeration/></restriction>"), "enumeration doesn't"),
    "another simple type": (
        ("</simpleType>", '</simpleType><simpleType name="Size"/>'),
        "simpleType 'Size' doesn't belong in schema",
    ),
    "a sequence beside the extension": (
        changed(RECORD, "</complexContent>", f"</complexContent>{MORE}"),
        "sequence doesn't belong in complexType 'Opportunity'",
    ),
    "an attribute beside the extension": (
        changed(RECORD, "</complexContent>", '</complexContent><attribute name="a"/>'),
        "attribute 'a' doesn't belong in",
    ),
    "simple content beside the extension": (
        changed(RECORD, "<complexContent>", "<simpleContent/><complexContent>"),
        "expected the complexContent, found simpleContent",
    ),
    "a restriction beside the extension": (
        changed(RECORD, "</extension>", '</extension><restriction base="ens:sObject"/>'),
        "restriction doesn't belong in complexContent",
    ),
    "two extensions": (
        changed(RECORD, "</extension>", '</extension><extension base="ens:sObject"/>'),
        "a second extension",
    ),
    "two sequences": (changed(RECORD, "<sequence>", MORE + "<sequence>"), "a second sequence"),
    "any attribute": (changed(RECORD, "</sequence>", "</sequence><anyAttribute/>"), "anyAttribute"),
    "open content": (changed(RECORD, "<sequence>", "<openContent/><sequence>"), "openContent"),
    "an assertion": (changed(RECORD, "</sequence>", '</sequence><assert test="1"/>'), "assert"),
    "a mixed type": (
        changed(RECORD, "<complexType", '<complexType mixed="true"'),
        "complexType 'Opportunity' can't have the attribute 'mixed'",
    ),
    "an abstract type": (
        changed(RECORD, "<complexType", '<complexType abstract="1"'),
        "'abstract'",
    ),
    "mixed content": (
        changed(RECORD, "<complexContent", '<complexContent mixed="true"'),
        "complexContent can't have the attribute 'mixed'",
    ),
    "fields again and again": (
        changed(RECORD, "<sequence", '<sequence maxOccurs="unbounded"'),
        "sequence can't have the attribute 'maxOccurs'",
    ),
    "no fields at all": (
        changed(RECORD, "<sequence", '<sequence minOccurs="0" maxOccurs="0"'),
        "sequence can't have the attribute 'maxOccurs'",
    ),
    "a nil": (changed(RECORD, "<sequence", f'<sequence {XSI} xsi:nil="true"'), "nil'"),
    "another base of AggregateResult": (changed(AGGREGATE, "ens:", "xsd:"), "base of extension"),
    "a field twice": ((AMOUNT, f"{AMOUNT}\n{AMOUNT}"), "Amount is declared twice, in line"),
    "a field never": (amended('maxOccurs="0"'), "maxOccurs of element 'Amount' must be '1', not"),
    "a field twice in a record": (amended('maxOccurs="2"'), "must be '1', not '2'"),
    "a field any number of times": (amended('maxOccurs="unbounded"'), "not 'unbounded'"),
    "a number of Python": (amended('maxOccurs="0_1"'), "must be '1', not '0_1'"),
    "a number of Unicode": (amended('maxOccurs="\uff11"'), "must be '1', not '\\uff11'"),
    "a negative number": ((AMOUNT, AMOUNT.replace('"0"', '"-5"')), "must be '0', not '-5'"),
    "not a number": ((AMOUNT, AMOUNT.replace('"0"', '"x"')), "must be '0', not 'x'"),
    "a structured field": (
        amended("", "<complexType><sequence/></complexType>"),
        "complexType doesn't belong in element 'Amount'",
    ),
    "a field with a type of its own": (amended("", "<simpleType/>"), "simpleType doesn't belong"),
    "a field with an alternative": (amended("", '<alternative test="1"/>'), "alternative doesn't"),
    "a field with a structured type": (
        (AMOUNT, field_element("Amount", "ens:sObject")),
        "type of element 'Amount' must be a name of http://www.w3.org/2001/XMLSchema or 'ID' of",
    ),
    "a field without type": ((AMOUNT, AMOUNT.replace('type="xsd:double"', "")), "has no type"),
    "a field without name": ((AMOUNT, AMOUNT.replace('name="Amount"', "")), "has no name"),
    "a field by reference": (amended('ref="tns:x"'), "can't have the attribute 'ref'"),
    "an unqualified field": (amended('form="unqualified"'), "can't have the attribute 'form'"),
    "a field of another namespace": (amended('targetNamespace="urn:x"'), "'targetNamespace'"),
    "an abstract field": (amended('abstract="true"'), "can't have the attribute 'abstract'"),
    "a fixed field": (amended('fixed="3"'), "can't have the attribute 'fixed'"),
    "a field with a default": (amended('default="3"'), "can't have the attribute 'default'"),
    "a substitution": (amended('substitutionGroup="tns:x"'), "'substitutionGroup'"),
    "any": ((AMOUNT, "<any/>"), "any doesn't belong in sequence"),
    "a choice": ((AMOUNT, "<choice/>"), "choice doesn't belong in sequence"),
    "text": ((AMOUNT, f"x{AMOUNT}"), "there is text in sequence"),
    "text behind a field": ((AMOUNT, f"{AMOUNT}x"), "there is text behind element 'Amount'"),
    "a blank that isn't one of XML": ((AMOUNT, f"{AMOUNT}\u00a0"), "text behind element 'Amount'"),
    "text behind documentation": (
        ("</documentation>", "</documentation>x"),
        "behind documentation",
    ),
    "documentation of WSDL in a schema": (
        (AMOUNT, f'<documentation xmlns="http://schemas.xmlsoap.org/wsdl/"/>{AMOUNT}'),
        "documentation doesn't belong in sequence",
    ),
    "an import": (("<types>", '<import namespace="u" location="x.wsdl"/><types>'), "'import'"),
    "a schema import": (
        (
            '<import namespace="urn:enterprise.soap.sforce.com" />',
            '<import namespace="urn:e" schemaLocation="http://127.0.0.1:1/x.xsd"/>',
        ),
        "follows no references",
    ),
    "an include": ((RECORD, f'<include schemaLocation="file:///x"/>{RECORD}'), "'include'"),
    "a redefine": ((RECORD, f'<redefine schemaLocation="message.wsdl"/>{RECORD}'), "'redefine'"),
    "an override": ((RECORD, f'<override schemaLocation="../x.xsd"/>{RECORD}'), "'override'"),
    "XInclude": (
        ("<types>", '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/x"/><types>'),
        "'include'",
    ),
}
for _written in ("\u00a0xsd:double", "xsd: double", "xsd:double ", "xsd:", ":double", "x:double",
                 "xsd:xsd:double", "{http://www.w3.org/2001/XMLSchema}double", "",
                 "double x", "xml:double", "xsd:\u0661"):  # fmt: skip
    SHAPES[f"the type {_written!a}"] = (
        (AMOUNT, AMOUNT.replace("xsd:double", _written)),
        f"not {quoted(_written)}",
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_another_shape_is_refused_with_its_line(shape: str) -> None:
    (old, new), reason = SHAPES[shape]
    assert old in PLAIN

    message = refusal(PLAIN.replace(old, new))

    assert reason in message
    assert message.isascii()
    assert re.match(r"message\.wsdl:\d+: ", message), "the message lacks its line"


@pytest.mark.parametrize(
    ("shape", "part"),
    [
        ("two services", SERVICE),
        ("two addresses", ADDRESS),
        ("no port", "<service "),
        ("a nil", "<sequence xmlns"),
        ("a field never", 'maxOccurs="0" name'),
        ("a field twice", 'name="Amount"'),
        ("two objects", '<complexType name="Lead">'),
        ("no service", "xmlns:ens"),  # the end of the start tag of definitions
    ],
)
def test_the_line_is_that_of_the_fault(shape: str, part: str) -> None:
    (old, new), _ = SHAPES[shape]
    text = PLAIN.replace(old, new)
    line = text[: text.rindex(part)].count("\n") + 1

    assert refusal(text).startswith(f"message.wsdl:{line}: ")


def test_aggregate_result_can_be_missing() -> None:
    assert read(PLAIN.replace(AGGREGATE, "")).fields == read(PLAIN).fields


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


def declared(namespace: str) -> str:
    """Return a WSDL all of whose elements are below the declaration of a namespace."""
    return PLAIN.replace("<definitions ", f'<definitions xmlns:x="{namespace}" ')


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
    "lines": (lambda: PLAIN.replace("<types>", "\n" * MAX_LINES + "<types>"), "over 65,534 lines"),
    "attributes": (lambda: crowded("a", MAX_ATTRIBUTES + 1), "over 50 attributes"),
    "100,000 attributes": (lambda: crowded("a", 100_000), "over 50 attributes"),
    "prefixes": (lambda: crowded("xmlns:a", MAX_PREFIXES), "over 50 namespace prefixes"),
    "a namespace": (lambda: declared("u" * MAX_PREFIX_CHARACTERS), "over 4,096 characters"),
    "a namespace of 3 MB": (lambda: declared("u" * 3_000_000), "over 4,096 characters"),
    "namespaces in each other": (
        lambda: PLAIN.replace("<types>", f'<x xmlns="{"u" * 2_000}">' * 3 + "</x>" * 3 + "<types>"),
        "over 4,096 characters",
    ),
    "50,000 prefixes": (lambda: crowded("xmlns:a", 50_000), "over 20,000 namespace declarations"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_hold_quickly(limit: str) -> None:
    make, reason = LIMITS[limit]
    text = make()
    start = time.process_time()

    assert reason in refusal(text)
    assert time.process_time() - start < 2


def test_as_many_prefixes_as_allowed_pass() -> None:
    more = MAX_PREFIXES - len(set(re.findall("xmlns:?[a-z]*", PLAIN)))
    declarations = " ".join(f'xmlns:a{number}="{"u" * 60}"' for number in range(more - 1))

    assert read(PLAIN.replace("<types>", f"<types {declarations}>")) == read(PLAIN)


def test_namespaces_beside_each_other_are_not_summed_up() -> None:
    longest = f'<a xmlns="{"u" * (MAX_PREFIX_CHARACTERS - 400)}"/>' * 3

    assert read(PLAIN.replace("Process a", f"{longest} a")) == read(PLAIN)


def test_the_last_line_that_is_told_right() -> None:
    above = "\n" * (MAX_LINES - PLAIN.count("\n"))
    text = PLAIN.replace("<types>", f"{above}<types>")
    assert text.count("\n") == MAX_LINES

    message = refusal(text.replace(ADDRESS, ""))

    assert message.startswith(f"message.wsdl:{line_of(text, '<port ')}: ")


@pytest.mark.parametrize("end", range(0, len(PLAIN) - 1, 97))
def test_a_truncated_file_is_never_read(end: int) -> None:
    message = refusal(PLAIN[:end])

    assert "cut off" in message or "can't be used" in message
