"""Hold our reading of any bytes against two others: expat, and lxml with its own defaults.

The reference walks what expat reports, and knows the message's shape by itself. Whenever we take
a message for understood, the reference must read the very same values; `OBGEN_MUTANTS` says how
many mutants of good messages are tried (30,000 by default).
"""

import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

import messages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from records import Contact

import obgen

MUTANTS = int(os.environ.get("OBGEN_MUTANTS", "30000"))
FIELDS = {f.api_name: name for name, f in obgen.wire_fields(Contact).items()}
OBJECT = Contact.__obgen__.object_type

Values = list[tuple[str, dict[str, str] | None]]
"""[(notification id, {API name: text} or None)]."""


@dataclass
class Element:
    """An element as expat reports it."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list["Element"])
    text: str = ""


def with_expat(body: bytes) -> Element | None:
    """Return the tree that expat reports, or None if it refuses the body."""
    root = Element("", {})
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def text(data: str) -> None:
        stack[-1].text += data

    def refuse(*_: object) -> None:
        raise ValueError

    parser = expat.ParserCreate("utf-8", "}")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - its second argument has no name
    except (expat.ExpatError, ValueError):
        return None
    return root.children[0]


def with_lxml(body: bytes) -> Element | None:
    """Return the tree that lxml makes by default, or None if it refuses the body."""

    def convert(element: etree._Element) -> Element:
        name = str(element.tag).removeprefix("{")
        attributes = {str(k).removeprefix("{"): str(v) for k, v in element.attrib.items()}
        children = [convert(child) for child in element if isinstance(child.tag, str)]
        text = element.text or "" if children else str(element.xpath("string(.)"))
        return Element(name, attributes, children, text)

    try:
        return convert(etree.fromstring(body))
    except etree.XMLSyntaxError:
        return None


def understand(root: Element | None) -> Values | None:
    """Return what a message says, or None if it isn't one, by a reading of our own."""
    steps = [f"{messages.SOAP}}}Body", f"{messages.OUTBOUND}}}notifications"]
    if root is None or root.name != f"{messages.SOAP}}}Envelope":
        return None
    for step in steps:
        inner = [child for child in root.children if child.name == step]
        if len(inner) != 1:
            return None
        root = inner[0]
    found: Values = []
    for child in root.children:
        if child.name == f"{messages.OUTBOUND}}}Notification":
            sobject = child.children[1] if len(child.children) > 1 else None
            found.append((child.children[0].text, read(sobject) if sobject else None))
    return found


def read(sobject: Element) -> dict[str, str] | None:
    """Return {API name: text} of a record's fields, nil ones left out."""
    nil = f"{messages.XSI}}}nil"
    return {
        child.name.rpartition("}")[2]: child.text
        for child in sobject.children
        if child.attributes.get(nil, "false").strip() not in ("true", "1")
    } or None


def ours(body: bytes) -> Values | None:
    """Return what we read, or None if we refuse the body or any notification of it."""
    try:
        message = obgen.decode(body, Contact)
    except obgen.EnvelopeError:
        return None
    if any(notification.error for notification in message.notifications):
        return None
    found: Values = []
    for notification in message.notifications:
        record = notification.sobject
        if record is None:
            found.append((notification.id, None))
            continue
        values = {
            api_name: value
            for api_name, name in FIELDS.items()
            if (value := getattr(record, name)) is not None
        }
        found.append((notification.id, values | dict(notification.unknown)))
    return found


def check(body: bytes) -> bool:
    """Hold our reading against the others; tell whether the body was understood."""
    found = ours(body)
    if found is None:
        return False
    # XML 1.0 lets names have more characters since its fifth edition, which expat doesn't follow.
    trees = [with_lxml(body), with_expat(body) or with_expat(_with_older_names(body))]
    for tree in trees if with_expat(body) else trees[:1]:
        assert trees[1] is not None, body
        expected = understand(tree)
        assert expected is not None, body
        # A nil field that the WSDL doesn't know is kept as "".
        assert [
            (
                notification,
                values and {k: v for k, v in values.items() if v or (theirs and k in theirs)},
            )
            for (notification, values), (_, theirs) in zip(found, expected, strict=True)
        ] == expected, body
    return True


def record(number: int, *fields: str) -> str:
    return messages.notification(
        messages.sobject(messages.ID, *fields, attributes=messages.typed(OBJECT)),
        notification_id=messages.numbered(number),
    )


def _with_older_names(body: bytes) -> bytes:
    """Return a body whose names every edition of XML allows, if its names were all that is new."""
    text = body.decode()
    assert not re.search("[\ufffe\uffff]", text)
    return re.sub("[^\x00-\x7f]", "x", text).encode()


SEEDS = [
    messages.message(
        record(1, messages.field("LastName", "a < b & c"), messages.nil("Email")),
        record(2, "<sf:LastName>x<!-- c --><![CDATA[<y>]]>\r\n</sf:LastName>"),
        messages.notification(notification_id=messages.numbered(3)),
    ),
    messages.message(
        record(
            1, "\n  <sf:LastName>  </sf:LastName>\n  ", messages.field("New__c", "\t€ \U0001f600")
        ),
        header="<soapenv:Header><a/></soapenv:Header>",
    ),
    messages.message(
        record(1, *[messages.field(name, f"text of {name}") for name in FIELDS if name != "Id"])
    ),
]
PIECES: list[bytes] = [
    b"<", b">", b"/", b"&", b";", b'"', b"'", b"=", b" ", b"\n", b"\r", b"\t", b"\x00", b"\xff", b"\xc3", b"!", b"?",
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?p ", b"?>", b"&lt;", b"&#65;", b"&#13;", b"&x;", b"<!DOCTYPE a>",
    b"sf:", b"xmlns:sf='u'", b" xsi:nil='true'", b"<sf:LastName>", b"</sf:LastName>", b"<sf:Id/>", b"</sObject>",
    b"<Notification>", b"</Notification>", b"<OrganizationId>", b"sf:Contact", b"sf:Lead", "\u2028".encode(),
]  # fmt: skip


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """Yield mutants of the seeds: bytes and pieces put in, taken out, doubled and moved."""
    chance = random.Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    for _ in range(count):
        body = bytearray(chance.choice(SEEDS))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            at, span = chance.randrange(len(body)), chance.choice((1, 1, 4, 16, 60))
            match chance.randrange(6):
                case 0:
                    del body[at : at + span]
                case 1:
                    body[at:at] = chance.choice(PIECES)
                case 2:
                    body[at : at + span] = chance.choice(PIECES)
                case 3:
                    body[at:at] = body[at : at + span]
                case 4:
                    body[at] = chance.randrange(256)
                case _:
                    to = chance.randrange(len(body))
                    body[to:to] = body[at : at + span]
        yield bytes(body)


@pytest.mark.parametrize("body", SEEDS)
def test_the_seeds_are_understood_alike(body: bytes) -> None:
    assert check(body)


@pytest.mark.parametrize("seed", range(3))
def test_mutants_are_understood_alike_or_refused(seed: int) -> None:
    count = MUTANTS // 3
    understood = sum(check(body) for body in mutants(count, seed))
    # Were all refused, or all understood, the mutants would be worth nothing.
    assert count // 100 < understood < count * 3 // 4


@settings(max_examples=300)
@given(
    texts=st.lists(
        st.lists(
            st.sampled_from(["text", " ", "\n", "\r", "\r\n", "&#13;", "&lt;", "<!-- c -->", "<?p i?>",
                             "<![CDATA[ ]]>", "<![CDATA[<a>]]>", "\u00e9", "]]&gt;"]),
            max_size=6,
        ).map("".join),
        min_size=1, max_size=4,
    ),
    between=st.sampled_from(["", "\n", "  \n ", "\r\n", "<!-- c -->\n"]),
)  # fmt: skip
def test_texts_are_read_alike(texts: list[str], between: str) -> None:
    names = [name for name in FIELDS if name != "Id"]
    fields = [f"<sf:{name}>{text}</sf:{name}>" for name, text in zip(names, texts, strict=False)]
    assert check(messages.message(record(1, between + between.join(fields) + between)))
