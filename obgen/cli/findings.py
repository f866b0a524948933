"""Show what was found out about an endpoint: a checklist in 80 columns, or JSON."""

import json
from textwrap import wrap
from typing import TYPE_CHECKING, Final

import click

from obgen.cli.console import show_labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obgen.simulate.check import Finding

_WIDTH: Final = 80
_MARK: Final = len("skipped") + 2
_WHAT: Final = len("foreign organization") + 2


def show_finding(finding: "Finding") -> None:
    """Write one line of the checklist on stdout; what is too long goes on below."""
    start = f"{finding.mark.value:<{_MARK}}{finding.what:<{_WHAT}}"
    first, *others = wrap(finding.text, _WIDTH - len(start))[:4]
    show_labelled(start + first)
    for line in others:
        show_labelled(" " * len(start) + line)


def show_findings_json(endpoint: str, findings: "Sequence[Finding]") -> None:
    """Write all of it as JSON on stdout."""
    summary = {
        "endpoint": endpoint,
        "passed": all(finding.mark != "failed" for finding in findings),
        "findings": [
            {
                "what": finding.what,
                "mark": finding.mark.value,
                "text": finding.text,
                "hint": finding.hint,
            }
            for finding in findings
        ],
    }
    click.echo(json.dumps(summary, indent=2))
