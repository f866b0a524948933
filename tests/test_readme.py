"""The README's commands and examples, run as a reader would.

They run in a copy of the tree. Two things differ from what is typed: the beginning of the set-up
commands, which makes the virtual environment from the network, is replaced by one that is made
offline with the same editable install; and the command that runs all tests only collects them.
"""

import re
import shutil
from pathlib import Path

import pytest
from support_venv import make_environment, run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q -e (\.|'\.\[test\]') && ")
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(found["language"], found["text"]) for found in FENCE.finditer(README)]
COMMANDS = [text.strip() for language, text in BLOCKS if language == "sh"]
EXAMPLES = [text for language, text in BLOCKS if language == "python"]


def test_something_runnable_stands_at_the_top() -> None:
    top = "\n".join(README.splitlines()[:45])
    assert {found["language"] for found in FENCE.finditer(top)} >= {"python", "sh"}
    assert "Try it" in top


def test_the_set_up_commands_are_one_line_each() -> None:
    first, tests, *_ = COMMANDS
    for command in (first, tests):
        assert SET_UP.match(command)
        assert "\n" not in command
    assert tests.endswith("&& .venv/bin/python -m pytest")


def test_the_warning_is_seen_at_first_sight() -> None:
    assert README.index("must be idempotent") < README.index("## ")


def test_the_dataclass_is_the_one_of_the_sample() -> None:
    models = (ROOT / "samples" / "outbound" / "opportunity" / "models.py").read_text("utf-8")
    shown = [text for text in EXAMPLES if text.startswith("@dataclass")]
    assert len(shown) == 1
    assert shown[0] in models


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source tree with the environment that the README makes."""
    tree = tmp_path_factory.mktemp("readme") / "obgen"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "build", "dist"))
    make_environment(tree / ".venv").pip_install("--editable", tree)
    return tree


def shell(command: str, tree: Path) -> str:
    """Run a line as a shell does and return its stdout."""
    return run("bash", "-euc", command, cwd=tree)


@pytest.mark.slow
def test_the_first_command_does_the_main_job(tree: Path) -> None:
    shutil.rmtree(tree / "samples" / "outbound" / "opportunity")
    last = shell(SET_UP.sub("", COMMANDS[0]), tree).splitlines()[-1]
    assert last.startswith("200 <soapenv:Envelope")
    assert "<Ack>true</Ack>" in last


@pytest.mark.slow
def test_the_second_command_finds_the_tests(tree: Path) -> None:
    printed = shell(SET_UP.sub("", COMMANDS[1]) + " --collect-only -q -p no:cacheprovider", tree)
    assert "tests/test_readme.py" in printed


@pytest.mark.slow
def test_the_walk_through_works(tree: Path) -> None:
    for command in COMMANDS[2:]:
        shell(command, tree)
    assert sorted(path.name for path in (tree / "outbound" / "opportunity").iterdir()) == [
        "__init__.py",
        "handler.py",
        "models.py",
    ]
    python = tree / ".venv" / "bin" / "python"
    printed = ""
    for example in EXAMPLES:
        if example.startswith("@dataclass"):
            continue
        name = re.match(r"# (\w+\.py)\n", example)
        script = tree / (name[1] if name else "example.py")
        script.write_text(example, encoding="utf-8")
        pytest_or_not = ("-m", "pytest", "-p", "no:cacheprovider") if "def test_" in example else ()
        printed += run(python, *pytest_or_not, script.name, cwd=tree)
    assert "won: 006000000000001AAA notification 04l000000000001AAA" in printed
    assert printed.count("04l") >= 3
    assert "2 passed" in printed


POST = """
from pathlib import Path
message = Path("samples/messages/opportunity-one.xml").read_bytes()
for path in ("/salesforce", "/salesforce/"):
    answer = {}
    print(answer.status_code)
"""
BY_FLASK = POST.format("web.test_client().post(path, data=message)")
BY_STARLETTE = """
from starlette.testclient import TestClient
""" + POST.format("TestClient(web, follow_redirects=False).post(path, content=message)")
BY_DJANGO = """
import django
from django.conf import settings
from django.test import Client
settings.configure(ALLOWED_HOSTS=["testserver"], ROOT_URLCONF=tuple(urlpatterns))
django.setup()
""" + POST.format("Client().post(path, message, content_type='text/xml')")
BY_LAMBDA = """
from types import SimpleNamespace
def post(path, message):
    context = {"http": {"method": "POST", "sourceIp": "127.0.0.1"}}
    event = {"version": "2.0", "rawPath": path, "requestContext": context, "body": message}
    return SimpleNamespace(status_code=handler(event, None)["statusCode"])
""" + POST.format("post(path, message.decode())")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("framework", "post"),
    [
        ("Flask", BY_FLASK),
        ("Django", BY_DJANGO),
        ("FastAPI", BY_STARLETTE),
        ("Starlette", BY_STARLETTE),
        ("AWS Lambda", BY_LAMBDA),
    ],
)
def test_the_lines_for_a_framework_answer_both_forms_of_the_path(
    framework: str, post: str, tree: Path
) -> None:
    (receiver,) = [example for example in EXAMPLES if example.startswith("# app.py")]
    (tree / "app.py").write_text(receiver, encoding="utf-8")
    lines = FENCE.search(README, README.index(f"**{framework}**"))
    assert lines
    (tree / "framework.py").write_text(lines["text"] + post, encoding="utf-8")
    python = tree / ".venv" / "bin" / "python"
    printed = run(python, "framework.py", cwd=tree, PYTHONPATH="samples").splitlines()
    assert [line for line in printed if line.isdecimal()] == ["200", "200"]
    assert sum(line.startswith("won: ") for line in printed) == 2


@pytest.mark.slow
def test_the_comparison_prints_what_is_shown(tree: Path) -> None:
    (command,) = [command for command in COMMANDS if "obgen compare" in command]
    (shown,) = [text for language, text in BLOCKS if language == "text" and "breaking" in text]
    assert shell(command, tree) == shown
