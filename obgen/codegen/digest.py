"""Hash what a WSDL says, whatever it looks like.

Comments, processing instructions, white space, line ends, the order of attributes and the choice
of prefixes are no difference; so a fresh download with another "Generated on" line has the same
digest. Nothing here needs xsdata or jinja2: to find that nothing changed must be fast.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from lxml import etree

_QNAME_ATTRIBUTES: Final = frozenset({"base", "binding", "element", "message", "ref", "type"})


def digest(root: etree._Element) -> str:
    """Return the SHA-256 of the content below `root`, as 64 hexadecimal digits.

    The tree must have been parsed by `obgen.hardened`, which leaves out comments and instructions.
    """
    content = sha256()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            attributes = sorted(
                (name, _resolved(value, element.nsmap) if name in _QNAME_ATTRIBUTES else value)
                for name, value in element.attrib.items()
            )
            record = [element.tag, attributes, _squeezed(element.text)]
        else:
            record = [_squeezed(element.tail)]
        content.update(json.dumps(record).encode("ascii") + b"\n")
    return content.hexdigest()


def _resolved(value: str, prefixes: Mapping[str | None, str]) -> str:
    prefix, colon, name = value.strip().rpartition(":")
    namespace = prefixes.get(prefix if colon else None)
    return f"{{{namespace}}}{name}" if namespace else value


def _squeezed(text: str | None) -> str:
    return " ".join(text.split()) if text else ""
