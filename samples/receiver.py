"""Receive outbound messages of four objects with nothing but obgen and the standard library.

    python samples/receiver.py              serve on port 8000
    python samples/receiver.py 8080         serve on another; 0 takes a free one
    python samples/receiver.py FILE         receive the message in a file, print the answer
    python samples/receiver.py -            the same, from standard input

The server is the one of the standard library, good for trying things out. For production give
`app` to a real one: `gunicorn --chdir samples receiver:app`.
"""

import contextlib
import logging
import os
import sys
from pathlib import Path
from wsgiref.simple_server import make_server

from outbound.bare import Bare
from outbound.every_type import EveryType
from outbound.gwestr_shipment import GwestrShipment
from outbound.opportunity import Opportunity

import obgen
from obgen.adapters import wsgi

# Who may send: yours stands in Setup > Company Information, that of the samples is made up.
os.environ.setdefault("OBGEN_ORGANIZATION_IDS", "00D000000000001EAA")

receiver = obgen.Receiver()
app = wsgi.app(receiver)


# Returning means "done". Raising makes Salesforce send the whole message again, for 24 hours,
# so a handler may see the same record twice.
@receiver.handles(Opportunity)
def opportunity_changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Print what a flow would act on."""
    print(f"{opportunity.id}: {opportunity.stage_name}, {opportunity.amount}")
    if delivery.unknown:
        print(f"{opportunity.id}: not in the WSDL yet: {', '.join(delivery.unknown)}")


@receiver.handles_deleted(Opportunity)
def opportunity_deleted(delivery: obgen.Delivery) -> None:
    """Print which notification came too late: its record was deleted before it was sent."""
    print(f"{delivery.notification_id}: deleted before delivery")


@receiver.handles(GwestrShipment)
async def shipment_changed(shipment: GwestrShipment, _delivery: obgen.Delivery) -> None:
    """Print a shipment; async handlers stand beside others."""
    print(f"{shipment.id}: {shipment.class_}, {shipment.gwestr__weight_kg__c} kg")


@receiver.handles(EveryType)
def every_type_changed(record: EveryType, delivery: obgen.Delivery) -> None:
    """Print which fields came, empty ones too; the others were left out."""
    print(f"{record.id}: {', '.join(sorted(delivery.present))}")


@receiver.handles(Bare)
def bare_changed(record: Bare, _delivery: obgen.Delivery) -> None:
    """Print the only thing there is."""
    print(record.id)


def receive(body: bytes) -> int:
    """Print the answer to one message; return 0 if it acknowledges the message."""
    reply = receiver.receive(body)
    print(f"{reply.status} {reply.body.decode()}")
    return 0 if reply.acknowledged else 1


def serve(port: int) -> int:
    """Serve until Ctrl-C."""
    with make_server("127.0.0.1", port, app) as server, contextlib.suppress(KeyboardInterrupt):
        print(f"Send outbound messages to http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
    return 0


def main(argument: str = "8000") -> int:
    """Do what the one argument says and return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    if argument.isdecimal():
        return serve(int(argument))
    return receive(sys.stdin.buffer.read() if argument == "-" else Path(argument).read_bytes())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
