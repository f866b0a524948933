"""From settings to a plan: read, name, render, compare. Nothing is written here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from obgen.codegen.compare import Change as FieldChange
from obgen.codegen.compare import Kind, compare_packages
from obgen.codegen.contract import Contract
from obgen.codegen.current import Generation
from obgen.codegen.document import read_bytes
from obgen.codegen.output import Change, make_plan
from obgen.codegen.package import Package, make_package
from obgen.codegen.present import orphans, present_packages
from obgen.codegen.previous import read_package
from obgen.codegen.render import render_package
from obgen.codegen.settings import Message, Settings
from obgen.codegen.templates import MODELS, Templates, read_templates
from obgen.codegen.wsdl import parse_contract
from obgen.errors import ConfigurationError

_STAMPS: Final = frozenset({"LastModifiedDate", "SystemModstamp"})


@dataclass(frozen=True, slots=True)
class _Target:
    """What one message becomes."""

    message: Message
    contract: Contract
    package: Package


def plan_generation(
    settings: Settings,
    templates: Templates | None = None,
    read: Callable[[str], bytes] = read_bytes,
) -> Generation:
    """Return what generating all messages would do, or raise an `ObgenError`.

    `templates` are those of the settings, where somebody has read them already, and `read` returns
    the bytes of a WSDL.
    """
    templates = templates or read_templates(settings.templates)
    targets: dict[str, _Target] = {}
    taken: dict[str, Message] = {}
    for message in settings.messages:
        contract = parse_contract(read(message.wsdl), message.wsdl)
        package = make_package(contract, message.options)
        # Names that differ only by case are one directory on Windows and macOS.
        first = taken.setdefault(package.name.lower(), message)
        if first is not message:
            raise _clash(first, message, package.name, settings.source)
        targets[package.name] = _Target(message, contract, package)
    plan = make_plan(
        settings.output,
        (
            render_package(target.package, target.message.options, templates)
            for target in targets.values()
        ),
    )
    written = {change.path.parent for change in plan.changes if change.writes}
    models = {change.path.parent: change for change in plan.changes if change.path.name == MODELS}
    changing = [
        (target, models[directory], read_package(models[directory].before, target.package.name))
        for target in targets.values()
        if (directory := settings.output / target.package.name) in written
    ]
    return Generation(
        plan=plan,
        messages=len(targets),
        breaking=tuple(one for target, _, before in changing for one in _breaking(target, before)),
        warnings=tuple(one for target, *_ in changing for one in _warnings(target)),
        notes=tuple(one for change in changing for one in _notes(*change)),
        orphans=orphans(present_packages(settings.output), targets) if settings.source else (),
    )


def _clash(first: Message, second: Message, name: str, source: str | None) -> ConfigurationError:
    if source is None:
        return ConfigurationError(
            f"{first.wsdl} and {second.wsdl} would both become the package {name}",
            hint=f"generate one of them by itself, with a name: --name {name}_2",
        )
    return ConfigurationError(
        f"{source}: {first.place} ({first.wsdl}) and {second.place} ({second.wsdl}) would both "
        f"become the package {name}",
        hint=f'give one of them a name of its own: name = "{name}_2"',
    )


def _breaking(target: _Target, before: Package | None) -> Iterator[str]:
    """Yield what the change of a package takes from its handlers, each as a phrase."""
    if before is not None:
        for change in compare_packages(before, target.package):
            if change.breaking:
                yield f"{target.package.name}: {_phrase(change)}"


def _phrase(change: FieldChange) -> str:
    match change.kind, change.old, change.new:
        case Kind.RETYPED, {"python_name": name, "python_type": old}, {"python_type": new}:
            return f"{change.api_name} is another type now ({name}: {old} is {new})"
        case Kind.RENAMED, {"python_name": old}, {"python_name": new}:
            return f"{change.api_name} is called otherwise now ({old} is {new})"
        case _, {"python_name": name, "python_type": old}, _:
            return f"{change.api_name} was removed ({name}: {old})"
        case _:
            return change.why


def _warnings(target: _Target) -> Iterator[str]:
    yield from target.contract.warnings
    lines = {field.api_name: field.line for field in target.contract.fields}
    for collision in target.package.collisions:
        yield (
            f"{target.message.wsdl}:{lines[collision.api_name]}: {collision.api_name} is called "
            f"{collision.python_name}, because {collision.kept} is {collision.kept_name}"
        )


def _notes(target: _Target, models: Change, before: Package | None) -> Iterator[str]:
    if models.before and before is None:
        yield (
            f"{models.path} doesn't say any more what it was generated from; "
            "what its update breaks isn't known"
        )
    if not any(field.api_name in _STAMPS for field in target.contract.fields):
        yield (
            f"{target.message.wsdl}: neither SystemModstamp nor LastModifiedDate is among the "
            "fields; with SystemModstamp a receiver could tell stale messages (they come late, "
            "twice, out of order)"
        )
