"""Values against the lexical rules of XML Schema, each written down here a second time."""

import base64
import datetime
import decimal
import math
import re
from collections.abc import Callable
from datetime import UTC, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obgen.runtime import values

SPACE = st.text(" \t\r\n", max_size=3)
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r\x85"), max_size=40
)
DIGITS = st.text("0123456789", min_size=1, max_size=25)
SIGN = st.sampled_from(["", "+", "-"])

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?|[+-]?INF|NaN")
ZONE = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
YEAR = r"-?([1-9][0-9]{3,}|0[0-9]{3})"
DAY = YEAR + r"-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
CLOCK = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
LEXICAL = {
    "boolean": re.compile(r"true|false|1|0"),
    "int": re.compile(r"[+-]?[0-9]+"),
    "double": NUMBER,
    "date": re.compile(DAY + ZONE),
    "dateTime": re.compile(f"{DAY}T{CLOCK}{ZONE}"),
    "time": re.compile(CLOCK + ZONE),
    "base64Binary": re.compile(
        r"((([A-Za-z0-9+/] ?){4})*(([A-Za-z0-9+/] ?){3}[A-Za-z0-9+/]"
        r"|([A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?=|[A-Za-z0-9+/] ?[AQgw] ?= ?=))?"
    ),
}
"""The patterns of https://www.w3.org/TR/xmlschema11-2/, for text whose white space is collapsed."""
CONVERTERS = {name: convert for name, convert in values.CONVERTERS.items() if convert}


def numbers() -> st.SearchStrategy[str]:
    """Return texts of finite numbers, in every form that XML Schema allows."""
    mantissa = st.one_of(
        DIGITS,
        st.builds("{}.{}".format, DIGITS, DIGITS),
        st.builds("{}.".format, DIGITS),
        st.builds(".{}".format, DIGITS),
    )
    exponent = st.one_of(
        st.just(""),
        st.builds("{}{}{}".format, st.sampled_from("eE"), SIGN, st.integers(0, 400)),
    )
    return st.builds("{}{}{}".format, SIGN, mantissa, exponent)


def zones() -> st.SearchStrategy[tuple[str, timezone | None]]:
    """Return texts of offsets with what they mean; "" is none."""

    def offset(sign: str, minutes: int) -> tuple[str, timezone]:
        text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
        return text, timezone(timedelta(minutes=int(f"{sign}{minutes}")))

    return st.one_of(
        st.just(("", None)),
        st.just(("Z", UTC)),
        st.builds(offset, st.sampled_from("+-"), st.integers(0, 14 * 60)),
    )


def clocks() -> st.SearchStrategy[tuple[str, datetime.time]]:
    """Return texts of times of day with what they mean; what is below microseconds is cut."""

    def clock(moment: datetime.time, part: str) -> tuple[str, datetime.time]:
        text = moment.strftime("%H:%M:%S") + (f".{part}" if part else "")
        micro = int(Fraction(int(part or "0") * 1_000_000, 10 ** len(part)))
        return text, moment.replace(microsecond=micro)

    whole = st.times().map(lambda moment: moment.replace(microsecond=0))
    return st.builds(clock, whole, st.text("0123456789", max_size=12))


@pytest.mark.parametrize("xsd_type", CONVERTERS)
@given(text=XML_TEXT)
def test_other_text_is_refused(xsd_type: str, text: str) -> None:
    try:
        CONVERTERS[xsd_type](text)
    except ValueError:
        return
    assert LEXICAL[xsd_type].fullmatch(" ".join(text.strip(" \t\r\n").split())), text


@pytest.mark.parametrize("xsd_type", CONVERTERS)
@given(data=st.data())
def test_nearly_right_text_is_right_or_refused(xsd_type: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(LEXICAL[xsd_type], fullmatch=True))
    at = data.draw(st.integers(0, len(text)))
    wrong = data.draw(st.sampled_from([*"0123456789+-.:TZeE_ ,=", "INF", "٣", "²"]))
    text = text[:at] + wrong + text[at + data.draw(st.integers(0, 1)) :]
    try:
        CONVERTERS[xsd_type](text)
    except ValueError:
        return
    assert LEXICAL[xsd_type].fullmatch(" ".join(text.strip(" \t\r\n").split())), text


@pytest.mark.parametrize("convert", [*CONVERTERS.values(), values.decimal_double])
@pytest.mark.parametrize("text", ["", " ", "secret", "\n", "=" * 200_000])
def test_no_error_repeats_the_text(convert: Callable[[str], values.Value], text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an? \w+$|^not base64$") as caught:
        convert(text)
    assert caught.value.__cause__ is None
    assert "secret" not in str(caught.value)


# boolean


@pytest.mark.parametrize("text", ["true", "1", " true\n", "\t1"])
def test_boolean_true(text: str) -> None:
    assert values.boolean(text) is True


@pytest.mark.parametrize("text", ["false", "0", "\r\n false "])
def test_boolean_false(text: str) -> None:
    assert values.boolean(text) is False


@pytest.mark.parametrize("text", ["True", "FALSE", "yes", "01", "t", "\u00a0true", "tr ue"])
def test_boolean_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a boolean$"):
        values.boolean(text)


# int


@given(SPACE, st.integers(-(2**31), 2**31 - 1), st.integers(0, 30), SPACE)
def test_int(before: str, value: int, zeros: int, after: str) -> None:
    sign = "-" if value < 0 else ""
    assert values.integer(f"{before}{sign}{'0' * zeros}{abs(value)}{after}") == value


def test_int_may_have_a_plus() -> None:
    assert values.integer("+7") == 7
    assert values.integer("-0") == 0
    assert values.integer("0" * 100_000 + "7") == 7


@given(st.integers().filter(lambda value: not -(2**31) <= value < 2**31))
def test_int_has_32_bits(value: int) -> None:
    with pytest.raises(ValueError, match=r"^not an int of 32 bits$"):
        values.integer(str(value))


@pytest.mark.parametrize("text", ["9" * 100_000, "-" + "9" * 100_000])
def test_int_of_many_digits_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an int of 32 bits$"):
        values.integer(text)


@pytest.mark.parametrize("text", ["1_0", "١", "1.0", "0x1", "1e3", "+-1", "- 1", "1 0", "−1"])
def test_int_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not an int$"):
        values.integer(text)


# double


@given(SPACE, numbers(), SPACE)
def test_double(before: str, text: str, after: str) -> None:
    exact = Fraction(text if text[-1] != "." and ".e" not in text.lower() else fixed(text))
    try:
        expected = float(exact)
    except OverflowError:
        expected = math.inf if exact > 0 else -math.inf
    assert values.double(before + text + after) == expected


def fixed(text: str) -> str:
    """Return a number without a point that has no digits after it, which Fraction can't read."""
    return re.sub(r"\.(?=[eE]|$)", "", text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_double_reads_back_what_python_writes(value: float) -> None:
    assert values.double(repr(value)) == value


@pytest.mark.parametrize("text", ["INF", "+INF", " INF\n", "1e400", "9" * 400])
def test_double_infinite(text: str) -> None:
    assert values.double(text) == math.inf


@pytest.mark.parametrize("text", ["-INF", "-1e400"])
def test_double_negative_infinite(text: str) -> None:
    assert values.double(text) == -math.inf


def test_double_not_a_number() -> None:
    assert math.isnan(values.double("NaN"))


def test_double_keeps_the_sign_of_zero() -> None:
    assert math.copysign(1, values.double("-0.0")) == -1


def test_double_of_100_000_digits() -> None:
    assert values.double("0." + "3" * 100_000) == 0.3333333333333333


@pytest.mark.parametrize(
    "text",
    [
        "1_0",
        "1_0.0",
        "infinity",
        "Infinity",
        "inf",
        "nan",
        "-NaN",
        "+NaN",
        "NAN",
        "INFINITY",
        "1e400_0",
        "١٢",
        "1,5",
        "1.2.3",
        ".",
        "e5",
        "1e",
        "1e1.5",
        "0x1p3",
        "1 0",
        "\xa01",
        "1\x85",
    ],
)
def test_double_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a double$"):
        values.double(text)
    with pytest.raises(ValueError, match=r"^not a double$"):
        values.decimal_double(text)


@given(SPACE, numbers(), SPACE)
def test_decimal_keeps_every_digit(before: str, text: str, after: str) -> None:
    value = values.decimal_double(before + text + after)
    assert Fraction(value) == Fraction(fixed(text))
    assert value.as_tuple() == decimal.Decimal(text).as_tuple()


def test_decimal_specials() -> None:
    assert values.decimal_double("INF") == decimal.Decimal("Infinity")
    assert values.decimal_double("-INF") == decimal.Decimal("-Infinity")
    assert values.decimal_double("NaN").is_nan()
    assert values.decimal_double("120000.0") == decimal.Decimal(120_000)


@pytest.mark.parametrize("text", ["1e9999999999999999999", "-1e9999999999999999999"])
def test_decimal_refuses_an_exponent_that_it_cannot_hold(text: str) -> None:
    with pytest.raises(ValueError, match=r"^an exponent that Decimal can't hold$"):
        values.decimal_double(text)


def test_decimal_does_not_depend_on_the_callers_context() -> None:
    with decimal.localcontext(decimal.Context(prec=2, traps=[])):
        assert values.decimal_double("123.456").as_tuple().digits == (1, 2, 3, 4, 5, 6)
        with pytest.raises(ValueError, match=r"exponent"):
            values.decimal_double("1e9999999999999999999")


# date


@given(SPACE, st.dates(), zones(), SPACE)
def test_date(
    before: str, value: datetime.date, zone: tuple[str, timezone | None], after: str
) -> None:
    assert values.date(f"{before}{value.isoformat()}{zone[0]}{after}") == value


@pytest.mark.parametrize("text", ["10000-01-01", "99999-01-01", "-0001-01-01", "-2017-04-03"])
def test_date_that_python_cannot_hold(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a year that Python can't hold$"):
        values.date(text)


@pytest.mark.parametrize(
    "text", ["2017-02-29", "2017-13-01", "2017-00-01", "2017-04-31", "0000-01-01"]
)
def test_date_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a day of the calendar$"):
        values.date(text)


@pytest.mark.parametrize(
    "text",
    [
        "20170403",
        "2017-W14-1",
        "2017-093",
        "17-04-03",
        "2017-4-3",
        "2017-04-03T00:00:00Z",
        "2017-04-03+14:01",
        "2017-04-03+1:00",
        "2017-04-03z",
        "2017-04-03 Z",
        "٢٠١٧-04-03",
    ],
)
def test_date_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a date$"):
        values.date(text)


# dateTime


@given(SPACE, st.dates(), clocks(), zones(), SPACE)
def test_date_time(
    before: str,
    day: datetime.date,
    clock: tuple[str, datetime.time],
    zone: tuple[str, timezone | None],
    after: str,
) -> None:
    text = f"{before}{day.isoformat()}T{clock[0]}{zone[0]}{after}"
    try:
        expected = datetime.datetime.combine(day, clock[1], zone[1] or UTC).astimezone(UTC)
    except OverflowError:
        with pytest.raises(ValueError, match=r"^a dateTime that Python can't hold$"):
            values.date_time(text)
        return
    value = values.date_time(text)
    assert value == expected
    assert value.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_date_time_as_salesforce_writes_it(value: datetime.datetime) -> None:
    value = value.replace(microsecond=value.microsecond // 1000 * 1000)
    text = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert values.date_time(text) == value
    assert values.date_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["2017-12-31T24:00:00Z", "2017-12-31T24:00:00.000Z", "2017-12-31T24:00:00"]
)
def test_date_time_at_24_is_midnight_of_the_next_day(text: str) -> None:
    assert values.date_time(text) == datetime.datetime(2018, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["9999-12-31T24:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_date_time_that_python_cannot_hold(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a dateTime that Python can't hold$"):
        values.date_time(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2016-12-31T23:59:60.000Z", "not a time of the clock"),
        ("2016-12-31T25:00:00.000Z", "not a time of the clock"),
        ("2016-12-31T24:00:00.001Z", "not a time of the clock"),
        ("2016-12-31T24:00:01Z", "not a time of the clock"),
        ("2017-02-29T00:00:00.000Z", "not a day of the calendar"),
        ("12017-02-29T00:00:00.00Z", "a year that Python can't hold"),
    ],
)
def test_date_time_that_is_none(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=rf"^{words}$"):
        values.date_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2017-11-03 17:24:20.000Z",
        "2017-11-03t17:24:20.000Z",
        "2017-11-03T17:24:20,000Z",
        "2017-11-03T17:24:20.000z",
        "2017-11-03T17:24Z",
        "2017-11-03",
        "20171103T172420Z",
        "2017-W44-5T17:24:20.0000Z",
        "2017-11-03T17:24:20.Z",
        "2017-11-03T17:24:20.000+00",
        "2017-11-03T17:24:20+14:01",
        "2017-11-03T1٧:24:20.000Z",
        "2017-11-03T17:24:20.٠00Z",
        "1509729860000",
        "2017-11-03T17:24:20.000 Z",
    ],
)
def test_date_time_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a dateTime$"):
        values.date_time(text)


# time


@given(SPACE, clocks(), zones(), SPACE)
def test_time(
    before: str, clock: tuple[str, datetime.time], zone: tuple[str, timezone | None], after: str
) -> None:
    value = values.time(before + clock[0] + zone[0] + after)
    assert value.replace(tzinfo=None) == clock[1]
    assert value.utcoffset() == (None if zone[1] is None else zone[1].utcoffset(None))


def test_time_at_24_is_midnight() -> None:
    assert values.time("24:00:00") == datetime.time(0)
    assert values.time("24:00:00.0Z") == datetime.time(0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["23:59:60", "24:00:01", "25:00:00", "23:60:00", "24:01:00Z"])
def test_time_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a time of the clock$"):
        values.time(text)


@pytest.mark.parametrize(
    "text", ["17:24", "172420", "17:24:20.", "5:24:20", "17:24:20 PM", "T17:24:20"]
)
def test_time_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a time$"):
        values.time(text)


# base64Binary


@given(st.binary(min_size=1), st.integers(1, 80), st.sampled_from([" ", "\n", "\r\n", "\t "]))
def test_base64(value: bytes, width: int, space: str) -> None:
    text = base64.b64encode(value).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    assert values.base64_binary(space + space.join(lines) + space) == value


@pytest.mark.parametrize(
    "text",
    [
        "QQ",
        "QQ=",
        "QR==",
        "QUE",
        "QUJ=",
        "=",
        "====",
        "QQ==QQ==",
        "QQ=Q",
        "Q-_=",
        "QQ\xa0==",
        "QUFB!",
        "Q" * 200001,
    ],
)
def test_base64_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not base64$"):
        values.base64_binary(text)


def test_text_is_taken_as_it_is() -> None:
    assert [values.CONVERTERS[name] for name in ("string", "ID", "anyType")] == [None] * 3
