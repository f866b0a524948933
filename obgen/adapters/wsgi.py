"""Serve a Receiver as a WSGI application: gunicorn, waitress, mod_wsgi and others."""

from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from obgen.adapters.environ import has_end, origin_of, peer_of
from obgen.adapters.intake import BODY_TIMEOUT, Intake
from obgen.errors import EnvelopeError
from obgen.runtime.receiver import Receiver
from obgen.runtime.reply import Reply


def app(receiver: Receiver, *, body_timeout: float | None = BODY_TIMEOUT) -> WSGIApplication:
    """Return a WSGI application that answers outbound messages at whatever path it is mounted.

    A body that takes longer than `body_timeout` seconds is refused; None waits for ever. WSGI can
    only look at the clock between two reads: how long one of them may take is for the server, or
    the proxy before it, to say.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        reply = _answer(receiver, environ, body_timeout)
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        start_response(status, list(reply.headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]

    return application


def _answer(receiver: Receiver, environ: WSGIEnvironment, timeout: float | None) -> Reply:
    try:
        body = _read(environ, receiver.limits.max_bytes, timeout)
    except EnvelopeError as error:
        return receiver.refuse(error.refusal, peer=peer_of(environ))
    return receiver.receive(body, **origin_of(environ))


def _read(environ: WSGIEnvironment, max_bytes: int, timeout: float | None) -> bytes:
    intake = Intake(
        environ["REQUEST_METHOD"],
        environ.get("CONTENT_LENGTH"),
        max_bytes=max_bytes,
        timeout=timeout,
    )
    if has_end(environ):
        intake.read(environ["wsgi.input"].read)
    return intake.finish()
