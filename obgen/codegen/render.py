"""Render the files of a package; only this module knows jinja2.

Templates can't print raw text: whatever an expression in a template yields must be a `Fragment`,
which has proved what it holds, or an integer. Any other text, one that a filter made too, is an
error.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

import obgen
from obgen.codegen.fragments import Fragment
from obgen.codegen.header import OBJECT, Header
from obgen.codegen.package import Package, SourceFile
from obgen.codegen.settings import Settings

_MODELS: Final = "models.py"
_INIT: Final = "__init__.py"
_HANDLER: Final = "handler.py"


def render_package(package: Package, settings: Settings) -> tuple[SourceFile, ...]:
    """Return the files of one package, its `models.py` first."""
    environment = make_environment()

    def source(name: str, header: Header | None) -> SourceFile:
        body = environment.get_template(f"{name}.jinja").render(package=package)
        return SourceFile(
            PurePosixPath(package.name, name),
            header.stamp(body) if header else body,
            yours=header is None,
        )

    facts = {
        OBJECT: package.object_type,
        "wsdl": f"sha256:{package.digest}",
        "options": f"field-names={settings.field_names} numbers={settings.numbers}",
    }
    return (
        source(_MODELS, Header(obgen.__version__, facts)),
        source(_INIT, Header()),
        source(_HANDLER, None),
    )


def make_environment() -> Environment:
    """Return the jinja environment in which nothing but fragments and integers can be printed."""
    templates = find_templates()
    return Environment(
        loader=FunctionLoader(lambda name: templates.joinpath(name).read_text("utf-8")),
        finalize=printable,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - this makes Python, and `finalize` is stricter
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def printable(value: object) -> object:
    """Return `value` if a template may print it, or raise TypeError."""
    if isinstance(value, Fragment) or type(value) is int:
        return value
    raise TypeError(f"a template can print fragments and integers, no {type(value).__name__}")


def find_templates() -> Traversable:
    """Return the directory of templates: inside the installed package, or in a checkout."""
    installed = files("obgen") / "templates"
    if installed.joinpath(f"{_MODELS}.jinja").is_file():
        return installed
    return Path(__file__).parents[2] / "templates"
