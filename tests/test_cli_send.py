"""`obgen send` from end to end: a receiver in a process of its own, and what a person sees."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from support_receiver import ROOT, Running, running
from wsdl_builder import build_wsdl

from obgen.cli import main

OPPORTUNITY = str(ROOT / "samples" / "wsdl" / "opportunity.wsdl")
MESSAGE = ROOT / "samples" / "messages" / "opportunity-one.xml"
FAST = ("--speed", "1000000")  # a day takes a tenth of a second

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def receiver() -> Generator[Running]:
    with running() as started:
        yield started


@pytest.fixture
def nobody() -> str:
    """Return the address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def send_json(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    assert main(["send", "--json", *arguments]) == code
    return json.loads(capsys.readouterr().out)


def without_times(text: str) -> str:
    text = re.sub(r"\d\d:\d\d:\d\d", "12:00:00", text)
    return re.sub(r"\d+ ms|[\d.]+ requests", lambda found: re.sub(r"[\d.]+", "1", found[0]), text)


def test_a_batch_and_a_duplicate(capsys: Capture) -> None:
    with running() as receiver:
        options = ("-n", "5", "--batch", "3", "--duplicates", "1", "--deleted", "1")
        assert main(["send", OPPORTUNITY, receiver.url, *options]) == 0
        calls = receiver.stop()
    captured = capsys.readouterr()
    assert without_times(captured.out) == (
        "action           object               tries  created   next      state\n"
        "04k000000000001  006Pxr3zh9KoyY7 +2   2      12:00:00  -         acknowledged\n"
        "04k000000000001  006KQ1VUKzWD9uQ +1   1      12:00:00  -         acknowledged\n"
        "\n"
        "2 messages, 3 attempts: 2 acknowledged\n"
        "an attempt took 1 ms (p50), 1 ms (p95), 1 ms (p99); 1 requests/s\n"
    )
    assert without_times(captured.err) == (
        "006Pxr3zh9KoyY7, attempt 1: acknowledged (1 ms)\n"
        "006KQ1VUKzWD9uQ, attempt 1: acknowledged (1 ms)\n"
        "006Pxr3zh9KoyY7, attempt 2: acknowledged (1 ms)\n"
    )
    assert len(calls) == 3 + 1 + 3
    assert calls[:3] == calls[4:], "the duplicate is the same message"


def test_the_newest_can_go_first(receiver: Running, capsys: Capture) -> None:
    assert main(["send", OPPORTUNITY, receiver.url, "-n", "2", "--batch", "1", "--reorder"]) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("006KQ1VUKzWD9uQ")
    assert second.startswith("006Pxr3zh9KoyY7")


def test_a_failing_handler_and_its_retry(capsys: Capture) -> None:
    with running(failures=2) as receiver:
        summary = send_json(capsys, OPPORTUNITY, receiver.url, "--changing", *FAST)
        calls = receiver.stop()
    (message,) = summary["messages"]
    assert (message["state"], message["attempts"]) == ("acknowledged", 3)
    assert message["failure"] == ""
    notification_ids, record_ids, amounts = (set(column) for column in zip(*calls, strict=True))
    assert len(calls) == len(amounts) == 3, "each attempt brings the state of its time"
    assert len(notification_ids) == len(record_ids) == 1
    assert record_ids == set(message["record_ids"])


def test_a_failure_that_stays_is_an_exit_code_of_1(capsys: Capture) -> None:
    with running(failures=1) as receiver:
        assert main(["send", OPPORTUNITY, receiver.url, "--once"]) == 1
    captured = capsys.readouterr()
    assert "  1      12:00:00  -         failed\n    SOAP response was a nack\n" in (
        without_times(captured.out)
    )
    assert "1 message, 1 attempt: 1 failed\n" in captured.out
    assert captured.err.endswith(
        "hint: A handler raised, or a notification has none or can't be read; see the log.\n"
    )


def test_a_foreign_organization(receiver: Running, capsys: Capture) -> None:
    options = ("--organization-id", "00D000000000009", *FAST)
    summary = send_json(capsys, OPPORTUNITY, receiver.url, *options, code=1)
    assert summary["acknowledged"] is False
    (message,) = summary["messages"]
    assert message["attempts"] == summary["attempts"] == 19
    assert message["state"] == "failed"
    assert message["failure"] == "HTTP 403: The organization is not allowed here"
    assert message["simulated"] is True
    assert message["next_attempt"] is None


def test_a_malformed_body(
    receiver: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cut.xml").write_bytes(MESSAGE.read_bytes()[:-20])
    assert main(["send", "cut.xml", receiver.url, "--once"]) == 1
    captured = capsys.readouterr()
    assert "-                -                    1      " in captured.out
    assert "    simulated: HTTP 400: The body is not well-formed XML\n" in captured.out
    assert "note: cut.xml can't be read as a message; it is sent as it is\n" in captured.err
    assert "message 1, attempt 1: simulated: HTTP 400" in captured.err


def test_a_message_from_a_file_and_everything_as_json(receiver: Running, capsys: Capture) -> None:
    secret = f"{receiver.url}/s3cret?key=s3cret"
    assert main(["send", str(MESSAGE), secret, "--json"]) == 0
    captured = capsys.readouterr()
    assert "s3cret" not in captured.out + captured.err
    summary = json.loads(captured.out)
    assert summary["endpoint"] == receiver.url
    assert summary["requests_per_second"] > 0
    assert summary["latency_seconds"].keys() == {"p50", "p95", "p99"}
    (message,) = summary["messages"]
    del message["created"]
    assert message == {
        "action_id": "04k000000000001AAA",
        "object": "Opportunity",
        "record_ids": ["006000000000001AAA"],
        "state": "acknowledged",
        "attempts": 1,
        "next_attempt": None,
        "failure": "",
        "simulated": False,
        "tolerated": "",
        "hint": "",
    }


def test_many_messages_at_once(receiver: Running, capsys: Capture) -> None:
    options = ("-n", "50", "--batch", "1", "--concurrency", "4", "--rate", "1000")
    assert main(["send", OPPORTUNITY, receiver.url, *options]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("50 messages, 50 attempts: 50 acknowledged\nan attempt took ")
    tenths = captured.err.splitlines()
    assert len(tenths) == 10
    assert tenths[-1] == "50 messages, 50 attempts: 50 acknowledged"


def test_of_many_messages_those_are_shown_that_failed(nobody: str, capsys: Capture) -> None:
    assert main(["send", OPPORTUNITY, nobody, "-n", "25", "--batch", "1", "--once"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed.count("    simulated: the connection was refused") == 20
    assert "    and 5 more, which --json names" in printed
    assert max(map(len, printed)) <= 80


def pretend_terminal(monkeypatch: pytest.MonkeyPatch, kind: str = "xterm") -> None:
    """Let stderr pass for a terminal, while it is captured all the same."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("NO_COLOR", "1")


def test_on_a_terminal_the_table_is_drawn_in_place(
    monkeypatch: pytest.MonkeyPatch, nobody: str, capsys: Capture
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["send", OPPORTUNITY, nobody, "--speed", "100000"]) == 1
    drawings = capsys.readouterr().err.split("\x1b[3A")
    first, second, *_ = drawings
    # Before there is an answer, there is no line for a failure.
    assert without_times(first).splitlines() == [
        "action           object               tries  created   next      state\x1b[K",
        "04k000000000001  006Pxr3zh9KoyY7      0      12:00:00  12:00:00  waiting\x1b[K",
        "1 message, 0 attempts: 1 waiting\x1b[K",
        "\x1b[J",
    ]
    assert "simulated: the connection was refused\x1b[K\n" in second
    assert "attempts: 1 failed" in drawings[-1]
    assert re.search(r"\x1b\[4A\x1b\[Jhint: [^\x1b]*$", drawings[-1]), "it is wiped out at the end"


def test_on_a_terminal_many_messages_are_a_bar(
    monkeypatch: pytest.MonkeyPatch, receiver: Running, capsys: Capture
) -> None:
    pretend_terminal(monkeypatch)
    assert main(["send", OPPORTUNITY, receiver.url, "-n", "30", "--batch", "1"]) == 0
    drawn = capsys.readouterr().err
    assert drawn.startswith(f"[{' ' * 60}]\x1b[K\n30 messages, 0 attempts: 30 waiting\x1b[K\n")
    assert drawn.endswith("\x1b[2A\x1b[J")


def test_a_dumb_terminal_gets_lines(
    monkeypatch: pytest.MonkeyPatch, receiver: Running, capsys: Capture
) -> None:
    pretend_terminal(monkeypatch, "dumb")
    assert main(["send", OPPORTUNITY, receiver.url]) == 0
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("source", [OPPORTUNITY, str(MESSAGE)])
def test_an_endpoint_is_checked_before_it_goes_live(
    receiver: Running, source: str, capsys: Capture
) -> None:
    assert main(["send", "--check", source, f"{receiver.url}/s3cret"]) == 0
    captured = capsys.readouterr()
    assert without_times(captured.out) == (
        "skipped  HTTPS                 on this machine, which Salesforce can't reach\n"
        "skipped  port                  on this machine, which Salesforce can't reach\n"
        "skipped  certificate           there is none without HTTPS\n"
        "ok       no redirect           HTTP 200\n"
        "ok       Ack                   acknowledged\n"
        "ok       under 5 s             1 ms\n"
        "ok       the same again        acknowledged\n"
        "skipped  failing handler       can't be brought about from outside; let one\n"
        "                               raise, and look for the answer false\n"
        "ok       foreign organization  HTTP 403\n"
        "ok       malformed body        HTTP 400\n"
        "ok       GET                   HTTP 405\n"
    )
    assert captured.err == ""


def test_a_check_that_finds_something(nobody: str, capsys: Capture) -> None:
    assert main(["send", "--check", OPPORTUNITY, nobody]) == 1
    captured = capsys.readouterr()
    assert "failed   answer                simulated: the connection was refused\n" in captured.out
    assert captured.err == "hint: Nothing listens there: is the server running?\n"


def test_a_check_as_json(nobody: str, receiver: Running, capsys: Capture) -> None:
    assert send_json(capsys, "--check", OPPORTUNITY, receiver.url)["passed"] is True
    summary = send_json(capsys, "--check", OPPORTUNITY, nobody, code=1)
    assert (summary["endpoint"], summary["passed"]) == (nobody, False)
    assert summary["findings"][-1] == {
        "what": "answer",
        "mark": "failed",
        "text": "simulated: the connection was refused",
        "hint": "Nothing listens there: is the server running?",
    }


def test_a_check_needs_a_message(tmp_path: Path, capsys: Capture) -> None:
    body = tmp_path / "page.html"
    body.write_text("<html/>", encoding="utf-8")
    assert main(["send", "--check", str(body), "http://localhost"]) == 2
    assert "error: --check needs a message that a receiver can read: " in capsys.readouterr().err


def test_the_schedule_alone(capsys: Capture) -> None:
    assert main(["send", "--dry-schedule"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 19
    assert lines[:4] == [
        "attempt  after      at",
        "1        0 s        0 s",
        "2        30 s       30 s",
        "3        1 min      1 min 30 s",
    ]
    assert lines[-1] == "19       2 h        22 h 7 min 30 s"
    assert main(["send", "--dry-schedule", "--speed", "600"]) == 0
    assert "2        30 s       30 s             0.1 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "error: Missing argument 'WSDL|MESSAGE'."),
        ([OPPORTUNITY], "error: Missing argument 'URL'."),
        ([OPPORTUNITY, "example.com/s3cret"], "error: the URL can't be used: it begins with "),
        (["missing.wsdl", "http://localhost"], "error: missing.wsdl: there is no such file\n"),
        (
            [OPPORTUNITY, "http://localhost", "--deleted", "2"],
            "error: 2 of 1 records can't be deleted\n",
        ),
        (
            [OPPORTUNITY, "http://localhost", "--organization-id", "acme"],
            "error: 'acme' can't be the organization_id: ",
        ),
        ([OPPORTUNITY, "http://localhost", "--speed", "0"], "error: Invalid value for '--speed'"),
        (
            [str(MESSAGE), "http://localhost", "--seed", "1"],
            "error: --seed goes with a WSDL; a message is sent as it is.\n",
        ),
        (
            [str(MESSAGE), "http://localhost", "--action-id", "04k000000000001"],
            "error: --action-id goes with a WSDL; a message is sent as it is.\n",
        ),
    ],
)
def test_what_cannot_be_sent(arguments: list[str], says: str, capsys: Capture) -> None:
    assert main(["send", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(says)
    assert "s3cret" not in captured.err


def test_a_type_that_is_not_known_is_a_warning(
    receiver: Running, tmp_path: Path, capsys: Capture
) -> None:
    odd = tmp_path / "odd.wsdl"
    odd.write_text(build_wsdl(fields={"Odd__c": "xsd:duration"}), encoding="utf-8")
    main(["send", str(odd), receiver.url, "--once"])
    assert "Odd__c has the type 'duration'; it is read as a string" in capsys.readouterr().err


def test_an_html_page_by_the_name_of_a_wsdl_is_not_sent(tmp_path: Path, capsys: Capture) -> None:
    page = tmp_path / "login.wsdl"
    page.write_text("<html>", encoding="utf-8")
    assert main(["send", str(page), "http://localhost"]) == 2
    assert "it seems to be" in capsys.readouterr().err


def test_a_message_about_wsdls_is_a_message(
    receiver: Running, tmp_path: Path, capsys: Capture
) -> None:
    about = tmp_path / "about.xml"
    name = b"http://schemas.xmlsoap.org/wsdl/"
    about.write_bytes(MESSAGE.read_bytes().replace(b"Northwind", name))
    assert main(["send", str(about), receiver.url]) == 0
    assert "acknowledged" in capsys.readouterr().out


def test_a_file_that_is_too_large_is_not_cut(tmp_path: Path, capsys: Capture) -> None:
    large = tmp_path / "large.xml"
    large.write_bytes(b" " * (4 * 1024 * 1024 + 1))
    assert main(["send", str(large), "http://localhost"]) == 2
    assert "the message is larger than 4 MiB" in capsys.readouterr().err


@pytest.mark.slow
def test_ctrl_c_shows_what_has_become_of_them(nobody: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "obgen", "send", OPPORTUNITY, nobody],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert "attempt 1: simulated: the connection was refused" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "waiting\n    simulated: the connection was refused\n" in out
    assert err.endswith("error: interrupted\n")
