"""Every hostile WSDL is generated safely or refused with its place, and reaches nothing."""

import json
import os
import random
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile.wsdls import PLAIN, TEXTS, WsdlCase, cases
from support_generated import check_models
from wsdl_builder import build_wsdl

from obgen.codegen.contract import Contract
from obgen.codegen.package import make_package
from obgen.codegen.render import render_package
from obgen.codegen.settings import Options
from obgen.codegen.wsdl import parse_contract
from obgen.errors import WsdlError

TESTS = Path(__file__).parent
CANARY = "the-canary-sings"
CASES = {case.name: case for case in cases()}
CPU_SECONDS = 2.0
MEGABYTES = 192
MUTANTS = int(os.environ.get("OBGEN_MUTANTS", "30000")) // 20
FILES = re.compile(r"(?:[a-z][a-z0-9_]*/)?(?:__init__|models|handler)\.py")
HASHES = re.compile(r"^# (?:wsdl|content): .*$", re.MULTILINE)


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
    directory = tmp_path_factory.mktemp("wsdls")
    canary = tmp_path_factory.mktemp("canary") / "canary.wsdl"
    canary.write_text(CANARY)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.xsd"
    done = subprocess.run(
        [sys.executable, "-m", "hostile.wsdl_worker", str(directory), str(canary), url],
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_there_are_many_cases() -> None:
    assert len(CASES) == sum(1 for _ in cases()) >= 400
    security = (TESTS.parent / "SECURITY.md").read_text("utf-8")
    assert f"| {len(CASES)} cases | `tests/test_hostile_wsdls.py` |" in security


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_wsdl_is_generated_safely_or_refused(
    name: str, outcomes: dict[str, dict[str, Any]]
) -> None:
    case, outcome = CASES[name], outcomes[name]
    assert outcome["events"] == []
    assert outcome["cpu"] <= CPU_SECONDS
    assert outcome["megabytes"] <= MEGABYTES
    assert outcome["code"] == outcome["inspected"]
    told = outcome["told"]
    assert all(line.isprintable() and line.isascii() for line in told.splitlines())
    assert "Traceback" not in told
    assert "internal error" not in told
    assert outcome["code"] == (0 if case.generated else 2), told
    if outcome["code"] == 0:
        check_generated(outcome, case, outcomes["good"])
    else:
        check_refused(outcome)


def check_generated(outcome: dict[str, Any], case: WsdlCase, good: dict[str, Any]) -> None:
    assert outcome["left"] == ["hostile.wsdl", "outbound"]
    assert len(outcome["files"]) == 4
    for path, text in outcome["files"].items():
        assert FILES.fullmatch(path), path
        assert text.isascii()
        compile(text, path, "exec")
        if path.endswith("models.py"):
            check_models(text)
    if case.like_plain:
        same = {path: HASHES.sub("", text) for path, text in outcome["files"].items()}
        assert same == {path: HASHES.sub("", text) for path, text in good["files"].items()}


def check_refused(outcome: dict[str, Any]) -> None:
    assert outcome["left"] == ["hostile.wsdl"]
    assert outcome["files"] == {}
    assert outcome["shown"] == ""
    first, *rest = outcome["told"].splitlines()
    assert re.match(r"error: .*/hostile\.wsdl(?::[0-9]+(?::[0-9]+)?)?: \S", first), first
    assert rest[0].startswith("hint: ")
    assert len(first) < 1_000


def test_nobody_has_called(outcomes: dict[str, dict[str, Any]], listener: socket.socket) -> None:
    assert len(outcomes) == len(CASES) + 1
    listener.setblocking(False)  # noqa: FBT003 - its argument has no name
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_secret_in_the_endpoint_is_in_no_file_and_no_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from obgen.cli import main  # noqa: PLC0415 - the command, not what it is made of

    secret = "t0ken-in-the-path"
    endpoint = f"https://receiver.example.com/{secret}?key={secret}"
    wsdl = tmp_path / "opportunity.wsdl"
    wsdl.write_text(build_wsdl(endpoint=endpoint))
    assert main(["generate", str(wsdl), "-o", str(tmp_path / "outbound")]) == 0
    texts = [path.read_text() for path in (tmp_path / "outbound").rglob("*.py")]
    wsdl.write_text(build_wsdl(endpoint=endpoint).replace('"Amount"', '"a-b"'))
    assert main(["generate", str(wsdl), "-o", str(tmp_path / "outbound")]) == 2
    captured = capfd.readouterr()
    assert secret not in "".join(texts) + captured.out + captured.err
    assert secret not in repr(parse_contract(build_wsdl(endpoint=endpoint).encode(), "x"))


def mutants(count: int, seed: int) -> Iterator[bytes]:
    """Yield mutants of a WSDL: pieces taken out, doubled, moved, and hostile text put in."""
    chance = random.Random(seed)  # noqa: S311 - it has to be repeatable, not secret
    pieces = [text.encode() for text in TEXTS.values() if len(text) < 100]
    pieces += [b"<", b">", b"/>", b'"', b"&#10;", b"<element/>", b'name="x"', b'type="ens:x"']
    for _ in range(count):
        body = bytearray(PLAIN.encode())
        for _ in range(chance.choice((1, 1, 2, 3))):
            at, span = chance.randrange(len(body)), chance.choice((1, 4, 20, 90, 400))
            match chance.randrange(4):
                case 0:
                    del body[at : at + span]
                case 1:
                    body[at:at] = chance.choice(pieces)
                case 2:
                    body[at:at] = body[at : at + span]
                case _:
                    body[at] = chance.randrange(32, 127)
        yield bytes(body)


def read(body: bytes) -> Contract | None:
    try:
        return parse_contract(body, "mutant.wsdl")
    except WsdlError as error:
        told = str(error)
    assert told.isascii()
    assert told.isprintable()
    return None


def check_mutant(body: bytes) -> bool:
    """Tell whether a WSDL is generated, after checking how; a refusal has to be clean."""
    contract = read(body)
    if contract is None:
        return False
    options = Options()
    for source in render_package(make_package(contract, options), options):
        assert FILES.fullmatch(source.path.as_posix())
        compile(source.text, "mutant", "exec")
        if source.path.name == "models.py":
            check_models(source.text)
    return True


def test_mutants_are_generated_safely_or_refused() -> None:
    generated = sum(check_mutant(body) for body in mutants(MUTANTS, seed=1))
    assert MUTANTS // 50 < generated < MUTANTS * 4 // 5
