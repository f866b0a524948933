"""The samples that people read: current, complete, decoded to the right values, and running.

What a message must decode to is written out by hand below, beside nothing that obgen computes.
"""

import datetime
import logging
import math
import os
import re
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC
from http.client import HTTPConnection
from pathlib import Path

import pytest
from outbound.bare import Bare
from outbound.every_type import EveryType
from outbound.gwestr_shipment import GwestrShipment
from outbound.opportunity import Opportunity

import obgen

SAMPLES = Path(__file__).parents[1] / "samples"
WSDLS = sorted((SAMPLES / "wsdl").glob("*.wsdl"))
ORGANIZATION = "00D000000000001EAA"

Record = Opportunity | GwestrShipment | EveryType | Bare
Message = (
    obgen.OutboundMessage[Opportunity]
    | obgen.OutboundMessage[GwestrShipment]
    | obgen.OutboundMessage[EveryType]
    | obgen.OutboundMessage[Bare]
)

NORTHWIND = Opportunity(
    id="006000000000001AAA",
    account_id="001000000000001AAA",
    amount=120000.0,
    close_date=datetime.date(2026, 4, 3),
    is_won=True,
    name="Northwind, 40 standing desks",
    stage_name="Closed Won",
    system_modstamp=datetime.datetime(2026, 4, 3, 17, 24, 20, tzinfo=UTC),
)

# {file: (action id, [(notification id, record or None if it was deleted)])}
MESSAGES: dict[str, tuple[str, list[tuple[str, Record | None]]]] = {
    "opportunity-one": ("04k000000000001AAA", [("04l000000000001AAA", NORTHWIND)]),
    "opportunity-batch": (
        "04k000000000001AAA",
        [
            (
                "04l000000000011AAA",
                Opportunity(
                    id="006000000000002AAA",
                    account_id="001000000000002AAA",
                    amount=12_000_000.0,
                    close_date=datetime.date(2026, 12, 31),
                    health__c='<img src="/img/stars_4.gif" alt="4 of 5" border="0"/>',
                    is_won=False,
                    name="Søren & Œuvre GmbH: 東京 office",
                    stage_name="Negotiation/Review",
                    system_modstamp=datetime.datetime(2026, 4, 3, 17, 24, 21, tzinfo=UTC),
                ),
            ),
            (
                "04l000000000012AAA",
                Opportunity(
                    id="006000000000003AAA",
                    account_id=None,
                    is_won=False,
                    name="No amount, no date yet",
                    stage_name="Prospecting",
                    system_modstamp=datetime.datetime(2026, 4, 3, 17, 24, 21, 500_000, UTC),
                ),
            ),
            (
                "04l000000000013AAA",
                Opportunity(
                    id="006000000000004AAA",
                    account_id="001000000000003AAA",
                    amount=-250.75,
                    close_date=datetime.date(2026, 2, 28),
                    # Escaped twice by Salesforce: what is inside the link stays escaped.
                    health__c='<a href="javascript:open(&quot;/apex/health?a=1&amp;b=2&quot;)">'
                    "open</a>",
                    is_won=True,
                    name="Credit note",
                    stage_name="Closed Won",
                ),
            ),
        ],
    ),
    "opportunity-deleted": (
        "04k000000000001AAA",
        [
            ("04l000000000021AAA", None),
            (
                "04l000000000022AAA",
                Opportunity(
                    id="006000000000005AAA",
                    amount=990.0,
                    is_won=True,
                    name="Still there",
                    stage_name="Closed Won",
                    system_modstamp=datetime.datetime(2026, 4, 3, 18, 0, 0, tzinfo=UTC),
                ),
            ),
        ],
    ),
    "opportunity-drift": ("04k000000000001AAA", [("04l000000000031AAA", NORTHWIND)]),
    "shipment-one": (
        "04k000000000002AAA",
        [
            (
                "04l000000000041AAA",
                GwestrShipment(
                    id="a0E000000000001EAA",
                    class_="fragile",
                    import_=True,
                    is_won__c=False,
                    md5_hash__c="d41d8cd98f00b204e9800998ecf8427e",
                    opp_amount2_years_ago__c=0.0,
                    order_id__c="SO-2026-0117",
                    order_id__c_2="801000000000001AAA",
                    type="Express;Insured",
                    gwestr__delivered_at__c=datetime.datetime(2026, 4, 7, 8, 15, tzinfo=UTC),
                    gwestr__weight_kg__c=18.4,
                    npsp__hh_id__c="001000000000001AAA",
                ),
            )
        ],
    ),
    "shipment-batch": (
        "04k000000000002AAA",
        [
            (
                "04l000000000042AAA",
                GwestrShipment(
                    id="a0E000000000002EAA",
                    class_="bulk",
                    import_=False,
                    is_won__c=True,
                    order_id__c="SO-2026-0118",
                ),
            ),
            (
                "04l000000000043AAA",
                GwestrShipment(
                    id="a0E000000000003EAA",
                    import_=True,
                    is_won__c=False,
                    order_id__c_2="801000000000002AAA",
                    type="Standard",
                    gwestr__weight_kg__c=1250.0,
                ),
            ),
        ],
    ),
    "shipment-deleted": (
        "04k000000000002AAA",
        [
            (
                "04l000000000044AAA",
                GwestrShipment(
                    id="a0E000000000004EAA", import_=False, is_won__c=False, type="Express"
                ),
            ),
            ("04l000000000045AAA", None),
        ],
    ),
    "shipment-drift": (
        "04k000000000002AAA",
        [
            (
                "04l000000000046AAA",
                GwestrShipment(
                    id="a0E000000000001EAA",
                    class_="fragile",
                    import_=True,
                    is_won__c=False,
                    gwestr__weight_kg__c=18.4,
                ),
            )
        ],
    ),
    "every_type-one": (
        "04k000000000003AAA",
        [
            (
                "04l000000000051AAA",
                EveryType(
                    id="a0B000000000001EAA",
                    any__c="whatever it is",
                    boolean__c=True,
                    date_time__c=datetime.datetime(2017, 11, 3, 17, 24, 20, tzinfo=UTC),
                    date__c=datetime.date(2017, 4, 3),
                    double__c=120000.0,
                    file__c=b"obgen",
                    int__c=42,
                    reference__c="001000000000001AAA",
                    string__c="plain text",
                    time__c=datetime.time(9, 30, tzinfo=UTC),
                ),
            )
        ],
    ),
    "every_type-batch": (
        "04k000000000003AAA",
        [
            (
                "04l000000000052AAA",
                EveryType(
                    id="a0B000000000002EAA",
                    boolean__c=False,
                    date_time__c=datetime.datetime(2026, 3, 29, 1, 30, 0, 250_000, UTC),
                    date__c=datetime.date(1, 1, 1),
                    double__c=12_000_000.0,
                    file__c=b"\x00",
                    int__c=-2_147_483_648,
                    reference__c="001000000000001",
                    string__c="",
                    time__c=datetime.time(23, 59, 59, 999_000),
                ),
            ),
            (
                "04l000000000053AAA",
                EveryType(
                    id="a0B000000000003EAA",
                    boolean__c=True,
                    date_time__c=datetime.datetime(2026, 1, 1, tzinfo=UTC),
                    date__c=datetime.date(9999, 12, 31),
                    double__c=-0.5,
                    file__c=b"\x00\x01\x02\xff",
                    int__c=7,
                    string__c="  two  spaces, kept  ",
                    time__c=datetime.time(
                        0, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))
                    ),
                ),
            ),
            ("04l000000000054AAA", EveryType(id="a0B000000000004EAA", double__c=math.inf)),
        ],
    ),
    "every_type-deleted": (
        "04k000000000003AAA",
        [
            ("04l000000000055AAA", None),
            (
                "04l000000000056AAA",
                EveryType(id="a0B000000000007EAA", boolean__c=False, int__c=0),
            ),
        ],
    ),
    "every_type-drift": (
        "04k000000000003AAA",
        [
            (
                "04l000000000057AAA",
                EveryType(id="a0B000000000001EAA", boolean__c=True, int__c=42),
            )
        ],
    ),
    "bare-one": (
        "04k000000000004AAA",
        [("04l000000000071AAA", Bare(id="a00000000000001AAA"))],
    ),
    "bare-batch": (
        "04k000000000004AAA",
        [
            ("04l000000000072AAA", Bare(id="a00000000000002AAA")),
            ("04l000000000073AAA", Bare(id="a00000000000003AAA")),
        ],
    ),
    "bare-deleted": (
        "04k000000000004AAA",
        [
            ("04l000000000074AAA", None),
            ("04l000000000075AAA", Bare(id="a00000000000004AAA")),
        ],
    ),
    "bare-drift": (
        "04k000000000004AAA",
        [("04l000000000076AAA", Bare(id="a00000000000001AAA"))],
    ),
}

UNKNOWN: Mapping[str, dict[str, str]] = {
    "opportunity-drift": {"LeadSource": "Phone Inquiry"},
    "shipment-drift": {"gwestr__Carrier__c": "Gulf & Western"},
    "every_type-drift": {"Duration__c": "P1D"},
    "bare-drift": {"Name": "A field after all"},
}

# Handled apart: one of its notifications can't be read.
UNREADABLE = "every_type-unreadable"


def sample(name: str) -> bytes:
    return (SAMPLES / "messages" / f"{name}.xml").read_bytes()


def decode(name: str) -> Message:
    match name.partition("-")[0]:
        case "opportunity":
            return obgen.decode(sample(name), Opportunity)
        case "shipment":
            return obgen.decode(sample(name), GwestrShipment)
        case "every_type":
            return obgen.decode(sample(name), EveryType)
        case _:
            return obgen.decode(sample(name), Bare)


def test_every_sample_message_is_tested_and_every_object_has_all_kinds() -> None:
    names = {path.stem for path in (SAMPLES / "messages").iterdir()}
    assert names == {*MESSAGES, UNREADABLE}
    kinds = ("one", "batch", "deleted", "drift")
    assert {f"{wsdl.stem}-{kind}" for wsdl in WSDLS for kind in kinds} == set(MESSAGES)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_decodes_to_what_it_says(name: str) -> None:
    action_id, expected = MESSAGES[name]
    message = decode(name)
    assert (message.organization_id, message.action_id) == (ORGANIZATION, action_id)
    assert message.session_id is None
    assert message.enterprise_url.endswith("/services/Soap/c/62.0/00D000000000001")
    assert message.partner_url.endswith("/services/Soap/u/62.0/00D000000000001")
    assert [(n.id, n.sobject) for n in message.notifications] == expected
    assert [n.error for n in message.notifications] == [None] * len(expected)
    assert [n.unknown for n in message.notifications] == [UNKNOWN.get(name, {})] * len(expected)


@pytest.mark.parametrize("name", [*MESSAGES, UNREADABLE])
def test_no_type_of_a_value_is_only_nearly_right(name: str) -> None:
    # 1 == True == 1.0 in Python, so that equal values say nothing of their types.
    types = {
        "boolean": bool,
        "double": float,
        "int": int,
        "date": datetime.date,
        "dateTime": datetime.datetime,
        "time": datetime.time,
        "base64Binary": bytes,
    }
    for notification in decode(name).notifications:
        if notification.sobject is None:
            continue
        wire = obgen.wire_fields(type(notification.sobject))
        for field in fields(notification.sobject):
            value = getattr(notification.sobject, field.name)
            assert value is None or type(value) is types.get(wire[field.name].xsd_type, str)


def test_a_nil_field_is_present_and_one_left_out_is_not() -> None:
    full, nil, _ = decode("opportunity-batch").notifications
    assert full.present == {field.name for field in fields(Opportunity)}
    assert nil.present == {"id", "account_id", "is_won", "name", "stage_name", "system_modstamp"}
    deleted, _ = decode("opportunity-deleted").notifications
    assert deleted.present == frozenset()


def test_one_notification_that_cannot_be_read_leaves_the_other_alone() -> None:
    bad, good = decode(UNREADABLE).notifications
    assert bad.sobject is None
    assert isinstance(bad.error, obgen.DecodeError)
    assert (bad.error.value, bad.error.line) == ("12,5", 14)
    assert bad.error.path == "notifications/Notification[1]/sObject/Double__c"
    assert good.error is None
    assert good.sobject == EveryType(
        id="a0B000000000006EAA", double__c=12.5, string__c="the other one arrives"
    )


@pytest.mark.parametrize("path", [*WSDLS, *sorted((SAMPLES / "messages").iterdir())])
def test_ids_are_well_formed_and_nothing_is_real(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    ids = re.findall(r"(?:Id|Id__c|Reference__c)>([0-9A-Za-z]{15,18})<", text)
    assert all(re.fullmatch(r"[0-9A-Za-z]{3}0{9}[0-9]{3}(?:[AE]AA)?", found) for found in ids)
    hosts = set(re.findall(r"https://([^/]+)/", text))
    assert hosts <= {"receiver.example.com", "example.my.salesforce.com"}
    assert "\r" not in text


def test_the_generated_samples_are_current(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "obgen", "generate", *map(str, WSDLS), "-o"]
    subprocess.run([*command, str(tmp_path / "outbound")], check=True, capture_output=True)
    assert files_below(tmp_path / "outbound") == files_below(SAMPLES / "outbound"), (
        "remove samples/outbound and run: obgen generate samples/wsdl/*.wsdl -o samples/outbound"
    )


def files_below(directory: Path) -> dict[str, bytes]:
    """Return {path below the directory: content}, without what Python leaves behind."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_sample_packages_read_well() -> None:
    models = (SAMPLES / "outbound" / "opportunity" / "models.py").read_text(encoding="utf-8")
    assert len(models.splitlines()) < 100


# The receiver, as a person runs it.


def run_receiver(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
    """Return the exit code, standard output and standard error of the sample receiver."""
    done = subprocess.run(
        [sys.executable, str(SAMPLES / "receiver.py"), *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env=environment(),
        timeout=60,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def environment(**more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OBGEN_")}
    return plain | {"PYTHONDONTWRITEBYTECODE": "1"} | more


@pytest.mark.parametrize("name", MESSAGES)
def test_the_receiver_acknowledges_every_sample(name: str) -> None:
    code, out, err = run_receiver(str(SAMPLES / "messages" / f"{name}.xml"))
    *handled, answer = out.splitlines()
    assert (code, answer) == (0, f"200 {obgen.ack(True).decode()}")
    printed = "\n".join(handled)
    for notification_id, record in MESSAGES[name][1]:
        told = record.id if record else notification_id
        assert told in printed or (record is None and told in err)
    assert "Traceback" not in err


def test_the_receiver_takes_standard_input() -> None:
    code, out, _ = run_receiver("-", stdin=sample("opportunity-one"))
    assert code == 0
    assert out.splitlines() == [
        "006000000000001AAA: Closed Won, 120000.0",
        f"200 {obgen.ack(True).decode()}",
    ]


def test_the_receiver_says_no_to_what_it_cannot_read() -> None:
    code, out, err = run_receiver(str(SAMPLES / "messages" / f"{UNREADABLE}.xml"))
    assert code == 1
    assert out.splitlines()[-1] == f"200 {obgen.ack(False).decode()}"
    assert "Double__c" in err
    assert "12,5" not in err


def test_the_receiver_refuses_a_stranger() -> None:
    stranger = sample("opportunity-one").replace(b"00D000000000001EAA", b"00D000000000002EAA")
    code, out, err = run_receiver("-", stdin=stranger)
    assert (code, out[:4]) == (1, "403 ")
    assert "00D000000000002EAA" in err


@contextmanager
def served() -> Generator[tuple[str, int]]:
    """Start the receiver on a free port and yield the address that it prints."""
    command = [sys.executable, str(SAMPLES / "receiver.py"), "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://([0-9.]+):([0-9]+)/", process.stdout.readline())
            assert found
            yield found[1], int(found[2])
        finally:
            process.terminate()


def test_the_receiver_serves_on_a_socket() -> None:
    with served() as (host, port):
        for name in MESSAGES:
            connection = HTTPConnection(host, port, timeout=30)
            headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
            connection.request("POST", "/salesforce", sample(name), headers)
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, obgen.ack(True))
            connection.close()
        with socket.create_connection((host, port), timeout=30) as client:
            client.sendall(b"POST / HTTP/1.0\r\nContent-Length: 5000\r\n\r\n<soapenv:Envelope")
            client.shutdown(socket.SHUT_WR)
            assert client.makefile("rb").readline() == b"HTTP/1.0 400 Bad Request\r\n"


def test_drift_is_logged_without_data(caplog: pytest.LogCaptureFixture) -> None:
    receiver = obgen.Receiver(organization_ids=ORGANIZATION)

    @receiver.handles(Opportunity)
    def handle(_record: Opportunity, delivery: obgen.Delivery) -> None:
        assert delivery.unknown == {"LeadSource": "Phone Inquiry"}

    with caplog.at_level(logging.INFO, "obgen"):
        assert receiver.receive(sample("opportunity-drift")).acknowledged
        assert receiver.receive(sample("opportunity-drift")).acknowledged
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "LeadSource" in warnings[0].getMessage()
    assert "Phone Inquiry" not in caplog.text
