"""Receive outbound messages without a framework.

    gunicorn --chdir samples apps.wsgi_app:app

Salesforce sends to http://127.0.0.1:8000/, or to any other path. `uvicorn` and its like serve
`asgi.app(receiver)` in the same way.
"""

from outbound.opportunity import Opportunity

import obgen
from obgen.adapters import wsgi

receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])


@receiver.handles(Opportunity)
def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again"."""
    if not opportunity.name:
        raise ValueError("it has no name yet")  # so it comes again, for 24 hours
    print(f"{delivery.notification_id}: {opportunity.id} is {opportunity.stage_name}")


app = wsgi.app(receiver)
