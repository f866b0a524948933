"""Parse messages without letting a sender fill libxml2's store of names.

libxml2 keeps each name that it reads (of elements, attributes, prefixes and namespaces, and texts
of some blanks as well), and lxml has one store of them for all parsers of a thread, for as long as
the thread lives. Nothing is taken out, and at 100 MB the store refuses every name that it doesn't
know yet: a few bodies full of new names would be the end of all XML in that thread. So messages may
bring new names to the caller's thread up to a budget. Whatever could go beyond it is parsed in a
thread of its own, whose store ends with it and with the tree.
"""

import re
import threading
from collections.abc import Collection, Container, Iterable, Mapping
from typing import Final, cast

from obgen import hardened
from obgen.hardened import Element

BUDGET: Final = 1024 * 1024
"""Bytes of names that a thread may learn from messages."""

_LARGE: Final = 64 * 1024
"""Bytes of a body beside whose parsing a thread more (some 50 microseconds) costs little."""
_MOST_KNOWN: Final = 4_096
_MOST_USUAL: Final = 8
_BLANKS: Final = re.compile(rb">([ \t\r\n]{16,59})<")
"""Shorter texts are kept in the tree itself, and longer ones for themselves."""
_TAG: Final = re.compile(rb"""<[^<>"'=]++(?:=[ \t\r\n]*+(?:"[^"<]*+"|'[^'<]*+')[^<>"'=]*+)++>""")


class _Home(threading.local):
    """What each thread has: a parser of each kind, since they are slow to make, and its budget.

    Attributes:
        left: What is left of the budget.
        known: Names of fields that no WSDL has, tags that have attributes, texts of blanks, and
            beginnings of messages: those that came already.
        usual: {tag: how often it has "="} of a few that stand behind the beginning.
    """

    def __init__(self) -> None:
        self.exact = hardened.make_parser()
        self.compact = hardened.make_parser(remove_blank_text=True)
        self.left = BUDGET
        self.known: set[bytes | str] = set()
        self.usual: dict[bytes, int] = {}


_home: Final = _Home()


def parse(body: bytes, *, compact: bool) -> tuple[Element, int]:
    """Return the root element of a `body` that is checked, and what its names were charged with.

    With `compact`, white space between elements is left out. What was charged to the thread may be
    given back by `give_back`. Raises `XmlRefusedError`.
    """
    home, charge = _home, len(body)
    if charge > _LARGE or charge > home.left:
        return _Apart(body, compact=compact).root(), 0
    home.left -= charge
    parser = home.compact if compact else home.exact
    return hardened.parse_checked(body, parser), charge


def give_back(charge: int, body: bytes, unknown: Collection[str]) -> None:
    """Take back what a body was charged with, but for the names that are new to this thread.

    The body must be nothing but elements that are known by name, and fields that are `unknown`.
    """
    home = _home
    # What comes before the ids is the same in all messages of a sender, and most tags behind it.
    start = body.rfind(b"<", 0, body.find(b"OrganizationId"))
    if (
        unknown
        or body[:start] not in home.known
        or not _is_usual(body, start, home.usual)
        or _BLANKS.search(body) is not None
    ):
        charge = max(charge - _learn(home, body, start, unknown), 0)
    home.left += charge


def _learn(home: _Home, body: bytes, start: int, unknown: Iterable[str]) -> int:
    """Return how many bytes of what may bring names are new, and remember them if there is room."""
    new: set[bytes | str] = {name for name in unknown if name not in home.known}
    if body[:start] not in home.known:
        new |= {body[:start], *_new_tags(body[:start], 0, home.known)}
    tags = _new_tags(body, start, home.known)
    new |= tags
    new.update(blanks for blanks in _BLANKS.findall(body) if blanks not in home.known)
    if len(home.known) + len(new) <= _MOST_KNOWN:
        home.known |= new
        room = _MOST_USUAL - len(home.usual)
        home.usual.update((tag, tag.count(b"=")) for tag in list(tags)[:room])
    return sum(map(len, new))


def _is_usual(body: bytes, start: int, usual: Mapping[bytes, int]) -> bool:
    """Tell whether every "=" from `start` on belongs to a tag that is usual."""
    left = body.count(b"=", start)
    for tag, equals in usual.items():
        if not left:
            break
        left -= body.count(tag, start) * equals
    return not left


def _new_tags(body: bytes, at: int, known: Container[bytes | str]) -> set[bytes]:
    """Return the tags with attributes that aren't known: no other tag can bring names."""
    new: set[bytes] = set()
    while (equals := body.find(b"=", at)) >= 0:
        start = body.rfind(b"<", at, equals)
        if start < 0 or body.find(b">", start, equals) >= 0:
            at = equals + 1  # it is in a text
            continue
        end = body.find(b">", equals) + 1
        tag = body[start:end]
        if tag not in known:
            found = _TAG.match(body, start)  # a value may hold ">" too
            tag, end = (found[0], found.end()) if found else (body[start:], len(body))
            if tag not in known:
                new.add(tag)
        at = end
    return new


class _Apart(threading.Thread):
    """Parse one body in a thread that does nothing else."""

    def __init__(self, body: bytes, *, compact: bool) -> None:
        super().__init__(name="obgen-parse", daemon=True)
        self._body = body
        self._compact = compact
        self._root: Element | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        parser = hardened.make_parser(remove_blank_text=self._compact)
        try:
            self._root = hardened.parse_checked(self._body, parser)
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
            # Its traceback leads back here: a ring that would keep the body until it is collected.
            self._error = error.with_traceback(None)

    def root(self) -> Element:
        """Return the root element, or raise what the parser raised."""
        self.start()
        self.join()
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
            return cast("Element", self._root)
        finally:
            del error  # another such ring
