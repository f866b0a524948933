"""Serve a Receiver as an endpoint of Starlette or FastAPI."""

from typing import TYPE_CHECKING

from obgen.adapters.extras import extra
from obgen.adapters.intake import BODY_TIMEOUT, Intake
from obgen.adapters.scope import in_time, length_of, origin_of, peer_of
from obgen.errors import EnvelopeError, Refusal
from obgen.runtime.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response


def endpoint(
    receiver: Receiver, *, body_timeout: float | None = BODY_TIMEOUT
) -> "Callable[[Request], Awaitable[Response]]":
    """Return an endpoint that answers outbound messages, for a route with `methods=["POST"]`.

    Route it with and without the slash at its end: Starlette redirects from one form to the other,
    and Salesforce follows no redirects. A body that takes longer than `body_timeout` seconds is
    refused; None waits for ever. Where the application has a `max_body_size` below the receiver's
    limit, give the routes one of their own. Sync handlers run in a thread and don't hold up the
    event loop.

    Raises ConfigurationError if Starlette isn't installed.
    """
    with extra("starlette"):
        from starlette.requests import ClientDisconnect, Request
        from starlette.responses import Response

    # FastAPI looks at these annotations when it runs.
    async def outbound_message(request: Request) -> Response:
        try:
            body = await in_time(_read(request, receiver.limits.max_bytes), body_timeout)
        except EnvelopeError as error:
            reply = receiver.refuse(error.refusal, peer=peer_of(request.scope))
        except ClientDisconnect:
            # Nobody is there to read this.
            reply = receiver.refuse(Refusal.TRUNCATED, peer=peer_of(request.scope))
        else:
            reply = await receiver.receive_async(body, **origin_of(request.scope))
        content = b"" if request.method == "HEAD" else reply.body
        return Response(content, reply.status, dict(reply.headers))

    return outbound_message


async def _read(request: "Request", max_bytes: int) -> bytes:
    intake = Intake(request.method, length_of(request.scope), max_bytes=max_bytes)
    async for piece in request.stream():
        intake.add(piece)
    return intake.finish()
