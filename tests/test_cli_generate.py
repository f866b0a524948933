"""`obgen generate` in a project: all messages at once, checked, shown, and kept in step."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from support_git import make_repository
from wsdl_builder import FIVE_FIELDS, build_wsdl

import obgen
from obgen.cli import console, main

Capture = pytest.CaptureFixture[str]

PYPROJECT = """\
[tool.obgen]
output = "src/outbound"

[[tool.obgen.messages]]
wsdl = "wsdl/opportunity.wsdl"
name = "opportunity_won"

[[tool.obgen.messages]]
wsdl = "wsdl/lead.wsdl"
field-names = "api"
"""
MODELS = Path("src/outbound/opportunity_won/models.py")
WSDL = Path("wsdl/opportunity.wsdl")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a project with two messages, both with SystemModstamp."""
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()
    Path("wsdl").mkdir()
    Path("pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    WSDL.write_text(build_wsdl(), encoding="utf-8")
    Path("wsdl/lead.wsdl").write_text(build_wsdl("Lead"), encoding="utf-8")


@pytest.fixture
def generated(capsys: Capture) -> None:
    """Have the packages of both messages."""
    assert main(["generate"]) == 0
    capsys.readouterr()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def write_wsdl(**changes: str | None) -> None:
    """Change the fields of the message; None takes one out."""
    fields = {name: kind for name, kind in {**FIVE_FIELDS, **changes}.items() if kind}
    WSDL.write_text(build_wsdl(fields=fields), encoding="utf-8")


def remove_amount() -> None:
    write_wsdl(Amount=None)


def lines(capsys: Capture) -> list[str]:
    """Return what was said on stderr about what isn't as it was."""
    return [
        line
        for line in capsys.readouterr().err.splitlines()
        if not line.startswith(("unchanged", "kept"))
    ]


def test_a_git_that_cannot_tell_is_noted(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    make_repository(Path.cwd(), monkeypatch)
    Path(".git/config").write_text("[core\n", encoding="utf-8")

    assert main(["generate", "--exit-non-zero-on-untracked"]) == 0
    (note,) = [line for line in lines(capsys) if line.startswith("note:")]
    assert note.startswith("note: git can't tell which files it doesn't know: bad config line 1")


class TestAllMessages:
    def test_without_a_wsdl_all_are_generated(self, capsys: Capture) -> None:
        assert main(["generate"]) == 0

        assert capsys.readouterr().err.splitlines() == [
            "created   src/outbound/__init__.py",
            "created   src/outbound/opportunity_won/__init__.py",
            "created   src/outbound/opportunity_won/handler.py",
            "created   src/outbound/opportunity_won/models.py",
            "created   src/outbound/lead/__init__.py",
            "created   src/outbound/lead/handler.py",
            "created   src/outbound/lead/models.py",
            "2 messages, 2 created, 0 updated, 0 breaking",
        ]
        assert "Is_Won__c: bool" in Path("src/outbound/lead/models.py").read_text("utf-8")

    def test_it_works_from_below(self, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
        monkeypatch.chdir("src")

        assert main(["generate"]) == 0
        assert lines(capsys)[0] == "created   ../src/outbound/__init__.py"
        assert Path("outbound/lead/models.py").is_file()

    def test_a_named_wsdl_keeps_its_options(self, capsys: Capture) -> None:
        assert main(["generate", "wsdl/opportunity.wsdl", "--check"]) == 1
        assert "missing   src/outbound/opportunity_won/models.py" in lines(capsys)

        assert main(["inspect", "wsdl/opportunity.wsdl"]) == 0
        assert "package   opportunity_won\n" in capsys.readouterr().out

    @pytest.mark.usefixtures("generated")
    def test_an_update_says_why_and_what_it_breaks(self, capsys: Capture) -> None:
        write_wsdl(Amount=None, CloseDate="dateTime", closeDate="string", New__c="date")

        assert main(["generate"]) == 0
        assert lines(capsys) == [
            "updated   src/outbound/opportunity_won/models.py (the WSDL changed)",
            "breaking  opportunity_won: Amount was removed (amount: float)",
            "breaking  opportunity_won: CloseDate is another type now "
            "(close_date: datetime.date is datetime.datetime)",
            "warning: wsdl/opportunity.wsdl:50: closeDate is called close_date_2, because "
            "CloseDate is close_date",
            "2 messages, 1 updated, 2 breaking",
        ]

    @pytest.mark.usefixtures("generated")
    def test_other_options_break_too(self, capsys: Capture) -> None:
        edit(Path("pyproject.toml"), 'field-names = "api"', 'numbers = "decimal"')

        assert main(["generate"]) == 0
        said = lines(capsys)
        assert said[0] == "updated   src/outbound/lead/models.py (the options changed)"
        assert (
            "breaking  lead: Amount is another type now (Amount: float is decimal.Decimal)" in said
        )
        assert "breaking  lead: Amount is called otherwise now (Amount is amount)" in said
        assert said[-1] == "2 messages, 1 updated, 6 breaking"

    @pytest.mark.usefixtures("generated")
    def test_what_was_edited_is_replaced_and_cannot_be_compared(self, capsys: Capture) -> None:
        MODELS.write_text("\n".join(MODELS.read_text("utf-8").splitlines()[:9]), encoding="utf-8")
        remove_amount()

        assert main(["generate"]) == 0
        assert lines(capsys) == [
            "updated   src/outbound/opportunity_won/models.py "
            "(the WSDL changed; an edit by hand was replaced)",
            f"note: {MODELS} doesn't say any more what it was generated from; "
            "what its update breaks isn't known",
            "2 messages, 1 updated, 0 breaking",
        ]

    def test_what_breaks_is_said_with_other_templates_too(self, capsys: Capture) -> None:
        Path("mine").mkdir()
        templates = Path(obgen.__file__).parents[1] / "templates"
        text = (templates / "models.py.jinja").read_text("utf-8").replace(
            "= WireTable(", "= obgen.WireTable("
        ).replace("from obgen import WireTable", "import obgen")  # fmt: skip
        text += "\n    def label(self) -> str:\n        return str(self.id)\n"
        Path("mine/models.py.jinja").write_text(text, encoding="utf-8")
        assert main(["generate", "--templates", "mine"]) == 0
        remove_amount()
        capsys.readouterr()

        assert main(["generate", "--templates", "mine"]) == 0
        assert "breaking  opportunity_won: Amount was removed (amount: float)" in lines(capsys)

    def test_a_clash_names_both_and_the_file(self, capsys: Capture) -> None:
        edit(Path("pyproject.toml"), 'field-names = "api"', 'name = "Opportunity_Won"')

        assert main(["generate"]) == 2
        assert lines(capsys) == [
            "error: pyproject.toml: messages[1] (wsdl/opportunity.wsdl) and messages[2] "
            "(wsdl/lead.wsdl) would both become the package Opportunity_Won",
            'hint: give one of them a name of its own: name = "Opportunity_Won_2"',
        ]

    def test_a_wrong_key_is_two_lines(self, capsys: Capture) -> None:
        edit(Path("pyproject.toml"), "output =", "ouput =")

        assert main(["generate"]) == 2
        assert lines(capsys) == [
            "error: pyproject.toml:2: tool.obgen.ouput is unknown",
            "hint: did you mean output?",
        ]

    def test_a_wsdl_may_come_through_a_pipe(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("obgen.codegen.templates.is_checkout", lambda: False)
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = Thread(target=pipe.write_text, args=(build_wsdl("Contact"), "utf-8"))
        writer.start()

        assert main(["generate", str(pipe)]) == 0
        writer.join()
        assert Path("src/outbound/contact/models.py").is_file()

    def test_a_directory_that_is_gone_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()

        assert main(["generate"]) == 2
        assert lines(capsys)[0] == "error: the current directory is gone"


class TestCheck:
    @pytest.mark.usefixtures("generated")
    def test_current(self, capsys: Capture) -> None:
        assert main(["generate", "--check"]) == 0
        assert lines(capsys) == ["2 messages, 0 to write, 0 breaking"]

    def test_it_writes_nothing(self, capsys: Capture) -> None:
        assert main(["generate", "--check"]) == 1
        assert not Path("src/outbound").exists()
        assert lines(capsys)[-1] == "2 messages, 2 to write, 0 breaking"

    @pytest.mark.usefixtures("generated")
    @pytest.mark.parametrize(
        ("change", "said", "code"),
        [
            (remove_amount, "differs   {} (the WSDL changed)", 1),
            (lambda: edit(MODELS, "amount", "x"), "differs   {} (it was edited by hand)", 1),
            (
                lambda: edit(Path("pyproject.toml"), "name =", 'numbers = "decimal"\nname ='),
                "differs   {} (the options changed)",
                1,
            ),
            (MODELS.unlink, "missing   {}", 1),
        ],
    )  # fmt: skip
    def test_it_tells_why(
        self, change: Callable[[], object], said: str, code: int, capsys: Capture
    ) -> None:
        change()

        assert main(["generate", "--check"]) == code
        assert said.format(MODELS.as_posix()) in lines(capsys)

    @pytest.mark.usefixtures("generated")
    def test_another_version_alone_is_a_note(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setattr(obgen, "__version__", "0.2.0")

        assert main(["generate", "--check"]) == 0
        assert lines(capsys) == [
            f"differs   {MODELS} (another version of obgen wrote it)",
            "differs   src/outbound/lead/models.py (another version of obgen wrote it)",
            "2 messages, 2 to write, 0 breaking",
            "note: only the version of obgen differs; `obgen generate` writes the files anew",
        ]

        edit(MODELS, "amount", "x")
        assert main(["generate", "--check"]) == 1

    @pytest.mark.usefixtures("generated")
    def test_an_older_template_of_ours_is_out_of_date(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        templates = shutil.copytree(Path(obgen.__file__).parents[1] / "templates", tmp_path / "t")
        edit(templates / "__init__.py.jinja", "The outbound", "An outbound")
        monkeypatch.setattr("obgen.codegen.templates.find_templates", lambda: templates)
        monkeypatch.setattr("obgen.codegen.templates.is_checkout", lambda: True)

        assert main(["generate", "--check"]) == 1
        assert "differs   src/outbound/lead/__init__.py (it is out of date)" in lines(capsys)

    @pytest.mark.usefixtures("generated")
    @pytest.mark.parametrize("option", ["--check", "--diff", "--exit-non-zero-on-change"])
    def test_a_file_that_is_not_ours_is_an_error(self, option: str, capsys: Capture) -> None:
        MODELS.write_text("mine = 1\n", encoding="utf-8")

        assert main(["generate", option]) == 2
        assert lines(capsys)[0] == (
            f"error: {MODELS} is in the way: obgen didn't write it, so it isn't overwritten"
        )

    @pytest.mark.usefixtures("generated")
    def test_line_ends_are_no_difference(self) -> None:
        for path in Path("src").rglob("*.py"):
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

        assert main(["generate", "--check"]) == 0


class TestOrphans:
    @pytest.mark.usefixtures("generated")
    def test_a_message_that_is_dropped_leaves_an_orphan(self, capsys: Capture) -> None:
        edit(Path("pyproject.toml"), PYPROJECT[PYPROJECT.rindex("[[") :], "")

        for option in ("--check", "--exit-non-zero-on-change"):
            assert main(["generate", option]) == 0
            said = lines(capsys)
            assert said[0] == (
                "orphan    src/outbound/lead "
                "(no message is listed for it; remove it if nobody needs it)"
            )
        assert Path("src/outbound/lead/models.py").is_file()

    @pytest.mark.usefixtures("generated")
    def test_one_message_alone_makes_no_orphans(self, capsys: Capture) -> None:
        assert main(["generate", "wsdl/lead.wsdl"]) == 0
        assert lines(capsys) == ["1 message, 0 updated, 0 breaking"]

    @pytest.mark.usefixtures("generated")
    def test_what_obgen_did_not_write_is_no_orphan(self, capsys: Capture) -> None:
        other = Path("src/outbound/other")
        other.mkdir()
        (other / "models.py").write_text("mine = 1\n", encoding="utf-8")

        assert main(["generate"]) == 0
        assert lines(capsys) == ["2 messages, 0 updated, 0 breaking"]


class TestDiff:
    @pytest.mark.usefixtures("generated")
    def test_a_patch_that_applies(self, capsys: Capture) -> None:
        remove_amount()
        shutil.rmtree("src/outbound/lead")
        edit(Path("src/outbound/opportunity_won/__init__.py"), '"Opportunity"]\n', '"O"]')

        assert main(["generate", "--diff"]) == 1
        captured = capsys.readouterr()
        assert "-    amount: float | None = None\n" in captured.out
        assert "\\ No newline at end of file\n" in captured.out
        assert "--- /dev/null\n+++ src/outbound/lead/models.py\n" in captured.out
        assert "differs   " in captured.err

        git = shutil.which("git")
        assert git
        subprocess.run(
            [git, "apply", "-p0", "-"], input=captured.out, text=True, check=True,
            capture_output=True,
        )  # fmt: skip
        assert main(["generate", "--check"]) == 0

    @pytest.mark.usefixtures("generated")
    def test_no_difference_is_empty(self, capsys: Capture) -> None:
        assert main(["generate", "--diff"]) == 0
        assert capsys.readouterr().out == ""

    @pytest.mark.usefixtures("generated")
    def test_a_terminal_gets_colours_and_nothing_that_acts(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        edit(MODELS, '"""The', '"""\x1b[31m\x0bThe')
        monkeypatch.delenv("NO_COLOR", raising=False)

        assert main(["generate", "--diff"]) == 1
        assert '-"""\x1b[31m\x0bThe' in capsys.readouterr().out

        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        assert main(["generate", "--diff"]) == 1
        shown = capsys.readouterr().out
        assert '\x1b[31m-"""\\x1b[31m\\x0bThe outbound message of Opportunity."""\x1b[0m' in shown
        assert '\x1b[32m+"""The outbound' in shown


class TestExitNonZeroOnChange:
    def test_a_new_file_is_a_change(self) -> None:
        assert main(["generate", "--exit-non-zero-on-change"]) == 1
        assert main(["generate", "--exit-non-zero-on-change"]) == 0

    @pytest.mark.usefixtures("generated")
    def test_an_updated_file_is_a_change(self) -> None:
        remove_amount()
        assert main(["generate", "--exit-non-zero-on-change"]) == 1

    @pytest.mark.usefixtures("generated")
    def test_a_new_version_is_a_change(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(obgen, "__version__", "0.2.0")
        assert main(["generate", "--exit-non-zero-on-change"]) == 1


class TestTemplates:
    def test_an_option_or_the_configuration_names_them(self, capsys: Capture) -> None:
        Path("mine").mkdir()
        Path("mine/handler.py.jinja").write_text("MINE = 1\n", encoding="utf-8")

        assert main(["generate", "--templates", "mine"]) == 0
        assert Path("src/outbound/lead/handler.py").read_text("utf-8") == "MINE = 1\n"
        assert main(["generate", "--check"]) == 1
        assert f"differs   {MODELS} (the templates changed)" in lines(capsys)

        edit(Path("pyproject.toml"), "[tool.obgen]\n", '[tool.obgen]\ntemplates = "mine"\n')
        assert main(["generate", "--check"]) == 0

    def test_a_wrong_template_writes_nothing(self, capsys: Capture) -> None:
        Path("models.py.jinja").write_text("\n{{ package.nmae }}\n", encoding="utf-8")

        assert main(["generate", "--templates", "."]) == 2
        error, hint = lines(capsys)
        assert error.startswith("error: models.py.jinja:2: the template can't be rendered")
        assert hint == 'hint: see "Templates of your own" in the documentation for what they get'
        assert not Path("src/outbound").exists()


@pytest.mark.usefixtures("generated")
def test_a_handler_that_was_removed_stays_away(capsys: Capture) -> None:
    Path("src/outbound/lead/handler.py").unlink()
    remove_amount()

    assert main(["generate"]) == 0
    assert not Path("src/outbound/lead/handler.py").exists()
    assert "2 messages, 1 updated, 1 breaking" in lines(capsys)


def test_colours_need_a_colour_and_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert console.coloured("x", None, sys.stdout) == "x"
    assert console.coloured("x", "red", sys.stdout) == "\x1b[31mx\x1b[0m"
