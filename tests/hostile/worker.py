"""Receive every hostile case in a process of its own, which tells what it did and what it cost.

Started as `python -m hostile.worker CANARY PORT`, with one JSON line for each case as its answer,
and one for each large message.
An audit hook notes whatever the process does while a message is being read: a file opened, a
socket, a program started, code compiled or imported.
"""

import ctypes
import faulthandler
import gc
import json
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import messages
from hostile import costs, lexical, markup, shapes
from hostile.cases import Bait, Case, Deleted, Isolated, Read, Refused
from records import Opportunity

import obgen

WATCHED = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "import",
           "exec", "compile", "ctypes.", "urllib.")  # fmt: skip
ATTEMPTS = 3
CASE_SECONDS = 60
"""A case that takes as long on the wall clock hangs: the process ends, and says where."""
_LIBC = ctypes.CDLL(None)
CPU_SECONDS = 0.25
MEGABYTES = 64


def all_cases() -> Iterator[Case]:
    """Yield every hostile case."""
    for module in (markup, shapes, lexical, costs):
        yield from module.cases()


class Watch:
    """Note what happens while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event.startswith(WATCHED):
            self.events.append(f"{event} {arguments!r}"[:200])


class Log(logging.Handler):
    """Keep what is logged above DEBUG."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def receive(body: bytes) -> tuple[obgen.Reply, list[tuple[Opportunity, obgen.Delivery]]]:
    """Return the reply to a body, and what was handled."""
    handled: list[tuple[Opportunity, obgen.Delivery]] = []
    receiver = obgen.Receiver(organization_ids=messages.ORGANIZATION_ID)

    @receiver.handles(Opportunity)
    def handle(record: Opportunity, delivery: obgen.Delivery) -> None:
        handled.append((record, delivery))

    return receiver.receive(body), handled


def judge(case: Case, body: bytes) -> str:
    """Return what is wrong with the outcome of a body, or ""."""
    reply, handled = receive(body)
    expected = case.expected
    records = [record for record, _ in handled]
    if isinstance(expected, Refused):
        faults = [obgen.fault(r.fault_code, r.reason) for r in expected.refusals]
        good = reply.body in faults and not handled and decoded(body) is None
        if expected.refusals == (obgen.Refusal.ORGANIZATION,):
            good = reply.body in faults and not handled
    elif isinstance(expected, Isolated):
        good = reply.body == obgen.ack(False) and [r.name for r in records] == ["good"]
    elif isinstance(expected, Deleted):
        good = reply.acknowledged and not handled
    else:
        same = repr(decoded(body)) == repr(records)  # a NaN isn't equal to itself
        good = reply.acknowledged and read_as(handled, expected) and same
    return "" if good else f"{reply.status} {reply.body!r} {len(handled)} handled"


def decoded(body: bytes) -> list[Opportunity | None] | None:
    """Return the records that `decode` reads, or None if it refuses the body."""
    try:
        message = obgen.decode(body, Opportunity)
    except obgen.EnvelopeError:
        return None
    return [notification.sobject for notification in message.notifications]


def read_as(handled: list[tuple[Opportunity, obgen.Delivery]], expected: Read) -> bool:
    """Tell whether the one record has the expected values, all of them and no others."""
    if len(handled) != 1:
        return False
    record, delivery = handled[0]
    values = {name: getattr(record, name) for name in delivery.present - {"id"}}
    same = values.keys() == expected.values.keys() and all(
        value == expected.values[name] or (str(value) == "nan" and expected.values[name] == "NaN")
        for name, value in values.items()
    )
    return same and delivery.unknown == expected.unknown


def cost(body: bytes) -> tuple[float, float]:
    """Return (CPU seconds, megabytes above the start) of receiving a body, in a child process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(CASE_SECONDS)  # the parent's watchdog doesn't outlive a fork
        give_back()
        before = resident_megabytes()
        started = time.process_time()
        receive(body)
        spent = time.process_time() - started
        peak = peak_megabytes()
        os.write(writer, json.dumps([spent, peak - before]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    spent, megabytes = json.loads(answer)
    return spent, megabytes


def give_back() -> None:
    """Give free memory back, or what a body needs would be taken from it, and not be seen."""
    gc.collect()
    if hasattr(_LIBC, "malloc_trim"):  # glibc's
        _LIBC.malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew


def resident_megabytes() -> float:
    """Return what this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def peak_megabytes() -> float:
    """Return the most that this process has held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def cheapest(body: bytes) -> tuple[float, float]:
    """Return the cost of a body; a busy machine gets more than one try."""
    spent, megabytes = cost(body)
    for _ in range(ATTEMPTS - 1):
        if spent <= CPU_SECONDS and megabytes <= MEGABYTES:
            break
        again = cost(body)
        spent, megabytes = min(spent, again[0]), min(megabytes, again[1])
    return spent, megabytes


def main(canary: str, port: str) -> None:
    """Run every case and print what came of it."""
    log = Log()
    logger = logging.getLogger("obgen")
    logger.addHandler(log)
    logger.propagate = False
    watch = Watch()
    bait = Bait(Path(canary), int(port))
    for warm in (messages.message(), b"", b"<a/>", messages.message(messages.record("<a/>"))):
        receive(warm)
    for case in all_cases():
        faulthandler.dump_traceback_later(CASE_SECONDS, exit=True)
        wrong, spent, megabytes = "", 0.0, 0.0
        log.lines.clear()
        watch.events.clear()
        for body in case.make(bait):
            watch.on = True
            wrong = judge(case, body)
            watch.on = False
            if case.measured and not wrong:
                gc.collect()
                spent, megabytes = cheapest(body)
            if wrong:
                break
        told = {"name": case.name, "wrong": wrong, "events": watch.events[:5], "log": log.lines[:9],
                "cpu": spent, "megabytes": megabytes, "measured": case.measured}  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")
    for name, make in costs.LARGE.items():
        faulthandler.dump_traceback_later(CASE_SECONDS, exit=True)
        receive_large(name, make())


def receive_large(name: str, body: bytes) -> None:
    """Receive a large message and print what came of it."""
    reply, handled = receive(body)
    count = len(handled)
    del handled
    spent, megabytes = cost(body)
    told = {"name": name, "acknowledged": reply.acknowledged, "handled": count, "bytes": len(body),
            "notifications": body.count(b"<Notification>"), "cpu": spent, "megabytes": megabytes}  # fmt: skip
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
