"""Hold our decoding against xsdata's own parser, on classes that xsdata made of the same WSDL.

Field for field the two agree on whatever Salesforce can send. Where they differ, xsdata loses
data without a word, and a test below says so.
"""

import base64
import dataclasses
import datetime
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import messages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outbound.every_type import EveryType
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.models.datatype import XmlDate, XmlDateTime, XmlTime

import obgen

WSDL = Path(__file__).parent.parent / "samples" / "wsdl" / "every_type.wsdl"
OBJECT = "Every_Type__c"

# What XML 1.0 can hold, less the carriage return: a parser must turn that into a line feed, and
# less what is nothing but white space, which xsdata strips from strings.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t<>&'\""),
    min_size=1,
    max_size=60,
).filter(lambda text: text.strip())
OFFSETS = st.sampled_from(["Z", "+00:00", "-05:30", "+14:00"])


def _clock(value: datetime.time) -> str:
    return value.isoformat("milliseconds")


VALUES: dict[str, st.SearchStrategy[str]] = {
    "string": TEXTS,
    "anyType": TEXTS,
    "ID": st.from_regex(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", fullmatch=True),
    "boolean": st.sampled_from(["true", "false", "1", "0"]),
    "int": st.integers(-(2**31), 2**31 - 1).map(str),
    "double": st.floats(allow_nan=False).map(lambda x: str(x).replace("inf", "INF"))
    | st.sampled_from(["1.2E7", "120000.0", "-0.5e-3", ".5", "7."]),
    "date": st.dates().map(str),
    "dateTime": st.builds(
        "{:%Y-%m-%d}T{}{}".format,
        st.dates(datetime.date(1000, 1, 2), datetime.date(9999, 12, 30)),
        st.times().map(_clock),
        OFFSETS,
    ),
    "time": st.builds("{}{}".format, st.times().map(_clock), st.just("") | OFFSETS),
    "base64Binary": st.binary(min_size=1, max_size=40).map(lambda x: base64.b64encode(x).decode()),
}


@st.composite
def records(draw: st.DrawFn) -> dict[str, str]:
    """Draw the fields of a record: any of them, each with a text of its type."""
    fields = {f.api_name: VALUES[f.xsd_type] for f in obgen.wire_fields(EveryType).values()}
    drawn = draw(st.fixed_dictionaries({"Id": fields.pop("Id")}, optional=fields))
    return dict(draw(st.permutations(list(drawn.items()))))


def message(*drawn: dict[str, str]) -> bytes:
    """Return a message with a notification for each record."""
    return messages.message(
        *[
            messages.notification(
                messages.sobject(
                    *[messages.field(name, text) for name, text in fields.items()],
                    attributes=messages.typed(OBJECT),
                ),
                notification_id=messages.numbered(number),
            )
            for number, fields in enumerate(drawn)
        ]
    )


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Generate xsdata's classes and import them."""
    directory = tmp_path_factory.mktemp("xsdata")
    subprocess.run(
        [sys.executable, "-m", "xsdata", "generate", str(WSDL), "--package", "xsdata_classes"],
        cwd=directory,
        check=True,
        capture_output=True,
        timeout=60,
        env={"PATH": str(Path(sys.executable).parent)},
    )
    sys.path.insert(0, str(directory))
    try:
        yield importlib.import_module("xsdata_classes")
    finally:
        sys.path.remove(str(directory))


def parse_with_xsdata(generated: Any, body: bytes) -> Any:
    """Return xsdata's `notifications`."""
    envelope = XmlParser().from_bytes(body, generated.NotificationPortNotificationsInput)
    return envelope.body.notifications


def comparable(value: object) -> object:
    """Return a value of xsdata's as ours would be: dates mapped, moments in UTC."""
    if isinstance(value, XmlDateTime):
        return value.to_datetime().astimezone(datetime.UTC)
    if isinstance(value, XmlDate):
        return value.to_date()
    if isinstance(value, XmlTime):
        return value.to_time()
    return value


def fields_by_api_name(record: Any) -> dict[str, object]:
    """Return {API name: value} of one of xsdata's records."""
    return {
        field.metadata["name"]: comparable(getattr(record, field.name))
        for field in dataclasses.fields(record)
        if field.metadata["name"] != "fieldsToNull"
    }


@settings(max_examples=300)
@given(drawn=st.lists(records(), min_size=1, max_size=4))
def test_every_field_has_the_value_that_xsdata_reads(
    generated: Any, drawn: list[dict[str, str]]
) -> None:
    body = message(*drawn)
    theirs = parse_with_xsdata(generated, body)
    ours = obgen.decode(body, EveryType)
    assert ours.organization_id == theirs.organization_id
    assert ours.action_id == theirs.action_id
    assert ours.enterprise_url == theirs.enterprise_url
    assert ours.partner_url == theirs.partner_url
    assert len(ours.notifications) == len(theirs.notification) == len(drawn)
    for our, their in zip(ours.notifications, theirs.notification, strict=True):
        assert our.error is None
        assert our.id == their.id
        values = {
            field.api_name: getattr(our.sobject, name)
            for name, field in obgen.wire_fields(EveryType).items()
        }
        assert values == fields_by_api_name(their.s_object)


TEN = message(*[{"Id": messages.RECORD_ID}] * 10)


@pytest.mark.parametrize("kept", [2, 5, 9])
def test_xsdata_takes_a_truncated_body_for_a_smaller_message(generated: Any, kept: int) -> None:
    end = b"</Notification>"
    body = end.join(TEN.split(end)[:kept]) + end
    assert len(parse_with_xsdata(generated, body).notification) == kept
    with pytest.raises(obgen.EnvelopeError):
        obgen.decode(body, EveryType)


def test_xsdata_keeps_a_bad_double_as_text(generated: Any) -> None:
    body = message({"Id": messages.RECORD_ID, "Double__c": "much"})
    with pytest.warns(match="much"):
        theirs = parse_with_xsdata(generated, body)
    assert theirs.notification[0].s_object.double_c == "much"
    (ours,) = obgen.decode(body, EveryType).notifications
    assert ours.error is not None
    assert ours.error.value == "much"


def test_xsdata_takes_one_object_for_another(generated: Any) -> None:
    body = TEN.replace(b"sf:Every_Type__c", b"sf:Lead")
    theirs = parse_with_xsdata(generated, body)
    assert isinstance(theirs.notification[0].s_object, generated.EveryTypeC)
    assert all(n.error for n in obgen.decode(body, EveryType).notifications)


def test_xsdata_fails_the_whole_batch_for_one_deleted_record(generated: Any) -> None:
    body = messages.message(
        messages.notification(notification_id=messages.numbered(1)),
        messages.notification(
            messages.sobject(messages.ID, attributes=messages.typed(OBJECT)),
            notification_id=messages.numbered(2),
        ),
    )
    with pytest.raises(TypeError):
        parse_with_xsdata(generated, body)
    deleted, live = obgen.decode(body, EveryType).notifications
    assert deleted.sobject is None
    assert live.sobject is not None
