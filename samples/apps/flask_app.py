"""Receive outbound messages in a Flask application that does other things as well.

    gunicorn --chdir samples apps.flask_app:app

Salesforce sends to http://127.0.0.1:8000/salesforce, with or without a slash at the end.
"""

import flask
from outbound.opportunity import Opportunity

import obgen
from obgen import adapters

receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])


@receiver.handles(Opportunity)
def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again"."""
    if not opportunity.name:
        raise ValueError("it has no name yet")  # so it comes again, for 24 hours
    print(f"{delivery.notification_id}: {opportunity.id} is {opportunity.stage_name}")


app = flask.Flask(__name__)
app.add_url_rule("/salesforce", view_func=adapters.flask.view(receiver), strict_slashes=False)


@app.get("/")
def home() -> str:
    """Say that the application is up."""
    return "up"
