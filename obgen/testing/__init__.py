"""Test handlers without a Salesforce org: make records, send them, look at the answer.

    opportunity = build(Opportunity, is_won=True)
    reply = post(receiver, message(opportunity))
    assert_acknowledged(reply)

`post` takes a Receiver, or any WSGI or ASGI application, and opens no socket. With pytest, the
fixture `salesforce_org` comes by itself; `obgen.testing.strategies` is for Hypothesis.
"""

from obgen.simulate.message import ACTION_ID, ORGANIZATION_ID, DeletedForm, Outgoing
from obgen.testing.answers import assert_acknowledged, assert_nack
from obgen.testing.posting import Application, post, post_async
from obgen.testing.writing import Organization, build, deleted, message, notification

__all__ = [
    "ACTION_ID",
    "ORGANIZATION_ID",
    "Application",
    "DeletedForm",
    "Organization",
    "Outgoing",
    "assert_acknowledged",
    "assert_nack",
    "build",
    "deleted",
    "message",
    "notification",
    "post",
    "post_async",
]
