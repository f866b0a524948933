"""Serve a Receiver as an AWS Lambda function behind HTTP.

That is: API Gateway's REST and HTTP APIs (payload formats 1.0 and 2.0), a function URL, or an
application load balancer, with multi-value headers or without.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import unquote, urlencode

from obgen.adapters.intake import Intake
from obgen.adapters.scope import joined
from obgen.errors import ConfigurationError, EnvelopeError, Refusal
from obgen.runtime.origin import Origin
from obgen.runtime.receiver import Receiver
from obgen.runtime.reply import Reply

Event: TypeAlias = Mapping[str, Any]
Response: TypeAlias = dict[str, Any]


def handler(receiver: Receiver) -> Callable[[Event, object], Response]:
    """Return a Lambda handler, called with event and context, that answers outbound messages.

    AWS hands over a body when it is whole: 6 MB at most, 1 MB from a load balancer. There is no
    deadline of ours: Lambda ends a function that runs into its timeout, and then nothing was
    acknowledged. Let that be less than the 20 seconds that Salesforce waits.

    The handler raises ConfigurationError for an event that is no HTTP request.
    """

    def handle(event: Event, _context: object) -> Response:
        try:
            method, origin = _method(event), to_origin(event)
        except (AttributeError, KeyError, TypeError) as error:
            raise _no_request() from error
        try:
            length = origin.get("headers", {}).get("content-length")
            intake = Intake(method, length, max_bytes=receiver.limits.max_bytes)
            intake.add(_body(event))
            body = intake.finish()
        except EnvelopeError as error:
            reply = receiver.refuse(error.refusal, peer=origin.get("peer", ""))
        else:
            reply = receiver.receive(body, **origin)
        return to_response(reply, event)

    return handle


def to_origin(event: Event) -> Origin:
    """Return where a request came from.

    A load balancer doesn't say its client's address but in X-Forwarded-For, which it can be told
    to leave as the client wrote it: `peer` is "" there.
    """
    context = event["requestContext"]
    caller: Mapping[str, str] = context.get("http") or context.get("identity") or {}
    path: str = event.get("rawPath") or context.get("path") or event["path"]
    return Origin(
        headers=joined(
            (name, str(value)) for name, value in _pairs(event, "headers", "multiValueHeaders")
        ),
        # HTTP APIs have decoded it, the others haven't; where there is nothing to decode, as in
        # letters and digits, all are the same.
        path=unquote(path),
        query=_query(event),
        peer=caller.get("sourceIp", ""),
    )


def to_response(reply: Reply, event: Event) -> Response:
    """Return a reply in the form that the sender of an event takes."""
    response: Response = {
        "statusCode": reply.status,
        "headers": dict(reply.headers),
        "body": "" if _method(event) == "HEAD" else reply.body.decode(),
        "isBase64Encoded": False,
    }
    if _is_from_load_balancer(event):
        # API Gateway takes no keys that it doesn't know.
        response["statusDescription"] = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        if "multiValueHeaders" in event:
            headers = response.pop("headers")
            response["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    return response


def _method(event: Event) -> str:
    context: Event = event.get("requestContext") or {}
    method: str | None = event.get("httpMethod") or context.get("http", {}).get("method")
    if method is None:
        raise _no_request()
    return method


def _no_request() -> ConfigurationError:
    return ConfigurationError(
        "a Lambda function was called with something else than an HTTP request",
        hint="Let it be called by API Gateway, a function URL or a load balancer.",
    )


def _body(event: Event) -> bytes:
    body: object = event.get("body") or ""
    if not isinstance(body, str):
        raise EnvelopeError(Refusal.TRUNCATED)
    if not event.get("isBase64Encoded"):
        # A lone surrogate, which JSON can hold, becomes what it is: no UTF-8, to be refused.
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise EnvelopeError(Refusal.TRUNCATED) from error


def _query(event: Event) -> str:
    raw: str | None = event.get("rawQueryString")
    if raw is not None:
        return raw
    pairs = list(_pairs(event, "queryStringParameters", "multiValueQueryStringParameters"))
    if _is_from_load_balancer(event):
        return "&".join(f"{name}={value}" for name, value in pairs)  # as they were sent
    return urlencode(pairs)


def _pairs(event: Event, single: str, multiple: str) -> Iterator[tuple[str, str]]:
    """Yield names with values, from all values of each name if the event has them."""
    if many := event.get(multiple):
        yield from ((name, value) for name, values in many.items() for value in values)
    else:
        yield from (event.get(single) or {}).items()


def _is_from_load_balancer(event: Event) -> bool:
    return "elb" in event["requestContext"]
