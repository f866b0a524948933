"""`obgen listen`: what a person sees of what `obgen send` sends to it, and what is kept."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from wsdl_builder import build_wsdl

from obgen.cli import main
from obgen.cli.arrivals import Arrivals
from obgen.cli.listen import _tables
from obgen.cli.serving import Listener, bind
from obgen.errors import ConfigurationError
from obgen.runtime.reply import ACKNOWLEDGED, NOT_ACKNOWLEDGED
from obgen.runtime.wire import Record
from obgen.simulate.arrivals import record_type
from obgen.testing import assert_nack, post

SAMPLES = Path(__file__).parents[1] / "samples"
OPPORTUNITY = str(SAMPLES / "wsdl" / "opportunity.wsdl")

Capture = pytest.CaptureFixture[str]


def sample(name: str) -> bytes:
    return (SAMPLES / "messages" / f"{name}.xml").read_bytes()


def records(*names: str) -> dict[str, type[Record]]:
    paths = [str(SAMPLES / "wsdl" / f"{name}.wsdl") for name in names or ("opportunity",)]
    return {table.object_type: record_type(table) for table in _tables(paths)}


def shown(capsys: Capture, body: bytes, *names: str) -> str:
    Arrivals(records(*names), None).add(body, ACKNOWLEDGED)
    return re.sub(r"\d\d:\d\d:\d\d", "12:00:00", capsys.readouterr().out, count=1)


class Program:
    """`obgen listen` as a program.

    Attributes:
        url: Where it listens.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr
        found = re.search(r"http://\S+/", process.stderr.readline())
        assert found
        self.url = found[0]
        self._process = process

    def stop(self) -> tuple[str, str]:
        """Press Ctrl-C, and return what it printed."""
        self._process.send_signal(signal.SIGINT)
        printed = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return printed


@contextmanager
def listening(*arguments: str, cwd: Path) -> Generator[Program]:
    with subprocess.Popen(
        [sys.executable, "-m", "obgen", "listen", "--port", "0", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Program(process)
        finally:
            process.kill()


@pytest.mark.slow
def test_what_is_sent_is_shown_and_kept(tmp_path: Path, capsys: Capture) -> None:
    with listening(OPPORTUNITY, "--save", "kept", cwd=tmp_path) as listener:
        assert main(["send", OPPORTUNITY, listener.url, "-n", "3", "--batch", "2"]) == 0
        assert main(["send", str(SAMPLES / "receiver.py"), listener.url, "--once"]) == 1
        out, err = listener.stop()
    assert "Opportunity, 2 notifications, action 04k000000000001AAA  -> Ack true\n" in out
    assert "  006Pxr3zh9KoyY7IAJ  notification 04l" in out
    assert "  refused: HTTP 400\n" in out
    first, second = (Path("kept") / f"Opportunity-{number:03}.xml" for number in (1, 2))
    assert f"saved {first}\nsaved {second}\n" in err
    assert "warning: Refused a message from 127.0.0.1: " in err
    assert err.endswith("note: 3 messages arrived\n")
    assert [path.name for path in sorted((tmp_path / "kept").iterdir())] == [
        first.name,
        second.name,
    ]
    capsys.readouterr()


@pytest.mark.slow
def test_it_can_answer_false_and_refuse_others(tmp_path: Path, capsys: Capture) -> None:
    options = ("--nack", "--organization-id", "00D000000000001")
    with listening(OPPORTUNITY, *options, cwd=tmp_path) as listener:
        assert main(["send", OPPORTUNITY, listener.url, "--once"]) == 1
        assert "    SOAP response was a nack\n" in capsys.readouterr().out
        other = ("--organization-id", "00D000000000002")
        assert main(["send", OPPORTUNITY, listener.url, "--once", *other]) == 1
        assert "    simulated: HTTP 403: " in capsys.readouterr().out
        out, err = listener.stop()
    assert "-> Ack false\n" in out
    assert "-> HTTP 403\n" in out
    assert "organization 00D000000000002 is not allowed" in err


def test_a_notification_is_a_typed_table(capsys: Capture) -> None:
    assert shown(capsys, sample("opportunity-one")) == (
        "12:00:00  Opportunity, 1 notification, action 04k000000000001AAA  -> Ack true\n"
        "  006000000000001AAA  notification 04l000000000001AAA\n"
        "    id               str       '006000000000001AAA'\n"
        "    account_id       str       '001000000000001AAA'\n"
        "    amount           float     120000.0\n"
        "    close_date       date      2026-04-03\n"
        "    is_won           bool      True\n"
        "    name             str       'Northwind, 40 standing desks'\n"
        "    stage_name       str       'Closed Won'\n"
        "    system_modstamp  datetime  2026-04-03 17:24:20+00:00\n"
        "    empty, or not sent: health__c\n"
        "\n"
    )


def test_drift_is_marked(capsys: Capture) -> None:
    printed = shown(capsys, sample("opportunity-drift"))
    assert re.search(r"^    LeadSource +unknown +'", printed, re.MULTILINE)
    assert "    What is unknown isn't in the WSDL: download it again.\n" in printed


def test_what_was_deleted_or_cannot_be_read(capsys: Capture) -> None:
    printed = shown(capsys, sample("shipment-deleted"), "shipment")
    assert (
        "  -                   notification 04l000000000045AAA\n    deleted before delivery\n"
        in (printed)
    )
    printed = shown(capsys, sample("every_type-unreadable"), "every_type")
    printed = " ".join(printed.split())
    assert "can't be read: not a double (notifications/Notification[1]/" in printed


def test_every_line_fits_and_nothing_acts_on_a_terminal(capsys: Capture) -> None:
    body = sample("opportunity-one").replace(b"Northwind", "\u202eN".encode() * 50)
    printed = shown(capsys, body)
    assert max(map(len, printed.splitlines())) == 80
    assert "\u202e" not in printed
    assert "..." in printed


def test_of_many_notifications_the_first_are_shown(capsys: Capture) -> None:
    assert main(["sample", OPPORTUNITY, "-n", "12"]) == 0
    printed = shown(capsys, capsys.readouterr().out.encode())
    assert printed.count("  notification 04l") == 10
    assert printed.endswith("  and 2 more notifications\n\n")


def test_files_are_added_and_never_replaced(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "Opportunity-001.xml").write_text("mine", encoding="utf-8")
    arrivals = Arrivals(records(), tmp_path)
    for name in ("opportunity-one", "opportunity-batch", "shipment-one"):
        arrivals.add(sample(name), NOT_ACKNOWLEDGED)
    names = ["Opportunity-001.xml", "Opportunity-002.xml", "Opportunity-003.xml", "unknown-001.xml"]
    assert [path.name for path in sorted(tmp_path.iterdir())] == names
    assert (tmp_path / names[0]).read_text(encoding="utf-8") == "mine"
    assert capsys.readouterr().out.count("  -> Ack false\n") == 3


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path, capsys: Capture) -> None:
    arrivals = Arrivals(records(), tmp_path / "gone")
    arrivals.add(sample("opportunity-one"), ACKNOWLEDGED)
    assert "Opportunity-001.xml can't be written: No such file" in capsys.readouterr().err


def write_wsdl(path: Path, **fields: str) -> str:
    path.write_text(build_wsdl(fields=fields), encoding="utf-8")
    return str(path)


def test_messages_of_one_object_are_put_together(tmp_path: Path) -> None:
    first = write_wsdl(tmp_path / "a.wsdl", Amount="xsd:double", Name="xsd:string")
    second = write_wsdl(tmp_path / "b.wsdl", Amount="xsd:double", Zip__c="xsd:string")
    (table,) = _tables([first, second])
    assert [field.api_name for field in table.fields.values()] == ["Id", "Amount", "Name", "Zip__c"]


def test_wsdls_that_disagree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    first = write_wsdl(Path("a.wsdl"), Amount="xsd:double")
    second = write_wsdl(Path("b.wsdl"), Amount="xsd:string")
    assert main(["listen", first, second]) == 2
    assert "error: a.wsdl and b.wsdl disagree about Amount: double and string\nhint: " in (
        capsys.readouterr().err
    )


def test_a_type_that_is_not_known_is_a_warning(tmp_path: Path, capsys: Capture) -> None:
    _tables([write_wsdl(tmp_path / "a.wsdl", Odd__c="xsd:duration")])
    assert "Odd__c has the type 'duration'" in capsys.readouterr().err


def test_a_port_that_is_taken(capsys: Capture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["listen", OPPORTUNITY, "--port", str(port)]) == 2
    assert f"error: can't listen on port {port} of 127.0.0.1: Address already in use\nhint: " in (
        capsys.readouterr().err
    )


def test_a_directory_that_cannot_be_made(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").touch()
    assert main(["listen", OPPORTUNITY, "--save", str(tmp_path / "file" / "kept")]) == 2
    assert "can't be made: Not a directory\nhint: " in capsys.readouterr().err


def test_no_wsdl(capsys: Capture) -> None:
    assert main(["listen"]) == 2
    assert "error: Missing argument 'WSDL...'." in capsys.readouterr().err


def test_a_nack_stays_one_and_a_refusal_too() -> None:
    seen: list[tuple[bytes, int]] = []
    listener = Listener(
        records(), organization_ids=(), nack=True, seen=lambda b, r: seen.append((b, r.status))
    )
    body = sample("opportunity-one")
    assert_nack(post(listener, body))
    assert post(listener, b"<a>").status == 400
    assert seen == [(body, 200), (b"<a>", 400)]


def test_a_failure_of_one_request_is_said(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    listener = Listener(records(), organization_ids=(), nack=False, seen=lambda _b, _r: None)
    with bind(listener, "127.0.0.1", 0) as server, socket.socket() as request:

        def fail(*_: object) -> None:
            raise ConnectionResetError("gone\x1b[2J")

        monkeypatch.setattr(server, "finish_request", fail)
        server.process_request_thread(request, ("127.0.0.1", 1))
    assert capsys.readouterr().err == (
        "warning: a request couldn't be answered: ConnectionResetError: gone\\x1b[2J\n"
    )


def test_an_organization_id_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match="'acme' is not an organization id"):
        Listener(records(), organization_ids=("acme",), nack=False, seen=lambda _b, _r: None)
