"""The names of `obgen` that users rely on: what there is, how it loads, and how it is called."""

import inspect
import pickle
import subprocess
import sys
import types
from collections.abc import Callable

import pytest
from records import Contact, Opportunity

import obgen
from obgen import testing
from obgen.errors import InputError, ObgenError, OutputError, WsdlError
from obgen.testing import strategies


@pytest.mark.parametrize("name", obgen.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(obgen, name) is not None
    assert name in dir(obgen)


def test_the_list_of_public_names_is_sorted_and_without_twins() -> None:
    assert list(obgen.__all__) == sorted(set(obgen.__all__))


def test_the_names_of_the_design_are_public() -> None:
    designed = (
        "decode Receiver ANY_ORGANIZATION Delivery Notification OutboundMessage Reply ack fault"
    )
    designed += " wire_fields WireField WireTable Limits DecodeError EnvelopeError"
    assert set(designed.split()) <= set(obgen.__all__)


def test_star_import_gets_all_of_them() -> None:
    names: dict[str, object] = {}
    exec("from obgen import *", names)  # noqa: S102 - what a user may write, only not in here
    assert set(obgen.__all__) <= set(names)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'obgen' has no attribute 'recieve'$"):
        getattr(obgen, "recieve")  # noqa: B009 - type checkers know that it isn't there
    assert not hasattr(obgen, "runtime_")


@pytest.mark.parametrize(
    "statement",
    [
        "import obgen; obgen.adapters.wsgi.app; obgen.adapters.asgi.app; obgen.adapters.flask.view",
        "import obgen; assert obgen.Receiver is obgen.Receiver; from obgen import Receiver",
        "import obgen; assert not vars(obgen).get('ack'); obgen.ack; vars(obgen)['ack']",
        "from obgen import *; Receiver; decode; __version__",
        "import obgen.runtime.decode, obgen; assert callable(obgen.decode)",
        (
            "import obgen, threading\n"
            "ts = [threading.Thread(target=dir(obgen).sort) for _ in 'ab']\n"
            "[x.start() for x in ts]; [x.join() for x in ts]; obgen.Receiver"
        ),
    ],
)
def test_names_load_when_they_are_used(statement: str) -> None:
    subprocess.run([sys.executable, "-c", statement], check=True)


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (obgen.decode, "(body, record, *, limits=None)"),
        (obgen.Receiver, "(*, organization_ids=None, limits=None, origin=None)"),
        (
            obgen.OriginChecks,
            "(*, secrets=None, query_parameter=None, networks=None, proxies=None,"
            " certificate_headers=None)",
        ),
        (obgen.RedactSecrets, "(secrets)"),
        (obgen.Receiver.handles, "(self, record, *, action_id=None)"),
        (obgen.Receiver.handles_deleted, "(self, record, *, action_id=None)"),
        (obgen.Receiver.receive, "(self, body, **origin)"),
        (obgen.Receiver.receive_async, "(self, body, **origin)"),
        (obgen.ack, "(value, /)"),
        (obgen.fault, "(code, reason)"),
        (obgen.wire_fields, "(record)"),
        (testing.build, "(record, /, *, seed=0, **fields)"),
        (testing.deleted, "(record, /, *, notification_id='', form='absent')"),
        (testing.notification, "(record, /, *, notification_id='', nil=(), unknown=None)"),
        (testing.post, "(app, body, **origin)"),
        (testing.post_async, "(app, body, **origin)"),
        (testing.assert_acknowledged, "(reply)"),
        (testing.assert_nack, "(reply)"),
        (testing.Organization.build, "(self, record, /, **fields)"),
        (testing.Organization.message, "(self, *records)"),
        (strategies.records, "(record, /, **fields)"),
    ],
)
def test_signatures(function: Callable[..., object], signature: str) -> None:
    found = inspect.signature(function)
    bare = [part.replace(annotation=inspect.Parameter.empty) for part in found.parameters.values()]
    assert str(inspect.Signature(bare)) == signature


@pytest.mark.parametrize("name", testing.__all__)
def test_every_public_name_of_testing_is_there(name: str) -> None:
    assert getattr(testing, name)


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module in (obgen, testing) for name in module.__all__ if name[0] != "_"],
)
def test_every_public_name_says_what_it_is(module: types.ModuleType, name: str) -> None:
    value = getattr(module, name)
    if isinstance(value, type | types.FunctionType):
        assert value.__doc__


def test_wire_fields_are_those_of_the_wsdl_in_its_order() -> None:
    fields = obgen.wire_fields(Opportunity)
    assert list(fields)[:3] == ["id", "account_id", "amount"]
    assert fields["stage_count__c"] == obgen.WireField(api_name="Stage_Count__c", xsd_type="int")
    assert fields["id"] == ("Id", "ID")
    fields.clear()
    assert obgen.wire_fields(Opportunity)
    assert repr(Contact.__obgen__) == "WireTable('Contact', 2 fields)"


class Plain:
    """No record."""


class Wrong:
    """Something else has taken the name."""

    __obgen__ = "mine"


@pytest.mark.parametrize("record", [Plain, Wrong, int, None, "Opportunity", Contact(id="x")])
def test_wire_fields_of_something_else(record: type[Opportunity]) -> None:
    with pytest.raises(obgen.ConfigurationError, match=r" has no wire table$") as caught:
        obgen.wire_fields(record)
    assert caught.value.hint == "Pass a class that `obgen generate` wrote."


# errors

ERRORS = [
    ObgenError("what", hint="do"),
    obgen.ConfigurationError("what", hint="do"),
    obgen.RunningLoopError("what"),
    InputError("what", path="a.wsdl", line=3, column=4, hint="do"),
    WsdlError("what", path="a.wsdl"),
    OutputError("what"),
    obgen.EnvelopeError(obgen.Refusal.BAD_ID, path="notifications/OrganizationId", line=2),
    obgen.EnvelopeError(obgen.Refusal.TOO_COMPLEX, "over max_depth=64"),
    obgen.DecodeError("not a double", path="notifications", value="secret", line=7),
    obgen.DecodeError("not a double", path="notifications"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_survive_pickling(error: ObgenError, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(error, protocol))
    assert type(again) is type(error)
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ERRORS[0], "what"),
        (ERRORS[3], "a.wsdl:3:4: what"),
        (ERRORS[4], "a.wsdl: what"),
        (
            ERRORS[6],
            "An id in the message is not a Salesforce id (notifications/OrganizationId, line 2)",
        ),
        (ERRORS[7], "over max_depth=64"),
        (ERRORS[8], "not a double (notifications, line 7)"),
        (ERRORS[9], "not a double (notifications)"),
    ],
)
def test_errors_say_what_and_where(error: ObgenError, text: str) -> None:
    assert str(error) == text


def test_an_error_shows_no_value() -> None:
    error = obgen.DecodeError("not a double", path="p", value="secret", line=7)
    assert error.value == "secret"
    assert "secret" not in f"{error!r} {error!s} {error.args}"


def test_errors_are_what_python_programmers_catch() -> None:
    assert issubclass(obgen.ConfigurationError, ValueError)
    assert issubclass(obgen.RunningLoopError, RuntimeError)
    assert all(isinstance(error, obgen.ObgenError) for error in ERRORS)
    assert {error.exit_code for error in ERRORS} == {2}


def test_an_envelope_error_says_how_to_answer() -> None:
    error = obgen.EnvelopeError(obgen.Refusal.TOO_LARGE, "over max_bytes=10")
    assert (error.refusal, error.status, error.fault_code) == (
        obgen.Refusal.TOO_LARGE,
        413,
        "Client",
    )
    assert error.reason == "The body is larger than this receiver accepts"
