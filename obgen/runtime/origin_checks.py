"""Where messages must come from, as far as a request shows it besides its body."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl

from obgen.errors import ConfigurationError, EnvelopeError, Refusal
from obgen.runtime.addresses import Address, Proxies, Ranges, read_address
from obgen.runtime.origin import Origin
from obgen.runtime.redaction import UNRESERVED, read_secrets
from obgen.runtime.settings import listed

FORWARDED_FOR: Final = "X-Forwarded-For"

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_LONGEST_VALUE: Final = 120


class OriginChecks:
    """Say where messages must come from; any other request is refused, its body unread.

    Each check is made if its setting is given, on top of that of the organization. All of them
    need what adapters pass beside the body: `Receiver.receive(body)` alone is refused.

    Args:
        secrets: Random texts of 22 characters or more, one of which must be the last segment of
            the path, or else the answer is 404. With two of them the old one and the new one are
            good while Salesforce's endpoint URL is being changed.
        query_parameter: The name of the query's parameter that holds the secret instead.
        networks: The addresses and ranges (`192.0.2.0/24`, `2001:db8::/32`) that clients may have,
            or else the answer is 403.
        proxies: The addresses and ranges of your proxies, the only ones whose headers are
            believed; "unix" is a proxy that comes by a Unix socket. The client is the last one in
            X-Forwarded-For that isn't a proxy.
        certificate_headers: What your proxy's headers say, by name, of a client certificate that
            you accept: one text or several, compared to the letter. Every header must be there,
            once, or else the answer is 403. The proxy has to replace, and not to add to, what a
            client sends under these names.

    Texts that come as one string are separated by commas or spaces, but for certificate_headers.

    Raises:
        ConfigurationError: A setting can't be used, is empty, needs another one, or none is given.
    """

    def __init__(
        self,
        *,
        secrets: Sequence[str] | None = None,
        query_parameter: str | None = None,
        networks: Sequence[str] | None = None,
        proxies: Sequence[str] | None = None,
        certificate_headers: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        if secrets is None and networks is None and certificate_headers is None:
            raise ConfigurationError(
                "OriginChecks without secrets, networks or certificate_headers checks nothing"
            )
        if query_parameter is not None and secrets is None:
            raise ConfigurationError("query_parameter goes with secrets")
        if certificate_headers is not None and proxies is None:
            raise ConfigurationError(
                "certificate_headers goes with proxies",
                hint="Anybody can send such headers: name the proxies that may.",
            )
        self._secrets = (
            [_digest(text) for text in read_secrets(secrets)] if secrets is not None else []
        )
        self._parameter = _parameter(query_parameter)
        self._networks = Ranges("networks", networks) if networks is not None else None
        self._proxies = Proxies("proxies", proxies) if proxies is not None else None
        self._certificate = _certificate(certificate_headers)

    def __repr__(self) -> str:
        checks = {
            "secrets": self._secrets,
            "networks": self._networks,
            "proxies": self._proxies,
            "certificate headers": self._certificate,
        }
        counts = [f"{name}: {len(held)}" for name, held in checks.items() if held]
        return f"<OriginChecks of {', '.join(counts)}>"

    def check(self, origin: Origin) -> None:
        """Raise EnvelopeError if a request doesn't come from where it must.

        The secret goes first: who doesn't know it learns nothing of the other checks.
        """
        if self._secrets:
            self._check_secret(origin)
        if self._networks is None and not self._certificate:
            return
        headers = _values(origin.get("headers", {}), {FORWARDED_FOR.lower(), *self._certificate})
        peer = _peer(origin.get("peer", ""))
        if self._networks is not None:
            self._check_client(self._networks, peer, headers[FORWARDED_FOR.lower()])
        if self._certificate:
            self._check_certificate(peer, headers)

    def _check_secret(self, origin: Origin) -> None:
        if self._parameter is None:
            place = "last segment of the path"
            found = origin.get("path", "").rstrip("/").rpartition("/")[2]
        else:
            place = f"query parameter {self._parameter}"
            query = parse_qsl(origin.get("query", ""), keep_blank_values=True)
            values = [value for name, value in query if name == self._parameter]
            found = _only(values, Refusal.NOT_FOUND, place)
        digest = _digest(found)
        # Each is compared, and all are of one length, so that the time it takes tells nothing.
        if not sum(compare_digest(digest, secret) for secret in self._secrets):
            raise EnvelopeError(Refusal.NOT_FOUND, f"the {place} is none of the secrets")

    def _check_client(self, networks: Ranges, peer: Address | None, forwarded: list[str]) -> None:
        client = self._client(peer, forwarded)
        if client in networks:
            return
        raise EnvelopeError(
            Refusal.ADDRESS,
            f"the client {_shown(client)} is in none of the networks; if it is a proxy of yours, "
            "add it to proxies",
        )

    def _client(self, peer: Address | None, forwarded: list[str]) -> Address | None:
        """Return the first address that isn't a proxy's, from this end of the line to the other.

        A proxy adds whom it heard from at the end of the header; what stands before that is what
        it was told. So an address counts only if all behind it are proxies.
        """
        client = peer
        hops = ",".join(forwarded).split(",") if forwarded else []
        while hops and self._is_proxy(client):
            try:
                client = read_address(hops.pop().strip(" \t"))
            except ValueError:
                raise EnvelopeError(
                    Refusal.ADDRESS, f"{FORWARDED_FOR} holds something else than addresses"
                ) from None
        return client

    def _check_certificate(self, peer: Address | None, headers: Mapping[str, list[str]]) -> None:
        if not self._is_proxy(peer):
            raise EnvelopeError(
                Refusal.CERTIFICATE,
                f"certificate headers count only from proxies, and the peer {_shown(peer)} is none",
            )
        for name, accepted in self._certificate.items():
            value = _only(headers[name], Refusal.CERTIFICATE, f"header {name}")
            if value not in accepted:
                shown = ascii(value[:_LONGEST_VALUE])
                raise EnvelopeError(
                    Refusal.CERTIFICATE, f"the header {name} is {shown}, which is not accepted"
                )

    def _is_proxy(self, address: Address | None) -> bool:
        return self._proxies is not None and address in self._proxies


def _digest(text: str) -> bytes:
    # A path may hold any character, even half of one; none of those is in a secret.
    return sha256(text.encode("utf-8", "replace")).digest()


def _parameter(name: str | None) -> str | None:
    if name is not None and UNRESERVED.fullmatch(name) is None:
        raise ConfigurationError(
            f"{name!r} can't be a query_parameter", hint="Use letters, digits and -._~ alone."
        )
    return name


def _certificate(headers: Mapping[str, Sequence[str]] | None) -> dict[str, frozenset[str]]:
    if headers is None:
        return {}
    listed("certificate_headers", list(headers))
    certificate: dict[str, frozenset[str]] = {}
    for name, accepted in headers.items():
        texts = [accepted] if isinstance(accepted, str) else list(accepted)
        # "_" is no part of a name here: WSGI can't tell it from "-", so a sender could use it.
        usable = _HEADER_NAME.fullmatch(name) is not None and name.lower() not in certificate
        if not usable or not texts or not all(texts):
            raise ConfigurationError(
                f"certificate_headers: {name!r} can't be used",
                hint="A header's name has letters, digits and hyphens, and is given once, with one "
                "text or several that aren't empty.",
            )
        certificate[name.lower()] = frozenset(texts)
    return certificate


def _values(headers: Mapping[str, str], wanted: set[str]) -> dict[str, list[str]]:
    """Return {name in lower case: values} of some headers; a sender may give one twice."""
    values: dict[str, list[str]] = {name: [] for name in wanted}
    for name, value in headers.items():
        if name.lower() in values:
            values[name.lower()].append(value)
    return values


def _only(values: list[str], refusal: Refusal, place: str) -> str:
    """Return the one value there is; of several, nobody knows who gave which."""
    if len(values) == 1:
        return values[0]
    raise EnvelopeError(
        refusal, f"the {place} is {'there more than once' if values else 'missing'}"
    )


def _peer(text: str) -> Address | None:
    """Return the address of a peer, or None for one without: that of a Unix socket."""
    if not text:
        return None
    try:
        return read_address(text)
    except ValueError:
        raise EnvelopeError(Refusal.ADDRESS, "the address of the peer can't be read") from None


def _shown(address: Address | None) -> str:
    return "without an address" if address is None else str(address)
