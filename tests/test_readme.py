"""The README's commands and examples, run as a reader would.

They run in a copy of the tree. Two things differ from what is typed: the beginning of the set-up
commands, which makes the virtual environment from the network, is replaced by one that is made
offline with the same editable install; and the command that runs all tests only collects them.
"""

import re
import shutil
from pathlib import Path

import pytest
from support_examples import FENCE, ROOT, blocks, make_tree, run_python, shell

README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q -e (\.|'\.\[test\]') && ")
COMMANDS = [command.strip() for command in blocks(ROOT / "README.md", "sh")]
EXAMPLES = blocks(ROOT / "README.md", "python")


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


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("readme") / "obgen")


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
    printed = "".join(
        run_python(example, tree) for example in EXAMPLES if not example.startswith("@dataclass")
    )
    assert "won: 006000000000001AAA notification 04l000000000001AAA" in printed
    assert printed.count("04l") >= 3
