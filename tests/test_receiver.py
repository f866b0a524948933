"""What an answer means: every row of the design's table that needs no inbox, and who is called."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import cast

import pytest
from messages import (
    ACTION_ID,
    DECLARATION,
    ENTERPRISE_URL,
    ID,
    NOTIFICATION_ID,
    ORGANIZATION_ID,
    PARTNER_URL,
    RECORD_ID,
    SOBJECT_TYPE,
    field,
    message,
    nil,
    notification,
    numbered,
    parts,
    record,
    sobject,
    typed,
)
from records import Contact, Opportunity

import obgen
from obgen import Refusal
from obgen.runtime import receiver as receiver_module
from obgen.runtime.envelope import Envelope
from obgen.runtime.reply import refused

OTHER_ACTION = "04k000000000002AAA"
DELETED = notification()
CONTACT = notification(sobject(ID, attributes=typed("Contact")))
BAD = field("Amount", "x")

Receive = Callable[[obgen.Receiver, bytes], obgen.Reply]


def receive_async(receiver: obgen.Receiver, body: bytes) -> obgen.Reply:
    return asyncio.run(receiver.receive_async(body))


@pytest.fixture(params=[obgen.Receiver.receive, receive_async], ids=["receive", "receive_async"])
def receive(request: pytest.FixtureRequest) -> Receive:
    """Return one of the two ways to receive a message."""
    way: Receive = request.param
    return way


class Handled:
    """A receiver whose handlers note the ids of the notifications that they were called with."""

    def __init__(self) -> None:
        self.receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
        self.ids: list[str] = []
        self.failing: set[str] = set()
        self.receiver.handles(Opportunity)(self.handle)

    def handle(self, _record: Opportunity, delivery: obgen.Delivery) -> None:
        self.ids.append(delivery.notification_id)
        if delivery.notification_id in self.failing:
            raise ValueError(delivery.notification_id)


@pytest.fixture
def handled() -> Handled:
    return Handled()


def batch(count: int) -> list[str]:
    """Return some notifications, each of its own id."""
    return [record(notification_id=numbered(number)) for number in range(count)]


# The table: case by case


def test_all_handled(handled: Handled, receive: Receive) -> None:
    reply = receive(handled.receiver, message(*batch(3)))
    assert (reply.status, reply.body) == (200, obgen.ack(True))
    assert reply.acknowledged is True
    assert handled.ids == [numbered(0), numbered(1), numbered(2)]


def test_a_handler_raised(handled: Handled, receive: Receive) -> None:
    handled.failing = {numbered(0), numbered(2)}
    reply = receive(handled.receiver, message(*batch(4)))
    assert (reply.status, reply.body) == (200, obgen.ack(False))
    assert reply.acknowledged is False
    assert handled.ids == [numbered(number) for number in range(4)]


@pytest.mark.parametrize(
    "wrong",
    [
        record(BAD),
        record(field("Name"), field("Name")),
        notification(sobject(nil("Id"))),
        notification(sobject(ID, attributes=SOBJECT_TYPE.partition(" ")[0])),
        notification(sobject("text")),
    ],
)
@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_notification_cannot_be_read(
    handled: Handled, receive: Receive, wrong: str, position: int
) -> None:
    notifications = batch(2)
    notifications.insert(position, wrong)
    reply = receive(handled.receiver, message(*notifications))
    assert (reply.status, reply.body) == (200, obgen.ack(False))
    assert handled.ids == [numbered(0), numbered(1)]


def test_no_handler_for_its_type(handled: Handled, receive: Receive) -> None:
    reply = receive(handled.receiver, message(CONTACT, *batch(2)))
    assert (reply.status, reply.body) == (200, obgen.ack(False))
    assert handled.ids == [numbered(0), numbered(1)]


def test_no_handler_at_all(receive: Receive) -> None:
    reply = receive(obgen.Receiver(organization_ids=ORGANIZATION_ID), message())
    assert (reply.status, reply.body) == (200, obgen.ack(False))


@pytest.mark.parametrize(
    "content", ["", "<sObject/>", '<sObject xsi:nil="true"/>', f"<sObject {SOBJECT_TYPE}/>"]
)
def test_a_record_deleted_before_delivery(handled: Handled, receive: Receive, content: str) -> None:
    body = message(notification(content), record(notification_id=numbered(1)))
    assert receive(handled.receiver, body).acknowledged is True
    assert handled.ids == [numbered(1)]


def test_a_record_deleted_before_delivery_counts_as_handled_without_any_handler(
    receive: Receive,
) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    assert receive(receiver, message(DELETED)).acknowledged is True


def test_an_unknown_field(receive: Receive) -> None:
    seen: list[obgen.Delivery] = []
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.handles(Opportunity)(lambda _, delivery: seen.append(delivery))
    assert receive(receiver, message(record(field("New__c", "x")))).acknowledged is True
    assert seen[0].unknown == {"New__c": "x"}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"<a>", Refusal.NOT_WELL_FORMED, id="not well-formed"),
        pytest.param(b"<a/>", Refusal.NOT_SOAP, id="not this SOAP shape"),
        pytest.param(b"<!DOCTYPE a><a/>", Refusal.DOCTYPE, id="DOCTYPE"),
        pytest.param(message().decode().encode("utf-16"), Refusal.ENCODING, id="wrong encoding"),
        pytest.param(
            message(record(field("Name", "x" * 300_000))), Refusal.TOO_COMPLEX, id="over a limit"
        ),
        pytest.param(b"<a>" + b" " * 2**24, Refusal.TOO_LARGE, id="too large"),
    ],
)
def test_a_message_that_is_none(
    handled: Handled, receive: Receive, body: bytes, answer: Refusal
) -> None:
    reply = receive(handled.receiver, body)
    assert reply == refused(answer)
    assert reply.status == (413 if answer is Refusal.TOO_LARGE else 400)
    assert handled.ids == []


def test_an_organization_that_is_not_allowed(handled: Handled, receive: Receive) -> None:
    body = message(record(), DELETED, before=parts(organization_id="00D000000000002EAA"))
    reply = receive(handled.receiver, body)
    assert reply == refused(Refusal.ORGANIZATION)
    assert (reply.status, reply.acknowledged) == (403, False)
    assert handled.ids == []


def test_not_post(handled: Handled) -> None:
    reply = handled.receiver.refuse(Refusal.METHOD)
    assert (reply.status, reply.headers["Allow"]) == (405, "POST")
    assert reply.acknowledged is False


@pytest.mark.parametrize("error", [RuntimeError("secret"), MemoryError(), RecursionError()])
def test_anything_unexpected(
    handled: Handled, receive: Receive, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(receiver_module, "read_envelope", fail)
    reply = receive(handled.receiver, message())
    assert reply == refused(Refusal.INTERNAL)
    assert (reply.status, reply.acknowledged) == (500, False)
    assert b"secret" not in reply.body


def test_a_utf_8_bom_is_fine(handled: Handled, receive: Receive) -> None:
    assert receive(handled.receiver, message(declaration="\ufeff" + DECLARATION)).acknowledged


def test_a_large_message_is_read_in_another_thread(handled: Handled) -> None:
    body = message(*batch(2), declaration=DECLARATION + " " * 100_000)
    assert receive_async(handled.receiver, body).acknowledged is True
    assert handled.ids == [numbered(0), numbered(1)]
    assert receive_async(handled.receiver, body[:-1]) == refused(Refusal.NOT_WELL_FORMED)


# What a handler is told


def test_a_delivery(receive: Receive) -> None:
    seen: list[tuple[Opportunity, obgen.Delivery]] = []
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.handles(Opportunity)(lambda record, delivery: seen.append((record, delivery)))
    assert receive(receiver, message(record(nil("Amount"), field("New__c", "x")))).acknowledged
    assert seen == [
        (
            Opportunity(id=RECORD_ID),
            obgen.Delivery(
                notification_id=NOTIFICATION_ID,
                organization_id=ORGANIZATION_ID,
                action_id=ACTION_ID,
                object_type="Opportunity",
                record_id=RECORD_ID,
                present=frozenset({"id", "amount"}),
                unknown={"New__c": "x"},
                enterprise_url=ENTERPRISE_URL,
                partner_url=PARTNER_URL,
                attempt=1,
            ),
        )
    ]


def test_the_delivery_of_a_deleted_record(receive: Receive) -> None:
    seen: list[obgen.Delivery] = []
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.handles_deleted(Opportunity)(seen.append)
    assert receive(receiver, message(notification(f"<sObject {SOBJECT_TYPE}/>"))).acknowledged
    assert seen == [
        obgen.Delivery(
            notification_id=NOTIFICATION_ID,
            organization_id=ORGANIZATION_ID,
            action_id=ACTION_ID,
            object_type="Opportunity",
            record_id=None,
            enterprise_url=ENTERPRISE_URL,
            partner_url=PARTNER_URL,
        )
    ]


def test_a_handler_of_deleted_records_that_raises(receive: Receive) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    calls: list[str] = []

    @receiver.handles_deleted(Opportunity)
    def deleted(delivery: obgen.Delivery) -> None:
        calls.append(delivery.notification_id)
        raise ValueError

    two = notification(notification_id=numbered(1)), notification(notification_id=numbered(2))
    assert receive(receiver, message(*two)).body == obgen.ack(False)
    assert calls == [numbered(1), numbered(2)]


# Which handler


class Routed:
    """A receiver that notes the names of the handlers that are called."""

    def __init__(self) -> None:
        self.receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
        self.called: list[str] = []

    def note(self, name: str, *_: object) -> None:
        self.called.append(name)

    def handles(
        self, record: type[Opportunity | Contact], name: str, action_id: str | None = None
    ) -> None:
        self.receiver.handles(record, action_id=action_id)(partial(self.note, name))

    def handles_deleted(
        self, record: type[Opportunity | Contact], name: str, action_id: str | None = None
    ) -> None:
        self.receiver.handles_deleted(record, action_id=action_id)(partial(self.note, name))


@pytest.fixture
def routed() -> Routed:
    return Routed()


def of_action(action_id: str, *notifications: str) -> bytes:
    return message(*notifications, before=parts(action_id=action_id))


def test_dispatch_by_the_type(routed: Routed, receive: Receive) -> None:
    routed.handles(Opportunity, "opportunity")
    routed.handles(Contact, "contact")
    assert receive(routed.receiver, message(CONTACT, record(), CONTACT)).acknowledged
    assert routed.called == ["contact", "opportunity", "contact"]


@pytest.mark.parametrize("first", [ACTION_ID, None])
def test_the_action_goes_first(routed: Routed, receive: Receive, first: str | None) -> None:
    for action_id in (first, ACTION_ID if first is None else None):
        routed.handles(Opportunity, "any" if action_id is None else "certain", action_id)
    assert receive(routed.receiver, of_action(ACTION_ID, record())).acknowledged
    assert receive(routed.receiver, of_action(OTHER_ACTION, record())).acknowledged
    assert routed.called == ["certain", "any"]


def test_another_action_without_a_handler_for_all(routed: Routed, receive: Receive) -> None:
    routed.handles(Opportunity, "certain", ACTION_ID)
    assert not receive(routed.receiver, of_action(OTHER_ACTION, record())).acknowledged
    assert routed.called == []


@pytest.mark.parametrize("registered", [ACTION_ID, ACTION_ID[:15]])
@pytest.mark.parametrize("sent", [ACTION_ID, ACTION_ID[:15], f"{ACTION_ID[:15]}ZZZ"])
def test_an_action_id_in_either_form(
    routed: Routed, receive: Receive, registered: str, sent: str
) -> None:
    routed.handles(Opportunity, "certain", registered)
    assert receive(routed.receiver, of_action(sent, record())).acknowledged


def test_ids_differ_by_case(routed: Routed, receive: Receive) -> None:
    routed.handles(Opportunity, "certain", ACTION_ID)
    assert not receive(routed.receiver, of_action(ACTION_ID.swapcase(), record())).acknowledged


@pytest.mark.parametrize(
    ("action_id", "words"),
    [
        (None, "without action_id"),
        (ACTION_ID, f"with action_id='{ACTION_ID}'"),
        ("", "with action_id=''"),
    ],
)
def test_the_same_pair_twice(routed: Routed, action_id: str | None, words: str) -> None:
    routed.handles(Opportunity, "first", action_id)
    routed.handles(Contact, "other", action_id)
    routed.handles(Opportunity, "other", OTHER_ACTION)
    routed.handles_deleted(Opportunity, "deleted", action_id)
    expected = f"Opportunity {words} has a handler already: functools.partial"
    again = action_id and action_id[:15]
    for register in (routed.handles, routed.handles_deleted):
        with pytest.raises(obgen.ConfigurationError) as caught:
            register(Opportunity, "second", again)
        assert str(caught.value) == expected.replace(f"'{ACTION_ID}'", repr(again))
        assert caught.value.hint == "Tell outbound messages of one object apart by action_id=…"


# Which handler of deleted records, if they don't say their type


def test_deleted_records_that_say_their_type(routed: Routed, receive: Receive) -> None:
    routed.handles_deleted(Opportunity, "opportunity")
    routed.handles_deleted(Contact, "contact")
    body = message(
        *(notification(f"<sObject {typed(t)}/>") for t in ("Contact", "Opportunity", "Lead"))
    )
    assert receive(routed.receiver, body).acknowledged
    assert routed.called == ["contact", "opportunity"]


def test_deleted_records_go_where_their_neighbours_go(routed: Routed, receive: Receive) -> None:
    routed.handles(Contact, "alive")
    routed.handles_deleted(Opportunity, "opportunity")
    routed.handles_deleted(Contact, "contact")
    assert receive(routed.receiver, message(CONTACT, DELETED)).acknowledged
    assert routed.called == ["alive", "contact"]


def test_deleted_records_are_told_apart_once_for_each_message(
    routed: Routed, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[obgen.Receiver] = []
    look_up = obgen.Receiver._type_of_deleted

    def count(receiver: obgen.Receiver, envelope: Envelope) -> str:
        looked.append(receiver)
        return look_up(receiver, envelope)

    monkeypatch.setattr(obgen.Receiver, "_type_of_deleted", count)
    routed.handles_deleted(Contact, "contact")
    assert routed.receiver.receive(message(CONTACT, DELETED, DELETED)).body == obgen.ack(False)
    assert routed.called == ["contact", "contact"]
    assert len(looked) == 1


def test_deleted_records_go_where_their_action_goes(routed: Routed, receive: Receive) -> None:
    routed.handles_deleted(Opportunity, "opportunity")
    routed.handles_deleted(Contact, "contact", OTHER_ACTION)
    routed.handles(Opportunity, "alive", ACTION_ID)
    assert receive(routed.receiver, of_action(OTHER_ACTION[:15], DELETED)).acknowledged
    assert receive(routed.receiver, of_action(ACTION_ID, DELETED)).acknowledged
    assert routed.called == ["contact", "opportunity"]


def test_deleted_records_go_to_the_only_object_there_is(routed: Routed, receive: Receive) -> None:
    routed.handles(Opportunity, "alive")
    routed.handles_deleted(Opportunity, "opportunity")
    assert receive(routed.receiver, message(DELETED)).acknowledged
    assert routed.called == ["opportunity"]


def test_deleted_records_of_which_nobody_knows_the_type(routed: Routed, receive: Receive) -> None:
    routed.handles_deleted(Opportunity, "opportunity")
    routed.handles(Contact, "alive")
    assert receive(routed.receiver, message(DELETED)).acknowledged
    assert routed.called == []


# Registering


def test_a_decorator_returns_the_function(routed: Routed) -> None:
    def handle(_: Opportunity, delivery: obgen.Delivery) -> None: ...
    async def deleted(delivery: obgen.Delivery) -> None: ...

    assert routed.receiver.handles(Opportunity)(handle) is handle
    assert routed.receiver.handles_deleted(Opportunity)(deleted) is deleted


@pytest.mark.parametrize("record_type", [int, None, object(), "Opportunity"])
def test_a_class_that_is_no_record(routed: Routed, record_type: type[Opportunity]) -> None:
    for register in (routed.handles, routed.handles_deleted):
        with pytest.raises(obgen.ConfigurationError, match=r" has no wire table$"):
            register(record_type, "x")


def one(_: object) -> None: ...
def two(_: object, __: object) -> None: ...
def three(_: object, __: object, ___: object) -> None: ...
def keyword(*, record: object, delivery: object) -> None: ...


@pytest.mark.parametrize("handler", [one, three, keyword])
def test_a_handler_of_other_arguments(routed: Routed, handler: Callable[..., None]) -> None:
    with pytest.raises(obgen.ConfigurationError) as caught:
        routed.receiver.handles(Opportunity)(handler)
    assert str(caught.value) == (
        f"the handler test_receiver.{handler.__name__} "
        "takes other arguments than (record, delivery)"
    )


@pytest.mark.parametrize("handler", [two, three, keyword])
def test_a_handler_of_deleted_records_of_other_arguments(
    routed: Routed, handler: Callable[..., None]
) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"than \(delivery\)$"):
        routed.receiver.handles_deleted(Opportunity)(handler)


def test_a_handler_that_cannot_be_called(routed: Routed) -> None:
    handler: Callable[..., None] = 5  # type: ignore[assignment] # pyright: ignore[reportAssignmentType] - a mistake
    with pytest.raises(obgen.ConfigurationError, match=r"^5 can't be called$"):
        routed.receiver.handles(Opportunity)(handler)


def test_a_handler_without_a_signature_is_taken_on_trust(routed: Routed) -> None:
    handler = cast("Callable[[Opportunity, obgen.Delivery], None]", getattr)
    assert routed.receiver.handles(Opportunity)(handler) is handler


# Who may send


@pytest.mark.parametrize(
    "organization_ids",
    [
        ORGANIZATION_ID,
        ORGANIZATION_ID[:15],
        [ORGANIZATION_ID],
        ("00D000000000009EAA", ORGANIZATION_ID[:15]),
        f"00D000000000009EAA, {ORGANIZATION_ID}",
        f"\n00D000000000009,,{ORGANIZATION_ID}\t00D000000000008 ",
        obgen.ANY_ORGANIZATION,
    ],
)
@pytest.mark.parametrize("sent", [ORGANIZATION_ID, ORGANIZATION_ID[:15]])
def test_an_organization_that_is_allowed(organization_ids: str, sent: str) -> None:
    receiver = obgen.Receiver(organization_ids=organization_ids)
    assert receiver.receive(message(DELETED, before=parts(organization_id=sent))).acknowledged


@pytest.mark.parametrize("sent", ["00d000000000001EAA", "00D000000000002EAA", "00D000000000010"])
def test_organizations_that_only_look_like_it(sent: str) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    assert receiver.receive(message(before=parts(organization_id=sent))).status == 403


@pytest.mark.parametrize("organization_ids", [None, "", " ,\n", [], ()])
def test_a_receiver_without_organizations_refuses_to_be_built(
    organization_ids: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OBGEN_ORGANIZATION_IDS", raising=False)
    with pytest.raises(obgen.ConfigurationError) as caught:
        obgen.Receiver(organization_ids=organization_ids)
    assert str(caught.value) == "a Receiver needs the ids of its organizations"
    assert 'Receiver(organization_ids=["00D…"])' in caught.value.hint
    assert "OBGEN_ORGANIZATION_IDS" in caught.value.hint
    assert "Setup > Company Information" in caught.value.hint
    assert "obgen.ANY_ORGANIZATION" in caught.value.hint


@pytest.mark.parametrize(
    "wrong", ["00D", "*", ["00D00000000000!"], [""], [ORGANIZATION_ID, 5], [b"x" * 15], True, 0]
)
def test_an_organization_id_that_is_none(wrong: list[str]) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"is not an organization id: those have"):
        obgen.Receiver(organization_ids=wrong)


def test_organizations_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBGEN_ORGANIZATION_IDS", f"00D000000000009EAA, {ORGANIZATION_ID}")
    assert obgen.Receiver().receive(message(DELETED)).acknowledged
    named = obgen.Receiver(organization_ids="00D000000000009EAA")
    assert named.receive(message(DELETED)).status == 403


def test_an_empty_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBGEN_ORGANIZATION_IDS", " ")
    with pytest.raises(obgen.ConfigurationError):
        obgen.Receiver()


# Limits, repr, threads


def test_a_receiver_of_its_own_limits(receive: Receive) -> None:
    limits = obgen.Limits(max_bytes=100)
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID, limits=limits)
    assert receiver.limits is limits
    assert receive(receiver, message()) == refused(Refusal.TOO_LARGE)
    assert obgen.Receiver(organization_ids=ORGANIZATION_ID).limits == obgen.Limits()


def test_repr(routed: Routed) -> None:
    assert repr(routed.receiver) == "<Receiver for no handlers; organizations: 1>"
    routed.handles(Opportunity, "a")
    routed.handles(Opportunity, "b", ACTION_ID)
    routed.handles(Contact, "c")
    assert repr(routed.receiver) == "<Receiver for Contact, Opportunity; organizations: 1>"
    everybody = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    assert repr(everybody) == "<Receiver for no handlers; organizations: any>"


def test_threads_share_a_receiver(handled: Handled) -> None:
    replies: list[obgen.Reply] = []

    def run(first: int) -> None:
        for number in range(first, first + 25):
            body = message(record(notification_id=numbered(number)), DELETED)
            replies.append(handled.receiver.receive(body))

    threads = [threading.Thread(target=run, args=(first,)) for first in (0, 25, 50, 75)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(handled.ids) == [numbered(number) for number in range(100)]
    assert [reply.acknowledged for reply in replies] == [True] * 100


def test_registering_while_deleted_records_arrive(routed: Routed) -> None:
    tables = (obgen.WireTable(f"R{number}", {"id": ("Id", "ID")}) for number in range(300))
    records = [type("R", (Opportunity,), {"__obgen__": table}) for table in tables]

    def register() -> None:
        for record_type in records:
            routed.handles(record_type, "x")

    thread = threading.Thread(target=register)
    thread.start()
    while thread.is_alive():
        assert routed.receiver.receive(message(DELETED)).acknowledged
    thread.join()
