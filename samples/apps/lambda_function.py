"""Receive outbound messages in an AWS Lambda function.

Put this file, the package `outbound` and obgen with its dependency lxml into the function, and name
`lambda_function.handler` as its handler. Behind it goes a function URL (of the authorization type
NONE: Salesforce can't sign requests), an API Gateway or a load balancer. Let its timeout be less
than the 20 seconds that Salesforce waits.

The same runs here, for a message in a file:

    PYTHONPATH=samples python samples/apps/lambda_function.py samples/messages/opportunity-one.xml
"""

import sys
from pathlib import Path

from outbound.opportunity import Opportunity

import obgen
from obgen.adapters import aws_lambda

receiver = obgen.Receiver(organization_ids=["00D000000000001EAA"])


@receiver.handles(Opportunity)
def changed(opportunity: Opportunity, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again"."""
    if not opportunity.name:
        raise ValueError("it has no name yet")  # so it comes again, for 24 hours
    print(f"{delivery.notification_id}: {opportunity.id} is {opportunity.stage_name}")


handler = aws_lambda.handler(receiver)

if __name__ == "__main__":
    event = {
        "version": "2.0",
        "rawPath": "/",
        "requestContext": {"http": {"method": "POST", "sourceIp": "127.0.0.1"}},
        "body": Path(sys.argv[1]).read_text("utf-8"),
    }
    print(handler(event, None))
