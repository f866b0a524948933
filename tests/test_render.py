"""What templates can print, and what generated modules consist of."""

import ast
import dataclasses
import re
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from wsdl_builder import EVERY_TYPE, FIVE_FIELDS, build_wsdl

import obgen
from obgen.codegen.contract import XSD_TYPES
from obgen.codegen.fragments import ApiName, Fragment, Literal, PythonName, TypeName
from obgen.codegen.package import SourceFile, make_package
from obgen.codegen.render import find_templates, make_environment, printable, render_package
from obgen.codegen.settings import FieldNames, Numbers, Settings
from obgen.codegen.wsdl import parse_contract

API_NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,100}", fullmatch=True)
FIELDS = st.dictionaries(API_NAME, st.sampled_from(sorted(XSD_TYPES)), max_size=12).map(
    lambda fields: {
        name: kind for name, kind in fields.items() if name not in {"Id", "fieldsToNull"}
    }
)
SETTINGS = st.builds(
    Settings, field_names=st.sampled_from(FieldNames), numbers=st.sampled_from(Numbers)
)


def sources(
    object_type: str, fields: Mapping[str, str], chosen: Settings | None = None
) -> dict[str, SourceFile]:
    """Return {file name: file} of a package."""
    chosen = chosen or Settings()
    contract = parse_contract(build_wsdl(object_type, fields).encode(), "message.wsdl")
    return {
        source.path.name: source
        for source in render_package(make_package(contract, chosen), chosen)
    }


def load(text: str, directory: Path, name: str) -> ModuleType:
    """Import a text as a module."""
    path = directory / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


ALLOWED_NODES = (
    ast.AnnAssign, ast.Attribute, ast.BinOp, ast.BitOr, ast.Call, ast.ClassDef, ast.Constant,
    ast.Dict, ast.Expr, ast.Import, ast.ImportFrom, ast.Load, ast.Module, ast.Name, ast.Store,
    ast.Subscript, ast.Tuple, ast.alias, ast.keyword,
)  # fmt: skip
ALLOWED_CALLS = {"dataclass", "WireTable"}
ALLOWED_IMPORTS = {
    "import datetime",
    "import decimal",
    "from dataclasses import dataclass",
    "from typing import ClassVar",
    "from obgen import WireTable",
}
ALLOWED_NAMES = {"ClassVar", "WireTable", "bool", "bytes", "dataclass", "datetime", "decimal"} | {
    "float",
    "int",
    "str",
}


def check_models(text: str) -> None:
    """Hold the syntax tree of a `models.py` against the list of what it may consist of."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        assert isinstance(node, ALLOWED_NODES), ast.dump(node)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in ALLOWED_CALLS
        elif isinstance(node, ast.Import | ast.ImportFrom):
            assert ast.unparse(node) in ALLOWED_IMPORTS
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            assert node.id in ALLOWED_NAMES
        elif isinstance(node, ast.Constant):
            assert isinstance(node.value, str | bool | None)
    assert text.isascii()


@given(API_NAME, FIELDS, SETTINGS)
@settings(max_examples=60, deadline=None)
def test_any_wsdl_becomes_data_and_nothing_else(
    object_type: str, fields: dict[str, str], chosen: Settings
) -> None:
    files = sources(object_type, fields, chosen)

    check_models(files["models.py"].text)
    for name in ("__init__.py", "handler.py"):
        compile(files[name].text, name, "exec")


@pytest.mark.parametrize("chosen", [Settings(), Settings(field_names=FieldNames.API)])
def test_generated_module_works(chosen: Settings, tmp_path: Path) -> None:
    text = sources("Every_Type__c", EVERY_TYPE, chosen)["models.py"].text
    record = load(text, tmp_path, "every_type_models").EveryType

    assert record(id="006000000000001AAA").id == "006000000000001AAA"
    with pytest.raises(TypeError, match="id"):
        record()
    assert [(wire.api_name, wire.xsd_type) for wire in obgen.wire_fields(record).values()] == [
        ("Id", "ID"),
        *EVERY_TYPE.items(),
    ]
    assert set(obgen.wire_fields(record)) == {field.name for field in dataclasses.fields(record)}
    assert record.__obgen__.object_type == "Every_Type__c"
    assert not record.__obgen__.decimals


def test_field_types(tmp_path: Path) -> None:
    def types(numbers: Numbers) -> dict[str, str]:
        text = sources("Every_Type__c", EVERY_TYPE, Settings(numbers=numbers))["models.py"].text
        record = load(text, tmp_path, f"models_{numbers}").EveryType
        assert record.__obgen__.decimals is (numbers is Numbers.DECIMAL)
        return {
            record.__obgen__.fields[field.name].xsd_type: re.sub(
                r"<class '(.*)'>", r"\1", str(field.type)
            )
            for field in dataclasses.fields(record)
            if field.name != "id"
        }

    expected = {
        "ID": "str | None",
        "anyType": "str | None",
        "base64Binary": "bytes | None",
        "boolean": "bool | None",
        "date": "datetime.date | None",
        "dateTime": "datetime.datetime | None",
        "double": "float | None",
        "int": "int | None",
        "string": "str | None",
        "time": "datetime.time | None",
    }
    assert types(Numbers.FLOAT) == expected
    assert types(Numbers.DECIMAL) == expected | {"double": "decimal.Decimal | None"}


def test_models_of_five_fields_are_short() -> None:
    assert len(sources("Opportunity", FIVE_FIELDS)["models.py"].text.splitlines()) < 60


def test_handler_belongs_to_the_person_and_fits_on_a_screen() -> None:
    files = sources("Opportunity", FIVE_FIELDS)

    assert [name for name, source in files.items() if source.yours] == ["handler.py"]
    assert len(files["handler.py"].text.splitlines()) < 32
    assert "Generated by obgen" not in files["handler.py"].text
    for word in ("organization_ids", "OBGEN_ORGANIZATION_IDS", "Ack true", "24 hours"):
        assert word in files["handler.py"].text


def test_endpoint_and_path_are_in_no_generated_file() -> None:
    for source in sources("Opportunity", FIVE_FIELDS).values():
        assert "example.com" not in source.text
        assert "message.wsdl" not in source.text


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'text' }}",
        "{{ raw }}",
        "{{ name ~ '' }}",
        "{{ name + name }}",
        "{{ name|upper }}",
        "{{ name.lower() }}",
        "{{ [name, name]|join }}",
        "{{ name|replace('a', raw) }}",
        "{{ name|string|safe }}",
        "{{ (name, raw) }}",
        "{{ none }}",
        "{{ true }}",
        "{{ 1.5 }}",
        "{% macro shown() %}{{ name }}{% endmacro %}{{ shown() }}",
        "{% set block %}{{ name }}{% endset %}{{ block }}",
        "{% for character in name %}{{ character }}{% endfor %}",
        "{{ name.__class__ }}",
        "{{ raw if name else name }}",
    ],
)
def test_a_template_cannot_print_text_that_is_no_fragment(template: str) -> None:
    template_ = make_environment().from_string(template)

    with pytest.raises(TypeError, match="a template can print fragments and integers"):
        template_.render(name=PythonName("amount"), raw="import os")


def test_a_template_cannot_print_what_it_was_not_given() -> None:
    with pytest.raises((TypeError, UndefinedError)):
        make_environment().from_string("{{ missing }}").render()
    with pytest.raises(UndefinedError):
        make_environment().from_string("{{ missing.name }}").render()
    with pytest.raises(UndefinedError):
        make_environment().from_string("{% if missing %}{% endif %}").render()


def test_fragments_and_integers_print() -> None:
    assert printable(7) == 7
    text = (
        make_environment()
        .from_string("{{ name }} {{ name|length }}")
        .render(name=PythonName("amount"))
    )
    assert text == "amount 6"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ApiName, "a-b"),
        (ApiName, "Amount\n"),
        (ApiName, "_a"),
        (ApiName, "\uff21"),
        (PythonName, "class"),
        (PythonName, "__init__"),
        (PythonName, "a b"),
        (TypeName, "os.system"),
        (TypeName, "datetime.timedelta"),
        (Fragment, "anything"),
    ],
)
def test_a_fragment_proves_what_it_holds(kind: type[Fragment], text: str) -> None:
    with pytest.raises(ValueError, match=f"is no {kind.__name__}"):
        kind(text)


@given(st.text())
def test_a_literal_evaluates_to_its_value(value: str) -> None:
    literal = Literal(value)

    assert ast.literal_eval(literal) == value
    assert literal.isascii()
    assert literal.isprintable()


def test_templates_are_found_and_are_no_python_files() -> None:
    names = sorted(entry.name for entry in find_templates().iterdir())

    assert names == ["__init__.py.jinja", "handler.py.jinja", "models.py.jinja"]


def test_templates_inside_the_package_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "templates"
    installed.mkdir()
    (installed / "models.py.jinja").touch()

    def files(_: str) -> Path:
        return tmp_path

    monkeypatch.setattr("obgen.codegen.render.files", files)

    assert find_templates() == installed
