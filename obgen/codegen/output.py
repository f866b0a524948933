"""Decide what happens to each file; `publish` does it afterwards, each file at once.

Three rules hold for everything below the output directory. A file that obgen didn't write is
never overwritten. Nothing is reached through a symbolic link. And a reader of a file sees the old
text or the new one, whenever the process is stopped.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from obgen.codegen.folder import read_file, unwritable
from obgen.codegen.header import (
    OBJECT,
    OPTIONS,
    TEMPLATES,
    WSDL,
    Header,
    is_edited,
    plain_text,
    read_header,
)
from obgen.codegen.package import SourceFile
from obgen.errors import OutputError

_INIT: Final = "__init__.py"
_MODULES: Final = sys.stdlib_module_names | {
    "click",
    "jinja2",
    "lxml",
    "obgen",
    "sitecustomize",
    "usercustomize",
    "xsdata",
}
"""Python's own, what it imports at each start, and what obgen needs."""
_SOURCES: Final = "src"
"""By convention no package, but where packages are; an `__init__.py` would make it one."""


class Action(StrEnum):
    """What happens to a file, in the word that a person reads."""

    CREATED = "created"
    UPDATED = "updated"
    KEPT = "kept"
    UNCHANGED = "unchanged"


class Reason(StrEnum):
    """Why a generated file isn't what obgen would write now, in the words that a person reads."""

    WSDL = "the WSDL changed"
    OPTIONS = "the options changed"
    TEMPLATES = "the templates changed"
    EDITED = "it was edited by hand"
    VERSION = "another version of obgen wrote it"
    OUTDATED = "it is out of date"


_CAUSES: Final = {WSDL: Reason.WSDL, OPTIONS: Reason.OPTIONS, TEMPLATES: Reason.TEMPLATES}


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one file.

    Attributes:
        path: Where it is.
        action: What is done with it.
        text: What it holds afterwards; of a kept file, what it would hold if it were new.
        yours: Whether the file belongs to the person once it is there.
        before: What an updated file holds now, with LF line ends.
        reasons: Why a file is updated.
    """

    path: Path
    action: Action
    text: str
    yours: bool = False
    before: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def writes(self) -> bool:
        """Return whether anything is written."""
        return self.action in {Action.CREATED, Action.UPDATED}

    @property
    def edited(self) -> bool:
        """Return whether an edit by hand is lost."""
        return Reason.EDITED in self.reasons


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run is going to do.

    Attributes:
        output: The directory that the person named; it may be reached through links.
        directories: Those that are missing, parents first.
        changes: One for each file.
    """

    output: Path
    directories: tuple[Path, ...]
    changes: tuple[Change, ...]


def make_plan(output: Path, packages: Iterable[Sequence[SourceFile]]) -> Plan:
    """Compare files with what is on disk, or raise `OutputError`; nothing is written.

    The last file of each of the `packages` is the one whose header tells their origin.
    """
    directories = _missing(output)
    changes = [
        Change(directory / _INIT, Action.CREATED, "", yours=True)
        for directory in directories
        if directory.name != _SOURCES
    ]
    is_package = any(change.path == output / _INIT for change in changes)
    for sources in packages:
        directory = (output / sources[-1].path).parent
        is_missing = _is_missing_package(directory)
        if is_missing or not os.path.lexists(directory / _INIT):
            _check_module(directory)
            if not is_package:
                _check_shadow(output, directory.name)
        if is_missing:
            directories.append(directory)
        changes += _plan_package(output, sources)
    return Plan(output, tuple(directories), tuple(changes))


def read_ours(path: Path) -> str | None:
    """Return the text of a regular file, or None for anything that can't be one of ours.

    Raises OutputError for what is there and can't be read.
    """
    try:
        content = read_file(path) if os.path.lexists(path) else None
    except OSError as error:
        raise unwritable(path, error) from error
    return None if content is None else content.decode("utf-8", "surrogateescape")


def _missing(output: Path) -> list[Path]:
    """Return the directories that `output` lacks, parents first."""
    missing: list[Path] = []
    for directory in (output, *output.parents):
        try:
            # In this order, since another run may be making the directory right now.
            if os.path.lexists(directory):
                if directory.is_dir():
                    break
                raise OutputError(
                    f"{directory} is no directory", hint="name another directory with --output"
                )
        except (OSError, ValueError) as error:
            raise unwritable(directory, error) from error
        if directory.name == "..":
            raise OutputError(
                f"there is no directory {directory.parent} to go up from",
                hint="name the directory with --output without ..",
            )
        missing.append(directory)
    return missing[::-1]


def _is_missing_package(directory: Path) -> bool:
    """Return whether a package's directory is to be made, or raise if something is in its way."""
    try:
        if directory.is_symlink():
            raise OutputError(
                f"{directory} is a symbolic link, and obgen writes through none",
                hint="remove the link, or name another package with --name",
            )
        # In this order, since another run may be making the directory right now.
        if directory.exists() and not directory.is_dir():
            raise OutputError(
                f"{directory} is no directory", hint="name another package with --name"
            )
        if directory.is_dir():
            _check_case(directory)
            return False
        if directory.parent.is_dir():
            _check_case(directory)
    except OSError as error:
        raise unwritable(directory, error) from error
    return True


def _check_shadow(output: Path, name: str) -> None:
    """Refuse a new package that `import logging` would find in place of Python's own module.

    That is so if its parent is on Python's path, which a directory without `__init__.py` may be:
    with `--output .` it is. What the package is called depends on nothing; only whether it is
    refused may differ with the version of Python.
    """
    if name not in _MODULES or os.path.lexists(output / _INIT):
        return
    raise OutputError(
        f"{output / name} could hide the module {name} from every import, "
        f"because {output} has no {_INIT}",
        hint=f"name another package with --name {name}_, or generate into a package",
    )


def _check_module(directory: Path) -> None:
    """Refuse a new package beside a module of that name: Python would only find the package."""
    module = directory.with_name(f"{directory.name}.py")
    if os.path.lexists(module):
        raise OutputError(
            f"{directory} would hide {module} from every import",
            hint="name another package with --name",
        )


def _check_case(directory: Path) -> None:
    """Refuse a package whose name differs from another only by case: one directory to many."""
    for other in sorted(directory.parent.iterdir()):
        if other.name != directory.name and other.name.lower() == directory.name.lower():
            raise OutputError(
                f"{directory} and {other} are one directory on Windows and macOS",
                hint="name another package with --name",
            )


def _plan_package(output: Path, sources: Sequence[SourceFile]) -> Iterator[Change]:
    """Yield what happens to the files of one package."""
    models = sources[-1]
    before = read_ours(output / models.path)
    causes = _causes(before, models.text) if before is not None else ()
    for source in sources:
        path = output / source.path
        if os.path.lexists(path):
            yield _compare(path, source, causes)
        elif before is None or not source.yours:
            yield Change(path, Action.CREATED, source.text, source.yours)
        # Else it was written with the package, and the person has no use for it.


def _causes(before: str, after: str) -> tuple[Reason, ...]:
    """Return why a package changes, by what the headers of two `models.py` say."""
    old, new = read_header(before), read_header(after)
    if old is None or new is None:
        return ()
    found = [
        reason for fact, reason in _CAUSES.items() if old.facts.get(fact) != new.facts.get(fact)
    ]
    return (*found, *([Reason.VERSION] if old.version != new.version else []))


def _compare(path: Path, source: SourceFile, causes: Sequence[Reason]) -> Change:
    if source.yours:
        return Change(path, Action.KEPT, source.text, yours=True)
    text = read_ours(path)
    header = read_header(text) if text is not None else None
    if text is None or header is None:
        raise OutputError(
            f"{path} is in the way: obgen didn't write it, so it isn't overwritten",
            hint="move it away, or name another package with --name",
        )
    before = plain_text(text)
    if before == source.text:
        return Change(path, Action.UNCHANGED, source.text)
    _check_object(path, header, source)
    reasons = (*causes, Reason.EDITED) if is_edited(text) else causes
    return Change(
        path,
        Action.UPDATED,
        source.text,
        before=before,
        reasons=tuple(reasons) or (Reason.OUTDATED,),
    )


def _check_object(path: Path, present: Header, source: SourceFile) -> None:
    """Refuse to turn a package of one object into that of another."""
    new = read_header(source.text)
    before = present.facts.get(OBJECT)
    after = new.facts.get(OBJECT) if new else None
    if before and after and before != after:
        raise OutputError(
            f"{path} was generated for {before}, not for {after}",
            hint="name another package with --name, or remove the directory first",
        )
