"""Two contracts and what is said about their differences: complete, exact, and free of secrets."""

import dataclasses
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obgen.codegen.compare import Change, Kind, compare
from obgen.codegen.contract import XSD_TYPES, Contract, Field
from obgen.codegen.endpoint import UNKNOWN, differing_parts, origin
from obgen.codegen.settings import FieldNames, Numbers

ENDPOINT = "https://hooks.example.com/salesforce"
MIRRORED = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}

api_names = st.one_of(
    st.from_regex(r"[A-Z][a-z]{0,3}(_?[A-Z][a-z]{0,2}){0,2}(__c)?", fullmatch=True),
    st.sampled_from(["FooBar", "Foo_Bar", "foo_bar", "Foo_Bar_2", "class", "ID", "id"]),
)
tables = st.dictionaries(api_names, st.sampled_from(sorted(XSD_TYPES)), max_size=8)


def contract(
    object_type: str = "Opportunity", *, endpoint: str = ENDPOINT, **fields: str
) -> Contract:
    """Return the contract of some fields besides Id."""
    every = {"Id": "ID", **fields}
    return Contract(
        object_type,
        tuple(Field(name, xsd_type, line) for line, (name, xsd_type) in enumerate(every.items())),
        endpoint,
        "0" * 64,
    )


def built(object_type: str, endpoint: str, fields: dict[str, str]) -> Contract:
    return contract(object_type, endpoint=endpoint, **fields)


contracts = st.builds(
    built,
    st.sampled_from(["Opportunity", "Lead", "Shipment__c"]),
    st.sampled_from([ENDPOINT, "https://hooks.example.com/other", "nonsense"]),
    tables,
)


def only(changes: tuple[Change, ...]) -> Change:
    """Return the one change that there is."""
    (change,) = changes
    return change


class TestVerdicts:
    def test_a_removed_field_breaks_and_looks_like_an_empty_one(self) -> None:
        change = only(compare(contract(Amount="double"), contract()))

        assert change == Change(
            Kind.REMOVED,
            "Amount",
            {"python_name": "amount", "xsd_type": "double", "python_type": "float"},
            None,
            breaking=True,
            why="Salesforce sends it no more, which a receiver can't tell from an empty field: "
            "it is None until you generate again, then it is gone.",
        )
        assert change.broken_name == "amount"

    def test_an_added_field_breaks_nothing(self) -> None:
        change = only(compare(contract(), contract(Amount="double"), numbers=Numbers.DECIMAL))

        assert change.kind is Kind.ADDED
        assert change.old is None
        assert change.new == {
            "python_name": "amount",
            "xsd_type": "double",
            "python_type": "decimal.Decimal",
        }
        assert not change.breaking
        assert "`unknown`" in change.why

    @pytest.mark.parametrize(
        ("old", "new", "breaking", "why"),
        [
            ("string", "ID", False, "The WSDL says ID where it said string; both are str in"),
            ("ID", "anyType", False, "The WSDL says anyType where it said ID; both are str in"),
            ("double", "int", True, "int where they expect float; until you generate again, a"),
            ("date", "dateTime", True, "a value that isn't xsd:date is an error of its notific"),
            ("string", "boolean", True, "bool where they expect str; until you generate again, it"),
        ],
    )
    def test_another_type_breaks_if_it_is_another_in_python(
        self, old: str, new: str, breaking: bool, why: str
    ) -> None:
        change = only(compare(contract(A=old), contract(A=new)))

        assert change.kind is Kind.RETYPED
        assert change.breaking is breaking
        assert why in change.why
        assert change.old is not None
        assert change.old["xsd_type"] == old

    def test_a_name_that_another_field_takes(self) -> None:
        before = contract(Foo_Bar="string")
        after = contract(Foo_Bar="string", FooBar="string")
        renamed, added = compare(before, after)

        assert (renamed.kind, renamed.api_name, renamed.breaking) == ("renamed", "Foo_Bar", True)
        assert renamed.broken_name == "foo_bar"
        assert renamed.why == (
            "The field is the same, but handlers must call it foo_bar_2 now: foo_bar is FooBar "
            "from here on."
        )
        assert (added.kind, added.api_name, added.breaking) == ("added", "FooBar", False)

    def test_a_name_that_another_field_leaves_behind(self) -> None:
        both = contract(Foo_Bar="string", FooBar="string")
        removed, renamed = compare(both, contract(Foo_Bar="string"))

        assert removed.why == (
            "Salesforce sends it no more, and foo_bar is another field now: Foo_Bar."
        )
        assert renamed.why == "The field is the same, but handlers must call it foo_bar now."

    def test_api_names_do_not_collide(self) -> None:
        both = contract(Foo_Bar="string", FooBar="string")
        changes = compare(both, contract(Foo_Bar="string"), field_names=FieldNames.API)
        assert [change.kind for change in changes] == [Kind.REMOVED]

    def test_a_field_with_another_type_and_another_name_has_two_changes(self) -> None:
        both = contract(Foo_Bar="string", FooBar="string")
        changes = compare(both, contract(Foo_Bar="date"))
        assert [(change.kind, change.api_name) for change in changes] == [
            ("removed", "FooBar"),
            ("retyped", "Foo_Bar"),
            ("renamed", "Foo_Bar"),
        ]

    def test_another_object_breaks(self) -> None:
        change = only(compare(contract(), contract("Shipment__c")))

        assert (change.kind, change.breaking, change.broken_name) == (Kind.OBJECT, True, None)
        assert change.old == {"object": "Opportunity", "class": "Opportunity"}
        assert change.new == {"object": "Shipment__c", "class": "Shipment"}
        assert change.why == (
            "Handlers of Opportunity get none of these messages: Shipment__c needs handlers of "
            "its own."
        )

    def test_breaking_changes_come_first(self) -> None:
        old = contract(B="string", C="string", A="date")
        new = contract("Lead", endpoint="https://x.example.com", C="ID", A="time", D="int", AA="ID")
        assert [(change.kind, change.api_name) for change in compare(old, new)] == [
            ("object", None),
            ("removed", "B"),
            ("retyped", "A"),
            ("retyped", "C"),
            ("added", "AA"),
            ("added", "D"),
            ("endpoint", None),
        ]

    def test_lines_and_order_are_no_difference(self) -> None:
        assert compare(contract(A="date", B="int"), contract(B="int", A="date")) == ()


class TestProperties:
    @given(contracts, st.sampled_from(FieldNames), st.sampled_from(Numbers))
    def test_nothing_differs_from_itself(
        self, one: Contract, field_names: FieldNames, numbers: Numbers
    ) -> None:
        assert compare(one, one, field_names=field_names, numbers=numbers) == ()

    @given(contracts, contracts)
    def test_both_directions_see_the_same(self, one: Contract, other: Contract) -> None:
        there = Counter(
            (MIRRORED.get(change.kind, change.kind), change.api_name)
            for change in compare(one, other)
        )
        back = Counter((change.kind, change.api_name) for change in compare(other, one))
        assert there == back

    @given(contracts, contracts)
    def test_every_difference_is_reported_once(self, one: Contract, other: Contract) -> None:
        changes = compare(one, other)
        old = {field.api_name: field.xsd_type for field in one.fields}
        new = {field.api_name: field.xsd_type for field in other.fields}
        found = {
            kind: Counter(change.api_name for change in changes if change.kind is kind)
            for kind in Kind
        }
        assert found[Kind.ADDED] == Counter(new.keys() - old.keys())
        assert found[Kind.REMOVED] == Counter(old.keys() - new.keys())
        retyped = {name for name in old.keys() & new.keys() if old[name] != new[name]}
        assert found[Kind.RETYPED] == Counter(retyped)
        assert found[Kind.RENAMED].keys() <= old.keys() & new.keys()
        assert max(found[Kind.RENAMED].values(), default=1) == 1
        assert found[Kind.OBJECT].total() == (one.object_type != other.object_type)
        assert found[Kind.ENDPOINT].total() == (one.endpoint != other.endpoint)

    @given(contracts, contracts)
    def test_no_break_means_that_old_names_keep_field_and_type(
        self, one: Contract, other: Contract
    ) -> None:
        if any(change.breaking for change in compare(one, other)):
            return
        # What is new is the only difference that the other way round would break.
        assert {change.kind for change in compare(other, one) if change.breaking} <= {Kind.REMOVED}

    @given(contracts, contracts)
    def test_changes_survive_json_and_speak_in_sentences(
        self, one: Contract, other: Contract
    ) -> None:
        for change in compare(one, other):
            plain = dataclasses.asdict(change)
            assert json.loads(json.dumps(plain)) == plain
            assert change.why[0].isupper()
            assert change.why.endswith(".")
            assert "\n" not in change.why


class TestEndpoint:
    @pytest.mark.parametrize(
        ("endpoint", "shown"),
        [
            ("https://hooks.example.com/s3cret?t=s3cret#s3cret", "https://hooks.example.com"),
            ("http://user:s3cret@hooks.example.com:8080/", "http://hooks.example.com:8080"),
            ("https://[2001:db8::1]:8443/s3cret", "https://[2001:db8::1]:8443"),
            ("HTTPS://Hooks.example.com", "https://Hooks.example.com"),
            ("https://münchen.example/s3cret", "https://münchen.example"),
            ("https://hooks.example.com\\s3cret", UNKNOWN),
            ("https://hooks.example.com:s3cret/", UNKNOWN),
            ("https://[s3cret/", UNKNOWN),
            ("https:s3cret", UNKNOWN),
            ("s3cret", UNKNOWN),
            ("s3cret://hooks.example.com", UNKNOWN),
            ("", UNKNOWN),
        ],
    )
    def test_only_the_address_is_shown(self, endpoint: str, shown: str) -> None:
        assert origin(endpoint) == shown

    @pytest.mark.parametrize(
        ("new", "parts"),
        [
            ("https://other.example.com/salesforce", ("address",)),
            ("http://hooks.example.com/salesforce", ("address",)),
            ("https://u:p@hooks.example.com/salesforce", ("credentials",)),
            ("https://hooks.example.com/s3cret", ("path",)),
            ("https://hooks.example.com/salesforce?t=s3cret", ("query",)),
            ("https://hooks.example.com/salesforce#t", ("query",)),
            ("https://hooks.example.com:444/s3cret?", ("address", "path")),
            ("HTTPS://hooks.example.com/salesforce", ("spelling",)),
            ("s3cret", ("URL",)),
        ],
    )
    def test_what_differs_is_named(self, new: str, parts: tuple[str, ...]) -> None:
        assert differing_parts(ENDPOINT, new) == parts
        assert differing_parts(new, ENDPOINT) == parts
        change = only(compare(contract(), contract(endpoint=new)))
        assert (change.kind, change.breaking) == (Kind.ENDPOINT, False)
        assert "s3cret" not in repr(change)
        assert "/salesforce" not in repr(change)
        assert f"what differs: {', '.join(parts)}" in change.why

    def test_several_parts_make_a_list(self) -> None:
        new = "http://u@x.example.com/a?b"
        assert only(compare(contract(), contract(endpoint=new))).why == (
            "No handler depends on it, but your receiver must answer there; what differs: "
            "address, credentials, path, query; only the address is shown, since the rest may "
            "hold a secret."
        )

    @given(st.text(max_size=40))
    def test_anything_can_be_compared(self, text: str) -> None:
        assert origin(f"https://x.example.com/{text}") in {"https://x.example.com", UNKNOWN}
        assert differing_parts(text, f"{text}/")
