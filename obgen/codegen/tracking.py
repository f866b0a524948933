"""Ask git which files it doesn't know, for a commit would leave them behind."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from obgen.codegen.git import SECONDS, find_git, run_git


@dataclass(frozen=True, slots=True)
class Tracking:
    """What git says of some files.

    Attributes:
        untracked: Those in a repository that are neither known to it nor ignored.
        unknown: Why it can't say that of some, or "".
    """

    untracked: tuple[Path, ...] = ()
    unknown: str = ""


def track(paths: Iterable[Path]) -> Tracking:
    """Return what the repository around the current directory knows of some files.

    Where there is no git, or no repository, none is untracked.
    """
    there = [path for path in paths if path.is_file()]
    git = find_git()
    if not there or git is None:
        return Tracking()
    listing = ("ls-files", "--others", "--exclude-standard", "-z", "--", *map(str, there))
    try:
        done = run_git(git, *listing)
    except subprocess.TimeoutExpired:
        return Tracking(unknown=f"it gave no answer within {SECONDS} seconds")
    except OSError as error:
        return Tracking(unknown=f"it can't be run: {error.strerror}")
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").partition("\n")[0].removeprefix("fatal: ")
        # What isn't in a repository isn't committed either.
        return Tracking(unknown="" if "not a git repository" in reason else reason)
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0")}
    # git says nothing at all of what is in a repository inside this one.
    others = {_repository(path) for path in there} - {_repository(Path("here"))}
    return Tracking(
        tuple(path for path in there if os.path.relpath(path) in names),
        "; ".join(f"{one} is a repository of its own" for one in sorted(filter(None, others))),
    )


def _repository(path: Path) -> Path | None:
    """Return the nearest directory above a path that has a repository, or None."""
    parents = path.resolve().parents
    return next((one for one in parents if os.path.lexists(one / ".git")), None)
