"""Read the text of a field by the lexical rules of XML Schema, not by Python's leniency.

`int("1_0")`, `float("infinity")` and `date.fromisoformat("2017-W01-1")` work in Python and are
wrong in XML Schema (https://www.w3.org/TR/xmlschema11-2/). Every function here takes the text of
one element and raises ValueError, with a message that holds none of it, if it isn't a value.
"""

import binascii
import datetime
import decimal
import re
from collections.abc import Callable
from datetime import UTC
from typing import Final

Value = str | float | decimal.Decimal | int | bool | bytes | datetime.date | datetime.time

_SPACE: Final = " \t\r\n"
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
# Every repetition is possessive: what isn't a value is refused as fast as a value is read.
_INT: Final = re.compile(r"[+-]?[0-9]++")
_INT_DIGITS: Final = 10
_INT_MIN: Final = -(2**31)
_INT_MAX: Final = 2**31 - 1
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_EXACT: Final = decimal.Context(traps=[decimal.InvalidOperation])
"""Decides only that an error is raised: a handler's thread may have chosen otherwise for itself."""
_SPECIAL: Final = {"INF": "inf", "+INF": "inf", "-INF": "-inf", "NaN": "nan"}
_ZONE: Final = r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DAY: Final = r"(?P<year>-?[0-9]{4,}+)-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_CLOCK: Final = (
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<part>[0-9]++))?"
)
_DATE: Final = re.compile(_DAY + _ZONE)
_TIME: Final = re.compile(_CLOCK + _ZONE)
_DATE_TIME: Final = re.compile(_DAY + "T" + _CLOCK + _ZONE)
_SALESFORCE_DATE_TIME: Final = len("2017-11-03T17:24:20.000Z")
_PLAIN_DATE: Final = len("2017-11-03")
_MIDNIGHT_HOUR: Final = 24
_LAST_BASE64: Final = re.compile(
    r"[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]=="
)
"""The last four characters: bits that don't count are zero, which Python doesn't ask for."""
_NO_SPACE: Final = str.maketrans("", "", _SPACE)


def boolean(text: str) -> bool:
    """Return the value of an xsd:boolean."""
    value = _BOOLEANS.get(text)
    if value is None:
        value = _BOOLEANS.get(text.strip(_SPACE))
        if value is None:
            raise ValueError("not a boolean")
    return value


def integer(text: str) -> int:
    """Return the value of an xsd:int, which has 32 bits."""
    text = text.strip(_SPACE)
    if _INT.fullmatch(text) is None:
        raise ValueError("not an int")
    # Python refuses to read thousands of digits: drop what doesn't count before it sees them.
    digits = text.lstrip("+-").lstrip("0") or "0"
    value = int(digits) if len(digits) <= _INT_DIGITS else _INT_MAX + 2
    value = -value if text.startswith("-") else value
    if not _INT_MIN <= value <= _INT_MAX:
        raise ValueError("not an int of 32 bits")
    return value


def double(text: str) -> float:
    """Return the value of an xsd:double; what is too large for one is infinite, as XSD says."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    # Finite ASCII text without "_" that float() reads is exactly what XML Schema allows.
    if value - value == 0.0 and "_" not in text and text.isascii():
        return value
    return float(_number(text))


def decimal_double(text: str) -> decimal.Decimal:
    """Return the value of an xsd:double with every digit that was sent."""
    try:
        return decimal.Decimal(_number(text), _EXACT)
    except decimal.InvalidOperation:
        raise ValueError("an exponent that Decimal can't hold") from None


def _number(text: str) -> str:
    text = text.strip(_SPACE)
    if text in _SPECIAL:
        return _SPECIAL[text]
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("not a double")
    return text


def date(text: str) -> datetime.date:
    """Return the value of an xsd:date; a time zone, which a Python date can't hold, is dropped."""
    if len(text) == _PLAIN_DATE and text[4] == text[7] == "-":
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            pass  # told below what is wrong
    found = _DATE.fullmatch(text.strip(_SPACE))
    if found is None:
        raise ValueError("not a date")
    return _day(found)


def date_time(text: str) -> datetime.datetime:
    """Return the value of an xsd:dateTime in UTC; one without an offset is UTC already."""
    if (
        len(text) == _SALESFORCE_DATE_TIME
        and text[10] == "T"
        and text[23] == "Z"
        and text[4] == text[7] == "-"
        and text[13] == text[16] == ":"
        and text[19] == "."
    ):
        try:
            return datetime.datetime.fromisoformat(text)
        except ValueError:
            pass  # rare but legal forms, such as 24:00:00, and all that is wrong: told apart below
    found = _DATE_TIME.fullmatch(text.strip(_SPACE))
    if found is None:
        raise ValueError("not a dateTime")
    clock, days = _clock(found)
    moment = datetime.datetime.combine(_day(found), clock)
    try:
        moment += datetime.timedelta(days=days)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("a dateTime that Python can't hold") from None


def time(text: str) -> datetime.time:
    """Return the value of an xsd:time, aware if it has an offset or Z."""
    found = _TIME.fullmatch(text.strip(_SPACE))
    if found is None:
        raise ValueError("not a time")
    return _clock(found)[0]


def base64_binary(text: str) -> bytes:
    """Return the bytes of an xsd:base64Binary; white space inside is allowed, sloppiness isn't."""
    if not text.isascii():  # which translate() would be slow with
        raise ValueError("not base64")
    text = text.translate(_NO_SPACE)
    if len(text) % 4 or _LAST_BASE64.fullmatch(text[-4:]) is None:
        raise ValueError("not base64")
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error:
        raise ValueError("not base64") from None


def _day(found: re.Match[str]) -> datetime.date:
    year = found["year"]
    if len(year) != len("2017") or year.startswith("-"):
        raise ValueError("a year that Python can't hold")
    try:
        return datetime.date(int(year), int(found["month"]), int(found["day"]))
    except ValueError:
        raise ValueError("not a day of the calendar") from None


def _clock(found: re.Match[str]) -> tuple[datetime.time, int]:
    """Return the time of day and the days to add: 24:00:00 is the next day's midnight."""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    part = found["part"] or ""
    if hour == _MIDNIGHT_HOUR and minute == second == 0 and not part.strip("0"):
        return datetime.time(tzinfo=_zone(found["zone"])), 1
    try:
        micro = int(part[:6].ljust(6, "0"))
        return datetime.time(hour, minute, second, micro, tzinfo=_zone(found["zone"])), 0
    except ValueError:
        raise ValueError("not a time of the clock") from None


def _zone(text: str | None) -> datetime.timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    offset = datetime.timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return datetime.timezone(-offset if text[0] == "-" else offset)


CONVERTERS: Final[dict[str, Callable[[str], Value] | None]] = {
    "string": None,
    "ID": None,
    "anyType": None,
    "double": double,
    "int": integer,
    "boolean": boolean,
    "date": date,
    "dateTime": date_time,
    "time": time,
    "base64Binary": base64_binary,
}
"""{XML Schema type: function}; None stands for text that is taken as it is."""
