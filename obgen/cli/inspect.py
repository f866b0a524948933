"""`obgen inspect`: show what a WSDL promises, and what it is called in Python."""

import json
from typing import TYPE_CHECKING

import click

from obgen.cli.console import say, show, show_table
from obgen.cli.options import debug_option
from obgen.cli.project import read_settings

if TYPE_CHECKING:
    from obgen.codegen.package import Package


@click.command()
@click.argument("wsdl", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")
@debug_option
def inspect(wsdl: str, *, as_json: bool) -> None:
    """Show the object, the endpoint and the fields of a WSDL."""
    from obgen.codegen.package import make_package
    from obgen.codegen.settings import Flags
    from obgen.codegen.wsdl import read_contract

    message, *_ = read_settings([wsdl], Flags()).messages
    contract = read_contract(wsdl)
    package = make_package(contract, message.options)
    (_show_json if as_json else _show_text)(package, contract.endpoint)
    for warning in contract.warnings:
        say("warning:", warning)


def _show_text(package: "Package", endpoint: str) -> None:
    show_table(
        [
            ("object", package.object_type),
            ("package", package.name),
            ("class", package.class_name),
            ("endpoint", endpoint),
            ("fields", str(len(package.fields))),
        ]
    )
    show("")
    show_table(
        [
            ("API name", "Python name", "WSDL type", "Python type"),
            *(
                (field.api_name, field.python_name, field.xsd_type, field.python_type)
                for field in package.fields
            ),
        ]
    )


def _show_json(package: "Package", endpoint: str) -> None:
    fields = [
        {
            "api_name": field.api_name,
            "python_name": field.python_name,
            "xsd_type": field.xsd_type,
            "python_type": field.python_type,
        }
        for field in package.fields
    ]
    click.echo(
        json.dumps(
            {
                "object": package.object_type,
                "package": package.name,
                "class": package.class_name,
                "endpoint": endpoint,
                "fields": fields,
            },
            indent=2,
        )
    )
