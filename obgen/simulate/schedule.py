"""When Salesforce tries again: after 30 seconds, then twice as late each time, for 24 hours.

The documentation gives the longest wait and the end; the beginning is what screenshots of Setup
show. Time is in seconds, and it is Salesforce's: `speed` makes it pass faster than ours.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple, TypeVar

_T = TypeVar("_T")


class Step(NamedTuple):
    """One attempt of the schedule.

    Attributes:
        attempt: Its number, counted from 1.
        after: How long after the one before.
        at: How long after the first one.
    """

    attempt: int
    after: float
    at: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often, and how late, a message that isn't acknowledged is sent again.

    Attributes:
        first: The wait after the first attempt.
        longest: What the waits, each twice the one before, grow to.
        lifetime: How long after the first attempt there may be another. The time that answers
            take isn't counted, so that a slow receiver gets as many attempts as a fast one.
    """

    first: float = 30.0
    longest: float = 2 * 60 * 60.0
    lifetime: float = 24 * 60 * 60.0

    def steps(self) -> Iterator[Step]:
        """Yield every attempt, the first one at 0."""
        after, at, attempt = 0.0, 0.0, 1
        while at <= self.lifetime:
            yield Step(attempt, after, at)
            after = min(after * 2 or self.first, self.longest)
            at += after
            attempt += 1

    def waits(self) -> tuple[float, ...]:
        """Return how long to wait after each failure; when there are no more, that was the last."""
        return tuple(step.after for step in self.steps())[1:]


SCHEDULE: Final = Schedule()
"""What Salesforce does."""
ONCE: Final = Schedule(lifetime=0.0)
"""One attempt, and no other."""


class Clock:
    """Tell the time of Salesforce, which passes `speed` times as fast as ours, from 0."""

    def __init__(self, speed: float = 1.0, read: Callable[[], float] = time.monotonic) -> None:
        self.speed = speed
        self._read = read
        self._start = read()

    def now(self) -> float:
        """Return how much of Salesforce's time has passed."""
        return (self._read() - self._start) * self.speed

    def wait(self, results: SimpleQueue[_T], until: float | None) -> _T | None:
        """Return what is put into `results`, or None when it is `until`; None waits for ever."""
        seconds = None if until is None else max(0.0, until - self.now()) / self.speed
        try:
            return results.get(timeout=seconds)
        except Empty:
            return None
