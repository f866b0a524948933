"""Say about an endpoint what may be said: where it is, never the secrets in it.

A path or a query is the only credential that an administrator can give an endpoint, and user and
password may stand before the host. So only scheme, host and port are ever shown.
"""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

_ADDRESS: Final = re.compile(r"(?:[\w.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{0,5})?")

UNKNOWN: Final = "(no http address)"
"""Stands for an endpoint of which nothing can be shown safely."""


def origin(endpoint: str) -> str:
    """Return scheme, host and port of a URL, such as "https://example.com:8443"."""
    parts = _split(endpoint)
    return UNKNOWN if parts is None else f"{parts.scheme}://{_address(parts)}"


def differing_parts(old: str, new: str) -> tuple[str, ...]:
    """Return in what two endpoints differ, some of address, credentials, path and query.

    It is "URL" where one of them isn't fit to be shown at all.
    """
    before, after = _split(old), _split(new)
    if before is None or after is None:
        return ("URL",)
    differences = {
        "address": origin(old) != origin(new),
        "credentials": _credentials(before) != _credentials(after),
        "path": before.path != after.path,
        "query": (before.query, before.fragment) != (after.query, after.fragment),
    }
    # What is left are spellings of one URL, such as capitals in its scheme or an empty query.
    return tuple(name for name, differs in differences.items() if differs) or ("spelling",)


def _split(endpoint: str) -> SplitResult | None:
    """Return the parts of a URL, or None if a part that is to be shown isn't what it should be."""
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return None
    shown = parts.scheme in {"http", "https"} and _ADDRESS.fullmatch(_address(parts))
    return parts if shown else None


def _address(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _credentials(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[0]
