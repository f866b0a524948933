"""Everything above the record: its exact shape, and what is refused with which answer."""

import codecs
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import (
    ACTION_ID,
    DECLARATION,
    ENTERPRISE_URL,
    ID,
    NIL_SESSION,
    NOTIFICATION_ID,
    ORGANIZATION_ID,
    OUTBOUND,
    PARTNER_URL,
    SOAP,
    SOBJECT_TYPE,
    XSI,
    envelope,
    message,
    notification,
    numbered,
    parts,
    record,
    sobject,
)
from records import Opportunity

import obgen
from obgen import Refusal
from obgen.runtime.ids import id_key, is_salesforce_id

BEFORE = {
    "OrganizationId": f"<OrganizationId>{ORGANIZATION_ID}</OrganizationId>",
    "ActionId": f"<ActionId>{ACTION_ID}</ActionId>",
    "SessionId": NIL_SESSION,
    "EnterpriseUrl": f"<EnterpriseUrl>{ENTERPRISE_URL}</EnterpriseUrl>",
    "PartnerUrl": f"<PartnerUrl>{PARTNER_URL}</PartnerUrl>",
}
HEADER = "<soapenv:Header>{}</soapenv:Header>"


def decode(body: bytes) -> obgen.OutboundMessage[Opportunity]:
    return obgen.decode(body, Opportunity)


def refusal(body: bytes) -> Refusal:
    """Return why a message is refused, by `decode` and by a receiver."""
    with pytest.raises(obgen.EnvelopeError) as caught:
        decode(body)
    error = caught.value
    assert (error.status, error.fault_code, error.reason) == error.refusal.value
    assert error.__cause__ is None
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    reply = receiver.receive(body)
    assert reply.status == error.status
    assert reply.acknowledged is False
    assert reply.body == obgen.fault(error.fault_code, error.reason)
    return error.refusal


def swapped(old: str, new: str, body: bytes | None = None) -> bytes:
    """Return a message with one part of it replaced."""
    body = message() if body is None else body
    assert body.count(old.encode()) == 1
    return body.replace(old.encode(), new.encode())


# What a message says


def test_the_parts_of_a_message() -> None:
    found = decode(message())
    assert found.organization_id == ORGANIZATION_ID
    assert found.action_id == ACTION_ID
    assert found.enterprise_url == ENTERPRISE_URL
    assert found.partner_url == PARTNER_URL
    assert found.session_id is None
    assert [n.id for n in found.notifications] == [NOTIFICATION_ID]


def test_all_notifications_in_their_order() -> None:
    ids = [numbered(number) for number in range(100)]
    found = decode(message(*(record(notification_id=one) for one in ids)))
    assert [n.id for n in found.notifications] == ids


@pytest.mark.parametrize(
    ("session", "value"),
    [
        (NIL_SESSION, None),
        ('<SessionId xsi:nil=" 1 "> </SessionId>', None),
        ("", None),
        ("<SessionId>00Dx!secret</SessionId>", "00Dx!secret"),
        ('<SessionId xsi:nil="false">00Dx!secret</SessionId>', "00Dx!secret"),
        ("<SessionId/>", ""),
    ],
)
def test_the_session_id(session: str, value: str | None) -> None:
    assert decode(message(before=parts(session=session))).session_id == value


@pytest.mark.parametrize(
    "session",
    [
        '<SessionId xsi:nil="true">00Dx!secret</SessionId>',
        '<SessionId xsi:nil="yes"/>',
        "<SessionId><a/></SessionId>",
        NIL_SESSION + NIL_SESSION,
    ],
)
def test_a_session_id_of_another_shape(session: str) -> None:
    assert refusal(message(before=parts(session=session))) is Refusal.NOT_OUTBOUND


def test_action_ids_and_addresses_are_plain_strings() -> None:
    found = decode(message(before=parts(action_id="anything é <![CDATA[<]]> at all")))
    assert found.action_id == "anything é < at all"
    assert decode(message(before=parts(action_id=""))).action_id == ""


# What a message may look like


@pytest.mark.parametrize(
    "declaration",
    [
        "",
        DECLARATION,
        "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
        codecs.BOM_UTF8.decode(),
        codecs.BOM_UTF8.decode() + DECLARATION,
        codecs.BOM_UTF8.decode() + "<!-- <!DOCTYPE x> -->",
        "\r\n \t",
        "<?pi x?><!-- <!DOCTYPE x> -->",
    ],
)
def test_what_may_stand_before_the_envelope(declaration: str) -> None:
    assert decode(message(declaration=declaration)).organization_id == ORGANIZATION_ID


def test_white_space_comments_and_instructions_between_the_elements() -> None:
    body = message().replace(b"><", b">\r\n\t <!-- c --> <?pi i?>\n<")
    (found,) = decode(body).notifications
    assert found.sobject == Opportunity(id="006000000000001AAA")


def test_white_space_alone_between_the_elements() -> None:
    body = message(record("<sf:Name>  </sf:Name>", "<sf:Custom__c>\n</sf:Custom__c>"))
    (found,) = decode(body.replace(b"><", b">\n  <")).notifications
    assert found.sobject == Opportunity(id="006000000000001AAA", name="  ", custom__c="\n")


def test_other_prefixes() -> None:
    body = (
        message().replace(b"soapenv", b"S-_.1").replace(b"sf:", b"ens:").replace(b":sf=", b":ens=")
    )
    body = body.replace(b"xsi:", b"i:").replace(b"xmlns:i:", b"xmlns:i=").replace(b":xsi=", b":i=")
    (found,) = decode(body).notifications
    assert found.sobject == Opportunity(id="006000000000001AAA")


def test_prefixes_everywhere_and_attributes_that_mean_nothing() -> None:
    body = message().replace(f'xmlns="{OUTBOUND}"'.encode(), f'xmlns:o="{OUTBOUND}" a="b"'.encode())
    for name in (*BEFORE, "notifications", "Notification", "sObject"):
        body = body.replace(f"<{name}".encode(), f"<o:{name}".encode())
        body = body.replace(f"</{name}".encode(), f"</o:{name}".encode())
    body = body.replace(b"<Id>", b"<o:Id>").replace(b"</Id>", b"</o:Id>")
    (found,) = decode(body).notifications
    assert found.sobject == Opportunity(id="006000000000001AAA")


def test_ids_and_text_in_cdata_and_around_comments() -> None:
    text = f"<![CDATA[{ORGANIZATION_ID[:3]}]]>{ORGANIZATION_ID[3:9]}<!-- x -->{ORGANIZATION_ID[9:]}"
    assert decode(message(before=parts(organization_id=text))).organization_id == ORGANIZATION_ID


# A Header


@pytest.mark.parametrize(
    "header",
    [
        "<soapenv:Header/>",
        HEADER.format("text"),
        HEADER.format('<a xmlns="urn:x"><b/></a><!-- c -->'),
        HEADER.format('<a soapenv:mustUnderstand="0"/>'),
        HEADER.format('<a soapenv:mustUnderstand=" false "/>'),
        HEADER.format('<a mustUnderstand="1"/>'),
        HEADER.format(
            '<a xmlns:s="http://www.w3.org/2003/05/soap-envelope" s:mustUnderstand="1"/>'
        ),
        HEADER.format('<a><b soapenv:mustUnderstand="1"/></a>'),
    ],
)
def test_a_header_is_ignored(header: str) -> None:
    assert decode(message(header=header)).organization_id == ORGANIZATION_ID


def test_a_copy_in_the_header_is_ignored() -> None:
    copy = f'<notifications xmlns="{OUTBOUND}">{parts(organization_id="00D000000000009EAA")}'
    header = HEADER.format(f"{copy}{record()}</notifications>")
    found = decode(message(header=header))
    assert found.organization_id == ORGANIZATION_ID
    assert len(found.notifications) == 1


@pytest.mark.parametrize("value", ["1", "true", " 1\n", "2", "TRUE", "", " "])
@pytest.mark.parametrize("first", ["", "<a/>"])
def test_a_header_that_must_be_understood(value: str, first: str) -> None:
    header = HEADER.format(f'{first}<a soapenv:mustUnderstand="{value}"/>')
    assert refusal(message(header=header)) is Refusal.MUST_UNDERSTAND


# What is no envelope


@pytest.mark.parametrize(
    "namespace",
    ["http://www.w3.org/2003/05/soap-envelope", "http://www.w3.org/2001/12/soap-envelope", "urn:x"],
)
def test_another_version_of_the_envelope(namespace: str) -> None:
    assert refusal(swapped(SOAP, namespace)) is Refusal.VERSION_MISMATCH


@pytest.mark.parametrize(
    "body",
    [
        b"<a/>",
        b"<Envelope><Body/></Envelope>",
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        message().replace(b"soapenv:Envelope", b"soapenv:envelope"),
        message(header="<soapenv:Header/><soapenv:Header/>"),
        message(header="<soapenv:Body/>"),
        message(header="<Header/>"),
        message(header="<a/>"),
        f'<e:Envelope xmlns:e="{SOAP}"/>'.encode(),
        f'<e:Envelope xmlns:e="{SOAP}"><e:Header/></e:Envelope>'.encode(),
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body/><e:Header/></e:Envelope>'.encode(),
        f'<e:Envelope xmlns:e="{SOAP}"><Body/></e:Envelope>'.encode(),
        swapped("</soapenv:Body>", "</soapenv:Body><soapenv:Body/>"),
        swapped("</soapenv:Body>", "</soapenv:Body><a/>"),
    ],
)
def test_no_envelope(body: bytes) -> None:
    assert refusal(body) is Refusal.NOT_SOAP


# What is no outbound message


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<a/>",
        f'<notification xmlns="{OUTBOUND}"/>',
        f'<notifications xmlns="{OUTBOUND}"/>',
        "<notifications/>",
        f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>true</Ack></notificationsResponse>',
        "<soapenv:Fault><faultcode/></soapenv:Fault>",
        f'<notifications xmlns="{OUTBOUND}">{parts()}</notifications>',
        f'<notifications xmlns="{OUTBOUND}">{record()}</notifications>',
        f'<notifications xmlns="{OUTBOUND}">{parts()}{record()}</notifications>' * 2,
        f'<a/><notifications xmlns="{OUTBOUND}">{parts()}{record()}</notifications>',
        f'<a><notifications xmlns="{OUTBOUND}">{parts()}{record()}</notifications></a>',
    ],
)
def test_no_outbound_message_in_the_body(content: str) -> None:
    assert refusal(envelope(content)) is Refusal.NOT_OUTBOUND


CHANGES: dict[str, Callable[[str], str]] = {
    "missing": lambda _: "",
    "twice": lambda part: part * 2,
    "misspelt": str.lower,
    "foreign": lambda part: part.replace(">", ' xmlns="urn:x">', 1),
    "element inside": lambda part: part.replace(">", "><a/>", 1),
    "nil with content": lambda part: part.replace(">", ' xsi:nil="true">', 1),
    "followed": lambda part: part + "<Surprise/>",
    "preceded": lambda part: "<Surprise/>" + part,
}


@pytest.mark.parametrize("name", [name for name in BEFORE if name != "SessionId"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_parts_before_the_notifications_each_once_in_their_places(
    name: str, change: str
) -> None:
    before = "".join((BEFORE | {name: CHANGES[change](BEFORE[name])}).values())
    assert refusal(message(before=before)) is Refusal.NOT_OUTBOUND


@given(st.permutations(list(BEFORE)))
def test_the_parts_in_another_order(names: list[str]) -> None:
    body = message(before="".join(BEFORE[name] for name in names))
    if names == list(BEFORE):
        assert decode(body).action_id == ACTION_ID
    else:
        assert refusal(body) is Refusal.NOT_OUTBOUND


@pytest.mark.parametrize(
    "wrong",
    [
        "<Notification/>",
        f"<Notification>{sobject(ID)}</Notification>",
        f"<Notification>{sobject(ID)}<Id>{NOTIFICATION_ID}</Id></Notification>",
        f"<Notification><Id>{NOTIFICATION_ID}</Id><Id>{NOTIFICATION_ID}</Id></Notification>",
        f'<Notification><Id xmlns="urn:x">{NOTIFICATION_ID}</Id></Notification>',
        f"<Notification><Id>{NOTIFICATION_ID}<a/></Id></Notification>",
        f'<Notification xsi:nil="true"><Id>{NOTIFICATION_ID}</Id></Notification>',
        f'<Notification><Id xsi:nil="true">{NOTIFICATION_ID}</Id></Notification>',
        f'<Notification><Id xsi:nil="no">{NOTIFICATION_ID}</Id></Notification>',
        notification(sobject(ID), sobject(ID)),
        notification("<sobject/>"),
        notification(sobject(ID), "<Surprise/>"),
        notification(f'<sObject xmlns="urn:x" {SOBJECT_TYPE}>{ID}</sObject>'),
        f"<notification>{sobject(ID)}</notification>",
        f'<Notification xmlns="urn:x"><Id>{NOTIFICATION_ID}</Id></Notification>',
        notification(record()),
        "<SessionId/>",
        parts(),
    ],
)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_notification_of_another_shape(wrong: str, position: int) -> None:
    notifications = [record(), record()]
    notifications.insert(position, wrong)
    assert refusal(message(*notifications)) is Refusal.NOT_OUTBOUND


@pytest.mark.parametrize(
    ("old", "answer"),
    [
        ("</soapenv:Envelope>", Refusal.NOT_OUTBOUND),
        ("<soapenv:Body>", Refusal.NOT_OUTBOUND),
        ("</soapenv:Body>", Refusal.NOT_OUTBOUND),
        ("<notifications xmlns", Refusal.NOT_OUTBOUND),
        ("<OrganizationId>", Refusal.NOT_OUTBOUND),
        ("<ActionId>", Refusal.NOT_OUTBOUND),
        ("</notifications>", Refusal.NOT_OUTBOUND),
        ("<Notification>", Refusal.NOT_OUTBOUND),
        ("</Notification>", Refusal.NOT_OUTBOUND),
        ("<sObject ", Refusal.NOT_OUTBOUND),
    ],
)
@pytest.mark.parametrize("text", ["x", "&#65;", "<![CDATA[x]]>", "<!-- -->x<!-- -->", "\u00a0"])
def test_text_between_the_elements(old: str, answer: Refusal, text: str) -> None:
    assert refusal(swapped(old, text + old)) is answer


@pytest.mark.parametrize("text", ["<![CDATA[]]>", "&#32;", "<![CDATA[ ]]>", "\n"])
def test_white_space_between_the_elements_in_any_spelling(text: str) -> None:
    assert decode(swapped("<Notification>", f"{text}<Notification>")).notifications


# Ids


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        " ",
        "04l",
        "04l00000000000",
        "04l0000000000001",
        "04l000000000001AA",
        "04l000000000001AAAA",
        "04l00000000000!",
        " 04l000000000001AAA",
        "04l000000000001AAA\n",
        "04l00000000000é",
        "04l00000000000\uff11",
        "04l000000000-01AAA",
    ],
)
def test_an_id_that_is_none(wrong: str) -> None:
    assert refusal(message(before=parts(organization_id=wrong))) is Refusal.BAD_ID
    body = message(record(), record(notification_id=wrong))
    assert refusal(body) is Refusal.BAD_ID
    with pytest.raises(obgen.EnvelopeError) as caught:
        decode(body)
    assert caught.value.path == "notifications/Notification[2]/Id"


def test_ids_of_15_characters() -> None:
    body = message(
        record(notification_id="04l000000000001"), before=parts(organization_id="00D000000000001")
    )
    found = decode(body)
    assert (found.organization_id, found.notifications[0].id) == (
        "00D000000000001",
        "04l000000000001",
    )


@given(st.text("abcXYZ019", min_size=15, max_size=15), st.text("ABC012345", min_size=3, max_size=3))
def test_both_forms_of_an_id_have_one_key(short: str, suffix: str) -> None:
    assert is_salesforce_id(short)
    assert is_salesforce_id(short + suffix)
    assert id_key(short) == id_key(short + suffix) == short
    assert id_key(short.swapcase()) == short.swapcase()


@given(st.text(max_size=20))
def test_a_plain_string_is_its_own_key(text: str) -> None:
    assert is_salesforce_id(text) is (text.isascii() and text.isalnum() and len(text) in {15, 18})
    assert id_key(text) == (text[:15] if is_salesforce_id(text) else text)


# What isn't XML of the right kind


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", Refusal.EMPTY),
        (b" \r\n", Refusal.EMPTY),
        (message().decode().encode("utf-16"), Refusal.ENCODING),
        (swapped("UTF-8", "ISO-8859-1"), Refusal.ENCODING),
        (message(record("<sf:Name>é</sf:Name>")).decode().encode("latin-1"), Refusal.ENCODING),
        (swapped('version="1.0"', 'version="1.1"'), Refusal.XML_VERSION),
        (message(declaration="<!DOCTYPE a>"), Refusal.DOCTYPE),
        (message(declaration=f"{DECLARATION}<!DOCTYPE a [<!ENTITY b 'c'>]>"), Refusal.DOCTYPE),
        (message()[:-1], Refusal.NOT_WELL_FORMED),
        (message() + b"junk", Refusal.NOT_WELL_FORMED),
        (message() + message(), Refusal.NOT_WELL_FORMED),
        (message(declaration=" " + DECLARATION), Refusal.NOT_WELL_FORMED),
        (
            message(declaration="\n<?xml version='1.0' encoding='latin-1'?>"),
            Refusal.NOT_WELL_FORMED,
        ),
        (message(record("<sf:Name>&evil;</sf:Name>")), Refusal.NOT_WELL_FORMED),
        (message(record("<undeclared:Name/>")), Refusal.NOT_WELL_FORMED),
        (message(record("<sf:Name>\x00</sf:Name>")), Refusal.NOT_WELL_FORMED),
        (message(record("<sf:Name>&#8;</sf:Name>")), Refusal.NOT_WELL_FORMED),
        (message(record("<sf:Name a='1' a='2'/>")), Refusal.NOT_WELL_FORMED),
    ],
)
def test_not_xml(body: bytes, answer: Refusal) -> None:
    assert refusal(body) is answer


def test_the_line_of_what_is_wrong() -> None:
    with pytest.raises(obgen.EnvelopeError) as caught:
        decode(
            message()
            .replace(b"<Notification>", b"\n\n<Notification>")
            .replace(b"<Id>04l", b"<Id>!")
        )
    assert caught.value.line == 4
    assert str(caught.value) == (
        "An id in the message is not a Salesforce id (notifications/Notification[1]/Id, line 4)"
    )


@given(st.data())
def test_truncation_at_any_byte_is_refused(data: st.DataObject) -> None:
    body = message(
        record("<sf:Name>é<![CDATA[&]]></sf:Name>"), record(), header=HEADER.format("<a/>")
    )
    refusal(body[: data.draw(st.integers(0, len(body) - 1))])


@pytest.mark.parametrize("attack", ["soapenv:Body", "soapenv:Header"])
def test_nothing_of_the_sender_comes_back(attack: str) -> None:
    body = message(
        record("<sf:secret>secret"), before=parts(session="secret"), header=f"<{attack}>"
    )
    with pytest.raises(obgen.EnvelopeError) as caught:
        decode(body)
    assert "secret" not in f"{caught.value!s} {caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize(
    "body", [message().decode(), bytearray(message()), memoryview(message()), None]
)
def test_a_body_that_is_not_bytes(body: bytes) -> None:
    with pytest.raises(TypeError, match=r"^decode takes the body as bytes, not \w+$"):
        decode(body)
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    with pytest.raises(TypeError, match=r"^a receiver takes the body as bytes, not \w+$"):
        receiver.receive(body)


def test_xsi_is_what_it_says() -> None:
    body = message(before=parts(session="<SessionId xsi:nil='true'/>")).replace(
        XSI.encode(), b"urn:x"
    )
    assert decode(body).session_id == ""
