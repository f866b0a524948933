"""Compare two contracts: what changed, whether it breaks handlers, and why.

Both are seen through the names and types that obgen would generate, since that is what handlers
are written against. So a field that Salesforce types otherwise but Python doesn't breaks nothing,
and one that only Python calls otherwise does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from obgen.codegen.contract import Contract
from obgen.codegen.endpoint import differing_parts, origin
from obgen.codegen.package import Package, PackageField, make_package
from obgen.codegen.settings import FieldNames, Numbers, Options

_REMOVED: Final = (
    "Salesforce sends it no more, which a receiver can't tell from an empty field: it is None "
    "until you generate again, then it is gone."
)
_ADDED: Final = (
    "Handlers that don't know it aren't touched; only code that read it from `unknown` finds it "
    "in the dataclass now."
)
_HIDDEN: Final = "; only the address is shown, since the rest may hold a secret"


class Kind(StrEnum):
    """What happened, in the word that a person reads; sorted by how much it concerns handlers."""

    OBJECT = "object"
    REMOVED = "removed"
    RETYPED = "retyped"
    RENAMED = "renamed"
    ADDED = "added"
    ENDPOINT = "endpoint"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts.

    Attributes:
        kind: What happened. A field that got another type and another name has two changes.
        api_name: The field, or None for the object and the endpoint.
        old: What it was: of a field {"python_name", "xsd_type", "python_type"}, of the object
            {"object", "class"}, of the endpoint {"origin"}; None for an added field.
        new: What it is, in the same form; None for a removed field.
        breaking: Whether handlers have to be changed.
        why: The reason for that, one sentence.
    """

    kind: Kind
    api_name: str | None
    old: Mapping[str, str] | None
    new: Mapping[str, str] | None
    breaking: bool
    why: str

    @property
    def broken_name(self) -> str | None:
        """Return what a breaking change takes from handlers: a field's Python name.

        None stands for the class as a whole, where the object is another.
        """
        return self.old["python_name"] if self.api_name and self.old else None


def compare(
    old: Contract,
    new: Contract,
    *,
    field_names: FieldNames = FieldNames.SNAKE,
    numbers: Numbers = Numbers.FLOAT,
) -> tuple[Change, ...]:
    """Return all differences: breaking ones first, then by kind, then by API name.

    The order of fields is no difference, and neither is anything in a WSDL but the object, its
    fields and the endpoint.
    """
    options = Options(field_names=field_names, numbers=numbers)
    packages = compare_packages(make_package(old, options), make_package(new, options))
    return _sorted((*packages, *_compare_endpoints(old.endpoint, new.endpoint)))


def compare_packages(before: Package, after: Package) -> tuple[Change, ...]:
    """Return what differs between two packages, as `compare` does: all but the endpoint."""
    return _sorted((*_compare_objects(before, after), *_compare_fields(before, after)))


def _sorted(changes: Iterable[Change]) -> tuple[Change, ...]:
    ranks = list(Kind)
    return tuple(
        sorted(
            changes, key=lambda one: (not one.breaking, ranks.index(one.kind), one.api_name or "")
        )
    )


def _compare_objects(before: Package, after: Package) -> Iterator[Change]:
    old, new = before.object_type, after.object_type
    if old != new:
        why = f"Handlers of {old} get none of these messages: {new} needs handlers of its own."
        yield Change(Kind.OBJECT, None, _object(before), _object(after), breaking=True, why=why)


def _compare_fields(before: Package, after: Package) -> Iterator[Change]:
    olds = {str(field.api_name): field for field in before.fields}
    news = {str(field.api_name): field for field in after.fields}
    owners = {str(field.python_name): str(field.api_name) for field in after.fields}
    for name, new in news.items():
        if name not in olds:
            yield Change(Kind.ADDED, name, None, _field(new), breaking=False, why=_ADDED)
    for name, old in olds.items():
        owner = owners.get(old.python_name)
        if name in news:
            yield from _compare_field(old, news[name], owner)
        else:
            why = _why_removed(old.python_name, owner)
            yield Change(Kind.REMOVED, name, _field(old), None, breaking=True, why=why)


def _compare_field(old: PackageField, new: PackageField, owner: str | None) -> Iterator[Change]:
    """Yield what changed about a field; `owner` has its old Python name now."""
    sides = _field(old), _field(new)
    if (old.xsd_type, old.python_type) != (new.xsd_type, new.python_type):
        breaking = old.python_type != new.python_type
        why = _why_retyped(old, new)
        yield Change(Kind.RETYPED, old.api_name, *sides, breaking=breaking, why=why)
    if old.python_name != new.python_name:
        why = f"The field is the same, but handlers must call it {new.python_name} now"
        why += f": {old.python_name} is {owner} from here on." if owner else "."
        yield Change(Kind.RENAMED, old.api_name, *sides, breaking=True, why=why)


def _compare_endpoints(old: str, new: str) -> Iterator[Change]:
    if old != new:
        sides = {"origin": origin(old)}, {"origin": origin(new)}
        why = _why_moved(differing_parts(old, new))
        yield Change(Kind.ENDPOINT, None, *sides, breaking=False, why=why)


def _why_removed(python_name: str, owner: str | None) -> str:
    if owner is None:
        return _REMOVED
    return f"Salesforce sends it no more, and {python_name} is another field now: {owner}."


def _why_retyped(old: PackageField, new: PackageField) -> str:
    if old.python_type == new.python_type:
        same = f"both are {old.python_type} in Python"
        return f"The WSDL says {new.xsd_type} where it said {old.xsd_type}; {same}."
    if old.xsd_type == new.xsd_type:
        return f"Handlers get {new.python_type} where they expect {old.python_type}."
    meanwhile = f"a value that isn't xsd:{old.xsd_type} is an error of its notification"
    if old.python_type == "str":
        meanwhile = "it stays text"
    return (
        f"Handlers get {new.python_type} where they expect {old.python_type}; "
        f"until you generate again, {meanwhile}."
    )


def _why_moved(parts: tuple[str, ...]) -> str:
    secret = "" if parts == ("address",) else _HIDDEN
    return (
        "No handler depends on it, but your receiver must answer there; "
        f"what differs: {', '.join(parts)}{secret}."
    )


def _object(package: Package) -> Mapping[str, str]:
    return {"object": str(package.object_type), "class": str(package.class_name)}


def _field(field: PackageField) -> Mapping[str, str]:
    return {
        "python_name": str(field.python_name),
        "xsd_type": str(field.xsd_type),
        "python_type": str(field.python_type),
    }
