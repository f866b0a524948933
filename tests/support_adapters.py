"""What the tests of all adapters share: a receiver that remembers what it was given."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Unpack

import obgen
from obgen.runtime.origin import Origin

MESSAGE = (Path(__file__).parents[1] / "samples" / "messages" / "opportunity-one.xml").read_bytes()
LIMIT = 100


@dataclass(slots=True, kw_only=True)
class Opportunity:
    id: str
    name: str | None = None

    __obgen__: ClassVar[obgen.WireTable] = obgen.WireTable(
        "Opportunity", {"id": ("Id", "ID"), "name": ("Name", "string")}
    )


class Recorder(obgen.Receiver):
    """Acknowledge whatever comes, up to LIMIT bytes, and keep it in `bodies` and `origins`."""

    def __init__(self) -> None:
        super().__init__(
            organization_ids=obgen.ANY_ORGANIZATION, limits=obgen.Limits(max_bytes=LIMIT)
        )
        self.bodies: list[bytes] = []
        self.origins: list[Origin] = []

    def receive(self, body: bytes, **origin: Unpack[Origin]) -> obgen.Reply:
        self.bodies.append(body)
        self.origins.append(origin)
        content = obgen.ack(True)
        headers = {"Content-Type": "text/xml", "Content-Length": str(len(content))}
        return obgen.Reply(200, content, acknowledged=True, headers=headers)

    async def receive_async(self, body: bytes, **origin: Unpack[Origin]) -> obgen.Reply:
        return self.receive(body, **origin)


def sample_receiver() -> obgen.Receiver:
    """Return a real receiver without handlers that takes the samples."""
    return obgen.Receiver(organization_ids="00D000000000001EAA")
