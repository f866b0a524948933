"""Write a package in a process that something happens to at the n-th step of its writing.

A step is a call that changes or opens something in the file system, seen by an audit hook just
before it. Run as a program, this reads jobs, a line of JSON each, and does each in a child of its
own, since an audit hook can't be taken back, nor a process be killed twice. For each job it
writes the step's name when the step comes, and then how the child ended.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from unittest import mock

from support_output import package

from obgen.codegen import folder
from obgen.codegen.output import make_plan
from obgen.codegen.publish import write_plan
from obgen.errors import OutputError

CHANGES = {"open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir"}
LOOKS = {"fcntl.flock", "os.listdir"}


@dataclass(frozen=True)
class Job:
    """Something to write, and what happens meanwhile.

    Attributes:
        output: The output directory.
        body: The text of the models.
        names: The packages.
        step: When it happens, counted from 1.
        what: "kill" ends the process, "wait" lets it wait for `Steps.go_on`, "swap" puts a
            symbolic link to `victim` in place of `target`.
        held: Whether directories are held open, unlike on Windows.
        target: What is swapped.
        victim: Where the link then goes.
    """

    output: str
    body: str
    names: list[str]
    step: int
    what: str
    held: bool = True
    target: str = ""
    victim: str = ""

    def write(self) -> str:
        """Write the packages, and return "done" or the error."""
        packages = [package(self.body, name=name) for name in self.names]
        plan = make_plan(Path(self.output), packages)
        sys.addaudithook(self._counter())
        try:
            with mock.patch.object(folder, "_HOLDS", self.held):
                write_plan(plan)
        except OutputError as error:
            return str(error)
        return "done"

    def _counter(self) -> Callable[[str, object], None]:
        # A process that waits while it is alone in a directory has the others wait as well.
        steps = CHANGES if self.what == "wait" else CHANGES | LOOKS
        left = self.step

        def count(event: str, _: object) -> None:
            nonlocal left
            left -= event in steps
            if event in steps and not left:
                self._happen(event)

        return count

    def _happen(self, event: str) -> None:
        os.write(1, f"{event}\n".encode())
        if self.what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.what == "wait":
            os.read(0, 1)
        else:
            with contextlib.suppress(FileNotFoundError):
                Path(self.target).rename(f"{self.target}.moved")
            with contextlib.suppress(FileNotFoundError):
                Path(self.target).symlink_to(self.victim)


class Steps:
    """The program, as tests use it."""

    def __init__(self, requests: IO[bytes], replies: IO[bytes]) -> None:
        self._requests = requests
        self._replies = replies

    def start(self, job: Job) -> str:
        """Start a job, and return the step at which something happened, or "done"."""
        self._send(json.dumps(asdict(job)).encode() + b"\n")
        return self.end()

    def go_on(self) -> str:
        """Let a job that waits go on, and return how it ended."""
        self._send(b"\n")
        return self.end()

    def end(self) -> str:
        """Return how a job that was started ended: "killed", "done", or an error."""
        return self._replies.readline().decode().removesuffix("\n")

    def _send(self, line: bytes) -> None:
        self._requests.write(line)
        self._requests.flush()


@contextlib.contextmanager
def started() -> Generator[Steps]:
    """Start the program for as long as the `with` statement lasts."""
    # Measuring the coverage of a process that is killed yields nothing, and takes steps.
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    with subprocess.Popen(
        [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdin
        assert program.stdout
        yield Steps(program.stdin, program.stdout)


def main() -> None:
    """Do one job after the other, until there are no more lines."""
    with folder.Folder.open(Path()) as here:
        here.share()  # loads what it needs now: while the hook counts, that would be steps
    # Without a buffer: what a child waits for must not be read before its time.
    for line in iter(open(0, "rb", buffering=0).readline, b""):  # noqa: SIM115 - stdin
        child = os.fork()
        if not child:
            os.write(1, f"{Job(**json.loads(line)).write()}\n".encode())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            os.write(1, b"killed\n" if status == signal.SIGKILL else b"failed\n")


if __name__ == "__main__":
    main()
