"""What a receiver logs, word for word: loud about drift, silent about data and credentials."""

import dataclasses
import gc
import logging
import pickle
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator

import pytest
from messages import (
    ACTION_ID,
    ID,
    NOTIFICATION_ID,
    ORGANIZATION_ID,
    SOBJECT,
    SOBJECT_TYPE,
    field,
    message,
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

SESSION = "00Dx!credential"
SENT_AGAIN = "Salesforce sends the whole message again"


@pytest.fixture(autouse=True)
def _every_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.fixture
def receiver() -> obgen.Receiver:
    """Return a receiver of Opportunity records that handles each."""
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.handles(Opportunity)(lambda _, __: None)
    return receiver


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return (level, line) of what obgen has logged since the last call, and no other library."""
    found = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "obgen.receiver"]
    assert len(found) == len([r for r in caplog.records if r.name != "asyncio"])
    caplog.clear()
    return found


# Each line


def test_handled(receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.receive(message(record(), record()))
    assert logged(caplog) == [("DEBUG", "Answered Ack true: 2 notifications handled")]


def test_a_handler_that_raised(caplog: pytest.LogCaptureFixture) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)

    @receiver.handles(Opportunity)
    def fail(_: Opportunity, delivery: obgen.Delivery) -> None:
        if delivery.notification_id == numbered(7):
            raise KeyError("secret")

    line = fail.__code__.co_firstlineno + 3
    receiver.receive(message(record(notification_id=numbered(7)), record()))
    name = "test_logging.test_a_handler_that_raised.<locals>.fail"
    assert caplog.records[1].exc_info is not None
    assert logged(caplog) == [
        (
            "ERROR",
            f"Handler {name} raised KeyError for notification {numbered(7)} at {__file__}:{line}",
        ),
        ("DEBUG", f"Handler {name} raised"),
        ("WARNING", f"Answered Ack false: 1 of 2 notifications not handled; {SENT_AGAIN}"),
    ]


def test_a_handler_that_failed_is_logged_before_the_next_one_runs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    before: list[int] = []

    @receiver.handles(Opportunity)
    def fail(_: Opportunity, __: obgen.Delivery) -> None:
        before.append(len(caplog.records))
        raise ValueError

    receiver.receive(message(record(), record()))
    assert before == [0, 2]


def test_a_handler_that_is_a_generator(caplog: pytest.LogCaptureFixture) -> None:
    def generates() -> Iterator[None]:
        yield

    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.handles(Opportunity)(lambda _, __: generates())  # type: ignore[type-var] # pyright: ignore[reportArgumentType] - a mistake
    receiver.receive(message())
    name = "test_logging.test_a_handler_that_is_a_generator.<locals>.<lambda>"
    assert logged(caplog)[0] == (
        "ERROR",
        f"Handler {name} raised TypeError for notification {NOTIFICATION_ID}",
    )


def test_a_notification_that_cannot_be_read(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    untyped = notification(sobject(ID, attributes=f'xmlns:sf="{SOBJECT}"'))
    body = message(record(), record(field("Amount", "secret")), untyped)
    words = f"Notification {NOTIFICATION_ID} can't be read: "
    words += "{} (notifications/Notification{}, line 2)"
    for _ in range(2):
        receiver.receive(body)
        assert logged(caplog) == [
            ("ERROR", words.format("not a double", "[2]/sObject/Amount")),
            ("ERROR", words.format("the record has no xsi:type", "[3]/sObject")),
            ("WARNING", f"Answered Ack false: 2 of 3 notifications not handled; {SENT_AGAIN}"),
        ]


def test_an_unknown_object_once(receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture) -> None:
    lead = notification(sobject(ID, attributes=typed("npsp__Lead__c")))
    nack = ("WARNING", f"Answered Ack false: 2 of 2 notifications not handled; {SENT_AGAIN}")
    receiver.receive(message(lead, lead))
    assert logged(caplog) == [
        (
            "ERROR",
            f"No handler for npsp__Lead__c (action {ACTION_ID}). Download its WSDL (Setup > "
            "Outbound Messages > the message > Click for WSDL), run `obgen generate "
            "npsp__Lead__c.wsdl`, and register a handler.",
        ),
        nack,
    ]
    receiver.receive(message(lead, lead))
    assert logged(caplog) == [nack]


def test_unknown_fields_once_each(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.handles(Contact)(lambda _, __: None)
    fields = field("New__c", "secret") + field("npsp__Other__c", "secret")
    contact = notification(sobject(ID, fields, attributes=typed("Contact")))

    def line(name: str) -> tuple[str, str]:
        return (
            "WARNING",
            f"{name} that its WSDL doesn't know; it is kept in `unknown`. "
            "Download the WSDL again and run `obgen generate`.",
        )

    receiver.receive(message(record(fields), record(fields)))
    ack = ("DEBUG", "Answered Ack true: 2 notifications handled")
    first = [line("Opportunity has a field New__c"), line("Opportunity has a field npsp__Other__c")]
    assert logged(caplog) == [*first, ack]
    receiver.receive(message(record(fields), contact))
    second = [line("Contact has a field New__c"), line("Contact has a field npsp__Other__c")]
    assert logged(caplog) == [*second, ack]
    receiver.receive(message(record(fields, field("Third__c")), contact))
    assert logged(caplog) == [line("Opportunity has a field Third__c"), ack]
    obgen.Receiver.receive(receiver, message(record(fields), contact))
    assert logged(caplog) == [ack]


def test_each_receiver_reports_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
        receiver.handles(Opportunity)(lambda _, __: None)
        receiver.receive(message(record(field("New__c"))))
        assert len(logged(caplog)) == 2


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "Opportunity"),
        (f"<sObject {SOBJECT_TYPE}/>", "Opportunity"),
        (f"<sObject {typed('Lead')}/>", "Lead"),
    ],
)
def test_a_deleted_record(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture, content: str, what: str
) -> None:
    receiver.receive(message(notification(content)))
    assert logged(caplog) == [
        (
            "INFO",
            f"Notification {NOTIFICATION_ID} has no data: the {what} was deleted before delivery",
        ),
        ("DEBUG", "Answered Ack true: 0 notifications handled"),
    ]


def test_a_deleted_record_of_unknown_type(caplog: pytest.LogCaptureFixture) -> None:
    obgen.Receiver(organization_ids=ORGANIZATION_ID).receive(message(notification()))
    assert logged(caplog)[0] == (
        "INFO",
        f"Notification {NOTIFICATION_ID} has no data: the record was deleted before delivery",
    )


def test_an_organization_that_is_not_allowed(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.receive(message(before=parts(organization_id="00D000000000002EAA")))
    assert logged(caplog) == [
        (
            "ERROR",
            "Refused a message: organization 00D000000000002EAA is not allowed; if it is yours, "
            "add it to organization_ids or to OBGEN_ORGANIZATION_IDS",
        )
    ]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", "The body is empty"),
        (b"<secret></a>", "The body is not well-formed XML (line 1)"),
        (b"\n<!DOCTYPE secret><a/>", "A document type declaration is not allowed (line 2)"),
        (b"<secret/>", "The body is not a SOAP envelope"),
        (message() + b" " * 2**24, "over max_bytes=16777216"),
        (
            message(before=parts(organization_id="secret")),
            "An id in the message is not a Salesforce id (notifications/OrganizationId, line 2)",
        ),
    ],
)
def test_a_refusal(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture, body: bytes, line: str
) -> None:
    receiver.receive(body)
    assert logged(caplog) == [("WARNING", f"Refused a message: {line}")]


def test_a_request_that_an_adapter_refuses(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.refuse(Refusal.METHOD)
    assert logged(caplog) == [("WARNING", "Refused a request: Only POST is allowed")]


def test_anything_unexpected(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(receiver_module, "read_envelope", fail)
    receiver.receive(message())
    line = fail.__code__.co_firstlineno + 1
    assert logged(caplog) == [
        ("ERROR", f"A message could not be processed: RuntimeError at {__file__}:{line}"),
        ("DEBUG", "A message could not be processed"),
    ]


# Hostile names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ünïcode", "'\\xfcn\\xefcode'"),
        ("a.b-c", "'a.b-c'"),
        ("x" * 120, "x" * 120),
        ("x" * 121, f"'{'x' * 120}'"),
        ("\u0410mount", "'\\u0410mount'"),
        ("_", "_"),
    ],
)
def test_a_hostile_name_of_a_field(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture, name: str, shown: str
) -> None:
    receiver.receive(message(record(f"<sf:{name}/>")))
    assert logged(caplog)[0][1].startswith(f"Opportunity has a field {shown} that")


@pytest.mark.parametrize(
    ("name", "shown", "file"),
    [
        ("x;reboot", "'x;reboot'", "the.wsdl"),
        ("../x", "'../x'", "the.wsdl"),
        ("$(x)", "'$(x)'", "the.wsdl"),
        ("a\u202eb", "'a\\u202eb'", "the.wsdl"),
        ("-o", "'-o'", "the.wsdl"),
        ("y" * 200, f"'{'y' * 120}'", "the.wsdl"),
    ],
)
def test_a_hostile_type(
    receiver: obgen.Receiver,
    caplog: pytest.LogCaptureFixture,
    name: str,
    shown: str,
    file: str,
) -> None:
    receiver.receive(message(notification(sobject(ID, attributes=typed(name)))))
    ((level, line), *_) = logged(caplog)
    assert level == "ERROR"
    assert line.startswith(f"No handler for {shown} (action {ACTION_ID}). ")
    assert f"`obgen generate {file}`" in line


@pytest.mark.parametrize(
    ("action_id", "shown"),
    [
        ("", "''"),
        ("a\nb", "'a\\nb'"),
        ("&#13;fake line", "'\\rfake line'"),
        ("é" * 500, "'" + "\\xe9" * 120 + "'"),
    ],
)
def test_a_hostile_action_id(caplog: pytest.LogCaptureFixture, action_id: str, shown: str) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.receive(message(before=parts(action_id=action_id)))
    assert logged(caplog)[0][1].startswith(f"No handler for Opportunity (action {shown}). ")


def invented(count: int) -> bytes:
    """Return a message of an Opportunity with fields that its WSDL doesn't have."""
    return message(record(*[field(f"F{number}__c") for number in range(count)]))


def test_no_more_than_a_thousand_names(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.receive(invented(600))
    assert len(logged(caplog)) == 601
    receiver.receive(invented(1_003))
    lines = logged(caplog)
    assert [line.split()[4] for _, line in lines[:400]] == [f"F{n}__c" for n in range(600, 1_000)]
    assert lines[400:] == [
        (
            "WARNING",
            "More than 1000 unknown fields of Opportunity: no more are reported for a day",
        ),
        ("DEBUG", "Answered Ack true: 1 notifications handled"),
    ]
    receiver.receive(invented(1_003))
    assert [level for level, _ in logged(caplog)] == ["DEBUG"]


def test_who_invents_names_silences_no_others(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.handles(Contact)(lambda _, __: None)
    receiver.receive(invented(1_003))
    caplog.clear()
    others = [notification(sobject(ID, attributes=typed(f"O{n}"))) for n in range(999)]
    contact = notification(sobject(ID, field("New__c"), attributes=typed("Contact")))
    receiver.receive(message(contact, *others))
    assert [line.split()[0] for _, line in logged(caplog)] == ["Contact", *["No"] * 999, "Answered"]
    more = [notification(sobject(ID, attributes=typed(f"P{n}"))) for n in range(3)]
    receiver.receive(message(*more))
    assert [line for _, line in logged(caplog)][1:-1] == [
        "More than 1000 objects or actions without handler: no more are reported for a day"
    ]


def test_the_next_day_names_are_reported_again(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.receive(invented(1_003))
    caplog.clear()
    later = time.monotonic() + 24 * 60 * 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    for lines in (4, 1):
        receiver.receive(invented(3))
        assert len(logged(caplog)) == lines


def test_threads_report_a_name_once(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    body = message(record(*(field(f"F{number}__c") for number in range(50))))
    threads = [threading.Thread(target=receiver.receive, args=(body,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [level for level, _ in logged(caplog)].count("WARNING") == 50


# Data of records, and credentials


def leaks(*fields: str) -> bytes:
    """Return a message that says "secret" wherever a record can, and has a session id."""
    session = f"<SessionId>{SESSION}</SessionId>"
    return message(
        record(*fields, field("Name", "secret"), field("New__c", "secret")),
        record(field("Amount", "secret")),
        record('<sf:Name xsi:nil="true">secret</sf:Name>'),
        record("<sf:Name>secret<b>secret</b></sf:Name>"),
        record("secret", field("Name", "secret")),
        notification(sobject("<sf:Id>secret</sf:Id>", attributes=typed("Lead"))),
        notification(f'<sObject xsi:nil="true" {SOBJECT_TYPE}>secret</sObject>'),
        before=parts(session=session),
    )


def every_line(caplog: pytest.LogCaptureFixture, level: int) -> str:
    """Return all that a log file would hold from some level on, tracebacks and arguments too."""
    formatter = logging.Formatter("%(levelname)s %(message)s")
    records = [one for one in caplog.records if one.levelno >= level]
    assert records
    return "\n".join(f"{formatter.format(one)} {one.args!r}" for one in records)


def test_no_data_of_a_record_above_debug(caplog: pytest.LogCaptureFixture) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)

    @receiver.handles(Opportunity)
    def fail(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        raise ValueError(opportunity, delivery.unknown)

    assert not receiver.receive(leaks()).acknowledged
    assert "secret" not in every_line(caplog, logging.INFO)
    assert "secret" in every_line(caplog, logging.DEBUG)  # the handler's own words


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "whole": bytes,
    "of another organization": lambda body: body.replace(
        ORGANIZATION_ID.encode(), b"00D000000000002"
    ),
    "cut": lambda body: body[:-1],
    "cut inside the session id": lambda body: body[: body.index(b"</SessionId>")],
    "with an entity inside it": lambda body: body.replace(b"</SessionId>", b"&x;</SessionId>"),
    "nil": lambda body: body.replace(b"<SessionId>", b'<SessionId xsi:nil="true">'),
    "not a boolean": lambda body: body.replace(
        b"<SessionId>", b'<SessionId xsi:nil="00Dx!credential">'
    ),
    "an element inside it": lambda body: body.replace(b"</SessionId>", b"<a/></SessionId>"),
    "as an id": lambda body: body.replace(ORGANIZATION_ID.encode(), SESSION.encode()),
    "as an id of a notification": lambda body: body.replace(
        NOTIFICATION_ID.encode(), SESSION.encode()
    ),
    "twice": lambda body: body.replace(
        b"<SessionId>", b"<SessionId>00Dx!credential</SessionId><SessionId>"
    ),
    "in another place": lambda body: body.replace(b"SessionId", b"sessionId"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_no_session_id_at_any_level(broken: str, caplog: pytest.LogCaptureFixture) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    seen: list[object] = []

    @receiver.handles(Opportunity)
    def fail(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        seen.extend((opportunity, delivery))
        raise ValueError(opportunity, delivery)

    body = BROKEN[broken](leaks())
    reply = receiver.receive(body)
    assert not reply.acknowledged
    assert SESSION not in every_line(caplog, logging.NOTSET)
    assert SESSION.encode() not in reply.body
    assert SESSION not in repr((seen, receiver, reply))
    assert SESSION.encode() not in pickle.dumps(seen)
    shown = shown_by_decode(body)
    assert SESSION not in repr(shown)
    assert SESSION.encode() not in pickle.dumps(shown)


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_logged_keeps_no_message_in_memory(
    broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    receiver.handles(Opportunity)(lambda _, __: None)
    body = BROKEN[broken](leaks())
    references = sys.getrefcount(body)
    receiver.receive(body)
    assert sys.getrefcount(body) == references
    assert caplog.records
    for logged_one in caplog.records:
        assert {type(argument) for argument in logged_one.args or ()} <= {str, int}
        assert logged_one.exc_info is None


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_handler_that_failed_keeps_no_message_in_memory(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # at DEBUG the record has its traceback
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)

    def fail(_: Opportunity, __: obgen.Delivery) -> None:
        raise ValueError

    async def fail_async(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        fail(opportunity, delivery)

    receiver.handles(Opportunity)(fail if kind == "sync" else fail_async)
    body = leaks()
    gc.collect()
    gc.disable()
    try:
        references = sys.getrefcount(body)
        receiver.receive(body)
        assert sys.getrefcount(body) == references
    finally:
        gc.enable()


@pytest.mark.parametrize("body", [b"<a></secret>", b"<a>&secret;</a>", b"<secret:a/>"])
def test_an_error_chains_none_that_repeats_what_was_sent(body: bytes) -> None:
    with pytest.raises(obgen.EnvelopeError) as caught:
        obgen.decode(body, Opportunity)
    error: BaseException | None = caught.value
    while error is not None:
        assert "secret" not in str(error)
        error = error.__context__


def shown_by_decode(body: bytes) -> list[object]:
    """Return what `decode` tells of a message, or of what is wrong with it."""
    try:
        found = obgen.decode(body, Opportunity)
    except obgen.EnvelopeError as error:
        return [error, str(error), vars(error)]
    return [repr(found), str(found), found.notifications]


def test_the_session_id_is_an_attribute_of_the_message_alone() -> None:
    fields = {
        kind.__name__: {field.name for field in dataclasses.fields(kind)}
        for kind in (obgen.OutboundMessage, obgen.Notification, obgen.Delivery, obgen.Reply)
    }
    assert [name for name, names in fields.items() if "session_id" in names] == ["OutboundMessage"]


def test_no_logger_but_obgens_own_is_used(
    receiver: obgen.Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.receive(leaks())
    receiver.receive(b"")
    assert {one.name for one in caplog.records} == {"obgen.receiver"}
    assert SOBJECT not in caplog.text


@pytest.mark.parametrize(
    ("peer", "named"),
    [
        ("192.0.2.1", " from 192.0.2.1"),
        ("2001:db8::1%eth0", " from 2001:db8::1%eth0"),
        ("a\nb\x1b[31m", r" from 'a\nb\x1b[31m'"),
        ("", ""),
    ],
)
def test_a_refusal_names_the_address_that_it_came_from(
    caplog: pytest.LogCaptureFixture, peer: str, named: str
) -> None:
    made = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    secret = "t0ken"
    made.receive(b"", peer=peer, path=f"/{secret}", query=secret, headers={"x": secret})
    made.refuse(obgen.Refusal.METHOD, peer=peer)
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        f"Refused a message{named}: The body is empty",
        f"Refused a request{named}: Only POST is allowed",
    ]


@pytest.mark.parametrize("patched", [False, True])
def test_threads_that_are_none_are_told(
    patched: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_module_patched(name: str) -> bool:
        return patched and name == "threading"

    monkey = types.SimpleNamespace(is_module_patched=is_module_patched)
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    obgen.Receiver(organization_ids=ORGANIZATION_ID)
    assert ("gevent has replaced the threads" in caplog.text) is patched
