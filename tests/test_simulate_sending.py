"""The loop that sends: in due time, some at a time, no faster than asked for."""

import threading
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

import pytest

from obgen.simulate.delivery import Content, Message, Queue, State
from obgen.simulate.judge import ACKNOWLEDGED, Verdict
from obgen.simulate.schedule import SCHEDULE, Clock
from obgen.simulate.sending import Pace, Result, send_all

T = TypeVar("T")
ACK = Result(ACKNOWLEDGED, 0.001)
NO = Result(Verdict(acknowledged=False, failure="no"), 0.001)
TIMEOUT = 20


class Jumps(Clock):
    """A clock that needs no time: to wait until a moment is to be there."""

    def __init__(self, speed: float = 1) -> None:
        super().__init__(speed, read=lambda: 0.0)
        self.moment = 0.0

    def now(self) -> float:
        return self.moment

    def wait(self, results: SimpleQueue[T], until: float | None) -> T | None:
        if until is None:
            return results.get(timeout=TIMEOUT)
        self.moment = max(self.moment, until)
        return None


def write(number: int, attempt: int) -> bytes:
    return f"{number}.{attempt}".encode()


def contents(number: int) -> list[Content]:
    return [Content(partial(write, n)) for n in range(number)]


def ignore(_message: Message, _result: Result) -> None:
    pass


def test_a_message_is_tried_for_a_day() -> None:
    clock = Jumps()
    times: list[float] = []

    def post(_body: bytes) -> Result:
        times.append(clock.moment)
        return NO

    queue = Queue(contents(1))
    send_all(queue, post, ignore, clock=clock, pace=Pace())
    assert times == [step.at for step in SCHEDULE.steps()]
    assert queue.messages[0].state is State.FAILED


def test_what_is_posted_and_told() -> None:
    bodies: list[bytes] = []
    told: list[tuple[int, int, State]] = []

    def post(body: bytes) -> Result:
        bodies.append(body)
        return NO if body == b"0.1" else ACK

    def watch(message: Message, result: Result) -> None:
        assert result is (NO if message.state is State.WAITING else ACK)
        told.append((message.number, message.attempts, message.state))

    send_all(Queue(contents(2)), post, watch, clock=Jumps(), pace=Pace())
    assert bodies == [b"0.1", b"1.1", b"0.2"]
    assert told == [
        (0, 1, State.WAITING),
        (1, 1, State.ACKNOWLEDGED),
        (0, 2, State.ACKNOWLEDGED),
    ]


def test_several_are_under_way_at_the_same_time_but_no_more() -> None:
    meeting = threading.Barrier(3, timeout=TIMEOUT)
    most: list[int] = []

    def post(_body: bytes) -> Result:
        meeting.wait()  # breaks unless three come here together
        most.append(meeting.n_waiting)
        return ACK

    queue = Queue(contents(9))
    send_all(queue, post, ignore, clock=Clock(), pace=Pace(concurrency=3))
    assert len(most) == 9
    assert not queue.open


def test_a_rate_is_held_and_missed_slots_are_not_made_up_for() -> None:
    clock = Jumps(speed=10)
    times: list[float] = []

    def post(body: bytes) -> Result:
        times.append(clock.moment)
        if body == b"1.1":
            clock.moment += 100  # an answer that takes long
        return ACK

    send_all(Queue(contents(5)), post, ignore, clock=clock, pace=Pace(rate=2))
    # Two a second of our time are one in five seconds of Salesforce's, which passes ten-fold.
    assert times == [0, 5, 105, 105, 110]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_an_error_in_a_thread_comes_out(concurrency: int) -> None:
    def post(_body: bytes) -> Result:
        raise LookupError("no luck")

    with pytest.raises(LookupError, match="no luck"):
        send_all(
            Queue(contents(9)), post, ignore, clock=Clock(), pace=Pace(concurrency=concurrency)
        )


def test_an_error_of_the_watcher_comes_out() -> None:
    def watch(_message: Message, _result: Result) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_all(Queue(contents(2)), lambda _: ACK, watch, clock=Clock(), pace=Pace())
