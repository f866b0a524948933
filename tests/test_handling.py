"""Handlers of every kind, under both ways to receive: each runs to its end, or means again."""

import asyncio
import concurrent.futures
import contextvars
import functools
import gc
import subprocess
import sys
import threading
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from typing import Any

import pytest
from messages import ORGANIZATION_ID, message, notification, numbered, record
from records import Opportunity

import obgen

Receive = Callable[[obgen.Receiver, bytes], obgen.Reply]
Handler = Callable[[Opportunity, obgen.Delivery], Awaitable[None] | None]

TWO = message(record(notification_id=numbered(1)), record(notification_id=numbered(2)))
calls: list[str] = []
"""What the handlers below have done, note by note; emptied before each test."""


def receive_async(receiver: obgen.Receiver, body: bytes) -> obgen.Reply:
    return asyncio.run(receiver.receive_async(body))


@pytest.fixture(params=[obgen.Receiver.receive, receive_async], ids=["receive", "receive_async"])
def receive(request: pytest.FixtureRequest) -> Iterator[Receive]:
    """Return one of the two ways to receive a message; no coroutine may be left over by it."""
    way: Receive = request.param
    calls.clear()
    yield way
    gc.collect()  # a coroutine that nobody awaited warns when it is collected


def receiver_with(*handlers: Handler) -> obgen.Receiver:
    """Return a receiver with a handler."""
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)
    for handler in handlers:
        receiver.handles(Opportunity)(handler)
    return receiver


def finish(delivery: obgen.Delivery) -> None:
    """Note that a handler has come to its end; the first notification's may fail after that."""
    calls.append(delivery.notification_id)


def hidden(function: Callable[[Opportunity, obgen.Delivery], Any]) -> Handler:
    """Return a function that doesn't look like what it calls."""

    def call(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
        return function(opportunity, delivery)

    return call


# Handlers that work


def sync(_: Opportunity, delivery: obgen.Delivery) -> None:
    finish(delivery)


async def at_once(_: Opportunity, delivery: obgen.Delivery) -> None:
    finish(delivery)


async def after_a_turn(_: Opportunity, delivery: obgen.Delivery) -> None:
    await asyncio.sleep(0)
    finish(delivery)


async def in_a_task(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(after_a_turn(opportunity, delivery))


async def in_a_thread(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    await asyncio.to_thread(sync, opportunity, delivery)


async def under_a_timeout(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    async with asyncio.timeout(60):
        await after_a_turn(opportunity, delivery)


async def after_a_timeout(_: Opportunity, delivery: obgen.Delivery) -> None:
    try:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
    except TimeoutError:
        finish(delivery)


@functools.wraps(after_a_turn)
def wrapped(opportunity: Opportunity, delivery: obgen.Delivery) -> Awaitable[None]:
    return after_a_turn(opportunity, delivery)


class Method:
    def sync(self, _: Opportunity, delivery: obgen.Delivery) -> None:
        finish(delivery)

    async def awaits(self, opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        await after_a_turn(opportunity, delivery)


class Called:
    def __call__(self, _: Opportunity, delivery: obgen.Delivery) -> None:
        finish(delivery)


class CalledAsync:
    async def __call__(self, opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        await after_a_turn(opportunity, delivery)


class Later:
    """An awaitable that is no coroutine."""

    def __init__(self, delivery: obgen.Delivery) -> None:
        self._delivery = delivery

    def __await__(self) -> Generator[None, None, None]:
        yield
        finish(self._delivery)


@types.coroutine
def as_of_old(delivery: obgen.Delivery) -> Generator[None, None, None]:
    yield
    finish(delivery)


def extra(_extra: str, opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    sync(opportunity, delivery)


async def extra_async(_extra: str, opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    await after_a_turn(opportunity, delivery)


WORKING: dict[str, Handler] = {
    "function": sync,
    "async function": at_once,
    "async function that waits": after_a_turn,
    "async function with a task": in_a_task,
    "async function with a thread": in_a_thread,
    "async function with a timeout": under_a_timeout,
    "async function whose timeout ran out": after_a_timeout,
    "wrapped async function": wrapped,
    "method": Method().sync,
    "async method": Method().awaits,
    "object": Called(),
    "object with async call": CalledAsync(),
    "partial": functools.partial(extra, "x"),
    "partial of an async function": functools.partial(extra_async, "x"),
    "partial of an object with async call": functools.partial(CalledAsync()),
    "partial of a method": functools.partial(Method().awaits),
    "lambda": lambda opportunity, delivery: sync(opportunity, delivery=delivery),
    "lambda that returns a coroutine": lambda o, d: after_a_turn(o, delivery=d),
    "lambda that returns an awaitable": lambda _, delivery: Later(delivery),
    "lambda that returns a coroutine of old": lambda _, delivery: as_of_old(delivery),
    "static function": staticmethod(sync),
}


@pytest.mark.parametrize("kind", WORKING)
def test_a_handler_runs_to_its_end(receive: Receive, kind: str) -> None:
    reply = receive(receiver_with(WORKING[kind]), TWO)
    assert reply.acknowledged is True
    assert calls == [numbered(1), numbered(2)]


@pytest.mark.parametrize("value", [True, False, 0, "no", NotImplemented, ()])
def test_what_a_handler_returns_means_nothing(receive: Receive, value: None) -> None:
    assert receive(receiver_with(lambda _, __: value), TWO).acknowledged is True


def test_handlers_of_both_kinds_in_one_message(receive: Receive) -> None:
    receiver = receiver_with(after_a_turn)

    @receiver.handles_deleted(Opportunity)
    def deleted(delivery: obgen.Delivery) -> None:
        calls.append(f"deleted {delivery.notification_id}")

    body = message(record(notification_id=numbered(1)), notification(notification_id=numbered(2)))
    assert receive(receiver, body).acknowledged is True
    assert calls == [numbered(1), f"deleted {numbered(2)}"]


def test_an_async_handler_of_deleted_records(receive: Receive) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION_ID)

    @receiver.handles_deleted(Opportunity)
    async def deleted(delivery: obgen.Delivery) -> None:
        await asyncio.sleep(0)
        finish(delivery)

    assert receive(receiver, message(notification())).acknowledged is True
    assert len(calls) == 1


# Handlers that fail


class Unusual(BaseException):
    """Something that is no error, such as a framework's own signal."""


FAILURES = [
    ValueError("x"),
    StopIteration(1),
    StopAsyncIteration(),
    TimeoutError(),
    OSError(5, "x"),
    asyncio.CancelledError("own"),
    concurrent.futures.CancelledError(),
    AssertionError(),
    ExceptionGroup("g", [ValueError()]),
    MemoryError(),
    RecursionError(),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["sync", "async", "async that waits", "returns a coroutine"])
def test_raising_means_again_and_the_others_are_still_handled(
    receive: Receive, kind: str, failure: BaseException
) -> None:
    def fail(_: Opportunity, delivery: obgen.Delivery) -> None:
        finish(delivery)
        if delivery.notification_id == numbered(1):
            raise failure

    async def fail_async(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        if kind != "async":
            await asyncio.sleep(0)
        fail(opportunity, delivery)

    handlers: dict[str, Handler] = {
        "sync": fail,
        "returns a coroutine": hidden(fail_async),
    }
    reply = receive(receiver_with(handlers.get(kind, fail_async)), TWO)
    assert reply.body == obgen.ack(False)
    assert reply.acknowledged is False
    assert calls == [numbered(1), numbered(2)]


@pytest.mark.parametrize("failure", [SystemExit(3), KeyboardInterrupt(), Unusual()], ids=repr)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_end_of_the_process_is_no_answer(
    receive: Receive, kind: str, failure: BaseException
) -> None:
    def fail(_: Opportunity, delivery: obgen.Delivery) -> None:
        finish(delivery)
        raise failure

    async def fail_async(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        fail(opportunity, delivery)

    with pytest.raises(type(failure)):
        receive(receiver_with(fail if kind == "sync" else fail_async), TWO)
    assert calls == [numbered(1)]


def test_a_task_of_the_handlers_own_that_was_cancelled(receive: Receive) -> None:
    async def cancels(_: Opportunity, __: obgen.Delivery) -> None:
        task = asyncio.create_task(asyncio.Event().wait())
        task.cancel()
        await task

    assert receive(receiver_with(cancels), TWO).body == obgen.ack(False)


def generates(_: Opportunity, __: obgen.Delivery) -> Iterator[None]:
    calls.append("never")
    yield


async def generates_async(_: Opportunity, __: obgen.Delivery) -> AsyncIterator[None]:
    calls.append("never")
    yield


class Generates:
    def __call__(self, _: Opportunity, __: obgen.Delivery) -> Iterator[None]:
        calls.append("never")
        yield


async def returns_generator(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return generates(opportunity, delivery)


async def returns_async_generator(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return generates_async(opportunity, delivery)


@pytest.mark.parametrize(
    "handler",
    [generates, generates_async, functools.partial(generates), functools.partial(generates_async)],
)
def test_a_generator_is_refused(handler: Handler) -> None:
    with pytest.raises(
        obgen.ConfigurationError, match=r"is a generator: calling it would run"
    ) as caught:
        receiver_with(handler)
    assert caught.value.hint == "Remove the yield."


def returns_list(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return [Client()]


def returns_futures(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return {"save": concurrent.futures.Future[None]()}


def returns_map(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return map(calls.append, ["never"])


def returns_filter(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return filter(calls.append, ["never"])


@pytest.mark.parametrize(
    "handler",
    [
        hidden(returns_list),
        hidden(returns_futures),
        hidden(returns_map),
        hidden(returns_filter),
        Generates(),
        hidden(generates),
        hidden(generates_async),
        returns_generator,
        returns_async_generator,
        hidden(returns_generator),
    ],
)
def test_a_generator_that_only_the_call_reveals_is_never_acknowledged(
    receive: Receive, handler: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    assert receive(receiver_with(handler), message()).body == obgen.ack(False)
    assert calls == []
    assert "raised TypeError for notification" in caplog.text


def in_a_pool(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    future = pool.submit(work, opportunity, delivery)
    pool.shutdown(wait=False)
    return future


def in_a_pool_of_a_pool(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        return pool.submit(in_a_pool, opportunity, delivery)


async def in_a_pool_async(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return in_a_pool(opportunity, delivery)


async def forgets_await(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return work_async(opportunity, delivery)


async def forgets_await_of_a_task(opportunity: Opportunity, delivery: obgen.Delivery) -> Any:
    return asyncio.create_task(work_async(opportunity, delivery))


def work(_: Opportunity, delivery: obgen.Delivery) -> None:
    finish(delivery)
    if delivery.notification_id == numbered(1):
        raise ValueError("x")


async def work_async(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    await asyncio.sleep(0)
    work(opportunity, delivery)


LEFT_OVER: dict[str, Handler] = {
    "a forgotten await": forgets_await,
    "a forgotten await of a task": forgets_await_of_a_task,
    "a forgotten await, hidden": hidden(forgets_await),
    "a pool of threads": in_a_pool,
    "a pool in a pool of threads": in_a_pool_of_a_pool,
    "a pool of threads, async": in_a_pool_async,
    "a pool of threads, async and hidden": hidden(in_a_pool_async),
}


@pytest.mark.parametrize("kind", LEFT_OVER)
def test_work_that_a_handler_leaves_over_is_seen_to_its_end(receive: Receive, kind: str) -> None:
    assert receive(receiver_with(LEFT_OVER[kind]), TWO).body == obgen.ack(False)
    assert calls == [numbered(1), numbered(2)]
    good = message(record(notification_id=numbered(2)))
    assert receive(receiver_with(LEFT_OVER[kind]), good).acknowledged


def test_tasks_that_end_with_their_loop_are_told(caplog: pytest.LogCaptureFixture) -> None:
    async def leaves_a_task(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        left.append(asyncio.create_task(asyncio.Event().wait()))

    left: list[object] = []
    assert receiver_with(leaves_a_task).receive(message()).acknowledged
    assert "leaves_a_task left 1 tasks running, which end with the event loop" in caplog.text


class Client:
    """What some libraries return from each call: awaited, it is connected, and still itself."""

    def __await__(self) -> Generator[None, None, "Client"]:
        yield
        calls.append("connected")
        return self


def test_what_returns_itself_is_awaited_once(receive: Receive) -> None:
    async def returns_client(_: Opportunity, __: obgen.Delivery) -> Any:
        return Client()

    assert receive(receiver_with(returns_client), message()).acknowledged
    assert calls == ["connected"]


# Where they run


def test_sync_handlers_run_in_the_thread_that_calls_receive() -> None:
    threads: list[threading.Thread] = []
    receiver = receiver_with(lambda _, __: threads.append(threading.current_thread()))
    assert receiver.receive(message()).acknowledged
    assert threads == [threading.current_thread()]


def test_sync_handlers_leave_the_event_loop_free() -> None:
    released = threading.Event()

    def waits(_: Opportunity, __: obgen.Delivery) -> None:
        assert released.wait(60)

    async def main() -> bool:
        waiting = asyncio.create_task(receiver_with(waits).receive_async(message()))
        await asyncio.sleep(0)
        released.set()  # which only a loop that is free comes to
        return (await waiting).acknowledged

    assert asyncio.run(main())


def test_async_handlers_run_in_the_loop_that_awaits_receive_async() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def notes(_: Opportunity, __: obgen.Delivery) -> None:
        loops.append(asyncio.get_running_loop())

    async def main() -> None:
        assert (await receiver_with(notes).receive_async(TWO)).acknowledged
        assert loops == [asyncio.get_running_loop()] * 2

    asyncio.run(main())


def test_async_handlers_of_one_message_share_a_loop_which_is_closed_after_it() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def notes(_: Opportunity, __: obgen.Delivery) -> None:
        loops.append(asyncio.get_running_loop())

    assert receiver_with(notes).receive(TWO).acknowledged
    assert loops[0] is loops[1]
    assert loops[0].is_closed()


request_id = contextvars.ContextVar[str]("request_id")


@pytest.mark.parametrize("handler", ["sync", "async"])
def test_handlers_see_the_context_of_their_caller(receive: Receive, handler: str) -> None:
    def note(_: Opportunity, __: obgen.Delivery) -> None:
        calls.append(request_id.get("none"))

    async def note_async(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
        note(opportunity, delivery)

    token = request_id.set("r1")
    try:
        assert receive(
            receiver_with(note if handler == "sync" else note_async), message()
        ).acknowledged
    finally:
        request_id.reset(token)
    assert calls == ["r1"]


# A running loop


@pytest.mark.parametrize("handler", [sync, at_once])
def test_receive_in_a_running_loop_names_receive_async(handler: Handler) -> None:
    calls.clear()
    receiver = receiver_with(handler)

    async def main() -> None:
        with pytest.raises(obgen.RunningLoopError, match=r"^receive was called where") as caught:
            receiver.receive(message())
        assert "receive_async" in caught.value.hint
        assert isinstance(caught.value, RuntimeError)

    asyncio.run(main())
    assert calls == []


def test_receive_in_a_thread_beside_a_running_loop() -> None:
    async def main() -> bool:
        reply = await asyncio.to_thread(receiver_with(after_a_turn).receive, message())
        return reply.acknowledged

    assert asyncio.run(main())


def test_receive_works_again_after_an_error() -> None:
    def leave(_: Opportunity, __: obgen.Delivery) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        receiver_with(leave).receive(message())
    assert receiver_with(after_a_turn).receive(message()).acknowledged


def test_a_handler_may_receive(receive: Receive) -> None:
    inner = receiver_with(after_a_turn)

    def forwards(_: Opportunity, __: obgen.Delivery) -> None:
        assert inner.receive(message()).acknowledged

    assert receive(receiver_with(forwards), message()).acknowledged


def test_sync_receivers_never_load_asyncio() -> None:
    script = (
        "import sys, obgen, messages, records\n"
        "receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)\n"
        "receiver.handles(records.Opportunity)(lambda *given: 1 / len(given))\n"
        "assert receiver.receive(messages.message()).acknowledged\n"
        "sys.exit('asyncio' in sys.modules)\n"
    )
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{script}"]
    subprocess.run(command, check=True)


# Real cancellation


def test_cancelling_the_receiver_cancels_the_handler_and_answers_nothing() -> None:
    seen: list[str] = []
    started = asyncio.Event()

    async def waits(_: Opportunity, delivery: obgen.Delivery) -> None:
        seen.append(delivery.notification_id)
        started.set()
        await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.create_task(receiver_with(waits).receive_async(TWO))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert seen == [numbered(1)]


def test_a_deadline_of_the_caller_ends_the_handler() -> None:
    async def waits(_: Opportunity, __: obgen.Delivery) -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await receiver_with(waits).receive_async(message())

    asyncio.run(main())


def test_cancelling_while_a_sync_handler_runs_answers_nothing() -> None:
    started, released = threading.Event(), threading.Event()

    def waits(_: Opportunity, __: obgen.Delivery) -> None:
        started.set()
        assert released.wait(60)

    async def main() -> None:
        task = asyncio.create_task(receiver_with(waits).receive_async(message()))
        assert await asyncio.to_thread(started.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        released.set()

    asyncio.run(main())


def test_a_handler_that_turns_its_cancellation_into_an_error_is_not_acknowledged() -> None:
    started = asyncio.Event()

    async def stubborn(_: Opportunity, __: obgen.Delivery) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ValueError from None

    async def main() -> obgen.Reply:
        task = asyncio.create_task(receiver_with(stubborn).receive_async(message()))
        await started.wait()
        task.cancel()
        return await task

    assert asyncio.run(main()).acknowledged is False
