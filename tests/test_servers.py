"""What holds for every adapter under the servers that it is served by, over a real connection."""

from collections.abc import Generator
from dataclasses import dataclass

import pytest
from support_adapters import MESSAGE
from support_servers import BODY_TIMEOUT, LIMIT, PATH, Answer, Connection, serving

import obgen

pytestmark = pytest.mark.slow

ACK = obgen.ack(True)
CHUNKED = "Transfer-Encoding: chunked"
# White space after a message is no part of it: what is cut off in there is a message still.
LONG_MESSAGE = MESSAGE + b"\n" * 8 * 1024


@dataclass(frozen=True)
class Served:
    """An application under a server, and what this server keeps from the adapter.

    Attributes:
        streams: Whether the adapter gets a body while it arrives, and so can refuse one that is too
            large or too slow. The others hand it over once it is whole, however long that takes.
    """

    server: str
    app: str
    streams: bool = True
    prefix: str = ""


SERVED = [
    Served("gunicorn", "wsgi_app"),
    Served("waitress", "wsgi_app", streams=False),
    Served("uvicorn", "asgi_app"),
    Served("hypercorn", "asgi_app"),
    Served("gunicorn", "flask_app"),
    Served("waitress", "flask_app", streams=False),
    Served("gunicorn", "django_wsgi_app"),
    Served("waitress", "django_wsgi_app", streams=False),
    Served("uvicorn", "django_asgi_app", streams=False, prefix="/async"),
    Served("hypercorn", "django_asgi_app", streams=False),
    Served("uvicorn", "starlette_app"),
    Served("hypercorn", "starlette_app"),
    Served("uvicorn", "fastapi_app"),
]


@pytest.fixture(
    scope="module", params=SERVED, ids=lambda it: f"{it.app.removesuffix('_app')}-{it.server}"
)
def served(request: pytest.FixtureRequest) -> Served:
    served: Served = request.param
    return served


@pytest.fixture(scope="module")
def port(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Generator[int]:
    log = tmp_path_factory.mktemp("server") / "output"
    with serving(log, served.server, f"support_served:{served.app}") as port:
        yield port
    output = log.read_text("utf-8")
    assert "Traceback" not in output, output


@pytest.fixture
def connection(port: int) -> Generator[Connection]:
    with Connection(port) as connection:
        yield connection


@pytest.fixture
def path(served: Served) -> str:
    return f"{served.prefix}{PATH}"


def content_length(body: bytes, more: int = 0) -> str:
    return f"Content-Length: {len(body) + more}"


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


def is_ack(answer: Answer | None) -> bool:
    return answer is not None and b"<Ack>true" in answer.body


def assert_acknowledged(answer: Answer) -> None:
    assert (answer.status, answer.body) == (200, ACK)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.headers["content-length"] == str(len(ACK))
    assert "set-cookie" not in answer.headers


def assert_refused(answer: Answer, refusal: obgen.Refusal) -> None:
    fault = obgen.fault(refusal.fault_code, refusal.reason)
    assert (answer.status, answer.body) == (refusal.status, fault)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_message(connection: Connection, path: str, slash: str) -> None:
    connection.send_head(content_length(MESSAGE), path=path + slash)
    connection.send(MESSAGE)
    assert_acknowledged(connection.receive())


@pytest.mark.parametrize("size", [1, 100, 8 * 1024])
def test_a_chunked_message(connection: Connection, path: str, size: int) -> None:
    connection.send_head(CHUNKED, path=path)
    for start in range(0, len(MESSAGE), size):
        connection.send(chunk(MESSAGE[start : start + size]))
    connection.send(chunk(b""))
    assert_acknowledged(connection.receive())


def test_a_message_that_comes_slowly(connection: Connection, path: str) -> None:
    connection.send_head(content_length(LONG_MESSAGE), path=path)
    for start in range(0, len(LONG_MESSAGE), 1024):
        # Not a wait for something to happen: to send slowly is what this is about.
        assert not connection.says_something_within(0.02)
        connection.send(LONG_MESSAGE[start : start + 1024])
    assert_acknowledged(connection.receive())


def test_a_message_that_comes_too_slowly(connection: Connection, served: Served, path: str) -> None:
    connection.send_head(content_length(LONG_MESSAGE), path=path)
    half = 5 * 1024
    connection.send(LONG_MESSAGE[:half])
    if not connection.says_something_within(BODY_TIMEOUT + 0.5):
        # WSGI looks at the clock once there is something more to read.
        connection.send(LONG_MESSAGE[half:])
    if served.streams:
        assert_refused(connection.receive(), obgen.Refusal.SLOW)
    else:
        assert_acknowledged(connection.receive())


@pytest.mark.parametrize("kept", [0, 100, len(MESSAGE)])
def test_a_message_that_is_cut_off(connection: Connection, path: str, kept: int) -> None:
    connection.send_head(content_length(LONG_MESSAGE), path=path)
    connection.send(LONG_MESSAGE[:kept])
    connection.stop_sending()
    answer = connection.receive_if_any()
    assert answer is None or answer.status >= 400
    assert not is_ack(answer)


@pytest.mark.parametrize("ending", [b"", b"0\r\n", b"1000\r\n\n\n"])
def test_a_chunked_message_that_is_cut_off(
    connection: Connection, path: str, ending: bytes
) -> None:
    connection.send_head(CHUNKED, path=path)
    connection.send(chunk(MESSAGE) + ending)
    connection.stop_sending()
    answer = connection.receive_if_any()
    assert answer is None or answer.status >= 400
    assert not is_ack(answer)


def test_a_message_that_waits_for_leave(connection: Connection, path: str) -> None:
    connection.send_head(content_length(MESSAGE), "Expect: 100-continue", path=path)
    assert connection.receive_interim().startswith(b"HTTP/1.1 100 ")
    connection.send(MESSAGE)
    assert_acknowledged(connection.receive())


def test_a_message_that_is_too_large_is_refused_before_it_is_sent(
    connection: Connection, served: Served, path: str
) -> None:
    connection.send_head(f"Content-Length: {LIMIT + 1}", "Expect: 100-continue", path=path)
    if not served.streams:
        connection.send(b"x" * (LIMIT + 1))
    assert_refused(connection.receive(), obgen.Refusal.TOO_LARGE)


def test_a_chunked_message_that_is_too_large_is_refused_in_its_midst(
    connection: Connection, served: Served, path: str
) -> None:
    connection.send_head(CHUNKED, path=path)
    # One chunk too many and no end: gunicorn reads a little more than it is asked for.
    connection.send(chunk(b"x" * LIMIT) + chunk(b"x" * 1024))
    if not served.streams:
        connection.send(chunk(b""))
    assert_refused(connection.receive(), obgen.Refusal.TOO_LARGE)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_only_post(connection: Connection, path: str, method: str) -> None:
    connection.send_head(method=method, path=path)
    answer = connection.receive(method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_two_messages_over_one_connection_where_it_is_kept(
    connection: Connection, path: str
) -> None:
    connection.send_head(content_length(MESSAGE), path=path)
    connection.send(MESSAGE)
    answer = connection.receive()
    if answer.headers.get("connection") == "close":
        return  # which gunicorn's usual worker does
    connection.send_head(content_length(MESSAGE), path=path)
    connection.send(MESSAGE)
    assert_acknowledged(connection.receive())
