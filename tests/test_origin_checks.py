"""What a receiver makes of a request's path, query, headers and peer before it reads the body."""

import asyncio
import logging
import pickle
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from messages import ORGANIZATION_ID, message, notification
from support_adapters import MESSAGE, Opportunity

import obgen
from obgen.adapters import asgi, wsgi
from obgen.runtime import receiver as receiver_module
from obgen.runtime.reply import refused
from obgen.testing import post

NEW = "n3w-s3cret_0f.the~endpoint"
OLD = "0ld-secret-0f-the-endp0int"
VERIFIED = {"X-Client-Verify": "SUCCESS"}
SUBJECT = "CN=proxy.example,O=Example"
BODY = message(notification())


def receiver(**settings: Any) -> obgen.Receiver:
    return obgen.Receiver(organization_ids=ORGANIZATION_ID, origin=obgen.OriginChecks(**settings))


def status(receiver: obgen.Receiver, **origin: Any) -> int:
    """Return the status that answers a good body from some origin."""
    return receiver.receive(BODY, **origin).status


# Secrets


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize(
    "path", ["/{}", "/{}/", "/salesforce/won/{}", "/salesforce/won/{}//", "{}"]
)
def test_a_secret_is_the_last_segment_of_the_path(path: str, secret: str) -> None:
    assert status(receiver(secrets=[NEW, OLD]), path=path.format(secret)) == 200


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "/",
        f"/{NEW[:-1]}",
        f"/{NEW}x",
        f"/{NEW}/x",
        f"/{NEW};x=y",
        f"/{NEW.upper()}",
        f"/ {NEW}",
        f"/{NEW}\n",
        f"/{NEW}%2F",
        f"/x{NEW}",
        f"/{OLD}",
        f"/?secret={NEW}",
        "/caf\u00e9-and-other-letters-\u0434\u043b\u0438\u043d\u043d\u044b\u0439",
        "/\udc80\ud800" + "x" * 22,
        "/" + "x" * 1_000_000,
    ],
)
def test_no_other_path_is_there(path: str | None) -> None:
    origin: dict[str, Any] = {"query": f"secret={NEW}"}
    if path is not None:
        origin["path"] = path
    assert status(receiver(secrets=[NEW]), **origin) == 404


@pytest.mark.parametrize(
    "query", ["key={}", "a=b&key={}", "key={}&a=b", "key={}&", "k%65y={}", "a&key={}&key2=x"]
)
def test_a_secret_can_be_a_parameter_of_the_query(query: str) -> None:
    checked = receiver(secrets=[NEW, OLD], query_parameter="key")
    assert status(checked, path="/", query=query.format(NEW)) == 200
    assert status(checked, path="/", query=query.format(OLD)) == 200
    assert status(checked, path="/", query=query.format(NEW).replace("~", "%7E")) == 200


@pytest.mark.parametrize(
    "query",
    [
        None,
        "",
        "key",
        "key=",
        NEW,
        f"Key={NEW}",
        f"key={NEW}x",
        f"key=+{NEW}",
        f"key={NEW}%00",
        f"key={NEW};a=b",
        f"key={NEW}&key=",
        f"key={NEW}&key={NEW}",
        f"key=x&key={NEW}",
        "key=%FF%FE",
        "key=\udc80",
        "key=" + "%C3%A9" * 22,
        "&" * 100_000,
    ],
)
def test_no_other_query_is_there(query: str | None) -> None:
    origin: dict[str, Any] = {"path": f"/{NEW}"}
    if query is not None:
        origin["query"] = query
    assert status(receiver(secrets=[NEW], query_parameter="key"), **origin) == 404


def test_secrets_from_an_environment_variable() -> None:
    checked = receiver(secrets=f"{NEW},{OLD}")
    assert [status(checked, path=f"/{s}") for s in (NEW, OLD, f"{NEW},{OLD}")] == [200, 200, 404]


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("", "has other characters than A-Z, a-z, 0-9 and -._~"),
        (b"x" * 22, "has other characters than A-Z, a-z, 0-9 and -._~"),
        (f"{NEW}/", "has other characters than A-Z, a-z, 0-9 and -._~"),
        (f"{NEW}\n", "has other characters than A-Z, a-z, 0-9 and -._~"),
        ("\u00e9" * 22, "has other characters than A-Z, a-z, 0-9 and -._~"),
        (NEW[:21], "has less than 22 characters"),
    ],
)
def test_a_secret_that_can_be_guessed_is_a_mistake(secret: str, problem: str) -> None:
    with pytest.raises(obgen.ConfigurationError) as caught:
        obgen.OriginChecks(secrets=[NEW, secret])
    assert str(caught.value) == f"secret 2 of 2 {problem}"
    assert "secrets.token_urlsafe()" in caught.value.hint
    with pytest.raises(obgen.ConfigurationError, match=problem):
        obgen.RedactSecrets([secret])


def test_a_secret_of_the_least_length() -> None:
    assert status(receiver(secrets=NEW[:22]), path=f"/{NEW[:22]}") == 200


def test_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr("obgen.runtime.origin_checks.compare_digest", compare)
    checked = receiver(secrets=[NEW, OLD])
    for path, expected in ((f"/{NEW}", 200), ("/x", 404), (f"/{OLD}", 200)):
        assert status(checked, path=path) == expected
    assert compared == [(32, 32)] * 6


# Networks


@pytest.mark.parametrize(
    "peer", ["192.0.2.7", "192.0.2.7:80", "::ffff:192.0.2.7", "2001:db8::1", "2001:db8::1%eth0"]
)
def test_a_client_of_the_networks(peer: str) -> None:
    checked = receiver(networks=["192.0.2.0/24", "2001:db8::/32"])
    assert status(checked, peer=peer) == 200


@pytest.mark.parametrize("peer", [None, "", "198.51.100.1", "2001:db9::1", "unix", "testclient"])
def test_no_other_client_may_send(peer: str | None) -> None:
    checked = receiver(networks=["192.0.2.0/24", "2001:db8::/32"])
    origin: dict[str, Any] = {"headers": {"X-Forwarded-For": "192.0.2.7"}}
    assert status(checked, **(origin if peer is None else origin | {"peer": peer})) == 403


PROXIES = ["10.0.0.0/8", "2001:db8:f::/48"]


@pytest.mark.parametrize(
    ("forwarded", "expected"),
    [
        ("192.0.2.7", 200),
        (" 192.0.2.7\t", 200),
        ("192.0.2.7:4711", 200),
        ("::ffff:192.0.2.7", 200),
        ("[::ffff:192.0.2.7]:4711", 200),
        ("192.0.2.7, 10.1.1.1", 200),
        ("192.0.2.7,2001:db8:f::1,10.1.1.1", 200),
        ("192.0.2.7, ::ffff:10.1.1.1", 200),
        ("nonsense, 192.0.2.7", 200),
        (",192.0.2.7", 200),
        ("198.51.100.1", 403),
        # What the client made up stands before what the proxy knows.
        ("192.0.2.7, 198.51.100.1", 403),
        ("192.0.2.7, 198.51.100.1, 10.1.1.1", 403),
        ("10.1.1.1, 198.51.100.1", 403),
        # A proxy that sends in its own name isn't a client.
        ("10.1.1.1", 403),
        ("10.2.2.2, 10.1.1.1", 403),
        ("", 403),
        (",", 403),
        ("192.0.2.7,", 403),
        ("192.0.2.7 10.1.1.1", 403),
        ("192.0.2.7; 10.1.1.1", 403),
        ("unknown", 403),
        ("192.0.2.7, unknown", 403),
        ("192.0.2.7, unix:", 403),
        ("for=192.0.2.7", 403),
    ],
)
def test_the_client_before_proxies(forwarded: str, expected: int) -> None:
    checked = receiver(networks=["192.0.2.0/24"], proxies=PROXIES)
    for peer in ("10.0.0.1", "::ffff:10.0.0.1", "2001:db8:f::2%eth0"):
        assert status(checked, peer=peer, headers={"x-forwarded-for": forwarded}) == expected


def test_forwarded_addresses_of_others_do_not_count() -> None:
    checked = receiver(networks=["192.0.2.0/24"], proxies=PROXIES)
    good, bad = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "198.51.100.1"}
    assert status(checked, peer="198.51.100.1", headers=good) == 403
    assert status(checked, peer="192.0.2.7", headers=bad) == 200
    assert status(checked, peer="10.0.0.1") == 403


def test_a_proxy_may_be_a_client_if_it_is_in_the_networks() -> None:
    checked = receiver(networks=["10.0.0.0/8"], proxies=["10.0.0.1", "10.0.0.2"])
    assert status(checked, peer="10.0.0.1") == 200
    assert status(checked, peer="10.0.0.1", headers={"X-Forwarded-For": "10.0.0.2"}) == 200
    assert status(checked, peer="10.0.0.1", headers={"X-Forwarded-For": "192.0.2.7"}) == 403


@pytest.mark.parametrize(("proxies", "expected"), [("unix", 200), ("10.0.0.1", 403)])
def test_a_proxy_behind_a_unix_socket(proxies: str, expected: int) -> None:
    checked = receiver(networks=["192.0.2.0/24"], proxies=proxies)
    assert status(checked, peer="", headers={"X-Forwarded-For": "192.0.2.7"}) == expected
    assert status(checked, peer="") == 403


# Certificates


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-CLIENT-VERIFY": "SUCCESS", "x-client-subject": SUBJECT}, 200),
        ({"X-Client-Verify": "SUCCESS", "X-Client-Subject": "CN=other"}, 200),
        ({"X-Client-Verify": "SUCCESS", "X-Client-Subject": "CN=third"}, 403),
        ({"X-Client-Verify": "NONE", "X-Client-Subject": SUBJECT}, 403),
        ({"X-Client-Verify": "FAILED:expired", "X-Client-Subject": SUBJECT}, 403),
        ({"X-Client-Verify": "success", "X-Client-Subject": SUBJECT}, 403),
        ({"X-Client-Verify": "", "X-Client-Subject": SUBJECT}, 403),
        ({"X-Client-Verify": "SUCCESS"}, 403),
        ({"X-Client-Subject": SUBJECT}, 403),
        ({}, 403),
        (None, 403),
    ],
)
def test_a_client_certificate(headers: dict[str, str] | None, expected: int) -> None:
    checked = receiver(
        proxies=["10.0.0.1", "unix"],
        certificate_headers=VERIFIED | {"X-Client-Subject": [SUBJECT, "CN=other"]},
    )
    origin: dict[str, Any] = {} if headers is None else {"headers": headers}
    assert status(checked, peer="10.0.0.1", **origin) == expected
    assert status(checked, **origin) == expected
    for stranger in ("10.0.0.2", "::ffff:10.0.0.2", "nonsense"):
        assert status(checked, peer=stranger, **origin) == 403


def test_a_proxy_is_the_peer_and_nobody_before_it() -> None:
    checked = receiver(proxies="10.0.0.1", certificate_headers=VERIFIED)
    forwarded = VERIFIED | {"X-Forwarded-For": "10.0.0.1"}
    assert status(checked, peer="192.0.2.7", headers=forwarded) == 403


# All together


def test_each_check_counts() -> None:
    checked = receiver(
        secrets=[NEW], networks="192.0.2.0/24", proxies="10.0.0.1", certificate_headers=VERIFIED
    )
    good: dict[str, Any] = {
        "path": f"/{NEW}",
        "peer": "10.0.0.1",
        "headers": VERIFIED | {"X-Forwarded-For": "192.0.2.7"},
    }
    assert status(checked, **good) == 200
    assert status(checked, **good | {"headers": VERIFIED}) == 403
    assert status(checked, **good | {"headers": {"X-Forwarded-For": "192.0.2.7"}}) == 403
    # Without the secret it looks as if there were nothing, whatever else is wrong.
    assert status(checked, path="/", peer="nonsense") == 404
    assert status(checked) == 404


def test_the_organization_is_checked_all_the_same() -> None:
    checked = obgen.Receiver(
        organization_ids="00D000000000009EAA", origin=obgen.OriginChecks(secrets=NEW)
    )
    assert status(checked, path=f"/{NEW}") == 403
    assert checked.receive(BODY, path="/") == refused(obgen.Refusal.NOT_FOUND)


def test_nothing_of_a_refused_body_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(receiver_module, "read_envelope", fail)
    assert status(receiver(secrets=NEW)) == 404
    assert status(receiver(networks="192.0.2.1")) == 403


async def receive_async(checked: obgen.Receiver, body: bytes, path: str) -> obgen.Reply:
    return await checked.receive_async(body, path=path)


@pytest.mark.parametrize("size", [0, 2**20])
def test_async_receivers_check_too(size: int) -> None:
    body = BODY + b" " * size
    checked = receiver(secrets=NEW)
    assert asyncio.run(receive_async(checked, body, f"/{NEW}")).acknowledged
    assert asyncio.run(receive_async(checked, body, "/")).status == 404


@pytest.mark.parametrize("adapter", [wsgi.app, asgi.app])
def test_adapters_tell_what_the_checks_need(adapter: Any) -> None:
    checked = receiver(
        secrets=NEW, networks="192.0.2.0/24", proxies="10.0.0.1", certificate_headers=VERIFIED
    )
    checked.handles(Opportunity)(lambda _, __: None)
    headers = VERIFIED | {"X-Forwarded-For": "192.0.2.7"}
    app = adapter(checked)
    assert post(app, MESSAGE, path=f"/{NEW}", peer="10.0.0.1", headers=headers).acknowledged
    assert post(app, MESSAGE, path="/", peer="10.0.0.1", headers=headers).status == 404
    assert post(app, MESSAGE, path=f"/{NEW}", peer="10.0.0.2", headers=headers).status == 403
    by_query = receiver(secrets=NEW, query_parameter="key")
    by_query.handles(Opportunity)(lambda _, __: None)
    assert post(adapter(by_query), MESSAGE, query=f"key={NEW}").acknowledged
    assert post(adapter(by_query), MESSAGE, query="key=x").status == 404


# What is logged


def line(
    caplog: pytest.LogCaptureFixture, checked: obgen.Receiver, **origin: Any
) -> tuple[str, str]:
    """Return the one line that a refusal logs, with its level."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        assert status(checked, **origin) in (403, 404)
    (record,) = caplog.records
    return record.levelname, record.getMessage()


@pytest.mark.parametrize(
    ("settings", "origin", "text"),
    [
        (
            {"secrets": NEW},
            {"path": f"/{OLD}", "peer": "192.0.2.1"},
            "Refused a message from 192.0.2.1: the last segment of the path is none of the secrets",
        ),
        (
            {"secrets": NEW, "query_parameter": "key"},
            {"query": f"KEY={NEW}"},
            "Refused a message: the query parameter key is missing",
        ),
        (
            {"secrets": NEW, "query_parameter": "key"},
            {"query": f"key={NEW}&key={NEW}"},
            "Refused a message: the query parameter key is there more than once",
        ),
        (
            {"secrets": NEW, "query_parameter": "key"},
            {"query": f"key={OLD}"},
            "Refused a message: the query parameter key is none of the secrets",
        ),
        (
            {"networks": "192.0.2.1"},
            {"peer": "192.0.2.2"},
            "Refused a message from 192.0.2.2: the client 192.0.2.2 is in none of the networks; if "
            "it is a proxy of yours, add it to proxies",
        ),
        (
            {"networks": "192.0.2.1", "proxies": "10.0.0.1"},
            {"peer": "10.0.0.1", "headers": {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}},
            "Refused a message from 10.0.0.1: the client 192.0.2.2 is in none of the networks; if "
            "it is a proxy of yours, add it to proxies",
        ),
        (
            {"networks": "192.0.2.1"},
            {},
            "Refused a message: the client without an address is in none of the networks; if it "
            "is a proxy of yours, add it to proxies",
        ),
        (
            {"networks": "192.0.2.1", "proxies": "10.0.0.1"},
            {"peer": "10.0.0.1", "headers": {"X-Forwarded-For": "n0nsense"}},
            "Refused a message from 10.0.0.1: X-Forwarded-For holds something else than addresses",
        ),
        (
            {"networks": "192.0.2.1"},
            {"peer": "a\nb"},
            "Refused a message from 'a\\nb': the address of the peer can't be read",
        ),
        (
            {"certificate_headers": VERIFIED, "proxies": "10.0.0.1"},
            {"peer": "10.0.0.2", "headers": VERIFIED},
            "Refused a message from 10.0.0.2: certificate headers count only from proxies, and "
            "the peer 10.0.0.2 is none",
        ),
        (
            {"certificate_headers": VERIFIED, "proxies": "10.0.0.1"},
            {"headers": VERIFIED},
            "Refused a message: certificate headers count only from proxies, and the peer without "
            "an address is none",
        ),
        (
            {"certificate_headers": VERIFIED, "proxies": "10.0.0.1"},
            {"peer": "10.0.0.1"},
            "Refused a message from 10.0.0.1: the header x-client-verify is missing",
        ),
        (
            {"certificate_headers": VERIFIED, "proxies": "10.0.0.1"},
            {"peer": "10.0.0.1", "headers": VERIFIED | {"x-client-verify": "NONE"}},
            "Refused a message from 10.0.0.1: the header x-client-verify is there more than once",
        ),
        (
            {"certificate_headers": VERIFIED, "proxies": "10.0.0.1"},
            {"peer": "10.0.0.1", "headers": {"X-Client-Verify": "FAILED:\n\u00e9" + "x" * 999}},
            "Refused a message from 10.0.0.1: the header x-client-verify is "
            f"'FAILED:\\n\\xe9{'x' * 111}', which is not accepted",
        ),
    ],
)
def test_a_refusal_is_logged_once_with_its_check(
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, Any],
    origin: dict[str, Any],
    text: str,
) -> None:
    assert line(caplog, receiver(**settings), **origin) == ("WARNING", text)


@pytest.mark.parametrize("path", ["/{}x", "/x/{}/y", "/%s{}"])
def test_no_secret_is_shown(caplog: pytest.LogCaptureFixture, path: str) -> None:
    checks = obgen.OriginChecks(secrets=[NEW, OLD])
    _, text = line(caplog, receiver(secrets=[NEW, OLD]), path=path.format(NEW), query=NEW)
    everything = f"{text} {checks!r} {vars(checks)!r} {pickle.dumps(checks)!r}"
    with pytest.raises(obgen.EnvelopeError) as caught:
        checks.check({"path": path.format(NEW)})
    everything += f"{caught.value!r} {vars(caught.value)} {caught.value.__cause__}"
    assert not [part for part in (NEW, OLD) if part in everything]


def test_repr() -> None:
    checks = obgen.OriginChecks(
        secrets=[NEW, OLD],
        networks="192.0.2.0/24",
        proxies=["10.0.0.1", "unix"],
        certificate_headers=VERIFIED,
    )
    assert repr(checks) == (
        "<OriginChecks of secrets: 2, networks: 1, proxies: 2, certificate headers: 1>"
    )
    assert repr(obgen.OriginChecks(secrets=NEW)) == "<OriginChecks of secrets: 1>"
    assert repr(obgen.RedactSecrets([NEW, OLD])) == "<RedactSecrets: 2>"


# Mistakes


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "OriginChecks without secrets, networks or certificate_headers checks nothing"),
        (
            {"proxies": "10.0.0.1"},
            "OriginChecks without secrets, networks or certificate_headers checks nothing",
        ),
        ({"networks": "10.0.0.1", "query_parameter": "x"}, "query_parameter goes with secrets"),
        ({"certificate_headers": VERIFIED}, "certificate_headers goes with proxies"),
        # Such as what os.environ.get("…", "") finds: no variable must not mean no check.
        ({"secrets": ""}, "secrets is empty"),
        ({"secrets": []}, "secrets is empty"),
        ({"networks": ""}, "networks is empty"),
        ({"networks": "10.0.0.1", "proxies": ""}, "proxies is empty"),
        ({"certificate_headers": {}, "proxies": "10.0.0.1"}, "certificate_headers is empty"),
        ({"secrets": NEW, "query_parameter": ""}, "'' can't be a query_parameter"),
        ({"secrets": NEW, "query_parameter": "a=b"}, "'a=b' can't be a query_parameter"),
    ],
)
def test_settings_that_go_against_each_other(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(obgen.ConfigurationError) as caught:
        obgen.OriginChecks(**settings)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Client_Verify": "SUCCESS"},
        {"x-client-verify": "SUCCESS"},
        {"X-Client-Verify:": "SUCCESS"},
        {"": "SUCCESS"},
        {"X-Client-Verify": ""},
        {"X-Client-Verify": []},
        {"X-Client-Verify": ["SUCCESS", ""]},
    ],
)
def test_certificate_headers_that_can_never_come(headers: Mapping[str, Sequence[str]]) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^certificate_headers: .* can't be used$"):
        obgen.OriginChecks(proxies="10.0.0.1", certificate_headers=VERIFIED | dict(headers))
