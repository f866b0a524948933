"""Write into a directory that stays the same one, whatever its name comes to mean meanwhile.

Between a look at a path and the write, somebody may put a symbolic link in its place. So the
directory is opened once, without following a link, and all that is written goes through the open
directory. Windows has no such thing; there, each name is looked up again.

A file is written under a temporary name, `.obgen-<16 hex digits>.tmp`, and then gets its own: a
reader finds the old text or the new one, whenever the process is killed. (The power failing is
another matter: nothing is forced to the disk.) What a killed run leaves is removed by the next one
that comes to the directory, by this rule: each run has a shared lock (flock) on the directories
that it writes into, which ends with its process. A leftover goes if nobody else has one, or if it
is a day old: Windows and some network drives have no such locks.
"""

import contextlib
import errno
import os
import re
import time
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from types import TracebackType
from typing import Final, Self

from obgen.errors import OutputError

_HOLDS: Final = {
    os.link,
    os.mkdir,
    os.open,
    os.rename,
    os.rmdir,
    os.stat,
    os.unlink,
} <= os.supports_dir_fd and {os.chmod, os.listdir} <= os.supports_fd
_NOT_A_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
_DIRECTORY: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOT_A_LINK | _BINARY
_PRESENT: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY
_INIT: Final = "__init__.py"
_TEMPORARY: Final = re.compile(r"\.obgen-[0-9a-f]{16}\.tmp")
_DAY: Final = 24 * 60 * 60
_LARGEST: Final = 16 * 1024 * 1024
"""No generated file comes near this many bytes."""


class Folder:
    """A directory, open as long as the `with` statement lasts; its methods raise OSError.

    When the statement ends, no temporary file is left, and after an exception no directory that
    was made here and has nothing in it.
    """

    def __init__(self, path: Path, descriptor: int | None) -> None:
        self._path = path
        self._descriptor = descriptor
        self._temporaries: set[str] = set()
        self._made: list[str] = []

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a directory that a person named; that may be by a link."""
        return cls(path, os.open(path, _DIRECTORY) if _HOLDS else None)

    def enter(self, name: str) -> "Folder":
        """Open a directory in this one; a link is an error."""
        path = self._path / name
        if self._descriptor is None:
            self._refuse_link(name)
            return Folder(path, None)
        flags = _DIRECTORY | _NOT_A_LINK
        try:
            return Folder(path, os.open(name, flags, dir_fd=self._descriptor))
        except OSError:
            self._refuse_link(name)  # in better words than the system's
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for name in (*self._temporaries, *(self._made if kind else ())):
            self.discard(name)
        if self._descriptor is not None:
            os.close(self._descriptor)

    def tidy(self) -> None:
        """Remove what killed runs left here, and have others leave alone what this one makes."""
        alone = self.is_in_use() is False
        for name in self.names():
            if _TEMPORARY.fullmatch(name) and (alone or self._is_old(name)):
                self.discard(name)
        self.share()

    def make(self, name: str) -> None:
        """Make a directory, unless there is something of that name."""
        with contextlib.suppress(FileExistsError):
            os.mkdir(self._at(name), dir_fd=self._descriptor)
            self._made.append(name)

    def make_package(self, name: str) -> None:
        """Make a directory with an empty `__init__.py`, unless there is something of that name.

        Both appear at once: of a directory that is there, nobody could tell later whether the file
        is still to come or isn't wanted.
        """
        temporary = self._new_name()
        os.mkdir(self._at(temporary), dir_fd=self._descriptor)
        with self.enter(temporary) as package:
            os.close(package.create(_INIT))
        held = self._descriptor
        try:
            os.rename(self._at(temporary), self._at(name), src_dir_fd=held, dst_dir_fd=held)
        except OSError:
            if not self.has(name):
                raise
        else:
            self._made.append(name)

    def stage(self, text: str, name: str) -> str:
        """Write a temporary file with the mode that `name` has, and return what it is called."""
        temporary = self._new_name()
        descriptor = self.create(temporary)
        with os.fdopen(descriptor, "wb") as file:
            status = self._status(name)
            if status and S_ISREG(status.st_mode) and self._descriptor is not None:
                os.chmod(descriptor, status.st_mode & 0o777)  # noqa: PTH101 - it has no path
            file.write(text.encode())
        return temporary

    def replace(self, temporary: str, name: str) -> None:
        """Give a staged file its name, in place of what has it."""
        held = self._descriptor
        os.replace(self._at(temporary), self._at(name), src_dir_fd=held, dst_dir_fd=held)

    def add(self, temporary: str, name: str) -> bool:
        """Give a staged file its name unless something has it, and return whether it got it."""
        held = self._descriptor
        try:
            os.link(self._at(temporary), self._at(name), src_dir_fd=held, dst_dir_fd=held)
        except FileExistsError:
            return False
        except OSError:
            # This file system has no hard links; between these lines nobody else is expected.
            if self.has(name):
                return False
            self.replace(temporary, name)
        return True

    def has(self, name: str) -> bool:
        """Return whether there is anything of that name."""
        return self._status(name) is not None

    def holds(self, name: str, text: str) -> bool:
        """Return whether there is a file of that name with exactly this text."""
        return self.read(name) == text.encode()

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None for what `read_file` doesn't read or isn't there."""
        try:
            return read_file(self._at(name), self._descriptor)
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        """Return the names of all that is here."""
        place = self._path if self._descriptor is None else self._descriptor
        return os.listdir(place)  # noqa: PTH208 - pathlib knows no descriptors

    def create(self, name: str) -> int:
        """Make a file, and return its open descriptor."""
        return os.open(self._at(name), _NEW, 0o666, dir_fd=self._descriptor)

    def discard(self, name: str) -> None:
        """Remove a file, or a directory without content that nobody else is about to fill."""
        with contextlib.suppress(OSError):
            status = self._status(name)
            if status and S_ISREG(status.st_mode):
                os.unlink(self._at(name), dir_fd=self._descriptor)
            elif status and S_ISDIR(status.st_mode):
                with self.enter(name) as folder:
                    if folder.is_in_use():
                        return
                    if folder.names() == [_INIT] and folder.holds(_INIT, ""):
                        folder.discard(_INIT)
                    os.rmdir(self._at(name), dir_fd=self._descriptor)

    def is_in_use(self) -> bool | None:
        """Return whether another run has the directory open, or None where none can tell."""
        if self._descriptor is None:
            return None
        import fcntl  # noqa: PLC0415 - Windows has none

        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return None
        return False

    def share(self) -> None:
        """Have other runs leave alone what is here, until the directory is closed."""
        if self._descriptor is None:
            return
        import fcntl  # noqa: PLC0415 - Windows has none

        # Where there are no locks, nobody can be alone: nothing is removed before it is a day old.
        with contextlib.suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def _at(self, name: str) -> str:
        return str(self._path / name) if self._descriptor is None else name

    def _new_name(self) -> str:
        name = f".obgen-{os.urandom(8).hex()}.tmp"
        self._temporaries.add(name)
        return name

    def _status(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def _refuse_link(self, name: str) -> None:
        status = self._status(name)
        if status and S_ISLNK(status.st_mode):
            raise OSError(errno.ELOOP, "it is a symbolic link, and obgen writes through none")

    def _is_old(self, name: str) -> bool:
        status = self._status(name)
        return status is not None and time.time() - status.st_mtime > _DAY


def read_file(path: str | Path, directory: int | None = None) -> bytes | None:
    """Return the content of a regular file of no unlikely size; of anything else None.

    A link isn't followed, a pipe or a device isn't waited for. Raises OSError.
    """
    if not S_ISREG(os.stat(path, dir_fd=directory, follow_symlinks=False).st_mode):
        return None
    content = _read(os.open(path, _PRESENT | _NOT_A_LINK, dir_fd=directory), _LARGEST)
    return content if content is None or len(content) <= _LARGEST else None


def read_regular(path: Path, most: int) -> bytes | None:
    """Return the first `most` bytes of a regular file, and one more if there are more.

    A person's own file may be behind a link. For a pipe or a device, which might never end, and
    for a directory return None. Raises OSError.
    """
    # Opening a device may do something, so it is looked at before.
    if not S_ISREG(path.stat().st_mode):
        return None
    return _read(os.open(path, _PRESENT), most)


def _read(descriptor: int, most: int) -> bytes | None:
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most + 1) if S_ISREG(os.fstat(descriptor).st_mode) else None


def unwritable(path: Path, error: OSError | ValueError) -> OutputError:
    """Return the error that tells a person why a file can't be written."""
    reason = error.strerror if isinstance(error, OSError) else "the name is impossible"
    return OutputError(f"{path} can't be written: {reason}", hint="check the output directory")
