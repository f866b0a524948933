"""What is sent when: retries, duplicates, another order, and the end of it."""

from functools import partial

import pytest

from obgen.simulate.delivery import Content, Message, Queue, State
from obgen.simulate.judge import ACKNOWLEDGED, NACK, Verdict
from obgen.simulate.schedule import ONCE, Schedule

FAILED = Verdict(acknowledged=False, failure=NACK)


def write(number: int, attempt: int) -> bytes:
    return f"{number}.{attempt}".encode()


def queue_of(
    number: int,
    *,
    duplicates: int = 0,
    reorder: bool = False,
    schedule: Schedule | None = None,
) -> Queue:
    contents = [Content(partial(write, n)) for n in range(number)]
    return Queue(
        contents,
        schedule=schedule or Schedule(first=30, longest=60, lifetime=100),
        duplicates=duplicates,
        reorder=reorder,
    )


def take(queue: Queue, now: float) -> Message:
    message = queue.take(now)
    assert message is not None
    assert message.state is State.SENDING
    assert message.next_attempt is None
    return message


def test_each_message_is_sent_once_if_it_is_acknowledged() -> None:
    queue = queue_of(3)
    assert queue.due == 0
    for number in range(3):
        message = take(queue, 0)
        assert message.number == number
        queue.answer(message, ACKNOWLEDGED, 1)
        assert message.state is State.ACKNOWLEDGED
        assert message.verdict is ACKNOWLEDGED
    assert queue.take(10) is None
    assert queue.due is None
    assert not queue.open


def test_a_message_under_way_is_neither_due_nor_done() -> None:
    queue = queue_of(1)
    take(queue, 0)
    assert queue.due is None
    assert queue.take(1000) is None
    assert queue.open


def test_a_failure_leads_to_the_next_attempt_and_the_last_one_to_the_end() -> None:
    queue = queue_of(1)
    message = take(queue, 0)
    queue.answer(message, FAILED, 5)
    assert (message.state, message.next_attempt, message.attempts) == (State.WAITING, 35, 1)
    assert queue.take(34.9) is None
    assert take(queue, 40) is message
    queue.answer(message, FAILED, 60)
    assert (message.next_attempt, message.attempts) == (120, 2)
    assert take(queue, 500) is message
    queue.answer(message, FAILED, 500)
    assert (message.state, message.next_attempt, message.attempts) == (State.FAILED, None, 3)
    assert message.verdict is FAILED
    assert not queue.open


def test_without_retries_the_first_failure_is_the_end() -> None:
    queue = queue_of(1, schedule=ONCE)
    message = take(queue, 0)
    queue.answer(message, FAILED, 0)
    assert message.state is State.FAILED


def test_a_duplicate_comes_after_a_valid_ack_and_behind_what_waits() -> None:
    queue = queue_of(3, duplicates=2)
    numbers: list[int] = []
    now = 0.0
    while message := queue.take(now):
        numbers.append(message.number)
        now += 1
        queue.answer(message, ACKNOWLEDGED, now)
    assert numbers == [0, 1, 2, 0, 1]
    assert [message.attempts for message in queue.messages] == [2, 2, 1]
    assert {message.state for message in queue.messages} == {State.ACKNOWLEDGED}


def test_a_duplicate_that_fails_is_retried_from_the_beginning_of_the_schedule() -> None:
    queue = queue_of(1, duplicates=1)
    message = take(queue, 0)
    queue.answer(message, FAILED, 0)
    queue.answer(take(queue, 30), ACKNOWLEDGED, 30)
    assert queue.open
    assert message.next_attempt == 30
    queue.answer(take(queue, 30), FAILED, 30)
    assert message.next_attempt == 60
    queue.answer(take(queue, 60), ACKNOWLEDGED, 60)
    assert message.attempts == 4
    assert not queue.open


@pytest.mark.parametrize(("reorder", "expected"), [(False, [0, 1, 2, 3]), (True, [3, 2, 1, 0])])
def test_the_newest_can_go_first(reorder: bool, expected: list[int]) -> None:
    queue = queue_of(4, reorder=reorder)
    assert [take(queue, 0).number for _ in range(4)] == expected


def test_what_is_due_earlier_goes_first_in_any_order() -> None:
    queue = queue_of(2, reorder=True)
    newest = take(queue, 0)
    queue.answer(newest, FAILED, 0)
    assert take(queue, 100).number == 0
    assert take(queue, 100) is newest


def test_the_content_is_written_for_the_attempt() -> None:
    queue = queue_of(1)
    for expected in (b"0.1", b"0.2"):
        message = take(queue, 1000)
        assert message.content.write(message.attempts) == expected
        queue.answer(message, FAILED, 0)
