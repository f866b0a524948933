"""Ask git which files it doesn't know, for a commit would leave them behind."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_SECONDS: Final = 60


def untracked(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of some files that are in a git repository, but neither known to it nor ignored.

    Where there is no git, or no repository, there are none.
    """
    there = [path for path in paths if path.is_file()]
    git = shutil.which("git")
    if not there or git is None:
        return ()
    # Watchers are programs that a repository may configure; here nobody needs one.
    options = ("-c", "core.fsmonitor=false", "--literal-pathspecs")
    listing = ("ls-files", "--others", "--exclude-standard", "-z", "--", *map(str, there))
    try:
        done = subprocess.run(  # noqa: S603 - git with our arguments, in no shell
            [git, *options, *listing],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    if done.returncode != 0:
        return ()
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0")}
    return tuple(path for path in there if os.path.relpath(path) in names)
