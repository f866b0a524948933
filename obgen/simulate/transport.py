"""Post a message over HTTP as Salesforce does: no redirect, a whole chain, and 20 seconds.

Whatever keeps an answer from coming is a `Verdict` too, in Salesforce's words where they are
known. Each request has a connection of its own.
"""

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from obgen.errors import ConfigurationError
from obgen.simulate.judge import Verdict, judge
from obgen.simulate.request import request_headers
from obgen.simulate.sending import Result

TIMEOUT: Final = 20.0
"""Seconds that a whole answer may take; Salesforce waits no longer since Summer '25."""
MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer that are read; an Ack has about 230."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = "[A-Za-z0-9_-]{1,63}"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|[0-9A-Fa-f:.]{{2,45}}")
_TARGET: Final = re.compile(r"[!-~]*")
_CHAIN_CODES: Final = frozenset({2, 19, 20, 21})
_SELF_SIGNED: Final = 18
"""What OpenSSL calls what it finds: X509_V_ERR_… in openssl/x509_vfy.h."""
_NO_CHAIN: Final = "… PKIX path building failed"
_NOT_AUTHENTICATED: Final = "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated"
_SEND_CHAIN: Final = (
    "Let the server send its certificate with all intermediate ones, from a public authority. "
    "One of your own is trusted here if the variable SSL_CERT_FILE names its file."
)
_SEE_LOG: Final = "The log of the server, or of the proxy before it, may say why."
_REASONS: Final = (
    (ssl.SSLError, "no TLS connection: {reason}", "Does this port speak TLS, of 1.2 or newer?"),
    (
        TimeoutError,
        "no whole answer within {timeout:g} s",
        "Answer in well under 5 s: store the message, and work later.",
    ),
    (socket.gaierror, "the host isn't known", "Check the name in the URL."),
    (
        ConnectionRefusedError,
        "the connection was refused",
        "Nothing listens there: is the server running?",
    ),
    (ConnectionError, "the connection ended before a whole answer came", _SEE_LOG),
    (http.client.IncompleteRead, "the connection ended before a whole answer came", _SEE_LOG),
    (http.client.HTTPException, "the answer isn't HTTP", "Is it the right port?"),
    (OSError, "no connection: {reason}", "Can this machine reach the endpoint at all?"),
)
"""(exception, failure, hint); the first that fits is taken."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to post. `str()` shows scheme, host and port alone: the rest may be a secret.

    Attributes:
        scheme: "http" or "https".
        host: Without the brackets of an IPv6 address.
        port: Always there.
        target: Path and query, as they stand in a request.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str) -> "Endpoint":
        """Return the parts of a URL, or raise ConfigurationError, which doesn't repeat it."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _bad_url("it can't be taken apart") from None
        if parts.scheme not in _DEFAULT_PORTS:
            raise _bad_url("it begins with neither https:// nor http://")
        if "@" in parts.netloc:
            raise _bad_url("it has a user name or a password, which obgen doesn't send")
        if _HOST.fullmatch(host) is None:
            raise _bad_url("it has no host that can be called")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if _TARGET.fullmatch(target) is None:
            raise _bad_url("it has characters that must be written with %")
        return cls(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme], target)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}{'' if usual else f':{self.port}'}"

    @property
    def secure(self) -> bool:
        """Return whether it is called over TLS."""
        return self.scheme == "https"

    @property
    def local(self) -> bool:
        """Return whether it is on this machine, where Salesforce can't call it."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: The HTTP status.
        content_type: The header, or "".
        body: All of it.
    """

    status: int
    content_type: str
    body: bytes


class NoAnswerError(Exception):
    """Say why there is no answer.

    Attributes:
        verdict: What Salesforce would show.
        untrusted: Whether it is the certificate that isn't accepted.
    """

    def __init__(
        self, failure: str, hint: str, *, simulated: bool = True, untrusted: bool = False
    ) -> None:
        super().__init__(failure)
        self.untrusted = untrusted
        self.verdict = Verdict(acknowledged=False, failure=failure, simulated=simulated, hint=hint)


class Transport:
    """Send requests to one endpoint, from any number of threads.

    Args:
        endpoint: Where to.
        timeout: Seconds for a whole request and its answer. Looking up the host isn't counted.
        max_answer: Bytes that an answer may have.
    """

    def __init__(
        self, endpoint: Endpoint, *, timeout: float = TIMEOUT, max_answer: int = MAX_ANSWER
    ) -> None:
        self.endpoint = endpoint
        self._timeout = timeout
        self._max_answer = max_answer
        self._context = ssl.create_default_context() if endpoint.secure else None

    def post(self, body: bytes) -> Result:
        """Post a message and return what Salesforce makes of the answer."""
        start = time.perf_counter()
        try:
            answer = self.request("POST", body, request_headers(body))
        except NoAnswerError as error:
            return Result(error.verdict, time.perf_counter() - start)
        seconds = time.perf_counter() - start
        return Result(judge(answer.status, answer.body, answer.content_type), seconds)

    def request(self, method: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer to any request, or raise NoAnswerError."""
        deadline = time.monotonic() + self._timeout
        connection = self._connection()
        try:
            connection.connect()
            with connection.sock as connected:
                wire: Any = _Wire(connected, deadline)
                connection.sock = wire
                connection.request(method, self.endpoint.target, body, headers)
                with connection.getresponse() as response:
                    return self._read(response)
        except (OSError, http.client.HTTPException) as error:
            raise self._explain(error) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.endpoint.host, self.endpoint.port
        if self._context is None:
            return http.client.HTTPConnection(host, port, timeout=self._timeout)
        return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._context)

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        body = response.read(self._max_answer + 1)
        if len(body) > self._max_answer:
            raise NoAnswerError(
                f"the answer has over {self._max_answer:,} bytes",
                "Answer with the bytes of obgen.ack(True), and nothing around them.",
            )
        if response.length:  # of what Content-Length promised
            raise http.client.IncompleteRead(body, response.length)
        return Answer(response.status, response.getheader("Content-Type", ""), body)

    def _explain(self, error: OSError | http.client.HTTPException) -> NoAnswerError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _explain_certificate(error)
        failure, hint = next(texts for kind, *texts in _REASONS if isinstance(error, kind))
        reason = getattr(error, "reason", "") or getattr(error, "strerror", "")
        reason = str(reason or type(error).__name__).replace("_", " ").lower()
        return NoAnswerError(failure.format(timeout=self._timeout, reason=reason), hint)


class _Wire:
    """Stand for a connected socket in http.client, with a deadline for all that is read.

    The timeout of a socket begins anew with each byte, so that an answer could drip for ever.
    """

    def __init__(self, connected: socket.socket, deadline: float) -> None:
        self._socket = connected
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._hold_deadline()
        self._socket.sendall(data)

    def receive_into(self, buffer: bytearray | memoryview) -> int:
        self._hold_deadline()
        return self._socket.recv_into(buffer)

    def _hold_deadline(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Leave the socket open: http.client closes this before the answer is read."""


class _Reader(io.RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - typeshed's name for it is private
        return self._wire.receive_into(buffer)


def _explain_certificate(error: ssl.SSLCertVerificationError) -> NoAnswerError:
    known = _NO_CHAIN if error.verify_code in _CHAIN_CODES else ""
    if error.verify_code == _SELF_SIGNED:
        known = _NOT_AUTHENTICATED
    if known:
        hint = f"{_SEND_CHAIN} OpenSSL says: {error.verify_message}."
        return NoAnswerError(known, hint, simulated=False, untrusted=True)
    return NoAnswerError(
        f"the certificate isn't accepted: {error.verify_message}",
        "Renew the certificate, or have one made for this host name.",
        untrusted=True,
    )


def _bad_url(reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"the URL can't be used: {reason}", hint="Take one such as https://example.com/outbound."
    )
