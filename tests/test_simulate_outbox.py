"""What the messages hold that are sent: whole batches, ids that stay, the state of each attempt."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from outbound.opportunity import Opportunity

import obgen
from obgen.errors import ConfigurationError, EnvelopeError
from obgen.runtime.wire import table_of
from obgen.simulate.message import Sender
from obgen.simulate.outbox import Plan, as_it_is, of_organization

SAMPLES = Path(__file__).parents[1] / "samples" / "messages"
TABLE = table_of(Opportunity)

Notifications = Sequence[obgen.Notification[Opportunity]]


def notifications(plan: Plan, attempt: int = 1) -> list[Notifications]:
    """Return what each message of a plan brings, and hold its ids against the content's."""
    found: list[Notifications] = []
    for content in plan.contents(TABLE):
        message = obgen.decode(content.write(attempt), Opportunity)
        assert content.object_type == "Opportunity"
        assert content.action_id == message.action_id == plan.sender.action_id
        assert message.organization_id == plan.sender.organization_id
        assert len(content.record_ids) == len(message.notifications)
        for notification, record_id in zip(message.notifications, content.record_ids, strict=True):
            assert notification.sobject is None or notification.sobject.id == record_id
        found.append(message.notifications)
    return found


def test_records_are_spread_over_messages() -> None:
    messages = notifications(Plan(records=250, batch=100))
    assert [len(message) for message in messages] == [100, 100, 50]
    every = [notification for message in messages for notification in message]
    assert len({one.id for one in every}) == 250
    assert len({one.sobject.id for one in every if one.sobject}) == 250


def test_a_plan_is_the_same_each_time_and_another_seed_is_another_plan() -> None:
    sender = Sender(organization_id="00DD0000000muCUMAY", action_id="04k57000000TOUIAA4")
    plan = Plan(records=3, batch=2, sender=sender)
    assert notifications(plan) == notifications(plan)
    ids = {
        one.id
        for seed in (0, 1, -1)
        for message in notifications(Plan(records=3, batch=2, seed=seed))
        for one in message
    }
    assert len(ids) == 9


@pytest.mark.parametrize(
    ("deleted", "expected"), [(0, "sss ss"), (1, "sss s."), (3, "ss. .."), (5, "... ..")]
)
def test_the_last_records_are_deleted(deleted: int, expected: str) -> None:
    messages = notifications(Plan(records=5, batch=3, deleted=deleted))
    shown = ["".join("s" if one.sobject else "." for one in message) for message in messages]
    assert " ".join(shown) == expected


def test_more_cannot_be_deleted_than_there_are() -> None:
    with pytest.raises(ConfigurationError, match="3 of 2 records can't be deleted"):
        Plan(records=2, deleted=3).contents(TABLE)


def test_a_resend_is_the_same_message_unless_records_change() -> None:
    (content,) = Plan(records=2, deleted=1).contents(TABLE)
    assert content.write(1) == content.write(2)


def test_a_resend_brings_the_state_that_a_record_has_by_then() -> None:
    plan = Plan(records=2, deleted=1, changing=True)
    ((first, gone),) = notifications(plan, attempt=1)
    ((second, still_gone),) = notifications(plan, attempt=2)
    assert (first.id, gone) == (second.id, still_gone)
    assert first.sobject is not None
    assert second.sobject is not None
    assert first.sobject.id == second.sobject.id
    assert first.sobject != second.sobject
    assert notifications(Plan(records=2, deleted=1)) == [[first, gone]]


def test_a_message_is_sent_as_it_is() -> None:
    body = (SAMPLES / "opportunity-batch.xml").read_bytes()
    content = as_it_is(body)
    assert content.write(1) is content.write(9) is body
    assert content.object_type == "Opportunity"
    assert content.action_id.startswith("04k")
    assert all(record.startswith("006") for record in content.record_ids)
    assert len(content.record_ids) >= 2


@pytest.mark.parametrize("body", [b"", b"<html/>", b"\xff\xfe"])
def test_what_is_no_message_is_sent_as_well(body: bytes) -> None:
    content = as_it_is(body)
    assert content.write(1) is body
    assert (content.action_id, content.object_type, content.record_ids) == ("", "", ())


def test_a_message_without_data_has_no_records() -> None:
    content = as_it_is((SAMPLES / "bare-deleted.xml").read_bytes())
    assert content.action_id
    assert len(content.record_ids) == 1


def test_the_same_message_of_another_organization() -> None:
    body = (SAMPLES / "opportunity-one.xml").read_bytes()
    other = obgen.decode(of_organization(body, "00D000000000002AAA"), Opportunity)
    assert other.organization_id == "00D000000000002AAA"
    assert other.notifications == obgen.decode(body, Opportunity).notifications
    with pytest.raises(EnvelopeError):
        of_organization(b"<html/>", "00D000000000002AAA")
