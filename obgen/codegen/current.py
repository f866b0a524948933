"""Find that nothing changed, by hashes alone: without xsdata, jinja2 and what they would make.

A package is current if its `models.py` says that it came from this WSDL, these options and
templates and this obgen, and with the `__init__.py` that is there, and nobody edited it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import obgen
from obgen.codegen.document import parse_document, read_bytes
from obgen.codegen.fragments import ApiName
from obgen.codegen.header import CONTENT, OBJECT, WSDL, is_edited, make_facts
from obgen.codegen.naming import name_package
from obgen.codegen.output import Action, Change, Plan, Reason
from obgen.codegen.present import PresentPackage, orphans, present_packages
from obgen.codegen.settings import Message, Settings
from obgen.codegen.templates import HANDLER, INIT, MODELS, Templates


@dataclass(frozen=True, slots=True)
class Generation:
    """What a run is going to do, and what a person should know about it.

    Attributes:
        plan: The change of each file.
        messages: How many messages there are.
        breaking: What of it breaks handlers, each a phrase.
        warnings: What obgen had to guess or to rename in a package that changes, with file and
            line.
        notes: What could be better about such a package.
        orphans: The directories of packages that the configuration has no message for.
    """

    plan: Plan
    messages: int
    breaking: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    orphans: tuple[Path, ...] = ()

    @property
    def writes(self) -> bool:
        """Return whether any file is written."""
        return any(change.writes for change in self.plan.changes)

    @property
    def differs(self) -> bool:
        """Return whether that is for another reason than a new version of obgen."""
        return any(
            change.writes and change.reasons != (Reason.VERSION,) for change in self.plan.changes
        )

    @property
    def created(self) -> int:
        """Return how many packages are new."""
        return len(self._new)

    @property
    def updated(self) -> int:
        """Return how many packages were there, and change."""
        written = {change.path.parent for change in self.plan.changes if change.writes}
        return len(written & self._directories - self._new)

    @property
    def _directories(self) -> frozenset[Path]:
        return frozenset(
            change.path.parent for change in self.plan.changes if change.path.name == MODELS
        )

    @property
    def _new(self) -> frozenset[Path]:
        return frozenset(
            change.path.parent
            for change in self.plan.changes
            if change.path.name == MODELS and change.action is Action.CREATED
        )


def find_current(
    settings: Settings, templates: Templates, read: Callable[[str], bytes] = read_bytes
) -> Generation | None:
    """Return the run that changes nothing, or None if any package needs a closer look.

    `read` returns the bytes of a WSDL. Raises `WsdlError` for one that can't be used.
    """
    present = present_packages(settings.output)
    found: dict[str, PresentPackage] = {}
    for message in settings.messages:
        package = _current_package(message, read(message.wsdl), present, templates)
        if package is None or package.directory.name in found:
            return None
        found[package.directory.name] = package
    names = [path.name.lower() for path in settings.output.iterdir()]
    if len(set(names)) < len(names):
        return None  # one directory to some systems, which planning refuses
    return Generation(
        plan=Plan(
            settings.output,
            (),
            tuple(change for one in found.values() for change in _unchanged(one)),
        ),
        messages=len(settings.messages),
        orphans=orphans(present, found) if settings.source else (),
    )


def _current_package(
    message: Message, body: bytes, present: Mapping[str, PresentPackage], templates: Templates
) -> PresentPackage | None:
    """Return the package of a message if it is there and nothing about it changed."""
    digest = parse_document(body, message.wsdl).shape.digest
    for name, package in present.items():
        facts = dict(package.header.facts)
        object_type = facts.get(OBJECT, "")
        if facts.get(WSDL) != f"sha256:{digest}" or not ApiName.allows(object_type):
            continue
        if name == name_package(object_type, message.options.name):
            facts.pop(CONTENT, None)
            expected = make_facts(
                object_type,
                digest,
                message.options,
                templates=templates.digest,
                package=package.init or "",
            )
            same = facts == expected and package.header.version == obgen.__version__
            return package if same and not is_edited(package.models) else None
    return None


def _unchanged(package: PresentPackage) -> Iterator[Change]:
    yield Change(package.directory / INIT, Action.UNCHANGED, package.init or "")
    handler = package.directory / HANDLER
    if os.path.lexists(handler):
        yield Change(handler, Action.KEPT, "", yours=True)
    yield Change(package.directory / MODELS, Action.UNCHANGED, package.models)
