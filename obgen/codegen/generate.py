"""From WSDL files to a plan: read, name, render, compare. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from obgen.codegen.contract import Contract
from obgen.codegen.output import Plan, make_plan
from obgen.codegen.package import Package, SourceFile, make_package
from obgen.codegen.render import render_package
from obgen.codegen.settings import Settings
from obgen.codegen.wsdl import read_contract
from obgen.errors import ConfigurationError

_STAMPS: Final = frozenset({"LastModifiedDate", "SystemModstamp"})


@dataclass(frozen=True, slots=True)
class Generation:
    """What a run is going to do, and what a person should know about it.

    Attributes:
        plan: The change of each file.
        warnings: What obgen had to guess or to rename, with file and line.
        notes: What could be better.
    """

    plan: Plan
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


def plan_generation(paths: Sequence[str], settings: Settings) -> Generation:
    """Return what generating from some WSDL files would do, or raise an `ObgenError`."""
    if settings.name is not None and len(paths) > 1:
        raise ConfigurationError(
            "--name goes with one WSDL", hint="generate the others in calls of their own"
        )
    names: dict[str, str] = {}
    sources: list[SourceFile] = []
    warnings: list[str] = []
    notes: list[str] = []
    for path in paths:
        contract = read_contract(path)
        package = make_package(contract, settings)
        if package.name in names:
            raise ConfigurationError(
                f"{names[package.name]} and {path} would both become the package {package.name}",
                hint=f"generate one of them by itself, with a name: --name {package.name}_2",
            )
        names[package.name] = path
        sources += render_package(package, settings)
        warnings += (*contract.warnings, *_renamed(path, package))
        notes += _advice(path, contract)
    return Generation(make_plan(settings.output, sources), tuple(warnings), tuple(notes))


def _renamed(path: str, package: Package) -> list[str]:
    lines = {str(field.api_name): field.line for field in package.fields}
    return [
        f"{path}:{lines[collision.api_name]}: {collision.api_name} is called "
        f"{collision.python_name}, because {collision.kept} is {collision.kept_name}"
        for collision in package.collisions
    ]


def _advice(path: str, contract: Contract) -> list[str]:
    if any(field.api_name in _STAMPS for field in contract.fields):
        return []
    advice = (
        f"{path}: neither SystemModstamp nor LastModifiedDate is among the fields; with "
        "SystemModstamp a receiver could tell stale messages (they come late, twice, out of order)"
    )
    return [advice]
