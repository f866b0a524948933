"""What Salesforce's requests have beside the body, as far as that is known."""

from collections.abc import Mapping


def request_headers(body: bytes) -> Mapping[str, str]:
    """Return the headers that come with a message."""
    return {
        "Content-Type": "text/xml; charset=UTF-8",
        "SOAPAction": '""',
        "Content-Length": str(len(body)),
    }
