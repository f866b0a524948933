"""Which handler takes which notification."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from obgen.errors import ConfigurationError
from obgen.runtime.decode import Decoder, decoder_of
from obgen.runtime.ids import id_key
from obgen.runtime.wire import Record, table_of

Handler = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Route:
    """One registered handler and the decoder of its records."""

    decoder: Decoder[Any]
    handler: Handler
    name: str


class Routes:
    """Find handlers by object type; one for a certain action goes before one for all."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str | None], Route] = {}

    def add(
        self, record: type[Record], action_id: str | None, handler: Handler, arguments: str
    ) -> None:
        """Register a handler, or raise ConfigurationError if it can't work or is one too many."""
        table = table_of(record)
        _check_handler(handler, arguments)
        key = (table.object_type, None if action_id is None else id_key(action_id))
        if key in self._routes:
            which = "without action_id" if action_id is None else f"with action_id={action_id!r}"
            raise ConfigurationError(
                f"{table.object_type} {which} has a handler already: {self._routes[key].name}",
                hint="Tell outbound messages of one object apart by action_id=…",
            )
        self._routes[key] = Route(decoder_of(record), handler, _name(handler))

    def find(self, object_type: str, action_id: str) -> Route | None:
        """Return the route of an object's notifications, or None."""
        return self._routes.get((object_type, id_key(action_id))) or self._routes.get(
            (object_type, None)
        )

    def object_types(self, action_id: str | None = None) -> set[str]:
        """Return the object types of all routes, or of those for this very action."""
        wanted = None if action_id is None else id_key(action_id)
        # A copy, because another thread may be registering a handler.
        return {
            object_type for object_type, action in tuple(self._routes) if wanted in (None, action)
        }


def _check_handler(handler: Handler, arguments: str) -> None:
    if not callable(handler):
        raise ConfigurationError(f"{handler!r} can't be called")
    name = _name(handler)
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigurationError(
            f"the handler {name} is a generator: calling it would run nothing",
            hint="Remove the yield.",
        )
    try:
        signature = inspect.signature(handler)
    except ValueError:
        return  # written in C: nothing to look at
    try:
        signature.bind(*arguments.split(", "))
    except TypeError:
        raise ConfigurationError(
            f"the handler {name} takes other arguments than ({arguments})"
        ) from None


def _name(handler: Handler) -> str:
    module = getattr(handler, "__module__", None)
    name = getattr(handler, "__qualname__", None) or type(handler).__qualname__
    return f"{module}.{name}" if module else name
