"""`obgen generate`: write the packages of some WSDLs, or say what would change."""

from pathlib import Path

import click

from obgen.cli.options import debug_option, field_names_option, numbers_option
from obgen.cli.project import make_flags, plan, read_settings, write
from obgen.cli.report import (
    report_differences,
    report_untracked,
    report_written,
    show_diff,
)


@click.command()
@click.argument("wsdl", nargs=-1, type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The directory that gets one package per outbound message.  [default: outbound]",
)
@click.option("--name", help="The name of the package; goes with one WSDL.")
@field_names_option
@numbers_option
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take templates from DIR first, by their file names.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything would change.")
@click.option("--diff", is_flag=True, help="As --check, and show the changes as a unified diff.")
@click.option(
    "--exit-non-zero-on-change", is_flag=True, help="Exit with 1 if anything was written."
)
@click.option(
    "--exit-non-zero-on-untracked",
    is_flag=True,
    help="Exit with 1 if git doesn't know a file of a package, which a commit would lack.",
)
@click.option("--watch", is_flag=True, help="Generate again whenever a WSDL or template changes.")
@debug_option
def generate(  # noqa: PLR0913 - one parameter for each option
    wsdl: tuple[str, ...],
    *,
    output: Path | None,
    name: str | None,
    field_names: str | None,
    numbers: str | None,
    templates: Path | None,
    check: bool,
    diff: bool,
    exit_non_zero_on_change: bool,
    exit_non_zero_on_untracked: bool,
    watch: bool,
) -> int:
    """Write one package of typed Python for each WSDL.

    Without a WSDL, all messages that [tool.obgen] lists in the nearest pyproject.toml. What is
    set there goes for the others too, unless an option says otherwise.

    models.py and __init__.py are generated again each time; handler.py is written once and is
    yours from then on.
    """
    flags = make_flags(field_names, numbers, output=output, name=name, templates=templates)
    if watch:
        if check or diff or exit_non_zero_on_change or exit_non_zero_on_untracked:
            raise click.UsageError(
                "--watch doesn't end, so it goes with no --check, --diff or --exit-non-zero-…"
            )
        from obgen.cli.watch import watch_and_write

        watch_and_write(wsdl, flags)
        return 0
    settings = read_settings(wsdl, flags)
    generation = plan(settings)
    if check or diff:
        report_differences(generation)
        if diff:
            show_diff(generation)
        failed = generation.differs
    else:
        write(generation)
        report_written(generation)
        failed = exit_non_zero_on_change and generation.writes
    if exit_non_zero_on_untracked:
        failed |= report_untracked(generation)
    return int(failed)
