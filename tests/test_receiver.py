"""The receiver: each row of the table of answers, who may send, and which handler is called."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import messages
import pytest
from records import Contact, Opportunity

import obgen
from obgen import Delivery, Refusal

ACK = obgen.ack(True)
NACK = obgen.ack(False)
BAD = messages.record(messages.field("Amount", "much"), notification_id=messages.numbered(9))


class Desk:
    """A receiver with handlers that keep what they get."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("organization_ids", messages.ORGANIZATION_ID)
        self.receiver = obgen.Receiver(**settings)
        self.handled: list[tuple[Opportunity, Delivery]] = []
        self.deleted: list[Delivery] = []
        self.receiver.handles(Opportunity)(self.handle)

    def handle(self, record: Opportunity, delivery: Delivery) -> None:
        self.handled.append((record, delivery))
        if record.name == "fail":
            raise RuntimeError(record.name)

    def handle_deleted(self, delivery: Delivery) -> None:
        self.deleted.append(delivery)

    def ids(self) -> list[str]:
        return [delivery.notification_id for _, delivery in self.handled]


def check(reply: obgen.Reply, status: int, body: bytes) -> None:
    assert reply.status == status
    assert reply.body == body
    assert reply.acknowledged == (body == ACK)
    assert reply.content_type == "text/xml; charset=utf-8"


def test_all_handled_is_an_ack() -> None:
    desk = Desk()
    body = messages.message(
        messages.record(notification_id=messages.numbered(1)),
        messages.record(messages.field("Amount", "2.0"), notification_id=messages.numbered(2)),
    )
    check(desk.receiver.receive(body), 200, ACK)
    assert desk.ids() == [messages.numbered(1), messages.numbered(2)]
    record, delivery = desk.handled[1]
    assert record == Opportunity(id=messages.RECORD_ID, amount=2.0)
    assert delivery == Delivery(
        notification_id=messages.numbered(2),
        organization_id=messages.ORGANIZATION_ID,
        action_id=messages.ACTION_ID,
        object_type="Opportunity",
        record_id=messages.RECORD_ID,
        present=frozenset({"id", "amount"}),
        unknown={},
        enterprise_url=messages.ENTERPRISE_URL,
        partner_url=messages.PARTNER_URL,
        attempt=1,
    )


@pytest.mark.parametrize(
    "bad",
    [
        messages.record(messages.field("Name", "fail"), notification_id=messages.numbered(9)),
        BAD,
        messages.notification(
            messages.sobject(messages.ID, attributes=messages.typed("Lead")),
            notification_id=messages.numbered(9),
        ),
    ],
    ids=["handler raises", "unreadable", "no handler"],
)
def test_one_that_is_not_handled_is_a_nack_and_the_others_are_handled(bad: str) -> None:
    desk = Desk()
    body = messages.message(
        messages.record(notification_id=messages.numbered(1)),
        bad,
        messages.record(notification_id=messages.numbered(2)),
    )
    check(desk.receiver.receive(body), 200, NACK)
    assert {messages.numbered(1), messages.numbered(2)} <= set(desk.ids())


DELETED = [
    messages.notification(),
    messages.notification("<sObject/>"),
    messages.notification('<sObject xsi:nil="true"/>'),
    messages.notification(messages.sobject()),
    messages.notification(messages.sobject(attributes=messages.SOBJECT_TYPE + ' xsi:nil="1"')),
]


@pytest.mark.parametrize("deleted", DELETED)
def test_a_deleted_record_counts_as_handled(deleted: str) -> None:
    desk = Desk()
    check(desk.receiver.receive(messages.message(deleted)), 200, ACK)
    assert desk.handled == []


@pytest.mark.parametrize("deleted", DELETED)
def test_a_deleted_record_reaches_its_own_handler(deleted: str) -> None:
    desk = Desk()
    assert desk.receiver.handles_deleted(Opportunity)(desk.handle_deleted) == desk.handle_deleted
    check(desk.receiver.receive(messages.message(deleted)), 200, ACK)
    (delivery,) = desk.deleted
    assert (delivery.object_type, delivery.record_id) == ("Opportunity", None)
    assert delivery.notification_id == messages.NOTIFICATION_ID


def test_a_deleted_record_without_type_is_of_the_type_that_its_message_has() -> None:
    desk = Desk()
    desk.receiver.handles(Contact)(lambda record, delivery: None)
    desk.receiver.handles_deleted(Opportunity)(desk.handle_deleted)
    body = messages.message(messages.notification(), messages.record())
    assert desk.receiver.receive(body).acknowledged
    assert [delivery.object_type for delivery in desk.deleted] == ["Opportunity"]


def test_a_deleted_record_whose_type_nobody_can_tell_counts_as_handled() -> None:
    desk = Desk()
    desk.receiver.handles(Contact)(lambda record, delivery: None)
    desk.receiver.handles_deleted(Opportunity)(desk.handle_deleted)
    assert desk.receiver.receive(messages.message(messages.notification())).acknowledged
    assert desk.deleted == []


def test_a_handler_of_deleted_records_that_raises_is_a_nack() -> None:
    desk = Desk()

    @desk.receiver.handles_deleted(Opportunity)
    def fail(delivery: Delivery) -> None:
        raise RuntimeError(delivery.notification_id)

    check(desk.receiver.receive(messages.message(messages.notification())), 200, NACK)


def test_an_unknown_field_is_kept_and_handled() -> None:
    desk = Desk()
    body = messages.message(messages.record(messages.field("New__c", "x"), messages.nil("Nil__c")))
    check(desk.receiver.receive(body), 200, ACK)
    ((record, delivery),) = desk.handled
    assert record == Opportunity(id=messages.RECORD_ID)
    assert delivery.unknown == {"New__c": "x", "Nil__c": ""}
    assert delivery.present == {"id"}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", Refusal.EMPTY),
        (b"{}", Refusal.NOT_WELL_FORMED),
        (b"<a/>", Refusal.NOT_SOAP),
        (messages.envelope("<other/>"), Refusal.NOT_OUTBOUND),
        (messages.message(declaration="<!DOCTYPE a>"), Refusal.DOCTYPE),
        ("\N{EURO SIGN}".encode("utf-16"), Refusal.ENCODING),
        (messages.message(before=messages.parts(organization_id="x")), Refusal.BAD_ID),
        (b" " * (obgen.Limits().max_bytes + 1), Refusal.TOO_LARGE),
    ],
)
def test_what_is_no_message_is_refused_with_a_fixed_fault(body: bytes, refusal: Refusal) -> None:
    desk = Desk()
    reply = desk.receiver.receive(body)
    check(reply, refusal.status, obgen.fault(refusal.fault_code, refusal.reason))
    assert desk.handled == []


@pytest.mark.parametrize("known", ["00D000000000009", "00D000000000009AAA"])
def test_another_organization_is_refused(known: str) -> None:
    desk = Desk(organization_ids=[known])
    reply = desk.receiver.receive(messages.message())
    check(reply, 403, obgen.fault("Client", Refusal.ORGANIZATION.reason))
    assert desk.handled == []


@pytest.mark.parametrize(
    "ids",
    [
        messages.ORGANIZATION_ID,
        messages.ORGANIZATION_ID[:15],
        [messages.ORGANIZATION_ID[:15] + "XYZ"],
        ("00D000000000009", messages.ORGANIZATION_ID),
        f"00D000000000009, {messages.ORGANIZATION_ID[:15]}",
        f"00D000000000009 {messages.ORGANIZATION_ID[:15]}",
        obgen.ANY_ORGANIZATION,
    ],
)
@pytest.mark.parametrize("sent", [messages.ORGANIZATION_ID, messages.ORGANIZATION_ID[:15]])
def test_ids_compare_equal_in_both_forms(ids: Any, sent: str) -> None:
    body = messages.message(before=messages.parts(organization_id=sent))
    assert Desk(organization_ids=ids).receiver.receive(body).acknowledged


def test_organization_ids_are_case_sensitive() -> None:
    body = messages.message(before=messages.parts(organization_id="00d000000000001EAA"))
    assert Desk().receiver.receive(body).status == 403


@pytest.mark.parametrize("ids", [[], (), "", " , "])
def test_no_organization_at_all_is_an_error_that_says_how_to_name_them(
    ids: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBGEN_ORGANIZATION_IDS", messages.ORGANIZATION_ID)
    with pytest.raises(obgen.ConfigurationError) as caught:
        obgen.Receiver(organization_ids=ids)
    assert "organization_ids" in caught.value.hint
    assert "OBGEN_ORGANIZATION_IDS" in caught.value.hint


@pytest.mark.parametrize("bad", [["00D"], "00D00000000000!", [None], [15], ["00D000000000001EAA "]])
def test_what_cannot_be_an_id_is_named(bad: Any) -> None:
    with pytest.raises(obgen.ConfigurationError, match="is not an organization id"):
        obgen.Receiver(organization_ids=bad)


def test_ids_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OBGEN_ORGANIZATION_IDS", raising=False)
    with pytest.raises(obgen.ConfigurationError):
        obgen.Receiver()
    monkeypatch.setenv("OBGEN_ORGANIZATION_IDS", f"00D000000000009, {messages.ORGANIZATION_ID}")
    assert Desk(organization_ids=None).receiver.receive(messages.message()).acknowledged


def test_a_handler_for_the_action_goes_first() -> None:
    desk = Desk()
    special: list[str] = []

    @desk.receiver.handles(Opportunity, action_id=messages.ACTION_ID[:15])
    def handle(record: Opportunity, delivery: Delivery) -> None:
        special.append(record.id)

    assert desk.receiver.receive(messages.message()).acknowledged
    other = messages.message(before=messages.parts(action_id="04k000000000002AAA"))
    assert desk.receiver.receive(other).acknowledged
    assert special == [messages.RECORD_ID]
    assert len(desk.handled) == 1


def test_several_objects_on_one_receiver() -> None:
    desk = Desk()
    contacts: list[str] = []

    @desk.receiver.handles(Contact)
    def handle(record: Contact, delivery: Delivery) -> None:
        contacts.append(delivery.object_type)

    body = messages.message(
        messages.record(),
        messages.notification(
            messages.sobject(messages.ID, attributes=messages.typed(Contact.__obgen__.object_type))
        ),
    )
    assert desk.receiver.receive(body).acknowledged
    assert contacts == [Contact.__obgen__.object_type]


@pytest.mark.parametrize("action_id", [None, messages.ACTION_ID])
def test_a_second_handler_for_the_same_is_an_error(action_id: str | None) -> None:
    receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    receiver.handles(Opportunity, action_id=action_id)(lambda record, delivery: None)
    again = receiver.handles(Opportunity, action_id=action_id and action_id[:15])
    with pytest.raises(obgen.ConfigurationError, match="has a handler already"):
        again(lambda record, delivery: None)


def generator(record: Opportunity, delivery: Delivery) -> Any:
    yield record, delivery


async def async_generator(record: Opportunity, delivery: Delivery) -> Any:
    yield record, delivery


def only_the_record(record: Opportunity) -> None:
    pass


def three_arguments(record: Opportunity, delivery: Delivery, more: str) -> None:
    pass


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (None, "can't be called"),
        (generator, "is a generator"),
        (async_generator, "is a generator"),
        (only_the_record, "takes other arguments"),
        (three_arguments, "takes other arguments"),
    ],
)
def test_a_handler_that_cannot_work_is_refused(handler: Any, why: str) -> None:
    receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    with pytest.raises(obgen.ConfigurationError, match=why):
        receiver.handles(Opportunity)(handler)


def test_a_handler_written_in_c_is_taken() -> None:
    receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    receiver.handles(Opportunity)(cast("Any", print))
    receiver.handles(Contact)(cast("Any", max))  # has no signature that could be looked at


@pytest.mark.parametrize("other", [object, str, Delivery, "Opportunity", None])
def test_a_class_that_obgen_did_not_write_is_refused(other: Any) -> None:
    receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    with pytest.raises(obgen.ConfigurationError, match="has no wire table"):
        receiver.handles(other)(lambda record, delivery: None)


@pytest.mark.parametrize("body", ["text", bytearray(b"x"), memoryview(b"x"), None])
def test_a_body_that_is_not_bytes_is_the_callers_mistake(body: Any) -> None:
    with pytest.raises(TypeError, match="bytes"):
        Desk().receiver.receive(body)


def test_anything_unexpected_is_500_and_never_an_ack(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("obgen.runtime.receiver.read_envelope", fail)
    reply = Desk().receiver.receive(messages.message())
    check(reply, 500, obgen.fault("Server", Refusal.INTERNAL.reason))


def test_limits_are_settings_of_the_receiver() -> None:
    desk = Desk(limits=obgen.Limits(max_notifications=1))
    body = messages.message(messages.record(), messages.record())
    assert desk.receiver.receive(body).status == 400
    assert desk.receiver.limits.max_notifications == 1


def test_adapters_can_refuse_before_there_is_a_message() -> None:
    reply = Desk().receiver.refuse(Refusal.METHOD)
    check(reply, 405, obgen.fault("Client", Refusal.METHOD.reason))
    assert reply.headers["Allow"] == "POST"


def test_the_repr_tells_the_types_and_no_ids() -> None:
    assert repr(Desk().receiver) == "<Receiver for Opportunity; organizations: 1>"
    anybody = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    assert repr(anybody) == "<Receiver for no handlers; organizations: any>"


def test_one_receiver_serves_many_threads_and_loops() -> None:
    desk = Desk()
    bodies = [
        messages.message(messages.record(notification_id=messages.numbered(n))) for n in range(60)
    ]
    start = threading.Barrier(4)

    def work(share: list[bytes], *, in_loop: bool) -> bool:
        start.wait(timeout=30)
        if in_loop:
            return all(asyncio.run(desk.receiver.receive_async(x)).acknowledged for x in share)
        return all(desk.receiver.receive(x).acknowledged for x in share)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(work, bodies[n::4], in_loop=n > 1) for n in range(4)]
        assert all(job.result(timeout=30) for job in jobs)
    assert sorted(desk.ids()) == [messages.numbered(n) for n in range(60)]
