"""Look at an endpoint as an administrator should before it goes live.

Each question is one request, or none, and what can't be asked from outside is said to be so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Final, Protocol

from obgen.simulate.ids import make_id
from obgen.simulate.judge import Verdict, judge
from obgen.simulate.request import request_headers
from obgen.simulate.transport import Answer, Endpoint, NoAnswerError

FOREIGN: Final = make_id("00D", -1)
"""The id of an organization that nobody has: the largest."""

_SLOW: Final = 5.0
_PORTS: Final = frozenset({80, 443})
_MORE_PORTS: Final = range(1024, 66536)
_REDIRECTS: Final = range(300, 400)
_MALFORMED: Final = b"<soapenv:Envelope"


class Mark(StrEnum):
    """How a question was answered."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One question, and its answer.

    Attributes:
        what: What was looked at.
        mark: How it was answered.
        text: What was found, or why nothing was.
        hint: What to do about it, or "".
    """

    what: str
    mark: Mark
    text: str
    hint: str = ""


class Requests(Protocol):
    """What can send requests to an endpoint: a Transport."""

    @property
    def endpoint(self) -> Endpoint:
        """Return where they go."""
        ...

    def request(self, method: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a request, or raise NoAnswerError."""
        ...


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A request that was made, and what came back."""

    answer: Answer | None
    verdict: Verdict
    seconds: float
    untrusted: bool = False

    def failed(self, what: str, text: str = "") -> Finding:
        """Return that a question was answered wrongly, as the verdict says or as `text` does."""
        return Finding(what, Mark.FAILED, text or str(self.verdict), self.verdict.hint)


def check(requests: Requests, message: bytes, foreign: bytes) -> Iterator[Finding]:
    """Yield what there is to say about an endpoint.

    `message` is to be acknowledged; `foreign` is one of an organization that is to be refused.
    """
    yield from _address(requests.endpoint)
    first = _exchange(requests, "POST", message)
    yield _chain(requests.endpoint, first)
    if first.untrusted:
        return
    if first.answer is None:
        yield first.failed("answer")
        return
    yield _redirect(first.answer)
    yield _ack("Ack", first)
    yield _time(first.seconds)
    yield _ack("the same again", _exchange(requests, "POST", message))
    yield Finding(
        "failing handler",
        Mark.SKIPPED,
        "can't be brought about from outside; let one raise, and look for the answer false",
    )
    yield _refusal("foreign organization", 403, _exchange(requests, "POST", foreign))
    yield _refusal("malformed body", 400, _exchange(requests, "POST", _MALFORMED))
    yield _refusal("GET", 405, _exchange(requests, "GET", b""))


def _exchange(requests: Requests, method: str, body: bytes) -> _Exchange:
    headers: Mapping[str, str] = request_headers(body) if method == "POST" else {}
    start = perf_counter()
    try:
        answer = requests.request(method, body, headers)
    except NoAnswerError as error:
        return _Exchange(None, error.verdict, perf_counter() - start, error.untrusted)
    verdict = judge(answer.status, answer.body, answer.content_type)
    return _Exchange(answer, verdict, perf_counter() - start)


def _address(endpoint: Endpoint) -> Iterator[Finding]:
    local = "on this machine, which Salesforce can't reach"
    if endpoint.local:
        yield Finding("HTTPS", Mark.SKIPPED, local)
    elif endpoint.secure:
        yield Finding("HTTPS", Mark.OK, str(endpoint))
    else:
        yield Finding("HTTPS", Mark.FAILED, "records would cross the internet in the clear")
    if endpoint.local:
        yield Finding("port", Mark.SKIPPED, local)
    elif endpoint.port in _PORTS or endpoint.port in _MORE_PORTS:
        yield Finding("port", Mark.OK, str(endpoint.port))
    else:
        yield Finding("port", Mark.WARNING, "Salesforce is said to call 80, 443 and 1024 up only")


def _chain(endpoint: Endpoint, first: _Exchange) -> Finding:
    if not endpoint.secure:
        return Finding("certificate", Mark.SKIPPED, "there is none without HTTPS")
    if first.untrusted:
        return first.failed("certificate")
    if first.answer is None:
        return Finding("certificate", Mark.SKIPPED, "there is no answer")
    return Finding("certificate", Mark.OK, "the whole chain, up to an authority known here")


def _redirect(answer: Answer) -> Finding:
    if answer.status in _REDIRECTS:
        return Finding("no redirect", Mark.FAILED, f"HTTP {answer.status} isn't followed")
    return Finding("no redirect", Mark.OK, f"HTTP {answer.status}")


def _ack(what: str, exchange: _Exchange) -> Finding:
    verdict = exchange.verdict
    if not verdict.acknowledged:
        also = f"; tolerated in the wild: {verdict.tolerated}" if verdict.tolerated else ""
        return exchange.failed(what, f"{verdict}{also}")
    if verdict.tolerated:
        return Finding(what, Mark.WARNING, f"tolerated in the wild: {verdict.tolerated}")
    return Finding(what, Mark.OK, str(verdict))


def _time(seconds: float) -> Finding:
    mark = Mark.OK if seconds < _SLOW else Mark.FAILED
    return Finding("under 5 s", mark, f"{seconds * 1000:.0f} ms")


def _refusal(what: str, status: int, exchange: _Exchange) -> Finding:
    """Return what became of a request that no receiver should acknowledge."""
    if exchange.answer is None:
        return exchange.failed(what)
    if exchange.verdict.acknowledged:
        return Finding(what, Mark.FAILED, f"acknowledged, where HTTP {status} is right")
    if exchange.answer.status == status:
        return Finding(what, Mark.OK, f"HTTP {status}")
    found = f"HTTP {exchange.answer.status}, not acknowledged; HTTP {status} would be clearer"
    return Finding(what, Mark.WARNING, found)
