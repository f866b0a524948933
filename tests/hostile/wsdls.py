"""Hostile WSDLs: text that would like to become code, a path or a request, and shapes that cost.

Every text is put in every place where a WSDL can hold one. Where it is a name it is refused; where
it is free text it changes nothing in what is generated.
"""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wsdl_builder import ENDPOINT, build_wsdl, field_element

PLAIN = build_wsdl()
"""What a WSDL with hostile free text must generate too."""


@dataclass(frozen=True)
class WsdlCase:
    """One hostile WSDL.

    Attributes:
        name: What it is.
        make: Makes it, from the URL of the listener and the path of the canary.
        generated: Whether it is generated safely, or refused.
        like_plain: Whether what is generated has to be what `PLAIN` generates.
    """

    name: str
    make: Callable[[str, str], bytes]
    generated: bool = False
    like_plain: bool = False


TEXTS = {
    "quotes": "\"'\"\"\"'''",
    "a closed docstring": '"""\nimport os; os.system("touch pwned")\n"""',
    "a backslash at the end": "x\\",
    "a line break": "x\nimport os",
    "a carriage return": "x\rimport os",
    "a semicolon": "x;import os",
    "next line": "x\u0085import os",
    "a line separator": "x\u2028import os",
    "jinja": "{{ 7 * 7 }}{{ ''.__class__.__mro__ }}",
    "a jinja statement": "{% include '/etc/passwd' %}{# #}",
    "a format": "%s%(x)s{0.__class__}",
    "a coding cookie": "# -*- coding: utf-7 -*-",
    "a call": "__import__('os').system('touch pwned')",
    "path traversal": "../../../etc/cron.d/x",
    "an absolute path": "/etc/passwd",
    "a Windows path": "..\\..\\x",
    "bidi controls": "a\u202eb\u2066c",
    "homoglyphs": "\u0410\u0441\u0441ount",
    "an emoji": "\U0001f600",
    "5,000 characters": "x" * 5_000,
    "a terminal escape": "a\u009b31mb",
    "a null in words": "\\x00",
    "HTML": "<script>alert(1)</script>",
    "a shell": "$(touch pwned)`id`",
    "blanks": "  a b  ",
    "nothing": "",
}
NAMES = (
    "__init__", "_x", "1st", "a-b", "a.b", "a b", "class.", "x" * 200, "\u00c4", "a\u0661", "models;", "a/b",
)  # fmt: skip
SAFE_OBJECTS = (
    "conftest",
    "json",
    "con",
    "NUL",
    "class",
    "None",
    "print",
    "init",
    "obgen",
    "handler",
    "models",
    "X" * 80,
)


def xml(text: str) -> str:
    """Return a text as an attribute's value or an element's content."""
    for character, reference in {
        "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;",
    }.items():  # fmt: skip
        text = text.replace(character, reference)
    return text


def cases() -> Iterator[WsdlCase]:
    """Yield every case."""
    for what, text in TEXTS.items():
        yield from _names(what, text)
        yield from _free_texts(what, text)
    for name in NAMES:
        yield _fixed(f"a field named {name[:20]!a}", PLAIN.replace('"Amount"', f'"{name}"'))
        yield _fixed(f"an object named {name[:20]!a}", PLAIN.replace("Opportunity", name))
    for name in SAFE_OBJECTS:
        yield _fixed(f"an object named {name[:20]}", build_wsdl(name), generated=True)
    yield from _references()
    yield from _document_types()
    yield from _shapes()
    yield from _costs()
    yield from _bytes()


def _fixed(
    name: str, text: str | bytes, *, generated: bool = False, like_plain: bool = False
) -> WsdlCase:
    body = text.encode() if isinstance(text, str) else text
    return WsdlCase(name, lambda _url, _canary: body, generated, like_plain)


def _baited(name: str, text: str) -> WsdlCase:
    """Return a case in which `{url}` and `{canary}` stand for those."""
    return WsdlCase(
        name,
        lambda url, canary: text.replace("{url}", url).replace("{canary}", canary).encode(),
    )


def _names(what: str, text: str) -> Iterator[WsdlCase]:
    """Put a text in the place of names: no place takes it."""
    value = xml(text)
    yield _fixed(f"{what} as a field's name", PLAIN.replace('"Amount"', f'"{value}"'))
    yield _fixed(f"{what} as the object's name", PLAIN.replace("Opportunity", value))
    yield _fixed(
        f"{what} as a type",
        PLAIN.replace('type="xsd:double"', f'type="{value}"'),
        generated=text.isalpha() and text.isascii(),  # a type of XML Schema, as far as anyone knows
    )
    yield _fixed(
        f"{what} as the namespace",
        PLAIN.replace(
            'targetNamespace="http://soap.sforce.com',
            f'targetNamespace="{value}http://soap.sforce.com',
        ),
        generated=not text,
    )


def _free_texts(what: str, text: str) -> Iterator[WsdlCase]:
    """Put a text where WSDLs have text of any kind: it changes nothing."""
    value = xml(text)
    documented = PLAIN.replace("Process a number of notifications.", value)
    yield _fixed(f"{what} as documentation", documented, generated=True, like_plain=True)
    yield _fixed(
        f"{what} as the endpoint",
        PLAIN.replace(ENDPOINT, value),
        generated=bool(text),
        like_plain=True,
    )
    pattern = PLAIN.replace("[a-zA-Z0-9]{18}", xml(text).replace("'", "&apos;"))
    yield _fixed(f"{what} as a pattern", pattern)
    amount = 'name="Amount" '
    default = PLAIN.replace(amount, f'{amount}default="{value}" ')
    yield _fixed(f"{what} as a default", default)
    enumerated = PLAIN.replace("<length value", f'<enumeration value="{value}"/><length value')
    yield _fixed(f"{what} as an enumeration", enumerated)
    comment = text.replace("--", "- -").replace("\x00", "")
    yield _fixed(
        f"{what} as a comment",
        PLAIN.replace("Outbound message of a test", comment),
        generated=True,
        like_plain=True,
    )
    annotated = PLAIN.replace(
        '<complexType name="sObject">',
        f'<complexType name="sObject"><annotation><documentation>{value}</documentation></annotation>',
    )
    yield _fixed(f"{what} as an annotation", annotated, generated=True, like_plain=True)


def _references() -> Iterator[WsdlCase]:
    """Refer to what is elsewhere: nothing is fetched."""
    places = {
        "http": "{url}",
        "a file": "{canary}",
        "a file by URL": "file://{canary}",
        "a relative file": "other.wsdl",
        "itself": "hostile.wsdl",
    }
    elements = {
        "wsdl:import": ("<types>", '<import namespace="urn:x" location="@"/><types>'),
        "xsd:import": (
            '<import namespace="urn:enterprise.soap.sforce.com" />',
            '<import namespace="urn:enterprise.soap.sforce.com" schemaLocation="@"/>',
        ),
        "xsd:include": (
            '<import namespace="urn:enterprise.soap.sforce.com" />',
            '<include schemaLocation="@"/>',
        ),
        "xsd:redefine": (
            '<import namespace="urn:enterprise.soap.sforce.com" />',
            '<redefine schemaLocation="@"/>',
        ),
        "xi:include": (
            "<types>",
            '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="@"/><types>',
        ),
    }
    for element, (old, new) in elements.items():
        for place, where in places.items():
            text = PLAIN.replace(old, new.replace("@", where), 1)
            yield _baited(f"{element} of {place}", text)
    yield WsdlCase(
        "a schema location",
        lambda url, _: PLAIN.replace(
            "<definitions ",
            '<definitions xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="urn:x {url}" ',
        ).encode(),
    )
    yield WsdlCase(
        "a stylesheet",
        lambda url, _: PLAIN.replace("<!--", f'<?xml-stylesheet href="{url}"?><!--', 1).encode(),
        generated=True,
        like_plain=True,
    )


def _document_types() -> Iterator[WsdlCase]:
    doctypes = {
        "an entity": '<!DOCTYPE x [<!ENTITY e "x">]>',
        "an external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary}">]>',
        "an http entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]>',
        "a parameter entity": '<!DOCTYPE x [<!ENTITY % e SYSTEM "{url}"> %e;]>',
        "an external subset": '<!DOCTYPE x SYSTEM "{url}">',
        "a bomb": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(
            f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        )
        + "]>",
        "a default attribute": '<!DOCTYPE x [<!ATTLIST element default CDATA "x">]>',
        "HTML": "<!doctype html>",
    }
    for what, doctype in doctypes.items():
        for where in ("documentation", "endpoint"):
            old = "Process a number" if where == "documentation" else ENDPOINT
            text = PLAIN.replace("?>\n", "?>\n" + doctype, 1).replace(old, "&e;" + old)
            yield _baited(f"a DOCTYPE with {what} in the {where}", text)


def _shapes() -> Iterator[WsdlCase]:
    service = PLAIN[PLAIN.index("    <service") : PLAIN.index("</definitions>")]
    kind = PLAIN[
        PLAIN.index('<complexType name="Opportunity">') : PLAIN.index(
            "</schema>", PLAIN.index('<complexType name="Opportunity">')
        )
    ]
    amount = field_element("Amount", "double")
    yield _fixed("two services", PLAIN.replace(service, service * 2))
    yield _fixed("no service", PLAIN.replace(service, ""))
    yield _fixed(
        "two ports",
        PLAIN.replace(
            "</port>",
            '</port><port name="b" binding="tns:NotificationBinding"><soap:address location="http://a"/></port>',
        ),
    )
    yield _fixed(
        "two addresses",
        PLAIN.replace("<soap:address", '<soap:address location="http://evil"/><soap:address'),
    )
    yield _fixed("the object's type twice", PLAIN.replace(kind, kind * 2))
    yield _fixed("a field twice", PLAIN.replace(amount, amount * 2))
    yield _fixed("Id twice", PLAIN.replace(amount, field_element("Id", "ID")))
    yield _fixed(
        "an object that extends itself",
        PLAIN.replace('extension base="ens:sObject"', 'extension base="ens:Opportunity"'),
    )
    yield _fixed(
        "an object that extends nothing",
        PLAIN.replace('extension base="ens:sObject"', 'extension base="ens:Nothing"'),
    )
    yield _fixed(
        "a type that isn't there", PLAIN.replace('type="ens:Opportunity"', 'type="ens:Lead"')
    )
    yield _fixed(
        "a type of no prefix", PLAIN.replace('type="ens:Opportunity"', 'type="Opportunity"')
    )
    yield _fixed(
        "a type of an unknown prefix",
        PLAIN.replace('type="ens:Opportunity"', 'type="zz:Opportunity"'),
    )
    yield _fixed(
        "a notification of strings", PLAIN.replace('type="ens:Opportunity"', 'type="xsd:string"')
    )
    yield _fixed("a field without name", PLAIN.replace('name="Amount" ', ""))
    yield _fixed("a field without type", PLAIN.replace(' type="xsd:double"', ""))
    yield _fixed(
        "a field by reference", PLAIN.replace('name="Amount" ', 'ref="tns:notifications" ')
    )
    yield _fixed(
        "a choice of fields",
        PLAIN.replace("<sequence>", "<choice>").replace("</sequence>", "</choice>"),
    )
    yield _fixed(
        "another target namespace",
        PLAIN.replace('targetNamespace="http://soap', 'targetNamespace="https://soap'),
    )
    yield _fixed(
        "the prefixes exchanged",
        PLAIN.replace('xmlns:ent="urn:enterprise.soap.sforce.com"', 'xmlns:ent="urn:evil"'),
    )
    yield _fixed(
        "the prefix of sObjects elsewhere",
        PLAIN.replace('xmlns:ens="urn:sobject.enterprise.soap.sforce.com"', 'xmlns:ens="urn:evil"'),
    )
    yield _fixed(
        "no schemas", PLAIN[: PLAIN.index("<types>")] + PLAIN[PLAIN.index("</types>") + 8 :]
    )
    yield _fixed("only the definitions", '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>')
    yield _fixed(
        "a cycle of types",
        PLAIN.replace(
            '<complexType name="sObject">',
            '<complexType name="A"><complexContent><extension base="ens:B"/></complexContent></complexType>'
            '<complexType name="B"><complexContent><extension base="ens:A"/></complexContent></complexType>'
            '<complexType name="sObject">',
        ),
    )
    names = {
        "Amount": "double",
        "amount": "string",
        "AMOUNT": "date",
        "A_mount": "int",
        "AMount": "ID",
    }
    yield _fixed("names that differ by case", build_wsdl(fields=names), generated=True)
    keywords: dict[str, str] = dict.fromkeys(
        (
            "class",
            "None",
            "def",
            "type",
            "match",
            "id",
            "self",
            "str",
            "datetime",
            "obgen",
            "WireTable",
            "ClassVar",
        ),
        "string",
    )
    yield _fixed("names of Python", build_wsdl(fields=keywords), generated=True)


def _costs() -> Iterator[WsdlCase]:
    amount = field_element("Amount", "double")
    many = "\n".join(field_element(f"F{n}__c") for n in range(100_000))
    yield _fixed("100,000 fields", PLAIN.replace(amount, many))
    yield _fixed("2,500 fields", build_wsdl(fields={f"F{n}__c": "string" for n in range(2_500)}))
    yield _fixed(
        "depth 5,000", PLAIN.replace("<types>", "<a>" * 5_000 + "</a>" * 5_000 + "<types>")
    )
    yield _fixed(
        "depth 5,000 of sequences",
        PLAIN.replace(amount, "<sequence>" * 5_000 + amount + "</sequence>" * 5_000),
    )
    yield _fixed("depth 100", PLAIN.replace("<types>", "<a>" * 100 + "</a>" * 100 + "<types>"))
    yield _fixed(
        "10,000 attributes",
        PLAIN.replace("<types>", "<types " + " ".join(f'a{n}=""' for n in range(10_000)) + ">"),
    )
    yield _fixed(
        "10,000 namespaces",
        PLAIN.replace(
            "<types>", "<types " + " ".join(f'xmlns:a{n}="u"' for n in range(10_000)) + ">"
        ),
    )
    yield _fixed(
        "50,000 namespaces", PLAIN.replace("<types>", "<types>" + '<a xmlns="u"/>' * 50_000)
    )
    yield _fixed("a text of 5 MB", PLAIN.replace("Process a number", "x" * 5_000_000))
    yield _fixed("a name of a million", PLAIN.replace('"Amount"', f'"{"A" * 1_000_000}"'))
    yield _fixed(
        "an element of a million", PLAIN.replace("<types>", f"<{'a' * 1_000_000}/><types>")
    )
    yield _fixed(
        "a comment of 3 MB",
        PLAIN.replace("Outbound message of a test", "x" * 3_000_000),
        generated=True,
        like_plain=True,
    )
    yield _fixed("600,000 comments and no element", "<!---->" * 590_000)
    yield _fixed("20 MB", PLAIN + " " * 20_000_000)
    yield from _namespaces()


def _namespaces() -> Iterator[WsdlCase]:
    """Declare what every element below would have to carry along."""
    one = f'xmlns:z="{"u" * 300_000}"'
    forty = " ".join(f'xmlns:{"p" * 1_000}{n}="u:{n}"' for n in range(40))
    most = " ".join(f'xmlns:p{n}="{"u" * 80}{n}"' for n in range(40))
    many = build_wsdl(fields={f"F{n}__c": "string" for n in range(1_900)})
    names = '<z:a type="z:b" base="z:c" xmlns:z="u"/>'
    for what, declarations in {"a long namespace": one, "40 long prefixes": forty}.items():
        for where, text in {
            "9,500 elements": PLAIN.replace("<types>", f"{'<a/>' * 9_500}<types>"),
            "1,900 fields": many,
            "9,500 elements of documentation": PLAIN.replace("Process a", names * 9_500),
        }.items():
            declared = text.replace("<definitions ", f"<definitions {declarations} ")
            yield _fixed(f"{what} around {where}", declared)
    yield _fixed(
        "a long namespace as that of 9,500 elements",
        PLAIN.replace("<types>", f"{'<z:a/>' * 9_500}<types>").replace(
            "<definitions ", f"<definitions {one} "
        ),
    )
    yield _fixed(
        "the most namespaces around 1,900 fields",
        many.replace("<definitions ", f"<definitions {most} "),
        generated=True,
    )
    yield _fixed("a million elements", PLAIN.replace("<types>", "<a/>" * 1_000_000 + "<types>"))


def _bytes() -> Iterator[WsdlCase]:
    bare = PLAIN[PLAIN.index("<definitions") :]
    yield _fixed("nothing at all", b"")
    yield _fixed("blanks", b" \n" * 100)
    yield _fixed("a null", PLAIN.replace("Process", "\x00"))
    yield _fixed("gzip", gzip.compress(PLAIN.encode(), mtime=0))
    yield _fixed("JSON", b'{"object": "Opportunity"}')
    yield _fixed("an executable", b"\x7fELF" + bytes(range(256)))
    yield _fixed("UTF-7", bare.replace("<", "+ADw-").replace(">", "+AD4-"))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"):
        yield _fixed(f"{encoding}", bare.encode(encoding))
    for encoding in ("UTF-16", "ISO-8859-1", "UTF-7", "x"):
        declared = PLAIN.replace('encoding="UTF-8"', f'encoding="{encoding}"')
        yield _fixed(f"declared as {encoding}", declared)
    yield _fixed("XML 1.1", PLAIN.replace('version="1.0"', 'version="1.1"'))
    yield _fixed("latin-1 bytes", PLAIN.replace("Process", "\xe4").encode("latin-1"))
    yield _fixed("an overlong byte", PLAIN.encode().replace(b"Process", b"\xc0\xaf"))
    yield _fixed("a surrogate", PLAIN.encode().replace(b"Process", b"\xed\xa0\x80"))
    yield _fixed(
        "a byte order mark", b"\xef\xbb\xbf" + PLAIN.encode(), generated=True, like_plain=True
    )
    yield _fixed("two byte order marks", b"\xef\xbb\xbf" * 2 + PLAIN.encode())
    yield _fixed("junk at the end", PLAIN + "junk")
    yield _fixed("two documents", PLAIN + bare)
    whole = PLAIN.encode()
    for part in range(1, 20):
        yield _fixed(f"cut after {part}/20", whole[: len(whole) * part // 20])
