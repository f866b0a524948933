"""Every hostile message has the answer that is documented for it, and reaches nothing.

All cases run in one process of their own, `hostile.worker`, beside a file whose content must not
turn up and a port of this machine that must not hear anything.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import messages
import pytest
from hostile import costs
from hostile.cases import SECRET
from hostile.worker import CPU_SECONDS, MEGABYTES, all_cases

import obgen

TESTS = Path(__file__).parent
CANARY = "the-canary-sings"
NAMES = [case.name for case in all_cases()]


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """Listen on a port that must never hear anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture(scope="module")
def outcomes(
    tmp_path_factory: pytest.TempPathFactory, listener: socket.socket
) -> dict[str, dict[str, Any]]:
    """Run every case and return what came of each."""
    canary = tmp_path_factory.mktemp("canary") / "canary.txt"
    canary.write_text(CANARY)
    done = subprocess.run(
        [sys.executable, "-m", "hostile.worker", str(canary), str(listener.getsockname()[1])],
        cwd=TESTS,
        # Measured code isn't traced: tracing costs CPU time.
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_the_names_of_cases_are_unique_and_many() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(NAMES) >= 700
    security = (TESTS.parent / "SECURITY.md").read_text("utf-8")
    assert f"| {len(NAMES)} cases | `tests/test_hostile_messages.py` |" in security


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_message_has_its_answer(name: str, outcomes: dict[str, dict[str, Any]]) -> None:
    outcome = outcomes[name]
    assert outcome["wrong"] == ""
    assert outcome["events"] == []
    for line in outcome["log"]:
        assert SECRET not in line
        assert line.isascii()
        assert line.isprintable()
    if outcome["measured"]:
        assert outcome["cpu"] <= CPU_SECONDS
        assert outcome["megabytes"] <= MEGABYTES


def test_nobody_has_called(outcomes: dict[str, dict[str, Any]], listener: socket.socket) -> None:
    assert len(outcomes) == len(NAMES) + len(costs.LARGE)
    listener.setblocking(False)  # noqa: FBT003 - its argument has no name
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("shape", costs.LARGE)
def test_a_large_message_is_handled_and_takes_what_its_size_needs(
    shape: str, outcomes: dict[str, dict[str, Any]]
) -> None:
    outcome = outcomes[shape]
    assert 10_000_000 < outcome["bytes"] <= obgen.Limits().max_bytes
    assert outcome["acknowledged"]
    assert outcome["handled"] == outcome["notifications"]
    # The tree of small fields takes five times their size, and their Python objects the rest.
    assert outcome["megabytes"] <= 12 * outcome["bytes"] / 2**20


def test_the_answers_are_the_documented_list() -> None:
    for refusal in obgen.Refusal:
        reply = obgen.Receiver(organization_ids=messages.ORGANIZATION_ID).refuse(refusal)
        assert reply.body == obgen.fault(refusal.fault_code, refusal.reason)
        assert reply.status >= 400
