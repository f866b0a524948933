"""Show changes to people, in 80 columns: what breaks first, why, and the lines that use it."""

from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from obgen.cli.console import printable, show, show_labelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obgen.codegen.compare import Change
    from obgen.codegen.search import Found

MAX_MAYBE: Final = 20
"""The most uses by name only that are shown; certain ones are all shown."""

_WIDTH: Final = 80
_INDENT: Final = " " * 4
_LABEL: Final = 10
_FIELD: Final = 24
_LEAST_CODE: Final = 30


def show_changes(changes: "Sequence[Change]", uses: "Sequence[Found]") -> None:
    """Write a table of changes on stdout, then the lines of code that they break."""
    if not changes:
        show("no change")
        return
    # One long name doesn't push all others to the right; it has a line to itself.
    width = min(_FIELD, max(len(change.api_name or "field") for change in changes))
    _show_row(width, "verdict", "change", "field", "in Python")
    for why, group in groupby(changes, lambda change: change.why):
        for change in group:
            verdict = "breaking" if change.breaking else "fine"
            _show_row(width, verdict, change.kind, change.api_name or "-", _in_python(change))
        for line in wrap(why, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT):
            show(line)
    _show_uses("used at", [found for found in uses if found.use.certain])
    maybe = [found for found in uses if not found.use.certain]
    _show_uses("maybe used at, since the name fits", maybe[:MAX_MAYBE])
    if len(maybe) > MAX_MAYBE:
        show(f"{_INDENT}and at {len(maybe) - MAX_MAYBE} more places, which --json names")
    breaking = sum(change.breaking for change in changes)
    show("")
    show(f"{len(changes)} {'change' if len(changes) == 1 else 'changes'}, {breaking} breaking")


def _show_row(width: int, verdict: str, kind: str, field: str, in_python: str) -> None:
    """Write a row; where it is too long, what it is in Python stands below."""
    start = f"{verdict:<{_LABEL}}{kind:<{_LABEL}}{field:<{width}}"
    line = f"{start}  {in_python}"
    if len(line) <= _WIDTH:
        show_labelled(line)
    else:
        show_labelled(start.rstrip())
        show(f"{'':<{_LABEL}}{in_python}")


def _in_python(change: "Change") -> str:
    """Return what handlers see of a change, such as "close_date: date -> datetime"."""
    sides = [side for side in (change.old, change.new) if side is not None]
    match change.kind:
        case "object":
            return _arrow(sides, "object")
        case "endpoint":
            return _arrow(sides, "origin")
        case "renamed":
            return _arrow(sides, "python_name")
        case _:
            return f"{sides[0]['python_name']}: {_arrow(sides, 'python_type')}"


def _arrow(sides: "Sequence[Mapping[str, str]]", key: str) -> str:
    """Return one value, or both with an arrow between them; types without their module."""
    values = [side[key].removeprefix("datetime.").removeprefix("decimal.") for side in sides]
    return " -> ".join(dict.fromkeys(values))


def _show_uses(heading: str, uses: "Sequence[Found]") -> None:
    if not uses:
        return
    show("")
    show(f"{heading}:")
    places = [printable(f"{found.path}:{found.use.line}:{found.use.column}") for found in uses]
    width = max(map(len, places))
    room = max(_LEAST_CODE, _WIDTH - len(_INDENT) - width - 2)
    for place, found in zip(places, uses, strict=True):
        show(f"{_INDENT}{place:<{width}}  {_excerpt(found.text, found.use.column - 1, room)}")


def _excerpt(line: str, use: int, width: int) -> str:
    """Return a line of code, or the part of a long one that the use is in.

    It never looks at all of a line: a generated one may be huge, and have thousands of uses.
    """
    code = next((place for place, character in enumerate(line) if not character.isspace()), 0)
    if len(line) - code <= width:
        return line[code:].rstrip()
    width -= 2 * len("...")
    start = max(code, min(use - width // 3, len(line) - width))
    before = "..." if start > code else ""
    after = "..." if start + width < len(line) else ""
    return f"{before}{line[start : start + width]}{after}"
