"""Tell a person what a run did, or would do: a line for each file, and a closing summary."""

import sys
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from io import StringIO
from typing import TYPE_CHECKING, Final

import click

from obgen.cli.console import coloured, printable, say, tell

if TYPE_CHECKING:
    from obgen.codegen.current import Generation
    from obgen.codegen.output import Action, Change

_WIDTH: Final = len("unchanged")
_DIFF_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def report_written(generation: "Generation") -> None:
    """Say what was written and why, and what of it concerns handlers."""
    _report_files(generation, {}, edited="an edit by hand was replaced")
    _report_findings(generation)
    created = f"{generation.created} created, " if generation.created else ""
    _summarize(generation, f"{created}{generation.updated} updated")


def report_differences(generation: "Generation") -> None:
    """Say what would be written and why."""
    from obgen.codegen.output import Action

    labels = {Action.CREATED: "missing", Action.UPDATED: "differs"}
    _report_files(generation, labels, edited="it was edited by hand")
    _report_findings(generation)
    _summarize(generation, f"{generation.created + generation.updated} to write")
    if generation.writes and not generation.differs:
        say("note:", "only the version of obgen differs; `obgen generate` writes the files anew")


def report_untracked(generation: "Generation") -> bool:
    """Say which files of the packages git doesn't know; return whether there are any."""
    from obgen.codegen.tracking import track

    tracking = track(change.path for change in generation.plan.changes)
    if tracking.unknown:
        say("note:", f"git can't tell which files it doesn't know: {tracking.unknown}")
    found = tracking.untracked
    for path in found:
        say("untracked", f"{path} (the commit would lack it)", width=_WIDTH)
    if found:
        say("hint:", "git add what you want to keep, and commit again")
    return bool(found)


def show_diff(generation: "Generation") -> None:
    """Write a unified diff of all files that would be written on stdout."""
    terminal = sys.stdout.isatty()
    for change in generation.plan.changes:
        for line in _diff(change) if change.writes else ():
            # On a terminal nothing in a file may act; elsewhere the diff must be exact.
            shown = printable(line) if terminal else line
            click.echo(coloured(shown, _DIFF_COLOURS.get(line[:1]), sys.stdout), color=True)


def _diff(change: "Change") -> Iterator[str]:
    path = change.path.as_posix()
    # Only LF ends a line for other programs, unlike for `splitlines`.
    before, after = (list(StringIO(text, newline="\n")) for text in (change.before, change.text))
    for line in unified_diff(before, after, path if before else "/dev/null", path):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _report_files(generation: "Generation", labels: "Mapping[Action, str]", *, edited: str) -> None:
    """Write a line for each file: a label instead of its action where there is one, and why."""
    from obgen.codegen.output import Reason

    for change in generation.plan.changes:
        words = [edited if one is Reason.EDITED else str(one) for one in change.reasons]
        reasons = f" ({'; '.join(words)})" if words else ""
        label = labels.get(change.action, change.action)
        say(label, f"{change.path}{reasons}", width=_WIDTH)


def _report_findings(generation: "Generation") -> None:
    for phrase in generation.breaking:
        say("breaking", phrase, width=_WIDTH)
    for path in generation.orphans:
        say(
            "orphan",
            f"{path} (no message is listed for it; remove it if nobody needs it)",
            width=_WIDTH,
        )
    for warning in generation.warnings:
        say("warning:", warning)
    for note in generation.notes:
        say("note:", note)


def _summarize(generation: "Generation", done: str) -> None:
    plural = "" if generation.messages == 1 else "s"
    tell(f"{generation.messages} message{plural}, {done}, {len(generation.breaking)} breaking")
