"""Send what a queue holds: when it is due, some at a time, and no faster than asked for."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from obgen.simulate.delivery import Message, Queue
from obgen.simulate.judge import Verdict
from obgen.simulate.schedule import Clock


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt.

    Attributes:
        verdict: What Salesforce makes of the answer, or of there being none.
        seconds: How long it took, from opening the connection.
    """

    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast to send.

    Attributes:
        concurrency: How many messages are under way at the same time, at most.
        rate: How many are sent per second of our time, at most; None is as fast as it goes.
    """

    concurrency: int = 1
    rate: float | None = None


def send_all(
    queue: Queue,
    post: Callable[[bytes], Result],
    watch: Callable[[Message, Result], None],
    *,
    clock: Clock,
    pace: Pace,
) -> None:
    """Send every message until none is open any more.

    `post` runs in threads, several at a time; `watch` is told of each attempt, in the thread of
    the caller. What either of them raises ends it all and comes out of here.
    """
    gap = clock.speed / pace.rate if pace.rate else 0.0
    next_start = 0.0
    with _Posters(post, pace.concurrency) as posters:
        while queue.open:
            until: float | None = None
            while posters.free and queue.due is not None:
                now = clock.now()
                until = max(queue.due, next_start)
                if until > now or (message := queue.take(now)) is None:
                    break
                next_start = max(next_start + gap, now)  # missed slots would become a burst
                posters.start(message)
                until = None
            done = clock.wait(posters.results, until)
            if done is None:
                continue
            message, result = posters.finish(done)
            queue.answer(message, result.verdict, clock.now())
            watch(message, result)


_Done = tuple[Message, Result | BaseException]


class _Posters:
    """Threads that post one message after the other.

    They are daemons, so that Ctrl-C needn't wait for an endpoint that doesn't answer.
    """

    def __init__(self, post: Callable[[bytes], Result], number: int) -> None:
        self.results: SimpleQueue[_Done] = SimpleQueue()
        self.free = number
        self._post = post
        self._jobs: SimpleQueue[Message | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads if kind is None else ():
            thread.join()

    def start(self, message: Message) -> None:
        self.free -= 1
        self._jobs.put(message)

    def finish(self, done: _Done) -> tuple[Message, Result]:
        self.free += 1
        message, result = done
        if isinstance(result, BaseException):
            raise result
        return message, result

    def _work(self) -> None:
        while (message := self._jobs.get()) is not None:
            try:
                result: Result | BaseException = self._post(message.content.write(message.attempts))
            except BaseException as error:  # noqa: BLE001 - it comes out in the main thread
                result = error
            self.results.put((message, result))
