"""Whole messages as they are written: byte for byte those of the samples, and only what can be."""

import datetime
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from outbound.bare import Bare
from outbound.every_type import EveryType
from outbound.gwestr_shipment import GwestrShipment
from outbound.opportunity import Opportunity
from records import Contact

import obgen
from obgen.runtime.wire import Record, RecordT, table_of
from obgen.simulate.ids import long_id, make_id, prefix_of
from obgen.simulate.message import (
    Outgoing,
    Sender,
    Sobject,
    record_sobject,
    sobject_of,
    write_message,
)

SAMPLES = Path(__file__).parents[1] / "samples" / "messages"
OPPORTUNITY = Opportunity(id="006000000000001AAA", name="Northwind", amount=1.5)


def written(*records: Record, sender: Sender | None = None) -> bytes:
    outgoing = [Outgoing(record_sobject(record)) for record in records]
    return write_message(outgoing, sender or Sender())


def again(message: obgen.OutboundMessage[RecordT], record: type[RecordT]) -> bytes:
    """Write a message that was decoded."""
    outgoing: list[Outgoing] = []
    for notification in message.notifications:
        sobject = Sobject(table_of(record).object_type, {})
        if notification.sobject is not None:
            nil = [n for n in notification.present if getattr(notification.sobject, n) is None]
            sobject = record_sobject(notification.sobject, nil=nil, unknown=notification.unknown)
        outgoing.append(Outgoing(sobject, notification.id, "nil"))
    sender = Sender(organization_id=message.organization_id, action_id=message.action_id)
    return write_message(outgoing, sender)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("bare-batch", Bare),
        ("bare-deleted", Bare),
        ("bare-drift", Bare),
        ("bare-one", Bare),
        ("every_type-deleted", EveryType),
        ("every_type-one", EveryType),
        ("opportunity-batch", Opportunity),
        ("opportunity-deleted", Opportunity),
        ("opportunity-drift", Opportunity),
        ("opportunity-one", Opportunity),
        ("shipment-deleted", GwestrShipment),
        ("shipment-one", GwestrShipment),
    ],
)
def test_a_message_is_written_as_it_was_read(name: str, record: type[Any]) -> None:
    body = (SAMPLES / f"{name}.xml").read_bytes()
    message = obgen.decode(body, record)
    assert (again(message, record) + b"\n").splitlines() == body.splitlines()


def test_empty_fields_are_left_out() -> None:
    body = written(Opportunity(id="006000000000001AAA", name="", amount=0.0, is_won=False))
    assert body.count(b"<sf:") == 3
    assert b"<sf:Amount>0.0</sf:Amount>\n     <sf:IsWon>false</sf:IsWon>\n" in body


def test_a_nil_field_is_written_whatever_it_holds() -> None:
    sobject = record_sobject(OPPORTUNITY, nil=["name", "stage_name"])
    (notification,) = obgen.decode(write_message([Outgoing(sobject)]), Opportunity).notifications
    assert notification.sobject == Opportunity(id=OPPORTUNITY.id, amount=1.5)
    assert notification.present == {"id", "amount", "name", "stage_name"}


def test_unknown_fields_stand_in_their_place_of_the_alphabet() -> None:
    sobject = record_sobject(OPPORTUNITY, unknown={"A": "1", "Z": "<2>", "LeadSource": "3"})
    assert list(sobject.fields) == ["Id", "A", "Amount", "LeadSource", "Name", "Z"]
    (notification,) = obgen.decode(write_message([Outgoing(sobject)]), Opportunity).notifications
    assert notification.unknown == {"A": "1", "Z": "<2>", "LeadSource": "3"}


@pytest.mark.parametrize(
    ("outgoing", "line"),
    [
        (Outgoing(Sobject("Lead", {}), deleted_form="nil"), '    <sObject xsi:nil="true"/>'),
        (
            Outgoing(Sobject("Lead", {}), deleted_form="empty"),
            '    <sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"/>',
        ),
        (Outgoing(Sobject("Lead", {})), "   </Notification>"),
    ],
)
def test_a_deleted_record_has_three_forms(outgoing: Outgoing, line: str) -> None:
    body = write_message([outgoing])
    lines = body.decode().splitlines()
    assert lines[lines.index("   <Notification>") + 2] == line
    (notification,) = obgen.decode(body, Contact).notifications
    assert notification.sobject is None
    assert (notification.error is None) is (outgoing.deleted_form != "empty")


def test_one_sender_stands_for_all() -> None:
    sender = Sender(organization_id="00DD0000000muCU", action_id="04k57000000TOUI")
    message = obgen.decode(written(OPPORTUNITY, OPPORTUNITY, sender=sender), Opportunity)
    assert (message.organization_id, message.action_id) == ("00DD0000000muCU", "04k57000000TOUI")
    assert message.enterprise_url.endswith("/Soap/c/62.0/00DD0000000muCU")
    assert message.partner_url.endswith("/Soap/u/62.0/00DD0000000muCU")
    assert message.session_id is None


def test_a_session_is_sent_but_not_shown() -> None:
    sender = Sender(session_id="00D!<secret>")
    assert obgen.decode(written(OPPORTUNITY, sender=sender), Opportunity).session_id == (
        "00D!<secret>"
    )
    assert "secret" not in repr(sender)


def test_the_same_content_is_the_same_message_and_other_content_another() -> None:
    def ids(*records: Record, sender: Sender | None = None) -> list[str]:
        message = obgen.decode(written(*records, sender=sender), Opportunity)
        return [notification.id for notification in message.notifications]

    changed = Opportunity(id=OPPORTUNITY.id, name="Southwind")
    assert ids(OPPORTUNITY) == ids(OPPORTUNITY)
    assert len({*ids(OPPORTUNITY, OPPORTUNITY), *ids(changed)}) == 3
    assert ids(OPPORTUNITY) != ids(OPPORTUNITY, sender=Sender(action_id="04k000000000002AAA"))
    assert all(one.startswith("04l") and one == long_id(one[:15]) for one in ids(OPPORTUNITY))


def test_ids_carry_the_suffix_that_salesforce_computes() -> None:
    assert long_id("00D000000000001") == "00D000000000001EAA"
    assert long_id("001xx000003DGb2") == "001xx000003DGb2AAG"
    assert long_id("00DD0000000muCU") == "00DD0000000muCUMAY"
    assert make_id("04l", 1) == "04l000000000001AAA"
    assert make_id("04l", 62**12 + 1) == "04l000000000001AAA"
    assert [prefix_of(name) for name in ("Lead", "Owner", "Shipment__c")] == ["00Q", "005", "a00"]


def changed(**values: object) -> Callable[[], object]:
    return lambda: sobject_of(table_of(EveryType), {"id": "a0B000000000001EAA"} | values)


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda: write_message([]), "a message has 1 to 100 notifications, not 0"),
        (lambda: written(*[OPPORTUNITY] * 101), "a message has 1 to 100 notifications, not 101"),
        (
            lambda: written(OPPORTUNITY, Contact(id="003000000000001AAA")),
            "a message is of one object, not of Contact and Opportunity",
        ),
        (
            lambda: written(OPPORTUNITY, sender=Sender(organization_id="acme")),
            "'acme' can't be the organization_id: ids have 15 or 18 letters and digits",
        ),
        (
            lambda: written(OPPORTUNITY, sender=Sender(action_id="")),
            "'' can't be the action_id: ids have 15 or 18 letters and digits",
        ),
        (
            lambda: write_message([Outgoing(record_sobject(OPPORTUNITY), "1")]),
            "'1' can't be the notification_id: ids have 15 or 18 letters and digits",
        ),
        (
            lambda: written(OPPORTUNITY, sender=Sender(session_id="\0")),
            "session_id can't be sent: XML can't hold control characters or lone surrogates",
        ),
        (changed(id=None), "a record of Every_Type__c without an id can't be sent"),
        (changed(id=""), "a record of Every_Type__c without an id can't be sent"),
        (
            changed(double__c="secret"),
            "Every_Type__c.double__c can't be sent: it takes a float or a Decimal, not str",
        ),
        (
            lambda: written(Opportunity(id="006000000000001AAA", name="secret\x07")),
            "Opportunity.Name can't be sent: XML can't hold control characters or lone surrogates",
        ),
        (lambda: record_sobject(OPPORTUNITY, nil=["Name"]), "Opportunity.Name can't be nil"),
        (lambda: record_sobject(OPPORTUNITY, nil=["id"]), "Opportunity.id can't be nil"),
        (
            lambda: record_sobject(OPPORTUNITY, unknown={"Name": "x"}),
            "'Name' can't be an unknown field",
        ),
        (
            lambda: record_sobject(OPPORTUNITY, unknown={"a b": "x"}),
            "'a b' can't be an unknown field",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused(write: Callable[[], object], says: str) -> None:
    with pytest.raises(obgen.ConfigurationError) as caught:
        write()
    assert str(caught.value) == says
    assert "secret" not in says


def test_a_hundred_notifications_fit() -> None:
    assert len(obgen.decode(written(*[OPPORTUNITY] * 100), Opportunity).notifications) == 100


def test_what_the_types_of_python_can_hold_is_sent_in_utc() -> None:
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    body = written(Opportunity(id="006000000000001AAA", system_modstamp=moment))
    (notification,) = obgen.decode(body, Opportunity).notifications
    assert notification.sobject
    assert notification.sobject.system_modstamp == datetime.datetime(2025, 12, 31, 22, tzinfo=UTC)
