"""Give everything that Salesforce names a Python name: always, uniquely, and the same each time.

The rules depend on nothing but the names, so neither the order of fields nor the version of
Python changes them.
"""

import keyword
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from obgen.codegen.fragments import MAX_API_NAME, PythonName
from obgen.codegen.quoting import quoted
from obgen.codegen.reserved import CLASS_BODY, CLASSES, HANDLER, PACKAGES
from obgen.codegen.settings import FieldNames
from obgen.errors import ConfigurationError

# A word ends before a capital that follows a small letter, and before the last capital of a run
# that a small letter follows. Digits stay with the letters before them.
_AFTER_SMALL: Final = re.compile(r"([a-z][0-9]*)(?=[A-Z])")
_AFTER_RUN: Final = re.compile(r"([A-Z][0-9]*)(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class Collision:
    """Two fields that would have had one Python name.

    Attributes:
        api_name: The field that had to give way.
        python_name: What it is called now.
        kept: The API name of the field that has the name.
        kept_name: The name that both would have had.
    """

    api_name: str
    python_name: PythonName
    kept: str
    kept_name: PythonName


def snake_case(name: str) -> str:
    """Return `name` in small letters, with `_` between its words; other `_` stay as they are."""
    return _AFTER_RUN.sub(r"\1_", _AFTER_SMALL.sub(r"\1_", name)).lower()


def package_name(object_type: str) -> PythonName:
    """Return the package of an object: `gwestr__Shipment__c` becomes `gwestr_shipment`."""
    return _spared(_stem(object_type), PACKAGES)


def chosen_package_name(name: str) -> PythonName:
    """Return a package name that a person chose, or raise `ConfigurationError`."""
    if len(name) > MAX_API_NAME or not PythonName.allows(name):
        raise ConfigurationError(
            f"{quoted(name)} can't be the name of a package",
            hint="take ASCII letters, digits and _, with a letter first, and no Python keyword",
        )
    if name.lower() in PACKAGES:
        raise ConfigurationError(
            f"{quoted(name)} can't be the name of a package: pytest or Windows gives it a meaning",
            hint=f"{quoted(name + '_')} would do",
        )
    return PythonName(name)


def name_package(object_type: str, chosen: str | None) -> PythonName:
    """Return the name that a person chose, or else that of the object."""
    return package_name(object_type) if chosen is None else chosen_package_name(chosen)


def class_name(object_type: str) -> PythonName:
    """Return the class of an object: `gwestr__Shipment__c` becomes `GwestrShipment`."""
    words = _stem(object_type).split("_")
    return _spared("".join(word[:1].upper() + word[1:] for word in words), CLASSES)


def argument_name(object_type: str) -> PythonName:
    """Return what a handler calls the record that it gets."""
    return _spared(_stem(object_type), HANDLER)


def field_names(
    api_names: Iterable[str], style: FieldNames
) -> tuple[Mapping[str, PythonName], tuple[Collision, ...]]:
    """Return {API name: Python name}, in the order given, and the collisions on the way there.

    Of fields that would share a name, the one that is spelled like it comes first, then the
    alphabet decides; the others get `_2`, `_3` and so on. `id` always is the record's Id.
    """
    ordered = tuple(api_names)
    groups: dict[PythonName, list[str]] = defaultdict(list)
    for api_name in ordered:
        groups[_wanted(api_name, style)].append(api_name)
    found: dict[str, PythonName] = {}
    collisions: list[Collision] = []
    taken = set(groups)
    for wanted, group in sorted(groups.items()):
        kept, *others = sorted(group, key=lambda name: (name != "Id", name != wanted, name))
        found[kept] = wanted
        number = 2
        for api_name in others:
            while PythonName(f"{wanted}_{number}") in taken:
                number += 1
            python_name = PythonName(f"{wanted}_{number}")
            taken.add(python_name)
            found[api_name] = python_name
            collisions.append(Collision(api_name, python_name, kept, wanted))
    return {api_name: found[api_name] for api_name in ordered}, tuple(collisions)


def _wanted(api_name: str, style: FieldNames) -> PythonName:
    if api_name == "Id":
        return PythonName("id")
    return _spared(api_name if style is FieldNames.API else snake_case(api_name), CLASS_BODY)


def _stem(object_type: str) -> str:
    """Return the object's name without `__c`, in snake case, with single underscores."""
    plain = snake_case(object_type.removesuffix("__c"))
    return re.sub("_+", "_", plain).rstrip("_")


def _spared(name: str, taken: frozenset[str]) -> PythonName:
    return PythonName(f"{name}_" if name in taken or keyword.iskeyword(name) else name)
