"""HTTP as Salesforce does it, against servers that behave in every way, over real sockets."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import trustme

import obgen
from obgen.errors import ConfigurationError
from obgen.simulate.judge import ACKNOWLEDGED
from obgen.simulate.transport import Endpoint, NoAnswerError, Transport

ACK = obgen.ack(True)
TIMEOUT = 20
SHORT = 0.2
"""Seconds after which the client gives up, where that is what a test is about."""

Serve = Callable[[socket.socket], None]


def response(body: bytes = ACK, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers]
    if not any(header.lower().startswith(("content-length", "transfer")) for header in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_request(connection: socket.socket) -> bytes:
    """Return one whole request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(answer: bytes) -> Serve:
    """Return what reads a request, and sends some bytes."""

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    return serve


@contextmanager
def serving(
    serve: Serve, context: ssl.SSLContext | None = None, *, host: str = "127.0.0.1"
) -> Generator[str]:
    """Serve one connection on a port of its own; yield the address."""

    def run() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # nobody came
        with connection:
            connection.settimeout(TIMEOUT)
            try:
                if context is None:
                    serve(connection)
                else:
                    with context.wrap_socket(connection, server_side=True) as wrapped:
                        serve(wrapped)
            except OSError:
                return  # the client went away, as it should in some tests

    with socket.create_server((host, 0)) as listener:
        listener.settimeout(TIMEOUT)
        thread = threading.Thread(target=run)
        thread.start()
        yield f"{'http' if context is None else 'https'}://localhost:{listener.getsockname()[1]}"
        thread.join(TIMEOUT)
        assert not thread.is_alive()


def failure_of(url: str, **options: float) -> str:
    result = Transport(Endpoint.parse(url), **options).post(b"<message/>")  # type: ignore[arg-type] # max_answer is a whole number
    assert not result.verdict.acknowledged
    assert result.verdict.hint
    return str(result.verdict)


def test_the_request_is_that_of_salesforce() -> None:
    requests: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(response())

    with serving(serve) as address:
        result = Transport(Endpoint.parse(f"{address}/outbound?key=s3cret")).post(b"<message/>")
    assert result.verdict == ACKNOWLEDGED
    assert 0 < result.seconds < TIMEOUT
    head, _, body = requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /outbound?key=s3cret HTTP/1.1"
    assert body == b"<message/>"
    assert set(headers) >= {
        "Content-Type: text/xml; charset=UTF-8",
        'SOAPAction: ""',
        "Content-Length: 10",
        f"Host: {address.removeprefix('http://')}",
    }


CHUNKED = "Transfer-Encoding: chunked"
MORE = "Content-Length: 9999"
ENDED = "simulated: the connection ended before a whole answer came"
NO_HTTP = "simulated: the answer isn't HTTP"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (response(), "acknowledged"),
        (response(obgen.ack(False)), "SOAP response was a nack"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + ACK, "acknowledged"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + response(), "acknowledged"),
        (response(b"%x\r\n%b\r\n0\r\n\r\n" % (len(ACK), ACK), "200 OK", CHUNKED), "acknowledged"),
        (response(b"%x\r\n%b" % (len(ACK) + 1, ACK), "200 OK", CHUNKED), ENDED),
        (response(ACK, "200 OK", MORE), ENDED),
        (response(b"", "200 OK", MORE), ENDED),
        (b"", ENDED),
        (b"HTTP/1.1 200", "simulated: the answer is empty"),
        (b"220 mail.example.com ESMTP\r\n", NO_HTTP),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 200 + b"\r\n", NO_HTTP),
        (
            response(b"", "302 Found", "Location: /login"),
            "simulated: HTTP 302, a redirect, which isn't followed",
        ),
        (response(b"Bad gateway", "502 Bad gateway"), "simulated: HTTP 502"),
        (response(b" " * 2_000_000), "simulated: the answer has over 1,048,576 bytes"),
    ],
)
def test_what_comes_back_is_judged(answer: bytes, verdict: str) -> None:
    with serving(answering(answer)) as address:
        result = Transport(Endpoint.parse(address)).post(b"<message/>")
    assert str(result.verdict) == verdict


def test_a_redirect_is_not_followed() -> None:
    accepted: list[bytes] = []
    with serving(lambda connection: accepted.append(connection.recv(1))) as other:
        redirect = response(b"", "307 Temporary Redirect", f"Location: {other}")
        with serving(answering(redirect)) as address:
            assert "HTTP 307, a redirect" in failure_of(address)
        with socket.create_connection(("127.0.0.1", Endpoint.parse(other).port)):
            pass  # the only one that ever came there
    assert accepted == [b""]


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\n", response(ACK[:-1], "200 OK", f"Content-Length: {len(ACK)}")],
)
def test_an_answer_that_does_not_end_in_time(head: bytes) -> None:
    gone = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(head)
        gone.wait(TIMEOUT)

    with serving(serve) as address:
        assert failure_of(address, timeout=SHORT) == "simulated: no whole answer within 0.2 s"
        gone.set()


def test_an_answer_that_drips_does_not_get_more_time_with_each_byte() -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        pause = threading.Event()
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not pause.wait(SHORT / 10):
            connection.sendall(b"x")  # an OSError once the client has gone

    with serving(serve) as address:
        assert "no whole answer within 0.2 s" in failure_of(address, timeout=SHORT)


def test_a_connection_that_is_refused_or_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure_of(f"http://127.0.0.1:{port}") == "simulated: the connection was refused"

    def reset(connection: socket.socket) -> None:
        read_request(connection)
        linger_for_0_s = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_0_s)

    with serving(reset) as address:
        assert "the connection ended before a whole answer came" in failure_of(address)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(-2, "Name or service not known"), "simulated: the host isn't known"),
        (OSError(101, "No route to host"), "simulated: no connection: no route to host"),
        (OSError(), "simulated: no connection: oserror"),
    ],
)
def test_what_the_system_says(error: OSError, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> socket.socket:
        raise error

    monkeypatch.setattr(socket, "create_connection", fail)
    assert failure_of("http://example.com") == says


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let OpenSSL trust one authority and no other, as where a system's are."""
    path = tmp_path / "authority.pem"
    path.write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    configure: Any = certificate  # its types name pyOpenSSL, which isn't here
    configure.configure_cert(context)
    return context


def without_chain(certificate: trustme.LeafCert, path: Path) -> ssl.SSLContext:
    """Return what forgets to send the intermediate certificate, the usual mistake."""
    file = path / "leaf.pem"
    file.write_bytes(certificate.private_key_pem.bytes() + certificate.cert_chain_pems[0].bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_whole_chain_is_accepted(authority: trustme.CA) -> None:
    certificate = authority.create_child_ca().issue_cert("localhost")
    with serving(answering(response()), server_context(certificate)) as address:
        assert Transport(Endpoint.parse(address)).post(b"").verdict == ACKNOWLEDGED


def test_a_chain_with_a_gap_fails_in_the_words_of_salesforce(
    authority: trustme.CA, tmp_path: Path
) -> None:
    certificate = authority.create_child_ca().issue_cert("localhost")
    with serving(answering(response()), without_chain(certificate, tmp_path)) as address:
        assert failure_of(address) == "… PKIX path building failed"


def test_an_authority_that_nobody_knows_fails_the_same_way() -> None:
    certificate = trustme.CA().issue_cert("localhost")
    with serving(answering(response()), server_context(certificate)) as address:
        assert failure_of(address) == "… PKIX path building failed"


def test_a_certificate_that_signed_itself(tmp_path: Path, authority: trustme.CA) -> None:
    other = trustme.CA()
    file = tmp_path / "self.pem"
    file.write_bytes(other.private_key_pem.bytes() + other.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with serving(answering(response()), context) as address:
        assert failure_of(address) == (
            "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated"
        )


def test_a_certificate_of_another_host_or_of_the_past(authority: trustme.CA) -> None:
    certificate = authority.issue_cert("elsewhere.example.com")
    with serving(answering(response()), server_context(certificate)) as address:
        says = failure_of(address)
        assert says.startswith("simulated: the certificate isn't accepted: Hostname mismatch")
    past = datetime.datetime(2020, 1, 1, tzinfo=UTC)
    certificate = authority.issue_cert("localhost", not_before=past, not_after=past)
    with serving(answering(response()), server_context(certificate)) as address:
        assert failure_of(address) == (
            "simulated: the certificate isn't accepted: certificate has expired"
        )


def test_a_port_that_does_not_speak_tls() -> None:
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")) as address:
        says = failure_of(address.replace("http://", "https://"))
        assert says.startswith("simulated: no TLS connection: ")


def test_any_request_can_be_made() -> None:
    with serving(answering(response(b"x", "405 Method Not Allowed", "Content-Type: a/b"))) as url:
        answer = Transport(Endpoint.parse(url)).request("GET", b"", {})
    assert (answer.status, answer.content_type, answer.body) == (405, "a/b", b"x")
    with serving(answering(b"")) as url, pytest.raises(NoAnswerError, match="whole answer"):
        Transport(Endpoint.parse(url)).request("GET", b"", {})


@pytest.mark.parametrize(
    ("url", "shown", "target"),
    [
        ("https://example.com", "https://example.com", "/"),
        ("HTTPS://Example.com:443/a/s3cret?k=v#x", "https://example.com", "/a/s3cret?k=v"),
        ("http://example.com:8080?k", "http://example.com:8080", "/?k"),
        ("http://[::1]:80/%20", "http://[::1]", "/%20"),
        ("http://127.0.0.1:0", "http://127.0.0.1", "/"),
    ],
)
def test_an_endpoint_shows_only_where_it_is(url: str, shown: str, target: str) -> None:
    endpoint = Endpoint.parse(url)
    assert str(endpoint) == shown
    assert endpoint.target == target


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "it begins with neither https:// nor http://"),
        ("example.com/s3cret", "it begins with neither https:// nor http://"),
        ("ftp://example.com/s3cret", "it begins with neither https:// nor http://"),
        ("https://user:s3cret@example.com", "it has a user name or a password"),
        ("https:///s3cret", "it has no host that can be called"),
        ("https://exa mple.com/s3cret", "it has no host that can be called"),
        (f"https://{'a' * 64}.com/s3cret", "it has no host that can be called"),
        ("https://bücher.example/s3cret", "it has no host that can be called"),
        ("https://example.com:http/s3cret", "it can't be taken apart"),
        ("https://example.com:99999/s3cret", "it can't be taken apart"),
        ("https://[::1/s3cret", "it can't be taken apart"),
        ("https://example.com/s3cret é", "it has characters that must be written with %"),
        ("https://example.com/s3cret x", "it has characters that must be written with %"),
    ],
)
def test_an_impossible_url_is_refused_and_not_repeated(url: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Endpoint.parse(url)
    assert str(caught.value).startswith(f"the URL can't be used: {reason}")
    assert "s3cret" not in str(caught.value) + caught.value.hint
