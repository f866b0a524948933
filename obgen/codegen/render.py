"""Render the files of a package; only this module knows jinja2.

Templates can't print raw text: whatever an expression in a template yields must be a `Fragment`,
which has proved what it holds, or an integer. Any other text, one that a filter made too, is an
error. That holds for the user's templates as well, and they run in jinja's sandbox.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from types import TracebackType
from typing import Final

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, Undefined
from jinja2.nodes import CallBlock, FilterBlock, Node
from jinja2.sandbox import ImmutableSandboxedEnvironment

import obgen
from obgen.codegen.fragments import Fragment, Literal, PythonName
from obgen.codegen.header import Header, make_facts
from obgen.codegen.package import Package, SourceFile
from obgen.codegen.settings import Options
from obgen.codegen.syntax import parse_module
from obgen.codegen.templates import HANDLER, INIT, MODELS, Templates
from obgen.errors import TemplateError

_NO_TEMPLATES: Final = Templates()
_UNCHECKED: Final[Mapping[type[Node], tuple[str, str]]] = {
    FilterBlock: ("filter", "put the filter behind a value"),
    CallBlock: ("call", "give the macro what it needs as arguments"),
}
"""The blocks whose result jinja prints without `finalize`, and what to write instead."""


def render_package(
    package: Package, options: Options, templates: Templates = _NO_TEMPLATES
) -> tuple[SourceFile, ...]:
    """Return the files of one package, or raise `TemplateError` for a template of the user's.

    `models.py` is the last one: when it is in its place, the package is complete.
    """
    renderer = _Renderer(templates)

    def source(name: str, header: Header | None) -> SourceFile:
        body = renderer.render(f"{name}.jinja", package)
        text = header.stamp(body) if header else body
        return SourceFile(PurePosixPath(package.name, name), text, yours=header is None)

    init = source(INIT, Header())
    facts = make_facts(
        package.object_type,
        package.digest,
        options,
        templates=templates.digest,
        package=init.text,
    )
    return init, source(HANDLER, None), source(MODELS, Header(obgen.__version__, facts))


class _Renderer:
    """Render templates, and tell which line of one is wrong."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._environment = make_environment(templates)

    def render(self, name: str, package: Package) -> str:
        template = self._templates.overrides.get(name)
        try:
            text = self._environment.get_template(name).render(package=package)
        except TemplateSyntaxError as error:
            raise TemplateError(
                f"this isn't a template: {error.message}",
                path=error.filename or name,
                line=error.lineno,
                hint="mend the template",
            ) from error
        except Exception as error:
            place = self._place(error, name)
            if place is None:
                raise  # a fault of obgen's own
            path, line = place
            raise TemplateError(
                _reason(error),
                path=path,
                line=line,
                hint='see "Templates of your own" in the documentation for what they get',
            ) from error
        if template is not None:
            _check_python(text, template.path)
        return text

    def _place(self, error: Exception, name: str) -> tuple[str, int | None] | None:
        """Return the innermost line in a template of the user's that an error comes from."""
        overrides = self._templates.overrides
        paths = {template.path for template in overrides.values()}
        places = [place for place in _places(error.__traceback__) if place[0] in paths]
        if places:
            return places[-1]
        return (overrides[name].path, None) if name in overrides else None


def make_environment(templates: Templates = _NO_TEMPLATES) -> ImmutableSandboxedEnvironment:
    """Return the jinja environment in which nothing but fragments and integers can be printed."""

    def load(name: str) -> tuple[str, str, None] | None:
        template = templates.get(name)
        if template is None:
            return None
        parsed = environment.parse(template.text, name, template.path)
        for block in parsed.find_all(tuple(_UNCHECKED)):
            # What it prints would be looked at by nobody.
            tag, instead = _UNCHECKED[type(block)]
            reason = f"{{% {tag} %}} isn't allowed here; {instead}"
            raise TemplateSyntaxError(reason, block.lineno, name, template.path)
        return template.text, template.path, None

    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
        finalize=printable,
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = Literal
    environment.filters["name"] = PythonName
    return environment


def printable(value: object) -> object:
    """Return `value` if a template may print it, or raise TypeError."""
    if isinstance(value, Fragment) or type(value) is int:
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises, and says what is missing
    raise TypeError(f"a template can print fragments and integers, no {type(value).__name__}")


def _places(traceback: TracebackType | None) -> Iterator[tuple[str, int | None]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next


def _reason(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name}"
    return f"the template can't be rendered: {type(error).__name__}: {error}"


def _check_python(text: str, path: str) -> None:
    """Refuse what isn't Python: better now than when somebody imports it."""
    try:
        parse_module(text)
    except (MemoryError, RecursionError, SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        place = f", in line {line} of it" if line else ""
        reason = error.msg if isinstance(error, SyntaxError) else str(error) or "it is too deep"
        raise TemplateError(
            f"what this makes isn't Python{place}: {reason}",
            path=path,
            hint="mend the template",
        ) from None
