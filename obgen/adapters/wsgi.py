"""Serve a Receiver as a WSGI application: gunicorn, waitress, mod_wsgi and others."""

from http import HTTPStatus
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from obgen.adapters.intake import Intake
from obgen.errors import EnvelopeError, Refusal
from obgen.runtime.receiver import Receiver
from obgen.runtime.reply import Reply


def app(receiver: Receiver) -> WSGIApplication:
    """Return a WSGI application that answers outbound messages at whatever path it is mounted."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        reply = _answer(receiver, environ)
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        start_response(status, list(reply.headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]

    return application


def _answer(receiver: Receiver, environ: WSGIEnvironment) -> Reply:
    peer: str = environ.get("REMOTE_ADDR", "")
    try:
        body = _read(environ, receiver.limits.max_bytes)
    except EnvelopeError as error:
        return receiver.refuse(error.refusal, peer=peer)
    except OSError:
        # The connection broke or timed out: whatever arrived, it isn't the whole message.
        return receiver.refuse(Refusal.TRUNCATED, peer=peer)
    return receiver.receive(
        body,
        headers=_headers(environ),
        path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
        query=environ.get("QUERY_STRING", ""),
        peer=peer,
    )


def _read(environ: WSGIEnvironment, max_bytes: int) -> bytes:
    intake = Intake(environ["REQUEST_METHOD"], environ.get("CONTENT_LENGTH"), max_bytes=max_bytes)
    stream: InputStream = environ["wsgi.input"]
    if intake.expected is not None or _has_end(environ):
        while intake.wanted and (piece := stream.read(intake.wanted)):
            intake.add(piece)
    return intake.finish()


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    return {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }


def _has_end(environ: WSGIEnvironment) -> bool:
    """Tell whether reading a body without Content-Length ends, instead of waiting for ever."""
    if environ.get("wsgi.input_terminated"):
        return True
    encoding: str = environ.get("HTTP_TRANSFER_ENCODING", "")
    return encoding.strip().lower() == "chunked"
