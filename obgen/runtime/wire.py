"""The wire table: how the fields of a generated dataclass are called and typed on the wire."""

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from obgen.errors import ConfigurationError


class WireField(NamedTuple):
    """One field as Salesforce sends it.

    Attributes:
        api_name: The name in Salesforce, such as "Is_Won__c".
        xsd_type: The XML Schema type without prefix: "string", "ID", "double", "dateTime", …
    """

    api_name: str
    xsd_type: str


class WireTable:
    """What a generated dataclass tells the runtime about its object; made by generated code.

    Attributes:
        object_type: The API name of the object, such as "Opportunity".
        fields: {Python name: WireField}, in the order of the WSDL.
        decimals: Whether doubles become `decimal.Decimal` instead of `float`.
    """

    __slots__ = ("decimals", "fields", "object_type")

    def __init__(
        self, object_type: str, fields: Mapping[str, tuple[str, str]], *, decimals: bool = False
    ) -> None:
        self.object_type = object_type
        self.fields = {name: WireField(*field) for name, field in fields.items()}
        self.decimals = decimals

    def __repr__(self) -> str:
        return f"WireTable({self.object_type!r}, {len(self.fields)} fields)"


class Record(Protocol):
    """Any dataclass that `obgen generate` wrote."""

    __obgen__: ClassVar[WireTable]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str:
        """Return the record's id."""
        ...


RecordT = TypeVar("RecordT", bound=Record)


def table_of(record: type[Record]) -> WireTable:
    """Return the wire table of a generated dataclass, or raise ConfigurationError."""
    table = getattr(record, "__obgen__", None)
    if not isinstance(record, type) or not isinstance(table, WireTable):
        raise ConfigurationError(
            f"{record!r} has no wire table", hint="Pass a class that `obgen generate` wrote."
        )
    return table


def wire_fields(record: type[Record]) -> dict[str, WireField]:
    """Return {Python name: WireField} of a generated dataclass, in the order of its WSDL.

    Raises ConfigurationError for any other class.
    """
    return dict(table_of(record).fields)
