"""Repositories to test with, made by the real git and untouched by the settings of a person."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def make_repository(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a repository of `path` and go there; repositories above it are out of sight."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(path.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.com")
    path.mkdir(exist_ok=True)
    monkeypatch.chdir(path)
    git("init", "--quiet")


def git(*arguments: str, check: bool = True) -> str:
    """Run git in the current directory and return what it prints."""
    program = shutil.which("git")
    assert program
    done = subprocess.run([program, *arguments], check=check, capture_output=True, text=True)
    return done.stdout


def commit(path: str, content: str | bytes) -> str:
    """Write a file, commit it, and return its path."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    git("add", "--", path)
    git("commit", "--quiet", "--message", "some change")
    return path


def lose_object(name: str, promisor: dict[str, str]) -> None:
    """Remove an object as if this were a partial clone, whose remote is as configured."""
    Path(f".git/objects/{name[:2]}/{name[2:]}").unlink()
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
    }
    for key, value in (settings | promisor).items():
        git("config", key, value)
