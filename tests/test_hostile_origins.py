"""No header makes a request come from elsewhere, whatever a client writes into it.

Each is tried twice: by a client that comes directly, and by one that comes through a proxy, which
adds the truth to whatever it was sent, as badly as a proxy may: in a line of its own. Real HTTP
servers read it, since what a trick becomes is for them to decide.
"""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from hostile.origins import ALLOWED, CASES, FOREIGN, HONEST, SUBJECT, TRUTH, Pretence
from messages import ORGANIZATION_ID, message, notification

import obgen
from obgen.adapters import asgi, wsgi

BODY = message(notification())
Send = Callable[[str], int]
"""Sends a good message with some header lines and returns the status of the answer."""


def receiver(*, proxy: str) -> obgen.Receiver:
    """Return a receiver that demands an allowed client with a certificate, behind a proxy."""
    checks = obgen.OriginChecks(
        networks=f"{ALLOWED}/32",
        proxies=proxy,
        certificate_headers={"X-Client-Verify": "SUCCESS", "X-Client-Subject": SUBJECT},
    )
    return obgen.Receiver(organization_ids=ORGANIZATION_ID, origin=checks)


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Leave standard error to the tests."""


def serve(proxy: str) -> Iterator[Send]:
    """Yield what sends requests to a server of the standard library."""
    server: WSGIServer
    with make_server(
        "127.0.0.1", 0, wsgi.app(receiver(proxy=proxy)), handler_class=Quiet
    ) as server:

        def send(lines: str) -> int:
            head = f"POST / HTTP/1.1\r\nHost: x\r\n{lines}\r\nContent-Length: {len(BODY)}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", server.server_port), 60) as client:
                client.sendall(head.encode() + BODY)
                client.shutdown(socket.SHUT_WR)
                return int(client.makefile("rb").read().split()[1])

        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield send
        server.shutdown()
        thread.join()


def call(proxy: str) -> Send:
    """Return what hands requests to an ASGI application, each line a header of its own."""
    app = asgi.app(receiver(proxy=proxy))

    async def answer(lines: str) -> int:
        sent: list[MutableMapping[str, Any]] = []
        pairs = [line.partition(":") for line in lines.replace("\r\n ", " ").split("\r\n")]
        headers = [(name.lower().encode(), text.strip().encode()) for name, _, text in pairs]
        scope = {"type": "http", "method": "POST", "headers": headers, "client": ("127.0.0.1", 1)}

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": BODY}

        async def send(event: MutableMapping[str, Any]) -> None:
            sent.append(event)

        await app(scope, receive, send)
        status: int = sent[0]["status"]
        return status

    return lambda lines: asyncio.run(answer(lines))


@pytest.fixture(scope="module")
def wsgi_proxied() -> Iterator[Send]:
    yield from serve("127.0.0.1")


@pytest.fixture(scope="module")
def wsgi_direct() -> Iterator[Send]:
    yield from serve("10.0.0.1")


@pytest.fixture(params=["wsgi", "asgi"])
def proxied(request: pytest.FixtureRequest) -> Send:
    """Return what sends requests that come from a proxy."""
    if request.param == "asgi":
        return call("127.0.0.1")
    send: Send = request.getfixturevalue("wsgi_proxied")
    return send


@pytest.fixture(params=["wsgi", "asgi"])
def direct(request: pytest.FixtureRequest) -> Send:
    """Return what sends requests that come from somebody else."""
    if request.param == "asgi":
        return call("10.0.0.1")
    send: Send = request.getfixturevalue("wsgi_direct")
    return send


def test_the_truth_of_an_allowed_client_is_believed(proxied: Send) -> None:
    assert proxied(HONEST) == 200
    assert proxied(HONEST.replace(ALLOWED, f"{FOREIGN}, {ALLOWED}")) == 200
    assert proxied(HONEST.replace(ALLOWED, f"[::ffff:{ALLOWED}]:443, 127.0.0.1")) == 200
    assert proxied(TRUTH) == 403


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_client_that_comes_directly(direct: Send, case: Pretence) -> None:
    assert direct(case.lines) == 403
    assert direct(f"{case.lines}\r\n{HONEST}") == 403


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_client_behind_a_proxy(proxied: Send, case: Pretence) -> None:
    assert proxied(f"{case.lines}\r\n{TRUTH}") == 403
    for good, bad in ((ALLOWED, FOREIGN), ("SUCCESS", "NONE"), (SUBJECT, "CN=other")):
        assert proxied(f"{case.lines}\r\n{HONEST.replace(good, bad)}") == 403
    if case.joined:
        lines = HONEST.replace(f"X-Forwarded-For: {ALLOWED}", f"{case.lines}, {FOREIGN}")
        assert proxied(lines) == 403


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_log_is_one_line_of_ascii(case: Pretence, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "obgen"):
        call("127.0.0.1")(f"{case.lines}\r\n{TRUTH}")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "obgen.receiver"]
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 400


@pytest.mark.parametrize(
    "origin",
    [
        {"headers": {"X-Forwarded-For": "10.0.0.1," * 100_000}, "peer": "10.0.0.1"},
        {"headers": {"X-Forwarded-For": "1" * 1_000_000}, "peer": "10.0.0.1"},
        {"headers": {f"x-{n}": "" for n in range(100_000)}, "peer": "10.0.0.1"},
        {"peer": "1:" * 500_000},
        {"peer": "[" * 1_000_000},
    ],
)
def test_what_is_huge_costs_little(origin: dict[str, Any]) -> None:
    checked = receiver(proxy="10.0.0.0/8")
    started = time.process_time()
    assert checked.receive(BODY, **origin).status == 403
    assert time.process_time() - started < 0.25


@pytest.mark.parametrize("parameter", [None, "key"])
@pytest.mark.parametrize("text", ["/", "x", "&", "key=x&", "%", "%41", "\u00e9", "\udc80"])
def test_a_huge_address_of_a_page_costs_little(parameter: str | None, text: str) -> None:
    checks = obgen.OriginChecks(secrets="n3w-s3cret-0f-the-endp0int", query_parameter=parameter)
    checked = obgen.Receiver(organization_ids=ORGANIZATION_ID, origin=checks)
    long = text * (65_536 // len(text))
    started = time.process_time()
    assert checked.receive(BODY, path=long, query=long).status == 404
    assert time.process_time() - started < 0.25
