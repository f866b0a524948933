import pytest
from support_adapters import MESSAGE, Recorder, sample_receiver
from support_clients import LAMBDA_FORMS, PEER, Request, lambda_event

import obgen
from obgen.adapters import aws_lambda

TYPE = "text/xml"
LENGTH = str(len(obgen.ack(True)))


@pytest.mark.parametrize(
    ("form", "more"),
    [
        ("rest", {"headers": {"Content-Type": TYPE, "Content-Length": LENGTH}}),
        ("http-1", {"headers": {"Content-Type": TYPE, "Content-Length": LENGTH}}),
        ("http-2", {"headers": {"Content-Type": TYPE, "Content-Length": LENGTH}}),
        ("url", {"headers": {"Content-Type": TYPE, "Content-Length": LENGTH}}),
        (
            "balancer",
            {
                "headers": {"Content-Type": TYPE, "Content-Length": LENGTH},
                "statusDescription": "200 OK",
            },
        ),
        (
            "balancer-multi",
            {
                "multiValueHeaders": {"Content-Type": [TYPE], "Content-Length": [LENGTH]},
                "statusDescription": "200 OK",
            },
        ),
    ],
)
def test_the_response_has_the_form_of_the_service(form: str, more: dict[str, object]) -> None:
    response = aws_lambda.handler(Recorder())(lambda_event(form, Request(body=b"x")), None)
    assert response == {
        "statusCode": 200,
        "body": obgen.ack(True).decode(),
        "isBase64Encoded": False,
        **more,
    }


@pytest.mark.parametrize("form", LAMBDA_FORMS)
@pytest.mark.parametrize("base64_encoded", [True, False])
def test_the_body_may_come_in_base64(form: str, base64_encoded: bool) -> None:
    receiver = Recorder()
    event = lambda_event(form, Request(body="ä".encode()), base64_encoded=base64_encoded)
    aws_lambda.handler(receiver)(event, None)
    assert receiver.bodies == ["ä".encode()]


@pytest.mark.parametrize("body", ["YWJj!", "YWJ", "Ä"])
def test_a_body_that_is_no_base64_is_refused(body: str) -> None:
    receiver = Recorder()
    event = lambda_event("url", Request(length=None), base64_encoded=True) | {"body": body}
    assert aws_lambda.handler(receiver)(event, None)["statusCode"] == 400
    assert receiver.bodies == []


def test_a_lone_surrogate_is_refused_as_what_it_is() -> None:
    event = lambda_event("http-2", Request(length=None)) | {"body": "<a>\ud800</a>"}
    response = aws_lambda.handler(sample_receiver())(event, None)
    reason = obgen.Refusal.ENCODING.reason
    assert (response["statusCode"], response["body"]) == (
        400,
        obgen.fault("Client", reason).decode(),
    )


def test_the_stage_is_part_of_the_path() -> None:
    receiver = Recorder()
    event = lambda_event("rest", Request(body=b"x", path="/prod/salesforce"))
    assert event["path"] == "/salesforce"
    aws_lambda.handler(receiver)(event, None)
    assert receiver.origins[0].get("path") == "/prod/salesforce"


@pytest.mark.parametrize("context", [{}, {"identity": None}])
def test_an_event_may_say_little(context: object) -> None:
    receiver = Recorder()
    event = {"httpMethod": "POST", "path": "/", "requestContext": context, "headers": None}
    aws_lambda.handler(receiver)(event, None)
    assert receiver.origins == [{"headers": {}, "path": "/", "query": "", "peer": ""}]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": []},
        {"requestContext": {}},
        {"requestContext": {"http": None}},
        {"key1": "value1"},
        {"httpMethod": "POST"},
        {"httpMethod": "POST", "requestContext": None},
        {"httpMethod": "POST", "requestContext": {}},
        {"httpMethod": "POST", "requestContext": {}, "path": "/", "headers": ["a"]},
    ],
)
def test_an_event_that_is_no_request_is_an_error(event: dict[str, object]) -> None:
    with pytest.raises(obgen.ConfigurationError, match="something else than an HTTP request"):
        aws_lambda.handler(Recorder())(event, None)


@pytest.mark.parametrize("body", [7, {"a": 1}, ["a"]])
def test_a_body_that_is_no_text_is_refused(body: object) -> None:
    receiver = Recorder()
    event: dict[str, object] = {"httpMethod": "POST", "path": "/", "requestContext": {}}
    event |= {"headers": {"a": None, "b": 7}, "body": body}
    assert aws_lambda.handler(receiver)(event, None)["statusCode"] == 400
    assert receiver.bodies == []


def test_a_load_balancer_is_no_witness_of_the_client() -> None:
    receiver = Recorder()
    headers = (("X-Forwarded-For", PEER),)
    event = lambda_event("balancer", Request(body=b"x", headers=headers))
    aws_lambda.handler(receiver)(event, None)
    assert receiver.origins[0].get("peer") == ""


def test_a_real_message_is_acknowledged(caplog: pytest.LogCaptureFixture) -> None:
    event = lambda_event("rest", Request(body=MESSAGE))
    response = aws_lambda.handler(sample_receiver())(event, object())
    assert response["body"] == obgen.ack(False).decode()
    assert "No handler for Opportunity" in caplog.text
