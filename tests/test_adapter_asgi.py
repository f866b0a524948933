import asyncio
import logging
import threading
from typing import Any

import pytest
from support_adapters import LIMIT, MESSAGE, Opportunity, Recorder, sample_receiver

import obgen
from obgen.adapters import asgi

ACK = obgen.ack(True)
DISCONNECT: asgi.Event = {"type": "http.disconnect"}


def chunk(body: bytes, *, more: bool = True) -> asgi.Event:
    return {"type": "http.request", "body": body, "more_body": more}


def length(value: object) -> tuple[bytes, bytes]:
    return (b"content-length", str(value).encode())


class Connection:
    """Stand for the server: hand out events in order and keep what is sent."""

    def __init__(self, *events: asgi.Event) -> None:
        self._events = list(events)
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> asgi.Event:
        assert self._events, "the adapter asked for more than it needs"
        return self._events.pop(0)

    async def send(self, event: asgi.Event) -> None:
        self.sent.append(dict(event))

    @property
    def left(self) -> int:
        return len(self._events)

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def body(self) -> bytes:
        body: bytes = self.sent[1]["body"]
        return body


def run(
    receiver: obgen.Receiver,
    *events: asgi.Event,
    method: str = "POST",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    path: str = "/",
) -> Connection:
    connection = Connection(*events)
    asyncio.run(request(receiver, connection, method=method, headers=headers, path=path))
    return connection


async def request(
    receiver: obgen.Receiver,
    connection: Connection,
    *,
    method: str = "POST",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    path: str = "/",
) -> None:
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": headers}
    await serve(receiver, scope, connection)


async def serve(receiver: obgen.Receiver, scope: asgi.Scope, connection: Connection) -> None:
    await asgi.app(receiver)(scope, connection.receive, connection.send)


def test_the_body_reaches_the_receiver_byte_by_byte() -> None:
    receiver = Recorder()
    body = b"\xef\xbb\xbf\r\n\x00\xff <a/>\r\n"
    connection = run(receiver, chunk(body, more=False), headers=(length(len(body)),))
    assert receiver.bodies == [body]
    assert connection.sent == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/xml"), length(len(ACK))],
        },
        {"type": "http.response.body", "body": ACK},
    ]


@pytest.mark.parametrize("path", ["", "/", "/salesforce", "/salesforce/", "/a/b/c/"])
@pytest.mark.parametrize(
    "headers", [(), ((b"content-type", b"text/xml"),), ((b"content-type", b"image/png"),)]
)
def test_any_content_type_and_any_path(path: str, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    receiver = Recorder()
    assert run(receiver, chunk(b"body", more=False), path=path, headers=headers).status == 200
    assert receiver.bodies == [b"body"]


def test_chunks_may_be_many_and_empty_and_say_nothing_of_more() -> None:
    receiver = Recorder()
    empty: asgi.Event = {"type": "http.request", "more_body": True}
    run(receiver, empty, chunk(b""), chunk(b"a"), chunk(b""), chunk(b"b"), {"type": "http.request"})
    assert receiver.bodies == [b"ab"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post(method: str) -> None:
    receiver = Recorder()
    connection = run(receiver, method=method, headers=(length(5),))
    assert connection.status == 405
    assert (b"allow", b"POST") in connection.sent[0]["headers"]
    assert (connection.body == b"") == (method == "HEAD")
    assert receiver.bodies == []


def test_a_body_over_the_limit_is_refused_unread() -> None:
    receiver = Recorder()
    connection = run(receiver, headers=(length(LIMIT + 1),))
    assert connection.status == 413
    assert receiver.bodies == []


def test_a_body_of_unknown_length_is_read_to_the_limit_and_no_further() -> None:
    receiver = Recorder()
    connection = run(receiver, chunk(b"x" * LIMIT), chunk(b"x"), chunk(b"x"), chunk(b"x"))
    assert connection.status == 413
    assert connection.left == 2
    assert receiver.bodies == []


@pytest.mark.parametrize("headers", [(), (length(LIMIT),)])
def test_a_body_as_large_as_the_limit_passes(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    receiver = Recorder()
    assert run(receiver, chunk(b"x" * LIMIT, more=False), headers=headers).status == 200
    assert receiver.bodies == [b"x" * LIMIT]


@pytest.mark.parametrize(
    "headers",
    [
        (length("-1"),),
        (length("+5"),),
        (length("1_0"),),
        (length("five"),),
        (length("\u0665"),),
        (length("9" * 5_000),),
        (length(5), length(5)),
        (length(5), (b"Content-Length", b"6")),
    ],
)
def test_a_content_length_that_is_no_number_is_refused(
    headers: tuple[tuple[bytes, bytes], ...],
) -> None:
    receiver = Recorder()
    assert run(receiver, headers=headers).status == 400
    assert receiver.bodies == []


@pytest.mark.parametrize("events", [[b""], [b"1234"], [b"12", b"34", b""]])
def test_a_truncated_body_never_reaches_the_receiver(events: list[bytes]) -> None:
    receiver = Recorder()
    chunks = [chunk(body) for body in events[:-1]] + [chunk(events[-1], more=False)]
    connection = run(receiver, *chunks, headers=(length(5),))
    assert connection.status == 400
    assert b"shorter" in connection.body
    assert receiver.bodies == []


def test_a_body_that_a_middleware_has_unpacked_may_be_longer_than_it_was() -> None:
    receiver = Recorder()
    run(receiver, chunk(b"unpacked", more=False), headers=(length(4),))
    assert receiver.bodies == [b"unpacked"]


@pytest.mark.parametrize("before", [(), (chunk(b"1234"),), (chunk(b"12345"),)])
def test_a_client_that_goes_away_gets_no_answer(before: tuple[asgi.Event, ...]) -> None:
    receiver = Recorder()
    connection = run(receiver, *before, DISCONNECT, headers=(length(5),))
    assert connection.sent == []
    assert receiver.bodies == []


class Stalled(Connection):
    """Stand for a sender that stops in the midst of a body, but stays."""

    async def receive(self) -> asgi.Event:
        if self.left:
            return await super().receive()
        never: asyncio.Future[asgi.Event] = asyncio.get_running_loop().create_future()
        return await never


@pytest.mark.parametrize("before", [(), (chunk(b"1234"),)])
def test_a_body_that_takes_too_long_is_waited_for_no_longer(before: tuple[asgi.Event, ...]) -> None:
    receiver, connection = Recorder(), Stalled(*before)
    scope: asgi.Scope = {"type": "http", "method": "POST", "headers": (length(5),)}
    app = asgi.app(receiver, body_timeout=0.01)

    async def post() -> None:
        async with asyncio.timeout(30):
            await app(scope, connection.receive, connection.send)

    asyncio.run(post())
    assert connection.status == 500
    assert connection.body == obgen.fault("Server", obgen.Refusal.SLOW.reason)
    assert receiver.bodies == []


def test_a_handler_may_take_longer_than_a_body() -> None:
    receiver = sample_receiver()
    late = asyncio.Event()

    @receiver.handles(Opportunity)
    async def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        asyncio.get_running_loop().call_later(0.05, late.set)
        await late.wait()

    async def post() -> Connection:
        connection = Connection(chunk(MESSAGE, more=False))
        scope: asgi.Scope = {"type": "http", "method": "POST", "headers": ()}
        await asgi.app(receiver, body_timeout=0.01)(scope, connection.receive, connection.send)
        return connection

    assert asyncio.run(post()).body == ACK


def test_requests_at_the_same_time_do_not_mix() -> None:
    receiver = Recorder()

    class Slow(Connection):
        async def receive(self) -> asgi.Event:
            await asyncio.sleep(0)  # lets the other request go on
            return await super().receive()

    async def both() -> None:
        one = Slow(chunk(b"a"), chunk(b"b"), chunk(b"c", more=False))
        two = Slow(chunk(b"1"), chunk(b"2"), chunk(b"3", more=False))
        await asyncio.gather(request(receiver, one), request(receiver, two))
        assert (one.status, two.status) == (200, 200)

    asyncio.run(both())
    assert sorted(receiver.bodies) == [b"123", b"abc"]


def test_sync_handlers_do_not_hold_up_the_event_loop() -> None:
    receiver = sample_receiver()
    loop_went_on = threading.Event()

    @receiver.handles(Opportunity)
    def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        assert loop_went_on.wait(timeout=30)

    async def both() -> Connection:
        connection = Connection(chunk(MESSAGE, more=False))
        answer = asyncio.create_task(request(receiver, connection))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(loop_went_on.set)
        await answer
        return connection

    assert asyncio.run(both()).body == ACK


def test_async_handlers_run_in_the_event_loop_of_the_server() -> None:
    receiver = sample_receiver()
    loops: list[asyncio.AbstractEventLoop] = []

    @receiver.handles(Opportunity)
    async def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        loops.append(asyncio.get_running_loop())

    async def post() -> asyncio.AbstractEventLoop:
        connection = Connection(chunk(MESSAGE, more=False))
        await request(receiver, connection)
        assert connection.body == ACK
        return asyncio.get_running_loop()

    assert [asyncio.run(post())] == loops


def test_a_handler_that_raises_is_answered_with_ack_false() -> None:
    receiver = sample_receiver()

    @receiver.handles(Opportunity)
    async def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        raise LookupError

    connection = run(receiver, chunk(MESSAGE, more=False), headers=(length(len(MESSAGE)),))
    assert (connection.status, connection.body) == (200, obgen.ack(False))


def test_the_log_shows_nothing_of_a_refused_body(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        run(Recorder(), chunk(b"secret", more=False), headers=(length(7),))
    assert "shorter than its Content-Length" in caplog.text
    assert "secret" not in caplog.text


def test_startup_and_shutdown_are_answered() -> None:
    connection = Connection({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    asyncio.run(serve(Recorder(), {"type": "lifespan"}, connection))
    assert [event["type"] for event in connection.sent] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_a_websocket_is_closed_before_it_opens() -> None:
    connection = Connection({"type": "websocket.connect"})
    asyncio.run(serve(Recorder(), {"type": "websocket"}, connection))
    assert connection.sent == [{"type": "websocket.close"}]


def test_another_scope_type_is_an_error() -> None:
    with pytest.raises(ValueError, match="'carrier-pigeon'"):
        asyncio.run(serve(Recorder(), {"type": "carrier-pigeon"}, Connection()))


def test_tells_the_receiver_where_the_message_came_from() -> None:
    recorder = Recorder()
    connection = Connection(chunk(b"x", more=False))
    scope: asgi.Scope = {
        "type": "http",
        "method": "POST",
        "path": "/here",
        "query_string": b"a=b",
        "headers": [(b"content-type", b"text/xml")],
        "client": ("192.0.2.1", 1234),
    }
    asyncio.run(_serve(recorder, scope, connection))
    assert recorder.origins == [
        {
            "headers": {"content-type": "text/xml"},
            "path": "/here",
            "query": "a=b",
            "peer": "192.0.2.1",
        }
    ]


def test_headers_that_come_twice_are_joined() -> None:
    recorder = Recorder()
    connection = Connection(chunk(b"x", more=False))
    pairs = [(b"X-Forwarded-For", b"192.0.2.1"), (b"x-forwarded-for", b"192.0.2.2")]
    scope: asgi.Scope = {"type": "http", "method": "POST", "headers": pairs}
    asyncio.run(_serve(recorder, scope, connection))
    assert recorder.origins[0].get("headers") == {"x-forwarded-for": "192.0.2.1, 192.0.2.2"}


async def _serve(receiver: obgen.Receiver, scope: asgi.Scope, connection: Connection) -> None:
    await asgi.app(receiver)(scope, connection.receive, connection.send)
