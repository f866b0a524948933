"""Read an earlier version of a file from the git repository that it is in.

git is only asked, by two plumbing commands, for objects that it has: what they print passes no
filter, textconv, external diff, pager or hook, and what is missing isn't fetched.
"""

import re
import subprocess
from pathlib import Path
from typing import Final, NoReturn

from obgen.codegen.document import MAX_BYTES
from obgen.codegen.git import SECONDS, find_git, run_git
from obgen.codegen.quoting import quoted
from obgen.errors import ConfigurationError, WsdlError

_HASH: Final = re.compile(rb"[0-9a-f]{40,64}\n")


def read_revision(path: str, revision: str) -> bytes:
    """Return the bytes of the file at `path` as they are in `revision` of its repository.

    The file is looked for under its present name. A revision is a branch, a tag, a hash, or what
    git finds from there, such as `HEAD~1`. Raise `ConfigurationError` for an impossible revision
    and `WsdlError` where there is no repository, no such revision, or no such file in it.
    """
    # A "-" at the beginning would make it an option of git, a ":" something in the index.
    if not revision or revision.startswith(("-", ":")) or "\0" in revision:
        raise ConfigurationError(
            f"{quoted(revision)} can't be a revision of git",
            hint="name a commit, a tag or a branch, such as HEAD~1",
        )
    return _Repository(path).read(revision)


class _Repository:
    """The repository around one file, asked with git's plumbing commands alone."""

    def __init__(self, path: str) -> None:
        self._path = path
        # The file that is meant, where the path leads through links.
        self._file = Path(path).resolve()
        self._git = find_git() or self._refuse(
            "git is needed to read an earlier version, and it isn't installed", "install git"
        )
        done = self._run("rev-parse", "--is-inside-work-tree")
        if done.stdout.strip() != b"true":
            reason = done.stderr.decode("utf-8", "replace").partition("\n")[0]
            if not reason or "not a git repository" in reason:
                self._refuse(
                    "this file is in no git repository", "name both WSDLs instead of --against"
                )
            self._refuse(
                f"git can't read the repository of this file: {reason.removeprefix('fatal: ')}",
                "see what `git status` says there",
            )

    def read(self, revision: str) -> bytes:
        commit = self._object(f"{revision}^{{commit}}") or self._refuse(
            f"its git repository has no revision {quoted(revision)}",
            "`git log --oneline` names those that there are; a shallow clone, as in CI, has few",
        )
        blob = self._object(f"{commit}:./{self._file.name}") or self._refuse(
            f"this file isn't in revision {quoted(revision)}",
            "was it added later, or under another name?",
        )
        size = self._run("cat-file", "-s", blob).stdout
        if size.strip().isdigit() and int(size) > MAX_BYTES:
            self._refuse(
                f"in revision {quoted(revision)} it is larger than {MAX_BYTES // 1024 // 1024} MiB",
                "name a revision in which it is a WSDL",
            )
        done = self._run("cat-file", "blob", blob)
        if done.returncode:
            self._refuse(
                f"git has no content of this file for revision {quoted(revision)}",
                "it may have been a directory then; a partial clone has to fetch it first",
            )
        return done.stdout

    def _object(self, expression: str) -> str:
        """Return the hash of the object that an expression names, or ""."""
        found = self._run("rev-parse", "--verify", "--quiet", expression).stdout
        return found.decode("ascii").strip() if _HASH.fullmatch(found) else ""

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return run_git(self._git, *arguments, directory=self._file.parent)
        except subprocess.TimeoutExpired as error:
            reason = f"git gave no answer within {SECONDS} seconds"
            self._refuse(reason, "see whether `git status` works there", error)
        except OSError as error:
            reason = f"git can't be run: {error.strerror}"
            self._refuse(reason, "see whether `git status` works there", error)

    def _refuse(self, message: str, hint: str, cause: Exception | None = None) -> NoReturn:
        raise WsdlError(message, path=self._path, hint=hint) from cause
