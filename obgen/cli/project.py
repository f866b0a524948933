"""One run of the generator: what it is to work on, what it would do, and doing it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from obgen.errors import ConfigurationError

if TYPE_CHECKING:
    from obgen.codegen.current import Generation
    from obgen.codegen.settings import Flags, Settings


def make_flags(
    field_names: str | None,
    numbers: str | None,
    *,
    output: Path | None = None,
    name: str | None = None,
    templates: Path | None = None,
) -> "Flags":
    """Return what the options of a command say."""
    from obgen.codegen.settings import FieldNames, Flags, Numbers

    return Flags(
        output,
        name,
        FieldNames(field_names) if field_names else None,
        Numbers(numbers) if numbers else None,
        templates,
    )


def read_settings(wsdls: Sequence[str], flags: "Flags") -> "Settings":
    """Return the settings of a run in the current directory, or raise an `ObgenError`.

    They come from the flags, then from `[tool.obgen]` of the project around.
    """
    from obgen.codegen.config import find_configuration
    from obgen.codegen.settings import resolve

    try:
        here = Path.cwd()
    except OSError as error:
        raise ConfigurationError(
            "the current directory is gone", hint="go to another one"
        ) from error
    return resolve(wsdls, flags, find_configuration(here, files=not wsdls))


def plan(settings: "Settings") -> "Generation":
    """Return what a run would do, without loading the generator where that is nothing."""
    from obgen.codegen.current import find_current
    from obgen.codegen.document import read_bytes
    from obgen.codegen.templates import is_checkout, read_templates

    templates = read_templates(settings.templates)
    read = cache(read_bytes)  # a pipe can be read only once
    # In obgen's own checkout more can change than the version says.
    current = None if is_checkout() else find_current(settings, templates, read)
    if current is not None:
        return current
    from obgen.codegen.generate import plan_generation

    return plan_generation(settings, templates, read)


def write(generation: "Generation") -> None:
    """Write what is planned, and remove what a killed run left beside it."""
    from obgen.codegen.publish import write_plan

    write_plan(generation.plan)
