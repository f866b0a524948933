"""Serve a Receiver as a view of Django: `view`, or `async_view` for async handlers under ASGI."""

from typing import TYPE_CHECKING

from obgen.adapters.environ import has_end
from obgen.adapters.extras import extra
from obgen.adapters.intake import BODY_TIMEOUT, Intake
from obgen.errors import EnvelopeError
from obgen.runtime.origin import Origin
from obgen.runtime.receiver import Receiver
from obgen.runtime.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from django.http import HttpRequest, HttpResponse


def view(
    receiver: Receiver, *, body_timeout: float | None = BODY_TIMEOUT
) -> "Callable[[HttpRequest], HttpResponse]":
    """Return a view that answers outbound messages, for `re_path(r"^salesforce/?$", …)`.

    The path has to match with and without its last slash: APPEND_SLASH redirects, and Salesforce
    follows no redirects. The view is exempt from CSRF checks; beside LoginRequiredMiddleware, wrap
    it in `login_not_required`. It works under WSGI, and under ASGI, where Django runs it in a
    thread; see `async_view` for that. The receiver's `max_bytes` holds here and not
    `DATA_UPLOAD_MAX_MEMORY_SIZE`. A body that takes longer than `body_timeout` seconds is refused,
    None waits for ever; WSGI can only look at the clock between two reads: how long one of them may
    take is for the server, or the proxy before it, to say.

    Raises ConfigurationError if Django isn't installed.
    """
    with extra("django"):
        from django.views.decorators.csrf import csrf_exempt

    @csrf_exempt
    def outbound_message(request: "HttpRequest") -> "HttpResponse":
        try:
            body = _read(request, receiver.limits.max_bytes, body_timeout)
        except EnvelopeError as error:
            reply = receiver.refuse(error.refusal, peer=_peer(request))
        else:
            reply = receiver.receive(body, **_to_origin(request))
        return _to_response(reply, request)

    return outbound_message


def async_view(receiver: Receiver) -> "Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]":
    """Return a view like `view` whose async handlers run in the event loop of the server.

    Sync handlers run in a thread, outside of Django's care for database connections: where
    handlers use the ORM in sync code, `view` is the better choice. Under ASGI, Django reads a body
    to its end before any view runs, to a file if it is large: how long it may be and take there is
    for the server, or the proxy before it, to say.

    Raises ConfigurationError if Django isn't installed.
    """
    with extra("django"):
        from django.views.decorators.csrf import csrf_exempt

    @csrf_exempt
    async def outbound_message(request: "HttpRequest") -> "HttpResponse":
        try:
            body = _read(request, receiver.limits.max_bytes, None)
        except EnvelopeError as error:
            reply = receiver.refuse(error.refusal, peer=_peer(request))
        else:
            reply = await receiver.receive_async(body, **_to_origin(request))
        return _to_response(reply, request)

    return outbound_message


def _read(request: "HttpRequest", max_bytes: int, timeout: float | None) -> bytes:
    length: str | None = request.META.get("CONTENT_LENGTH")
    intake = Intake(request.method or "", length, max_bytes=max_bytes, timeout=timeout)
    if not length and "wsgi.input" in request.META:
        # Django takes such a body for empty under WSGI, even if it is chunked.
        if has_end(request.META):
            intake.read(request.META["wsgi.input"].read)
    else:
        intake.read(request.read)
    return intake.finish()


def _to_response(reply: Reply, request: "HttpRequest") -> "HttpResponse":
    from django.http import HttpResponse

    content = b"" if request.method == "HEAD" else reply.body
    return HttpResponse(content, status=reply.status, headers=dict(reply.headers))


def _to_origin(request: "HttpRequest") -> Origin:
    return Origin(
        headers=request.headers,
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        peer=_peer(request),
    )


def _peer(request: "HttpRequest") -> str:
    peer: str = request.META.get("REMOTE_ADDR", "")
    return peer
