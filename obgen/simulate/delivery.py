"""Decide what is sent next, and what an answer leads to. There is no I/O in here, and no clock.

Every message is delivered at least once, in any order, and perhaps again after a valid Ack. What
it brings is written anew for each attempt: the data is the record's state at sending time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from typing import Final

from obgen.simulate.judge import Verdict
from obgen.simulate.schedule import SCHEDULE, Schedule


class State(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    ACKNOWLEDGED = "acknowledged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Content:
    """What a message brings.

    Attributes:
        write: Returns the body for the n-th attempt, counted from 1.
        action_id: The outbound message's own id, or "" if the body doesn't tell.
        object_type: The API name of the object, or "".
        record_ids: The ids of the records, of the deleted ones too where they are known.
    """

    write: Callable[[int], bytes] = field(repr=False)
    action_id: str = ""
    object_type: str = ""
    record_ids: Sequence[str] = ()


@dataclass(slots=True)
class Message:
    """One message on its way, as Setup > Outbound Messages shows it.

    Attributes:
        number: Its place among all messages, counted from 0.
        content: What it brings.
        state: Where it stands.
        attempts: How often it was sent.
        next_attempt: When it is sent next, or None.
        verdict: What the last answer meant; without an answer yet, it is None.
        failures: How many attempts in a row have failed.
        acks: How many more Acks make it done; over 1 if it is to be sent again after one.
    """

    number: int
    content: Content
    state: State = State.WAITING
    attempts: int = 0
    next_attempt: float | None = 0.0
    verdict: Verdict | None = None
    failures: int = 0
    acks: int = 1


class Queue:
    """Hold all messages; the caller sends what `take` returns and tells `answer` what came of it.

    Args:
        contents: What each message brings; all are due at 0.
        schedule: When to try again.
        duplicates: How many messages, the first ones, are sent again after a valid Ack.
        reorder: Whether the newest of those that are due goes first, instead of the oldest.
    """

    def __init__(
        self,
        contents: Iterable[Content],
        *,
        schedule: Schedule = SCHEDULE,
        duplicates: int = 0,
        reorder: bool = False,
    ) -> None:
        self.messages: Final = [Message(number, content) for number, content in enumerate(contents)]
        for message in self.messages[:duplicates]:
            message.acks = 2
        self._waits = schedule.waits()
        self._sign = -1 if reorder else 1
        self._due: list[tuple[float, int, int]] = []
        for message in self.messages:
            self._push(message, 0.0)
        self._open = len(self.messages)

    @property
    def open(self) -> bool:
        """Return whether a message is waiting or being sent."""
        return self._open > 0

    @property
    def due(self) -> float | None:
        """Return when the next message is due, or None if none is waiting."""
        return self._due[0][0] if self._due else None

    def take(self, now: float) -> Message | None:
        """Return a message to be sent now, or None; its attempt is counted already."""
        if not self._due or self._due[0][0] > now:
            return None
        message = self.messages[heappop(self._due)[2]]
        message.state = State.SENDING
        message.attempts += 1
        message.next_attempt = None
        return message

    def answer(self, message: Message, verdict: Verdict, now: float) -> None:
        """Take the verdict on a message that `take` returned."""
        message.verdict = verdict
        if verdict.acknowledged:
            message.acks -= 1
            message.failures = 0
            self._settle(message, now if message.acks else None, State.ACKNOWLEDGED)
        else:
            wait = next(iter(self._waits[message.failures :]), None)
            message.failures += 1
            self._settle(message, None if wait is None else now + wait, State.FAILED)

    def _settle(self, message: Message, due: float | None, state: State) -> None:
        """Send a message again when it is due, or leave it in its last state."""
        if due is None:
            message.state = state
            self._open -= 1
        else:
            self._push(message, due)

    def _push(self, message: Message, due: float) -> None:
        message.state = State.WAITING
        message.next_attempt = due
        heappush(self._due, (due, self._sign * message.number, message.number))
