"""Receive outbound messages in a Starlette application that does other things as well.

    uvicorn --app-dir samples apps.starlette_app:app

Salesforce sends to http://127.0.0.1:8000/salesforce, with or without a slash at the end.
"""

from outbound.opportunity import Opportunity
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

import obgen
from obgen import adapters

receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])


@receiver.handles(Opportunity)
async def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again"."""
    if not opportunity.name:
        raise ValueError("it has no name yet")  # so it comes again, for 24 hours
    print(f"{delivery.notification_id}: {opportunity.id} is {opportunity.stage_name}")


async def home(_request: Request) -> PlainTextResponse:
    """Say that the application is up."""
    return PlainTextResponse("up")


salesforce = adapters.starlette.endpoint(receiver)
app = Starlette(
    routes=[
        Route("/", home),
        Route("/salesforce", salesforce, methods=["POST"]),
        Route("/salesforce/", salesforce, methods=["POST"]),
    ]
)
