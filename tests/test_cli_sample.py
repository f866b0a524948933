"""`obgen sample`: messages that receivers take, the same ones for a seed, and clear errors."""

import subprocess
import sys
from pathlib import Path

import pytest
from outbound.every_type import EveryType
from outbound.opportunity import Opportunity
from wsdl_builder import build_wsdl

import obgen
from obgen.cli import main
from obgen.testing import build, message

SAMPLES = Path(__file__).parents[1] / "samples" / "wsdl"
OPPORTUNITY = str(SAMPLES / "opportunity.wsdl")
EVERY_TYPE = str(SAMPLES / "every_type.wsdl")

Capture = pytest.CaptureFixture[bytes]


def sample(capture: Capture, *arguments: str) -> bytes:
    """Return what the command writes on stdout; on stderr it must write nothing."""
    assert main(["sample", *arguments]) == 0
    captured = capture.readouterr()
    assert captured.err == b""
    return captured.out


def test_it_is_the_message_that_testing_makes(capsysbinary: Capture) -> None:
    assert sample(capsysbinary, OPPORTUNITY) == message(build(Opportunity)) + b"\n"
    assert sample(capsysbinary, EVERY_TYPE, "--seed", "7") == (
        message(build(EveryType, seed=700)) + b"\n"
    )


def test_a_seed_decides_everything(capsysbinary: Capture) -> None:
    first = sample(capsysbinary, OPPORTUNITY, "-n", "100", "--seed", "-1")
    assert first == sample(capsysbinary, OPPORTUNITY, "-n", "100", "--seed", "-1")
    second = sample(capsysbinary, OPPORTUNITY, "-n", "100")
    ids = {
        part.id
        for body in (first, second)
        for one in obgen.decode(body, Opportunity).notifications
        for part in (one, one.sobject)
        if part is not None
    }
    assert len(ids) == 400


def test_whatever_can_happen_to_a_record(capsysbinary: Capture) -> None:
    options = ("--deleted", "4", "--unknown-field", "Lead_Source__c", "--unknown-field", "Zip__c")
    body = sample(capsysbinary, EVERY_TYPE, "-n", "10", "--sparse", *options)
    notifications = obgen.decode(body, EveryType).notifications
    live, gone = notifications[:6], notifications[6:]
    assert len({one.present for one in live}) > 3
    assert all(one.unknown.keys() == {"Lead_Source__c", "Zip__c"} for one in live)
    assert [(one.sobject, one.error) for one in gone] == [(None, None)] * 4
    assert body.count(b'<sObject xsi:nil="true"/>') == 1
    assert body.count(b"<sObject ") == 6 + 2  # of four deleted ones, two have no sObject at all


def test_who_sends_it(capsysbinary: Capture) -> None:
    who = ("--organization-id", "00DD0000000muCUMAY", "--action-id", "04k57000000TOUIAA4")
    decoded = obgen.decode(sample(capsysbinary, OPPORTUNITY, *who), Opportunity)
    assert decoded.organization_id == "00DD0000000muCUMAY"
    assert decoded.action_id == "04k57000000TOUIAA4"


def test_a_field_whose_name_python_has_taken(capsysbinary: Capture, tmp_path: Path) -> None:
    wsdl = tmp_path / "odd.wsdl"
    wsdl.write_text(build_wsdl(fields={"ID": "xsd:string", "class": "xsd:date"}), "utf-8")
    body = sample(capsysbinary, str(wsdl))
    assert [body.count(f"<sf:{name}>".encode()) for name in ("Id", "ID", "class")] == [1, 1, 1]


def test_a_type_that_is_not_known_is_a_warning(capsysbinary: Capture, tmp_path: Path) -> None:
    wsdl = tmp_path / "odd.wsdl"
    wsdl.write_text(build_wsdl(fields={"Odd__c": "xsd:duration"}), "utf-8")
    assert main(["sample", str(wsdl)]) == 0
    captured = capsysbinary.readouterr()
    assert b"<sf:Odd__c>Odd " in captured.out
    assert b"Odd__c has the type 'duration'; it is read as a string" in captured.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["missing.wsdl"], "error: missing.wsdl: "),
        ([OPPORTUNITY, "-n", "0"], "error: Invalid value for '-n' / '--notifications': "),
        ([OPPORTUNITY, "-n", "101"], "error: Invalid value for '-n' / '--notifications': "),
        (
            [OPPORTUNITY, "-n", "2", "--deleted", "3"],
            "error: 3 of 2 notifications can't be of deleted records\nhint: ",
        ),
        (
            [OPPORTUNITY, "--unknown-field", "Name"],
            "error: 'Name' can't be an unknown field\nhint: ",
        ),
        (
            [OPPORTUNITY, "--unknown-field", "a>b"],
            "error: 'a>b' can't be an unknown field\nhint: ",
        ),
        (
            [OPPORTUNITY, "--organization-id", "acme"],
            "error: 'acme' can't be the organization_id: ids have 15 or 18 letters and digits\n",
        ),
        ([OPPORTUNITY, "--seed", "x"], "error: Invalid value for '--seed': "),
        ([], "error: Missing argument 'WSDL'."),
    ],
)
def test_errors_are_told_on_stderr_and_nothing_is_written(
    arguments: list[str], says: str, capsysbinary: Capture
) -> None:
    assert main(["sample", *arguments]) == 2
    captured = capsysbinary.readouterr()
    assert captured.out == b""
    assert captured.err.decode().startswith(says)


@pytest.mark.slow
def test_as_a_program_it_writes_the_same_bytes(capsysbinary: Capture) -> None:
    arguments = ("sample", EVERY_TYPE, "-n", "3", "--sparse")
    done = subprocess.run(
        [sys.executable, "-m", "obgen", *arguments],
        env={"PYTHONIOENCODING": "ascii", "PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == sample(capsysbinary, *arguments[1:])
