"""Write messages as Salesforce would send them, from parts that a test may replace.

Every part is XML text, so that a test can put anything in its place: `notification` holds what it
is given, `sobject` too, and `field` is for the fields inside.
"""

from xml.sax.saxutils import escape

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
SOBJECT = "urn:sobject.enterprise.soap.sforce.com"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ORGANIZATION_ID = "00D000000000001EAA"
ACTION_ID = "04k000000000001AAA"
NOTIFICATION_ID = "04l000000000001AAA"
RECORD_ID = "006000000000001AAA"
ENTERPRISE_URL = "https://example.my.salesforce.com/services/Soap/c/62.0/00D000000000001"
PARTNER_URL = "https://example.my.salesforce.com/services/Soap/u/62.0/00D000000000001"
NIL_SESSION = '<SessionId xsi:nil="true"/>'

ID = f"<sf:Id>{RECORD_ID}</sf:Id>"
"""The field that every record has."""
SOBJECT_TYPE = f'xmlns:sf="{SOBJECT}" xsi:type="sf:Opportunity"'
"""The attributes of an sObject, as Salesforce writes them."""


def field(name: str, text: str = "", *, attributes: str = "") -> str:
    """Return a field of an sObject, its text escaped."""
    return f"<sf:{name} {attributes}>{escape(text)}</sf:{name}>"


def nil(name: str) -> str:
    """Return an empty field, in the way that Salesforce could choose but doesn't."""
    return f'<sf:{name} xsi:nil="true"/>'


def sobject(*fields: str, attributes: str = SOBJECT_TYPE) -> str:
    """Return an sObject of fields."""
    return f"<sObject {attributes}>{''.join(fields)}</sObject>"


def typed(object_type: str) -> str:
    """Return the attributes of an sObject of some type."""
    return f'xmlns:sf="{SOBJECT}" xsi:type="sf:{object_type}"'


def notification(*content: str, notification_id: str = NOTIFICATION_ID) -> str:
    """Return a notification of an sObject, or of nothing for a deleted record."""
    return f"<Notification><Id>{notification_id}</Id>{''.join(content)}</Notification>"


def record(*fields: str, notification_id: str = NOTIFICATION_ID) -> str:
    """Return a notification of an Opportunity with an Id and other fields."""
    return notification(sobject(ID, *fields), notification_id=notification_id)


def numbered(number: int) -> str:
    """Return the id of a notification, a different one for each number."""
    return f"04l{number:012}AAA"


def parts(
    *,
    organization_id: str = ORGANIZATION_ID,
    action_id: str = ACTION_ID,
    session: str = NIL_SESSION,
) -> str:
    """Return what stands before the first notification."""
    return (
        f"<OrganizationId>{organization_id}</OrganizationId><ActionId>{action_id}</ActionId>"
        f"{session}<EnterpriseUrl>{ENTERPRISE_URL}</EnterpriseUrl>"
        f"<PartnerUrl>{PARTNER_URL}</PartnerUrl>"
    )


def envelope(content: str, *, header: str = "", declaration: str = DECLARATION) -> bytes:
    """Return a SOAP envelope with whatever in its Body."""
    return (
        f'{declaration}<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:xsi="{XSI}">{header}'
        f"<soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>"
    ).encode()


def message(
    *notifications: str,
    before: str | None = None,
    header: str = "",
    declaration: str = DECLARATION,
) -> bytes:
    """Return a message of notifications; without any, of one with nothing but an Id."""
    before = parts() if before is None else before
    content = "".join(notifications or [record()])
    return envelope(
        f'<notifications xmlns="{OUTBOUND}">{before}{content}</notifications>',
        header=header,
        declaration=declaration,
    )
