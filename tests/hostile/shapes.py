"""Cases of SOAP and of the message's shape: what is where, in which namespace, and how often."""

from collections.abc import Iterator

import messages
from hostile.cases import (
    SECRET,
    Case,
    Deleted,
    Isolated,
    Read,
    Refused,
    always,
    encoded,
    isolated,
    raw,
    read,
    refused,
)

from obgen import Refusal

_TEXT = messages.message().decode()
_NAME = messages.field("Name", "x")
_EVIL = messages.parts(organization_id="00D000000000666EAA")
_OTHER_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_NOT_OUTBOUND = Refusal.NOT_OUTBOUND


def cases() -> Iterator[Case]:
    """Yield every case of this module."""
    yield from _envelopes()
    yield from _headers()
    yield from _wrapping()
    yield from _parts()
    yield from _namespaces()
    yield from _types()
    yield from _nil()
    yield from _fields()
    yield from _names()


def _replaced(name: str, old: str, new: str, *refusals: Refusal) -> Case:
    assert old in _TEXT, old
    return refused(name, _TEXT.replace(old, new), *refusals)


def _envelopes() -> Iterator[Case]:
    version = Refusal.VERSION_MISMATCH
    yield _replaced("SOAP 1.2", messages.SOAP, _OTHER_SOAP, version)
    yield _replaced("an Envelope of another namespace", messages.SOAP, "urn:x", version)
    yield _replaced("the namespace in capitals", messages.SOAP, messages.SOAP.upper(), version)
    yield _replaced(
        "the namespace without its slash", messages.SOAP, messages.SOAP.rstrip("/"), version
    )
    yield _replaced(
        "the namespace with a blank",
        messages.SOAP,
        messages.SOAP + " ",
        version,
        Refusal.NOT_WELL_FORMED,
    )
    yield refused("an Envelope without namespace", "<Envelope><Body/></Envelope>", Refusal.NOT_SOAP)
    yield refused("another root", "<a/>", Refusal.NOT_SOAP)
    yield refused(
        "a root that ends in Envelope",
        f'<x:MyEnvelope xmlns:x="{messages.SOAP}"/>',
        Refusal.NOT_SOAP,
    )
    yield refused("an empty Envelope", f'<Envelope xmlns="{messages.SOAP}"/>', Refusal.NOT_SOAP)
    yield _replaced(
        "the message without Envelope", "soapenv:Envelope", "soapenv:Body", Refusal.NOT_SOAP
    )
    yield _replaced("body in small letters", "soapenv:Body", "soapenv:body", Refusal.NOT_SOAP)
    yield refused("an empty Body", messages.envelope(""), _NOT_OUTBOUND)
    yield refused("a Body of text", messages.envelope("x"), _NOT_OUTBOUND)
    fault = "<soapenv:Fault><faultcode>soapenv:Server</faultcode></soapenv:Fault>"
    yield refused("a fault", messages.envelope(fault), _NOT_OUTBOUND)
    answer = f'<notificationsResponse xmlns="{messages.OUTBOUND}"><Ack>true</Ack></notificationsResponse>'
    yield refused("an Ack", messages.envelope(answer), _NOT_OUTBOUND)
    yield refused(
        "only a Header",
        f'<e:Envelope xmlns:e="{messages.SOAP}"><e:Header/></e:Envelope>',
        Refusal.NOT_SOAP,
    )


def _headers() -> Iterator[Case]:
    must = Refusal.MUST_UNDERSTAND
    for value in ("1", "true", " 1 ", "yes", "TRUE", "2", "", "1&#32;"):
        header = (
            f'<soapenv:Header><a xmlns="urn:a" soapenv:mustUnderstand="{value}"/></soapenv:Header>'
        )
        yield refused(f"mustUnderstand={value!r}", messages.message(header=header), must)
    for attributes in (
        'soapenv:mustUnderstand="0"',
        'soapenv:mustUnderstand="false"',
        'mustUnderstand="1"',
        'x:mustUnderstand="1" xmlns:x="urn:x"',
        f'x:mustUnderstand="1" xmlns:x="{_OTHER_SOAP}"',
    ):
        header = f"<soapenv:Header><a {attributes}>{SECRET}</a></soapenv:Header>"
        yield Case(
            f"a header with {attributes}",
            always(messages.message(header=header)),
            Read(),
        )
    yield refused(
        "mustUnderstand by another prefix",
        messages.message(
            header=f'<soapenv:Header><a xmlns:q="{messages.SOAP}" q:mustUnderstand="1"/></soapenv:Header>'
        ),
        must,
    )
    yield refused(
        "mustUnderstand behind a comment",
        messages.message(
            header='<soapenv:Header><a/><!-- x --><b soapenv:mustUnderstand="1"/></soapenv:Header>'
        ),
        must,
    )
    yield refused("two Headers", messages.message(header="<soapenv:Header/>" * 2), Refusal.NOT_SOAP)
    after = _TEXT.replace("</soapenv:Body>", "</soapenv:Body><soapenv:Header/>")
    yield refused("a Header after the Body", after, Refusal.NOT_SOAP)
    deep = "<a>" * 100 + "</a>" * 100
    yield refused(
        "a deep Header",
        messages.message(header=f"<soapenv:Header>{deep}</soapenv:Header>"),
        Refusal.TOO_COMPLEX,
    )


def _wrapping() -> Iterator[Case]:
    body = _TEXT[_TEXT.index("<soapenv:Body>") : _TEXT.index("</soapenv:Envelope>")]
    evil = body.replace(messages.ORGANIZATION_ID, "00D000000000666EAA")
    inner = body.removeprefix("<soapenv:Body>").removesuffix("</soapenv:Body>")
    yield _replaced("a second Body", body, body + evil, Refusal.NOT_SOAP)
    yield _replaced("a second Body before", body, evil + body, Refusal.NOT_SOAP)
    yield _replaced("a Body in a Body", body, f"<soapenv:Body>{body}</soapenv:Body>", _NOT_OUTBOUND)
    yield _replaced("a Body in a wrapper", body, f"<x>{body}</x>", Refusal.NOT_SOAP)
    yield Case(
        "a copy in the Header",
        lambda _: [
            messages.message(
                messages.record(_NAME), header=f"<soapenv:Header>{evil}</soapenv:Header>"
            )
        ],
        Read({"name": "x"}),
    )
    yield refused(
        "another organization in the Body, ours in the Header",
        messages.message(before=_EVIL, header=f"<soapenv:Header>{body}</soapenv:Header>"),
        Refusal.ORGANIZATION,
    )
    yield _replaced("two notifications elements", inner, inner + inner, _NOT_OUTBOUND)
    yield _replaced("an element beside notifications", inner, inner + "<a/>", _NOT_OUTBOUND)
    yield _replaced("notifications in notifications", inner, f"<x>{inner}</x>", _NOT_OUTBOUND)
    record = messages.record(_NAME)
    nested = record.replace("</Notification>", record + "</Notification>")
    yield refused("a Notification in a Notification", messages.message(nested), _NOT_OUTBOUND)
    yield refused(
        "a Notification in an Id",
        messages.message(record.replace("<Id>", f"<Id>{record}")),
        _NOT_OUTBOUND,
    )
    yield isolated("a Notification in a field", raw("Name", record))
    yield isolated("a record in a field", raw("Name", messages.sobject(messages.ID)))
    yield isolated("a Notification among the fields", record)
    yield refused(
        "two sObjects",
        messages.message(messages.notification(messages.sobject(messages.ID) * 2)),
        _NOT_OUTBOUND,
    )
    yield refused(
        "the sObject before the Id",
        messages.message(f"<Notification>{messages.sobject(messages.ID)}<Id>x</Id></Notification>"),
        _NOT_OUTBOUND,
    )
    yield refused(
        "a signature", messages.message(before=messages.parts() + "<Signature/>"), _NOT_OUTBOUND
    )


def _parts() -> Iterator[Case]:
    organization = f"<OrganizationId>{messages.ORGANIZATION_ID}</OrganizationId>"
    evil = "<OrganizationId>00D000000000666EAA</OrganizationId>"
    yield _replaced("OrganizationId twice", organization, organization + evil, _NOT_OUTBOUND)
    yield _replaced(
        "another OrganizationId first", organization, evil + organization, _NOT_OUTBOUND
    )
    yield _replaced("another organization", organization, evil, Refusal.ORGANIZATION)
    yield _replaced("no OrganizationId", organization, "", _NOT_OUTBOUND)
    later = _TEXT.replace(organization, "").replace(
        "</notifications>", organization + "</notifications>"
    )
    yield refused("OrganizationId at the end", later, _NOT_OUTBOUND)
    for what, text in {
        "empty": "",
        "with blanks": f" {messages.ORGANIZATION_ID} ",
        "with a line end": f"{messages.ORGANIZATION_ID}\n",
        "of 16 characters": "00D000000000001E",
        "of 19 characters": "00D000000000001EAAA",
        "with full-width digits": "00D00000000000\uff11EAA",
        "with a Cyrillic letter": "00D000000000001E\u0410A",
        "with a quote": "00D000000000001E'A",
        "with markup": "00D&lt;script&gt;1EAA",
        "of a path": "../../etc/passwd12",
    }.items():
        yield refused(
            f"an organization {what}",
            messages.message(before=messages.parts(organization_id=text)),
            Refusal.BAD_ID,
        )
        yield refused(
            f"a notification's id {what}",
            messages.message(messages.record(notification_id=text)),
            Refusal.BAD_ID,
        )
    yield refused(
        "an organization in other letters",
        messages.message(before=messages.parts(organization_id="00d000000000001EAA")),
        Refusal.ORGANIZATION,
    )
    yield Case(
        "the organization's short id",
        lambda _: [messages.message(before=messages.parts(organization_id="00D000000000001"))],
        Read(),
    )
    for tag in ("OrganizationId", "ActionId", "EnterpriseUrl", "PartnerUrl", "Id"):
        yield _replaced(f"an element inside {tag}", f"<{tag}>", f"<{tag}><a/>", _NOT_OUTBOUND)
    yield refused(
        "no Notification",
        messages.envelope(
            f'<notifications xmlns="{messages.OUTBOUND}">{messages.parts()}</notifications>'
        ),
        _NOT_OUTBOUND,
    )
    for where in ("<notifications xmlns", "<Notification>", "<OrganizationId>"):
        yield _replaced(f"text before {where[:20]}", where, "x" + where, _NOT_OUTBOUND)
    yield _replaced(
        "text after the Body",
        "</soapenv:Envelope>",
        "x</soapenv:Envelope>",
        _NOT_OUTBOUND,
        Refusal.NOT_SOAP,
    )
    yield _replaced(
        "a no-break space between the parts", "<ActionId>", "\u00a0<ActionId>", _NOT_OUTBOUND
    )
    session = f"<SessionId>{SECRET}</SessionId>"
    yield Case(
        "a session id", lambda _: [messages.message(before=messages.parts(session=session))], Read()
    )
    yield refused(
        "a session id that is nil and isn't",
        messages.message(
            before=messages.parts(session=f'<SessionId xsi:nil="true">{SECRET}</SessionId>')
        ),
        _NOT_OUTBOUND,
    )
    yield refused(
        "two session ids",
        messages.message(before=messages.parts(session=session * 2)),
        _NOT_OUTBOUND,
    )


def _namespaces() -> Iterator[Case]:
    yield _replaced("notifications of another namespace", messages.OUTBOUND, "urn:x", _NOT_OUTBOUND)
    yield _replaced("notifications of no namespace", f'"{messages.OUTBOUND}"', '""', _NOT_OUTBOUND)
    yield _replaced(
        "the right prefix for the wrong namespace",
        f'xmlns:soapenv="{messages.SOAP}"', 'xmlns:soapenv="urn:x"', Refusal.VERSION_MISMATCH,
    )  # fmt: skip
    for tag in ("OrganizationId", "ActionId", "Notification", "Id"):
        yield _replaced(
            f"{tag} of another namespace", f"<{tag}>", f'<{tag} xmlns="urn:x">', _NOT_OUTBOUND
        )
    renamed = (
        _TEXT.replace("soapenv:", "sf:", 2)
        .replace("</soapenv:", "</sf:")
        .replace("xmlns:soapenv", "xmlns:sf")
        .replace("<soapenv:", "<sf:")
    )
    yield Case("one prefix for two namespaces", lambda _: [encoded(renamed)], Read())
    wrong = 'xmlns:sf="urn:evil" xsi:type="sf:Opportunity"'
    yield isolated(
        "sf bound to another namespace",
        first=messages.notification(messages.sobject(messages.ID, attributes=wrong)),
    )
    mixed = f'xmlns:sf="{messages.SOBJECT}" xmlns:e="urn:evil" xsi:type="sf:Opportunity"'
    yield isolated(
        "a field of another namespace",
        first=messages.notification(
            messages.sobject(messages.ID, "<e:Name>x</e:Name>", attributes=mixed)
        ),
    )
    yield isolated("a field of the message's namespace", "<Name>x</Name>")
    yield isolated("a field of no namespace", '<Name xmlns="">x</Name>')
    yield isolated("sf redeclared on a field", '<sf:Name xmlns:sf="urn:evil">x</sf:Name>')
    yield isolated(
        "an Id of another namespace",
        first=messages.notification(messages.sobject(f"<Id>{messages.RECORD_ID}</Id>")),
    )
    yield read(
        "a field by another prefix",
        f'<q:Name xmlns:q="{messages.SOBJECT}">x</q:Name>',
        name="x",
    )
    yield read(
        "a field by default namespace", f'<Name xmlns="{messages.SOBJECT}">x</Name>', name="x"
    )
    same = f'<Name xmlns="{messages.SOBJECT}">x</Name>'
    yield isolated("a field twice by two prefixes", _NAME, same)
    yield isolated(
        "a namespace in other letters", f'<Name xmlns="{messages.SOBJECT.upper()}">x</Name>'
    )


def _typed(attributes: str) -> str:
    return messages.notification(messages.sobject(messages.ID, attributes=attributes))


def _types() -> Iterator[Case]:
    sf = f'xmlns:sf="{messages.SOBJECT}"'
    wrong = {
        "none": sf,
        "empty": f'{sf} xsi:type=""',
        "blank": f'{sf} xsi:type=" "',
        "only a prefix": f'{sf} xsi:type="sf:"',
        "only a colon": f'{sf} xsi:type=":"',
        "without its prefix": f'{sf} xsi:type=":Opportunity"',
        "with two colons": f'{sf} xsi:type="sf:sf:Opportunity"',
        "with a blank inside": f'{sf} xsi:type="sf: Opportunity"',
        "of two names": f'{sf} xsi:type="sf:Opportunity sf:Contact"',
        "of no prefix": f'{sf} xsi:type="Opportunity"',
        "of an unknown prefix": f'{sf} xsi:type="zz:Opportunity"',
        "of the prefix xml": f'{sf} xsi:type="xml:Opportunity"',
        "of another object": f'{sf} xsi:type="sf:Contact"',
        "in small letters": f'{sf} xsi:type="sf:opportunity"',
        "longer by a letter": f'{sf} xsi:type="sf:OpportunityX"',
        "with a zero-width space": f'{sf} xsi:type="sf:Opportunity\u200b"',
        "with a Cyrillic letter": f'{sf} xsi:type="sf:\u041epportunity"',
        "in James Clark's notation": f'{sf} xsi:type="{{{messages.SOBJECT}}}Opportunity"',
        "of a schema type": f'{sf} xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:string"',
        "of another xsi": f'{sf} xmlns:xsi="urn:xsi" xsi:type="sf:Opportunity"',
        "without namespace": f'{sf} type="sf:Opportunity"',
        "that is a log line": f'{sf} xsi:type="sf:x&#10;ERROR {SECRET[:0]}root logged in"',
        "that is a terminal's command": f'{sf} xsi:type="sf:\u009b2J&#9;x"',
        "of 10,000 characters": f'{sf} xsi:type="sf:{"O" * 10_000}"',
        "that formats": f'{sf} xsi:type="sf:%s%n{{0}}"',
        "of the message's namespace": f'{sf} xmlns:m="{messages.OUTBOUND}" xsi:type="m:Opportunity"',
    }
    for what, attributes in wrong.items():
        yield isolated(f"a type {what}", first=_typed(attributes))
    right = {
        "with blanks around": f'{sf} xsi:type=" sf:Opportunity&#10;"',
        "by another prefix": f'xmlns:a="{messages.SOBJECT}" {sf} xsi:type="a:Opportunity"',
        "by another prefix for xsi": f'{sf} xmlns:i="{messages.XSI}" i:type="sf:Opportunity"',
    }
    for what, attributes in right.items():
        yield Case(
            f"a type {what}",
            always(messages.message(_typed(attributes))),
            Read(),
        )
    default = (
        f'<n:Notification xmlns:n="{messages.OUTBOUND}"><n:Id>{messages.NOTIFICATION_ID}</n:Id>'
        f'<n:sObject xmlns="{messages.SOBJECT}" xsi:type="Opportunity"><Id>{messages.RECORD_ID}</Id>'
        "<Name>x</Name></n:sObject></n:Notification>"
    )
    yield Case(
        "a type of the default namespace",
        lambda _: [messages.message(default)],
        Read({"name": "x"}),
    )
    redeclared = f'<sf:Id xmlns:sf="{messages.SOBJECT}">{messages.RECORD_ID}</sf:Id>'
    yield isolated(
        "a type whose prefix only a field declares",
        first=messages.notification(f'<sObject xsi:type="sf:Opportunity">{redeclared}</sObject>'),
    )
    yield isolated(
        "a type whose prefix the sObject redeclares",
        first=messages.record()
        .replace("<Notification>", f"<Notification {sf}>")
        .replace(f"<sObject {sf}", '<sObject xmlns:sf="urn:evil"'),
    )
    yield read(
        "a field's own type is no matter",
        messages.field("Amount", "1", attributes='xsi:type="sf:Contact"'),
        amount=1.0,
    )


def _with_id(text: str) -> str:
    return messages.notification(messages.sobject(messages.field("Id", text)))


def _nil() -> Iterator[Case]:
    yield read("a nil field", messages.nil("Amount"), amount=None)
    yield read("a nil field in words", raw("Amount", "", 'xsi:nil=" 1 "'), amount=None)
    yield read("a field that isn't nil", raw("Amount", "1", 'xsi:nil="0"'), amount=1.0)
    yield read("another nil", raw("Amount", "1", 'nil="true"'), amount=1.0)
    for value in ("TRUE", "yes", "", "2", "true false"):
        yield isolated(f"nil={value!r}", raw("Name", "", f'xsi:nil="{value}"'))
    yield isolated("a nil field with a value", raw("Name", SECRET, 'xsi:nil="true"'))
    yield isolated("a nil field with CDATA", raw("Name", "<![CDATA[x]]>", 'xsi:nil="true"'))
    yield isolated("a nil field with an element", raw("Name", "<a/>", 'xsi:nil="true"'))
    yield isolated(
        "a nil record with fields", first=_typed(messages.SOBJECT_TYPE + ' xsi:nil="true"')
    )
    yield isolated("a nil Id", first=messages.notification(messages.sobject(messages.nil("Id"))))
    for what, record in {
        "absent": "",
        "empty": messages.sobject(),
        "nil": '<sObject xsi:nil="true"/>',
        "blank": f"<sObject {messages.SOBJECT_TYPE}> \n</sObject>",
    }.items():
        yield Case(
            f"a record that is {what}",
            always(messages.message(messages.notification(record))),
            Deleted(),
        )
    for tag in ("OrganizationId", "ActionId", "EnterpriseUrl", "Id", "Notification"):
        nil = f'<{tag} xsi:nil="true">'
        yield _replaced(f"a nil {tag} with content", f"<{tag}>", nil, _NOT_OUTBOUND)
        yield _replaced(
            f"{tag} of an odd nil", f"<{tag}>", nil.replace("true", "no"), _NOT_OUTBOUND
        )
    for tag in ("notifications", "soapenv:Body", "soapenv:Envelope"):
        nil = f'<{tag} xsi:nil="1"'
        yield _replaced(f"a nil {tag} with content", f"<{tag}", nil, _NOT_OUTBOUND)
    yield isolated("a record with a blank Id", first=_with_id("\n "))
    yield isolated("a record with an Id of a no-break space", first=_with_id("\u00a0"))
    yield isolated("a record of text", first=messages.notification(messages.sobject("x")))
    yield isolated(
        "a nil record of text",
        first=messages.notification(messages.sobject("x", attributes='xsi:nil="true"')),
    )


def _fields() -> Iterator[Case]:
    yield isolated("a field twice", _NAME, _NAME)
    yield isolated("a field twice, once nil", _NAME, messages.nil("Name"))
    yield isolated("an Id twice", messages.ID)
    yield isolated("an unknown field twice", raw("Evil__c", "1"), raw("Evil__c", "2"))
    yield isolated("no Id", first=messages.notification(messages.sobject(_NAME)))
    yield isolated("an empty Id", first=messages.notification(messages.sobject("<sf:Id/>")))
    yield isolated("an element inside a field", raw("Name", "a<b>c</b>d"))
    yield isolated("an element inside an unknown field", raw("Evil__c", "<a/>"))
    yield isolated("a field inside a field", raw("Name", messages.field("IsWon", "true")))
    yield isolated("text beside the fields", _NAME, SECRET)
    yield isolated("CDATA beside the fields", _NAME, f"<![CDATA[{SECRET}]]>")
    yield isolated("a reference beside the fields", _NAME, "&#160;")
    yield isolated(
        "text before the fields", first=messages.notification(messages.sobject("x", messages.ID))
    )
    yield read("a comment beside the fields", _NAME, "<!-- x -->", name="x")
    yield read(
        "attributes of any kind", raw("Name", "x", 'href="#a" id="b" xml:lang="en"'), name="x"
    )
    yield read("an unknown field", raw("Evil__c", SECRET), unknown={"Evil__c": SECRET})
    yield read(
        "fields in another order",
        messages.field("Name", "x"),
        messages.field("Amount", "1"),
        name="x",
        amount=1.0,
    )
    deep = "<a>" * 40 + "</a>" * 40
    yield isolated("a deep field", raw("Name", deep))
    yield refused(
        "a deeper field",
        messages.message(messages.record(raw("Name", "<a>" * 100 + "</a>" * 100))),
        Refusal.TOO_COMPLEX,
    )


def _names() -> Iterator[Case]:
    for name in (
        "__init__", "__class__", "__dict__", "__obgen__", "__dataclass_fields__", "class", "None",
        "name", "NAME", "id", "ID", "import", "_make", "self", "\u0130d", "\u041dame", "N\u200dame", "a.b-c",
    ):  # fmt: skip
        yield read(f"an unknown field named {name!a}", raw(name, SECRET), unknown={name: SECRET})
    for text in (
        "\n2026-01-01 ERROR obgen.receiver root logged in", "\u009b31m", "\r\x20overwritten",
        "%s%s%s%n", "{0.__class__}", "${jndi:ldap://127.0.0.1/a}", "'; DROP TABLE x; --",
        "<script>alert(1)</script>", "$(touch /tmp/x)", "`id`", "=cmd|'/c calc'!A0",
    ):  # fmt: skip
        value = raw("Name", encoded_text(text + SECRET))
        yield read(f"the value {text!a}", value, name=text + SECRET)
        action = messages.parts(action_id=encoded_text(text))
        yield Case(
            f"the action {text!a}",
            always(messages.message(before=action)),
            Read(),
        )
        yield Case(
            f"the action {text!a} of another object",
            always(
                messages.message(
                    messages.notification(
                        messages.sobject(messages.ID, attributes=messages.typed("Other__c"))
                    ),
                    messages.record(
                        messages.field("Name", "good"), notification_id=messages.numbered(2)
                    ),
                    before=action,
                )
            ),
            Isolated(),
        )


def encoded_text(text: str) -> str:
    """Return text as XML, a carriage return by reference."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#13;")


__all__ = ["Refused", "cases"]
