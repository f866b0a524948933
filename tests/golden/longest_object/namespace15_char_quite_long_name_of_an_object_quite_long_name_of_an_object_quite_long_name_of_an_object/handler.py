"""Handle the outbound message of Namespace15Char__Quite_Long_Name_Of_An_Object_Quite_Long_Name_Of_An_Object_Quite_Long_Name_Of_An_Object__c.

This file is yours: obgen wrote it once and won't touch it again.
"""

import logging

import obgen

from .models import (
    Namespace15CharQuiteLongNameOfAnObjectQuiteLongNameOfAnObjectQuiteLongNameOfAnObject,
)

logger = logging.getLogger(__name__)

# Name your organization here, as organization_ids=["00D..."] (Salesforce shows its id in
# Setup > Company Information), or in the environment variable OBGEN_ORGANIZATION_IDS.
receiver = obgen.Receiver()


@receiver.handles(
    Namespace15CharQuiteLongNameOfAnObjectQuiteLongNameOfAnObjectQuiteLongNameOfAnObject
)
def handle(
    namespace15_char_quite_long_name_of_an_object_quite_long_name_of_an_object_quite_long_name_of_an_object: Namespace15CharQuiteLongNameOfAnObjectQuiteLongNameOfAnObjectQuiteLongNameOfAnObject,
    delivery: obgen.Delivery,
) -> None:
    """Return to say "done", raise to say "again".

    Once every record of a message is done, Salesforce gets Ack true. If one raises, it
    gets Ack false and sends the whole message again, for up to 24 hours: so what you do
    here must do no harm when it is done twice.
    """
    logger.info(
        "%s %s arrived",
        delivery.object_type,
        namespace15_char_quite_long_name_of_an_object_quite_long_name_of_an_object_quite_long_name_of_an_object.id,
    )
