"""Handle the outbound message of I__c.

This file is yours: obgen wrote it once and won't touch it again.
"""

import logging

import obgen

from .models import I_

logger = logging.getLogger(__name__)

# Name your organization here, as organization_ids=["00D..."] (Salesforce shows its id in
# Setup > Company Information), or in the environment variable OBGEN_ORGANIZATION_IDS.
receiver = obgen.Receiver()


@receiver.handles(I_)
def handle(i: I_, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again".

    Once every record of a message is done, Salesforce gets Ack true. If one raises, it
    gets Ack false and sends the whole message again, for up to 24 hours: so what you do
    here must do no harm when it is done twice.
    """
    logger.info("%s %s arrived", delivery.object_type, i.id)
