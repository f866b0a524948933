"""`obgen listen`: show what Salesforce, or `obgen send`, sends to this machine."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from obgen.cli.arrivals import Arrivals
from obgen.cli.console import say
from obgen.cli.options import debug_option
from obgen.cli.project import read_settings
from obgen.errors import ConfigurationError, OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obgen.codegen.contract import Contract, Field
    from obgen.runtime.wire import WireTable

_LOCAL: Final = "127.0.0.1"


@click.command()
@click.argument("wsdls", nargs=-1, required=True, type=click.Path(), metavar="WSDL...")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where to listen; 0 takes a free one.",
)
@click.option(
    "--host",
    default=_LOCAL,
    show_default=True,
    help="Which address of this machine; another one lets others send.",
)
@click.option("--nack", is_flag=True, help="Answer false: send it again.")
@click.option(
    "--save",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep each message in DIR, without its session id.",
)
@click.option(
    "--organization-id",
    "organization_ids",
    multiple=True,
    metavar="ID",
    help="Refuse every other organization; can be given several times.",
)
@debug_option
def listen(  # noqa: PLR0913 - one parameter for each option
    wsdls: tuple[str, ...],
    *,
    port: int,
    host: str,
    nack: bool,
    folder: Path | None,
    organization_ids: tuple[str, ...],
) -> None:
    """Receive the messages of some WSDLs on this machine, and show them, typed.

    Each notification is a table of its fields; what the WSDL doesn't know is marked. The answer is
    true unless a record can't be read. Ctrl-C ends it.
    """
    from obgen.cli.serving import Listener, bind
    from obgen.simulate.arrivals import record_type

    records = {table.object_type: record_type(table) for table in _tables(wsdls)}
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{folder}: can't be made: {error.strerror}", hint="name another directory"
            ) from error
    arrivals = Arrivals(records, folder)
    listener = Listener(records, organization_ids=organization_ids, nack=nack, seen=arrivals.add)
    log, said = logging.getLogger("obgen"), _Said()
    log.addHandler(said)
    try:
        with bind(listener, host, port) as server:
            name = f"[{host}]" if ":" in host else host
            say("note:", f"listening on http://{name}:{server.server_port}/; Ctrl-C ends it")
            server.serve_forever()
    except KeyboardInterrupt:
        plural = "" if arrivals.number == 1 else "s"
        say("note:", f"{arrivals.number} message{plural} arrived")
    finally:
        log.removeHandler(said)


class _Said(logging.Handler):
    """Say on stderr what the receiver logs: why it refuses a message, and what has drifted."""

    def emit(self, record: logging.LogRecord) -> None:
        say("warning:", record.getMessage())


def _tables(wsdls: "Sequence[str]") -> "list[WireTable]":
    """Return the fields of each object, called as its generated dataclass calls them."""
    from obgen.codegen.package import make_package
    from obgen.codegen.settings import Flags
    from obgen.codegen.wsdl import read_contract
    from obgen.runtime.wire import WireTable

    contracts: dict[str, tuple[str, Contract]] = {}
    for path in wsdls:
        contract = read_contract(path)
        for warning in contract.warnings:
            say("warning:", warning)
        first = contracts.get(contract.object_type)
        contracts[contract.object_type] = (path, _merged(first, path, contract))
    options = read_settings([wsdls[0]], Flags()).messages[0].options
    packages = [make_package(contract, options) for _, contract in contracts.values()]
    return [
        WireTable(
            package.object_type,
            {
                # Plain strings, as generated code has them: Python interns no others.
                str(field.python_name): (str(field.api_name), str(field.xsd_type))
                for field in package.fields
            },
            decimals=package.decimals,
        )
        for package in packages
    ]


def _merged(first: "tuple[str, Contract] | None", path: str, contract: "Contract") -> "Contract":
    """Return a contract with the fields of both: an object may have several outbound messages."""
    if first is None:
        return contract
    before, known = first
    fields: dict[str, Field] = {field.api_name: field for field in known.fields}
    for field in contract.fields:
        other = fields.setdefault(field.api_name, field)
        if other.xsd_type != field.xsd_type:
            raise ConfigurationError(
                f"{before} and {path} disagree about {field.api_name}: "
                f"{other.xsd_type} and {field.xsd_type}",
                hint="One of them is out of date: download it again, or listen to one at a time.",
            )
    return replace(contract, fields=tuple(fields.values()))
