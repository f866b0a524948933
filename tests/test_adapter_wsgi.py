import io
import logging
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from support_adapters import LIMIT, MESSAGE, Opportunity, Recorder, sample_receiver

import obgen
from obgen.adapters import wsgi

ACK = obgen.ack(True)


@dataclass
class Answer:
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status.split()[0])


class Stream:
    """Stand for the input of a server that hands over a few bytes at a time."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self._pieces = list(pieces)
        self.asked: list[int] = []

    def read(self, size: int) -> bytes:
        self.asked.append(size)
        piece = self._pieces.pop(0) if self._pieces else b""
        if isinstance(piece, Exception):
            raise piece
        assert len(piece) <= size, "the adapter would have read into the next request"
        return piece

    def readline(self, size: int = -1) -> bytes:
        raise NotImplementedError

    readlines = __iter__ = readline


class Endless(Stream):
    """Stand for a sender that never stops."""

    def read(self, size: int) -> bytes:
        self.asked.append(size)
        return b"x" * size


def call(
    app: WSGIApplication,
    stream: object,
    environ: dict[str, object],
    *,
    validated: bool = True,
) -> Answer:
    """Return what the application answers, watched by the validator of the standard library."""
    full: dict[str, Any] = {"REQUEST_METHOD": "POST", "QUERY_STRING": "", "wsgi.input": stream}
    full |= environ
    setup_testing_defaults(full)
    answer = Answer("", {}, b"")

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        del exc_info
        answer.status, answer.headers = status, dict(headers)
        return lambda _: None

    result = (validator(app) if validated else app)(full, start_response)
    answer.body = b"".join(result)
    if close := getattr(result, "close", None):
        close()
    return answer


def post(receiver: obgen.Receiver, body: bytes, environ: dict[str, object] | None = None) -> Answer:
    return call(
        wsgi.app(receiver), io.BytesIO(body), {"CONTENT_LENGTH": str(len(body))} | (environ or {})
    )


def test_the_body_reaches_the_receiver_byte_by_byte() -> None:
    receiver = Recorder()
    body = b"\xef\xbb\xbf\r\n\x00\xff <a/>\r\n"
    answer = post(receiver, body)
    assert receiver.bodies == [body]
    assert (answer.status, answer.body) == ("200 OK", ACK)
    assert answer.headers == {"Content-Type": "text/xml", "Content-Length": str(len(ACK))}


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_TYPE": "text/xml; charset=UTF-8"},
        {"CONTENT_TYPE": "application/json"},
        {"CONTENT_TYPE": ""},
        {"SCRIPT_NAME": "", "PATH_INFO": "/"},
        {"SCRIPT_NAME": "/salesforce", "PATH_INFO": ""},
        {"SCRIPT_NAME": "/salesforce", "PATH_INFO": "/"},
        {"SCRIPT_NAME": "/a/b", "PATH_INFO": "/c/d/", "QUERY_STRING": "key=value"},
    ],
)
def test_any_content_type_and_any_path(environ: dict[str, object]) -> None:
    receiver = Recorder()
    assert post(receiver, b"body", environ).code == 200
    assert receiver.bodies == [b"body"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_post(method: str) -> None:
    receiver, stream = Recorder(), Endless()
    answer = call(wsgi.app(receiver), stream, {"REQUEST_METHOD": method, "CONTENT_LENGTH": "5"})
    assert answer.status == "405 Method Not Allowed"
    assert answer.headers["Allow"] == "POST"
    assert (answer.body == b"") == (method == "HEAD")
    assert (receiver.bodies, stream.asked) == ([], [])


def test_a_body_over_the_limit_is_refused_unread() -> None:
    receiver, stream = Recorder(), Endless()
    answer = call(wsgi.app(receiver), stream, {"CONTENT_LENGTH": str(LIMIT + 1)})
    assert answer.code == 413
    assert b"Client" in answer.body
    assert (receiver.bodies, stream.asked) == ([], [])


@pytest.mark.parametrize(
    "environ", [{"wsgi.input_terminated": True}, {"HTTP_TRANSFER_ENCODING": "Chunked"}]
)
def test_a_body_of_unknown_length_is_read_to_its_end(environ: dict[str, object]) -> None:
    receiver = Recorder()
    answer = call(wsgi.app(receiver), Stream(b"in ", b"pieces"), environ)
    assert answer.code == 200
    assert receiver.bodies == [b"in pieces"]


def test_a_body_of_unknown_length_is_read_to_the_limit_and_no_further() -> None:
    receiver, stream = Recorder(), Endless()
    answer = call(wsgi.app(receiver), stream, {"wsgi.input_terminated": True})
    assert answer.code == 413
    assert stream.asked == [LIMIT + 1]
    assert receiver.bodies == []


@pytest.mark.parametrize("environ", [{}, {"CONTENT_LENGTH": ""}])
def test_without_length_or_end_nothing_is_read(environ: dict[str, object]) -> None:
    receiver, stream = Recorder(), Endless()
    call(wsgi.app(receiver), stream, environ)
    assert (receiver.bodies, stream.asked) == ([b""], [])


@pytest.mark.parametrize(
    "environ", [{"CONTENT_LENGTH": str(LIMIT)}, {"wsgi.input_terminated": True}]
)
def test_a_body_as_large_as_the_limit_passes(environ: dict[str, object]) -> None:
    receiver = Recorder()
    assert call(wsgi.app(receiver), io.BytesIO(b"x" * LIMIT), environ).code == 200
    assert receiver.bodies == [b"x" * LIMIT]


@pytest.mark.parametrize(
    "length", ["-1", "+5", "5.0", "0x5", "1_0", "5, 5", "five", "\u0665", " ", "9" * 5_000]
)
def test_a_content_length_that_is_no_number_is_refused(length: str) -> None:
    receiver, stream = Recorder(), Endless()
    # The validator would complain about the server here, not about the application.
    answer = call(wsgi.app(receiver), stream, {"CONTENT_LENGTH": length}, validated=False)
    assert answer.code == 400
    assert (receiver.bodies, stream.asked) == ([], [])


@pytest.mark.parametrize("pieces", [(), (b"",), (b"1234",), (b"1", b"2", b"3", b"4")])
def test_a_truncated_body_never_reaches_the_receiver(pieces: tuple[bytes, ...]) -> None:
    receiver = Recorder()
    answer = call(wsgi.app(receiver), Stream(*pieces), {"CONTENT_LENGTH": "5"})
    assert answer.code == 400
    assert b"shorter" in answer.body
    assert receiver.bodies == []


def test_nothing_is_read_beyond_the_content_length() -> None:
    receiver, stream = Recorder(), io.BytesIO(b"first" + b"POST / HTTP/1.1")
    call(wsgi.app(receiver), stream, {"CONTENT_LENGTH": "5"})
    assert receiver.bodies == [b"first"]
    assert stream.read() == b"POST / HTTP/1.1"


class ChunkError(Exception):
    """Stand for what gunicorn raises where a chunked body ends too early."""


@pytest.mark.parametrize("error", [OSError(), TimeoutError(), ConnectionResetError(), ChunkError()])
@pytest.mark.parametrize("environ", [{"CONTENT_LENGTH": "4"}, {"wsgi.input_terminated": True}])
def test_a_connection_that_breaks_is_not_acknowledged(
    error: Exception, environ: dict[str, object]
) -> None:
    receiver = Recorder()
    answer = call(wsgi.app(receiver), Stream(b"ab", error), environ)
    assert answer.code == 400
    assert receiver.bodies == []


class Clock:
    """Stand for the time, which passes while something is read."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("obgen.adapters.intake.monotonic", clock)
    return clock


class Slow(Stream):
    """Stand for a sender that takes a second for each piece."""

    def __init__(self, clock: Clock, *pieces: bytes) -> None:
        super().__init__(*pieces)
        self._clock = clock

    def read(self, size: int) -> bytes:
        self._clock.now += 1
        return super().read(size)


@pytest.mark.parametrize(
    "environ", [{"CONTENT_LENGTH": "4"}, {"wsgi.input_terminated": True}], ids=["length", "chunked"]
)
def test_a_body_that_takes_too_long_is_read_no_further(
    environ: dict[str, object], clock: Clock
) -> None:
    receiver, stream = Recorder(), Slow(clock, b"1", b"2", b"3", b"4")
    answer = call(wsgi.app(receiver, body_timeout=2.5), stream, environ)
    assert (answer.code, answer.body) == (500, obgen.fault("Server", obgen.Refusal.SLOW.reason))
    assert len(stream.asked) == 3
    assert receiver.bodies == []


@pytest.mark.parametrize("timeout", [4.0, None])
def test_a_body_may_take_as_long_as_is_said(timeout: float | None, clock: Clock) -> None:
    receiver, stream = Recorder(), Slow(clock, b"1", b"2", b"3", b"4")
    app = wsgi.app(receiver, body_timeout=timeout)
    assert call(app, stream, {"CONTENT_LENGTH": "4"}).code == 200


def test_a_body_may_take_twenty_seconds_if_nothing_is_said(clock: Clock) -> None:
    receiver = Recorder()
    for length, status in ((20, 200), (21, 500)):
        stream = Slow(clock, *[b"x"] * length)
        answer = call(wsgi.app(receiver), stream, {"CONTENT_LENGTH": str(length)})
        assert answer.code == status


def test_an_error_of_a_handler_is_not_taken_for_a_broken_connection() -> None:
    receiver = sample_receiver()

    @receiver.handles(Opportunity)
    def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        raise ConnectionResetError

    answer = post(receiver, MESSAGE)
    assert (answer.code, answer.body) == (200, obgen.ack(False))


def test_sync_and_async_handlers() -> None:
    receiver = sample_receiver()
    names: list[str | None] = []

    @receiver.handles(Opportunity)
    def handle(record: Opportunity, _delivery: obgen.Delivery) -> None:
        names.append(record.name)

    @receiver.handles(Opportunity, action_id="04k000000000001")
    async def handle_later(record: Opportunity, _delivery: obgen.Delivery) -> None:
        names.append(f"{record.name} (async)")

    assert post(receiver, MESSAGE).body == ACK
    assert post(receiver, MESSAGE.replace(b"04k000000000001AAA", b"04k000000000009AAA")).body == ACK
    name = "Northwind, 40 standing desks"
    assert names == [f"{name} (async)", name]


def test_what_the_receiver_refuses_is_a_fault() -> None:
    answer = post(sample_receiver(), b"<html/>")
    assert answer.code == 400
    assert b"soapenv:Fault" in answer.body
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"


def test_the_log_shows_nothing_of_a_refused_body(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        call(wsgi.app(Recorder()), Stream(b"secret"), {"CONTENT_LENGTH": "7"})
    assert "shorter than its Content-Length" in caplog.text
    assert "secret" not in caplog.text


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave standard error to the tests."""


@contextmanager
def served(app: WSGIApplication) -> Generator[socket.socket]:
    """Yield a connection to a real server that answers one request and then stops."""
    with make_server("127.0.0.1", 0, validator(app), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        try:
            with socket.create_connection(("127.0.0.1", server.server_port), timeout=30) as client:
                yield client
        finally:
            thread.join(timeout=30)
        assert not thread.is_alive()


def exchange(client: socket.socket, head: str, body: bytes = b"") -> bytes:
    """Send a request, then nothing more, and return all of the answer."""
    client.sendall(f"POST /salesforce/ HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
    client.sendall(body)
    client.shutdown(socket.SHUT_WR)
    return client.makefile("rb").read()


def test_a_message_over_a_socket_is_acknowledged() -> None:
    receiver = sample_receiver()
    ids: list[str] = []

    @receiver.handles(Opportunity)
    def handle(record: Opportunity, _delivery: obgen.Delivery) -> None:
        ids.append(record.id)

    with served(wsgi.app(receiver)) as client:
        answer = exchange(client, f"Content-Length: {len(MESSAGE)}", MESSAGE)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert body == ACK
    assert ids == ["006000000000001AAA"]


def test_a_message_cut_off_on_a_socket_is_not() -> None:
    receiver = Recorder()
    with served(wsgi.app(receiver)) as client:
        answer = exchange(client, f"Content-Length: {LIMIT}", b"x" * (LIMIT - 1))
    assert answer.startswith(b"HTTP/1.0 400 Bad Request\r\n")
    assert receiver.bodies == []


def test_a_message_too_large_on_a_socket_is_refused_before_it_is_sent() -> None:
    receiver = Recorder()
    with served(wsgi.app(receiver)) as client:
        answer = exchange(client, f"Content-Length: {LIMIT + 1}")
    assert answer.startswith(b"HTTP/1.0 413 ")
    assert receiver.bodies == []


def test_tells_the_receiver_where_the_message_came_from() -> None:
    recorder = Recorder()
    environ: dict[str, object] = {
        "CONTENT_LENGTH": "1",
        "CONTENT_TYPE": "text/xml",
        "HTTP_X_FORWARDED_FOR": "198.51.100.7",
        "SCRIPT_NAME": "/mounted",
        "PATH_INFO": "/here",
        "QUERY_STRING": "a=b",
        "REMOTE_ADDR": "192.0.2.1",
    }
    call(wsgi.app(recorder), io.BytesIO(b"x"), environ)
    (origin,) = recorder.origins
    headers = origin.pop("headers")
    assert headers["X-FORWARDED-FOR"] == "198.51.100.7"
    assert headers["CONTENT-TYPE"] == "text/xml"
    assert origin == {"path": "/mounted/here", "query": "a=b", "peer": "192.0.2.1"}


@pytest.mark.parametrize(
    ("path", "text"), [("/empf\xc3\xa4nger", "/empfänger"), ("/\xff", "/\N{REPLACEMENT CHARACTER}")]
)
def test_the_path_is_text(path: str, text: str) -> None:
    recorder = Recorder()
    environ: dict[str, object] = {"SCRIPT_NAME": "", "PATH_INFO": path, "CONTENT_LENGTH": "1"}
    call(wsgi.app(recorder), io.BytesIO(b"x"), environ)
    assert recorder.origins[0].get("path") == text
