"""The sample configuration of nginx, in a real nginx, with a CA that lives as long as the test.

It runs where there are nginx and openssl; `.ci/run` fetches nginx on Debian.
"""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from support_adapters import MESSAGE, Opportunity

import obgen
from obgen.adapters import wsgi

SAMPLE = Path(__file__).parents[1] / "samples" / "nginx" / "salesforce.conf"
TEXT = SAMPLE.read_text(encoding="utf-8")
SUBJECT = "CN=proxy.example,O=Example"
SECRET = "n3w-s3cret-0f-the-endp0int"
PATH = f"/salesforce/{SECRET}"

MAIN = """
daemon off;
{user}
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    scgi_temp_path scgi;
    uwsgi_temp_path uwsgi;
    include salesforce.conf;
}}
"""
AUTHORITY = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
LEAF = ("basicConstraints=critical,CA:FALSE", "authorityKeyIdentifier=keyid")


class Authority:
    """A CA of its own directory, with the openssl command."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.directory = directory
        (directory / "openssl.cnf").write_text("[req]\ndistinguished_name = name\n[name]\n")
        self.file = self._make("ca", "/CN=Throw-away CA", *AUTHORITY)

    def issue(self, name: str, subject: str) -> tuple[Path, Path]:
        """Return the files of a certificate for this machine and of its key."""
        extensions = (*LEAF, "subjectAltName=IP:127.0.0.1")
        signed_by = ("-CA", str(self.file), "-CAkey", str(self.file.with_suffix(".key")))
        file = self._make(name, subject, *extensions, signed_by=signed_by)
        return file, file.with_suffix(".key")

    def _make(
        self, name: str, subject: str, *extensions: str, signed_by: tuple[str, ...] = ()
    ) -> Path:
        file = self.directory / f"{name}.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        command += ["-config", str(self.directory / "openssl.cnf"), "-subj", subject, *signed_by]
        command += ["-out", str(file), "-keyout", str(file.with_suffix(".key"))]
        for extension in ("subjectKeyIdentifier=hash", *extensions):
            command += ["-addext", extension]
        subprocess.run(command, check=True, capture_output=True)
        return file


@dataclass
class Endpoint:
    """An nginx that serves a receiver, and what a client needs to reach it."""

    port: int
    authority: Authority
    stranger: Authority
    log: Path
    handled: list[str] = field(default_factory=list[str])

    def post(
        self,
        *,
        certificate: tuple[Path, Path] | None = None,
        path: str = PATH,
        headers: dict[str, str] | None = None,
        body: bytes = MESSAGE,
    ) -> tuple[int, bytes]:
        """Return the status and the body that answer a message."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        if certificate is not None:
            context.load_cert_chain(*certificate)
        client = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        try:
            client.request("POST", path, body, {"Content-Type": "text/xml", **(headers or {})})
            answer = client.getresponse()
            return answer.status, answer.read()
        finally:
            client.close()


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave standard error to the tests."""


def configured(directory: Path, authority: Authority, port: int, backend: int) -> None:
    """Write the sample as a reader would change it: other files and other ports, nothing else."""
    server, key = authority.issue("server", "/CN=example.com")
    text = TEXT
    for shown, real in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "http://127.0.0.1:8000": f"http://127.0.0.1:{backend}",
        "/var/log/nginx/salesforce.log": "salesforce.log",
        "/etc/nginx/salesforce/server.pem": str(server),
        "/etc/nginx/salesforce/server.key": str(key),
        "/etc/nginx/salesforce/client-ca.pem": str(authority.file),
    }.items():
        assert text.count(shown) == 1, shown
        text = text.replace(shown, real)
    (directory / "salesforce.conf").write_text(text)
    # For root, nginx would take another user, to whom our directory is closed.
    user = "user root;" if os.geteuid() == 0 else ""
    (directory / "nginx.conf").write_text(MAIN.format(user=user))


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Run the sample before a receiver that is set up as its comment says."""
    nginx = shutil.which("nginx")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("only on a machine with nginx and openssl")
    directory = tmp_path_factory.mktemp("nginx")
    authority, stranger = Authority(directory / "ca"), Authority(directory / "stranger")
    origin = obgen.OriginChecks(
        secrets=SECRET,
        networks="127.0.0.0/8",
        proxies=["127.0.0.1"],
        certificate_headers={"X-Client-Verify": "SUCCESS", "X-Client-Subject": SUBJECT},
    )
    receiver = obgen.Receiver(organization_ids="00D000000000001EAA", origin=origin)
    with (
        make_server("127.0.0.1", 0, wsgi.app(receiver), handler_class=Quiet) as backend,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        port = listener.getsockname()[1]
        found = Endpoint(port, authority, stranger, directory / "salesforce.log")
        receiver.handles(Opportunity)(lambda record, _: found.handled.append(record.id))
        configured(directory, authority, port, backend.server_port)
        serving = threading.Thread(target=backend.serve_forever)
        serving.start()
        # nginx takes over a socket that listens already, so that nobody has to wait for it.
        running = subprocess.Popen(
            [nginx, "-p", str(directory), "-c", "nginx.conf", "-e", "stderr"],
            env=os.environ | {"NGINX": f"{listener.fileno()};"},
            pass_fds=[listener.fileno()],
            stderr=subprocess.PIPE,
        )
        listener.close()
        try:
            yield found
        finally:
            running.terminate()
            _, errors = running.communicate(timeout=60)
            backend.shutdown()
            serving.join()
        assert running.returncode == 0, errors


@pytest.fixture
def sender(endpoint: Endpoint) -> tuple[Path, Path]:
    """Return the certificate that the receiver expects."""
    endpoint.handled.clear()
    return endpoint.authority.issue("sender", "/O=Example/CN=proxy.example")


pytestmark = pytest.mark.slow

FORGED = {
    "X-Client-Verify": "SUCCESS",
    "X-Client-Subject": SUBJECT,
    "X_Client_Verify": "SUCCESS",
    "X_Client_Subject": SUBJECT,
    "X-Forwarded-For": "127.0.0.1",
}


def test_the_right_certificate_passes(endpoint: Endpoint, sender: tuple[Path, Path]) -> None:
    assert endpoint.post(certificate=sender) == (200, obgen.ack(True))
    assert endpoint.handled == ["006000000000001AAA"]


def test_a_large_body_gets_through(endpoint: Endpoint, sender: tuple[Path, Path]) -> None:
    body = MESSAGE + b" " * 100_000
    assert endpoint.post(certificate=sender, body=body) == (200, obgen.ack(True))
    status, answer = endpoint.post(certificate=sender, body=b"x" * obgen.Limits().max_bytes)
    assert status == 400
    assert b"soapenv:Fault" in answer


@pytest.mark.parametrize("headers", [{}, FORGED], ids=["honest", "forged"])
@pytest.mark.usefixtures("sender")
def test_no_certificate_is_refused_whatever_the_client_says(
    endpoint: Endpoint, headers: dict[str, str]
) -> None:
    status, body = endpoint.post(headers=headers)
    assert status == 403
    assert b"A client certificate is required here" in body
    assert endpoint.handled == []


@pytest.mark.parametrize("headers", [{}, FORGED], ids=["honest", "forged"])
@pytest.mark.usefixtures("sender")
def test_another_subject_of_the_same_ca_is_refused(
    endpoint: Endpoint, headers: dict[str, str]
) -> None:
    other = endpoint.authority.issue("other", "/O=Other/CN=proxy.example")
    assert endpoint.post(certificate=other, headers=headers)[0] == 403
    assert endpoint.handled == []


@pytest.mark.usefixtures("sender")
def test_the_same_subject_of_another_ca_is_refused_by_nginx(endpoint: Endpoint) -> None:
    forged = endpoint.stranger.issue("forged", "/O=Example/CN=proxy.example")
    status, body = endpoint.post(certificate=forged, headers=FORGED)
    assert status == 400
    assert b"nginx" in body
    assert endpoint.handled == []


def test_what_the_client_says_does_not_get_in_the_way(
    endpoint: Endpoint, sender: tuple[Path, Path]
) -> None:
    headers = {"X-Client-Verify": "NONE", "X-Forwarded-For": "192.0.2.1", "X-Client-Subject": "x"}
    assert endpoint.post(certificate=sender, headers=headers)[0] == 200


def test_the_secret_is_demanded_and_not_logged(
    endpoint: Endpoint, sender: tuple[Path, Path]
) -> None:
    assert endpoint.post(certificate=sender, path="/salesforce/x")[0] == 404
    assert endpoint.post(certificate=sender)[0] == 200
    lines = endpoint.log.read_text()
    assert re.search(rf'^127\.0\.0\.1 \[.*\] 200 [0-9.]+ "{SUBJECT}"$', lines, re.MULTILINE)
    assert "salesforce" not in lines
