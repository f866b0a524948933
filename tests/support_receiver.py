"""A receiver as a program of its own, for tests of what sends to it over a socket.

    python tests/support_receiver.py [FAILURES]

It serves on a free port of this machine, which its first line tells, and prints a line for each
Opportunity: the ids of the notification and of the record, and the amount. The first FAILURES
calls of its handler fail. It ends when its standard input does.
"""

import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from outbound.opportunity import Opportunity

import obgen
from obgen.adapters import wsgi

ROOT = Path(__file__).parents[1]


class Server(ThreadingMixIn, WSGIServer):
    """Serve in threads, so that nobody waits for a client that stays."""

    daemon_threads = True


def make_receiver(failures: int) -> obgen.Receiver:
    """Return a receiver whose handler fails some times."""
    receiver = obgen.Receiver(organization_ids="00D000000000001EAA")
    left = iter(range(failures))

    @receiver.handles(Opportunity)
    def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        print(delivery.notification_id, opportunity.id, opportunity.amount, flush=True)
        if next(left, None) is not None:
            raise RuntimeError("not now")

    return receiver


def main(failures: str = "0") -> None:
    """Serve until the standard input ends."""
    app = wsgi.app(make_receiver(int(failures)))
    with make_server("127.0.0.1", 0, app, Server) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        server.shutdown()


class Running:
    """The program, as tests use it.

    Attributes:
        url: Where it receives.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        self.url = process.stdout.readline().strip()
        self._process = process

    def stop(self) -> list[list[str]]:
        """End it, and return [notification id, record id, amount] of each call of the handler."""
        printed, _ = self._process.communicate("", timeout=60)
        return [line.split() for line in printed.splitlines()]


@contextmanager
def running(failures: int = 0) -> Generator[Running]:
    """Run the program for as long as the `with` statement lasts."""
    with subprocess.Popen(
        [sys.executable, __file__, str(failures)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'samples'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        receiver = Running(process)
        yield receiver
        if process.poll() is None:
            receiver.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
