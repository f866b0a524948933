"""Handle the outbound message of Type.

This file is yours: obgen wrote it once and won't touch it again.
"""

import logging

import obgen

from .models import Type

logger = logging.getLogger(__name__)

# Name your organization here, as organization_ids=["00D..."] (Salesforce shows its id in
# Setup > Company Information), or in the environment variable OBGEN_ORGANIZATION_IDS.
receiver = obgen.Receiver()


@receiver.handles(Type)
def handle(type_: Type, delivery: obgen.Delivery) -> None:
    """Return to say "done", raise to say "again".

    Once every record of a message is done, Salesforce gets Ack true. If one raises, it
    gets Ack false and sends the whole message again, for up to 24 hours: so what you do
    here must do no harm when it is done twice.
    """
    logger.info("%s %s arrived", delivery.object_type, type_.id)
