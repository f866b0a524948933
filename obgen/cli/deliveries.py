"""Show deliveries as Setup > Outbound Messages does, in 80 columns, and sum them up."""

import json
from collections import Counter
from datetime import datetime, timedelta
from math import ceil
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import click

from obgen.cli.console import say, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obgen.simulate.delivery import Message, Queue
    from obgen.simulate.schedule import Clock
    from obgen.simulate.sending import Result

MAX_ROWS: Final = 20
"""The most messages that are shown one by one; of more, those that failed are."""

_WIDTH: Final = 80
_INDENT: Final = " " * 4
_SHORT_ID: Final = 15
_HEADINGS: Final = ("action", "object", "tries", "created", "next", "state")
_WIDTHS: Final = (_SHORT_ID, len("006000000000001 +99"), 5, 8, 8, len("acknowledged"))
_PERCENTS: Final = (50, 95, 99)


class Report:
    """What is known of all deliveries, while they are going on and after.

    Args:
        queue: The messages.
        clock: Salesforce's time.
        start: Our time when that began.
    """

    def __init__(self, queue: "Queue", clock: "Clock", start: datetime) -> None:
        self.messages: Sequence[Message] = queue.messages
        self.seconds: list[float] = []
        # Counted along: to look at a million messages takes longer than to send some.
        self._done: Counter[str] = Counter()
        self._clock = clock
        self._start = start

    def add(self, message: "Message", result: "Result") -> None:
        """Take note of an attempt."""
        self.seconds.append(result.seconds)
        if message.next_attempt is None:
            self._done[message.state.value] += 1

    @property
    def done(self) -> int:
        """Return how many messages are acknowledged, or will never be."""
        return self._done.total()

    @property
    def acknowledged(self) -> bool:
        """Return whether every message was."""
        return self._done["acknowledged"] == len(self.messages)

    def table(self, messages: "Sequence[Message]") -> list[str]:
        """Return the lines of a table: a row for each message, and below it what is wrong."""
        lines = [_row(_HEADINGS)]
        for message in messages:
            lines += [_row(self._cells(message)), *_remarks(message)]
        return lines

    def show(self) -> None:
        """Write the table and a summary on stdout, and what to do on stderr."""
        shown = self.messages
        if len(shown) > MAX_ROWS:
            shown = [one for one in shown if one.state != "acknowledged"]
        if shown:
            for line in self.table(shown[:MAX_ROWS]):
                show(line)
            if len(shown) > MAX_ROWS:
                show(f"{_INDENT}and {len(shown) - MAX_ROWS} more, which --json names")
            show("")
        show(self.summary())
        if self.seconds:
            show(self._speed())
        verdicts = [message.verdict for message in self.messages if message.verdict]
        for hint in dict.fromkeys(one.hint for one in verdicts if one.hint):
            say("hint:", hint)

    def summary(self) -> str:
        """Return how many messages, how many attempts, and what became of them."""
        states = self._done + Counter(waiting=len(self.messages) - self.done)
        listed = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        number, attempts = len(self.messages), len(self.seconds)
        return f"{_counted(number, 'message')}, {_counted(attempts, 'attempt')}: {listed}"

    def show_json(self, endpoint: str) -> None:
        """Write all of it as JSON on stdout."""
        percentiles = self._percentiles()
        summary = {
            "endpoint": endpoint,
            "acknowledged": self.acknowledged,
            "attempts": len(self.seconds),
            "requests_per_second": round(self._rate(), 3),
            "latency_seconds": {
                f"p{percent}": round(value, 6) for percent, value in percentiles.items()
            },
            "messages": [self._as_json(message) for message in self.messages],
        }
        click.echo(json.dumps(summary, indent=2))

    def _cells(self, message: "Message") -> tuple[str, ...]:
        content = message.content
        others = f" +{len(content.record_ids) - 1}" if len(content.record_ids) > 1 else ""
        return (
            content.action_id[:_SHORT_ID] or "-",
            "".join(content.record_ids[:1])[:_SHORT_ID] + others or "-",
            str(message.attempts),
            self._time(0.0),
            "-" if message.next_attempt is None else self._time(message.next_attempt),
            message.state.value,
        )

    def _moment(self, seconds: float) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def _time(self, seconds: float) -> str:
        return f"{self._moment(seconds):%H:%M:%S}"

    def _rate(self) -> float:
        return len(self.seconds) / max(self._clock.now() / self._clock.speed, 1e-6)

    def _percentiles(self) -> dict[int, float]:
        """Return {percent: seconds that so many of the attempts took at most}."""
        taken = sorted(self.seconds)
        return {one: taken[ceil(len(taken) * one / 100) - 1] for one in _PERCENTS if taken}

    def _speed(self) -> str:
        times = [f"{value * 1000:.0f} ms (p{one})" for one, value in self._percentiles().items()]
        return f"an attempt took {', '.join(times)}; {self._rate():.1f} requests/s"

    def _as_json(self, message: "Message") -> dict[str, Any]:
        content, verdict, due = message.content, message.verdict, message.next_attempt
        return {
            "action_id": content.action_id,
            "object": content.object_type,
            "record_ids": list(content.record_ids),
            "state": message.state.value,
            "attempts": message.attempts,
            "created": self._moment(0.0).isoformat(timespec="seconds"),
            "next_attempt": due and self._moment(due).isoformat(timespec="seconds"),
            "failure": verdict.failure if verdict else "",
            "simulated": verdict.simulated if verdict else False,
            "tolerated": verdict.tolerated if verdict else "",
            "hint": verdict.hint if verdict else "",
        }


def describe(message: "Message", result: "Result") -> str:
    """Return a line about one attempt."""
    name = "".join(message.content.record_ids[:1])[:_SHORT_ID] or f"message {message.number + 1}"
    return f"{name}, attempt {message.attempts}: {result.verdict} ({result.seconds * 1000:.0f} ms)"


def duration(seconds: float) -> str:
    """Return a time such as "1 h 4 min" or "30 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def _row(cells: "Sequence[str]") -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))
    return "  ".join(padded).rstrip()


def _remarks(message: "Message") -> list[str]:
    verdict = message.verdict
    if verdict is None:
        return []
    remarks = [] if verdict.acknowledged else [str(verdict)]
    if verdict.tolerated:
        remarks.append(f"tolerated in the wild: {verdict.tolerated}")
    # A SOAP fault may be long, and say anything.
    return [
        line
        for remark in remarks
        for line in wrap(remark, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)[:3]
    ]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
