"""Handle the outbound message of Namespace15Char__A_Custom_Object_With_A_Very_Long_Name_Of40__c.

This file is yours: obgen wrote it once and won't touch it again.
"""

import logging

import obgen

from .models import Namespace15CharACustomObjectWithAVeryLongNameOf40

logger = logging.getLogger(__name__)

# Name your organization here, as organization_ids=["00D..."] (Salesforce shows its id in
# Setup > Company Information), or in the environment variable OBGEN_ORGANIZATION_IDS.
receiver = obgen.Receiver()


@receiver.handles(Namespace15CharACustomObjectWithAVeryLongNameOf40)
def handle(
    namespace15_char_a_custom_object_with_a_very_long_name_of40: Namespace15CharACustomObjectWithAVeryLongNameOf40,
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
        namespace15_char_a_custom_object_with_a_very_long_name_of40.id,
    )
