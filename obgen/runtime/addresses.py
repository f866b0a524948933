"""Addresses of clients and proxies, as servers and forwarded headers write them."""

import re
from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

from obgen.errors import ConfigurationError
from obgen.runtime.settings import listed

Address: TypeAlias = IPv4Address | IPv6Address

UNIX: Final = "unix"
"""Stands for the other end of a Unix socket, which has no address."""

_PORT: Final = r"(?::[0-9]{1,5})?"
_IPV6: Final = r"([0-9A-Fa-f]*:[0-9A-Fa-f:.]{1,44})(?:%[0-9A-Za-z._~-]{1,32})?"
_ADDRESS: Final = re.compile(rf"([0-9.]{{7,15}}){_PORT}|{_IPV6}|\[{_IPV6}\]{_PORT}")
"""`192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `fe80::1%eth0` and `[2001:db8::1]:80`."""
_RANGE: Final = re.compile(r"[0-9A-Fa-f:.]{2,45}(?:/[0-9]{1,3})?")
_IPV4_INSIDE: Final = IPv6Network("::ffff:0:0/96")


def read_address(text: str) -> Address:
    """Return the address in a text, without its port and without the zone of an interface.

    An IPv4 address inside an IPv6 one, which is what a socket for both sees, is the IPv4 address.
    Raises ValueError for any other text.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError("not an address")
    address = ip_address(found[found.lastindex or 0])
    return getattr(address, "ipv4_mapped", None) or address


class Ranges:
    """Hold addresses and ranges of them, IPv4 and IPv6, as the setting of a name lists them.

    Raises ConfigurationError if there are none, or if one can't be read.
    """

    def __init__(self, setting: str, ranges: Sequence[str]) -> None:
        self._networks = [_network(setting, text) for text in listed(setting, ranges)]

    def __len__(self) -> int:
        return len(self._networks)

    def __contains__(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


class Proxies(Ranges):
    """Hold the addresses of proxies; "unix" stands for one at the other end of a Unix socket.

    Raises ConfigurationError as `Ranges` does, and if everybody would be a proxy.
    """

    def __init__(self, setting: str, ranges: Sequence[str]) -> None:
        texts = listed(setting, ranges)
        self._unix = UNIX in texts
        addresses = [text for text in texts if text != UNIX]
        self._networks = [_network(setting, text) for text in addresses]
        if any(network.prefixlen == 0 for network in self._networks):
            raise ConfigurationError(
                f"{setting} names every address there is",
                hint="What a proxy says is believed, so name those alone that are yours.",
            )

    def __len__(self) -> int:
        return len(self._networks) + self._unix

    def __contains__(self, address: Address | None) -> bool:
        return self._unix if address is None else super().__contains__(address)


def _network(setting: str, text: str) -> IPv4Network | IPv6Network:
    refused = f"{setting}: {text!r} can't be used"
    if not isinstance(text, str) or _RANGE.fullmatch(text) is None:
        raise ConfigurationError(
            refused, hint="Give an address, or a range such as 192.0.2.0/24 or 2001:db8::/32."
        )
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ConfigurationError(refused, hint=f"{error}.") from None
    if isinstance(network, IPv6Network) and network.subnet_of(_IPV4_INSIDE):
        raise ConfigurationError(refused, hint="Give the IPv4 range itself: it covers both forms.")
    return network
