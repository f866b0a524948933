"""Make ids as Salesforce does: a prefix for the kind, a number, and a suffix for the case."""

from typing import Final

_CHARACTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIXES: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT: Final = 15
_GROUP: Final = 5

_CUSTOM: Final = "a00"
_PREFIXES: Final = {
    "Account": "001",
    "Asset": "02i",
    "Campaign": "701",
    "Case": "500",
    "Contact": "003",
    "Contract": "800",
    "CreatedBy": "005",
    "Event": "00U",
    "LastModifiedBy": "005",
    "Lead": "00Q",
    "Opportunity": "006",
    "Order": "801",
    "Owner": "005",
    "Pricebook2": "01s",
    "Product2": "01t",
    "RecordType": "012",
    "Task": "00T",
    "User": "005",
}


def prefix_of(name: str) -> str:
    """Return the first three characters of the ids of an object, or of what a field refers to."""
    return _PREFIXES.get(name, _CUSTOM)


def make_id(prefix: str, number: int) -> str:
    """Return the id of 18 characters with this prefix and number; large numbers begin again."""
    figures = ""
    while len(prefix) + len(figures) < _SHORT:
        number, figure = divmod(number, len(_CHARACTERS))
        figures = _CHARACTERS[figure] + figures
    return long_id(prefix + figures)


def long_id(short: str) -> str:
    """Return the form of 18 characters of an id of 15: three more say which are capitals."""
    groups = [short[at : at + _GROUP] for at in range(0, _SHORT, _GROUP)]
    return short + "".join(
        _SUFFIXES[sum(1 << at for at, character in enumerate(group) if character.isupper())]
        for group in groups
    )
