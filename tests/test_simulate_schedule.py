"""When Salesforce tries again, and how a clock makes that pass faster."""

from queue import SimpleQueue

from obgen.simulate.schedule import ONCE, SCHEDULE, Clock, Schedule, Step

MINUTE = 60
HOUR = 60 * MINUTE


def test_waits_double_from_half_a_minute_to_two_hours_for_a_day() -> None:
    steps = list(SCHEDULE.steps())
    assert steps[:4] == [
        Step(attempt=1, after=0, at=0),
        Step(attempt=2, after=30, at=30),
        Step(attempt=3, after=60, at=90),
        Step(attempt=4, after=120, at=210),
    ]
    waits = SCHEDULE.waits()
    assert waits[:9] == (30, 60, 120, 240, 480, 960, 1920, 3840, 2 * HOUR)
    assert set(waits[8:]) == {2 * HOUR}
    assert 22 * HOUR < sum(waits) == steps[-1].at <= 24 * HOUR
    assert len(steps) == len(waits) + 1 == 19


def test_the_last_attempt_may_be_at_the_very_end() -> None:
    assert Schedule(first=1, longest=2, lifetime=5).waits() == (1, 2, 2)
    assert Schedule(first=1, longest=2, lifetime=4.9).waits() == (1, 2)
    assert ONCE.waits() == ()


def test_a_clock_runs_as_fast_as_it_is_told() -> None:
    times = iter([100.0, 100.0, 100.5])
    clock = Clock(3600, read=lambda: next(times))
    assert clock.now() == 0
    assert clock.now() == 1800


def test_waiting_ends_with_a_result_or_in_time() -> None:
    clock = Clock(24 * HOUR)
    results: SimpleQueue[str] = SimpleQueue()
    assert clock.wait(results, HOUR) is None
    assert clock.now() >= HOUR
    assert clock.wait(results, HOUR) is None, "that is over already"
    results.put("done")
    assert clock.wait(results, None) == "done"
