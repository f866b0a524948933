"""Serve a Receiver as an ASGI application: uvicorn, hypercorn, granian and others."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from obgen.adapters.intake import BODY_TIMEOUT, Intake
from obgen.adapters.scope import in_time, length_of, origin_of, peer_of
from obgen.errors import EnvelopeError
from obgen.runtime.receiver import Receiver

Scope: TypeAlias = MutableMapping[str, Any]
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def app(receiver: Receiver, *, body_timeout: float | None = BODY_TIMEOUT) -> Application:
    """Return an ASGI 3 application that answers outbound messages wherever it is mounted.

    A body that takes longer than `body_timeout` seconds is refused; None waits for ever. Sync
    handlers run in a thread and don't hold up the event loop. A WebSocket is refused; ValueError
    is raised for a scope type that isn't known, as ASGI asks for.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await _answer(receiver, scope, receive, send, body_timeout)
            case "lifespan":
                await _live(receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close"})
            case other:
                raise ValueError(f"the ASGI scope type {other!r} is not served here")

    return application


async def _answer(
    receiver: Receiver, scope: Scope, receive: Receive, send: Send, body_timeout: float | None
) -> None:
    try:
        intake = Intake(scope["method"], length_of(scope), max_bytes=receiver.limits.max_bytes)
        if not await in_time(_read(receive, intake), body_timeout):
            return
        body = intake.finish()
    except EnvelopeError as error:
        reply = receiver.refuse(error.refusal, peer=peer_of(scope))
    else:
        reply = await receiver.receive_async(body, **origin_of(scope))
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers.items()
    ]
    content = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _read(receive: Receive, intake: Intake) -> bool:
    """Read the body; return False if the client went away in its midst, when nobody can answer."""
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return False
        intake.add(event.get("body", b""))
        more = event.get("more_body", False)
    return True


async def _live(receive: Receive, send: Send) -> None:
    """Say to the server's startup and shutdown that there is nothing to do."""
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return
