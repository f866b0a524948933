"""Records that are thought up: full, of the right types, and the same ones every time."""

import datetime
import decimal
import re
from typing import Any

import pytest
import records
from outbound.every_type import EveryType
from outbound.gwestr_shipment import GwestrShipment
from outbound.opportunity import Opportunity

import obgen
from obgen.runtime.wire import table_of
from obgen.simulate.message import Outgoing, record_sobject, write_message
from obgen.simulate.plausible import changed_values, leave_out, plausible_values

CLASSES = [EveryType, GwestrShipment, Opportunity, records.Opportunity, records.Exact]


@pytest.mark.parametrize("record", CLASSES)
@pytest.mark.parametrize("seed", [0, 1, 2**70, -1])
def test_a_record_is_full_and_survives_the_wire(record: type[Any], seed: int) -> None:
    made = record(**plausible_values(table_of(record), seed))
    assert all(getattr(made, name) not in (None, "", b"") for name in table_of(record).fields)
    body = write_message([Outgoing(record_sobject(made))])
    (notification,) = obgen.decode(body, record).notifications
    assert notification.sobject == made


def test_the_values_of_a_seed_stay_what_they_are() -> None:
    assert plausible_values(table_of(records.Opportunity), 1) == {
        "id": "006rWKo0zd9dw0SQBQ",
        "account_id": "001jqpvEDhD7NgzAMF",
        "amount": 54761.72,
        "close_date": datetime.date(2026, 5, 15),
        "custom__c": "Custom 745",
        "is_won": True,
        "last_modified_date": datetime.datetime(2026, 11, 3, 0, 14, 30, tzinfo=datetime.UTC),
        "meeting__c": datetime.time(2, 1, 40, tzinfo=datetime.UTC),
        "name": "Contoso 336",
        "picture__c": b"file 52",
        "stage_count__c": 310,
    }
    assert plausible_values(table_of(records.Exact), 1)["amount"] == decimal.Decimal("54761.72")


def test_a_field_more_changes_no_other() -> None:
    more = plausible_values(table_of(records.Opportunity), 1)
    fewer = plausible_values(table_of(records.Exact), 1)
    assert fewer["id"] == more["id"]
    assert float(str(fewer["amount"])) == more["amount"]


def test_every_seed_is_another_record() -> None:
    table = table_of(Opportunity)
    made = [plausible_values(table, seed) for seed in range(100)]
    assert len({str(values["id"]) for values in made}) == 100
    assert len({values["amount"] for values in made}) > 90
    assert {values["is_won"] for values in made} == {True, False}


@pytest.mark.parametrize(
    ("api_name", "xsd_type", "within"),
    [
        ("Place__Latitude__s", "double", (-90, 90)),
        ("BillingLongitude", "double", (-180, 180)),
        ("IsDeleted", "boolean", (False, False)),
        (
            "CreatedDate",
            "dateTime",
            tuple(datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (2025, 2026)),
        ),
    ],
)
def test_what_a_name_says_is_heeded(api_name: str, xsd_type: str, within: tuple[Any, Any]) -> None:
    table = obgen.WireTable("Lead", {"id": ("Id", "ID"), "it": (api_name, xsd_type)})
    for seed in range(100):
        value: Any = plausible_values(table, seed)["it"]
        assert within[0] <= value <= within[1]


@pytest.mark.parametrize(
    ("api_name", "pattern"),
    [
        ("StageName", "[A-Z][a-z]+( Won)?"),
        ("npsp__HomePhone__c", r"\+1 555 [0-9]{4}"),
        ("PersonEmail", r"person[0-9]+@example\.com"),
        ("Lead_Source__c", "Lead Source [0-9]+"),
        ("npsp__Lead_Source__c", "Lead Source [0-9]+"),
    ],
)
def test_texts_look_like_their_fields(api_name: str, pattern: str) -> None:
    table = obgen.WireTable("Lead", {"id": ("Id", "ID"), "it": (api_name, "string")})
    assert re.fullmatch(pattern, str(plausible_values(table, 1)["it"]))


def test_some_fields_are_left_out_but_no_id_and_no_checkbox() -> None:
    table = table_of(records.Opportunity)
    left = [leave_out(table, plausible_values(table, seed), seed) for seed in range(20)]
    assert all({"id", "is_won"} <= values.keys() for values in left)
    assert len({frozenset(values) for values in left}) > 10
    assert all(values == leave_out(table, values, seed) for seed, values in enumerate(left))


def test_a_record_that_changed_is_still_the_same_record() -> None:
    table = table_of(records.Opportunity)
    first = plausible_values(table, 3)
    assert changed_values(table, 3, 0) == first
    second, third = changed_values(table, 3, 1), changed_values(table, 3, 2)
    for name in ("id", "account_id"):
        assert first[name] == second[name] == third[name]
    assert len({str(values["amount"]) for values in (first, second, third)}) == 3
    moments: list[Any] = [values["last_modified_date"] for values in (first, second, third)]
    assert moments == sorted(set(moments))
