"""With OBGEN_REQUIRE_ALL=1 a skipped test is a failure, but for the two documented reasons."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """
import pytest

def test_corpus(field_corpus):
    assert field_corpus.is_dir()

@pytest.mark.skipif(True, reason="only on Windows")
def test_platform(): ...

@pytest.mark.skipif(True, reason="the checker is not installed")
def test_tool(): ...

@pytest.mark.xfail(raises=ZeroDivisionError, reason="known")
def test_known(): 1 / 0
"""
MODULE = "import pytest\npytest.importorskip('a_module_that_nobody_has')\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Return a directory with our conftest and tests that skip in each way."""
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_cases.py").write_text(CASES, encoding="utf-8")
    (tmp_path / "test_module.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


def run(suite: Path, **environment: str) -> dict[str, int]:
    """Run the suite and return what pytest counted, failures and errors as "refused"."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("OBGEN", "COV"))
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."]
    done = subprocess.run(
        [*command, "-c", os.devnull, "--continue-on-collection-errors"],
        cwd=suite,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = done.stdout.splitlines()[-1]
    counts = {word: int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", summary)}
    # Whether a refused skip is a failure or an error depends on when the test said so.
    refused = sum(counts.pop(word, 0) for word in ("failed", "error", "errors"))
    return counts | {"refused": refused}


def test_without_the_variable_they_are_skipped(suite: Path) -> None:
    assert run(suite) == {"skipped": 4, "xfailed": 1, "refused": 0}


def test_with_it_only_the_documented_reasons_skip(suite: Path) -> None:
    counts = run(suite, OBGEN_REQUIRE_ALL="1")
    assert counts == {"skipped": 2, "xfailed": 1, "refused": 2}


def test_with_it_a_corpus_that_is_named_must_be_there(suite: Path) -> None:
    counts = run(suite, OBGEN_REQUIRE_ALL="1", OBGEN_FIELD_CORPUS=str(suite / "missing"))
    assert counts == {"skipped": 1, "xfailed": 1, "refused": 3}


def test_with_it_a_corpus_that_is_there_is_used(suite: Path) -> None:
    counts = run(suite, OBGEN_REQUIRE_ALL="1", OBGEN_FIELD_CORPUS=str(suite))
    assert counts == {"passed": 1, "skipped": 1, "xfailed": 1, "refused": 2}
