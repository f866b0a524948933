"""What users test their handlers with: records, messages, posting in process, and assertions."""

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest
from outbound.opportunity import Opportunity
from records import Contact, Exact

import obgen
from obgen.adapters import asgi, wsgi
from obgen.testing import (
    ACTION_ID,
    ORGANIZATION_ID,
    Application,
    Organization,
    assert_acknowledged,
    assert_nack,
    build,
    deleted,
    message,
    notification,
    post,
    post_async,
)


class Shop:
    """A receiver that remembers what its handlers were given."""

    def __init__(self) -> None:
        self.receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
        self.handled: list[Opportunity] = []
        self.deliveries: list[obgen.Delivery] = []
        self.deleted: list[str] = []
        self.failure: Exception | None = None
        self.receiver.handles(Opportunity)(self.handle)
        self.receiver.handles_deleted(Opportunity)(self.forget)

    async def handle(self, opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        if self.failure:
            raise self.failure
        self.handled.append(opportunity)
        self.deliveries.append(delivery)

    def forget(self, delivery: obgen.Delivery) -> None:
        self.deleted.append(delivery.notification_id)


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Records and messages


def test_a_record_is_built_full_and_the_same_each_time() -> None:
    opportunity = build(Opportunity)
    assert opportunity == build(Opportunity)
    assert None not in [getattr(opportunity, name) for name in obgen.wire_fields(Opportunity)]
    assert build(Opportunity, seed=1).id != opportunity.id


def test_what_is_given_goes_before_what_is_made_up() -> None:
    opportunity = build(Opportunity, name="Northwind", amount=None)
    assert (opportunity.name, opportunity.amount) == ("Northwind", None)
    assert opportunity.stage_name == build(Opportunity).stage_name


@pytest.mark.parametrize(
    ("name", "hint"),
    [("stagename", "Did you mean 'stage_name'?"), ("xyz", "See Opportunity's docstring.")],
)
def test_a_field_that_is_not_there_is_named(name: str, hint: str) -> None:
    fields: dict[str, Any] = {name: "x"}
    with pytest.raises(obgen.ConfigurationError, match=f"^Opportunity has no field '{name}'$") as e:
        build(Opportunity, **fields)
    assert e.value.hint == hint


def test_a_message_brings_what_it_was_given() -> None:
    opportunities = [build(Opportunity, seed=seed) for seed in range(100)]
    decoded = obgen.decode(message(*opportunities), Opportunity)
    assert [one.sobject for one in decoded.notifications] == opportunities
    assert (decoded.organization_id, decoded.action_id) == (ORGANIZATION_ID, ACTION_ID)


def test_a_message_of_special_notifications() -> None:
    body = message(
        notification(build(Opportunity), notification_id="04l000000000007AAA", nil=["name"]),
        notification(build(Opportunity), unknown={"New__c": "7"}),
        deleted(Opportunity, form="nil"),
        deleted(Opportunity),
        organization_id="00DD0000000muCUMAY",
        action_id="04k57000000TOUIAA4",
        session_id="secret",
    )
    decoded = obgen.decode(body, Opportunity)
    nil, unknown, *gone = decoded.notifications
    assert nil.id == "04l000000000007AAA"
    assert nil.sobject
    assert nil.sobject.name is None
    assert "name" in nil.present
    assert unknown.unknown == {"New__c": "7"}
    assert [one.sobject for one in gone] == [None, None]
    assert decoded.organization_id == "00DD0000000muCUMAY"
    assert decoded.action_id == "04k57000000TOUIAA4"
    assert decoded.session_id == "secret"


def test_decimals_stay_decimals() -> None:
    (one,) = obgen.decode(message(build(Exact)), Exact).notifications
    assert one.sobject == build(Exact)


def test_an_organization_sends_another_record_each_time() -> None:
    organization = Organization("00DD0000000muCUMAY", action_id="04k57000000TOUIAA4")
    first, second = organization.build(Opportunity), organization.build(Opportunity, name="Second")
    assert first.id != second.id
    assert second.name == "Second"
    assert first == Organization().build(Opportunity)
    decoded = obgen.decode(organization.message(first, second, deleted(Opportunity)), Opportunity)
    assert decoded.organization_id == "00DD0000000muCUMAY"
    assert decoded.action_id == "04k57000000TOUIAA4"
    assert len(decoded.notifications) == 3
    assert repr(organization) == (
        "Organization('00DD0000000muCUMAY', action_id='04k57000000TOUIAA4')"
    )


# Posting


class Middleware:
    """An ASGI application whose call is no coroutine function, as some middleware's."""

    def __init__(self, app: asgi.Application) -> None:
        self.app = app

    def __call__(self, scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        return self.app(scope, receive, send)


class AsyncObject(Middleware):
    """An ASGI application like that of a framework."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


KINDS: dict[str, Callable[[obgen.Receiver], Application]] = {
    "receiver": lambda receiver: receiver,
    "wsgi": lambda receiver: validator(wsgi.app(receiver)),
    "asgi": asgi.app,
    "asgi object": lambda receiver: AsyncObject(asgi.app(receiver)),
    "asgi middleware": lambda receiver: Middleware(asgi.app(receiver)),
}


@pytest.fixture(params=KINDS)
def app(shop: Shop, request: pytest.FixtureRequest) -> Application:
    """Return the shop's receiver, by itself and in every kind of application."""
    return KINDS[request.param](shop.receiver)


@pytest.fixture(params=["post", "post_async"])
def send(request: pytest.FixtureRequest) -> Callable[..., obgen.Reply]:
    """Return both ways to post as one."""

    def in_a_loop(app: Application, body: bytes, **origin: Any) -> obgen.Reply:
        return asyncio.run(post_async(app, body, **origin))

    return post if request.param == "post" else in_a_loop


def test_every_application_handles_what_is_posted(
    shop: Shop, app: Application, send: Callable[..., obgen.Reply]
) -> None:
    opportunity = build(Opportunity)
    reply = send(app, message(opportunity, deleted(Opportunity)))
    assert_acknowledged(reply)
    assert reply.acknowledged
    assert reply.status == 200
    assert reply.content_type == "text/xml; charset=utf-8"
    assert shop.handled == [opportunity]
    assert len(shop.deleted) == 1


def test_every_application_says_again(
    shop: Shop, app: Application, send: Callable[..., obgen.Reply]
) -> None:
    shop.failure = ValueError("no luck")
    reply = send(app, message(build(Opportunity)))
    assert_nack(reply)
    assert not reply.acknowledged


def test_every_application_refuses_a_foreign_organization(
    shop: Shop, app: Application, send: Callable[..., obgen.Reply]
) -> None:
    body = message(build(Opportunity), organization_id="00D000000000002EAA")
    reply = send(app, body)
    assert (reply.status, reply.acknowledged) == (403, False)
    assert not shop.handled


class Nosy(obgen.Receiver):
    """A receiver that acknowledges everything, and remembers where it came from."""

    def __init__(self) -> None:
        super().__init__(organization_ids=obgen.ANY_ORGANIZATION)
        self.origin: dict[str, Any] = {}

    def receive(self, body: bytes, **origin: Any) -> obgen.Reply:
        headers = {name.lower(): value for name, value in origin["headers"].items()}
        self.origin = origin | {"headers": headers}
        headers = {"Content-Type": "text/xml"}
        return obgen.Reply(200, obgen.ack(True), acknowledged=True, headers=headers)

    async def receive_async(self, body: bytes, **origin: Any) -> obgen.Reply:
        return self.receive(body, **origin)


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_is_like_one_of_salesforce(kind: str, send: Callable[..., obgen.Reply]) -> None:
    receiver, body = Nosy(), message(build(Opportunity))
    send(KINDS[kind](receiver), body)
    headers = receiver.origin.pop("headers")
    # A WSGI environment keeps the Content-Length apart.
    assert headers.pop("content-length", None) == (None if kind == "wsgi" else str(len(body)))
    assert headers == {
        "host": "testserver",
        "content-type": "text/xml; charset=UTF-8",
        "soapaction": '""',
    }
    assert receiver.origin == {"path": "/", "query": "", "peer": "127.0.0.1"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_can_be_another_one(kind: str, send: Callable[..., obgen.Reply]) -> None:
    receiver, body = Nosy(), message(build(Opportunity))
    place = {"path": "/outbound/s3cret/", "query": "key=s3cret", "peer": "192.0.2.1"}
    headers = {"content-type": "text/plain", "X-Client-Verified": "SUCCESS"}
    send(KINDS[kind](receiver), body, headers=headers, **place)
    assert (
        receiver.origin.pop("headers").items()
        >= {
            "content-type": "text/plain",
            "x-client-verified": "SUCCESS",
            "host": "testserver",
        }.items()
    )
    assert receiver.origin == place


def test_where_a_loop_runs_post_says_what_to_call_instead(shop: Shop) -> None:
    async def test() -> None:
        post(asgi.app(shop.receiver), message(build(Opportunity)))

    with pytest.raises(obgen.RunningLoopError) as caught:
        asyncio.run(test())
    assert caught.value.hint == "Use `await post_async(app, body)` there."


def test_wsgi_is_kept_to_the_letter() -> None:
    closed: list[bool] = []

    class Chunks:
        def __iter__(self) -> Iterator[bytes]:
            yield obgen.ack(True)[100:]

        def close(self) -> None:
            closed.append(True)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert environ["wsgi.input"].read() == b"body"
        assert environ["PATH_INFO"] == "/f\xc3\xbcr"
        start_response("200 OK", [("content-type", "text/xml")])(obgen.ack(True)[:100])
        return Chunks()

    reply = post(application, b"body", path="/für")
    assert reply.acknowledged
    assert reply.content_type == "text/xml"
    assert closed == [True]


def test_asgi_is_kept_to_the_letter() -> None:
    seen: list[str] = []

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append((await receive())["body"].decode())
        seen.append(scope["path"])
        waiting = asyncio.create_task(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": obgen.ack(True)[:9], "more_body": True})
        await asyncio.sleep(0)
        assert not waiting.done()
        await send({"type": "http.response.body", "body": obgen.ack(True)[9:]})
        await send({"type": "http.response.trailers", "headers": []})
        seen.append((await waiting)["type"])

    assert_acknowledged(post(application, b"body", path="/für"))
    assert seen == ["body", "/für", "http.disconnect"]


def wsgi_without_answer(_environ: Any, _start_response: Any) -> list[bytes]:
    return []


async def asgi_without_answer(_scope: Any, _receive: Any, _send: Any) -> None: ...


@pytest.mark.parametrize("silent", [wsgi_without_answer, asgi_without_answer])
def test_an_application_that_does_not_answer(silent: Application) -> None:
    with pytest.raises(AssertionError, match=r"^the application returned without an answer$"):
        post(silent, b"")


def test_what_an_application_raises_comes_out() -> None:
    def broken(_environ: Any, _start_response: Any) -> list[bytes]:
        raise LookupError("broken")

    with pytest.raises(LookupError, match=r"^broken$"):
        post(broken, b"")


# Assertions


def answer(status: int, body: bytes) -> obgen.Reply:
    return obgen.Reply(status, body, acknowledged=True, headers={})


def test_why_an_answer_is_no_ack() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_acknowledged(answer(200, b"\n" + obgen.ack(True)))
    what, hint, shown = str(caught.value).splitlines()
    assert what == "not acknowledged: simulated: white space stands before the XML"
    assert hint == "hint: Answer with the bytes of obgen.ack(True), and nothing around them."
    assert shown.startswith("the answer: HTTP 200 b'\\n<soapenv:Envelope")


def test_a_long_answer_is_not_shown_in_full() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_acknowledged(answer(500, b"<html>" * 10_000))
    assert len(str(caught.value)) < 800


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (answer(200, obgen.ack(True)), "no nack: acknowledged\nthe answer: HTTP 200 b'<"),
        (
            answer(500, obgen.fault("Server", "x")),
            "no nack: simulated: HTTP 500: x\nhint: Only an answer of 200 can be an Ack;",
        ),
        (answer(200, b"nack"), "no nack: org.xml.sax.SAXParseException; lineNumber: 1;"),
    ],
)
def test_why_an_answer_is_no_nack(reply: obgen.Reply, says: str) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_nack(reply)
    assert str(caught.value).startswith(says)


def test_what_cannot_be_sent_is_named() -> None:
    contact = build(Contact)
    contact.last_name = datetime.date(2026, 1, 1)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(obgen.ConfigurationError, match=r"^Contact\.last_name can't be sent: "):
        message(contact)


def test_another_form_of_a_deleted_record_is_refused() -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^'gone' is no form of a deleted record$"):
        deleted(Opportunity, form="gone")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
