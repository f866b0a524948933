"""`--watch`: the real command beside a person who edits, and what it says about each edit."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from wsdl_builder import FIVE_FIELDS, build_wsdl

from obgen.cli import main

PYPROJECT = """\
[tool.obgen]
templates = "mine"
[[tool.obgen.messages]]
wsdl = "wsdl/a.wsdl"
"""


class Watcher:
    """The command, running; it ends by itself if a test waits in vain."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "obgen", "generate", "--watch"],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.limit = Timer(60, self.process.kill)
        self.limit.start()

    def read_until(self, end: str) -> list[str]:
        """Return the lines that are said, up to one that ends so."""
        assert self.process.stderr
        found: list[str] = []
        for line in self.process.stderr:
            found.append(line.rstrip("\n"))
            if found[-1].endswith(end):
                return found
        raise AssertionError(f"it ended, after {found}")

    def close(self) -> None:
        self.limit.cancel()
        self.process.kill()
        self.process.wait()
        assert self.process.stderr
        self.process.stderr.close()


@pytest.fixture
def watcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    monkeypatch.chdir(tmp_path)
    Path("wsdl").mkdir()
    Path("mine").mkdir()
    Path("mine/handler.py.jinja").write_text("x = 1\n", encoding="utf-8")
    Path("wsdl/a.wsdl").write_text(build_wsdl(), encoding="utf-8")
    Path("pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    watcher = Watcher()
    yield watcher
    watcher.close()


@pytest.mark.slow
def test_it_follows_wsdls_templates_and_settings(watcher: Watcher) -> None:
    assert watcher.read_until("Ctrl-C ends it")[-2] == "1 message, 1 created, 0 updated, 0 breaking"

    # A download takes the place of the file.
    Path("new").write_text(build_wsdl(fields={**FIVE_FIELDS, "New__c": "date"}), encoding="utf-8")
    Path("new").replace("wsdl/a.wsdl")
    said = watcher.read_until("0 breaking")
    assert "updated   outbound/opportunity/models.py (the WSDL changed)" in said

    Path("wsdl/a.wsdl").write_text("<html/>", encoding="utf-8")
    assert "error: wsdl/a.wsdl: this can't be used" in watcher.read_until('"Click for WSDL"')[0]
    Path("wsdl/a.wsdl").write_text(build_wsdl(), encoding="utf-8")
    assert "breaking  opportunity: New__c was removed" in watcher.read_until("1 breaking")[-2]

    Path("mine/models.py.jinja").write_text("x = 1\n", encoding="utf-8")
    said = watcher.read_until("0 breaking")
    assert "updated   outbound/opportunity/models.py (the templates changed)" in said

    Path("other").mkdir()
    Path("other/b.wsdl").write_text(build_wsdl("Lead"), encoding="utf-8")
    message = '[[tool.obgen.messages]]\nwsdl = "other/b.wsdl"\n'
    Path("pyproject.toml").write_text(PYPROJECT + message, encoding="utf-8")
    assert "created   outbound/lead/models.py" in watcher.read_until("0 breaking")
    Path("other/b.wsdl").write_text(build_wsdl("Lead", {"Name": "string"}), encoding="utf-8")
    assert "updated   outbound/lead/models.py (the WSDL changed)" in watcher.read_until("breaking")

    watcher.process.send_signal(signal.SIGINT)
    assert watcher.process.wait() == 0
    assert watcher.process.stderr
    assert watcher.process.stderr.read() == ""


def test_what_is_wrong_at_the_start_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["generate", "--watch"]) == 2
    assert "no WSDL is named" in capsys.readouterr().err


def test_it_needs_a_package_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find_nothing(_: str) -> None:
        return None

    monkeypatch.setattr("obgen.cli.watch.find_spec", find_nothing)

    assert main(["generate", "--watch"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: --watch needs the package watchfiles",
        "hint: install it: pip install 'obgen[watch]'",
    ]


@pytest.mark.parametrize(
    "option", ["--check", "--diff", "--exit-non-zero-on-change", "--exit-non-zero-on-untracked"]
)
def test_it_goes_with_no_check(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--watch", option]) == 2
    assert "--watch doesn't end, so it goes with no --check" in capsys.readouterr().err
