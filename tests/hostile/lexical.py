"""Cases of values: what Python would take and XML Schema doesn't, and the other way round."""

import datetime
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import messages
from hostile.cases import SECRET, Case, isolated, read

_FIELDS = {
    "amount": "Amount",
    "stage_count__c": "Stage_Count__c",
    "is_won": "IsWon",
    "close_date": "CloseDate",
    "last_modified_date": "LastModifiedDate",
    "meeting__c": "Meeting__c",
    "picture__c": "Picture__c",
}

_WRONG: dict[str, tuple[str, ...]] = {
    "amount": (
        "", " ", "x", "1_0", "_1", "\u0661", "\uff11", "\u00bd", "1,0", "1 0", "0x10", "1e", "e1", ".", "+",
        "--1", "+-1", "infinity", "Infinity", "inf", "nan", "NAN", "-NaN", "Inf", "1.0f", "1d", "1\u00a0",
        "\u00a01", "$1", "1.0.0", "1e1.5", "1e+", "0b1", "1j", "(1)", "1" * 100_000 + "x",
        "\u221e", "1\u200b", "None", SECRET,
    ),
    "stage_count__c": (
        "", "1.0", "1e3", "1_0", "\u0661", "\uff11", "2147483648", "-2147483649", "9" * 100_000,
        "-" + "9" * 100_000, "0x1", "0b1", "0o7", "+", "1 1", "1,000", "\u2212" + "1", "--1", "NaN", "true",
    ),
    "is_won": ("", "True", "TRUE", "yes", "on", "01", "2", "-0", "t", "truefalse", "0.0", "\uff11"),
    "close_date": (
        "", "99999-01-01", "12026-01-01", "-2026-01-01", "0000-01-01", "-0001-01-01", "2026-1-1", "20260101", "2026-W01-1",
        "2026-001", "2026-13-01", "2026-00-01", "2026-02-29", "2026-04-31", "2026-01-32", "2026-01-00",
        "26-01-01", "2026-01-01T00:00:00", "2026/01/01", "01.01.2026", "2026-01-01+14:01", "2026-01-01+15:00",
        "2026-01-01z", "2026-01-01 Z", "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661",
        "2026-01-01-", "9" * 100_000 + "-01-01", "today", "2026\u201101\u201101", "2026-01-01Z" + "0" * 50,
    ),
    "last_modified_date": (
        "", "2026-01-01", "2026-01-01 00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00Z",
        "2016-12-31T23:59:60Z", "2026-01-01T24:00:01Z", "2026-01-01T24:01:00Z", "2026-01-01T25:00:00Z",
        "2026-01-01T23:60:00Z", "2026-01-01T00:00:00+25:00", "2026-01-01T00:00:00+14:01",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z", "99999-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
        "9999-12-31T24:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
        "2026-W01-1T00:00:00Z", "20260101T000000Z", "2026-02-30T00:00:00.000Z", "1767225600",
        "2026-01-01T00:00:00Z[UTC]", "2026-01-01T00:00:00 +01:00",
        "\u0662026-01-01T00:00:00.000Z", "2026-01-01T0\u0660:00:00.000Z", "2026-01-01T00:00:00.00\u0660Z",
        "2026-01-01T00:00:00.000\u0130", "2026-01-01T00:00:00." + "0" * 100_000 + "x",
    ),
    "meeting__c": (
        "", "24:00:01", "24:01:00", "25:00:00", "12:60:00", "23:59:60", "1:00:00", "12:00", "120000", "12:00:00.",
        "T12:00:00", "12:00:00+24:00", "12:00:00 Z", "12:00:00\u0660", "noon",
    ),
    "picture__c": (
        "", "A", "AA", "AAA", "AAAA=", "=AAA", "AA=A", "A===", "====", "AB==", "AAB=", "AA-_", "AA==AA==",
        "\uff21AAA", "!AAA", "AAAA\u00a0", "%41AAA", "A" * 100_001,
    ),
}  # fmt: skip

_RIGHT: dict[str, tuple[tuple[str, object], ...]] = {
    "amount": (
        (" 1\n", 1.0), ("+1.", 1.0), (".5", 0.5), ("-0", -0.0), ("1E3", 1000.0), ("INF", float("inf")),
        ("-INF", float("-inf")), ("+INF", float("inf")), ("NaN", "NaN"), ("1e400", float("inf")), ("1e-400", 0.0),
        ("-1e999999999", float("-inf")), ("9" * 100_000, float("inf")), ("0." + "0" * 100_000 + "1", 0.0),
        ("1" + "0" * 22, 1e22), ("0" * 100_000 + "7", 7.0), ("4.9e-324", 5e-324), ("1.7976931348623159e308", float("inf")),
    ),
    "stage_count__c": (
        ("2147483647", 2**31 - 1), ("-2147483648", -(2**31)), ("+7", 7), ("-0", 0), ("0" * 100_000 + "7", 7),
        ("\t7 ", 7), ("-" + "0" * 5_000 + "8", -8),
    ),
    "is_won": ((" true\n", True), ("1", True), ("0", False), ("\tfalse", False)),
    "close_date": (
        ("0001-01-01", datetime.date(1, 1, 1)), ("9999-12-31", datetime.date(9999, 12, 31)),
        ("2024-02-29", datetime.date(2024, 2, 29)), ("2026-01-01Z", datetime.date(2026, 1, 1)),
        ("2026-01-01-14:00", datetime.date(2026, 1, 1)), (" 2026-01-01 ", datetime.date(2026, 1, 1)),
    ),
    "last_modified_date": (
        ("2026-01-01T24:00:00Z", datetime.datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-01T24:00:00.000Z", datetime.datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-01T00:00:00", datetime.datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00+14:00", datetime.datetime(2025, 12, 31, 10, tzinfo=UTC)),
        ("2026-01-01T00:00:00-14:00", datetime.datetime(2026, 1, 1, 14, tzinfo=UTC)),
        ("2026-01-01T00:00:00.9999999Z", datetime.datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)),
        ("2026-01-01T00:00:00." + "0" * 100_000 + "Z", datetime.datetime(2026, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime.datetime(1, 1, 1, tzinfo=UTC)),
    ),
    "meeting__c": (
        ("24:00:00", datetime.time(0)), ("12:00:00Z", datetime.time(12, tzinfo=UTC)),
        ("12:00:00.5", datetime.time(12, 0, 0, 500_000)),
    ),
    "picture__c": (
        ("QQ==", b"A"), ("Q Q\n= =", b"A"), ("QUJD", b"ABC"), ("AAAA" * 25_000, bytes(75_000)),
    ),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Yield every case of this module."""
    for name, texts in _WRONG.items():
        for text in texts:
            field = messages.field(_FIELDS[name], text)
            yield isolated(f"{_FIELDS[name]}: {_short(text)}", field)
    for name, pairs in _RIGHT.items():
        for text, value in pairs:
            values: dict[str, Any] = {name: value}
            yield read(
                f"{_FIELDS[name]} is {_short(text)}",
                messages.field(_FIELDS[name], text),
                **values,
            )


def _short(text: str) -> str:
    return f"{text!a}" if len(text) <= 40 else f"{text[:12]!a}... of {len(text)} characters"
