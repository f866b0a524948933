"""Run git so that it runs nothing else.

Who configures a repository can name programs for git to run: a watcher of files, what fetches the
objects that a partial clone lacks, an alias that speaks a protocol. They may have written the
repository that somebody runs obgen in, so none of that is switched on here.
"""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Final

SECONDS: Final = 60
"""How long git has for an answer."""

# git gives these to its hooks, and they would hide the repository that a file itself is in.
_OVERRIDES: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_WORK_TREE",
    }
)
_ENVIRONMENT: Final = {
    # A partial clone fetches what it lacks; older versions of git know only the first of these,
    # which leaves them no way to do it. It lists the protocols that are allowed: any word would be
    # the name of one, and so would no word, so it is one that no repository can know.
    "GIT_ALLOW_PROTOCOL": secrets.token_hex(16),
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OPTIONS: Final = ("--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false")


def find_git() -> str | None:
    """Return where git is, or None."""
    return shutil.which("git")


def run_git(
    git: str, *arguments: str, directory: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Return what a plumbing command of git printed, and its exit code.

    Raise OSError or `subprocess.TimeoutExpired` if it can't be run to its end. Only plumbing is
    safe: what other commands print passes filters, external diffs and pagers.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OVERRIDES}
    return subprocess.run(  # noqa: S603 - git with our arguments, in no shell
        [git, *_OPTIONS, *arguments],
        cwd=directory,
        env=environment | _ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
