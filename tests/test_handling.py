"""Sync and async handlers under both ways to receive: none blocks a loop, no coroutine is lost."""

import asyncio
import functools
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import messages
import pytest
from records import Opportunity

import obgen
from obgen import Delivery

Receive = Callable[[obgen.Receiver, bytes], obgen.Reply]


def sync(receiver: obgen.Receiver, body: bytes) -> obgen.Reply:
    return receiver.receive(body)


def in_loop(receiver: obgen.Receiver, body: bytes) -> obgen.Reply:
    return asyncio.run(receiver.receive_async(body))


BOTH = pytest.mark.parametrize("receive", [sync, in_loop])


def receiver_with(handler: Any) -> obgen.Receiver:
    receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    receiver.handles(Opportunity)(handler)
    return receiver


class Forms:
    """One handler in the forms that handlers come in; each says that it ran to its end."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def function(self, record: Opportunity, delivery: Delivery) -> None:
        self.done.append(record.id)

    async def coroutine(self, record: Opportunity, delivery: Delivery) -> None:
        await asyncio.sleep(0)
        self.done.append(record.id)

    def returns_coroutine(self, record: Opportunity, delivery: Delivery) -> Awaitable[None]:
        return self.coroutine(record, delivery)

    def forms(self) -> dict[str, Any]:
        outer = self

        class SyncObject:
            def __call__(self, record: Opportunity, delivery: Delivery) -> None:
                outer.function(record, delivery)

        class AsyncObject:
            async def __call__(self, record: Opportunity, delivery: Delivery) -> None:
                await outer.coroutine(record, delivery)

        return {
            "function": self.function,
            "coroutine": self.coroutine,
            "function that returns a coroutine": self.returns_coroutine,
            "partial": functools.partial(self.function),
            "partial of a coroutine": functools.partial(self.coroutine),
            "object": SyncObject(),
            "async object": AsyncObject(),
        }


@BOTH
@pytest.mark.parametrize("form", Forms().forms())
def test_every_form_of_handler_runs_to_its_end(receive: Receive, form: str) -> None:
    forms = Forms()
    body = messages.message(messages.record(), messages.record())
    assert receive(receiver_with(forms.forms()[form]), body).acknowledged
    assert forms.done == [messages.RECORD_ID] * 2


async def raises(record: Opportunity, delivery: Delivery) -> None:
    await asyncio.sleep(0)
    raise KeyError(record.id)


def raises_at_once(record: Opportunity, delivery: Delivery) -> None:
    raise KeyError(record.id)


def stops_iteration(record: Opportunity, delivery: Delivery) -> None:
    raise StopIteration


async def cancels_itself(record: Opportunity, delivery: Delivery) -> None:
    raise asyncio.CancelledError


def returns_generator(record: Opportunity, delivery: Delivery) -> Any:
    return (character for character in record.id)


def returns_async_generator(record: Opportunity, delivery: Delivery) -> Any:
    async def run() -> Any:
        yield record

    return run()


@BOTH
@pytest.mark.parametrize(
    "handler",
    [
        raises,
        raises_at_once,
        stops_iteration,
        cancels_itself,
        returns_generator,
        returns_async_generator,
    ],
)
def test_a_handler_that_fails_is_a_nack(receive: Receive, handler: Any) -> None:
    reply = receive(receiver_with(handler), messages.message())
    assert (reply.status, reply.body) == (200, obgen.ack(False))


@BOTH
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_a_handler_that_ends_the_process_is_not_answered(
    receive: Receive, error: type[BaseException]
) -> None:
    async def end(record: Opportunity, delivery: Delivery) -> None:
        raise error

    with pytest.raises(error):
        receive(receiver_with(end), messages.message())


def test_cancelling_the_request_is_not_answered() -> None:
    async def main() -> None:
        started = asyncio.Event()

        async def wait(record: Opportunity, delivery: Delivery) -> None:
            started.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(receiver_with(wait).receive_async(messages.message()))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_receive_in_a_running_loop_names_receive_async() -> None:
    async def main() -> None:
        with pytest.raises(obgen.RunningLoopError) as caught:
            receiver_with(Forms().function).receive(messages.message())
        assert "receive_async" in caught.value.hint

    asyncio.run(main())


def test_sync_handlers_leave_the_loop_free() -> None:
    async def main() -> None:
        loop_thread = threading.get_ident()
        loop = asyncio.get_running_loop()
        alive = threading.Event()
        threads: list[int] = []

        def handle(record: Opportunity, delivery: Delivery) -> None:
            threads.append(threading.get_ident())
            loop.call_soon_threadsafe(alive.set)
            # Only a loop that goes on turning while this handler runs can set it.
            assert alive.wait(timeout=30)

        reply = await receiver_with(handle).receive_async(messages.message())
        assert reply.acknowledged
        assert loop_thread not in threads

    asyncio.run(main())


def test_async_handlers_run_in_the_callers_loop() -> None:
    async def main() -> None:
        loops: list[object] = []

        async def handle(record: Opportunity, delivery: Delivery) -> None:
            loops.append(asyncio.get_running_loop())

        assert (await receiver_with(handle).receive_async(messages.message())).acknowledged
        assert loops == [asyncio.get_running_loop()]

    asyncio.run(main())


def test_a_large_body_is_read_outside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    receiver = receiver_with(Forms().function)
    opened = receiver._open

    def remember(body: bytes) -> Any:
        threads.append(threading.get_ident())
        return opened(body)

    monkeypatch.setattr(receiver, "_open", remember)
    small = messages.message()
    large = messages.message(messages.record(messages.field("Name", "x" * 100_000)))
    assert in_loop(receiver, small).acknowledged
    assert in_loop(receiver, large).acknowledged
    assert threads[0] == threading.get_ident()
    assert threads[1] != threading.get_ident()


def test_refusals_are_the_same_under_both() -> None:
    receiver = receiver_with(Forms().function)
    for body in (b"", b"<a/>", messages.message() + b"x"):
        assert sync(receiver, body) == in_loop(receiver, body)
