"""Which files git doesn't know: in a repository, beside it, and without git."""

import subprocess
from pathlib import Path

import pytest
from support_git import commit, git, lose_object, make_repository

from obgen.codegen.tracking import Tracking, track


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a directory of a repository with a known, an ignored and two unknown files."""
    make_repository(tmp_path / "project", monkeypatch)
    commit(".gitignore", "ignored.py\n")
    commit("out/known.py", "")
    for name in ("ignored.py", "new.py", "a b*.py"):
        Path("out", name).touch()
    return tmp_path


NAMES = ("known.py", "ignored.py", "new.py", "a b*.py", "gone.py")


def found(directory: str) -> list[str]:
    return [path.as_posix() for path in tracking(directory).untracked]


def tracking(directory: str) -> Tracking:
    return track(Path(directory, name) for name in NAMES)


def test_from_above_and_from_below(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("out") == ["out/new.py", "out/a b*.py"]
    Path("src").mkdir()
    monkeypatch.chdir("src")
    assert found("../out") == ["../out/new.py", "../out/a b*.py"]
    monkeypatch.chdir("../out")
    assert found("") == ["new.py", "a b*.py"]
    assert found("../out") == ["../out/new.py", "../out/a b*.py"]


def test_once_they_are_added_there_are_none() -> None:
    git("add", "out")
    assert found("out") == []


def test_outside_of_any_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "new.py").touch()
    assert found("..") == []
    assert "'../new.py' is outside repository" in tracking("..").unknown
    monkeypatch.chdir("..")
    assert tracking("") == Tracking()


def test_in_a_repository_inside(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("inner").mkdir()
    monkeypatch.chdir("inner")
    git("init")
    commit("known.py", "")
    Path("new.py").touch()
    assert found("") == ["new.py"]

    reason = f"{repository / 'project/inner'} is a repository of its own"
    for here, inner in (
        (repository / "project", "inner"),
        (repository / "project/out", "../inner"),
    ):
        monkeypatch.chdir(here)
        assert tracking(inner) == Tracking(unknown=reason)


def test_in_a_repository_that_git_refuses() -> None:
    Path(".git/config").write_text("[core\n", encoding="utf-8")
    assert tracking("out").unknown.startswith("bad config line 1")


def test_no_program_of_the_repository_is_run(repository: Path) -> None:
    trap = repository / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repository / 'sprung'}\n", encoding="utf-8")
    trap.chmod(0o700)
    git("config", "core.fsmonitor", str(trap))
    git("status")
    assert (repository / "sprung").exists()  # the trap works
    (repository / "sprung").unlink()

    assert found("out") == ["out/new.py", "out/a b*.py"]
    assert not (repository / "sprung").exists()


def test_an_ignore_file_that_a_partial_clone_lacks_is_not_fetched(repository: Path) -> None:
    commit("out/.gitignore", "ignored.py\n")
    rules = git("rev-parse", ":out/.gitignore").strip()
    git("update-index", "--skip-worktree", "out/.gitignore")
    Path("out/.gitignore").unlink()
    sprung = repository / "sprung"
    program = f"touch {sprung}; git-upload-pack"
    lose_object(rules, {"remote.origin.url": ".", "remote.origin.uploadpack": program})

    found("out")
    assert not sprung.exists()

    git("ls-files", "--others", "--exclude-standard", "--", "out/new.py", check=False)
    assert sprung.exists(), "the trap wouldn't have shown anything"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "it can't be run: Permission denied"),
        (subprocess.TimeoutExpired("git", 60), "it gave no answer within 60 seconds"),
    ],
)
def test_a_git_that_fails_knows_nothing(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", fail)
    assert tracking("out") == Tracking(unknown=reason)


def test_without_git_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert found("out") == []
