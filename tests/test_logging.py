"""What the log says: enough to act on, once where it would repeat, and no data of a record."""

import asyncio
import dataclasses
import logging
import pickle

import messages
import pytest
from records import Opportunity

import obgen
from obgen import Delivery

DATA = "s3cret-of-a-record"
SESSION = "00Dsession!credential"


def receiver() -> obgen.Receiver:
    made = obgen.Receiver(organization_ids=messages.ORGANIZATION_ID)

    @made.handles(Opportunity)
    def handle(record: Opportunity, delivery: Delivery) -> None:
        if record.name:
            raise ValueError(record.name)

    return made


def lines(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[str]:
    return [
        f"{record.levelname} {record.getMessage()}"
        for record in caplog.records
        if record.name.startswith("obgen") and record.levelno >= level
    ]


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


NACKED = (
    "WARNING Answered Ack false: 1 of 1 notifications not handled; "
    "Salesforce sends the whole message again"
)


def test_a_handled_message_is_only_a_debug_line(caplog: pytest.LogCaptureFixture) -> None:
    assert receiver().receive(messages.message()).acknowledged
    assert lines(caplog) == []
    assert lines(caplog, logging.DEBUG) == ["DEBUG Answered Ack true: 1 notifications handled"]


def test_an_unreadable_value_is_named_by_its_path(caplog: pytest.LogCaptureFixture) -> None:
    receiver().receive(messages.message(messages.record(messages.field("Amount", DATA))))
    assert lines(caplog) == [
        f"ERROR Notification {messages.NOTIFICATION_ID} can't be read: not a double "
        "(notifications/Notification[1]/sObject/Amount, line 2)",
        NACKED,
    ]


def test_a_handler_that_raises_is_named_with_the_line(caplog: pytest.LogCaptureFixture) -> None:
    receiver().receive(messages.message(messages.record(messages.field("Name", DATA))))
    failed, nacked = lines(caplog)
    assert failed.startswith(
        "ERROR Handler test_logging.receiver.<locals>.handle raised ValueError"
    )
    assert f"for notification {messages.NOTIFICATION_ID} at {__file__}:" in failed
    assert nacked == NACKED


def test_the_words_of_a_handler_are_for_debugging_only(caplog: pytest.LogCaptureFixture) -> None:
    receiver().receive(messages.message(messages.record(messages.field("Name", DATA))))
    assert DATA in caplog.text
    caplog.clear()
    caplog.set_level(logging.INFO)
    receiver().receive(messages.message(messages.record(messages.field("Name", DATA))))
    assert DATA not in caplog.text


def test_an_object_without_handler_is_told_once_with_the_command(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = messages.message(
        messages.notification(messages.sobject(messages.ID, attributes=messages.typed("Lead__c")))
    )
    made = receiver()
    made.receive(body)
    made.receive(body)
    assert lines(caplog) == [
        f"ERROR No handler for Lead__c (action {messages.ACTION_ID}). Download its WSDL (Setup > "
        "Outbound Messages > the message > Click for WSDL), run `obgen generate Lead__c.wsdl`, "
        "and register a handler.",
        NACKED,
        NACKED,
    ]


def test_an_unknown_field_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    body = messages.message(messages.record(messages.field("New__c", DATA)))
    made = receiver()
    assert made.receive(body).acknowledged
    assert asyncio.run(made.receive_async(body)).acknowledged
    assert lines(caplog) == [
        "WARNING Opportunity has a field New__c that its WSDL doesn't know; it is kept in "
        "`unknown`. Download the WSDL again and run `obgen generate`."
    ]


def test_a_deleted_record_is_an_information(caplog: pytest.LogCaptureFixture) -> None:
    receiver().receive(messages.message(messages.notification()))
    made = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    made.receive(messages.message(messages.notification()))
    assert lines(caplog) == [
        f"INFO Notification {messages.NOTIFICATION_ID} has no data: "
        f"the {what} was deleted before delivery"
        for what in ("Opportunity", "record")
    ]


def test_another_organization_is_named_with_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    before = messages.parts(organization_id="00D000000000009")
    receiver().receive(messages.message(before=before))
    assert lines(caplog) == [
        "ERROR Refused a message: organization 00D000000000009 is not allowed; if it is yours, "
        "add it to organization_ids or to OBGEN_ORGANIZATION_IDS"
    ]


def test_a_refused_body_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    receiver().receive(f"<{DATA}>".encode())
    receiver().receive(messages.envelope(f"<x>{DATA}</x>"))
    told = lines(caplog)
    assert told[0].startswith("WARNING Refused a message: The body is not well-formed XML (line 1")
    assert told[1].startswith("WARNING Refused a message: the Body doesn't hold exactly one")
    assert DATA not in caplog.text


def test_a_request_that_an_adapter_refuses_is_told(caplog: pytest.LogCaptureFixture) -> None:
    receiver().refuse(obgen.Refusal.TRUNCATED)
    assert lines(caplog) == [
        "WARNING Refused a request: The body is shorter than its Content-Length"
    ]


def test_what_should_never_happen_is_told_by_its_place(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(DATA)

    monkeypatch.setattr("obgen.runtime.receiver.read_envelope", fail)
    receiver().receive(messages.message())
    (told,) = lines(caplog)
    assert told.startswith(f"ERROR A message could not be processed: RuntimeError at {__file__}:")


@pytest.mark.parametrize(
    "name",
    ["ÄÖ", "a\u200db", "x" * 300, "\u0391ccount", "a.b-c"],
)
def test_names_that_a_sender_chose_are_printed_safely(
    caplog: pytest.LogCaptureFixture, name: str
) -> None:
    made = receiver()
    made.receive(messages.message(messages.record(messages.field(name, "x"))))
    kind = messages.notification(messages.sobject(messages.ID, attributes=messages.typed(name)))
    made.receive(messages.message(kind))
    told = lines(caplog)
    assert len(told) == 3
    assert all(line.isascii() and line.isprintable() and len(line) < 400 for line in told)
    assert ascii(name[:80])[:-1] in told[0]
    assert "`obgen generate the.wsdl`" in told[1]


def test_names_are_reported_up_to_a_number(caplog: pytest.LogCaptureFixture) -> None:
    made = receiver()
    for start in range(0, 1_500, 500):
        fields = [messages.field(f"New_{n}__c", "x") for n in range(start, start + 500)]
        made.receive(messages.message(messages.record(*fields)))
    told = lines(caplog)
    assert len(told) == 1_001
    assert told[-1] == "WARNING More than 1000 unknown names: no more are reported"


def test_a_session_id_is_in_no_log_repr_or_error(caplog: pytest.LogCaptureFixture) -> None:
    session = f"<SessionId>{SESSION}</SessionId>"
    before = messages.parts(session=session)
    bodies = [
        messages.message(before=before),
        messages.message(messages.record(messages.field("Amount", DATA)), before=before),
        messages.message(messages.record(messages.field("Name", DATA)), before=before),
        messages.message(before=before.replace("<EnterpriseUrl>", "<EnterpriseUrl><a/>")),
        messages.message(before=session + before),
    ]
    for body in bodies:
        receiver().receive(body)
    assert SESSION not in caplog.text
    message = obgen.decode(bodies[0], Opportunity)
    assert message.session_id == SESSION
    assert SESSION not in repr(message)
    assert SESSION not in str(message)
    with pytest.raises(obgen.EnvelopeError) as caught:
        obgen.decode(bodies[3], Opportunity)
    assert SESSION not in repr(caught.value) + str(caught.value)


def test_the_value_of_an_error_is_kept_out_of_its_text() -> None:
    body = messages.message(messages.record(messages.field("Amount", DATA)))
    (notification,) = obgen.decode(body, Opportunity).notifications
    error = notification.error
    assert error is not None
    assert error.value == DATA
    assert DATA not in repr(error) + str(error) + repr(error.args) + repr(notification)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.value, again.line) == (str(error), DATA, error.line)
    assert error.__traceback__ is None
    assert dataclasses.replace(notification).error is error
