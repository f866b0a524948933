import io
from collections.abc import Callable

import flask
import pytest
from support_adapters import LIMIT, Recorder

import obgen
from obgen.adapters import flask as adapter

PATH = "/salesforce"


def app_of(*receivers: obgen.Receiver, body_timeout: float | None = 20.0) -> flask.Flask:
    """Return an application that serves each receiver at a path with its number."""
    app = flask.Flask("app")
    for number, receiver in enumerate(receivers):
        view = adapter.view(receiver, body_timeout=body_timeout)
        app.add_url_rule(f"{PATH}{number}", view_func=view, endpoint=f"hook{number}")
    return app


def test_the_view_goes_by_a_name_of_its_own() -> None:
    assert adapter.view(Recorder()).__name__ == "outbound_messages"


def test_an_application_may_have_several() -> None:
    receivers = Recorder(), Recorder()
    client = app_of(*receivers).test_client()
    assert client.post(f"{PATH}1", data=b"body").status_code == 200
    assert [receiver.bodies for receiver in receivers] == [[], [b"body"]]


def test_only_without_strict_slashes_are_both_forms_answered_at_once() -> None:
    # What the documentation warns of: without it this is a 404, or a redirect the other way round.
    client = app_of(Recorder()).test_client()
    assert client.post(f"{PATH}0/", data=b"body").status_code == 404


@pytest.mark.parametrize(
    "read", [lambda: flask.request.get_data(cache=True), lambda: flask.request.data]
)
def test_a_function_that_reads_the_body_first_takes_nothing_away(
    read: Callable[[], bytes],
) -> None:
    receiver = Recorder()
    app = app_of(receiver)
    seen: list[bytes] = []
    app.before_request(lambda: seen.append(read()))
    assert app.test_client().post(f"{PATH}0", data=b"body").status_code == 200
    assert receiver.bodies == seen == [b"body"]


def test_a_body_that_was_read_first_is_held_to_the_limit_too() -> None:
    receiver = Recorder()
    app = app_of(receiver)
    app.before_request(lambda: flask.request.get_data() and None)
    environ = {"wsgi.input": io.BytesIO(b"x" * (LIMIT + 1)), "wsgi.input_terminated": True}
    answer = app.test_client().post(f"{PATH}0", environ_overrides=environ)
    assert answer.status_code == 413
    assert receiver.bodies == []


class Broken:
    """Stand for a connection that breaks, by all that WSGI promises of one."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize(
    "environ", [{"CONTENT_LENGTH": "4"}, {"wsgi.input_terminated": True}], ids=["length", "chunked"]
)
def test_a_connection_that_breaks_is_not_acknowledged(environ: dict[str, object]) -> None:
    receiver = Recorder()
    answer = (
        app_of(receiver)
        .test_client()
        .post(f"{PATH}0", environ_overrides={"wsgi.input": Broken(), **environ})
    )
    assert (answer.status_code, answer.data) == (
        400,
        obgen.fault("Client", obgen.Refusal.TRUNCATED.reason),
    )
    assert receiver.bodies == []


def test_a_body_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(100))
    monkeypatch.setattr("obgen.adapters.intake.monotonic", lambda: next(times))
    receiver = Recorder()
    for timeout, status in ((1.0, 200), (0.5, 500)):
        client = app_of(receiver, body_timeout=timeout).test_client()
        assert client.post(f"{PATH}0", data=b"body").status_code == status
    assert receiver.bodies == [b"body"]


def test_without_length_or_end_nothing_is_read() -> None:
    receiver = Recorder()
    stream = io.BytesIO(b"of another request, or none at all")
    environ = {"wsgi.input": stream, "CONTENT_LENGTH": ""}
    app_of(receiver).test_client().post(f"{PATH}0", environ_overrides=environ)
    assert (receiver.bodies, stream.tell()) == ([b""], 0)
