"""Cases that are made to cost time or memory, and large messages that may."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial

import messages
from hostile.cases import Case, Isolated, Read, Refused

from obgen import Limits, Refusal

MAX_BYTES = Limits().max_bytes
_ROOM = 3_000
"""Bytes of the envelope around what fills a body."""
_SHAPES = (Refusal.NOT_OUTBOUND, Refusal.NOT_SOAP, Refusal.NOT_WELL_FORMED)
_TOO_MUCH = (Refusal.TOO_COMPLEX, Refusal.NOT_WELL_FORMED)


def cases() -> Iterator[Case]:
    """Yield every case of this module."""
    yield from _counted()
    yield from _sized()
    yield from _tags()
    yield from _dense()
    yield from _lexical()
    yield from _deleted()


def _full(piece: str, *, of: int = MAX_BYTES - _ROOM) -> str:
    """Return as many pieces as fit into a body."""
    return piece * (of // len(piece))


def _costly(name: str, make: Callable[[], bytes], *refusals: Refusal) -> Case:
    return Case(name, lambda _: [make()], Refused(refusals or _TOO_MUCH), measured=True)


def _in_header(content: str) -> bytes:
    return messages.message(header=f"<soapenv:Header>{content}</soapenv:Header>")


def _in_record(*fields: str) -> bytes:
    return messages.message(messages.record(*fields))


def _counted() -> Iterator[Case]:
    yield _costly("depth 100,000", lambda: b"<a>" * 100_000 + b"</a>" * 100_000)
    yield _costly("depth 100,000 in a field", lambda: _in_record("<a>" * 100_000))
    yield _costly("depth 250 in a Header", lambda: _in_header("<a>" * 250 + "</a>" * 250))
    yield _costly("500,000 elements in a Header", lambda: _in_header("<a/>" * 500_000))
    yield _costly("500,000 elements in a record", lambda: _in_record("<sf:a/>" * 500_000))
    yield _costly("500,000 roots", lambda: b"<a/>" * 500_000)
    yield _costly("elements to the last byte", lambda: _in_header(_full("<a/>")))
    yield _costly("elements with text to the last byte", lambda: _in_header(_full("<a>b</a>c")))
    yield _costly(
        "notifications to the last byte", lambda: messages.message(_full(messages.record()))
    )
    yield _costly("comments to the last byte", lambda: _in_header(_full("<!---->")))
    yield _costly("instructions to the last byte", lambda: _in_header(_full("<?a?>")))
    yield _costly(
        "as many elements as may be, elsewhere",
        lambda: messages.envelope("<a/>" * 69_000),
        *_SHAPES,
    )
    yield _costly(
        "as many elements with text as may be, elsewhere",
        lambda: messages.envelope("<a>b</a>c" * 69_000),
        *_SHAPES,
    )
    pieces = "<a>xé\rxé\rxé\rxé\rx</a>xéééééééééééééééééééééééééééé"
    yield _costly(
        "as many elements with long texts in two pieces as may be, elsewhere",
        lambda: messages.message(
            header=f"<soapenv:Header><!--x-->{pieces * 48_000}</soapenv:Header>"
        ).replace(b"<Notification>", b"<x/><Notification>", 1),
        Refusal.NOT_OUTBOUND,
    )
    yield _costly(
        "as many attributes as may be, elsewhere",
        lambda: messages.envelope('<a b="" c="" d=""/>' * 17_000),
        *_SHAPES,
    )
    yield _costly(
        "as many comments as may be, elsewhere",
        lambda: messages.envelope("<!---->" * 34_000),
        *_SHAPES,
    )
    fair = f"<a>{'b' * 42}</a>"
    yield _costly(
        "as many elements as 16 MiB may have, elsewhere",
        lambda: messages.envelope(_full(fair)),
    )
    yield _costly(
        "as many elements as 16 MiB may have, in a record that never ends",
        lambda: _in_record(_full(fair))[: MAX_BYTES - _ROOM],
    )
    for what, junk in {"text": b"x", "an element": b"<x/>", "an open element": b"<x>"}.items():
        yield _costly(
            f"as many elements as 16 MiB may have, and {what} behind the end",
            partial(_with_junk, fair, junk),
        )
    yield _costly(
        "CDATA sections to the last byte",
        lambda: messages.envelope(_full("<![CDATA[x]]>")),
        *_SHAPES,
        Refusal.TOO_COMPLEX,
    )


def _sized() -> Iterator[Case]:
    long_text = MAX_BYTES - _ROOM
    yield _costly("a text of 16 MiB", lambda: _in_record(messages.field("Name", "x" * long_text)))
    yield _costly("a text of a million", lambda: _in_record(messages.field("Name", "x" * 10**6)))
    yield _costly(
        "an unknown text of a million", lambda: _in_record(messages.field("New__c", "x" * 10**6))
    )
    yield _costly("white space of 16 MiB", lambda: _in_record(" " * long_text))
    yield _costly("blanks before the root", lambda: b" " * long_text, Refusal.EMPTY)
    for what, reference in {
        "decimal": "&#65;",
        "hexadecimal": "&#x10FFFF;",
        "predefined": "&lt;",
    }.items():
        yield _costly(f"a text of {what} references", partial(_in_name, reference))
    yield _costly("references in texts of allowed length", lambda: _in_texts("&lt;"))
    yield _costly("references in texts, one for seven bytes", lambda: _in_texts("&lt;abc"))
    yield _costly(
        "as many references as may be, beside carriage returns and comments",
        lambda: _broken(_in_texts("&lt;" + "\r" * 13, "<!---->")),
    )
    yield _costly(
        "as many references as may be, beside elements",
        lambda: _broken(_in_record(_full(f"<sf:a>&lt;&lt;&lt;{'=!? ' * 50}</sf:a>"))),
    )
    yield _costly(
        "as many references as may be, elsewhere",
        lambda: messages.envelope(_full(f"<a>{_full('&lt;', of=200_000)}</a>", of=2_700_000)),
        *_SHAPES,
    )
    yield _costly("a reference that never ends", lambda: _in_record("&" + "x" * long_text))
    yield _costly("a comment of 16 MiB", lambda: _in_record(f"<!--{'x' * long_text}-->"))
    yield _costly("an instruction of 16 MiB", lambda: _in_record(f"<?a {'x' * long_text}?>"))
    yield _costly(
        "a CDATA section of 16 MiB",
        lambda: _in_record(f"<sf:Name><![CDATA[{'<' * long_text}]]></sf:Name>"),
    )
    yield _costly("a comment that never ends", lambda: b"<!--" + b"x" * long_text)
    yield _costly("an instruction that never ends", lambda: b"<?a " + b"x" * long_text)
    for what, piece in {
        "comments": "<!---->",
        "comments and blanks": "<!----> ",
        "instructions": "<?a?>",
    }.items():
        yield _costly(f"{what} before the root", partial(_before_root, piece))
    yield _costly("a declaration of 16 MiB", lambda: b"<?xml " + b" " * long_text + b"?><a/>")
    yield _costly(
        "more than 16 MiB", lambda: b"<a>" + b"x" * MAX_BYTES + b"</a>", Refusal.TOO_LARGE
    )


def _tags() -> Iterator[Case]:
    long_name = MAX_BYTES - _ROOM
    yield _costly("a name of 16 MiB", lambda: _in_record(f"<{'a' * long_name}/>"))
    yield _costly("a name of 100,000", lambda: _in_record(f"<sf:{'a' * 100_000}/>"))
    yield _costly("a prefix of 100,000", lambda: _in_record(f"<{'a' * 100_000}:b/>"))
    yield _costly("an attribute of 9 MB", lambda: _in_record(f'<a b="{"x" * 9_000_000}"/>'))
    yield _costly(
        "an attribute of 100,000",
        lambda: _in_record(messages.field("Name", attributes=f'b="{"x" * 10**5}"')),
    )
    yield _costly(
        "an attribute of references", lambda: _in_record(f'<a b="{_full("&#65;", of=9_000_000)}"/>')
    )
    yield _costly("a namespace of 100,000", lambda: _in_record(f'<a xmlns="{"x" * 10**5}"/>'))
    for count in (1_001, 100_000, 900_000):
        yield _costly(f"{count:,} attributes", partial(_in_tag, _attributes, count))
        yield _costly(f"{count:,} namespaces", partial(_in_tag, _namespaces, count))
    yield _costly(
        "100,000 attributes of one name", lambda: _in_record("<a " + 'b="" ' * 100_000 + "/>")
    )
    yield _costly("sixty attributes each", lambda: _in_header(_full(f"<a {_attributes(60)}/>")))
    yield _costly("sixty namespaces each", lambda: _in_header(_full(f"<a {_namespaces(60)}/>")))
    yield _costly(
        "a thousand namespaces around a thousand notifications",
        lambda: messages.message(*[messages.record()] * 1_000).replace(
            b"<soapenv:Body>", f"<soapenv:Body {_namespaces(999)}>".encode()
        ),
    )
    for what, piece in {
        "elements": "<#/>",
        "references": "&#;",
        "namespaces": "<a xmlns='#'/>",
        "instructions": "<?#?>",
    }.items():
        for start, end in (
            ("<![CDATA[\x01", "]]>"),
            ("<!--\ufffe", "-->"),
            ("<?1 ", "?>"),
            ("<?\xd7", "?>"),
        ):
            if not (start[:2] == "<?" and what == "instructions"):
                yield _costly(
                    f"{what} behind what libxml2 takes for the end of {start!a}",
                    partial(_behind_an_end, piece, start, end),
                    Refusal.NOT_WELL_FORMED,
                    Refusal.TOO_COMPLEX,
                )
    yield _costly(
        "references to nothing beside carriage returns",
        lambda: b"<r>" + b"&abcd;x\rx\rx\rx\rx\r" * 700_000 + b"</r>",
        Refusal.TOO_COMPLEX,
    )
    yield _costly(
        "controls to the last byte", lambda: _in_record(_full("\x01")), Refusal.NOT_WELL_FORMED
    )
    returns = f"<a>{50 * ('x' + chr(13))}</a>{50 * ('x' + chr(13))}"
    yield _costly(
        "as many elements as may be, with texts of carriage returns",
        lambda: messages.message(
            header=f"<soapenv:Header><!--x-->{returns * 69_000}</soapenv:Header>"
        ).replace(b"<Notification>", b"<x/><Notification>", 1),
        Refusal.TOO_COMPLEX,
    )
    for what, beginning in {"blanks": " ", "letters": "x"}.items():
        yield _costly(
            f"{what} before the root, and then more elements than may be",
            partial(_behind_much, beginning),
            Refusal.TOO_COMPLEX,
        )
    for length in (1_000, 1_025, 60_000):
        yield Case(
            f"a namespace of {length:,} bytes with many attributes, in each record",
            partial(_in_long_namespaces, length),
            Refused((Refusal.NOT_OUTBOUND, Refusal.TOO_COMPLEX)),
            measured=True,
        )
    yield _costly(
        "long namespaces around a thousand notifications",
        lambda: messages.message(*[messages.record()] * 999, "<x/>").replace(
            b"<soapenv:Body>", f"<soapenv:Body {_namespaces(90, 'u' * 1_020)}>".encode()
        ),
        Refusal.NOT_OUTBOUND,
    )
    yield _costly(
        "namespaces at every level",
        lambda: _in_header(_full("".join(f'<a{n} xmlns:p{n}="u">' for n in range(200)) + "<b/>")),
    )
    yield _costly("hidden ends of tags", lambda: _in_header(_full("""<a b='>>>>>>>>>>' c=">"/>""")))
    yield _costly(
        "references in attributes, diluted",
        lambda: _in_header(_full(f"<a b='{'&lt;' * 480}'/>" + "<a/>" * 8)),
    )
    yield Case(
        "attributes of line ends",
        lambda _: [_in_header(f"<a b='{chr(10) * 65_000}'/>" * 240)],
        Read(),
        measured=True,
    )
    yield _costly(
        "names of 4,000 letters",
        lambda: _in_record(_fields(4_000, f"<sf:a#{'x' * 4_000}/>")),
    )
    yield _costly(
        "an instruction at the start, with markup in it",
        lambda: b"<?a " + (b"x" * 1_000 + b"<") * 15_000 + b"?><a/>",
    )
    yield _costly("equals signs", lambda: _in_record(f"<a {_full('=')}/>"))
    yield _costly("quotes", lambda: _in_record(f"<a {_full(chr(34))}/>"))
    yield _costly("angle brackets", lambda: _in_record(_full("<")))
    yield _costly("closing brackets", lambda: _in_record(f"<sf:Name>{_full('>')}</sf:Name>"))
    yield _costly("exclamation marks", lambda: _in_record(_full("<!")))
    yield _costly("question marks", lambda: _in_record(_full("<?")))


def _attributes(count: int) -> str:
    return " ".join(f'a{n}=""' for n in range(count))


def _namespaces(count: int, name: str = "u") -> str:
    return " ".join(f'xmlns:n{n}="{name}"' for n in range(count))


def _behind_an_end(piece: str, start: str, end: str) -> bytes:
    """Return sections that are broken at their beginning, and full of pieces with made-up names."""
    names = map("".join, itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=4))
    room = 60_000 // (len(piece) + 3)
    sections = (
        start + "".join(piece.replace("#", next(names)) for _ in range(room)) + end
        for _ in range(456_976 // room)
    )
    return f"<r>{''.join(sections)}</r>".encode()


def _behind_much(beginning: str) -> bytes:
    elements = f"<a>{'<b/>' * 70_001}</a>"
    return (_full(beginning, of=MAX_BYTES - _ROOM - len(elements)) + elements).encode()


def _in_long_namespaces(length: int, _: object) -> list[bytes]:
    """Return a message of a hundred records whose many attributes are in one long namespace."""
    attributes = " ".join(f'p:a{n}=""' for n in range(970))
    start = f'{messages.SOBJECT_TYPE} xmlns:p="{"u" * length}" {attributes}'
    record = messages.notification(messages.sobject(messages.ID, attributes=start))
    return [messages.message(*[record] * 100, "<x/>")]


def _lexical() -> Iterator[Case]:
    """Yield fields of 240,000 characters that are nearly values, as many as fit into a body."""
    digits = "1" * 240_000
    for name, text in {
        "Amount": digits,
        "CloseDate": digits,
        "LastModifiedDate": f"2017-11-03T17:24:20.{digits}",
        "Meeting__c": f"17:24:20.{digits}",
        "Stage_Count__c": digits,
        "Picture__c": digits,
        "IsWon": " " * 240_000,
    }.items():
        for junk in ("x", "*", " x", "\u0661", "!", "="):
            yield _unreadable(
                f"{name} with {junk!a} at its end", partial(_records, name, text + junk)
            )
    spaced = "Q " * 120_000
    yield _unreadable(
        "Picture__c of spaced letters", partial(_records, "Picture__c", f"{spaced}!===")
    )
    yield _unreadable("Picture__c of blanks", partial(_records, "Picture__c", " \u20ac" * 60_000))


def _deleted() -> Iterator[Case]:
    for length in (255, 65_000):
        yield _unreadable(
            f"deleted records with types of {length:,} letters", partial(_of_long_type, length)
        )


def _of_long_type(length: int) -> str:
    """Return notifications of deleted records, some with a long type and most without any."""
    attributes = messages.typed("T" * length)
    # One in two has one more attribute: the type is another object than that of its neighbour.
    pair = [messages.notification(f"<sObject {attributes}{more}/>") for more in ("", " a=''")]
    unreadable = messages.notification("<sObject>x</sObject>")
    return "".join(pair * 115) + messages.notification() * 768 + unreadable


def _records(name: str, text: str) -> str:
    record = messages.record(f"<sf:{name}>{text}</sf:{name}>")
    return record * ((MAX_BYTES - _ROOM) // len(record.encode()))


def _dense() -> Iterator[Case]:
    unreadable = "<sf:Amount/>"
    for count, what, field, last in (
        (45_000, "fields, one of them twice", "<sf:a#>1</sf:a#>", "<sf:a7/>"),
        (34_000, "nested fields", "<sf:a#><b/></sf:a#>", ""),
        (30_000, "nil fields", '<sf:a# xsi:nil="1"/>', unreadable),
        (6_000, "long names", f"<sf:a#{'x' * 2_000}/>", unreadable),
    ):
        yield _costly(f"a record of {count:,} {what}", partial(_one_record, count, field, last))
        yield _unreadable(f"records of {count:,} {what}", partial(_records_of, count, field, last))
    long = f"\U00010400#{'x' * 50}"
    for count, what, field in (
        (69_000, "long wide fields", f"<sf:{long}>\U0001f600{'y' * 25}</sf:{long}>"),
        (300_000, "small wide fields", _wide(8)),
    ):
        yield _costly(f"a record of {count:,} {what}", partial(_one_record, count, field, ""))
    yield Case(
        "a number of 100,000 digits",
        lambda _: [_in_record(messages.field("Amount", "1" * 100_000))],
        Read({"amount": float("inf")}),
        measured=True,
    )
    yield Case(
        "a fraction of 100,000 digits",
        lambda _: [_in_record(messages.field("Amount", f"0.{'0' * 100_000}1"))],
        Read({"amount": 0.0}),
        measured=True,
    )
    yield Case(
        "an int of 100,000 zeros",
        lambda _: [_in_record(messages.field("Stage_Count__c", f"{'0' * 100_000}7"))],
        Read({"stage_count__c": 7}),
        measured=True,
    )
    alike = " ".join(f'{name}=""' for name in _colliding(9))
    yield Case(
        "attributes whose hashes collide in a weak table",
        lambda _: [_in_record(messages.field("Name", "x", attributes=alike))],
        Read({"name": "x"}),
        measured=True,
    )
    names = dict.fromkeys(_colliding(10), "x")
    yield Case(
        "fields whose hashes collide in a weak table",
        lambda _: [_in_record(*[messages.field(name, "x") for name in names])],
        Read(unknown=names),
        measured=True,
    )


def _one_record(count: int, field: str, last: str) -> bytes:
    return _in_record(_fields(count, field), last)


def _wide(length: int) -> str:
    """Return a field whose name and text take Python four bytes for each character."""
    name = f"sf:\U00010400{'x' * length}#"
    return f"<{name}>\U0001f600</{name}>"


def _records_of(count: int, field: str, last: str) -> str:
    """Return records of so many fields together, none with more than it may have."""
    each = 1_500
    return messages.record(_fields(each, field), last) * (count // each)


def _unreadable(name: str, make: Callable[[], str]) -> Case:
    """Return the case of notifications that can't be read, and a good one behind them."""
    good = messages.record(messages.field("Name", "good"), notification_id=messages.numbered(2))
    return Case(
        name,
        lambda _: [messages.message(make(), good)],
        Isolated(),
        measured=True,
    )


def _fields(count: int, field: str) -> str:
    """Return fields that differ by the number in place of "#"."""
    return "".join(field.replace("#", str(number)) for number in range(count))


def _with_junk(field: str, junk: bytes) -> bytes:
    return _in_record(_full(field)) + junk


def _in_texts(piece: str, beside: str = "") -> bytes:
    """Return a message of texts that are as long as they may be."""
    record = messages.record(f"<sf:Name>{_full(piece, of=200_000)}</sf:Name>", beside)
    return messages.message(_full(record))


def _broken(body: bytes) -> bytes:
    """Return a body that isn't well-formed, which only its last tag shows."""
    return body.replace(b"</soapenv:Envelope>", b"</soapenv:envelope>")


def _before_root(piece: str) -> bytes:
    return _full(piece).encode() + messages.message(declaration="")


def _in_name(piece: str) -> bytes:
    return _in_record(f"<sf:Name>{_full(piece)}</sf:Name>")


def _in_tag(make: Callable[[int], str], count: int) -> bytes:
    return _in_record(f"<sf:Name {make(count)}/>")


def _colliding(length: int) -> list[str]:
    """Return names that a sum of h * 31 + c can't tell apart: "Aa" and "BB" are alike in it."""
    names = ["n"]
    for _ in range(length):
        names = [name + pair for name in names for pair in ("Aa", "BB")]
    return names


LARGE: dict[str, Callable[[], bytes]] = {
    "many fields": lambda: _large(
        messages.record(
            *[messages.field(f"Custom_Field_{n:03}__c", "some text") for n in range(300)]
        )
    ),
    "long texts": lambda: _large(messages.record(messages.field("Name", "x" * 131_072))),
    "escaped HTML": lambda: _large(
        messages.record(messages.field("Name", '<a href="x?y=1&z=2">!</a>' * 2_000))
    ),
    "HTML, escaped twice": lambda: _large(
        messages.record(messages.field("Name", "&lt;b&gt;bold text&lt;/b&gt;" * 4_000))
    ),
    "emojis": lambda: _large(messages.record(messages.field("Name", "\U0001f600" * 30_000))),
    "one emoji each": lambda: _large(
        messages.record(messages.field("Name", "x" * 200_000 + "\U0001f600"))
    ),
    "unknown wide fields": lambda: _large(messages.record(_fields(1_900, _wide(10)))),
    "pretty-printed": lambda: _large(
        messages.record(
            *[f"\n     <sf:Some_Field_{n}__c>12.0</sf:Some_Field_{n}__c>" for n in range(300)]
        )
    ),
}
"""Messages of nearly 16 MiB that are what they seem, and have to be handled."""


def _large(record: str) -> bytes:
    count = min((MAX_BYTES - _ROOM) // len(record.encode()), Limits().max_notifications)
    return messages.message(*[record] * count)
