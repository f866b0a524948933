"""Records: every type, nil and absent, unknown and foreign, deleted, and what can't be read."""

import datetime
import decimal
import gc
import math
import pickle
import threading
from dataclasses import dataclass
from datetime import UTC
from random import Random
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import (
    ID,
    NOTIFICATION_ID,
    RECORD_ID,
    SOBJECT,
    SOBJECT_TYPE,
    XSI,
    field,
    message,
    nil,
    notification,
    numbered,
    parts,
    record,
    sobject,
    typed,
)
from records import Contact, Exact, Opportunity

import obgen

XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"],
        include_characters="\t\n\x85\u2028",
        exclude_characters="\ufffe\uffff",
    )
)
VALUES = {
    "AccountId": ("001000000000001AAA", "account_id", "001000000000001AAA"),
    "Amount": ("120000.0", "amount", 120000.0),
    "CloseDate": ("2017-04-03", "close_date", datetime.date(2017, 4, 3)),
    "Custom__c": ("any", "custom__c", "any"),
    "IsWon": ("false", "is_won", False),
    "LastModifiedDate": (
        "2017-11-03T17:24:20.000Z",
        "last_modified_date",
        datetime.datetime(2017, 11, 3, 17, 24, 20, tzinfo=UTC),
    ),
    "Meeting__c": ("17:24:20.000Z", "meeting__c", datetime.time(17, 24, 20, tzinfo=UTC)),
    "Name": ("Größe & <Maß>", "name", "Größe & <Maß>"),
    "Picture__c": ("QUJD", "picture__c", b"ABC"),
    "Stage_Count__c": ("-7", "stage_count__c", -7),
}
"""{API name: (text, Python name, value)} of every field but Id."""


def only(body: bytes) -> obgen.Notification[Opportunity]:
    """Return the one notification of a message."""
    (found,) = obgen.decode(body, Opportunity).notifications
    return found


def opportunity(*fields: str) -> Opportunity:
    """Return the record that fields make beside an Id."""
    found = only(message(record(*fields)))
    assert found.error is None
    assert found.sobject is not None
    return found.sobject


def error_of(*content: str) -> obgen.DecodeError:
    """Return the error of a notification, after proving that its neighbours aren't touched."""
    body = message(
        record(notification_id=numbered(1)),
        notification(*content, notification_id=numbered(2)),
        record(notification_id=numbered(3)),
    )
    before, wrong, after = obgen.decode(body, Opportunity).notifications
    assert before.sobject == after.sobject == Opportunity(id=RECORD_ID)
    assert before.error is None
    assert after.error is None
    assert wrong.id == numbered(2)
    assert wrong.sobject is None
    assert wrong.present == frozenset()
    assert wrong.unknown == {}
    assert wrong.error is not None
    assert wrong.error.path.startswith("notifications/Notification[2]/sObject")
    return wrong.error


# Values


def test_a_record_of_every_type() -> None:
    fields = [field(name, text) for name, (text, _, _) in VALUES.items()]
    found = only(message(record(*fields)))
    values = {name: value for _, name, value in VALUES.values()}
    assert found.sobject == Opportunity(id=RECORD_ID, **values)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
    assert found.present == {"id", *values}
    assert found.unknown == {}
    assert found.id == NOTIFICATION_ID


@given(st.permutations([*VALUES, "Id"]), st.integers(0, 10))
def test_fields_in_any_order(names: list[str], number: int) -> None:
    chosen = {*names[:number], "Id"}
    texts = {"Id": RECORD_ID} | {name: text for name, (text, _, _) in VALUES.items()}
    found = only(
        message(notification(sobject(*(field(n, texts[n]) for n in names if n in chosen))))
    )
    values = {VALUES[name][1]: VALUES[name][2] for name in chosen - {"Id"}}
    assert found.sobject == Opportunity(id=RECORD_ID, **values)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
    assert found.present == {"id", *values}


@given(XML_TEXT)
def test_text_is_taken_as_it_is(text: str) -> None:
    assert opportunity(field("Name", text), field("Custom__c", text)) == Opportunity(
        id=RECORD_ID, name=text, custom__c=text
    )


@given(
    st.text(" \t\n", max_size=700),
    st.sampled_from(["", "<!-- c -->", "<?pi?>", "<![CDATA[ ]]>", "&#13;"]),
    st.sampled_from(["", "\n  "]),
)
def test_white_space_is_a_text_too(blank: str, between: str, layout: str) -> None:
    fields = (field("Name", blank).replace("</", f"{between}</"), field("Custom__c", blank))
    body = message(record(*fields)).replace(b"><sf", f">{layout}<sf".encode())
    kept = {"<![CDATA[ ]]>": " ", "&#13;": "\r"}.get(between, "")
    assert only(body).sobject == Opportunity(id=RECORD_ID, name=blank + kept, custom__c=blank)


@pytest.mark.parametrize("layout", ["\n", "\r\n", " \t", "\n<!-- c -->\n", "<?pi?>"])
def test_layout_around_the_fields_is_no_text(layout: str) -> None:
    body = message(record(field("Name", "x"))).replace(b"><", f">{layout}<".encode())
    assert only(body).sobject == Opportunity(id=RECORD_ID, name="x")


def test_line_ends_are_those_of_xml() -> None:
    assert opportunity("<sf:Name>a\r\nb\rc&#13;d</sf:Name>").name == "a\nb\nc\rd"


def test_markup_inside_a_value_splits_nothing() -> None:
    split = "<sf:Name>admin<!-- -->@<?pi?>evil<![CDATA[<&>]]>.example&#33;</sf:Name>"
    assert opportunity(split).name == "admin@evil<&>.example!"
    assert opportunity("<sf:Amount>1<!-- -->2<![CDATA[.5]]></sf:Amount>").amount == 12.5


@pytest.mark.parametrize("text", ["<!DOCTYPE x>", "<!ENTITY", "<?xml?>", "<soapenv:Body>"])
def test_the_characters_of_markup_are_a_value(text: str) -> None:
    assert opportunity(field("Name", text)).name == text
    assert opportunity(f"<sf:Name><![CDATA[{text}]]></sf:Name>").name == text


def test_escaping_is_undone_once() -> None:
    assert opportunity("<sf:Name>&amp;lt;b&amp;gt;</sf:Name>").name == "&lt;b&gt;"


@pytest.mark.parametrize(
    "empty", ["<sf:Name/>", "<sf:Name></sf:Name>", "<sf:Name><!-- --></sf:Name>"]
)
def test_an_empty_text_is_a_text(empty: str) -> None:
    found = only(message(record(empty)))
    assert found.sobject == Opportunity(id=RECORD_ID, name="")
    assert found.present == {"id", "name"}


@pytest.mark.parametrize("name", [n for n in VALUES if n not in {"Name", "Custom__c", "AccountId"}])
@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_element_of_another_type_is_an_error(name: str, text: str) -> None:
    error = error_of(sobject(ID, field(name, text)))
    assert str(error).startswith("not ")
    assert error.value == text


def test_numbers_with_every_digit() -> None:
    body = message(record(field("Amount", " 0.10000000000000000001 ")))
    (found,) = obgen.decode(body, Exact).notifications
    assert found.sobject == Exact(id=RECORD_ID, amount=decimal.Decimal("0.10000000000000000001"))


def test_numbers_that_floats_round() -> None:
    assert opportunity(field("Amount", "0.1")).amount == 0.1
    assert opportunity(field("Amount", "1.2E7")).amount == 12_000_000
    assert opportunity(field("Amount", "1e999")).amount == math.inf


# Nil and absent


def test_an_absent_field_is_none_and_not_present() -> None:
    found = only(message(record()))
    assert found.sobject == Opportunity(id=RECORD_ID)
    assert found.present == {"id"}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize(
    "empty",
    ['<{} xsi:nil="true"/>', '<{0} xsi:nil=" 1 "> \n</{0}>', '<{0} xsi:nil="true"><!-- --></{0}>'],
)
def test_a_nil_field_is_none_and_present(name: str, empty: str) -> None:
    found = only(message(record(empty.format(f"sf:{name}"))))
    assert found.sobject == Opportunity(id=RECORD_ID)
    assert found.present == {"id", VALUES[name][1]}


@pytest.mark.parametrize("value", ["false", "0", " false\t"])
def test_a_field_that_says_that_it_is_not_nil(value: str) -> None:
    assert opportunity(field("Name", "x", attributes=f'xsi:nil="{value}"')).name == "x"


def test_nil_of_another_namespace_means_nothing() -> None:
    assert opportunity(field("Name", "x", attributes='nil="true" sf:nil="true"')).name == "x"


def test_other_attributes_of_a_field_mean_nothing() -> None:
    typed_any = field("Custom__c", "1", attributes='xmlns:xsd="urn:x" xsi:type="xsd:double"')
    assert opportunity(typed_any, field("Amount", "1", attributes='a="b"')) == Opportunity(
        id=RECORD_ID, custom__c="1", amount=1.0
    )


def test_a_nil_field_beside_plain_ones() -> None:
    (first, second) = obgen.decode(
        message(record(field("Amount", "1"), nil("Name")), record(field("Name", "x"))), Opportunity
    ).notifications
    assert first.sobject == Opportunity(id=RECORD_ID, amount=1.0)
    assert second.sobject == Opportunity(id=RECORD_ID, name="x")


# Unknown fields


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}", fullmatch=True)


@given(st.dictionaries(NAMES, XML_TEXT, max_size=8), st.randoms())
def test_every_field_is_present_or_unknown(fields: dict[str, str], random: Random) -> None:
    known = {"Name", "Custom__c", "AccountId"}
    fields = {
        name: text for name, text in fields.items() if name not in {*VALUES, "Id", "fieldsToNull"}
    }
    texts = [*fields.items(), *((name, name) for name in known), ("Id", RECORD_ID)]
    random.shuffle(texts)
    found = only(message(notification(sobject(*(field(*one) for one in texts)))))
    assert found.unknown == fields
    assert list(found.unknown) == [name for name, _ in texts if name in fields]
    assert found.present == {"id", *(VALUES[name][1] for name in known)}
    assert found.sobject == Opportunity(
        id=RECORD_ID, name="Name", custom__c="Custom__c", account_id="AccountId"
    )


@pytest.mark.parametrize(
    "empty", ["<sf:New__c/>", nil("New__c"), '<sf:New__c xsi:nil="true"> \n </sf:New__c>']
)
def test_an_empty_unknown_field_is_an_empty_text(empty: str) -> None:
    found = only(message(record(empty)))
    assert found.unknown == {"New__c": ""}
    assert found.present == {"id"}


def test_names_differ_by_case() -> None:
    found = only(message(record(field("name", "a"), field("Name", "b"), field("NAME", "c"))))
    assert found.sobject == Opportunity(id=RECORD_ID, name="b")
    assert found.unknown == {"name": "a", "NAME": "c"}


def test_python_names_are_no_api_names() -> None:
    assert only(message(record(field("is_won", "x"), field("id", "y")))).unknown == {
        "is_won": "x",
        "id": "y",
    }


def test_fields_to_null_means_nothing() -> None:
    null = field("fieldsToNull", "Name")
    found = only(
        message(notification(sobject(null, null, nil("fieldsToNull"), ID, field("Name", "x"))))
    )
    assert found.sobject == Opportunity(id=RECORD_ID, name="x")
    assert found.present == {"id", "name"}
    assert found.unknown == {}


# The type of the record


@pytest.mark.parametrize(
    "attributes",
    [
        SOBJECT_TYPE,
        f'xsi:type="sf:Opportunity" xmlns:sf="{SOBJECT}"',
        f'xsi:type=" sf:Opportunity&#10;" xmlns:sf="{SOBJECT}"',
        f'xmlns:x="{SOBJECT}" xsi:type="x:Opportunity" xmlns:sf="{SOBJECT}"',
        f'xmlns:sf="{SOBJECT}" xmlns:i="{XSI}" i:type="sf:Opportunity"',
        f'{SOBJECT_TYPE} type="sf:Contact" sf:type="sf:Contact" a="b"',
        f'{SOBJECT_TYPE} xsi:nil="false"',
    ],
)
def test_the_type_in_any_spelling(attributes: str) -> None:
    found = only(message(notification(sobject(ID, attributes=attributes))))
    assert found.sobject == Opportunity(id=RECORD_ID)


def test_the_type_by_the_default_namespace() -> None:
    body = message(notification(sobject(ID, attributes=SOBJECT_TYPE.replace("sf:Opp", "Opp"))))
    body = body.replace(b"<sObject ", f'<o:sObject xmlns="{SOBJECT}" '.encode())
    body = body.replace(b"</sObject>", b"</o:sObject>")
    body = body.replace(
        b"<notifications ", b'<notifications xmlns:o="http://soap.sforce.com/2005/09/outbound" '
    )
    assert only(body).sobject == Opportunity(id=RECORD_ID)


def test_prefixes_redeclared_from_record_to_record() -> None:
    def other(prefix: str, local: str) -> str:
        attributes = f'xmlns:{prefix}="{SOBJECT}" xmlns:sf="{SOBJECT}" xsi:type="{prefix}:{local}"'
        return notification(sobject(ID, attributes=attributes))

    body = message(
        other("a", "Opportunity"), other("b", "Opportunity"), other("a", "Contact"), record()
    )
    found = obgen.decode(body, Opportunity).notifications
    assert [n.sobject is not None for n in found] == [True, True, False, True]


def test_one_prefix_of_two_meanings() -> None:
    wrong = sobject(
        f'<s:Id xmlns:s="{SOBJECT}">{RECORD_ID}</s:Id>',
        attributes='xmlns:sf="urn:x" xsi:type="sf:Opportunity"',
    )
    right, foreign = obgen.decode(message(record(), notification(wrong)), Opportunity).notifications
    assert right.error is None
    assert str(foreign.error) == (
        "xsi:type is not the type of an sObject (notifications/Notification[2]/sObject, line 2)"
    )


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (typed("Contact"), "xsi:type is not Opportunity"),
        (typed("opportunity"), "xsi:type is not Opportunity"),
        (typed("Opportunity "), None),
        (f'xmlns:sf="{SOBJECT}"', "the record has no xsi:type"),
        (f'xmlns:sf="{SOBJECT}" type="sf:Opportunity"', "the record has no xsi:type"),
        (f'xmlns:sf="{SOBJECT}" xsi:type="Opportunity"', "xsi:type is not the type of an sObject"),
        (
            f'xmlns:sf="{SOBJECT}" xsi:type="x:Opportunity"',
            "xsi:type is not the type of an sObject",
        ),
        (f'xmlns:sf="{SOBJECT}" xsi:type=":Opportunity"', "xsi:type is not the type of an sObject"),
        (typed(""), "xsi:type is not the type of an sObject"),
        (typed("a:Opportunity"), "xsi:type is not the type of an sObject"),
        (typed("Opportunity Contact"), "xsi:type is not the type of an sObject"),
        (f'xmlns:sf="{SOBJECT}" xsi:type=""', "xsi:type is not the type of an sObject"),
        (
            f'xmlns:sf="{SOBJECT}" xmlns:x="urn:x" xsi:type="x:Opportunity"',
            "xsi:type is not the type of an sObject",
        ),
    ],
)
def test_another_type_is_an_error(attributes: str, words: str | None) -> None:
    if words is None:
        assert only(message(notification(sobject(ID, attributes=attributes)))).error is None
        return
    error = error_of(sobject(ID, attributes=attributes))
    assert error.args == (words,)
    assert error.value is None


def test_several_objects_in_one_message_are_decoded_as_what_they_are() -> None:
    body = message(record(), notification(sobject(ID, attributes=typed("Contact"))), record())
    assert [n.error is None for n in obgen.decode(body, Opportunity).notifications] == [
        True,
        False,
        True,
    ]
    assert [n.error is None for n in obgen.decode(body, Contact).notifications] == [
        False,
        True,
        False,
    ]


# Deleted records

DELETED = {
    "absent": "",
    "absent, with a comment": "<!-- gone -->",
    "empty": "<sObject/>",
    "empty, typed": f"<sObject {SOBJECT_TYPE}/>",
    "blank": f"<sObject {SOBJECT_TYPE}> \n </sObject>",
    "nil": '<sObject xsi:nil="true"/>',
    "nil, typed": f'<sObject xsi:nil="1" {SOBJECT_TYPE}/>',
    "nil, blank": f'<sObject xsi:nil="true" {SOBJECT_TYPE}>\n<!-- --></sObject>',
    "not nil, empty": f'<sObject xsi:nil="false" {SOBJECT_TYPE}/>',
}


@pytest.mark.parametrize("content", DELETED.values(), ids=list(DELETED))
def test_a_deleted_record(content: str) -> None:
    body = message(record(), notification(content, notification_id=numbered(2)), record())
    _, deleted, _ = obgen.decode(body, Opportunity).notifications
    assert deleted == obgen.Notification(id=numbered(2))
    assert deleted.sobject is None
    assert deleted.error is None


@pytest.mark.parametrize(
    "content",
    [
        f"<sObject {typed('Contact')}/>",
        f'<sObject xsi:nil="true" {typed("Contact")}/>',
        '<sObject xsi:type="Opportunity"/>',
        '<sObject xsi:nil="yes"/>',
        "<sObject>text</sObject>",
        f"<sObject {SOBJECT_TYPE}>text</sObject>",
        f'<sObject xsi:nil="true" {SOBJECT_TYPE}>text</sObject>',
        f'<sObject xsi:nil="true" {SOBJECT_TYPE}>{ID}</sObject>',
    ],
)
def test_a_deleted_record_of_another_shape(content: str) -> None:
    assert error_of(content).value is None


def test_nil_is_looked_at_in_each_record() -> None:
    attributes = f'xsi:nil="true" {SOBJECT_TYPE}'
    body = message(
        notification(sobject(attributes=attributes)),
        notification(sobject(ID, attributes=attributes)),
        notification(sobject(attributes=attributes)),
    )
    errors = [n.error and n.error.args for n in obgen.decode(body, Opportunity).notifications]
    assert errors == [None, ("xsi:nil with content",), None]


# What can't be read

SF = "notifications/Notification[2]/sObject"


@pytest.mark.parametrize(
    ("fields", "words", "path", "value"),
    [
        (ID + field("Amount", "1_0"), "not a double", "/Amount", "1_0"),
        (ID + field("IsWon", "True"), "not a boolean", "/IsWon", "True"),
        (
            ID + field("CloseDate", "99999-01-01"),
            "a year that Python can't hold",
            "/CloseDate",
            "99999-01-01",
        ),
        (ID + field("Picture__c", "Q"), "not base64", "/Picture__c", "Q"),
        (ID + field("Stage_Count__c", "1.0"), "not an int", "/Stage_Count__c", "1.0"),
        (ID + field("Amount", "x") + nil("Name"), "not a double", "/Amount", "x"),
        (field("Name", "x"), "a record without Id", "", None),
        (field("New__c", "x"), "a record without Id", "", None),
        (nil("Id"), "a record without Id", "", None),
        ("<sf:Id/>", "a record without Id", "", None),
        ("<sf:Id> </sf:Id>", "a record without Id", "", None),
        ("<sf:Id>\u00a0</sf:Id>", "a record without Id", "", None),
        ('<sf:Id xsi:nil="false"/>', "a record without Id", "", None),
        (ID + ID, "a field twice", "/Id", None),
        (ID + field("Name", "a") + field("Name", "a"), "a field twice", "/Name", None),
        (ID + field("Name", "a") + nil("Name"), "a field twice", "/Name", None),
        (ID + nil("Name") + nil("Name"), "a field twice", "/Name", None),
        (ID + field("New__c", "a") + field("New__c", "b"), "a field twice", "/New__c", None),
        (ID + field("Name") + "<sf:Name/>", "a field twice", "/Name", None),
        (ID + "<sf:Name><b/></sf:Name>", "an element inside a field", "/Name", None),
        (
            ID + "<sf:Name>x<sf:Name>y</sf:Name></sf:Name>",
            "an element inside a field",
            "/Name",
            None,
        ),
        (
            ID + "<sf:New__c><sf:Id>x</sf:Id></sf:New__c>",
            "an element inside a field",
            "/New__c",
            None,
        ),
        ("<sf:Id><b/>x</sf:Id>", "an element inside a field", "/Id", None),
        (ID + '<sf:Name xsi:nil="true">x</sf:Name>', "xsi:nil with content", "/Name", "x"),
        (ID + '<sf:New__c xsi:nil="true">x</sf:New__c>', "xsi:nil with content", "/New__c", "x"),
        (ID + '<sf:Name xsi:nil="yes">x</sf:Name>', "xsi:nil is not a boolean", "/Name", "x"),
        (ID + '<sf:Name xsi:nil="">x</sf:Name>', "xsi:nil is not a boolean", "/Name", "x"),
        (ID + "text", "text beside the fields", "/Id", None),
        ("text" + ID, "text beside the fields", "", None),
        (ID + "<![CDATA[x]]>" + field("Name", "x"), "text beside the fields", "/Id", None),
        (ID + field("Name", "x") + "&#160;", "text beside the fields", "/Name", None),
        (ID + "<Name>x</Name>", "an element of a foreign namespace", "", None),
        (ID + '<Name xmlns="">x</Name>', "an element of a foreign namespace", "", None),
        (ID + '<x:Name xmlns:x="urn:x">x</x:Name>', "an element of a foreign namespace", "", None),
        (f"<Id>{RECORD_ID}</Id>", "an element of a foreign namespace", "", None),
        (
            ID + '<sf:Name xmlns:sf="urn:x">x</sf:Name>',
            "an element of a foreign namespace",
            "",
            None,
        ),
        (
            ID + "<sf:fieldsToNull><b/></sf:fieldsToNull>",
            "an element inside a field",
            "/fieldsToNull",
            None,
        ),
    ],
)
def test_a_record_that_cannot_be_read(
    fields: str, words: str, path: str, value: str | None
) -> None:

    error = error_of(sobject(fields))
    assert error.args == (words,)
    assert error.path == SF + path
    assert error.value == value
    assert error.line == 2
    assert str(error) == f"{words} ({SF}{path}, line 2)"


def test_the_first_error_of_a_record_is_reported() -> None:
    wrong = field("Amount", "a") + field("IsWon", "b") + "<c/>"
    assert error_of(sobject(ID, wrong)).path == f"{SF}/Amount"


def test_the_line_of_a_field() -> None:
    error = error_of(sobject(ID, "\n\n", field("Amount", "x")))
    assert error.line == 4


def test_a_hostile_name_is_not_repeated() -> None:
    error = error_of(sobject(ID, "<sf:ünïcode><b/></sf:ünïcode>"))
    assert error.path == SF
    error = error_of(sobject(ID, f"<sf:{'a' * 1000}><b/></sf:{'a' * 1000}>"))
    assert error.path == SF


@pytest.mark.parametrize(
    "fields",
    [
        field("Amount", "secret"),
        '<sf:Name xsi:nil="true">secret</sf:Name>',
        "<sf:Name>secret<b/></sf:Name>",
        "secret",
        field("Name", "secret") * 2,
        "<secret>secret</secret>",
    ],
)
def test_an_error_shows_no_data(fields: str) -> None:
    error = error_of(sobject(ID, fields))
    shown = f"{error} {error!r} {error.args} {error.path} {error.hint}"
    assert "secret" not in shown


@pytest.mark.parametrize(
    "content",
    [sobject(ID, field("Amount", "x")), sobject(ID, ID), sobject("text"), sobject(ID, "<a/>")],
)
def test_an_error_keeps_nothing_of_the_message_alive(content: str) -> None:
    error = error_of(content)
    assert error.__traceback__ is None
    assert error.__context__ is None
    assert error.__cause__ is None
    reached: list[object] = [error]
    seen: set[int] = set()
    while reached:
        one = reached.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        assert not type(one).__module__.startswith("lxml"), type(one)
        reached += gc.get_referents(one)


def test_an_error_and_a_notification_survive_pickling() -> None:
    found = only(message(record(field("Amount", "secret"))))
    again: obgen.Notification[Opportunity] = pickle.loads(pickle.dumps(found))
    assert again.id == found.id
    assert again.error is not None
    assert (str(again.error), again.error.value) == (str(found.error), "secret")


# The message as a whole


def test_the_session_id_is_in_no_repr() -> None:
    body = message(
        record(field("Amount", "x")), before=parts(session="<SessionId>00Dx!secret</SessionId>")
    )
    found = obgen.decode(body, Opportunity)
    assert found.session_id == "00Dx!secret"
    assert (
        "secret"
        not in f"{found!r} {found} {found.notifications!r} {found.notifications[0].error!r}"
    )
    assert b"secret" not in pickle.dumps(found.notifications)
    assert RECORD_ID not in repr(found)


def test_a_class_that_is_no_record() -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^<class 'int'> has no wire table$"):
        obgen.decode(message(), int)  # type: ignore[type-var] # pyright: ignore[reportArgumentType] - a mistake


@dataclass(slots=True, kw_only=True)
class Newer:
    """A record that a newer obgen has generated."""

    id: str

    __obgen__: ClassVar[obgen.WireTable] = obgen.WireTable(
        "Opportunity", {"id": ("Id", "duration")}
    )


def test_a_type_of_a_newer_version() -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"has the type 'duration', which") as caught:
        obgen.decode(message(), Newer)
    assert caught.value.hint.startswith("Install the obgen that generated it")


def test_threads_decode_side_by_side() -> None:
    failures: list[object] = []

    def run(number: int) -> None:
        wanted = [numbered(number * 100 + at) for at in range(20)]
        body = message(*(record(field("Name", one), notification_id=one) for one in wanted))
        for _ in range(20):
            found = obgen.decode(body, Opportunity).notifications
            names = [n.sobject.name for n in found if n.sobject is not None]
            if [n.id for n in found] != wanted or names != wanted:
                failures.append(found)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_field_twice_among_very_many_is_found_in_no_time() -> None:
    fields = "".join(f"<sf:F{number}>x</sf:F{number}>" for number in range(1_900))
    error = error_of(sobject(ID, fields, field("F1899", "x")))
    assert error.args == ("a field twice",)
