"""Secrets stay out of access logs, in the records that servers really make, and no line is lost."""

import collections
import copy
import logging
import logging.config
import types
from collections.abc import Iterator
from typing import Any

import pytest

import obgen

NEW = "n3w-s3cret_0f.the~endpoint"
OLD = "0ld-secret-0f-the-endp0int"
LONGER = f"{OLD}-longer"
LOGGER = "tests.access"


class GunicornAtoms(dict[str, Any]):
    """Give "-" for what it doesn't hold, as gunicorn's mapping does; and so does hypercorn's."""

    def __init__(self, atoms: dict[str, Any]) -> None:
        super().__init__()
        self.update(atoms)

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name) if name in self else "-"


class UvicornFormatter(logging.Formatter):
    """Pick the arguments of a record apart, as uvicorn's formatter does."""

    def format(self, record: logging.LogRecord) -> str:
        assert isinstance(record.args, tuple)
        client, method, path, version, status = record.args
        return f'{client} - "{method} {path} HTTP/{version}" {int(str(status))}'


class Lines(logging.Handler):
    """Keep what a handler would write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def written() -> Iterator[Lines]:
    """Add a redacting filter to a logger, and return what reaches its handler."""
    logger = logging.getLogger(LOGGER)
    lines, redact = Lines(), obgen.RedactSecrets([NEW, OLD, LONGER])
    logger.addHandler(lines)
    logger.addFilter(redact)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield lines
    logger.removeHandler(lines)
    logger.removeFilter(redact)


def log(message: object, *args: object) -> None:
    logging.getLogger(LOGGER).info(message, *args)


def test_uvicorn(written: Lines) -> None:
    written.setFormatter(UvicornFormatter())
    for path in (f"/hook/{NEW}", f"/hook?key={OLD}&x={OLD}", f"/{LONGER}/", "/other"):
        log('%s - "%s %s HTTP/%s" %d', "192.0.2.1:4711", "POST", path, "1.1", 200)
    begin = '192.0.2.1:4711 - "POST '
    assert written.lines == [
        f'{begin}/hook/[secret] HTTP/1.1" 200',
        f'{begin}/hook?key=[secret]&x=[secret] HTTP/1.1" 200',
        f'{begin}/[secret]/ HTTP/1.1" 200',
        f'{begin}/other HTTP/1.1" 200',
    ]


def test_gunicorn(written: Lines) -> None:
    atoms = {
        "h": "192.0.2.1",
        "t": "[27/Nov/2026:05:46:55 +0000]",
        "r": f"POST /hook/{NEW}?a=b HTTP/1.1",
        "s": "200",
        "b": 345,
        "f": f"https://example.com/{OLD}",
    }
    given = GunicornAtoms(atoms)
    log('%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s" %({x-none}i)s', given)
    assert written.lines == [
        '192.0.2.1 - - [27/Nov/2026:05:46:55 +0000] "POST /hook/[secret]?a=b HTTP/1.1" 200 345 '
        '"https://example.com/[secret]" "-" -'
    ]
    # It belongs to the server, which may still need it.
    assert dict(given) == atoms


def test_django(written: Lines) -> None:
    log('"%s" %s %s', f"POST /hook/{NEW} HTTP/1.1", "200", "345")
    log("%s: %s", "Not Found", f"/hook/{OLD}")
    assert written.lines == ['"POST /hook/[secret] HTTP/1.1" 200 345', "Not Found: /hook/[secret]"]


def test_werkzeug(written: Lines) -> None:
    request = f"\x1b[33mPOST /hook?key={NEW} HTTP/1.1\x1b[0m"
    log('192.0.2.1 - - [27/Nov/2026 05:46:55] "%s" %s %s', request, "404", "-")
    assert written.lines == [
        "192.0.2.1 - - [27/Nov/2026 05:46:55] "
        '"\x1b[33mPOST /hook?key=[secret] HTTP/1.1\x1b[0m" 404 -'
    ]


class Path:
    """Turn into text only when a line is written."""

    def __str__(self) -> str:
        return f"/{NEW}"

    def __repr__(self) -> str:
        return f"<{OLD}>"


@pytest.mark.parametrize(
    ("message", "args", "shown"),
    [
        (f"POST /{NEW}", (), "POST /[secret]"),
        (f"100% of /{NEW}", (), "100% of /[secret]"),
        (f"/{NEW} %s", (f"/{OLD}",), "/[secret] /[secret]"),
        ("%s and %r", (Path(), Path()), "/[secret] and <[secret]>"),
        ("%r", (["/" + NEW],), "['/[secret]']"),
        ("%s", (dict[str, str](),), "{}"),
        ("%(path)s", ({"path": Path()},), "/[secret]"),
        ("%(path)s", (types.MappingProxyType({"path": f"/{NEW}"}),), "/[secret]"),
        ("%(path)s", (collections.ChainMap({"path": f"/{NEW}"}),), "/[secret]"),
        (Path(), (), "/[secret]"),
        (ValueError(f"/{NEW}"), (), "/[secret]"),
        ("%s%s", (NEW[:10], NEW[10:]), "[secret]"),
        ("%d %s", (5, None), "5 None"),
        (NEW[:-1], (), NEW[:-1]),
        ("", (), ""),
    ],
)
def test_whatever_a_record_holds(
    written: Lines, message: object, args: tuple[object, ...], shown: str
) -> None:
    log(message, *args)
    assert written.lines == [shown]


class Broken:
    """Fail to turn into text."""

    def __str__(self) -> str:
        raise RuntimeError(NEW)


class Uncopied(dict[str, Any]):
    """Fail to be copied."""

    def __copy__(self) -> "Uncopied":
        raise copy.Error


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"/{NEW} %s", ()),
        (f"/{NEW} %s", ("a", "b")),
        ("%d", (f"/{NEW}",)),
        ("%(missing)s", ({"path": f"/{NEW}"},)),
        ("%s", (Broken(),)),
        ("%(path)s", (Uncopied(path=f"/{NEW}"),)),
        (Broken(), ()),
    ],
)
def test_a_broken_record_raises_nothing_and_shows_nothing(
    written: Lines, message: object, args: tuple[object, ...]
) -> None:
    if isinstance(message, str) and not args:
        args = ("a", "b", "c")
    log(message, *args)
    assert written.lines == ["A line that may hold a secret could not be read"]


def test_it_can_be_named_in_the_configuration_of_a_server() -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"no_secrets": {"()": "obgen.RedactSecrets", "secrets": f"{NEW} {OLD}"}},
            "loggers": {f"{LOGGER}.configured": {"filters": ["no_secrets"]}},
        }
    )
    (found,) = logging.getLogger(f"{LOGGER}.configured").filters
    record = logging.makeLogRecord({"msg": "/%s", "args": (OLD,)})
    assert isinstance(found, obgen.RedactSecrets)
    assert found.filter(record)
    assert record.getMessage() == "/[secret]"
