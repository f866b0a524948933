"""Write Python values as Salesforce writes them: the other direction of `runtime.values`.

Where XML Schema leaves a choice, this is the one that real messages make: `120000.0` and `1.2E7`,
`2017-11-03T17:24:20.000Z`, `true`. Every function raises ValueError, with a message that holds
nothing of the value, for what can't be sent.
"""

import base64
import datetime
import decimal
import re
from collections.abc import Callable
from datetime import UTC
from typing import Final

_NOT_XML: Final = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Salesforce writes &quot; too, where XML doesn't ask for it. A carriage return that isn't escaped
# would arrive as a line feed: https://www.w3.org/TR/xml/#sec-line-ends.
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
)
_INT_MIN: Final = -(2**31)
_INT_MAX: Final = 2**31 - 1
# Java writes doubles plainly from 10^-3 to 10^7, and with an exponent beyond that:
# https://docs.oracle.com/javase/8/docs/api/java/lang/Double.html#toString-double-
_LEAST_PLAIN: Final = -3
_MOST_PLAIN: Final = 7
_HOUR: Final = datetime.timedelta(hours=1)
_MINUTE: Final = datetime.timedelta(minutes=1)


def write_value(value: object, xsd_type: str) -> str:
    """Return the text of a value of a type of the WSDL, not yet escaped."""
    return _WRITERS[xsd_type](value)


def escape(text: str) -> str:
    """Return XML for a text, with the characters escaped that Salesforce escapes."""
    if _NOT_XML.search(text):
        raise ValueError("XML can't hold control characters or lone surrogates")
    return text.translate(_ESCAPES)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise _mismatch("a str", value)
    return value


def _double(value: object) -> str:
    """Write a number as Java does: the shortest digits that mean it, with a point among them."""
    if not isinstance(value, float | int | decimal.Decimal) or isinstance(value, bool):
        raise _mismatch("a float or a Decimal", value)
    number = decimal.Decimal(repr(value) if isinstance(value, float) else value)
    if number.is_nan():
        return "NaN"
    sign, digits, _ = number.as_tuple()
    minus = "-" if sign else ""
    if number.is_infinite():
        return f"{minus}INF"
    figures = "".join(map(str, digits)).rstrip("0")
    if not figures:
        return f"{minus}0.0"
    power = number.adjusted()  # of the first figure
    if not _LEAST_PLAIN <= power < _MOST_PLAIN:
        return f"{minus}{figures[0]}.{figures[1:] or '0'}E{power}"
    if power < 0:
        return f"{minus}0.{'0' * (-power - 1)}{figures}"
    whole = figures[: power + 1].ljust(power + 1, "0")
    return f"{minus}{whole}.{figures[power + 1 :] or '0'}"


def _int(value: object) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _mismatch("an int", value)
    if not _INT_MIN <= value <= _INT_MAX:
        raise ValueError("not an int of 32 bits")
    return str(value)


def _boolean(value: object) -> str:
    if not isinstance(value, bool):
        raise _mismatch("a bool", value)
    return "true" if value else "false"


def _date(value: object) -> str:
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise _mismatch("a datetime.date", value)
    return value.isoformat()


def _date_time(value: object) -> str:
    """Write a moment in UTC, cut to the milliseconds that Salesforce has."""
    if not isinstance(value, datetime.datetime):
        raise _mismatch("a datetime.datetime", value)
    if value.utcoffset() is None:
        raise ValueError("a datetime without a time zone; Salesforce's are UTC")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment that has no year in UTC") from None
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _time(value: object) -> str:
    """Write a time of day, cut to milliseconds; one without an offset is written without."""
    if not isinstance(value, datetime.time):
        raise _mismatch("a datetime.time", value)
    clock = value.replace(tzinfo=None).isoformat(timespec="milliseconds")
    offset = value.utcoffset()
    if offset is None:
        return clock
    if not offset:
        return f"{clock}Z"
    if abs(offset) > 14 * _HOUR or offset % _MINUTE:
        raise ValueError("a time whose offset XML Schema doesn't have")
    hours, rest = divmod(abs(offset), _HOUR)
    return f"{clock}{'-' if offset < 0 * _HOUR else '+'}{hours:02}:{rest // _MINUTE:02}"


def _base64_binary(value: object) -> str:
    if not isinstance(value, bytes):
        raise _mismatch("bytes", value)
    return base64.b64encode(value).decode("ascii")


def _mismatch(expected: str, value: object) -> ValueError:
    return ValueError(f"it takes {expected}, not {type(value).__name__}")


_WRITERS: Final[dict[str, Callable[[object], str]]] = {
    "string": _string,
    "ID": _string,
    "anyType": _string,
    "double": _double,
    "int": _int,
    "boolean": _boolean,
    "date": _date,
    "dateTime": _date_time,
    "time": _time,
    "base64Binary": _base64_binary,
}
"""{type of the WSDL: function}, of the same types as `runtime.values.CONVERTERS`."""
