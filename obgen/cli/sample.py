"""`obgen sample`: write a message as Salesforce would send it."""

from typing import TYPE_CHECKING

import click

from obgen.cli.console import say
from obgen.cli.options import debug_option

if TYPE_CHECKING:
    from obgen.codegen.contract import Contract
    from obgen.runtime.wire import WireTable


@click.command()
@click.argument("wsdl", type=click.Path())
@click.option(
    "-n",
    "--notifications",
    "number",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    metavar="N",
    help="How many notifications the message has.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="S",
    help="Another number gives other records; the same one the same bytes.",
)
@click.option(
    "--deleted",
    type=click.IntRange(0, 100),
    default=0,
    metavar="K",
    help="Let the last K notifications be of records that were deleted before delivery.",
)
@click.option(
    "--sparse", is_flag=True, help="Leave some fields of each record empty, others each time."
)
@click.option(
    "--unknown-field",
    "unknown",
    multiple=True,
    metavar="NAME",
    help="Add a field that the WSDL doesn't have; can be given several times.",
)
@click.option(
    "--organization-id",
    metavar="ID",
    help="Which organization sends it.  [default: 00D000000000001EAA]",
)
@click.option(
    "--action-id",
    metavar="ID",
    help="Which outbound message of Setup it is.  [default: 04k000000000001AAA]",
)
@debug_option
def sample(  # noqa: PLR0913 - one parameter for each option
    wsdl: str,
    *,
    number: int,
    seed: int,
    deleted: int,
    sparse: bool,
    unknown: tuple[str, ...],
    organization_id: str | None,
    action_id: str | None,
) -> None:
    """Write a message as Salesforce would send it, with made-up records, on stdout."""
    from obgen.codegen.wsdl import read_contract
    from obgen.simulate.message import ACTION_ID, ORGANIZATION_ID, Sender, write_message
    from obgen.simulate.sample import Sample

    contract = read_contract(wsdl)
    made = Sample(number=number, seed=seed, deleted=deleted, unknown=unknown, sparse=sparse)
    sender = Sender(
        organization_id=organization_id or ORGANIZATION_ID, action_id=action_id or ACTION_ID
    )
    click.echo(write_message(made.notifications(make_table(contract)), sender))
    for warning in contract.warnings:
        say("warning:", warning)


def make_table(contract: "Contract") -> "WireTable":
    """Return the fields of a WSDL as those who play Salesforce take them."""
    from obgen.codegen.naming import field_names
    from obgen.codegen.settings import FieldNames
    from obgen.runtime.wire import WireTable

    names, _ = field_names((field.api_name for field in contract.fields), FieldNames.API)
    return WireTable(
        contract.object_type,
        {names[field.api_name]: (field.api_name, field.xsd_type) for field in contract.fields},
    )
