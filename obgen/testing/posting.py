"""Post a message to an application in this process: no server, no socket."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias, TypeGuard, Unpack

from obgen.errors import RunningLoopError
from obgen.runtime.handling import loop_is_running
from obgen.runtime.origin import Origin
from obgen.runtime.receiver import Receiver
from obgen.runtime.reply import Reply
from obgen.simulate.request import request_headers
from obgen.testing.calling import HOST, Request, call_asgi, call_wsgi

_Wsgi: TypeAlias = Callable[[Any, Any], Iterable[bytes]]
_Asgi: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
Application: TypeAlias = Receiver | _Wsgi | _Asgi
"""What a message can be posted to: a Receiver, a WSGI application or an ASGI 3 application."""


def post(app: Application, body: bytes, **origin: Unpack[Origin]) -> Reply:
    """Return the reply of an application to a message, after its handlers have run.

    By keyword goes what else a request has: `path` ("/"), `query`, `headers` to be added or
    replaced, and `peer`. What the application raises comes out as it is. An ASGI application runs
    in an event loop of this call's own, without its lifespan; where a loop is running already
    this raises RunningLoopError: use `post_async` there.
    """
    request = _complete(body, origin)
    if isinstance(app, Receiver):
        return app.receive(body, **_origin(request))
    if not _is_asgi(app):
        return call_wsgi(app, request)
    if loop_is_running():
        raise RunningLoopError(
            "post was called where an event loop is running, which it would block",
            hint="Use `await post_async(app, body)` there.",
        )
    import asyncio  # noqa: PLC0415 - tests of sync apps never need it

    with asyncio.Runner() as runner:
        return runner.run(call_asgi(app, request))


async def post_async(app: Application, body: bytes, **origin: Unpack[Origin]) -> Reply:
    """Return the reply of an application to a message, within the event loop of a test.

    A WSGI application runs in a thread; for the rest see `post`.
    """
    request = _complete(body, origin)
    if isinstance(app, Receiver):
        return await app.receive_async(body, **_origin(request))
    if _is_asgi(app):
        return await call_asgi(app, request)
    import asyncio  # noqa: PLC0415 - as above

    return await asyncio.to_thread(call_wsgi, app, request)


def _complete(body: bytes, origin: Origin) -> Request:
    """Return the request, with the headers that Salesforce sends where there are no others."""
    given = origin.get("headers", {})
    names = {name.lower() for name in given}
    usual = {"Host": HOST, **request_headers(body)}
    return Request(
        body=body,
        headers={name: usual[name] for name in usual if name.lower() not in names} | dict(given),
        path=origin.get("path", "/"),
        query=origin.get("query", ""),
        peer=origin.get("peer", "127.0.0.1"),
    )


def _origin(request: Request) -> Origin:
    return {
        "headers": request.headers,
        "path": request.path,
        "query": request.query,
        "peer": request.peer,
    }


def _is_asgi(app: _Wsgi | _Asgi) -> TypeGuard[_Asgi]:
    """Tell ASGI from WSGI: by a coroutine function, or by how many arguments it takes."""
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        return True
    try:
        inspect.signature(app).bind(None, None)
    except TypeError:
        return True
    return False
