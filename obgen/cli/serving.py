"""A server for one machine, of the standard library: good for looking at what arrives."""

import sys
from collections.abc import Callable, Mapping
from socketserver import ThreadingMixIn
from typing import Final, Unpack
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from obgen.adapters import wsgi
from obgen.cli.console import say
from obgen.errors import ConfigurationError
from obgen.runtime.message import Delivery
from obgen.runtime.origin import Origin
from obgen.runtime.receiver import ANY_ORGANIZATION, Receiver
from obgen.runtime.reply import NOT_ACKNOWLEDGED, Reply
from obgen.runtime.wire import Record

_PATIENCE: Final = 30
"""Seconds that a client may be silent."""


class Listener(Receiver):
    """Answer, and pass on what came with the answer; its handlers do nothing.

    Args:
        records: The class for each object.
        organization_ids: Who may send; nobody named is everybody.
        nack: Whether to answer false where it would be true.
        seen: Is given each body, and the reply to it.
    """

    def __init__(
        self,
        records: Mapping[str, type[Record]],
        *,
        organization_ids: tuple[str, ...],
        nack: bool,
        seen: Callable[[bytes, Reply], None],
    ) -> None:
        super().__init__(organization_ids=organization_ids or ANY_ORGANIZATION)
        self._nack = nack
        self._seen = seen
        for record in records.values():
            self.handles(record)(_nothing)

    def receive(self, body: bytes, **origin: Unpack[Origin]) -> Reply:
        """Return the reply to a request's body."""
        reply = super().receive(body, **origin)
        if self._nack and reply.acknowledged:
            reply = NOT_ACKNOWLEDGED
        self._seen(body, reply)
        return reply


def bind(listener: Listener, host: str, port: int) -> "Server":
    """Return a server that listens already, or raise ConfigurationError."""
    try:
        return make_server(host, port, wsgi.app(listener), Server, _Handler)
    except OSError as error:
        raise ConfigurationError(
            f"can't listen on port {port} of {host}: {error.strerror}",
            hint="Take another one; --port 0 takes one that is free.",
        ) from error


class Server(ThreadingMixIn, WSGIServer):
    """Answer each request in a thread of its own."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the server calls it so
        """Say what went wrong with one request; the others go on."""
        error = sys.exception()
        say("warning:", f"a request couldn't be answered: {type(error).__name__}: {error}")


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet: what came is shown, and the path may be a secret."""


def _nothing(_record: Record, _delivery: Delivery) -> None:
    """Handle a record by letting it be shown."""
