"""Call an application as a server does, by the letter of WSGI (PEP 3333) or ASGI 3."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from wsgiref.util import setup_testing_defaults

from obgen.runtime.reply import Reply
from obgen.simulate.judge import judge

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

HOST: Final = "testserver"  # which Django's test runner allows
_PORT: Final = 443


@dataclass(frozen=True, slots=True)
class Request:
    """One POST, complete."""

    body: bytes
    headers: Mapping[str, str]
    path: str
    query: str
    peer: str


def call_wsgi(app: Callable[..., Any], request: Request) -> Reply:
    """Return what a WSGI application answers to a request."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query,
        "REMOTE_ADDR": request.peer,
        "SERVER_NAME": HOST,
        "SERVER_PORT": str(_PORT),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(request.body),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    setup_testing_defaults(environ)
    answer: dict[str, Any] = {}
    written: list[bytes] = []

    def start_response(
        status: str,
        headers: list[tuple[str, str]],
        exc_info: object = None,  # noqa: ARG001 - WSGI passes it
    ) -> Callable[[bytes], object]:
        answer.update(status=int(status.partition(" ")[0]), headers=dict(headers))
        return written.append

    chunks: Any = app(environ, start_response)
    try:
        written.extend(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return _reply(answer.get("status"), answer.get("headers", {}), b"".join(written))


async def call_asgi(app: Callable[..., Awaitable[None]], request: Request) -> Reply:
    """Return what an ASGI 3 application answers to a request."""
    import asyncio  # noqa: PLC0415 - tests of sync apps never need it

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": request.path,
        "raw_path": request.path.encode(),
        "root_path": "",
        "query_string": request.query.encode(),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in request.headers.items()
        ],
        "client": (request.peer, 0),
        "server": (HOST, _PORT),
    }
    requests = iter([{"type": "http.request", "body": request.body, "more_body": False}])
    answered = asyncio.Event()
    started: dict[str, Any] = {}
    written: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if event := next(requests, None):
            return event
        # Some applications listen for a client that goes away; this one waits for its answer.
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(event: Mapping[str, Any]) -> None:
        if event["type"] == "http.response.start":
            started.update(event)
        elif event["type"] == "http.response.body":
            written.append(bytes(event.get("body", b"")))
            if not event.get("more_body", False):
                answered.set()

    await app(scope, receive, send)
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in started.get("headers", ())}
    return _reply(started.get("status"), headers, b"".join(written))


def _reply(status: int | None, headers: Mapping[str, str], body: bytes) -> Reply:
    if status is None:
        raise AssertionError("the application returned without an answer")
    names = {name.title(): value for name, value in headers.items()}
    acknowledged = judge(status, body).acknowledged
    return Reply(status, body, acknowledged=acknowledged, headers=names)
