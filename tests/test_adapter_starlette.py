import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from support_adapters import MESSAGE, Opportunity, Recorder, sample_receiver

import obgen
from obgen.adapters import asgi
from obgen.adapters import starlette as adapter

PATH = "/salesforce"


def app_of(receiver: obgen.Receiver, *middleware: Middleware, timeout: float = 20.0) -> Starlette:
    endpoint = adapter.endpoint(receiver, body_timeout=timeout)
    return Starlette(routes=[Route(PATH, endpoint, methods=["POST"])], middleware=middleware)


def test_only_with_two_routes_are_both_forms_answered_at_once() -> None:
    # What the documentation warns of.
    client = TestClient(app_of(Recorder()), follow_redirects=False)
    assert client.post(f"{PATH}/", content=b"body").status_code == 307


@pytest.mark.parametrize("path", ["/hooks/salesforce", "/hooks/salesforce/"])
def test_an_asgi_application_is_mounted_for_all_that_is_below(path: str) -> None:
    receiver = Recorder()
    app = Starlette(routes=[Mount("/hooks", asgi.app(receiver))])
    assert TestClient(app, follow_redirects=False).post(path, content=b"body").status_code == 200
    assert receiver.origins[0].get("path") == path


def test_a_middleware_that_reads_the_body_first_takes_nothing_away() -> None:
    seen: list[bytes] = []

    class Reads(BaseHTTPMiddleware):
        async def dispatch(
            self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
        ) -> Response:
            seen.append(await request.body())
            return await call_next(request)

    receiver = Recorder()
    client = TestClient(app_of(receiver, Middleware(Reads)))
    assert client.post(PATH, content=b"body").status_code == 200
    assert receiver.bodies == seen == [b"body"]


def test_goes_with_routers_and_dependencies_of_fastapi() -> None:
    receiver = Recorder()
    depended: list[str] = []
    router = APIRouter(dependencies=[Depends(lambda: depended.append("yes"))])
    router.add_api_route(PATH, adapter.endpoint(receiver), methods=["POST"])
    app = FastAPI()
    app.include_router(router, prefix="/hooks")
    client = TestClient(app)
    assert client.post(f"/hooks{PATH}", content=b"body").status_code == 200
    assert (receiver.bodies, depended) == ([b"body"], ["yes"])
    assert f"/hooks{PATH}" in client.get("/openapi.json").json()["paths"]


async def ask(app: asgi.Application, *events: asgi.Event, method: str = "POST") -> list[asgi.Event]:
    """Return what is sent to a client that sends some events, and then nothing more, but stays."""
    left, sent = list(events), list[asgi.Event]()

    async def receive() -> asgi.Event:
        if left:
            return left.pop(0)
        never: asyncio.Future[asgi.Event] = asyncio.get_running_loop().create_future()
        return await never

    async def send(event: asgi.Event) -> None:
        sent.append(event)

    scope: asgi.Scope = {"type": "http", "method": method, "path": PATH, "headers": []}
    async with asyncio.timeout(30):
        await app(scope, receive, send)
    return sent


def chunk(body: bytes, *, more: bool = False) -> asgi.Event:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_route_may_leave_other_methods_to_the_endpoint(method: str) -> None:
    route = Route(PATH, adapter.endpoint(Recorder()), methods=["POST", "GET"])
    start, body, *_ = asyncio.run(ask(Starlette(routes=[route]), method=method))
    assert start["status"] == 405
    assert (b"allow", b"POST") in start["headers"]
    fault = obgen.fault("Client", obgen.Refusal.METHOD.reason)
    assert body["body"] == (b"" if method == "HEAD" else fault)


def test_a_body_that_takes_too_long_is_waited_for_no_longer() -> None:
    receiver = Recorder()
    app = app_of(receiver, timeout=0.01)
    start, body, *_ = asyncio.run(ask(app, chunk(b"1234", more=True)))
    assert start["status"] == 500
    assert body["body"] == obgen.fault("Server", obgen.Refusal.SLOW.reason)
    assert receiver.bodies == []


def test_a_client_that_goes_away_is_not_acknowledged(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Recorder()
    gone: asgi.Event = {"type": "http.disconnect"}
    start, *_ = asyncio.run(ask(app_of(receiver), chunk(b"1234", more=True), gone))
    assert start["status"] == 400
    assert "Refused a request" in caplog.text
    assert receiver.bodies == []


def test_sync_handlers_do_not_hold_up_the_event_loop() -> None:
    receiver = sample_receiver()
    loop_went_on = threading.Event()

    @receiver.handles(Opportunity)
    def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        assert loop_went_on.wait(timeout=30)

    async def both() -> list[asgi.Event]:
        answer = asyncio.create_task(ask(app_of(receiver), chunk(MESSAGE)))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(loop_went_on.set)
        return await answer

    _, body, *_ = asyncio.run(both())
    assert body["body"] == obgen.ack(True)
