"""What a person can choose about the generated code."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class FieldNames(StrEnum):
    """How the fields of a generated dataclass are called."""

    SNAKE = "snake"
    API = "api"


class Numbers(StrEnum):
    """What a double becomes."""

    FLOAT = "float"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices of one run.

    Attributes:
        output: The directory that holds one package per outbound message.
        field_names: `Is_Won__c` as `is_won__c`, or as it is.
        numbers: Whether doubles are `float` or `decimal.Decimal`.
        name: The package's name, or None to name it after the object.
    """

    output: Path = Path("outbound")
    field_names: FieldNames = FieldNames.SNAKE
    numbers: Numbers = Numbers.FLOAT
    name: str | None = None
