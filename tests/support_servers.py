"""Real servers as child processes, and a client that says to them exactly what it is told to."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Self

TESTS = Path(__file__).parent
PATH = "/salesforce"
LIMIT = 32 * 1024
BODY_TIMEOUT = 1.5
PATIENCE = 30.0
"""Seconds after which a server that says nothing has failed."""

_WAITRESS = """
import importlib, socket, sys, waitress
module, name = sys.argv[2].split(":")
app = getattr(importlib.import_module(module), name)
waitress.serve(app, sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""


def command(server: str, *arguments: str, descriptor: int) -> list[str]:
    """Return the command that serves an application on a socket that is listening already."""
    match server:
        case "gunicorn":
            options = ["--workers=1", "--graceful-timeout=1", f"--bind=fd://{descriptor}"]
            return [sys.executable, "-m", server, *options, *arguments]
        case "waitress":
            return [sys.executable, "-c", _WAITRESS, str(descriptor), *arguments]
        case "uvicorn":
            return [sys.executable, "-m", server, f"--fd={descriptor}", *arguments]
        case "hypercorn":
            return [sys.executable, "-m", server, f"--bind=fd://{descriptor}", *arguments]
        case other:
            raise ValueError(other)


@contextmanager
def serving(log: Path, server: str, *arguments: str, directory: Path = TESTS) -> Generator[int]:
    """Start a server on a free port and yield the port; its output goes to a file.

    The socket listens before the server has started, so that a client need not try again and
    again: it waits for its answer, or is told that the connection broke if the server didn't start.
    """
    # gunicorn keeps a socket of its own in the home directory.
    own = {"HOME": str(log.parent), "PYTHONUNBUFFERED": "1"}
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        port: int = listener.getsockname()[1]
        process = subprocess.Popen(
            command(server, *arguments, descriptor=listener.fileno()),
            cwd=directory,
            env=os.environ | own,
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        finally:
            process.kill()


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """Say to a server what it is told to, piece by piece."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send some bytes."""
        self._socket.sendall(data)

    def send_head(self, *headers: str, method: str = "POST", path: str = PATH) -> None:
        """Send all that stands before a body."""
        lines = (f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", "")
        self.send("\r\n".join(lines).encode())

    def stop_sending(self) -> None:
        """Tell the server that nothing more will come."""
        self._socket.shutdown(socket.SHUT_WR)

    def says_something_within(self, seconds: float) -> bool:
        """Wait for the server to say something, or for the time to pass."""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(1, socket.MSG_PEEK) != b""
        except TimeoutError:
            return False
        finally:
            self._socket.settimeout(PATIENCE)

    def receive_interim(self) -> bytes:
        """Return the head of an interim answer, byte by byte so as to take no more."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self._socket.recv(1)
            assert byte, head
            head += byte
        return head

    def receive(self, method: str = "POST") -> Answer:
        """Return the whole answer."""
        response = HTTPResponse(self._socket, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())

    def receive_if_any(self) -> Answer | None:
        """Return the whole answer, or None if the server closed the connection without one."""
        try:
            return self.receive()
        except ConnectionError:
            return None
