"""Records by Hypothesis: of every type, within what can be sent, and the same after the way."""

import datetime
import decimal
import subprocess
import sys
from datetime import UTC

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from outbound.every_type import EveryType
from outbound.gwestr_shipment import GwestrShipment
from outbound.opportunity import Opportunity
from records import Exact

import obgen
from obgen.runtime.wire import RecordT
from obgen.testing import build, message, strategies

ANY = settings(phases=[Phase.generate], max_examples=2_000, database=None)
"""Find an example and leave it at that: the smallest one takes seconds."""


def sent(*records: RecordT) -> list[RecordT | None]:
    """Return what a receiver gets of some records."""
    decoded = obgen.decode(message(*records), type(records[0]))
    assert [one.error for one in decoded.notifications] == [None] * len(records)
    assert all(one.unknown == {} for one in decoded.notifications)
    return [one.sobject for one in decoded.notifications]


@settings(max_examples=500)
@given(st.lists(strategies.records(EveryType), min_size=1, max_size=4))
def test_records_arrive_as_they_were_sent(records: list[EveryType]) -> None:
    assert sent(*records) == records


@given(strategies.records(Exact))
def test_decimals_arrive_as_they_were_sent(record: Exact) -> None:
    assert sent(record) == [record]
    assert isinstance(record.amount, decimal.Decimal | None)


@given(strategies.records(Opportunity), strategies.records(GwestrShipment))
def test_records_of_other_classes(opportunity: Opportunity, shipment: GwestrShipment) -> None:
    assert sent(opportunity) == [opportunity]
    assert sent(shipment) == [shipment]


@given(strategies.records(EveryType))
def test_values_are_those_that_salesforce_can_send(record: EveryType) -> None:
    assert len(record.id) == 18
    assert record.string__c != ""
    assert record.file__c != b""
    if record.double__c is not None:
        assert abs(record.double__c) <= 1e18
    if record.date_time__c is not None:
        assert record.date_time__c.tzinfo is UTC
        assert record.date_time__c.microsecond % 1000 == 0
        assert datetime.date(1700, 1, 1) <= record.date_time__c.date()
    if record.time__c is not None:
        assert record.time__c.tzinfo is UTC


@pytest.mark.parametrize("name", [name for name in obgen.wire_fields(EveryType) if name != "id"])
@pytest.mark.parametrize("empty", [True, False])
def test_every_field_may_be_empty_or_not(name: str, empty: bool) -> None:
    def fits(record: EveryType) -> bool:
        return (getattr(record, name) is None) is empty

    assert find(strategies.records(EveryType), fits, settings=ANY)


@pytest.mark.parametrize("awkward", ["\r", "<", "é", " "])
def test_texts_hold_what_xml_makes_difficult(awkward: str) -> None:
    def fits(record: Opportunity) -> bool:
        return awkward in (record.name or "")

    assert find(strategies.records(Opportunity), fits, settings=ANY)


@given(
    strategies.records(Opportunity, stage_name=st.just("Won"), id=st.just(build(Opportunity).id))
)
def test_a_field_can_be_given(opportunity: Opportunity) -> None:
    assert opportunity.stage_name == "Won"
    assert opportunity.id == build(Opportunity).id


def test_a_field_that_is_not_there_is_named() -> None:
    with pytest.raises(obgen.ConfigurationError, match=r"^Opportunity has no field 'stage'$"):
        strategies.records(Opportunity, stage=st.just("Won"))


def test_without_hypothesis_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "try: import obgen.testing.strategies\n"
        "except ModuleNotFoundError as error: print(error, error.name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == (
        "obgen.testing.strategies needs Hypothesis: pip install 'obgen[hypothesis]' hypothesis"
    )
