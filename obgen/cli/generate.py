"""`obgen generate`: write the packages of some WSDLs."""

from pathlib import Path

import click

from obgen.cli.console import say
from obgen.cli.options import debug_option


@click.command()
@click.argument("wsdl", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("outbound"),
    show_default=True,
    help="The directory that gets one package per outbound message.",
)
@click.option("--name", help="The name of the package; goes with one WSDL.")
@click.option(
    "--field-names",
    type=click.Choice(["snake", "api"]),
    default="snake",
    show_default=True,
    help="Call Is_Won__c is_won__c, or leave it.",
)
@click.option(
    "--numbers",
    type=click.Choice(["float", "decimal"]),
    default="float",
    show_default=True,
    help="Make doubles float, or decimal.Decimal.",
)
@debug_option
def generate(
    wsdl: tuple[str, ...], output: Path, name: str | None, field_names: str, numbers: str
) -> None:
    """Write one package of typed Python for each WSDL.

    models.py and __init__.py are generated again each time; handler.py is written once and is
    yours from then on.
    """
    from obgen.codegen.generate import plan_generation
    from obgen.codegen.output import write_plan
    from obgen.codegen.settings import FieldNames, Numbers, Settings

    settings = Settings(output, FieldNames(field_names), Numbers(numbers), name)
    generation = plan_generation(wsdl, settings)
    write_plan(generation.plan)
    for change in generation.plan.changes:
        edited = " (an edit by hand was replaced)" if change.edited else ""
        say(change.action, f"{change.path}{edited}", width=len("unchanged"))
    for warning in generation.warnings:
        say("warning:", warning)
    for note in generation.notes:
        say("note:", note)
