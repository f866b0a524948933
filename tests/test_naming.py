"""Names: total, unique, valid, and the same whatever the order."""

import builtins
import keyword
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obgen.codegen.fragments import MAX_API_NAME, PythonName
from obgen.codegen.naming import (
    argument_name,
    chosen_package_name,
    class_name,
    field_names,
    package_name,
    snake_case,
)
from obgen.codegen.reserved import CLASS_BODY, CLASSES, HANDLER, PACKAGES
from obgen.codegen.settings import FieldNames
from obgen.errors import ConfigurationError

api_name = st.one_of(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,30}", fullmatch=True),
    st.from_regex(r"[Aa][Bb_]{0,3}[2_]{0,3}", fullmatch=True),
    st.sampled_from([*keyword.kwlist, *keyword.softkwlist, *sorted(CLASS_BODY), *dir(builtins)])
    .filter(lambda name: name[0] != "_"),
)  # fmt: skip
api_names = st.lists(api_name, unique=True, max_size=30).map(lambda names: ["Id", *names]).map(
    lambda names: list(dict.fromkeys(names))
)  # fmt: skip
styles = st.sampled_from(FieldNames)


@pytest.mark.parametrize(
    ("api", "python"),
    [
        ("Amount", "amount"),
        ("Is_Won__c", "is_won__c"),
        ("OppAmount2YearsAgo", "opp_amount2_years_ago"),
        ("npsp__HHId__c", "npsp__hh_id__c"),
        ("MD5Hash", "md5_hash"),
        ("B2BId", "b2b_id"),
        ("SystemModstamp", "system_modstamp"),
        ("MailingStreet", "mailing_street"),
        ("Foo__Latitude__s", "foo__latitude__s"),
        ("Foo_2Year__c", "foo_2year__c"),
        ("npe01__x__c", "npe01__x__c"),
        ("iPhone", "i_phone"),
        ("URL", "url"),
        ("HTTPServer", "http_server"),
        ("A", "a"),
        ("X_", "x_"),
    ],
)
def test_snake_case(api: str, python: str) -> None:
    assert snake_case(api) == python


@pytest.mark.parametrize(
    ("object_type", "package", "class_", "argument"),
    [
        ("Opportunity", "opportunity", "Opportunity", "opportunity"),
        ("Design_Registration__c", "design_registration", "DesignRegistration", None),
        ("gwestr__Shipment__c", "gwestr_shipment", "GwestrShipment", None),
        ("Class", "class_", "Class", "class_"),
        ("Lambda__c", "lambda_", "Lambda", "lambda_"),
        ("None__c", "none", "None_", "none"),
        ("True", "true", "True_", "true"),
        ("Exception__c", "exception", "Exception_", "exception"),
        ("ClassVar", "class_var", "ClassVar_", "class_var"),
        ("WireTable__c", "wire_table", "WireTable_", "wire_table"),
        ("Delivery__c", "delivery", "Delivery", "delivery_"),
        ("Receiver", "receiver", "Receiver", "receiver_"),
        ("Obgen__c", "obgen", "Obgen", "obgen_"),
        ("Con__c", "con_", "Con", "con"),
        ("COM1", "com1_", "Com1", "com1"),
        ("conftest", "conftest_", "Conftest", "conftest"),
        ("json", "json", "Json", "json"),
        ("Trailing___c", "trailing", "Trailing", None),
        ("X__mdt", "x_mdt", "XMdt", None),
        ("A__c__c", "a_c", "AC", None),
    ],
)
def test_names_of_an_object(
    object_type: str, package: str, class_: str, argument: str | None
) -> None:
    assert package_name(object_type) == package
    assert class_name(object_type) == class_
    assert argument_name(object_type) == (argument or package)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["class", "def"], ["class_", "def_"]),
        (
            ["match", "type", "case", "format", "print"],
            ["match", "type", "case", "format", "print"],
        ),
        (["str", "float", "datetime"], ["str_", "float_", "datetime_"]),
        (["Foo_Bar", "FooBar", "fooBar"], ["foo_bar_2", "foo_bar", "foo_bar_3"]),
        (["FooBar", "foo_bar", "foo_bar_2"], ["foo_bar_3", "foo_bar", "foo_bar_2"]),
        (["ID", "Id", "id"], ["id_3", "id", "id_2"]),
        (["class", "Class_"], ["class__2", "class_"]),
    ],
)
def test_names_of_fields(names: list[str], expected: list[str]) -> None:
    found, _ = field_names(names, FieldNames.SNAKE)

    assert list(found.values()) == expected


def test_api_names_stay_but_for_id_and_what_python_forbids() -> None:
    names = ["Id", "Is_Won__c", "None", "class", "ClassVar", "id"]

    found, _ = field_names(names, FieldNames.API)

    assert list(found.values()) == ["id", "Is_Won__c", "None_", "class_", "ClassVar_", "id_2"]


def test_collisions_are_reported() -> None:
    _, collisions = field_names(["Id", "FooBar", "Foo_Bar", "foo__bar"], FieldNames.SNAKE)

    assert [(each.api_name, each.python_name, each.kept) for each in collisions] == [
        ("Foo_Bar", "foo_bar_2", "FooBar")
    ]


@given(api_names, styles)
def test_every_field_gets_a_name_of_its_own(names: list[str], style: FieldNames) -> None:
    found, collisions = field_names(names, style)

    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert found["Id"] == "id"
    for python_name in found.values():
        assert python_name.isidentifier()
        assert python_name.isascii()
        assert not keyword.iskeyword(python_name)
        assert python_name not in CLASS_BODY
        assert not python_name.startswith("_")
    assert {each.api_name for each in collisions} < set(names)


@given(api_names, styles, st.randoms(use_true_random=False))
def test_the_order_of_fields_is_no_matter(
    names: list[str], style: FieldNames, shuffle: random.Random
) -> None:
    others = list(names)
    shuffle.shuffle(others)

    before, collisions = field_names(names, style)
    after, collisions_after = field_names(others, style)

    assert before == after
    assert collisions == collisions_after


@given(api_name)
def test_every_object_gets_its_names(object_type: str) -> None:
    for name, taken in (
        (package_name(object_type), PACKAGES),
        (class_name(object_type), CLASSES),
        (argument_name(object_type), HANDLER),
    ):
        assert name.isidentifier()
        assert name not in taken
        assert not name.startswith("_")
    assert class_name(object_type)[0].isupper()
    assert package_name(object_type).islower()
    assert "__" not in package_name(object_type)


def test_no_builtin_of_this_python_is_forgotten() -> None:
    names = {name for name in dir(builtins) if name[0] != "_" and not keyword.iskeyword(name)}

    assert {name for name in names if name[0].isupper()} <= CLASSES
    assert {name for name in names if name[0].islower()} <= HANDLER


def test_dataclass_machinery_is_out_of_reach() -> None:
    class Probe:
        __slots__ = ()

    machinery = {"__obgen__", "__slots__", "__post_init__", "__dataclass_fields__", *dir(Probe)}

    assert not any(PythonName.allows(name) for name in machinery)


def test_a_chosen_name_is_kept() -> None:
    assert chosen_package_name("opportunity_won") == "opportunity_won"


@pytest.mark.parametrize(
    "name",
    [
        "", "a-b", "a.b", "../x", "1st", "class", "_x", "größe", "a\n", "a" * (MAX_API_NAME + 1),
        "con", "CON", "conftest", "nul", "lpt1",
    ],
)  # fmt: skip
def test_a_chosen_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="can't be the name of a package") as caught:
        chosen_package_name(name)

    assert caught.value.hint
    assert str(caught.value).isprintable()


def test_keywords_of_this_python_are_known() -> None:
    assert sys.version_info >= (3, 11)
    for name in keyword.kwlist:
        assert field_names([name], FieldNames.API)[0][name] == f"{name}_"
