"""The applications in samples/apps, started by the commands that they name and sent a message."""

import re
import shlex
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from support_adapters import MESSAGE
from support_servers import Connection, serving
from support_venv import run

import obgen

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
    message = MESSAGE.replace(b"00D000000000001", b"00D000000000002")
    with Connection(port) as connection:
        connection.send_head(f"Content-Length: {len(message)}")
        connection.send(message)
        assert connection.receive().status == 403


def test_the_rest_of_the_application_is_there(name: str, port: int) -> None:
    with Connection(port) as connection:
        connection.send_head("Connection: close", method="GET", path="/")
        answer = connection.receive()
    if name == "wsgi_app":
        assert answer.status == 405  # which is all that it is for
    else:
        assert (answer.status, answer.body.strip(b'"')) == (200, b"up")


def test_the_lambda_function_runs_as_it_says() -> None:
    text = APPS["lambda_function"]
    (line,) = re.findall(r"^    PYTHONPATH=samples python (.+)$", text, re.MULTILINE)
    printed = run(sys.executable, *shlex.split(line), cwd=ROOT, PYTHONPATH="samples")
    assert HANDLED in printed
    assert "'statusCode': 200" in printed
    assert "<Ack>true</Ack>" in printed
