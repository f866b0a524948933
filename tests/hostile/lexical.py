"""Cases of values: XML Schema's lexical rules, where Python's own are more lenient."""

import datetime
from collections.abc import Iterator
from typing import Any

import messages
from hostile.cases import Case, isolated, raw, read

_BAD: dict[str, tuple[str, ...]] = {
    "Amount": (
        "1_0", "\u0661", "\uff11", "infinity", "inf", "nan", "NAN", "-NaN", "Infinity", "0x10", "1e", "e1",
        ".", "+", "", " ", "1 0", "1,0", "1.0.0", "--1", "+-1", "1\u00a0", "\u20031", "1e1.5", "1\x85",
        "TRUE", "1f", "1d", "INF INF", "+ 1", "\u22121", "1e\u0661",
    ),
    "Stage_Count__c": (
        "1_0", "\u0661", "1.0", "1e3", "", " ", "0x10", "2147483648", "-2147483649", "9" * 100_000,
        "+", "--1", "1 0", "\u00a01", "true", "1L",
    ),
    "Is_Won": ("TRUE", "True", "yes", "", "2", "01", "-1", "t", "on", "true false", "\u0661"),
    "Close_Date": (
        "99999-01-01", "-2017-01-01", "0000-01-01", "2017-W01-1", "2017-1-1", "20170101", "2017-02-29",
        "2017-13-01", "2017-00-01", "2017-01-32", "2017-01-01T00:00:00Z", "", "17-01-01", "2017-01-01z",
        "2017-01-01+15:00", "2017-01-01+1", "\u0662017-01-01", "2017/01/01", "01-01-2017", "+2017-01-01",
        "today", "2017-001", "2017-01-01-24:00",
    ),
    "Last_Modified_Date": (
        "2017-11-03", "2017-11-03 17:24:20", "2017-11-03T17:24:60Z", "2016-12-31T23:59:60Z",
        "2017-11-03T25:00:00Z", "2017-11-03T24:00:01Z", "2017-11-03T17:24Z", "2017-11-03T17Z",
        "20171103T172420Z", "2017-W44-5T17:24:20Z", "2017-11-03t17:24:20Z", "2017-11-03T17:24:20z",
        "2017-11-03T17:24:20.Z", "2017-11-03T17:24:20,5Z", "2017-11-03T17:24:20+14:01",
        "2017-11-03T17:24:20+15:00", "2017-11-03T17:24:20+0100", "2017-11-03T17:24:20+01",
        "99999-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "1509729860", "",
        "0001-01-01T00:00:00+14:00", "9999-12-31T24:00:00Z", "9999-12-31T23:59:59-14:00",
        "2017-11-03T17:24:20.000000000Z junk", "2017-11-03T17:24:2\u0660Z",
        "2017-11-03\u00a0T17:24:20Z",
    ),
    "Meeting__c": (
        "24:00:01", "25:00:00", "12:60:00", "12:00:60", "12:00", "1200", "12", "", "12:00:00.", "noon",
        "12:00:00+15:00", "12:00:00z", "1\u0662:00:00", "T12:00:00", "12:00:00 PM",
    ),
    "Picture__c": (
        "", "=", "A", "AB", "ABC", "AB=", "ABC==", "AB==CD==", "AB==A", "A===", "AB\u00a0==", "AB-_", "AB!=",
        "QUJD*", "AR==", "AAF=", "====", "\u0410\u0412==",
    ),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield every case of this module."""
    for name, texts in _BAD.items():
        api_name = _API_NAMES.get(name, name)
        for text in texts:
            yield isolated(f"{api_name} of {text[:30]!a}", messages.field(api_name, text))
    for api_name, field, good in _GOOD:
        for text, value in good.items():
            value_of: dict[str, Any] = {field: value}
            yield read(f"{api_name} of {text[:30]!a}", messages.field(api_name, text), **value_of)
    for text in (
        "<!DOCTYPE x>",
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
        "<?xml version='1.1'?>",
    ):
        yield read(f"the text {text}", messages.field("Name", text), name=text)
        yield read(f"the section {text}", raw("Name", f"<![CDATA[{text}]]>"), name=text)


_API_NAMES = {
    "Is_Won": "IsWon",
    "Close_Date": "CloseDate",
    "Last_Modified_Date": "LastModifiedDate",
}
_GOOD: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        "Amount",
        "amount",
        {
            "INF": float("inf"),
            "-INF": float("-inf"),
            "NaN": "NaN",
            "1E400": float("inf"),
            "-1E400": float("-inf"),
            "1E-400": 0.0,
            "1" * 400: float("inf"),
            " \t\n1.5\n": 1.5,
            "+.5": 0.5,
            "5.": 5.0,
            "1.2E7": 1.2e7,
            "-0": -0.0,
        },
    ),
    ("Stage_Count__c", "stage_count__c", {"-2147483648": -(2**31), "+007": 7, " 1\n": 1, "-0": 0}),
    ("IsWon", "is_won", {"1": True, "0": False, " true ": True, "\nfalse": False}),
    (
        "CloseDate",
        "close_date",
        {
            "2017-04-03Z": datetime.date(2017, 4, 3),
            "2016-02-29": datetime.date(2016, 2, 29),
            "2017-04-03-14:00": datetime.date(2017, 4, 3),
            "9999-12-31": datetime.date.max,
            " 0001-01-01 ": datetime.date.min,
        },
    ),
    (
        "LastModifiedDate",
        "last_modified_date",
        {
            text: datetime.datetime(2017, 11, 4, tzinfo=datetime.UTC)
            for text in (
                "2017-11-04T00:00:00Z",
                "2017-11-03T24:00:00Z",
                "2017-11-04T00:00:00",
                "2017-11-04T05:30:00+05:30",
                "2017-11-03T10:00:00-14:00",
                "2017-11-04T00:00:00.0000009Z",
            )
        },
    ),
    (
        "Meeting__c",
        "meeting__c",
        {"24:00:00": datetime.time(0), "09:30:00.5": datetime.time(9, 30, 0, 500_000)},
    ),
    ("Picture__c", "picture__c", {" QU JD\n": b"ABC", "AQ==": b"\x01", "AAE=": b"\x00\x01"}),
)
