"""How values are written: as in real messages, and so that they are read as the same values."""

import datetime
import decimal
import re
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obgen.runtime import values
from obgen.simulate.lexical import escape, write_value

HOUR = datetime.timedelta(hours=1)


def zone(hours: float) -> datetime.timezone:
    return datetime.timezone(hours * HOUR)


@pytest.mark.parametrize(
    ("xsd_type", "value", "text"),
    [
        ("string", "a < b", "a < b"),
        ("ID", "006000000000001AAA", "006000000000001AAA"),
        ("anyType", "7", "7"),
        ("boolean", False, "false"),
        ("boolean", True, "true"),
        ("int", -(2**31), "-2147483648"),
        ("date", datetime.date(1, 1, 1), "0001-01-01"),
        (
            "dateTime",
            datetime.datetime(2017, 11, 3, 17, 24, 20, tzinfo=UTC),
            "2017-11-03T17:24:20.000Z",
        ),
        (
            "dateTime",
            datetime.datetime(2017, 11, 3, 17, 24, 20, 999_999, tzinfo=zone(-7)),
            "2017-11-04T00:24:20.999Z",
        ),
        ("time", datetime.time(9, 30, tzinfo=UTC), "09:30:00.000Z"),
        ("time", datetime.time(9, 30), "09:30:00.000"),
        ("time", datetime.time(9, 30, tzinfo=zone(5.5)), "09:30:00.000+05:30"),
        ("time", datetime.time(9, 30, tzinfo=zone(-3.5)), "09:30:00.000-03:30"),
        ("base64Binary", b"\x00", "AA=="),
        ("double", 120000.0, "120000.0"),
        ("double", 12_000_000.0, "1.2E7"),
        ("double", 9_999_999.5, "9999999.5"),
        ("double", 10_000_000.0, "1.0E7"),
        ("double", 123456789.25, "1.2345678925E8"),
        ("double", 0.001, "0.001"),
        ("double", 0.0012, "0.0012"),
        ("double", 0.25, "0.25"),
        ("double", 0.000999, "9.99E-4"),
        ("double", 0.0, "0.0"),
        ("double", -0.0, "-0.0"),
        ("double", -1.5, "-1.5"),
        ("double", 1e300, "1.0E300"),
        ("double", 5e-324, "5.0E-324"),
        ("double", float("inf"), "INF"),
        ("double", float("-inf"), "-INF"),
        ("double", float("nan"), "NaN"),
        ("double", 40, "40.0"),
        ("double", Decimal("120000.00"), "120000.0"),
        ("double", Decimal("1E+3"), "1000.0"),
        ("double", Decimal("0E-9"), "0.0"),
        ("double", Decimal("12345678901234567.89"), "1.234567890123456789E16"),
    ],
)
def test_values_are_written_as_salesforce_does(xsd_type: str, value: object, text: str) -> None:
    assert write_value(value, xsd_type) == text


@pytest.mark.parametrize(
    ("xsd_type", "value", "reason"),
    [
        ("string", 7, "it takes a str, not int"),
        ("boolean", 1, "it takes a bool, not int"),
        ("int", True, "it takes an int, not bool"),
        ("int", 7.0, "it takes an int, not float"),
        ("int", 2**31, "not an int of 32 bits"),
        ("double", "7", "it takes a float or a Decimal, not str"),
        ("double", True, "it takes a float or a Decimal, not bool"),
        ("date", "2017-04-03", "it takes a datetime.date, not str"),
        (
            "date",
            datetime.datetime(2017, 4, 3, tzinfo=UTC),
            "it takes a datetime.date, not datetime",
        ),
        ("dateTime", datetime.date(2017, 4, 3), "it takes a datetime.datetime, not date"),
        (
            "dateTime",
            datetime.datetime(2017, 4, 3),  # noqa: DTZ001 - that is what is refused
            "a datetime without a time zone; Salesforce's are UTC",
        ),
        (
            "dateTime",
            datetime.datetime(1, 1, 1, tzinfo=zone(2)),
            "a moment that has no year in UTC",
        ),
        ("time", "09:30", "it takes a datetime.time, not str"),
        ("time", datetime.time(9, tzinfo=zone(15)), "a time whose offset XML Schema doesn't have"),
        (
            "time",
            datetime.time(9, tzinfo=datetime.timezone(datetime.timedelta(seconds=30))),
            "a time whose offset XML Schema doesn't have",
        ),
        ("base64Binary", "text", "it takes bytes, not str"),
    ],
)
def test_what_cannot_be_sent_is_refused(xsd_type: str, value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        write_value(value, xsd_type)


def test_text_is_escaped_as_salesforce_does() -> None:
    assert escape('<a href="x?a=1&amp;b=2">O\'Brien</a>\r\n') == (
        "&lt;a href=&quot;x?a=1&amp;amp;b=2&quot;&gt;O'Brien&lt;/a&gt;&#13;\n"
    )


@pytest.mark.parametrize("character", ["\0", "\x1b", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match=r"^XML can't hold control characters or lone surrogates$"):
        escape(f"a{character}b")


def in_zone(clock: datetime.time, zone: datetime.tzinfo | None) -> datetime.time:
    return clock.replace(tzinfo=zone)


# What is written is read again. Far more than Salesforce can send: whatever the types can hold.
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=clock.microsecond // 1000 * 1000))
ZONES = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: zone(minutes / 60))
EVERYTHING: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(),
    "ID": st.text(),
    "anyType": st.text(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "double": st.floats(allow_nan=False),
    "date": st.dates(),
    "dateTime": st.builds(
        datetime.datetime.combine, st.dates(datetime.date(1, 1, 2)), CLOCKS, st.just(UTC)
    ),
    "time": st.builds(in_zone, CLOCKS, ZONES),
    "base64Binary": st.binary(min_size=1),
}


def test_every_type_that_is_read_is_written() -> None:
    assert EVERYTHING.keys() == values.CONVERTERS.keys()


@pytest.mark.parametrize("xsd_type", EVERYTHING)
def test_what_is_written_is_read_as_the_same_value(xsd_type: str) -> None:
    read = values.CONVERTERS[xsd_type] or str

    @given(EVERYTHING[xsd_type])
    def check(value: object) -> None:
        again = read(write_value(value, xsd_type))
        assert again == value
        assert type(again) is type(value)

    check()


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_keeps_every_digit(value: decimal.Decimal) -> None:
    assert values.decimal_double(write_value(value, "double")) == value
