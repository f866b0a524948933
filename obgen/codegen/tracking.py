"""Ask git which files it doesn't know, for a commit would leave them behind."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from obgen.codegen.git import find_git, run_git


def untracked(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of some files that are in a git repository, but neither known to it nor ignored.

    Where there is no git, or no repository, there are none.
    """
    there = [path for path in paths if path.is_file()]
    git = find_git()
    if not there or git is None:
        return ()
    listing = ("ls-files", "--others", "--exclude-standard", "-z", "--", *map(str, there))
    try:
        done = run_git(git, *listing)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if done.returncode != 0:
        return ()
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0")}
    return tuple(path for path in there if os.path.relpath(path) in names)
