"""Generate from every hostile WSDL in a process of its own, which tells what it did.

Started as `python -m hostile.wsdl_worker DIRECTORY CANARY URL`, with one JSON line for each case.
Each case has a directory of its own below DIRECTORY, with the WSDL beside the output.
"""

import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from hostile.worker import give_back, peak_megabytes, resident_megabytes
from hostile.wsdls import PLAIN, WsdlCase, cases

from obgen.cli import main as obgen

WATCHED = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "ctypes.", "urllib.")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Watch:
    """Note calls outside, and files that are opened where they shouldn't be."""

    def __init__(self, canary: str) -> None:
        self.output = ""
        self.events: list[str] = []
        self._canary = canary
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.output:
            return
        if event.startswith(WATCHED):
            self.events.append(f"{event} {arguments!r}"[:200])
        elif event == "open" and isinstance(arguments[0], str | os.PathLike):
            self._note_open(os.fspath(arguments[0]), arguments[2])
        elif event == "import" and "outbound" in str(arguments[0]):
            self.events.append(f"import {arguments[0]}")

    def _note_open(self, name: str, flags: int) -> None:
        path = os.path.realpath(name)
        if path == self._canary:
            self.events.append(f"open {path}")
        # The name alone is one in a directory that is held open, and the way there was seen. Should
        # it be one in the current directory after all, that is the case's own, where it is found.
        if name == Path(name).name and name != os.pardir:
            return
        outside = not path.startswith(self.output + os.sep)
        if flags & os.O_DIRECTORY:
            outside = outside and path != str(Path(self.output).parent)
        if outside and flags & (WRITING | os.O_DIRECTORY):
            self.events.append(f"open {path}")


def run(watch: Watch, case: WsdlCase, directory: Path, url: str, canary: str) -> dict[str, Any]:
    """Generate from one WSDL, inspect it, and return what came of it."""
    directory.mkdir()
    wsdl = directory / "hostile.wsdl"
    wsdl.write_bytes(case.make(url, canary))
    output = directory / "outbound"
    told, shown = io.StringIO(), io.StringIO()
    os.chdir(directory)
    watch.events.clear()
    give_back()
    before = resident_megabytes()
    watch.output = os.path.realpath(output)
    started = time.process_time()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(shown):
        code = obgen(["generate", str(wsdl), "-o", str(output)])
        inspected = obgen(["inspect", str(wsdl)])
    spent = time.process_time() - started
    watch.output = ""
    peak = peak_megabytes()
    files = {
        path.relative_to(output).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(output.rglob("*"))
        if path.is_file()
    }
    left = sorted(path.name for path in directory.iterdir())
    return {"name": case.name, "code": code, "inspected": inspected, "told": told.getvalue(),
            "shown": shown.getvalue(), "files": files, "left": left, "cpu": spent,
            "megabytes": peak - before, "events": watch.events[:5]}  # fmt: skip


def main(directory: str, canary: str, url: str) -> None:
    """Run every case and print what came of it; the first line is that of a good WSDL."""
    watch = Watch(os.path.realpath(canary))
    good = WsdlCase("good", lambda _url, _canary: PLAIN.encode(), generated=True)
    for number, case in enumerate([good, *cases()]):
        outcome = run(watch, case, Path(directory) / str(number), url, canary)
        sys.stdout.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
