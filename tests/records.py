"""Records by hand, of the shape that `obgen generate` writes: the runtime's tests need no WSDL."""

import datetime
import decimal
from dataclasses import dataclass
from typing import ClassVar

from obgen import WireTable


@dataclass(slots=True, kw_only=True)
class Opportunity:
    """An Opportunity record, with a field of every type.

    Attributes:
        id: Id
        account_id: AccountId
        amount: Amount
        close_date: CloseDate
        custom__c: Custom__c
        is_won: IsWon
        last_modified_date: LastModifiedDate
        meeting__c: Meeting__c
        name: Name
        picture__c: Picture__c
        stage_count__c: Stage_Count__c
    """

    id: str
    account_id: str | None = None
    amount: float | None = None
    close_date: datetime.date | None = None
    custom__c: str | None = None
    is_won: bool | None = None
    last_modified_date: datetime.datetime | None = None
    meeting__c: datetime.time | None = None
    name: str | None = None
    picture__c: bytes | None = None
    stage_count__c: int | None = None

    __obgen__: ClassVar[WireTable] = WireTable(
        "Opportunity",
        {
            "id": ("Id", "ID"),
            "account_id": ("AccountId", "ID"),
            "amount": ("Amount", "double"),
            "close_date": ("CloseDate", "date"),
            "custom__c": ("Custom__c", "anyType"),
            "is_won": ("IsWon", "boolean"),
            "last_modified_date": ("LastModifiedDate", "dateTime"),
            "meeting__c": ("Meeting__c", "time"),
            "name": ("Name", "string"),
            "picture__c": ("Picture__c", "base64Binary"),
            "stage_count__c": ("Stage_Count__c", "int"),
        },
    )


@dataclass(slots=True, kw_only=True)
class Exact:
    """An Opportunity record whose numbers keep every digit.

    Attributes:
        id: Id
        amount: Amount
    """

    id: str
    amount: decimal.Decimal | None = None

    __obgen__: ClassVar[WireTable] = WireTable(
        "Opportunity", {"id": ("Id", "ID"), "amount": ("Amount", "double")}, decimals=True
    )


@dataclass(slots=True, kw_only=True)
class Contact:
    """A Contact record, for receivers of more than one object.

    Attributes:
        id: Id
        last_name: LastName
    """

    id: str
    last_name: str | None = None

    __obgen__: ClassVar[WireTable] = WireTable(
        "Contact", {"id": ("Id", "ID"), "last_name": ("LastName", "string")}
    )
