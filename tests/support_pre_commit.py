"""pre-commit with obgen's hooks, offline.

Installing a hook usually takes its dependencies from the network. Here it is told to install
nothing but obgen, and PYTHONPATH shows it the dependencies of the interpreter that runs the tests;
an obgen installed there in editable mode isn't seen that way.
"""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from support_git import git, make_repository

ROOT = Path(__file__).parents[1]


def make_source(path: Path) -> Path:
    """Make a repository that holds obgen as it is now, tagged v0.1.0."""
    skipped = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__", "tests", "build")
    shutil.copytree(ROOT, path, ignore=skipped)
    with pytest.MonkeyPatch.context() as monkeypatch:
        make_repository(path, monkeypatch)
        git("add", "--all")
        git("commit", "--quiet", "--message", "obgen")
        git("tag", "v0.1.0")
    return path


def go_offline(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pre-commit keep its environments in `home`, and install nothing but obgen."""
    for name, value in {
        "PIP_NO_BUILD_ISOLATION": "0",  # which means "true" here, in every version of pip
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PRE_COMMIT_COLOR": "never",
        "PRE_COMMIT_HOME": str(home),
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }.items():
        monkeypatch.setenv(name, value)


def run(*command: str) -> tuple[int, str]:
    """Run a program; return its exit code, and what it printed."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


def pre_commit(*arguments: str) -> tuple[int, str]:
    """Run pre-commit in the current directory; return its exit code, and what it printed."""
    return run(sys.executable, "-m", "pre_commit", *arguments)
