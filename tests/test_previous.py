"""What a `models.py` says of itself: read back, whatever somebody made of it by hand."""

import pytest
from wsdl_builder import build_wsdl

from obgen.codegen.package import make_package
from obgen.codegen.previous import read_package
from obgen.codegen.render import render_package
from obgen.codegen.settings import Options
from obgen.codegen.syntax import parse_expression, parse_module
from obgen.codegen.wsdl import parse_contract

CONTRACT = parse_contract(build_wsdl().encode(), "message.wsdl")
PACKAGE = make_package(CONTRACT, Options())
MODELS = render_package(PACKAGE, Options())[-1].text
ENTRY = '"amount": ("Amount", "double")'


def test_what_obgen_writes_is_read_back() -> None:
    package = read_package(MODELS, PACKAGE.name)
    assert package
    assert [field.python_name for field in package.fields] == [
        field.python_name for field in PACKAGE.fields
    ]


@pytest.mark.parametrize(
    "entry",
    [
        '1: ("Amount", "double")',
        '"amount": None',
        '"amount": ("Amount",)',
        '"amount": (1, "double")',
        '[]: ("Amount", "double")',
        '"amount": ("Amount", ["double"])',
        '"amount": ("Amount", b"double")',
        '"amount": ("Amount", {})',
        '**{"amount": ("Amount", "double")}',
        '"a-b": ("Amount", "double")',
        '"amount": call()',
    ],
)
def test_an_edited_table_says_nothing(entry: str) -> None:
    assert ENTRY in MODELS
    assert read_package(MODELS.replace(ENTRY, entry), PACKAGE.name) is None


def test_what_is_far_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    padded = MODELS + "#" * 384 * 1024
    assert read_package(padded[: 384 * 1024], PACKAGE.name)

    monkeypatch.setattr("obgen.codegen.previous.parse_module", None)
    assert read_package(padded, PACKAGE.name) is None


@pytest.mark.parametrize("code", ["x is '\\d'", "1 is 1"])
@pytest.mark.filterwarnings("error")
def test_nothing_is_said_of_code_that_python_warns_about(code: str) -> None:
    with pytest.raises(SyntaxError):  # the warning, as an error
        compile(code, "", "exec")
    assert parse_module(code).body
    assert parse_expression(code)
