"""Call handlers, sync and async ones, from sync and async code, and lose no coroutine."""

import inspect
import logging
import sys
from collections.abc import Awaitable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Any, Final, Self, TypeGuard, cast

from obgen.errors import RunningLoopError
from obgen.runtime.message import Delivery

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

    from obgen.runtime.routes import Handler

_log: Final = logging.getLogger("obgen.receiver")


@dataclass(slots=True)
class Call:
    """One handler to call, and what came of it.

    Attributes:
        error: What the handler raised, or None while it hasn't.
    """

    handler: "Handler"
    name: str
    arguments: tuple[Any, ...]
    delivery: Delivery
    error: BaseException | None = None

    def start(self) -> Awaitable[object] | None:
        """Call the handler and return what is still to be awaited, if anything is."""
        result: object = None
        try:
            result = self.handler(*self.arguments, self.delivery)
            while _is_future(result):  # what it left to a pool of threads
                result = result.result()
        except BaseException as error:
            # A future holds the error, whose traceback holds this frame: a ring around the record.
            result = None
            if not _means_again(error):
                raise
            self.error = error
            return None
        return self._rest(result)

    async def finish(self, awaitable: Awaitable[object]) -> None:
        """Await the rest of an async handler, and what that left over: an await is soon forgotten.

        Some clients return themselves when they are awaited; they are done then.
        """
        import asyncio  # noqa: PLC0415 - costs as much as all of obgen, and sync apps never need it

        rest: Awaitable[object] | None = awaitable
        try:
            while rest is not None:
                result = await rest
                if _is_future(result):
                    result = asyncio.wrap_future(result)
                rest = None if result is rest else self._rest(result)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            self.error = error
        except Exception as error:  # noqa: BLE001 - whatever a handler raises means "again"
            self.error = error

    def _rest(self, result: object) -> Awaitable[object] | None:
        """Return what is still to be awaited of what a handler returned, if anything is."""
        if inspect.isawaitable(result):
            return result
        if inspect.isgenerator(result) or inspect.isasyncgen(result):
            self.error = TypeError("the handler returned a generator, which has run nothing")
        elif isinstance(result, map | filter | starmap):
            self.error = TypeError("the handler returned a map or filter, which has run nothing")
        elif any(inspect.isawaitable(one) or _is_future(one) for one in _held(result)):
            self.error = TypeError("the handler returned what it should have awaited, in a list")
        return None

    async def run(self) -> None:
        """Call an async handler here and a sync one in a thread, then await what it returned."""
        import asyncio  # noqa: PLC0415 - as above

        function = getattr(self.handler, "__call__", self.handler)  # noqa: B004 - an object's own
        if inspect.iscoroutinefunction(self.handler) or inspect.iscoroutinefunction(function):
            awaitable = self.start()
        else:
            awaitable = await asyncio.to_thread(self.start)
        if awaitable is not None:
            await self.finish(awaitable)


class OwnLoop:
    """Run what async handlers left to await, in an event loop that is made when one is needed."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def __enter__(self) -> Self:
        if loop_is_running():
            raise RunningLoopError(
                "receive was called where an event loop is running, which it would block",
                hint="Use `await receiver.receive_async(body)` there.",
            )
        return self

    def run(self, call: Call) -> None:
        """Call the handler and see it through to its end."""
        awaitable = call.start()
        if awaitable is None:
            return
        if self._runner is None:
            import asyncio  # noqa: PLC0415 - as above

            self._runner = asyncio.Runner()
        self._runner.run(self._finish(call, awaitable))

    async def _finish(self, call: Call, awaitable: Awaitable[object]) -> None:
        import asyncio  # noqa: PLC0415 - as above

        await call.finish(awaitable)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:
            _log.warning(
                "Handler %s left %d tasks running, which end with the event loop of this message; "
                "await them, or serve the receiver by `receive_async`",
                call.name,
                len(left),
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        if self._runner is not None:
            self._runner.close()


def _held(result: object) -> Iterable[object]:
    """Return what a handler returned together; another kind might do something to tell."""
    if isinstance(result, dict):
        return cast("dict[object, object]", result).values()
    if isinstance(result, list | tuple | set | frozenset):
        return cast("Iterable[object]", result)
    return ()


def _is_future(result: object) -> TypeGuard[Future[object]]:
    return isinstance(result, Future)


def _means_again(error: BaseException) -> bool:
    """Tell whether what a handler raised is about its record, and not about the whole process."""
    if isinstance(error, Exception):
        return True
    import asyncio  # noqa: PLC0415 - as above

    # A handler that gave something up, such as a task of its own: nobody cancelled the handler.
    return isinstance(error, asyncio.CancelledError)


def loop_is_running() -> bool:
    """Tell whether this thread runs an asyncio event loop."""
    # Where nothing has imported asyncio yet, no loop can run, and importing it would be a waste.
    if "asyncio" not in sys.modules:
        return False
    import asyncio  # noqa: PLC0415 - as above

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
