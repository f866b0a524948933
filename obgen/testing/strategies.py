"""Hypothesis strategies for generated dataclasses; they need the extra `obgen[hypothesis]`.

    @given(strategies.records(Opportunity))
    def test_whatever_comes(opportunity: Opportunity) -> None: ...

Values are those that Salesforce can send and XML 1.0 can carry, so each record survives the way
through a message: `decode` gives what `obgen.testing.message` was given.
"""

import datetime
import decimal
from datetime import UTC
from typing import Any, Final

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "obgen.testing.strategies needs Hypothesis: pip install 'obgen[hypothesis]'",
        name=missing.name,
    ) from None

from obgen.errors import ConfigurationError
from obgen.runtime.wire import RecordT, table_of
from obgen.simulate.ids import long_id

_MOST: Final = 1e18
"""A number field has at most 18 digits."""
_FIRST_DAY: Final = datetime.date(1700, 1, 1)
_LAST_DAY: Final = datetime.date(4000, 12, 31)
_XML: Final = st.characters(
    codec="utf-8",
    exclude_categories=["Cc", "Cs"],
    include_characters="\t\n\r",
    exclude_characters="\ufffe\uffff",
)
_AWKWARD: Final = st.sampled_from("\t\n\r <>&\"'/;é")
_TEXTS: Final = st.text(_XML, min_size=1) | st.text(_AWKWARD, min_size=1)
_IDS: Final = st.from_regex(r"[0-9A-Za-z]{15}", fullmatch=True).map(long_id)
_CLOCKS: Final = st.integers(0, 24 * 60 * 60 * 1000 - 1).map(
    lambda milliseconds: (
        datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(milliseconds=milliseconds)
    ).timetz()
)
_DAYS: Final = st.dates(_FIRST_DAY, _LAST_DAY)
_DOUBLES: Final = st.floats(-_MOST, _MOST, allow_nan=False, allow_subnormal=False)
_DECIMALS: Final = _DOUBLES.map(lambda number: decimal.Decimal(repr(number)))
_VALUES: Final[dict[str, st.SearchStrategy[Any]]] = {
    "ID": _IDS,
    "anyType": _TEXTS,
    "base64Binary": st.binary(min_size=1),
    "boolean": st.booleans(),
    "date": _DAYS,
    "dateTime": st.builds(datetime.datetime.combine, _DAYS, _CLOCKS),
    "double": _DOUBLES,
    "int": st.integers(-(2**31), 2**31 - 1),
    "string": _TEXTS,
    "time": _CLOCKS,
}


def records(
    record: type[RecordT], /, **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[RecordT]:
    """Return a strategy for instances of a generated dataclass, any of their fields empty.

    `fields` are strategies that go before ours. Raises ConfigurationError for a field that the
    dataclass doesn't have.
    """
    table = table_of(record)
    if unknown := sorted(fields.keys() - table.fields.keys()):
        raise ConfigurationError(f"{record.__name__} has no field {unknown[0]!r}")
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for name, (_, xsd_type) in table.fields.items():
        values = _DECIMALS if table.decimals and xsd_type == "double" else _VALUES[xsd_type]
        drawn[name] = values if name == "id" else st.none() | values
    return st.builds(record, **(drawn | fields))
