"""The public types as users write them: checked by mypy and pyright, never executed.

`assert_type` fails in the checker if a name's type isn't exactly that.
"""

import datetime
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, assert_type
from wsgiref.types import WSGIApplication

from django.urls import re_path
from fastapi import FastAPI
from flask import Flask
from hypothesis.strategies import SearchStrategy
from outbound.gwestr_shipment import GwestrShipment
from outbound.opportunity import Opportunity
from starlette.routing import Route

import obgen
from obgen import adapters, testing
from obgen.adapters import asgi, wsgi
from obgen.testing import strategies


def decoding(body: bytes) -> None:
    message = obgen.decode(body, Opportunity)
    assert_type(message, obgen.OutboundMessage[Opportunity])
    assert_type(message.organization_id, str)
    assert_type(message.action_id, str)
    assert_type(message.session_id, str | None)
    for notification in message.notifications:
        assert_type(notification, obgen.Notification[Opportunity])
        assert_type(notification.id, str)
        assert_type(notification.present, frozenset[str])
        assert_type(notification.unknown, Mapping[str, str])
        assert_type(notification.error, obgen.DecodeError | None)
        if notification.error is not None:
            assert_type(notification.error.path, str)
            assert_type(notification.error.value, str | None)
            assert_type(notification.error.line, int | None)
        record = notification.sobject
        assert_type(record, Opportunity | None)
        if record is not None:
            assert_type(record.id, str)
            assert_type(record.amount, float | None)
            assert_type(record.close_date, datetime.date | None)
    obgen.decode(body, Opportunity, limits=obgen.Limits(max_bytes=1024))


receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])
obgen.Receiver(organization_ids="00D000000000001EAA")
obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION, limits=obgen.Limits())
obgen.Receiver()
obgen.Receiver(origin=obgen.OriginChecks(secrets="n3w-s3cret-0f-the-endp0int"))
obgen.Receiver(
    origin=obgen.OriginChecks(
        secrets=["n3w-s3cret-0f-the-endp0int", "0ld-s3cret-0f-the-endp0int"],
        query_parameter="key",
        networks=["192.0.2.0/24", "2001:db8::/32"],
        proxies=("10.0.0.1", "unix"),
        certificate_headers={"X-Client-Verify": "SUCCESS", "X-Client-Subject": ["CN=a", "CN=b"]},
    )
)
logging.getLogger("uvicorn.access").addFilter(obgen.RedactSecrets(["0ld-s3cret-0f-the-endp0int"]))


@receiver.handles(Opportunity)
def won(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    assert_type(delivery.notification_id, str)
    assert_type(delivery.record_id, str | None)
    assert_type(delivery.object_type, str)
    assert_type(delivery.present, frozenset[str])
    assert_type(delivery.unknown, Mapping[str, str])
    assert_type(delivery.attempt, int)
    assert_type(opportunity.name, str | None)


@receiver.handles(Opportunity, action_id="04k000000000001AAA")
async def won_by_action(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    won(opportunity, delivery)


@receiver.handles_deleted(Opportunity)
def deleted(delivery: obgen.Delivery) -> None:
    assert_type(delivery.organization_id, str)


@receiver.handles_deleted(GwestrShipment)
async def shipment_deleted(delivery: obgen.Delivery) -> None:
    deleted(delivery)


def registering_without_the_decorator(
    handler: Callable[[GwestrShipment, obgen.Delivery], None],
) -> None:
    assert_type(
        receiver.handles(GwestrShipment)(handler), Callable[[GwestrShipment, obgen.Delivery], None]
    )


async def decorated_functions_keep_their_types(
    opportunity: Opportunity, delivery: obgen.Delivery
) -> None:
    won(opportunity, delivery)
    await won_by_action(opportunity, delivery)
    awaitable: Awaitable[None] = shipment_deleted(delivery)
    await awaitable


async def replying(body: bytes) -> None:
    reply = receiver.receive(body)
    assert_type(reply, obgen.Reply)
    assert_type(await receiver.receive_async(body), obgen.Reply)
    assert_type(reply.status, int)
    assert_type(reply.content_type, str)
    assert_type(reply.headers, Mapping[str, str])
    assert_type(reply.body, bytes)
    assert_type(reply.acknowledged, bool)
    assert_type(obgen.ack(True), bytes)
    assert_type(obgen.fault("Client", "Not today"), bytes)


def looking_at_fields() -> None:
    fields = obgen.wire_fields(Opportunity)
    assert_type(fields, dict[str, obgen.WireField])
    assert_type(fields["amount"].api_name, str)
    assert_type(fields["amount"].xsd_type, str)


def refusing(body: bytes) -> int:
    try:
        obgen.decode(body, Opportunity)
    except obgen.EnvelopeError as error:
        assert_type(error.status, int)
        assert_type(error.reason, str)
        assert_type(error.refusal, obgen.Refusal)
        return error.status
    except obgen.ObgenError as error:
        assert_type(error.hint, str)
        raise
    return 200


def serving() -> None:
    application: WSGIApplication = wsgi.app(receiver, body_timeout=5)
    asgi_application: asgi.Application = asgi.app(receiver, body_timeout=None)
    del application, asgi_application


async def testing_handlers(salesforce_org: testing.Organization) -> None:
    opportunity = testing.build(Opportunity, seed=1, amount=7.0)
    assert_type(opportunity, Opportunity)
    assert_type(salesforce_org.build(GwestrShipment), GwestrShipment)
    assert_type(testing.deleted(Opportunity, form="nil"), testing.Outgoing)
    unusual = testing.notification(opportunity, nil=["amount"], unknown={"New__c": "7"})
    body = testing.message(
        opportunity, unusual, testing.deleted(Opportunity), organization_id="00D000000000001"
    )
    assert_type(body, bytes)
    assert_type(salesforce_org.message(opportunity, unusual), bytes)
    assert_type(testing.post(receiver, body), obgen.Reply)
    assert_type(testing.post(wsgi.app(receiver), body, path="/outbound"), obgen.Reply)
    reply = await testing.post_async(asgi.app(receiver), body, headers={"X-Verified": "SUCCESS"})
    testing.assert_acknowledged(reply)
    assert_type(strategies.records(Opportunity), SearchStrategy[Opportunity])


def serving_in_frameworks() -> None:
    flask_app = Flask("app")
    flask_app.add_url_rule("/", view_func=adapters.flask.view(receiver), strict_slashes=False)
    re_path(r"^/?$", adapters.django.view(receiver))
    re_path(r"^/?$", adapters.django.async_view(receiver))
    endpoint = adapters.starlette.endpoint(receiver)
    Route("/", endpoint, methods=["POST"])
    FastAPI().post("/")(endpoint)
    FastAPI().add_route("/", endpoint, methods=["POST"])
    handler = adapters.aws_lambda.handler(receiver)
    assert_type(handler({"httpMethod": "POST"}, None), dict[str, Any])


def mistakes() -> None:
    """Each line is wrong, and a checker that says nothing about it fails: unused ignores do."""
    obgen.decode("text", Opportunity)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    obgen.decode(b"", str)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    Opportunity()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Opportunity("006000000000001AAA")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    receiver.receive("text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    receiver.handles(Opportunity)(deleted)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    obgen.Receiver(["00D000000000001EAA"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    obgen.OriginChecks(["192.0.2.0/24"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    obgen.OriginChecks(secrets=b"x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    testing.build(str)  # type: ignore[type-var]  # pyright: ignore[reportArgumentType]
    testing.message("text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    testing.post("app", b"")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    testing.deleted(Opportunity, form="gone")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
