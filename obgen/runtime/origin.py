"""What is known of a request besides its body."""

from collections.abc import Mapping
from typing import TypedDict


class Origin(TypedDict, total=False):
    """Where a message came from, as far as an adapter knows.

    Attributes:
        headers: The request's headers, their names in any case.
        path: The path of the request's URL. It may hold a secret: it is never logged.
        query: What follows the "?", without it; never logged either.
        peer: The address of the client, or of the proxy before this server. The log names it when
            a message is refused.
    """

    headers: Mapping[str, str]
    path: str
    query: str
    peer: str
