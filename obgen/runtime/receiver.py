"""The receiver: bytes of a request in, the reply to it out."""

import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeVar, Unpack

from obgen.errors import ConfigurationError, EnvelopeError, Refusal
from obgen.runtime.envelope import Envelope, RawNotification, read_envelope
from obgen.runtime.handling import Call, OwnLoop
from obgen.runtime.ids import id_key, is_salesforce_id
from obgen.runtime.limits import Limits
from obgen.runtime.message import Delivery
from obgen.runtime.origin import Origin
from obgen.runtime.origin_checks import OriginChecks
from obgen.runtime.parsing import give_back
from obgen.runtime.reply import ACKNOWLEDGED, NOT_ACKNOWLEDGED, Reply, refused
from obgen.runtime.reports import Reports
from obgen.runtime.routes import Routes
from obgen.runtime.wire import RecordT

ORGANIZATION_IDS_VARIABLE: Final = "OBGEN_ORGANIZATION_IDS"

_ResultT = TypeVar("_ResultT", bound=Awaitable[None] | None)
_NAME_THEM: Final = (
    'Name them, Receiver(organization_ids=["00D…"]), or set '
    f"{ORGANIZATION_IDS_VARIABLE}. Setup > Company Information shows the id. "
    "obgen.ANY_ORGANIZATION lets anybody send."
)
_WORTH_A_THREAD: Final = 64 * 1024
"""Bytes of a body that takes longer to read (about a millisecond) than to change threads."""

_log: Final = logging.getLogger("obgen.receiver")


class _AnyOrganization(Enum):
    ANY_ORGANIZATION = "every organization may send"


ANY_ORGANIZATION: Final = _AnyOrganization.ANY_ORGANIZATION
"""Given as `organization_ids`, lets every organization of Salesforce send."""


@dataclass(slots=True)
class _Batch:
    """What one message asks for: the handlers to call, and how many notifications have none.

    Attributes:
        failed: How many of the handlers have raised.
    """

    calls: list[Call] = field(default_factory=list[Call])
    unhandled: int = 0
    failed: int = 0


class Receiver:
    """Check, decode, hand over and answer outbound messages; the heart of an endpoint.

    One receiver serves any number of objects, threads and event loops. It does no I/O: an adapter
    of `obgen.adapters`, or three lines of your own, pass it bodies and send its replies.

    Args:
        organization_ids: Who may send: one id or several (a string may hold several, separated by
            commas or spaces), of 15 or 18 characters, or ANY_ORGANIZATION. Left out, they are
            read from the environment variable OBGEN_ORGANIZATION_IDS.
        limits: How much a message may have of everything.
        origin: What else must be right about where a message comes from: a secret, an address, a
            client certificate.

    Raises:
        ConfigurationError: There is no organization id, or one that can't be an id.
    """

    def __init__(
        self,
        *,
        organization_ids: Sequence[str] | _AnyOrganization | None = None,
        limits: Limits | None = None,
        origin: OriginChecks | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._origin_checks = origin
        self._organizations = _organization_keys(organization_ids)
        self._handlers = Routes()
        self._deleted_handlers = Routes()
        self._reports = Reports()
        self._reports.surroundings()

    def __repr__(self) -> str:
        count = "any" if self._organizations is None else len(self._organizations)
        types = ", ".join(sorted(self._handlers.object_types())) or "no handlers"
        return f"<Receiver for {types}; organizations: {count}>"

    def handles(
        self, record: type[RecordT], *, action_id: str | None = None
    ) -> Callable[
        [Callable[[RecordT, Delivery], _ResultT]], Callable[[RecordT, Delivery], _ResultT]
    ]:
        """Register the function that takes records of this class, as a decorator.

        The function, sync or async, takes the record and its Delivery. Returning means "done",
        raising means "again". One with the `action_id` of its outbound message goes before one
        without. Raises ConfigurationError if there is such a handler already.
        """

        def register(
            handler: Callable[[RecordT, Delivery], _ResultT],
        ) -> Callable[[RecordT, Delivery], _ResultT]:
            self._handlers.add(record, action_id, handler, "record, delivery")
            return handler

        return register

    def handles_deleted(
        self, record: type[RecordT], *, action_id: str | None = None
    ) -> Callable[[Callable[[Delivery], _ResultT]], Callable[[Delivery], _ResultT]]:
        """Register the function that is told of records deleted before their delivery.

        It takes the Delivery alone. Without one, such a notification is logged and counts as
        handled: Salesforce has no data to send again.
        """

        def register(handler: Callable[[Delivery], _ResultT]) -> Callable[[Delivery], _ResultT]:
            self._deleted_handlers.add(record, action_id, handler, "delivery")
            return handler

        return register

    def receive(self, body: bytes, **origin: Unpack[Origin]) -> Reply:
        """Return the reply to a request's body, after every handler has run.

        The body alone is enough, but for a receiver with origin checks. Adapters add what else
        they know, by keyword: `headers`, `path`, `query` and `peer`.

        Async handlers run in an event loop of this call's own; so where one is running already,
        this raises RunningLoopError: use `receive_async` there.
        """
        with OwnLoop() as loop:
            batch = self._open(body, origin)
            if isinstance(batch, Reply):
                return batch
            for call in batch.calls:
                loop.run(call)
                self._note(batch, call)
        return self._close(batch)

    async def receive_async(self, body: bytes, **origin: Unpack[Origin]) -> Reply:
        """Return the reply to a request's body, after every handler has run.

        Sync handlers, and the reading of a large body, run in a thread: the event loop of this
        call stays free.
        """
        if len(body) > _WORTH_A_THREAD:
            import asyncio  # noqa: PLC0415 - sync apps never need it

            batch = await asyncio.to_thread(self._open, body, origin)
        else:
            batch = self._open(body, origin)
        if isinstance(batch, Reply):
            return batch
        for call in batch.calls:
            await call.run()
            self._note(batch, call)
        return self._close(batch)

    def refuse(self, refusal: Refusal, *, peer: str = "") -> Reply:
        """Return the reply to a request that an adapter refuses before there is a message."""
        self._reports.refused("request", EnvelopeError(refusal), peer)
        return refused(refusal)

    def _open(self, body: bytes, origin: Origin) -> _Batch | Reply:
        if not isinstance(body, bytes):
            raise TypeError(f"a receiver takes the body as bytes, not {type(body).__name__}")
        try:
            if self._origin_checks is not None:
                self._origin_checks.check(origin)
            envelope = read_envelope(body, self.limits)
            self._check_organization(envelope.organization_id)
            batch = self._plan(envelope)
            if envelope.charge and not batch.unhandled:
                give_back(envelope.charge, body, envelope.unknown)
            return batch  # noqa: TRY300 - no error of it may become an Ack either
        except EnvelopeError as error:
            self._reports.refused("message", error, origin.get("peer", ""))
            return refused(error.refusal)
        except Exception as error:  # noqa: BLE001 - nothing unexpected may become an Ack
            self._reports.unexpected(error)
            return refused(Refusal.INTERNAL)

    def _check_organization(self, organization_id: str) -> None:
        if self._organizations is None or id_key(organization_id) in self._organizations:
            return
        raise EnvelopeError(
            Refusal.ORGANIZATION,
            f"organization {organization_id} is not allowed; if it is yours, add it to "
            f"organization_ids or to {ORGANIZATION_IDS_VARIABLE}",
        )

    def _plan(self, envelope: Envelope) -> _Batch:
        batch = _Batch()
        otherwise: str | None = None  # the type of deleted records that don't say theirs
        for raw in envelope.notifications:
            if raw.error is not None:
                self._reports.undecodable(raw.id, raw.error)
                batch.unhandled += 1
            elif raw.sobject is None:
                if otherwise is None:
                    otherwise = self._type_of_deleted(envelope)
                self._plan_deleted(batch, envelope, raw, raw.object_type or otherwise)
            else:
                self._plan_record(batch, envelope, raw, raw.object_type or "")
        return batch

    def _plan_record(
        self, batch: _Batch, envelope: Envelope, raw: RawNotification, object_type: str
    ) -> None:
        route = self._handlers.find(object_type, envelope.action_id)
        if route is None:
            self._reports.unroutable(object_type, envelope.action_id)
            batch.unhandled += 1
            return
        notification = route.decoder.decode(raw, envelope)
        if notification.error is not None:
            self._reports.undecodable(raw.id, notification.error)
            batch.unhandled += 1
            return
        self._reports.unknown_fields(object_type, notification.unknown)
        record: Any = notification.sobject
        delivery = _delivery(envelope, raw, object_type)
        delivery.record_id = record.id
        delivery.present = notification.present
        delivery.unknown = notification.unknown
        batch.calls.append(Call(route.handler, route.name, (record,), delivery))

    def _plan_deleted(
        self, batch: _Batch, envelope: Envelope, raw: RawNotification, object_type: str
    ) -> None:
        route = self._deleted_handlers.find(object_type, envelope.action_id)
        if route is None:
            self._reports.deleted(raw.id, object_type)
        else:
            delivery = _delivery(envelope, raw, object_type)
            batch.calls.append(Call(route.handler, route.name, (), delivery))

    def _type_of_deleted(self, envelope: Envelope) -> str:
        """Return the object type of notifications that don't say it, or "" if it isn't sure.

        All notifications of a message are of one action, and an action is of one object: what
        the others say goes first, then what handlers of this action are for, then of any.
        """
        types = {raw.object_type for raw in envelope.notifications if raw.object_type}
        types = types or self._object_types(envelope.action_id) or self._object_types()
        return types.pop() if len(types) == 1 else ""

    def _object_types(self, action_id: str | None = None) -> set[str]:
        handled = self._handlers.object_types(action_id)
        return handled | self._deleted_handlers.object_types(action_id)

    def _note(self, batch: _Batch, call: Call) -> None:
        if call.error is not None:
            self._reports.failed(call, call.error)
            batch.failed += 1
            # Its traceback leads back here: a ring that would keep the body until it is collected.
            call.error = None

    def _close(self, batch: _Batch) -> Reply:
        unhandled = batch.unhandled + batch.failed
        total = batch.unhandled + len(batch.calls)
        if unhandled:
            _log.warning(
                "Answered Ack false: %d of %d notifications not handled; "
                "Salesforce sends the whole message again",
                unhandled,
                total,
            )
            return NOT_ACKNOWLEDGED
        _log.debug("Answered Ack true: %d notifications handled", total)
        return ACKNOWLEDGED


def _delivery(envelope: Envelope, raw: RawNotification, object_type: str) -> Delivery:
    return Delivery(
        notification_id=raw.id,
        organization_id=envelope.organization_id,
        action_id=envelope.action_id,
        object_type=object_type,
        record_id=None,
        enterprise_url=envelope.enterprise_url,
        partner_url=envelope.partner_url,
    )


def _organization_keys(ids: Sequence[str] | _AnyOrganization | None) -> frozenset[str] | None:
    if ids is ANY_ORGANIZATION:
        return None
    if ids is None:
        ids = os.environ.get(ORGANIZATION_IDS_VARIABLE, "")
    if isinstance(ids, str):
        ids = ids.replace(",", " ").split()
    # Whatever else somebody passes, such as True, is named by the error below.
    names: list[object] = list(ids) if isinstance(ids, Iterable) else [ids]
    if not names:
        raise ConfigurationError("a Receiver needs the ids of its organizations", hint=_NAME_THEM)
    return frozenset(map(_organization_key, names))


def _organization_key(name: object) -> str:
    if not isinstance(name, str) or not is_salesforce_id(name):
        raise ConfigurationError(
            f"{name!r} is not an organization id: those have 15 or 18 letters and digits",
            hint=_NAME_THEM,
        )
    return id_key(name)
