"""Every way into a receiver that needs no socket: each adapter by its framework's own test client.

A client takes a receiver and a request and returns the answer. All serve the receiver at PATH, with
and without a slash at the end, set up as the adapter's documentation says.
"""

import asyncio
import base64
import io
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote

import django
import flask
import starlette.testclient
import werkzeug.test
from django.conf import settings
from django.test import AsyncClient, Client, override_settings
from django.test.client import FakePayload
from django.urls import re_path
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route

import obgen
from obgen.adapters import asgi, aws_lambda, wsgi
from obgen.adapters import django as django_adapter
from obgen.adapters import flask as flask_adapter
from obgen.adapters import starlette as starlette_adapter

PATH = "/empfänger"
WIRE_PATH = "/empf%C3%A4nger"
PEER = "192.0.2.1"
TINY = 10
"""What the frameworks are told to accept at most, which must not count here."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it is on the wire.

    Attributes:
        length: The Content-Length; None for a body in chunks, "" for that of the body.
    """

    body: bytes = b""
    method: str = "POST"
    path: str = WIRE_PATH
    query: str = ""
    length: str | None = ""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/xml; charset=UTF-8"),)

    def all_headers(self) -> list[tuple[str, str]]:
        """Return the headers with those that tell how long the body is."""
        if self.length is None:
            return [*self.headers, ("Transfer-Encoding", "chunked")]
        return [*self.headers, ("Content-Length", self.length or str(len(self.body)))]

    def environ(self) -> dict[str, Any]:
        """Return the WSGI environment of a server."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(self.path, "latin-1"),
            "QUERY_STRING": self.query,
            "REMOTE_ADDR": PEER,
            "wsgi.input": io.BytesIO(self.body),
        }
        if self.length is None:
            environ["wsgi.input_terminated"] = True
        for name, value in self.all_headers():
            key = name.upper().replace("-", "_")
            key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
            environ[key] = f"{environ[key]}, {value}" if key in environ else value
        return environ

    def scope(self) -> dict[str, Any]:
        """Return the ASGI scope of a server."""
        return {
            "type": "http",
            "method": self.method,
            "path": unquote(self.path),
            "query_string": self.query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in self.all_headers()],
            "client": (PEER, 1234),
        }


@dataclass(frozen=True)
class Answer:
    """What came back; the names of the headers are in lower case."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict[str, str])


def answer(status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> Answer:
    """Return an answer, once it is sure that no header came twice."""
    pairs = [(name.lower(), value) for name, value in headers]
    assert len(dict(pairs)) == len(pairs)
    return Answer(status, body, dict(pairs))


def by_werkzeug(client: werkzeug.test.Client, request: Request) -> Answer:
    got = client.open(method=request.method, environ_overrides=request.environ())
    return answer(got.status_code, got.data, got.headers)


def wsgi_client(receiver: obgen.Receiver) -> werkzeug.test.Client:
    return werkzeug.test.Client(wsgi.app(receiver))


def flask_client(receiver: obgen.Receiver) -> werkzeug.test.Client:
    app = flask.Flask("app")
    app.config["MAX_CONTENT_LENGTH"] = TINY
    app.add_url_rule(PATH, view_func=flask_adapter.view(receiver), strict_slashes=False)
    return app.test_client()


MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=TINY,
        FILE_UPLOAD_MAX_MEMORY_SIZE=TINY,
        MIDDLEWARE=MIDDLEWARE,
        SECRET_KEY="of these tests",  # noqa: S106 - nothing real is signed with it
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    )
    django.setup()


def by_django(view: Any, request: Request) -> Answer:
    client = Client(enforce_csrf_checks=True)
    with override_settings(ROOT_URLCONF=(re_path(rf"^{PATH[1:]}/?$", view),)):
        got = client.request(**request.environ())
    return answer(got.status_code, got.content, got.items())


def by_async_django(view: Any, request: Request) -> Answer:
    client = AsyncClient(enforce_csrf_checks=True)
    scope = request.scope() | {"_body_file": FakePayload(request.body)}
    with override_settings(ROOT_URLCONF=(re_path(rf"^{PATH[1:]}/?$", view),)):
        got = asyncio.run(client.request(**scope))
    return answer(got.status_code, got.content, got.items())


def by_starlette(app: asgi.Application, request: Request) -> Answer:
    def chunks() -> Generator[bytes]:
        yield request.body

    client = starlette.testclient.TestClient(
        app, follow_redirects=False, client=(PEER, 1234), raise_server_exceptions=False
    )
    got = client.request(
        request.method,
        f"{request.path}?{request.query}",
        content=chunks() if request.length is None else request.body,
        headers=request.all_headers(),
    )
    return answer(got.status_code, got.content, got.headers.multi_items())


def starlette_app(receiver: obgen.Receiver) -> Starlette:
    endpoint = starlette_adapter.endpoint(receiver)
    paths = (PATH, f"{PATH}/")
    return Starlette(routes=[Route(path, endpoint, methods=["POST"]) for path in paths])


def fastapi_app(receiver: obgen.Receiver) -> FastAPI:
    app = FastAPI()
    for path in (PATH, f"{PATH}/"):
        app.post(path)(starlette_adapter.endpoint(receiver))
    return app


def lambda_event(form: str, request: Request, *, base64_encoded: bool = False) -> dict[str, Any]:
    """Return what one of AWS's services hands over; `form` is one of LAMBDA_FORMS.

    A REST API, a function URL and a load balancer leave the path as it is, an HTTP API decodes it.
    """
    headers: dict[str, list[str]] = {}
    for name, value in request.all_headers():
        headers.setdefault(name.lower(), []).append(value)
    query: dict[str, list[str]] = {}
    # A load balancer leaves these as they are too.
    decode = str if form.startswith("balancer") else unquote
    for pair in request.query.split("&") if request.query else ():
        name, value = pair.split("=")
        query.setdefault(decode(name), []).append(decode(value))
    path = unquote(request.path) if form.startswith("http") else request.path
    body = base64.b64encode(request.body) if base64_encoded else request.body
    event: dict[str, Any] = {
        # API Gateway says None where there is no body.
        "body": body.decode("utf-8", "surrogatepass") if body else None,
        "isBase64Encoded": base64_encoded,
    }
    last_headers = {name: values[-1] for name, values in headers.items()}
    last_query = {name: values[-1] for name, values in query.items()}
    match form:
        case "http-2" | "url":
            http = {"method": request.method, "path": path, "sourceIp": PEER}
            return event | {
                "version": "2.0",
                "rawPath": path,
                "rawQueryString": request.query,
                "headers": {name: ",".join(values) for name, values in headers.items()},
                "requestContext": {"http": http, "stage": "$default"},
            }
        case "rest" | "http-1":
            # The stage, "prod" for one, stands in the second path only: it is what was sent.
            stage = request.path.partition("/prod")[2]
            return event | {
                "httpMethod": request.method,
                "path": stage or path,
                "headers": last_headers,
                "multiValueHeaders": headers,
                "queryStringParameters": last_query or None,
                "multiValueQueryStringParameters": query or None,
                "requestContext": {"identity": {"sourceIp": PEER}, "path": path},
            }
        case "balancer":
            own: dict[str, Any] = {"headers": last_headers, "queryStringParameters": last_query}
        case _:
            own = {"multiValueHeaders": headers, "multiValueQueryStringParameters": query}
    request_context = {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:…"}}
    return (
        event
        | own
        | {
            "httpMethod": request.method,
            "path": path,
            "requestContext": request_context,
        }
    )


LAMBDA_FORMS = ("rest", "http-1", "http-2", "url", "balancer", "balancer-multi")


def by_lambda(form: str, receiver: obgen.Receiver, request: Request) -> Answer:
    # Bytes that are no text come in Base64, and so does all else where AWS is told so.
    binary = b"\xff" in request.body
    got = aws_lambda.handler(receiver)(
        lambda_event(form, request, base64_encoded=binary or form == "url"), None
    )
    assert got["isBase64Encoded"] is False
    headers = got.get("headers") or {
        name: value for name, (value,) in got["multiValueHeaders"].items()
    }
    return answer(got["statusCode"], got["body"].encode(), headers.items())


ClientFunction = Callable[[obgen.Receiver, Request], Answer]
CLIENTS: dict[str, ClientFunction] = {
    "wsgi": lambda receiver, request: by_werkzeug(wsgi_client(receiver), request),
    "asgi": lambda receiver, request: by_starlette(asgi.app(receiver), request),
    "flask": lambda receiver, request: by_werkzeug(flask_client(receiver), request),
    "django": lambda receiver, request: by_django(django_adapter.view(receiver), request),
    "django-async-under-wsgi": lambda receiver, request: by_django(
        django_adapter.async_view(receiver), request
    ),
    "django-async": lambda receiver, request: by_async_django(
        django_adapter.async_view(receiver), request
    ),
    "django-under-asgi": lambda receiver, request: by_async_django(
        django_adapter.view(receiver), request
    ),
    "starlette": lambda receiver, request: by_starlette(starlette_app(receiver), request),
    "fastapi": lambda receiver, request: by_starlette(fastapi_app(receiver), request),
    **{f"lambda-{form}": partial(by_lambda, form) for form in LAMBDA_FORMS},
}
