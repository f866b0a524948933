"""The applications in samples/apps, started by the commands that they name and sent a message."""

import json
import re
import shlex
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from outbound.opportunity import Opportunity
from support_adapters import MESSAGE
from support_servers import Connection, serving
from support_venv import run

import obgen
from obgen.cli import main
from obgen.testing import build, message

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
APPS = {path.stem: path.read_text("utf-8") for path in (ROOT / "samples" / "apps").glob("*.py")}
COMMANDS = {
    name: shlex.split(found[0])
    for name, text in APPS.items()
    if (found := re.search(r"(?<=^    )(?:gunicorn|uvicorn) .+$", text, re.MULTILINE))
}
HANDLED = "04l000000000001AAA: 006000000000001AAA is Closed Won"


def test_there_is_one_for_each_framework() -> None:
    assert set(COMMANDS) == {
        f"{name}_app" for name in ["wsgi", "flask", "django", "starlette", "fastapi"]
    }
    assert set(APPS) - set(COMMANDS) == {"lambda_function"}


@pytest.fixture(scope="module", params=COMMANDS)
def name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def log(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp(name) / "output"


@pytest.fixture(scope="module")
def port(name: str, log: Path) -> Generator[int]:
    with serving(log, *COMMANDS[name], directory=ROOT) as port:
        yield port


@pytest.mark.parametrize("path", ["/salesforce", "/salesforce/"])
def test_a_message_is_handled_and_acknowledged(port: int, log: Path, path: str) -> None:
    with Connection(port) as connection:
        connection.send_head(f"Content-Length: {len(MESSAGE)}", path=path)
        connection.send(MESSAGE)
        answer = connection.receive()
    assert (answer.status, answer.body) == (200, obgen.ack(True))
    assert HANDLED in log.read_text("utf-8")


def test_another_organization_is_refused(port: int) -> None:
    foreign = MESSAGE.replace(b"00D000000000001", b"00D000000000002")
    with Connection(port) as connection:
        connection.send_head(f"Content-Length: {len(foreign)}")
        connection.send(foreign)
        assert connection.receive().status == 403


def test_the_rest_of_the_application_is_there(name: str, port: int) -> None:
    with Connection(port) as connection:
        connection.send_head("Connection: close", method="GET", path="/")
        answer = connection.receive()
    if name == "wsgi_app":
        assert answer.status == 405  # which is all that it is for
    else:
        assert (answer.status, answer.body.strip(b'"')) == (200, b"up")


def send(capsys: Capture, port: int, source: str, *options: str, code: int = 0) -> dict[str, Any]:
    """Play Salesforce, and return what came of it."""
    url = f"http://127.0.0.1:{port}/salesforce"
    wsdl = ROOT / "samples" / "wsdl" / f"{source}.wsdl"
    assert main(["send", "--json", str(wsdl) if wsdl.exists() else source, url, *options]) == code
    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    return summary


def test_salesforce_is_content_with_batches_and_duplicates(
    port: int, log: Path, capsys: Capture
) -> None:
    options = ("-n", "5", "--batch", "3", "--duplicates", "1", "--seed", "7")
    summary = send(capsys, port, "opportunity", *options)
    assert summary["attempts"] == 3
    first, second = (sent["record_ids"] for sent in summary["messages"])
    lines = log.read_text("utf-8").splitlines()
    handled = [line.split()[1] for line in lines if " is " in line and line.startswith("04l")]
    assert [handled.count(record) for record in first + second] == [2, 2, 2, 1, 1]


def test_salesforce_repeats_what_nobody_handles(port: int, capsys: Capture) -> None:
    summary = send(capsys, port, "shipment", "--speed", "1000000", code=1)
    (sent,) = summary["messages"]
    assert (sent["attempts"], sent["failure"]) == (19, "SOAP response was a nack")


def test_salesforce_repeats_what_a_handler_fails_at(
    port: int, log: Path, tmp_path: Path, capsys: Capture
) -> None:
    nameless = build(Opportunity, name=None)
    file = tmp_path / "nameless.xml"
    file.write_bytes(message(nameless, build(Opportunity, seed=1)))
    summary = send(capsys, port, str(file), "--speed", "1000000", code=1)
    (sent,) = summary["messages"]
    assert (sent["attempts"], sent["failure"]) == (19, "SOAP response was a nack")
    lines = log.read_text("utf-8")
    assert f"{nameless.id} is" not in lines
    assert lines.count(f"{build(Opportunity, seed=1).id} is") == 19  # handlers must be idempotent


def test_an_administrator_would_let_it_go_live(port: int, capsys: Capture) -> None:
    findings = send(capsys, port, "opportunity", "--check")["findings"]
    assert [one["text"] for one in findings if one["mark"] not in ("ok", "skipped")] == []
    asked = {one["what"] for one in findings if one["mark"] == "ok"}
    assert asked >= {"Ack", "the same again", "foreign organization", "malformed body", "GET"}


def test_the_lambda_function_runs_as_it_says() -> None:
    text = APPS["lambda_function"]
    (line,) = re.findall(r"^    PYTHONPATH=samples python (.+)$", text, re.MULTILINE)
    printed = run(sys.executable, *shlex.split(line), cwd=ROOT, PYTHONPATH="samples")
    assert HANDLED in printed
    assert "'statusCode': 200" in printed
    assert "<Ack>true</Ack>" in printed
