"""Read `[tool.obgen]` of the nearest pyproject.toml: strictly, since a typo must not be a no-op."""

import contextlib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar, cast

from obgen.codegen.folder import read_regular
from obgen.codegen.naming import chosen_package_name
from obgen.codegen.quoting import quoted
from obgen.codegen.settings import (
    Configuration,
    FieldNames,
    Message,
    Numbers,
    Options,
    Settings,
)
from obgen.errors import ConfigurationError, ProjectError

_FILE: Final = "pyproject.toml"
_TABLE: Final = "tool.obgen"
_MESSAGES: Final = "messages"
_OPTIONS: Final = ("field-names", "numbers")
_KEYS: Final = (_MESSAGES, "output", "templates", *_OPTIONS)
_MESSAGE_KEYS: Final = ("wsdl", "name", *_OPTIONS)
_MAX_BYTES: Final = 256 * 1024
_MOST_SEARCHED: Final = 16 * 1024 * 1024
_MAX_DOTS: Final = 100
"""The most in one line: what a key with many parts costs tomllib grows with their square."""
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
_PLACE: Final = re.compile(r" \(at line (\d+), column (\d+)\)\Z")

_Choice = TypeVar("_Choice", bound=StrEnum)


def find_configuration(start: Path, *, files: bool = True) -> Configuration | None:
    """Return what the nearest `[tool.obgen]` says, in `start` or above it, or None.

    The paths in the result are seen from `start`, which is the current directory. With `files` the
    WSDLs that it lists must be there. Raises `ProjectError` for what can't be used.
    """
    for directory in (start, *start.parents):
        path = directory / _FILE
        shown = _seen_from(start, path)
        text = _read(path, shown)
        if text is None:
            continue
        table = _table(text, shown)
        if table is not None:
            root = Path(_seen_from(start, directory))
            return _Reader(text, shown, directory, root, files).configuration(table)
    return None


def _seen_from(start: Path, path: Path) -> str:
    try:
        return os.path.relpath(path, start)
    except ValueError:  # on Windows, where it is on another drive
        return str(path)


def _read(path: Path, shown: str) -> str | None:
    """Return the text of a pyproject.toml that is there and mentions obgen."""
    try:
        content = read_regular(path, _MOST_SEARCHED)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = f"can't be read: {error.strerror}"
        raise ProjectError(reason, path=shown, hint="check the file") from error
    if content is None or b"obgen" not in content:
        return None  # whatever is wrong with it isn't our business
    _check_size(content, shown)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProjectError(
            "this isn't UTF-8, as TOML has to be", path=shown, line=line, hint="save it as UTF-8"
        ) from None


def _check_size(content: bytes, shown: str) -> None:
    """Refuse what would take too long to parse."""
    if len(content) > _MAX_BYTES:
        reason = f"this is larger than {_MAX_BYTES // 1024} KiB"
        raise ProjectError(reason, path=shown, hint="check the file")
    for number, text in enumerate(content.split(b"\n"), 1):
        if text.count(b".") > _MAX_DOTS:
            reason = f"this line has over {_MAX_DOTS:,} dots"
            raise ProjectError(reason, path=shown, line=number, hint="write it in several lines")


def _table(text: str, shown: str) -> Mapping[str, Any] | None:
    try:
        document = _parse(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        place = _PLACE.search(reason)
        raise ProjectError(
            f"this isn't valid TOML: {_PLACE.sub('', reason)}",
            path=shown,
            line=int(place[1]) if place else None,
            column=int(place[2]) if place else None,
            hint="mend the file",
        ) from None
    match document:
        case {"tool": {"obgen": table}}:
            if not isinstance(table, dict):
                hint = f"write [{_TABLE}]"
                raise ProjectError(f"{_TABLE} must be a table", path=shown, hint=hint)
            return cast("Mapping[str, Any]", table)
        case _:
            return None


def _parse(text: str) -> Mapping[str, Any]:
    """Parse TOML, or raise TOMLDecodeError for what tomllib stumbles over too."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deeply") from None
    except ValueError:
        raise tomllib.TOMLDecodeError("a number in it is too long") from None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read one table.

    Attributes:
        text: The whole file, to find lines in it.
        path: How the file is called in errors.
        directory: Where it is.
        root: The same, as seen from the current directory: what the paths in it begin with.
        files: Whether the WSDLs must be there.
    """

    text: str
    path: str
    directory: Path
    root: Path
    files: bool

    def configuration(self, table: Mapping[str, Any]) -> Configuration:
        """Return what the table says."""
        self._check_keys(table, _KEYS, "")
        options = self._options(table, Options(), "")
        entries = self._entries(table)
        output = self._path(table, "output", "") or self.root / Settings().output
        if self._is_there(output, Path.exists) and not self._is_there(output, Path.is_dir):
            self._refuse(f"names no directory: {output}", "", "output", "name another one")
        templates = self._path(table, "templates", "")
        if templates and not self._is_there(templates, Path.is_dir):
            hint = self._hint(templates, Path.is_dir, [])
            self._refuse(f"names no directory: {templates}", "", "templates", hint)
        listed = [self.root / str(entry.get("wsdl")) for entry in entries]
        settings = Settings(
            messages=tuple(
                self._message(entry, f"{_MESSAGES}[{number}]", options, listed)
                for number, entry in enumerate(entries, 1)
            ),
            output=output,
            templates=templates,
            source=self.path,
        )
        return Configuration(self.path, settings, options)

    def _entries(self, table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        entries = table.get(_MESSAGES, [])
        if not isinstance(entries, list) or not all(
            isinstance(entry, dict) for entry in cast("list[object]", entries)
        ):
            self._refuse("must be tables", "", _MESSAGES, f"write [[{_TABLE}.{_MESSAGES}]]")
        return cast("list[Mapping[str, Any]]", entries)

    def _message(
        self, entry: Mapping[str, Any], place: str, options: Options, listed: list[Path]
    ) -> Message:
        self._check_keys(entry, _MESSAGE_KEYS, place)
        wsdl = self._path(entry, "wsdl", place)
        if wsdl is None:
            self._refuse("is missing", place, "wsdl", 'name the file: wsdl = "..."')
        if self.files and not self._is_there(wsdl, Path.is_file):
            hint = self._hint(wsdl, Path.is_file, listed)
            self._refuse(f"names no file: {wsdl}", place, "wsdl", hint)
        return Message(str(wsdl), self._options(entry, options, place), place)

    def _options(self, table: Mapping[str, Any], base: Options, place: str) -> Options:
        options = replace(
            base,
            field_names=self._choice(table, "field-names", FieldNames, place) or base.field_names,
            numbers=self._choice(table, "numbers", Numbers, place) or base.numbers,
        )
        name = self._string(table, "name", place)
        if name is None:
            return options
        try:
            return replace(options, name=chosen_package_name(name))
        except ConfigurationError as error:
            self._refuse(str(error), place, "name", error.hint)

    def _choice(
        self, table: Mapping[str, Any], key: str, choices: type[_Choice], place: str
    ) -> _Choice | None:
        value = self._string(table, key, place)
        if value is None:
            return None
        try:
            return choices(value)
        except ValueError:
            wanted = " or ".join(f'"{choice}"' for choice in choices)
            self._refuse(f"is {quoted(value)}", place, key, f"write {wanted}")

    def _path(self, table: Mapping[str, Any], key: str, place: str) -> Path | None:
        value = self._string(table, key, place)
        if value is None:
            return None
        if not value or "\0" in value:
            self._refuse("names nothing", place, key, "give it a path, or leave it out")
        return self.root / value

    def _string(self, table: Mapping[str, Any], key: str, place: str) -> str | None:
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            self._refuse("must be a string", place, key, f'write {key} = "..."')
        return value

    def _check_keys(self, table: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
        for key in table:
            if key not in known:
                near = _nearest(key.replace("_", "-"), known)
                hint = f"did you mean {near}?" if near else f"the keys are {', '.join(known)}"
                if place and key in _KEYS:
                    hint = f"it belongs into [{_TABLE}] itself, and goes for all messages"
                self._refuse("is unknown", place, key, hint)

    def _is_there(self, path: Path, is_kind: Callable[[Path], bool]) -> bool:
        try:
            return is_kind(self._real(path))
        except OSError:
            return False

    def _real(self, path: Path) -> Path:
        return path if path.is_absolute() else self.directory / path.relative_to(self.root)

    def _hint(self, path: Path, is_kind: Callable[[Path], bool], taken: list[Path]) -> str:
        """Return the nearest name beside what a path names, but for those that are `taken`."""
        siblings: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):  # "." has no name to put another for
            siblings = {
                one.stem: one.name
                for one in self._real(path).parent.iterdir()
                if is_kind(one) and path.with_name(one.name) not in taken
            }
        near = _nearest(path.stem, siblings)
        return f"did you mean {path.with_name(siblings[near])}?" if near else "check the name"

    def _refuse(self, reason: str, place: str, key: str, hint: str) -> NoReturn:
        shown = key if _BARE_KEY.fullmatch(key) else quoted(key)
        where = ".".join(filter(None, (_TABLE, place, shown)))
        raise ProjectError(
            f"{where} {reason}", path=self.path, line=self._line(place, key), hint=hint
        )

    def _line(self, place: str, key: str) -> int | None:
        """Return the line of a key, or of its table, where they are written in the plain way."""
        header = f"[[{_TABLE}.{_MESSAGES}]]" if place else f"[{_TABLE}]"
        assignment = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        left = int(place.rpartition("[")[2].rstrip("]")) if place else 1
        line_of_table = None
        for number, line in enumerate(self.text.splitlines(), 1):
            plain = re.sub(r"\s", "", line.partition("#")[0])
            if plain.startswith("["):
                if line_of_table:
                    break
                left -= plain == header
                line_of_table = number if plain == header and left == 0 else None
            elif line_of_table and assignment.match(line):
                return number
        return line_of_table


def _nearest(name: str, known: Iterable[str]) -> str | None:
    folded = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), folded, n=1)
    return folded[near[0]] if near else None
