"""Make up what a message brings: a batch of records, with what can happen to them on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import get_args

from obgen.errors import ConfigurationError
from obgen.runtime.wire import WireTable
from obgen.simulate.message import MAX_NOTIFICATIONS, DeletedForm, Outgoing, Sobject, sobject_of
from obgen.simulate.plausible import changed_values, leave_out, plausible_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What to make up; the same sample of the same table is the same notifications.

    Attributes:
        number: How many notifications, 1 to 100.
        seed: Another one gives other records, with other ids.
        deleted: How many, the last ones, have lost their record before delivery; they take the
            forms that this may have in turn.
        unknown: API names of fields that each record has although the table doesn't.
        sparse: Whether some fields of each record are empty, others each time.
        version: How often the records have changed since they were made.
    """

    number: int = 1
    seed: int = 0
    deleted: int = 0
    unknown: Sequence[str] = ()
    sparse: bool = False
    version: int = 0

    @property
    def seeds(self) -> range:
        """Return what each record is made of."""
        first = self.seed * MAX_NOTIFICATIONS
        return range(first, first + self.number)

    def notifications(self, table: WireTable) -> list[Outgoing]:
        """Return the notifications, of records with these fields."""
        live = self.number - self.deleted
        if live < 0:
            raise ConfigurationError(
                f"{self.deleted} of {self.number} notifications can't be of deleted records",
                hint="Ask for as many notifications as deleted records, or more.",
            )
        records = [Outgoing(self._sobject(table, seed)) for seed in self.seeds[:live]]
        gone = Sobject(table.object_type, {})
        forms: Sequence[DeletedForm] = get_args(DeletedForm)
        return records + [
            Outgoing(gone, deleted_form=form) for form in islice(cycle(forms), self.deleted)
        ]

    def _sobject(self, table: WireTable, seed: int) -> Sobject:
        values = changed_values(table, seed, self.version)
        if self.sparse:
            values = leave_out(table, values, seed)
        drift = WireTable(table.object_type, {name: (name, "string") for name in self.unknown})
        texts = {name: str(value) for name, value in plausible_values(drift, seed).items()}
        return sobject_of(table, values, unknown=texts)
