"""The code in Markdown files, and a place to run it as a reader would."""

import re
import shutil
from pathlib import Path

from support_venv import make_environment, run

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path, language: str) -> list[str]:
    """Return the text of all blocks in a language."""
    found = FENCE.finditer(path.read_text("utf-8"))
    return [block["text"] for block in found if block["language"] == language]


def make_tree(directory: Path) -> Path:
    """Make a copy of the source tree with the environment that the README makes."""
    shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns(".*", "build", "dist", "site"))
    make_environment(directory / ".venv").pip_install("--editable", directory)
    return directory


def shell(command: str, tree: Path) -> str:
    """Run a line as a shell does and return its stdout."""
    return run("bash", "-euc", command, cwd=tree)


def run_python(example: str, tree: Path, **variables: str) -> str:
    """Run an example, or the tests in it, and return its stdout.

    It becomes a file of the name in its first line, where another example can import it from.
    """
    name = re.match(r"# (\w+\.py)\n", example)
    script = tree / (name[1] if name else "example.py")
    script.write_text(example, encoding="utf-8")
    pytest_or_not = ("-m", "pytest", "-p", "no:cacheprovider") if "def test_" in example else ()
    python = tree / ".venv" / "bin" / "python"
    return run(python, *pytest_or_not, script.name, cwd=tree, **variables)
