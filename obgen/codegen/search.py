"""Search a person's own Python below a directory for uses of a generated dataclass.

Left out are files that obgen generated, hidden files and directories, virtual environments, and
directories behind symbolic links. What can't be read is named, never fatal.
"""

import os
from codecs import lookup
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from errno import EFBIG
from importlib.util import decode_source
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR
from tokenize import detect_encoding
from typing import Final

from obgen.codegen.folder import read_regular
from obgen.codegen.header import read_header
from obgen.codegen.quoting import quoted
from obgen.codegen.uses import Use, find_uses
from obgen.errors import ConfigurationError

MAX_BYTES: Final = 256 * 1024
"""The largest file that is searched; what people write is smaller, and a tree takes much memory."""

_ENCODINGS: Final = frozenset({"ascii", "cp1252", "iso8859-1", "utf-8"})
"""As Python calls those that decode at once; it knows others that take a minute for a megabyte."""

_ENVIRONMENTS: Final = ("pyvenv.cfg", "conda-meta")
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True, slots=True)
class Found:
    """One use, and where it is.

    Attributes:
        path: The file, below the directory as the user named it.
        use: The place in the file.
        text: The line of code, as it stands there.
    """

    path: Path
    use: Use
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to.

    Attributes:
        files: How many files were searched.
        found: All uses, file by file.
        unread: What was left out because it can't be read, each with the reason.
    """

    files: int
    found: tuple[Found, ...]
    unread: tuple[tuple[Path, str], ...]


def search(top: Path, class_name: str, names: Collection[str | None]) -> Search:
    """Return where the Python at or below `top` uses the fields `names`; None is the class itself.

    Raise `ConfigurationError` if there is nothing at `top`.
    """
    unread: list[tuple[Path, str]] = []
    found: list[Found] = []
    files = 0
    for path in _files(top, unread):
        try:
            text = _text(path)
            if text is None or read_header(text) is not None:
                continue
            # Parsing is what takes time, so the cheap question comes first.
            may_use = any((name or class_name) in text for name in names)
            uses = find_uses(text, class_name, names) if may_use else ()
        except (
            OSError,
            SyntaxError,
            LookupError,
            ValueError,
            RecursionError,
            MemoryError,
        ) as error:
            unread.append((path, _reason(error)))
            continue
        files += 1
        lines = text.split("\n") if uses else []
        found += [Found(path, use, lines[use.line - 1]) for use in uses]
    return Search(files, tuple(found), tuple(unread))


def _reason(error: Exception) -> str:
    """Return why a file can't be searched, for a person."""
    match error:
        case OSError():
            return error.strerror or "it can't be read"
        case SyntaxError():
            return f"line {error.lineno}: {error.msg}" if error.lineno else error.msg
        case LookupError():
            return f"its encoding is {quoted(str(error))}"
        case RecursionError() | MemoryError():
            return "it is nested too deeply"
        case _:
            return "it is no text that Python can read"


def _files(top: Path, unread: list[tuple[Path, str]]) -> Iterator[Path]:
    """Yield Python files in the order of their names, `top` itself if it is a file."""
    try:
        is_directory = S_ISDIR(top.stat().st_mode)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the name is impossible"
        raise ConfigurationError(
            f"{top} can't be searched: {reason}",
            hint="--handlers takes the directory of your own code",
        ) from error
    if not is_directory:
        yield top
        return

    def refuse(error: OSError) -> None:
        unread.append((Path(error.filename), error.strerror or "it can't be read"))

    for place, directories, names in os.walk(
        top, onerror=refuse
    ):  # it follows no links, so it ends
        directories[:] = sorted(name for name in directories if not _is_skipped(place, name))
        for name in sorted(names):
            if name.endswith((".py", ".pyw")) and not name.startswith("."):
                yield Path(place, name)


def _is_skipped(place: str, name: str) -> bool:
    return (
        name.startswith(".")
        or name in _SKIPPED
        or any(os.path.lexists(Path(place, name, mark)) for mark in _ENVIRONMENTS)
    )


def _text(path: Path) -> str | None:
    """Return a module's text; None for a pipe and the like, which might never end."""
    content = read_regular(path, MAX_BYTES)
    if content is None:
        return None
    if len(content) > MAX_BYTES:
        raise OSError(EFBIG, f"it is larger than {MAX_BYTES // 1024} KiB")
    encoding, _ = detect_encoding(BytesIO(content).readline)
    if lookup(encoding.removesuffix("-sig")).name not in _ENCODINGS:
        raise LookupError(encoding)
    return decode_source(content)
