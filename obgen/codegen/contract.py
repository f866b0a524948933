"""The neutral model of an outbound message's WSDL: what the templates and comparisons read."""

from dataclasses import dataclass, field
from typing import Final

XSD_TYPES: Final = frozenset(
    {
        "ID",
        "anyType",
        "base64Binary",
        "boolean",
        "date",
        "dateTime",
        "double",
        "int",
        "string",
        "time",
    }
)
"""The types that a field of an outbound message can have; anything else is read as a string."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the object, as the WSDL declares it.

    Attributes:
        api_name: The name on the wire, checked to match `[A-Za-z][A-Za-z0-9_]*`.
        xsd_type: One of `XSD_TYPES`, without prefix.
        line: Where the WSDL declares it, counted from 1.
    """

    api_name: str
    xsd_type: str
    line: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Contract:
    """What one outbound message promises to send.

    Attributes:
        object_type: The API name of the object, such as "Opportunity" or "Shipment__c".
        fields: Id first, then the others in the order of the WSDL.
        endpoint: The URL that the administrator typed in Setup. It may hold a secret, so it is
            in no repr and in no generated file.
        digest: SHA-256 of what the WSDL says, see `obgen.codegen.shape.Shape`.
        warnings: What a person should know although the WSDL can be used, each a sentence with
            its line.
    """

    object_type: str
    fields: tuple[Field, ...]
    endpoint: str = field(repr=False)
    digest: str
    warnings: tuple[str, ...] = ()
