import asyncio
import io
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.test import Client, RequestFactory, override_settings
from django.urls import re_path
from support_adapters import MESSAGE, Opportunity, Recorder, sample_receiver
from support_clients import Request

import obgen
from obgen.adapters import django as adapter

PATH = "/salesforce"


def wsgi_request(stream: object, **environ: object) -> HttpRequest:
    """Return a request as Django makes it of what a WSGI server hands over."""
    made = RequestFactory().post(PATH).environ | {"wsgi.input": stream, **environ}
    return WSGIRequest(made)


def asgi_request(body: bytes) -> HttpRequest:
    """Return a request as Django makes it of what an ASGI server hands over."""
    return ASGIRequest(Request(body=body).scope(), io.BytesIO(body))


@pytest.mark.parametrize(
    "request_of",
    [lambda: wsgi_request(io.BytesIO(b"body"), CONTENT_LENGTH="4"), lambda: asgi_request(b"body")],
)
def test_a_middleware_that_reads_the_body_first_takes_nothing_away(
    request_of: Callable[[], HttpRequest],
) -> None:
    receiver, request = Recorder(), request_of()
    assert request.body == b"body"
    assert adapter.view(receiver)(request).status_code == 200
    assert receiver.bodies == [b"body"]


def test_only_a_pattern_for_both_forms_answers_both_at_once() -> None:
    # What the documentation warns of.
    urls = (re_path("^salesforce/$", adapter.view(Recorder())),)
    with override_settings(ROOT_URLCONF=urls):
        assert Client().post(PATH, b"body", content_type="text/xml").status_code == 301


class Broken(io.RawIOBase):
    def read(self, size: int = -1, /) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize(
    "environ", [{"CONTENT_LENGTH": "4"}, {"wsgi.input_terminated": True}], ids=["length", "chunked"]
)
def test_a_connection_that_breaks_is_not_acknowledged(environ: dict[str, object]) -> None:
    receiver = Recorder()
    answer = adapter.view(receiver)(wsgi_request(Broken(), **environ))
    assert answer.status_code == 400
    assert answer.content == obgen.fault("Client", obgen.Refusal.TRUNCATED.reason)
    assert receiver.bodies == []


def test_without_length_or_end_nothing_is_read() -> None:
    receiver, stream = Recorder(), io.BytesIO(b"of another request, or none at all")
    adapter.view(receiver)(wsgi_request(stream, CONTENT_LENGTH=""))
    assert (receiver.bodies, stream.tell()) == ([b""], 0)


def test_a_body_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(100))
    monkeypatch.setattr("obgen.adapters.intake.monotonic", lambda: next(times))
    receiver = Recorder()
    for timeout, status in ((1.0, 200), (0.5, 500)):
        request = wsgi_request(io.BytesIO(b"body"), CONTENT_LENGTH="4")
        assert adapter.view(receiver, body_timeout=timeout)(request).status_code == status
    assert receiver.bodies == [b"body"]


def test_async_handlers_run_in_the_event_loop_of_the_server() -> None:
    receiver = sample_receiver()
    loops: list[asyncio.AbstractEventLoop] = []

    @receiver.handles(Opportunity)
    async def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        loops.append(asyncio.get_running_loop())

    async def post() -> asyncio.AbstractEventLoop:
        answer = await adapter.async_view(receiver)(asgi_request(MESSAGE))
        assert answer.content == obgen.ack(True)
        return asyncio.get_running_loop()

    assert [asyncio.run(post())] == loops


def test_sync_handlers_do_not_hold_up_the_event_loop() -> None:
    receiver = sample_receiver()
    loop_went_on = threading.Event()

    @receiver.handles(Opportunity)
    def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        assert loop_went_on.wait(timeout=30)

    async def both() -> bytes:
        view: Callable[[HttpRequest], Awaitable[Any]] = adapter.async_view(receiver)
        answer = asyncio.ensure_future(view(asgi_request(MESSAGE)))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(loop_went_on.set)
        content: bytes = (await answer).content
        return content

    assert asyncio.run(both()) == obgen.ack(True)
