"""What an ASGI scope says of its request, to ASGI servers' and frameworks' adapters alike."""

from collections.abc import Awaitable, Iterable, MutableMapping
from typing import Any, TypeAlias, TypeVar

from obgen.errors import EnvelopeError, Refusal
from obgen.runtime.origin import Origin

Scope: TypeAlias = MutableMapping[str, Any]
_ResultT = TypeVar("_ResultT")


def origin_of(scope: Scope) -> Origin:
    """Return where a request came from."""
    pairs = ((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"])
    return Origin(
        headers=joined(pairs),
        path=scope.get("path", ""),
        query=scope.get("query_string", b"").decode("latin-1"),
        peer=peer_of(scope),
    )


def peer_of(scope: Scope) -> str:
    """Return the address of the client, or ""."""
    peer: str = (scope.get("client") or ("", 0))[0]
    return peer


def length_of(scope: Scope) -> str:
    """Return the Content-Length, or "".

    Two of them make "5, 5", which is refused: they are a sign of request smuggling.
    """
    lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    return b", ".join(lengths).decode("latin-1")


async def in_time(reading: Awaitable[_ResultT], seconds: float | None) -> _ResultT:
    """Return what reading a body comes to; raise EnvelopeError if that takes longer."""
    import asyncio  # sync apps, which load this module too, never need it

    try:
        async with asyncio.timeout(seconds):
            return await reading
    except TimeoutError as error:
        raise EnvelopeError(Refusal.SLOW) from error


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by their names in lower case, those of one name joined as HTTP allows."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers
