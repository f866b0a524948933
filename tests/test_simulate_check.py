"""The checklist for an endpoint: each question alone, against answers of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

import obgen
from obgen.errors import Refusal
from obgen.runtime.reply import refused
from obgen.simulate import check as module
from obgen.simulate.check import Finding, Mark, check
from obgen.simulate.transport import Answer, Endpoint, NoAnswerError

ACK = Answer(200, "text/xml", obgen.ack(True))


FOREIGN, MALFORMED, GET = (
    Answer(reply.status, reply.content_type, reply.body)
    for reply in map(refused, (Refusal.ORGANIZATION, Refusal.NOT_WELL_FORMED, Refusal.METHOD))
)


@dataclass
class Scripted:
    """An endpoint that gives the answers it is told to, by what is asked."""

    url: str = "https://example.com/s3cret"
    message: Answer | NoAnswerError = ACK
    foreign: Answer | NoAnswerError = FOREIGN
    malformed: Answer | NoAnswerError = MALFORMED
    get: Answer | NoAnswerError = GET
    asked: list[str] = field(default_factory=list[str])

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint.parse(self.url)

    def request(self, method: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        assert ("SOAPAction" in headers) is (method == "POST")
        kind = {b"message": "message", b"foreign": "foreign"}.get(body, "malformed")
        kind = "get" if method == "GET" else kind
        self.asked.append(kind)
        answer: Answer | NoAnswerError = getattr(self, kind)
        if isinstance(answer, NoAnswerError):
            raise answer
        return answer


def findings(endpoint: Scripted) -> dict[str, Finding]:
    found = list(check(endpoint, b"message", b"foreign"))
    assert all(one.text for one in found)
    assert "s3cret" not in str(found)
    return {one.what: one for one in found}


def marks(endpoint: Scripted) -> dict[str, str]:
    return {what: one.mark.value for what, one in findings(endpoint).items()}


GOOD = {
    "HTTPS": "ok",
    "port": "ok",
    "certificate": "ok",
    "no redirect": "ok",
    "Ack": "ok",
    "under 5 s": "ok",
    "the same again": "ok",
    "failing handler": "skipped",
    "foreign organization": "ok",
    "malformed body": "ok",
    "GET": "ok",
}


def test_a_good_endpoint() -> None:
    endpoint = Scripted()
    assert marks(endpoint) == GOOD
    assert endpoint.asked == ["message", "message", "foreign", "malformed", "get"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://example.com", {"HTTPS": "failed", "port": "ok", "certificate": "skipped"}),
        ("https://example.com:666", {"HTTPS": "ok", "port": "warning", "certificate": "ok"}),
        ("https://example.com:8443", {"HTTPS": "ok", "port": "ok", "certificate": "ok"}),
        ("http://localhost", {"HTTPS": "skipped", "port": "skipped", "certificate": "skipped"}),
        ("https://[::1]", {"HTTPS": "skipped", "port": "skipped", "certificate": "ok"}),
        ("http://127.0.0.2", {"HTTPS": "skipped", "port": "skipped", "certificate": "skipped"}),
    ],
)
def test_the_address(url: str, expected: dict[str, str]) -> None:
    assert marks(Scripted(url)) == GOOD | expected


def test_a_certificate_that_is_not_accepted_is_the_end() -> None:
    error = NoAnswerError("no", "Send the chain.", simulated=False, untrusted=True)
    found = findings(Scripted(message=error))
    assert list(found) == ["HTTPS", "port", "certificate"]
    assert found["certificate"] == Finding("certificate", Mark.FAILED, "no", "Send the chain.")


def test_no_answer_is_the_end() -> None:
    found = findings(Scripted(message=NoAnswerError("the connection was refused", "Start it.")))
    assert list(found) == ["HTTPS", "port", "certificate", "answer"]
    assert found["certificate"].mark is Mark.SKIPPED
    text = "simulated: the connection was refused"
    assert found["answer"] == Finding("answer", Mark.FAILED, text, "Start it.")


def test_a_redirect() -> None:
    found = findings(Scripted(message=Answer(301, "", b"")))
    assert found["no redirect"].mark is found["Ack"].mark is Mark.FAILED
    assert found["no redirect"].text == "HTTP 301 isn't followed"


@pytest.mark.parametrize(
    ("answer", "mark", "text"),
    [
        (Answer(200, "text/xml", obgen.ack(False)), "failed", "SOAP response was a nack"),
        (
            Answer(200, "text/xml", b"\n" + obgen.ack(True)),
            "failed",
            "simulated: white space stands before the XML; "
            "tolerated in the wild: something stands before an Ack of true",
        ),
        (
            Answer(200, "application/soap+xml", obgen.ack(True)),
            "warning",
            "tolerated in the wild: the Content-Type isn't text/xml",
        ),
    ],
)
def test_the_form_of_the_ack(answer: Answer, mark: str, text: str) -> None:
    found = findings(Scripted(message=answer))
    for what in ("Ack", "the same again"):
        assert (found[what].mark, found[what].text) == (mark, text)


def test_an_answer_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(0, 1000, 6))
    monkeypatch.setattr(module, "perf_counter", lambda: next(times))
    found = findings(Scripted())
    assert found["under 5 s"] == Finding("under 5 s", Mark.FAILED, "6000 ms")


@pytest.mark.parametrize(
    ("answer", "mark", "text"),
    [
        (ACK, "failed", "acknowledged, where HTTP {} is right"),
        (Answer(500, "", b""), "warning", "HTTP 500, not acknowledged; HTTP {} would be clearer"),
        (NoAnswerError("reset", "See the log."), "failed", "simulated: reset"),
    ],
)
def test_what_should_be_refused(answer: Answer | NoAnswerError, mark: str, text: str) -> None:
    found = findings(Scripted(foreign=answer, malformed=answer, get=answer))
    for what, status in {"foreign organization": 403, "malformed body": 400, "GET": 405}.items():
        assert (found[what].mark, found[what].text) == (mark, text.format(status))
