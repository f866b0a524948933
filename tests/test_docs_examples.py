"""The commands and examples in the pages of docs/, run as a reader would.

They run in a copy of the tree, beside the `app.py` of the README.
"""

import shutil
from pathlib import Path

import pytest
from support_examples import ROOT, blocks, make_tree, run_python, shell

pytestmark = pytest.mark.slow

DOCS = ROOT / "docs"
FRAMEWORKS = DOCS / "frameworks"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = make_tree(tmp_path_factory.mktemp("docs") / "obgen")
    shutil.copytree(tree / "samples" / "outbound", tree / "outbound")
    (receiver,) = [
        example
        for example in blocks(ROOT / "README.md", "python")
        if example.startswith("# app.py\n")
    ]
    run_python(receiver, tree)
    return tree


def test_pages_whose_examples_are_run() -> None:
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    with_code = {page for page in pages if blocks(DOCS / page, "python")}
    assert with_code == {"answers.md", "origin.md", "testing.md"} | {
        f"frameworks/{framework}.md"
        for framework in ("flask", "django", "fastapi", "aws-lambda", "wsgi-asgi")
    }
    assert {page for page in pages if blocks(DOCS / page, "sh")} == {
        "regeneration.md",
        "testing.md",
    }


def test_a_handler_that_is_idempotent(tree: Path) -> None:
    (example,) = blocks(DOCS / "answers.md", "python")
    run_python(example, tree)
    program = """
import sqlite3
from idempotent import receiver
message = open("samples/messages/opportunity-batch.xml", "rb").read()
count = message.count(b"<Notification>")
for _ in "ab":
    assert receiver.receive(message).acknowledged
print(count, *sqlite3.connect("shop.db").execute("SELECT count(*) FROM invoice").fetchone())
"""
    assert run_python(program, tree) == "3 3\n"


def test_the_origin_checks(tree: Path) -> None:
    (example,) = blocks(DOCS / "origin.md", "python")
    assert run_python(example, tree) == ""


def test_testing(tree: Path) -> None:
    (idempotent,) = blocks(DOCS / "answers.md", "python")
    run_python(idempotent, tree)
    printed = [run_python(example, tree) for example in blocks(DOCS / "testing.md", "python")]
    assert [text.split(" passed")[0][-1] for text in printed] == ["2", "1", "3"]
    for command in blocks(DOCS / "testing.md", "sh"):
        assert "<Ack>true</Ack>" in shell(command, tree)


def test_the_comparison_prints_what_is_shown(tree: Path) -> None:
    (command,) = blocks(DOCS / "regeneration.md", "sh")
    (shown,) = blocks(DOCS / "regeneration.md", "text")
    assert shell(command, tree) == shown


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
BY_ASGI = """
from obgen.testing import post
from types import SimpleNamespace
def send(path, message):
    return SimpleNamespace(status_code=post(web, message, path=path).status)
""" + POST.format("send(path, message)")


@pytest.mark.parametrize(
    ("page", "number", "post"),
    [
        ("flask", 0, BY_FLASK),
        ("django", 0, BY_DJANGO),
        ("fastapi", 0, BY_STARLETTE),
        ("fastapi", 1, BY_STARLETTE),
        ("aws-lambda", 0, BY_LAMBDA),
        ("wsgi-asgi", 0, BY_ASGI),
    ],
)
def test_the_lines_for_a_framework_answer_both_forms_of_the_path(
    page: str, number: int, post: str, tree: Path
) -> None:
    lines = blocks(FRAMEWORKS / f"{page}.md", "python")[number]
    printed = run_python(lines + post, tree).splitlines()
    assert [line for line in printed if line.isdecimal()] == ["200", "200"]
    assert sum(line.startswith("won: ") for line in printed) == 2
