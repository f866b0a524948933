"""Make records, and the messages that bring them."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from itertools import count
from typing import Any, get_args

from obgen.errors import ConfigurationError
from obgen.runtime.wire import Record, RecordT, table_of
from obgen.simulate.message import (
    ACTION_ID,
    ORGANIZATION_ID,
    DeletedForm,
    Outgoing,
    Sender,
    Sobject,
    record_sobject,
    write_message,
)
from obgen.simulate.plausible import plausible_values


def build(record: type[RecordT], /, *, seed: int = 0, **fields: Any) -> RecordT:  # noqa: ANN401 - the dataclass knows their types
    """Return an instance of a generated dataclass with a plausible value in every field.

    `fields` go before what is made up. The same `seed` gives the same values, on every machine;
    another one gives another record, with another id. Raises ConfigurationError for a field that
    the dataclass doesn't have.
    """
    table = table_of(record)
    for name in fields.keys() - table.fields.keys():
        near = get_close_matches(name, table.fields, 1)
        raise ConfigurationError(
            f"{record.__name__} has no field {name!r}",
            hint=f"Did you mean {near[0]!r}?" if near else f"See {record.__name__}'s docstring.",
        )
    return record(**(plausible_values(table, seed) | fields))


def notification(
    record: Record,
    /,
    *,
    notification_id: str = "",
    nil: Collection[str] = (),
    unknown: Mapping[str, str] | None = None,
) -> Outgoing:
    """Return a notification of a record, for `message`, that differs from an ordinary one.

    Args:
        record: An instance of a generated dataclass.
        notification_id: The notification's id; without one it follows from what is sent, so that
            the same records make the same message, as when Salesforce repeats it.
        nil: Python names of fields that are sent as nil, where Salesforce leaves empty ones out.
        unknown: {API name: text} of fields that the dataclass doesn't have.
    """
    return Outgoing(record_sobject(record, nil=nil, unknown=unknown), notification_id)


def deleted(
    record: type[Record], /, *, notification_id: str = "", form: DeletedForm = "absent"
) -> Outgoing:
    """Return a notification of a record that was deleted before delivery, for `message`.

    It has no data. `form` says how that looks: the sObject is "absent", "empty" or "nil".
    """
    if form not in get_args(DeletedForm):
        raise ConfigurationError(
            f"{form!r} is no form of a deleted record",
            hint=f"Use one of {', '.join(get_args(DeletedForm))}.",
        )
    return Outgoing(Sobject(table_of(record).object_type, {}), notification_id, form)


def message(
    *records: Record | Outgoing,
    organization_id: str = ORGANIZATION_ID,
    action_id: str = ACTION_ID,
    session_id: str | None = None,
) -> bytes:
    """Return the body of the request that brings some records, as Salesforce writes it.

    Takes 1 to 100 instances of one generated dataclass, and what `notification` and `deleted`
    return. Empty fields are left out, moments are sent in UTC and cut to milliseconds. Raises
    ConfigurationError for what can't be sent, with the name of the field.
    """
    outgoing = [
        record if isinstance(record, Outgoing) else notification(record) for record in records
    ]
    sender = Sender(organization_id=organization_id, action_id=action_id, session_id=session_id)
    return write_message(outgoing, sender)


class Organization:
    """An organization that sends: records of its own, a different one each time.

    In pytest, the fixture `salesforce_org` is one.

    Args:
        organization_id: 15 or 18 characters.
        action_id: The id of its outbound message (04k…).
    """

    def __init__(
        self, organization_id: str = ORGANIZATION_ID, *, action_id: str = ACTION_ID
    ) -> None:
        self.organization_id = organization_id
        self.action_id = action_id
        self._seeds = count(1)

    def __repr__(self) -> str:
        return f"Organization({self.organization_id!r}, action_id={self.action_id!r})"

    def build(self, record: type[RecordT], /, **fields: Any) -> RecordT:  # noqa: ANN401 - as in `build`
        """Return another record with plausible values; see `obgen.testing.build`."""
        return build(record, seed=next(self._seeds), **fields)

    def message(self, *records: Record | Outgoing) -> bytes:
        """Return a message of this organization; see `obgen.testing.message`."""
        return message(*records, organization_id=self.organization_id, action_id=self.action_id)
