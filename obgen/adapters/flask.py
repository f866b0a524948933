"""Serve a Receiver as a view of Flask."""

from typing import TYPE_CHECKING, Final

from obgen.adapters.environ import origin_of, peer_of
from obgen.adapters.extras import extra
from obgen.adapters.intake import BODY_TIMEOUT, Intake
from obgen.errors import EnvelopeError
from obgen.runtime.receiver import Receiver

if TYPE_CHECKING:
    from flask import Request
    from flask.typing import RouteCallable

METHODS: Final = ("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
"""All there are: those but the first are refused in SOAP's words, not in Flask's."""


def view(receiver: Receiver, *, body_timeout: float | None = BODY_TIMEOUT) -> "RouteCallable":
    """Return a view that answers outbound messages, for `add_url_rule(…, strict_slashes=False)`.

    Without that, Flask redirects from one form of the path to the other, or knows only one, and
    Salesforce follows no redirects. It goes by the endpoint "outbound_messages"; a second one in
    an application needs `endpoint=` of its own. The receiver's `max_bytes` holds here and not
    `MAX_CONTENT_LENGTH`; a body that takes longer than `body_timeout` seconds is refused, None
    waits for ever. WSGI can only look at the clock between two reads: how long one of them may
    take is for the server, or the proxy before it, to say.

    Raises ConfigurationError if Flask isn't installed.
    """
    with extra("flask"):
        from flask import Response, request
        from flask.views import View

    class OutboundMessages(View):
        # Flask would answer those that it isn't told of in its own words.
        methods = METHODS
        provide_automatic_options = False

        def dispatch_request(self) -> Response:
            try:
                body = _read(request, receiver.limits.max_bytes, body_timeout)
            except EnvelopeError as error:
                reply = receiver.refuse(error.refusal, peer=peer_of(request.environ))
            else:
                reply = receiver.receive(body, **origin_of(request.environ))
            return Response(reply.body, reply.status, dict(reply.headers))

    return OutboundMessages.as_view("outbound_messages")


def _read(request: "Request", max_bytes: int, timeout: float | None) -> bytes:
    length: str | None = request.environ.get("CONTENT_LENGTH")
    intake = Intake(request.method, length, max_bytes=max_bytes, timeout=timeout)
    # One more than the limit, so that it is the intake that finds a body too large.
    request.max_content_length = max_bytes + 1
    intake.read(request.stream.read)  # which is empty where nobody says how long the body is
    if intake.is_empty:
        # What ran before the view, such as a before_request function, may have read it.
        intake.add(request.get_data())
    return intake.finish()
