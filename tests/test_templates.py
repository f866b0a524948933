"""The user's own templates: which go first, what they get, and what is said when one is wrong."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest
from wsdl_builder import build_wsdl

from obgen.codegen.header import is_edited, read_header
from obgen.codegen.package import Package, PackageField, make_package
from obgen.codegen.render import render_package
from obgen.codegen.settings import Options
from obgen.codegen.templates import NAMES, Templates, find_templates, read_templates
from obgen.codegen.wsdl import parse_contract
from obgen.errors import TemplateError

PAGE = Path(__file__).parents[1] / "docs" / "regeneration.md"
CONTRACT = parse_contract(build_wsdl().encode(), "message.wsdl")


def write(directory: Path, **templates: str) -> Path:
    """Write templates: `models` is that of `models.py`."""
    for name, text in templates.items():
        file = "__init__" if name == "init" else name
        (directory / f"{file}.py.jinja").write_text(text, encoding="utf-8", newline="")
    return directory


def render(directory: Path | None) -> dict[str, str]:
    """Return {file name: text} of a package rendered with the templates in a directory."""
    package = make_package(CONTRACT, Options())
    sources = render_package(package, Options(), read_templates(directory))
    return {source.path.name: source.text for source in sources}


def test_a_template_goes_before_the_one_of_its_name(tmp_path: Path) -> None:
    text = 'X = "of mine"\nNAMES = [{% for f in package.fields %}{{ f.key }}, {% endfor %}]\n'
    plain, made = render(None), render(write(tmp_path, models=text))

    assert made["models.py"].endswith(
        'X = "of mine"\n'
        'NAMES = ["id", "amount", "close_date", "is_won__c", "name", "system_modstamp", ]\n'
    )
    assert not is_edited(made["models.py"])
    assert {name: made[name] for name in ("__init__.py", "handler.py")} == {
        name: plain[name] for name in ("__init__.py", "handler.py")
    }


def test_the_header_says_which_templates_it_were(tmp_path: Path) -> None:
    def fact(directory: Path | None) -> str | None:
        header = read_header(render(directory)["models.py"])
        assert header
        return header.facts.get("templates")

    assert fact(None) is None
    first = fact(write(tmp_path, handler="x = 1\n"))
    assert first
    assert re.fullmatch("sha256:[0-9a-f]{64}", first)
    assert fact(write(tmp_path, handler="x = 1\r\n")) == first  # as git may check it out
    assert fact(write(tmp_path, handler="x = 2\n")) != first
    (tmp_path / "part.jinja").write_text("", encoding="utf-8")
    assert fact(write(tmp_path, handler="x = 1\n")) != first


def test_hidden_files_of_an_editor_are_no_templates(tmp_path: Path) -> None:
    (tmp_path / ".#models.py.jinja").symlink_to("somebody@somewhere")

    assert render(write(tmp_path, handler="x = 1\n"))["handler.py"] == "x = 1\n"


def test_templates_can_be_put_together(tmp_path: Path) -> None:
    (tmp_path / "part.jinja").write_text("PART = {{ package.object_literal }}\n", encoding="utf-8")
    write(tmp_path, handler='{% include "part.jinja" %}\n')

    assert render(tmp_path)["handler.py"] == 'PART = "Opportunity"\n'


def test_text_is_made_a_name_or_a_literal(tmp_path: Path) -> None:
    write(
        tmp_path,
        handler='{{ (package.class_name ~ "Model") | name }} = {{ ("it\'s " ~ 1) | literal }}\n',
    )

    assert render(tmp_path)["handler.py"] == 'OpportunityModel = "it\'s 1"\n'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("x = 1\n{{ package.class_name }\n", 2, "this isn't a template: unexpected '}'"),
        ("\n{% if %}\n", 2, "this isn't a template: Expected an expression"),
        ("\n\n{{ package.wsdl }}\n", 3, "UndefinedError: .* has no attribute 'wsdl'"),
        ("{{ package.digest }}\n", 1, "a template can print fragments and integers, no str"),
        ("\n{{ (package.class_name ~ '-') | name }}\n", 2, "'Opportunity-' is no PythonName"),
        ("\n{{ package.class_name | upper }}\n", 2, "fragments and integers, no str"),
        ("\n{% filter upper %}{{ package.name }}{% endfilter %}\n", 2, "{% filter %} isn't allowed"),
        ("{% macro m() %}x{% endmacro %}\n{% call m() %}{% endcall %}\n", 2, "{% call %} isn't allowed here; give the macro"),
        ("x = " + "-" * 500_000 + "1\n", None, "what this makes isn't Python: it is too deep"),
        ("{{ ''.__class__.__mro__ }}", 1, "SecurityError: access to attribute '__class__'"),
        ("\n{% include 'models.py.jinja' %}\n{% include 'gone.jinja' %}\n", 3, "there is no template gone.jinja"),
        ("\n{% include '../secret.jinja' %}\n", 2, "there is no template ../secret.jinja"),
        ("\n{% include 'handler.py.jinja' %}\n", 2, "RecursionError"),
        ("def {{ package.class_name }}:\n", None, "what this makes isn't Python, in line 1 of it"),
        ("x = '\0'\n", None, "what this makes isn't Python"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str, line: int | None, said: str
) -> None:
    with pytest.raises(TemplateError, match=said) as caught:
        render(write(tmp_path, handler=text))

    assert caught.value.path == str(tmp_path / "handler.py.jinja")
    assert caught.value.line == line
    assert caught.value.hint


def test_an_error_in_an_included_template_has_its_own_place(tmp_path: Path) -> None:
    (tmp_path / "part.jinja").write_text("\n{{ 'text' }}\n", encoding="utf-8")

    with pytest.raises(TemplateError, match=r"part\.jinja:2: the template can't be rendered"):
        render(write(tmp_path, handler='{% include "part.jinja" %}\n'))


def test_a_fault_in_a_template_of_ours_is_no_error_of_yours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_package: Package) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(Package, "object_literal", property(fail))
    with pytest.raises(ZeroDivisionError):
        render(write(tmp_path, handler="x = 1\n"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("model.py.jinja", b"", "there is no template here that goes before one of obgen's"),
        ("mod\x1b.jinja", b"", "'mod\\\\x1b.jinja' can't be the name of a template"),
        ("models.py.jinja", b"a\n\xff", r"models\.py\.jinja:2: this isn't UTF-8"),
        ("models.py.jinja", b" " * (1024 * 1024 + 1), "larger than 1 MiB"),
    ],
)
def test_a_directory_that_cannot_be_used(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TemplateError, match=said):
        read_templates(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on POSIX there are such pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "models.py.jinja")
    with pytest.raises(TemplateError, match="this is no regular file"):
        read_templates(tmp_path)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="the templates can't be read: No such file"):
        read_templates(tmp_path / "gone")
    with pytest.raises(TemplateError, match="the templates can't be read: the name is impossible"):
        read_templates(tmp_path / "a\0b")
    (tmp_path / "models.py.jinja").mkdir()
    with pytest.raises(TemplateError, match=r"models\.py\.jinja: this is no regular file"):
        read_templates(tmp_path)


def test_ours_are_copies_to_start_from(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text(find_templates().joinpath(name).read_text("utf-8"), "utf-8")
    made, plain = render(tmp_path), render(None)

    assert made["handler.py"] == plain["handler.py"]
    assert made["__init__.py"] == plain["__init__.py"]
    body = plain["models.py"].partition('"""')[2]
    assert made["models.py"].partition('"""')[2] == body
    assert Templates().digest == ""


def test_the_documentation_lists_what_templates_get() -> None:
    text = PAGE.read_text("utf-8")
    section = text.partition("## Templates of your own")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`((?:package|field)\.[a-z_]+)`", section))

    assert listed == {f"package.{name}" for name in public(Package)} | {
        f"field.{name}" for name in public(PackageField)
    }


def public(kind: type[Package | PackageField]) -> set[str]:
    """Return the names of what an instance has."""
    properties = {name for name, value in vars(kind).items() if isinstance(value, property)}
    return properties | {field.name for field in fields(kind)}
