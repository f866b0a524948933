"""What arrived: typed records, drift, and a copy that holds no credential."""

import datetime
from datetime import UTC
from pathlib import Path

import pytest
from outbound.bare import Bare
from outbound.every_type import EveryType
from outbound.opportunity import Opportunity

import obgen
from obgen.errors import EnvelopeError
from obgen.hardened import XmlRefusedError
from obgen.runtime.wire import table_of
from obgen.simulate.arrivals import Arrival, look, record_type, without_session
from obgen.testing import build, message, notification

SAMPLES = Path(__file__).parents[1] / "samples" / "messages"
RECORDS = {
    table_of(record).object_type: record_type(table_of(record))
    for record in (Bare, EveryType, Opportunity)
}
SESSION = "00D000000000001!AQ4AQL_a.b"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


def test_a_record_is_typed_and_says_what_is_missing() -> None:
    incoming = look(sample("opportunity-one"), RECORDS)
    assert incoming.organization_id == "00D000000000001EAA"
    assert incoming.action_id == "04k000000000001AAA"
    assert incoming.object_type == "Opportunity"
    (arrival,) = incoming.arrivals
    assert arrival.id == "04l000000000001AAA"
    assert arrival.record_id == arrival.values["id"] == "006000000000001AAA"
    assert arrival.values["amount"] == 120000.0
    assert arrival.values["close_date"] == datetime.date(2026, 4, 3)
    assert arrival.values["system_modstamp"] == datetime.datetime(2026, 4, 3, 17, 24, 20, 0, UTC)
    assert arrival.missing == ("health__c",)
    assert (arrival.unknown, arrival.error) == ({}, "")


def test_a_nil_field_came_and_is_none() -> None:
    body = message(notification(build(Opportunity, amount=None), nil=["amount"]))
    (arrival,) = look(body, RECORDS).arrivals
    assert arrival.values["amount"] is None
    assert "amount" not in arrival.missing


def test_drift_is_shown() -> None:
    (arrival,) = look(sample("opportunity-drift"), RECORDS).arrivals
    assert arrival.unknown == {"LeadSource": "Phone Inquiry"}


def test_what_was_deleted_or_cannot_be_read() -> None:
    arrivals = look(sample("every_type-unreadable"), RECORDS).arrivals
    assert [bool(arrival.error) for arrival in arrivals] == [True, False]
    assert arrivals[0].error.startswith("not a double (notifications/Notification[1]/sObject/")
    assert not arrivals[0].record_id
    assert Arrival("04l000000000045AAA") in look(sample("shipment-deleted"), RECORDS).arrivals


def test_an_object_without_a_wsdl() -> None:
    (arrival,) = look(sample("shipment-one"), RECORDS).arrivals
    assert arrival.error == "no WSDL is of gwestr__Shipment__c"


def test_an_sobject_that_is_none() -> None:
    body = sample("opportunity-one").replace(b'xsi:type="sf:', b'xsi:type="xsi:')
    incoming = look(body, RECORDS)
    assert incoming.object_type == ""
    assert incoming.arrivals[0].error.startswith("xsi:type is not the type of an sObject")


def test_what_is_no_message() -> None:
    with pytest.raises(EnvelopeError):
        look(b"<html/>", RECORDS)


def test_a_session_id_is_not_kept_anywhere() -> None:
    record = build(Opportunity, name=f"link?sid={SESSION}", stage_name=SESSION)
    first = f"<soapenv:Header><s>{SESSION}</s></soapenv:Header><!-- {SESSION} --><soapenv:Body>"
    body = message(record, session_id=SESSION).replace(b"<soapenv:Body>", first.encode())
    kept = without_session(body)
    assert SESSION.encode() not in kept
    decoded = obgen.decode(kept, Opportunity)
    assert decoded.session_id is None
    expected = obgen.decode(body, Opportunity).notifications[0].sobject
    assert expected is not None
    expected.name, expected.stage_name = "link?sid=", ""
    assert decoded.notifications[0].sobject == expected


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.xml")))
def test_what_is_kept_means_the_same(name: str) -> None:
    body = sample(name)
    assert look(without_session(body), RECORDS).arrivals == look(body, RECORDS).arrivals


def test_what_cannot_be_read_cannot_be_kept() -> None:
    with pytest.raises(XmlRefusedError):
        without_session(b"<a>")
