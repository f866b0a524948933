"""Each limit holds to the number, whichever way the body is measured."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any
from xml.parsers import expat

import messages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from records import Opportunity

import obgen
from obgen import Limits, Refusal, hardened
from obgen.runtime import markup

PLAIN = ""
WITH_COMMENT = "<!-- c -->"
WITH_INSTRUCTION = "<?p i?>"
WITH_CDATA = "<sf:Custom__c><![CDATA[]]></sf:Custom__c>"
WAYS = pytest.mark.parametrize("extra", [PLAIN, WITH_COMMENT, WITH_INSTRUCTION, WITH_CDATA])


def outcome(body: bytes, **settings: int) -> Refusal | None:
    try:
        obgen.decode(body, Opportunity, limits=Limits(**settings))
    except obgen.EnvelopeError as error:
        return error.refusal
    return None


def never_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a tree would be built."""

    def fail(*_: Any) -> None:
        raise AssertionError("parsed")

    monkeypatch.setattr(hardened, "parse_checked", fail)


def with_text(length: int, extra: str) -> bytes:
    return messages.message(messages.record(messages.field("Name", "x" * length), extra))


def with_references(length: int, extra: str) -> bytes:
    return messages.message(messages.record(f"<sf:Name>{'&#120;' * length}</sf:Name>", extra))


def with_split_text(length: int, extra: str) -> bytes:
    half = "x" * (length // 2)
    text = f"{half}<!-- c --><![CDATA[{'x' * (length - len(half))}]]>"
    return messages.message(messages.record(f"<sf:Name>{text}</sf:Name>", extra))


def with_name(length: int, extra: str) -> bytes:
    # The name has its prefix, as it is written.
    return messages.message(messages.record(messages.field("x" * (length - 3)), extra))


def with_attribute_name(length: int, extra: str) -> bytes:
    record = messages.record(messages.field("Name", attributes=f'{"x" * length}=""'), extra)
    return messages.message(record)


def with_attribute(length: int, extra: str) -> bytes:
    record = messages.record(messages.field("Name", attributes=f'a="{">" * length}"'), extra)
    return messages.message(record)


def with_attributes(count: int, extra: str) -> bytes:
    attributes = " ".join(f'a{n}=""' for n in range(count))
    return messages.message(messages.record(messages.field("Name", attributes=attributes), extra))


def with_namespaces(count: int, extra: str) -> bytes:
    attributes = " ".join(f'xmlns:a{n}="u"' for n in range(count))
    return messages.message(messages.record(messages.field("Name", attributes=attributes), extra))


def with_notifications(count: int, extra: str) -> bytes:
    return messages.message(*[messages.record(extra)] * count)


def with_fields(count: int, extra: str) -> bytes:
    others = 1 + extra.count("<sf:")  # the Id, and perhaps one more
    fields = [messages.field(f"F{number}__c") for number in range(count - others)]
    return messages.message(messages.record(), messages.record(*fields, extra))


def with_depth(depth: int, extra: str) -> bytes:
    inner = "<a>" * (depth - 2) + "</a>" * (depth - 2)
    return messages.message(
        messages.record(extra), header=f"<soapenv:Header>{inner}</soapenv:Header>"
    )


@WAYS
@pytest.mark.parametrize(
    ("limit", "most", "make"),
    [
        ("max_text_length", 3_000, with_text),
        ("max_text_length", 3_000, with_references),
        ("max_text_length", 3_000, with_split_text),
        ("max_name_length", 500, with_name),
        ("max_name_length", 500, with_attribute_name),
        ("max_attribute_length", 500, with_attribute),
        ("max_attributes", 50, with_attributes),
        ("max_attributes", 50, with_namespaces),
        ("max_notifications", 5, with_notifications),
        ("max_fields", 20, with_fields),
        ("max_depth", 20, with_depth),
    ],
)
def test_a_limit_holds_to_the_number(
    limit: str, most: int, make: Callable[[int, str], bytes], extra: str
) -> None:
    assert outcome(make(most, extra), **{limit: most}) is None
    assert outcome(make(most + 1, extra), **{limit: most}) is Refusal.TOO_COMPLEX
    # Far beyond, the error is the same, and so it is with the limit that nobody has changed.
    assert outcome(make(most * 3, extra), **{limit: most}) is Refusal.TOO_COMPLEX


@pytest.mark.parametrize("section", ["<!--{}-->", "<?{}?>"])
def test_comments_and_instructions_have_a_limit(section: str) -> None:
    def body(length: int) -> bytes:
        return messages.message(messages.record(section.format("y " + "x" * (length - 2))))

    assert outcome(body(300), max_comment_length=300) is None
    assert outcome(body(301), max_comment_length=300) is Refusal.TOO_COMPLEX
    assert (
        outcome(body(300).replace(b"xxxx", b"x<<<"), max_comment_length=299) is Refusal.TOO_COMPLEX
    )


def dense(count: int, element: str) -> bytes:
    """Return a body of small elements in a Header, 17 others, and 5 attributes."""
    return messages.message(header=f"<soapenv:Header>{element * count}</soapenv:Header>")


@pytest.mark.parametrize(
    ("element", "weight"),
    [("<a/>", 1), ("<a></a>", 1), ('<a b=""/>', 2), ("<a b=''/>", 2), ("<!---->", 2), ("<?a?>", 2)],
)
def test_elements_attributes_comments_and_instructions_count(element: str, weight: int) -> None:
    least = dense(0, element)
    few = least.count(b"<") - least.count(b"</") + least.count(b"=")
    count = (2_000 - few) // weight
    assert outcome(dense(count, element), max_elements=few + count * weight) is None
    assert (
        outcome(dense(count, element), max_elements=few + count * weight - 1) is Refusal.TOO_COMPLEX
    )


@pytest.mark.parametrize("extra", ["", WITH_COMMENT])
def test_a_cdata_section_is_measured_in_characters(extra: str) -> None:
    text = "<sf:Name><![CDATA[" + "\u20ac" * 300 + "]]></sf:Name>"
    body = messages.message(messages.record(text, extra))
    assert outcome(body, max_text_length=300) is None
    assert outcome(body, max_text_length=299) is Refusal.TOO_COMPLEX


FIELDS = [messages.field(f"Unknown_{n}__c", "x" * 40) for n in range(500)]


def test_a_message_with_room_for_each_may_have_more_elements() -> None:
    deleted = messages.notification('<sObject xsi:nil="true"/>')
    for body in (
        messages.message(messages.record(*FIELDS)),
        messages.message(messages.record(*FIELDS[:250]), deleted, messages.record(*FIELDS[250:])),
        messages.message(messages.record(*FIELDS), deleted) + b"\n",
        messages.message(messages.record(*FIELDS))
        .replace(b"soapenv:", b"s:")
        .replace(b":soapenv", b":s"),
    ):
        assert outcome(body, max_elements=10) is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(messages.message(messages.record(*FIELDS))[:-1], id="cut short"),
        pytest.param(messages.message(messages.record(*FIELDS)) + b"x", id="junk behind"),
        pytest.param(messages.envelope("".join(FIELDS)), id="no message"),
        pytest.param(messages.message("".join(FIELDS), messages.record()), id="beside the records"),
        pytest.param(
            messages.message(messages.record(*FIELDS).replace("</sObject>", "")), id="no end"
        ),
        pytest.param(messages.message(messages.record(*["<a/>"] * 500)), id="too dense"),
    ],
)
def test_no_other_body_may(body: bytes) -> None:
    assert outcome(body, max_elements=10, max_notifications=5) is Refusal.TOO_COMPLEX


def test_a_record_of_too_many_fields_makes_no_large_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    body = messages.message(messages.record(*FIELDS))
    assert outcome(body, max_elements=10, max_fields=len(FIELDS) + 1) is None
    never_parse(monkeypatch)
    assert outcome(body, max_elements=10, max_fields=len(FIELDS)) is Refusal.TOO_COMPLEX


def test_references_have_a_limit_wherever_they_stand() -> None:
    def body(count: int) -> bytes:
        half = "&lt;" * (count // 2)
        text = messages.field("Name", "&" * (count - count // 2), attributes=f'a="{half}"')
        return messages.message(messages.record(text, "<!-- &lt; --><a><![CDATA[&lt;]]></a>"))

    assert outcome(body(700), max_references=700) is None
    assert outcome(body(701), max_references=700) is Refusal.TOO_COMPLEX


def test_ten_references_count_as_an_element() -> None:
    body = dense(0, "") + b"<!-- no message -->"
    least = body.count(b"<") - body.count(b"</") + body.count(b"=") + 1
    many = body.replace(b"</Id>", b"&#48;" * 10 + b"</Id>", 1)
    assert outcome(body, max_elements=least) is None
    assert outcome(many, max_elements=least) is Refusal.TOO_COMPLEX
    assert outcome(many, max_elements=least + 1) is Refusal.BAD_ID


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param("<!---->" * 21, Refusal.TOO_COMPLEX, id="sections"),
        pytest.param("<a" + ' b=""' * 41 + "/>", Refusal.TOO_COMPLEX, id="attributes"),
        pytest.param(f"<{' ' * 300}a/>", Refusal.NOT_WELL_FORMED, id="no name"),
        pytest.param(f"<a {'b' * 300}/>", Refusal.NOT_WELL_FORMED, id="no attribute"),
        pytest.param(f"<a b='{'c' * 90}' {'d' * 300}>", Refusal.NOT_WELL_FORMED, id="no value"),
    ],
)
def test_what_is_long_or_many_is_refused_without_a_tree(
    content: str, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_parse(monkeypatch)
    body = messages.message(messages.record(content))
    assert outcome(body, max_elements=40, max_name_length=100) is refusal


def test_the_size_is_refused_before_anything_is_looked_at() -> None:
    body = messages.message()
    assert outcome(body, max_bytes=len(body)) is None
    assert outcome(body, max_bytes=len(body) - 1) is Refusal.TOO_LARGE
    assert outcome(b"\xff" * 10, max_bytes=9) is Refusal.TOO_LARGE


def test_many_namespaces_around_the_notifications_are_refused() -> None:
    declared = " ".join(f'xmlns:a{n}="u"' for n in range(20))
    body = messages.message().replace(b"<soapenv:Body>", f"<soapenv:Body {declared}>".encode())
    assert outcome(body, max_namespaces=23) is None
    assert outcome(body, max_namespaces=22) is Refusal.TOO_COMPLEX


def test_the_defaults_let_the_largest_real_message_pass() -> None:
    record = messages.record(
        *[messages.field(f"Field_{n}__c", "some text") for n in range(800)],
        messages.field("Name", "x" * 131_072),
    )
    message = obgen.decode(messages.message(*[record] * 20), Opportunity)
    assert all(n.error is None for n in message.notifications)


def test_the_defaults_refuse_a_text_of_a_million() -> None:
    assert outcome(with_text(1_000_000, PLAIN)) is Refusal.TOO_COMPLEX


@pytest.mark.parametrize("name", [f.name for f in fields(Limits)])
def test_a_limit_that_nothing_can_keep_is_a_mistake(name: str) -> None:
    with pytest.raises(obgen.ConfigurationError, match=name):
        replace(Limits(), **{name: 0})
    least = 6 if name == "max_depth" else 1
    assert getattr(replace(Limits(), **{name: least}), name) == least


@pytest.mark.parametrize("name", [f.name for f in fields(Limits)])
@pytest.mark.parametrize("value", [2.5, float("nan"), float("inf"), True, "9", None])
def test_a_limit_that_is_no_whole_number_is_a_mistake(name: str, value: Any) -> None:
    with pytest.raises(obgen.ConfigurationError, match=f"{name} must be a whole number, not "):
        replace(Limits(), **{name: value})


@pytest.mark.parametrize("name", [f.name for f in fields(Limits)])
@pytest.mark.parametrize("extra", [PLAIN, WITH_COMMENT])
def test_a_limit_may_be_as_large_as_you_like(name: str, extra: str) -> None:
    for value in (2**31, 2**63, 10**30):
        assert outcome(with_text(10, extra), **{name: value}) is None


def test_a_body_that_only_expat_reads_is_refused_as_not_well_formed() -> None:
    assert outcome(messages.message() + b"<!-- cut") is Refusal.NOT_WELL_FORMED


LIMITS = Limits(max_elements=40, max_attributes=6, max_name_length=40, max_attribute_length=40)
TAGS = st.lists(
    st.sampled_from(
        ["<a/>", "<a>", "</a>", "text", "=", "<b c='>'/>", '<b c="="/>', "&lt;", "?", "!"]
    )
    | st.integers(0, 60).map(lambda n: f"<{'n' * (n + 1)}/>")
    | st.integers(0, 60).map(lambda n: f"<a b='{'>' * n}'/>")
    | st.integers(0, 9).map(lambda n: "<a " + " ".join(f"a{i}=''" for i in range(n)) + "/>"),
    max_size=40,
)


def is_well_formed(body: bytes) -> bool:
    try:
        etree.fromstring(body)
    except etree.XMLSyntaxError:
        return False
    return True


@settings(max_examples=500)
@given(pieces=TAGS)
def test_limits_are_what_expat_counts(pieces: list[str]) -> None:
    body = f"<r>{''.join(pieces)}</r>".encode()
    if not is_well_formed(body):
        return
    counted = [0]
    longest = [0, 0, 0]

    def start(name: str, attributes: list[str]) -> None:
        counted[0] += 1 + len(attributes) // 2 + sum(v.count("=") for v in attributes[1::2])
        longest[0] = max(longest[0], len(attributes) // 2)
        longest[1] = max(longest[1], len(name), *map(len, attributes[::2]))
        longest[2] = max(longest[2], 0, *map(len, attributes[1::2]))

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.Parse(body, True)  # noqa: FBT003 - its second argument has no name
    over = counted[0] > LIMITS.max_elements or any(
        found > most
        for found, most in zip(
            longest,
            (LIMITS.max_attributes, LIMITS.max_name_length, LIMITS.max_attribute_length),
            strict=True,
        )
    )
    if over:
        with pytest.raises(obgen.EnvelopeError):
            markup.check_markup(body, LIMITS)
    else:
        markup.check_markup(body, LIMITS)


@given(body=st.text("<a", max_size=60).map(str.encode), span=st.integers(1, 20))
def test_gaps_are_where_there_is_no_tag_for_as_long(body: bytes, span: int) -> None:
    pieces = body.split(b"<")
    starts = [len(b"<".join([*pieces[:n], b""])) for n in range(len(pieces))]
    long = [start for start, piece in zip(starts, pieces, strict=True) if len(piece) >= span]
    assert list(markup._gaps(body, span)) == long


def test_an_ordinary_message_is_neither_cut_nor_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("measured")

    for name in ("_cut_sections", "_is_over", "_check_tag"):
        monkeypatch.setattr(markup, name, fail)
    record = messages.record(messages.field("Name", "Is it so? It is so! x=1 & y=2 " * 20))
    assert outcome(messages.message(*[record] * 100)) is None
