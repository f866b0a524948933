"""What holds for every adapter, through the test client of its framework.

What only a real server does, such as bodies that are cut off, is in test_servers.
"""

import sys
from collections.abc import Callable

import pytest
from support_adapters import LIMIT, MESSAGE, Opportunity, Recorder, sample_receiver
from support_clients import CLIENTS, PATH, PEER, TINY, WIRE_PATH, ClientFunction, Request

import obgen
from obgen import adapters

ACK = obgen.ack(True)
OWN_405 = {"starlette", "fastapi"}
"""Those that never ask for the endpoint where the route is for POST alone."""


@pytest.fixture(params=CLIENTS)
def name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def client(name: str) -> ClientFunction:
    return CLIENTS[name]


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf\r\n\x00\xff <a/>\r\n", "\ufeff\r\n ä".encode()])
def test_the_body_reaches_the_receiver_byte_by_byte(client: ClientFunction, body: bytes) -> None:
    receiver = Recorder()
    answer = client(receiver, Request(body=body))
    assert receiver.bodies == [body]
    assert (answer.status, answer.body) == (200, ACK)


def test_the_headers_are_those_of_the_reply(client: ClientFunction) -> None:
    answer = client(Recorder(), Request(body=b"body"))
    assert answer.headers["content-type"] == "text/xml"
    assert answer.headers["content-length"] == str(len(ACK))
    assert not {"set-cookie", "content-encoding", "location", "vary"} & set(answer.headers)


@pytest.mark.parametrize("path", [WIRE_PATH, f"{WIRE_PATH}/"])
def test_both_forms_of_the_path_are_answered_at_once(client: ClientFunction, path: str) -> None:
    receiver = Recorder()
    assert client(receiver, Request(body=b"body", path=path)).status == 200
    assert receiver.bodies == [b"body"]


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "image/png",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/xml; charset=x",
    ],
)
def test_any_content_type(client: ClientFunction, content_type: str) -> None:
    receiver = Recorder()
    headers = (("Content-Type", content_type),) if content_type else ()
    assert client(receiver, Request(body=b"a=b", headers=headers)).status == 200
    assert receiver.bodies == [b"a=b"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_only_post(name: str, client: ClientFunction, method: str) -> None:
    receiver = Recorder()
    answer = client(receiver, Request(method=method))
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"
    assert (answer.body == b"") == (method == "HEAD")
    assert receiver.bodies == []
    if name not in OWN_405:
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
        assert answer.body in {b"", obgen.fault("Client", "Only POST is allowed")}


@pytest.mark.parametrize("length", ["", None])
def test_the_limit_is_that_of_the_receiver(client: ClientFunction, length: str | None) -> None:
    receiver = Recorder()
    assert TINY < LIMIT
    assert client(receiver, Request(body=b"x" * LIMIT, length=length)).status == 200
    answer = client(receiver, Request(body=b"x" * (LIMIT + 1), length=length))
    assert (answer.status, answer.body) == (413, too_large())
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert receiver.bodies == [b"x" * LIMIT]


def too_large() -> bytes:
    return obgen.fault("Client", obgen.Refusal.TOO_LARGE.reason)


def test_a_body_over_the_limit_is_refused_by_its_length_alone(client: ClientFunction) -> None:
    receiver = Recorder()
    answer = client(receiver, Request(body=b"x", length=str(LIMIT + 1)))
    assert (answer.status, answer.body) == (413, too_large())


@pytest.mark.parametrize("body", [b"", b"1234"])
def test_a_truncated_body_never_reaches_the_receiver(client: ClientFunction, body: bytes) -> None:
    receiver = Recorder()
    answer = client(receiver, Request(body=body, length="5"))
    assert (answer.status, answer.body) == (400, truncated())
    assert receiver.bodies == []


def truncated() -> bytes:
    return obgen.fault("Client", obgen.Refusal.TRUNCATED.reason)


@pytest.mark.parametrize("length", ["+5", "five", "5, 5"])
def test_a_content_length_that_is_no_number_is_refused(
    name: str, client: ClientFunction, length: str
) -> None:
    receiver = Recorder()
    assert client(receiver, Request(body=b"12345", length=length)).status == 400
    assert receiver.bodies == []


def test_an_empty_body_is_refused(client: ClientFunction) -> None:
    answer = client(sample_receiver(), Request())
    assert (answer.status, answer.body) == (400, obgen.fault("Client", "The body is empty"))


def test_tells_the_receiver_where_the_message_came_from(name: str, client: ClientFunction) -> None:
    receiver = Recorder()
    headers = (("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "198.51.100.8"))
    client(receiver, Request(body=b"x", query="key=a%2Fb&other=c", headers=headers))
    (origin,) = receiver.origins
    got = {name.lower(): value for name, value in origin.pop("headers").items()}
    if name == "lambda-balancer":
        assert got["x-forwarded-for"] == "198.51.100.8"  # which is all that it says
    else:
        assert got["x-forwarded-for"].replace(" ", "") == "198.51.100.7,198.51.100.8"
    peer = "" if "balancer" in name else PEER
    assert origin == {"path": PATH, "query": "key=a%2Fb&other=c", "peer": peer}


def test_names_the_peer_of_what_it_refuses(
    name: str, client: ClientFunction, caplog: pytest.LogCaptureFixture
) -> None:
    client(Recorder(), Request(body=b"secret", length="7"))
    assert "shorter than its Content-Length" in caplog.text
    assert (PEER in caplog.text) == ("balancer" not in name)
    assert "secret" not in caplog.text


def test_sync_and_async_handlers(client: ClientFunction) -> None:
    receiver = sample_receiver()
    names: list[str | None] = []

    @receiver.handles(Opportunity)
    def handle(record: Opportunity, _delivery: obgen.Delivery) -> None:
        names.append(record.name)

    @receiver.handles(Opportunity, action_id="04k000000000001")
    async def handle_later(record: Opportunity, _delivery: obgen.Delivery) -> None:
        names.append(f"{record.name} (async)")

    other = MESSAGE.replace(b"04k000000000001AAA", b"04k000000000009AAA")
    answers = [client(receiver, Request(body=body)) for body in (MESSAGE, other)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, ACK)] * 2
    sample = "Northwind, 40 standing desks"
    assert names == [f"{sample} (async)", sample]


@pytest.mark.parametrize("error", [LookupError, ConnectionResetError, TimeoutError])
def test_a_handler_that_raises_is_answered_with_ack_false(
    client: ClientFunction, error: type[Exception]
) -> None:
    receiver = sample_receiver()

    @receiver.handles(Opportunity)
    def handle(_record: Opportunity, _delivery: obgen.Delivery) -> None:
        raise error

    answer = client(receiver, Request(body=MESSAGE))
    assert (answer.status, answer.body) == (200, obgen.ack(False))


@pytest.mark.parametrize(
    ("framework", "adapt"),
    [
        ("flask", adapters.flask.view),
        ("django", adapters.django.view),
        ("django", adapters.django.async_view),
        ("starlette", adapters.starlette.endpoint),
    ],
)
def test_a_framework_that_is_missing_is_named_with_its_extra(
    framework: str, adapt: Callable[[obgen.Receiver], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == framework]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(obgen.ConfigurationError, match=f"needs {framework}, which isn't") as caught:
        adapt(Recorder())
    assert f"'obgen[{framework}]'" in caught.value.hint


def test_a_framework_that_misses_something_itself_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flask.views", None)
    with pytest.raises(ModuleNotFoundError, match=r"flask\.views"):
        adapters.flask.view(Recorder())
