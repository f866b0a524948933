"""Think up records: values that look like Salesforce's, always the same ones for a seed.

A value depends on the seed, the object and the field alone, so that a field that is added to a
message changes none of the others. They are drawn from a hash and not from `random`, whose
results may change with the version of Python.
"""

import datetime
import decimal
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Final

from obgen.runtime.values import Value
from obgen.runtime.wire import WireTable
from obgen.simulate.ids import make_id, prefix_of

_YEAR: Final = 365
_DAY_SECONDS: Final = 24 * 60 * 60
_FIRST_DAY: Final = datetime.date(2026, 1, 1)
_MIDNIGHT: Final = datetime.datetime(2026, 1, 1, tzinfo=UTC)
_MINUTE: Final = datetime.timedelta(minutes=1)
_CHANGED: Final = frozenset({"LastModifiedDate", "SystemModstamp"})
_CONSTANT: Final = frozenset({"CreatedDate", "IsDeleted"})
_CITIES: Final = ("Amsterdam", "Berlin", "Chicago", "Lisbon", "Osaka", "Toronto")
_COMPANIES: Final = ("Contoso", "Fabrikam", "Initech", "Northwind", "Tailspin", "Wingtip")
_COUNTRIES: Final = ("Canada", "Germany", "Japan", "Netherlands", "Portugal", "United States")
_FIRST_NAMES: Final = ("Ada", "Björn", "Chloë", "Grace", "Kenji", "Zoë")
_LAST_NAMES: Final = ("Hopper", "Lovelace", "Müller", "Noether", "O'Brien", "Tanaka")
_STAGES: Final = ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won")
_STREETS: Final = ("1 Market St\nSuite 300", "20 Keizersgracht", "5 Rua Augusta")


def plausible_values(table: WireTable, seed: int | str) -> dict[str, Value]:
    """Return {Python name: value} for every field of a wire table, as its dataclass takes them."""
    values: dict[str, Value] = {}
    for name, (api_name, xsd_type) in table.fields.items():
        if api_name == "Id":
            values[name] = record_id(table.object_type, seed)
            continue
        number = _number(seed, table.object_type, api_name)
        value = _MAKERS.get(xsd_type, _text)(api_name, number)
        if isinstance(value, decimal.Decimal) and not table.decimals:
            value = float(value)
        values[name] = value
    return values


def changed_values(table: WireTable, seed: int, version: int) -> dict[str, Value]:
    """Return the values of a record that has changed some times since it was made.

    What it is called by stays, what says when it was changed grows, all else is another value.
    """
    values = plausible_values(table, seed)
    if version:
        # No record of its own has a fraction of a seed.
        others = plausible_values(table, f"{seed}.{version}")
        for name, (api_name, xsd_type) in table.fields.items():
            value = values[name]
            if api_name in _CHANGED and isinstance(value, datetime.datetime):
                values[name] = value + version * _MINUTE
            elif xsd_type != "ID" and api_name not in _CONSTANT:
                values[name] = others[name]
    return values


def record_id(object_type: str, seed: int | str) -> str:
    """Return the id of the record that a seed stands for."""
    return make_id(prefix_of(object_type), _number(seed, object_type, "Id"))


def leave_out(table: WireTable, values: Mapping[str, Value], seed: int) -> dict[str, Value]:
    """Return some of the values, never without the Id and the checkboxes: the others are empty.

    That is how most records look, and each has other fields.
    """
    return {
        name: value
        for name, value in values.items()
        if table.fields[name].api_name == "Id"
        or isinstance(value, bool)
        or _number(seed, table.object_type, f"{name} is there") % 2
    }


def _number(seed: int | str, *names: str) -> int:
    return int.from_bytes(hashlib.sha256("/".join([str(seed), *names]).encode()).digest())


def _amount(api_name: str, number: int) -> decimal.Decimal:
    if api_name.endswith(("Latitude", "Latitude__s")):
        return decimal.Decimal(number % 180_000 - 90_000).scaleb(-3)
    if api_name.endswith(("Longitude", "Longitude__s")):
        return decimal.Decimal(number % 360_000 - 180_000).scaleb(-3)
    return decimal.Decimal(number % 10_000_000).scaleb(-2)


def _boolean(api_name: str, number: int) -> bool:
    return api_name != "IsDeleted" and bool(number % 2)


def _date(_api_name: str, number: int) -> datetime.date:
    return _FIRST_DAY + datetime.timedelta(days=number % _YEAR)


def _date_time(api_name: str, number: int) -> datetime.datetime:
    seconds = number % (_YEAR * _DAY_SECONDS)
    if api_name == "CreatedDate":  # a year before it was changed
        seconds -= _YEAR * _DAY_SECONDS
    return _MIDNIGHT + datetime.timedelta(seconds=seconds)


def _time(_api_name: str, number: int) -> datetime.time:
    return (_MIDNIGHT + datetime.timedelta(seconds=number % _DAY_SECONDS)).timetz()


def _reference(api_name: str, number: int) -> str:
    return make_id(prefix_of(api_name.removesuffix("Id")), number)


def _text(api_name: str, number: int) -> str:
    plain = api_name.removesuffix("__c")
    for ending, make in _TEXTS.items():
        if plain.endswith(ending):
            return make(number)
    return f"{plain.rpartition('__')[2].replace('_', ' ')} {number % 1000}"


def _one_of(choices: tuple[str, ...]) -> Callable[[int], str]:
    return lambda number: choices[number % len(choices)]


_TEXTS: Final[Mapping[str, Callable[[int], str]]] = {
    "FirstName": _one_of(_FIRST_NAMES),
    "LastName": _one_of(_LAST_NAMES),
    "StageName": _one_of(_STAGES),
    "Name": lambda number: f"{_COMPANIES[number % len(_COMPANIES)]} {number % 1000}",
    "Company": _one_of(_COMPANIES),
    "Email": lambda number: f"person{number % 1000}@example.com",
    "Phone": lambda number: f"+1 555 {number % 10_000:04}",
    "Fax": lambda number: f"+1 555 {number % 10_000:04}",
    "Website": lambda number: f"https://example.com/{number % 1000}?a=1&b=2",
    "Url": lambda number: f"https://example.com/{number % 1000}?a=1&b=2",
    "Street": _one_of(_STREETS),
    "City": _one_of(_CITIES),
    "Country": _one_of(_COUNTRIES),
    "PostalCode": lambda number: f"{number % 100_000:05}",
    "CurrencyIsoCode": _one_of(("EUR", "GBP", "JPY", "USD")),
}
"""{how an API name ends: function}; the first that fits is taken."""

_MAKERS: Final[Mapping[str, Callable[[str, int], Value]]] = {
    "ID": _reference,
    "base64Binary": lambda _api_name, number: f"file {number % 1000}".encode(),
    "boolean": _boolean,
    "date": _date,
    "dateTime": _date_time,
    "double": _amount,
    "int": lambda _api_name, number: number % 1000,
    "time": _time,
}
"""{type of the WSDL: function}; every other type is text."""
