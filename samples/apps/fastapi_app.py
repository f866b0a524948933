"""Receive outbound messages in a FastAPI application that does other things as well.

    uvicorn --app-dir samples apps.fastapi_app:app

Salesforce sends to http://127.0.0.1:8000/salesforce, with or without a slash at the end.
"""

from fastapi import FastAPI
from outbound.opportunity import Opportunity

import obgen
from obgen import adapters

receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])


@receiver.handles(Opportunity)
async def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again"."""
    if not opportunity.name:
        raise ValueError("it has no name yet")  # so it comes again, for 24 hours
    print(f"{delivery.notification_id}: {opportunity.id} is {opportunity.stage_name}")


app = FastAPI()
salesforce = adapters.starlette.endpoint(receiver)
app.post("/salesforce")(salesforce)
app.post("/salesforce/", include_in_schema=False)(salesforce)


@app.get("/")
async def home() -> str:
    """Say that the application is up."""
    return "up"
