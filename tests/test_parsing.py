"""The store of names: what a message may leave in it, and that none can fill it."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import messages
import pytest
from lxml import etree
from records import Opportunity

import obgen
from obgen import hardened
from obgen.runtime import parsing

TESTS = Path(__file__).parent


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> parsing._Home:
    """Give the thread of the test a budget of its own."""
    home = parsing._Home()
    monkeypatch.setattr(parsing, "_home", home)
    return home


def receive(body: bytes) -> bool:
    receiver = obgen.Receiver(organization_ids=[messages.ORGANIZATION_ID])
    receiver.handles(Opportunity)(lambda _record, _delivery: None)
    return receiver.receive(body).acknowledged


def decode(body: bytes) -> bool:
    return all(one.error is None for one in obgen.decode(body, Opportunity).notifications)


READ = pytest.mark.parametrize("read", [receive, decode])
Read = Callable[[bytes], bool]


def spent(home: parsing._Home) -> int:
    return parsing.BUDGET - home.left


@READ
def test_the_same_names_cost_once(read: Read, home: parsing._Home) -> None:
    body = messages.message(messages.record(messages.field("Amount", "1.0")))
    assert read(body)
    first = spent(home)
    assert 0 < first < len(body)

    for number in range(20):
        record = messages.record(messages.field("Name", f"{number} = {number} > {number - 1}"))
        assert read(messages.message(record, record, *[record] * number))
    assert spent(home) == first


@READ
@pytest.mark.parametrize(
    "field",
    [
        "<sf:New@__c>1</sf:New@__c>",
        '<sf:Name xsi:nil="true" b@=""/>',
        "<sf:Name xmlns:b@='urn:b'>x</sf:Name>",
        '<sf:Name a=">" b@="=">x = y</sf:Name>',
        "<sf:Name b@='&lt;=>\"'/>",
    ],
)
def test_a_new_name_costs_something_once(read: Read, field: str, home: parsing._Home) -> None:
    read(messages.message())
    for number in range(3):
        body = messages.message(messages.record(field.replace("@", str(number))))
        before = spent(home)
        assert read(body)
        cost = spent(home) - before
        assert 0 < cost < len(body)
        assert read(body)
        assert spent(home) == before + cost


@READ
def test_a_text_of_blanks_costs_something_once(read: Read, home: parsing._Home) -> None:
    read(messages.message())
    for number in range(3):
        blanks = f"{number:020b}".translate({ord("0"): " ", ord("1"): "\t"})
        body = messages.message(messages.record(f"<sf:Name>{blanks}</sf:Name>"))
        before = spent(home)
        assert read(body)
        assert spent(home) == before + len(blanks)
        assert read(body)
        assert spent(home) == before + len(blanks)


def test_attributes_before_the_ids_cost_something_too(home: parsing._Home) -> None:
    decode(messages.message())
    for tag in (b"<OrganizationId", b"<soapenv:Envelope", b"<notifications"):
        before = spent(home)
        assert decode(messages.message().replace(tag, tag + b' b="OrganizationId"'))
        assert spent(home) > before + len(tag)


@READ
@pytest.mark.parametrize(
    "body",
    [
        messages.message(messages.record("<!-- x --><sf:Name>x</sf:Name>")),
        messages.message(messages.record("<?target x?><sf:Name>x</sf:Name>")),
        messages.message().replace(b"<soapenv:Body>", b"<soapenv:Header/><soapenv:Body>"),
        messages.message(messages.record("<sf:Amount>x</sf:Amount>")),
        messages.message(messages.record("<b/>")),
        messages.message(messages.record("<sf:Name><b/></sf:Name>")),
        messages.message(messages.record().replace("sf:Opportunity", "sf:Lead")),
    ],
)  # fmt: skip
def test_what_nobody_looked_at_costs_the_whole_body(
    read: Read, body: bytes, home: parsing._Home
) -> None:
    read(body)
    assert spent(home) == len(body)


@READ
@pytest.mark.parametrize("body", [b"<a><b/>", b"<a/>", messages.message()[:-1]])
def test_a_refused_body_costs_all_of_it(read: Read, body: bytes, home: parsing._Home) -> None:
    with contextlib.suppress(obgen.EnvelopeError):  # where a receiver answers
        read(body)
    assert spent(home) == len(body)


def test_what_is_remembered_has_an_end(
    home: parsing._Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "_MOST_KNOWN", 10)
    for number in range(20):
        assert decode(messages.message(messages.record(messages.field(f"New{number}__c", "1"))))
    assert len(home.known) <= 10
    assert len(home.usual) <= 10


def test_beyond_the_budget_a_body_is_parsed_elsewhere(
    home: parsing._Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    original = hardened.parse_checked

    def watched(body: bytes, parser: etree.XMLParser) -> hardened.Element:
        threads.append(threading.current_thread().name)
        return original(body, parser)

    monkeypatch.setattr(hardened, "parse_checked", watched)
    here = threading.current_thread().name
    body, large = messages.message(), messages.message(*[messages.record()] * 400)
    assert receive(body)
    assert receive(large)
    home.left = len(body) - 1
    assert receive(body)
    home.left = 0
    assert not receive(body[:-1])
    assert threads == [here, "obgen-parse", "obgen-parse", "obgen-parse"]
    assert home.left == 0


def test_a_thread_that_cannot_start_is_no_ack(
    home: parsing._Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    home.left = 0
    assert not receive(messages.message())


FLOOD = """
import resource
import obgen, messages
from records import Opportunity

receiver = obgen.Receiver(organization_ids=[messages.ORGANIZATION_ID])
receiver.handles(Opportunity)(lambda record, delivery: None)

def flood(name, count, bodies):
    for body in range(bodies):
        names = "".join(f"<{name}{body}x{number}/>" for number in range(count))
        assert not receiver.receive(f"<a>{names}</a>".encode()).acknowledged

start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
flood("n" * 1_900, 8_000, 10)
flood("n" * 150, 90_000, 6)
flood("n", 300, 2_000)
for number in range(300):
    attributes = " ".join(f'a{number}x{n}=""' for n in range(300))
    body = messages.message(messages.record(f"<sf:Name {attributes}>x</sf:Name>"))
    assert receiver.receive(body).acknowledged
for body in range(300):
    texts = [f"{900 * body + n:059b}".translate({48: " ", 49: "\t"}) for n in range(900)]
    fields = "".join(f"<sf:a{n}>{text}</sf:a{n}>" for n, text in enumerate(texts))
    assert receiver.receive(messages.message(messages.record(fields))).acknowledged
assert receiver.receive(messages.message()).acknowledged
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) // 1024)
"""


@pytest.mark.slow
def test_a_flood_of_names_neither_fills_the_store_nor_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FLOOD], cwd=TESTS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    # One body's tree and names at a time; without their end these were 200 MB, and then no XML.
    assert int(done.stdout) < 130


@pytest.mark.parametrize("body", [b"<a><b/>", messages.message()[:-1]])
def test_a_body_that_was_refused_is_not_kept(home: parsing._Home, body: bytes) -> None:
    home.left = 0
    references = sys.getrefcount(body)
    for _ in range(3):
        assert not receive(body)
    assert sys.getrefcount(body) == references
