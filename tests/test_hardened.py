"""The parser of untrusted XML: what it refuses, with the right reason and the right line."""

import codecs
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obgen import hardened
from obgen.hardened import Flaw, XmlRefusedError

CANARY = "the content of a file that nobody may read"


def parse(body: bytes) -> hardened.Element:
    return hardened.parse(body, hardened.make_parser())


def flaw(body: bytes) -> tuple[Flaw, int | None]:
    """Return why a body is refused, and in which line."""
    with pytest.raises(XmlRefusedError) as caught:
        parse(body)
    assert str(caught.value) == caught.value.flaw.value
    assert caught.value.__cause__ is None
    return caught.value.flaw, caught.value.line


@pytest.mark.parametrize(
    "body",
    [
        b"<a>x</a>",
        codecs.BOM_UTF8 + b"<a>x</a>",
        codecs.BOM_UTF8 + b'<?xml version="1.0"?><a>x</a>',
        b'<?xml version="1.0"?><a>x</a>',
        b"<?xml version='1.0' encoding='utf-8'?><a>x</a>",
        b'<?xml\tversion = "1.0"\r\nencoding = "Utf-8" standalone = "yes" ?>\n<a>x</a>',
        b'<?xml version="1.0" standalone="no"?><a>x</a>',
        b"  \r\n\t<a>x</a>",
        b" " * 200_000 + b"<a>x</a>",
        b"<!-- <!DOCTYPE a> --><?pi <!DOCTYPE a> ?>\n<a>x</a>",
        b"<?xml-stylesheet href='file:///etc/passwd'?><a>x</a>",
        b"<a>x</a><!-- after --><?and after?>\n",
        b"<a><![CDATA[x]]></a>",
        b"<a><!-- -->x</a>",
        b"<a><?pi?>x</a>",
    ],
)
def test_parses(body: bytes) -> None:
    root = parse(body)
    assert (root.tag, root.text, root.tail, len(root)) == ("a", "x", None, 0)


def test_text_around_comments_instructions_and_cdata_is_one_text() -> None:
    root = parse(b"<a>admin<!-- -->@<?pi?>evil<![CDATA[<&>]]>.example&#33;</a>")
    assert root.text == "admin@evil<&>.example!"


@pytest.mark.parametrize("text", ["<!DOCTYPE", "<!ENTITY", "<?xml"])
def test_the_characters_of_a_doctype_inside_text_are_text(text: str) -> None:
    assert parse(f"<a><![CDATA[{text}]]></a>".encode()).text == text
    assert parse(f"<a>{text.replace('<', '&lt;')}</a>".encode()).text == text


@pytest.mark.parametrize(
    "body", [b"", b"  \n", codecs.BOM_UTF8, b'<?xml version="1.0"?>', b"<!---->"]
)
def test_refuses_an_empty_body(body: bytes) -> None:
    assert flaw(body) == (Flaw.EMPTY, None)


@pytest.mark.parametrize(
    "body",
    [
        "<a/>".encode("utf-16"),
        "<a/>".encode("utf-16-le"),
        "<a/>".encode("utf-16-be"),
        "<a/>".encode("utf-32"),
        '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
        "<a/>".encode("cp037"),
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
        b'<?xml version="1.0" encoding="UTF-7"?><a/>',
        b'<?xml version="1.0" encoding="UTF-16"?><a/>',
        b'<?xml version="1.0" encoding="utf8"?><a/>',
        codecs.BOM_UTF8 + b'<?xml version="1.0" encoding="windows-1252"?><a/>',
        "<a>é</a>".encode("latin-1"),
        b"<a>\xc0\xbc</a>",
        b"<a>\xed\xa0\x80</a>",
        b"<a>\xf4\x90\x80\x80</a>",
        b"<a>\xff</a>",
        b"<a>\xc3</a>",
        b"<a/>\xc3",
    ],
)
def test_refuses_another_encoding(body: bytes) -> None:
    assert flaw(body) == (Flaw.ENCODING, 1)


@given(
    before=st.integers(0, 200_000),
    after=st.integers(0, 70_000),
    wrong=st.sampled_from([b"\xff", b"\xc3"]),
)
def test_the_line_of_a_byte_that_is_not_utf_8_is_exact(
    before: int, after: int, wrong: bytes
) -> None:
    text = ("é23456789\n" * (before // 10 + 1)).encode()[:before]
    sound = b"<a>\n" + text.decode(errors="ignore").encode()
    assert flaw(sound + wrong + b"\n" * after) == (Flaw.ENCODING, sound.count(b"\n") + 1)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="<&>\ufffe\uffff"))
)
def test_long_texts_that_are_utf_8_pass_wherever_they_are_cut(text: str) -> None:
    for pad in range(4):
        whole = "x" * (hardened._SLICE - 8 + pad) + text
        assert parse(f"<a>{whole}</a>".encode()).text == whole


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
def test_refuses_another_version_of_xml(version: str) -> None:
    assert flaw(f'<?xml version="{version}"?><a/>'.encode()) == (Flaw.XML_VERSION, 1)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"<!DOCTYPE a><a/>", 1),
        (b'<?xml version="1.0"?>\n<!DOCTYPE a><a/>', 2),
        (codecs.BOM_UTF8 + b"\n\n<!DOCTYPE a><a/>", 3),
        (b"<!-- \n --><?pi\n?><!DOCTYPE a><a/>", 3),
        (b"<!doctype html><html/>", 1),
        (b"<!ENTITY x 'y'><a/>", 1),
        (b" " * 100_000 + b"\n<!DOCTYPE a><a/>", 2),
    ],
)
def test_refuses_a_doctype(body: bytes, line: int) -> None:
    assert flaw(body) == (Flaw.DOCTYPE, line)


@pytest.mark.parametrize(
    "body",
    [
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a/>junk",
        b"junk<a/>",
        b"<a b='1' b='2'/>",
        b"<a>&undefined;</a>",
        b"<a>&#0;</a>",
        b"<a>&#x1F;</a>",
        b"<a>\x00</a>",
        b"<a>\x1f</a>",
        b"<p:a/>",
        b"<a p:b='1'/>",
        b"<a xmlns:p='x' xmlns:q='x' p:b='1' q:b='2'/>",
        b"<a xmlns:p=''/>",
        b"<a><![CDATA[</a>",
        b"<a>]]></a>",
        b"<a><!-- -- --></a>",
        b" <?xml version='1.0'?><a/>",
        b"\n" + codecs.BOM_UTF8 + b"<a/>",
        b"<a/><!DOCTYPE a>",
        b"<a><!DOCTYPE a></a>",
        b"<!-- without end <a/>",
        b"<?pi without end <a/>",
        b"<?xml",
        b"<?xml ",
        b"<?xml ?><a/>",
        b"<?xml encoding='UTF-8'?><a/>",
        b"<?xml version=1.0?><a/>",
        b"<?xml version='1.0' encoding='utf-8\"?><a/>",
        b"<?xml version='1.0' encoding=''?><a/>",
        b"<?xml version='1.0' standalone='maybe'?><a/>",
        b"<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
        b"<a" * 300 + b">" * 300,
        b"+ADw-a/+AD4-",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        b"not XML at all",
        b"{}",
    ],
)
def test_refuses_what_is_not_well_formed(body: bytes) -> None:
    reason, _ = flaw(body)
    assert reason is Flaw.NOT_WELL_FORMED or (reason is Flaw.ENCODING and b"\x8b" in body)


def test_says_the_line_and_column_of_what_is_not_well_formed() -> None:
    with pytest.raises(XmlRefusedError) as caught:
        parse(b"<a>\n<b></c>\n</a>")
    assert (caught.value.line, caught.value.column) == (2, 8)


def test_never_repeats_the_bytes() -> None:
    with pytest.raises(XmlRefusedError) as caught:
        parse(b"<secret></geheim>")
    shown = f"{caught.value!s} {caught.value!r} {caught.value.__dict__}"
    assert "secret" not in shown
    assert "geheim" not in shown


@given(st.data())
def test_truncation_at_any_byte_is_refused(data: st.DataObject) -> None:
    body = '<?xml version="1.0" encoding="UTF-8"?><a b="c">é<d/><![CDATA[x]]></a>'.encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    flaw(body[:cut])


@given(st.binary(max_size=60))
def test_any_bytes_are_parsed_or_refused(body: bytes) -> None:
    try:
        parse(body)
    except XmlRefusedError:
        return
    assert body.decode("utf-8")


@pytest.fixture
def canary(tmp_path: Path) -> str:
    """Return the address of a file that nothing may read."""
    path = tmp_path / "canary.txt"
    path.write_text(CANARY, encoding="utf-8")
    return path.as_uri()


def test_no_file_is_read(canary: str) -> None:
    include = "http://www.w3.org/2001/XInclude"
    root = parse(f'<a xmlns:x="{include}"><x:include href="{canary}" parse="text"/></a>'.encode())
    assert [child.text for child in root] == [None]
    for declaration in (
        f'<!DOCTYPE a SYSTEM "{canary}">',
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{canary}">]>',
        f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{canary}"> %x;]>',
    ):
        assert flaw(f"{declaration}<a>&x;</a>".encode()) == (Flaw.DOCTYPE, 1)


def test_even_past_the_check_the_parser_itself_resolves_and_fetches_nothing(canary: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for source in (canary, address):
            for declared in ("", f' [<!ENTITY x SYSTEM "{source}">]'):
                body = f'<!DOCTYPE a SYSTEM "{source}"{declared}><a>{"&x;" if declared else ""}</a>'
                with pytest.raises(XmlRefusedError):
                    hardened.parse_checked(body.encode(), hardened.make_parser())
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_parser_that_has_refused_serves_on() -> None:
    parser = hardened.make_parser()
    for _ in range(3):
        with pytest.raises(XmlRefusedError):
            hardened.parse(b"<a><b></a>", parser)
        assert hardened.parse(b"<a>x</a>", parser).text == "x"


def test_an_element_knows_its_line_attributes_and_prefixes() -> None:
    (child,) = parse(b'<a xmlns="u:d" xmlns:p="u:p">\n<b p:c="1" d="2"/>tail</a>')
    assert (child.tag, child.tail, child.sourceline) == ("{u:d}b", "tail", 2)
    assert (child.get("{u:p}c"), child.get("d"), child.get("c")) == ("1", "2", None)
    assert child.nsmap == {None: "u:d", "p": "u:p"}


def test_refuses_what_the_parser_itself_finds_too_deep() -> None:
    assert flaw(b"<a>" * 300 + b"</a>" * 300)[0] is Flaw.TOO_COMPLEX


@pytest.mark.parametrize("piece", [b"<!---->", b"<?a?>", b" <!-- a --> \n"])
def test_comments_and_instructions_before_the_root_are_at_most_a_thousand(piece: bytes) -> None:
    assert parse(piece * 1_000 + b"<a/>").tag == "a"
    assert flaw(piece * 1_001 + b"<a/>") == (Flaw.TOO_COMPLEX, None)
    assert flaw(piece * 1_000 + b"<!DOCTYPE a><a/>")[0] is Flaw.DOCTYPE
