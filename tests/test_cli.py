"""The command as people and programs meet it: what it writes where, and its exit codes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from wsdl_builder import EVERY_TYPE, build_wsdl

import obgen
from obgen.cli import console, main
from obgen.cli.generate import generate
from obgen.codegen.naming import chosen_package_name
from obgen.codegen.settings import FieldNames, Numbers
from obgen.errors import ConfigurationError

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def inside_a_fresh_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def wsdl(name: str = "opportunity.wsdl", text: str | None = None) -> str:
    """Write a WSDL into the current directory, and return its name."""
    Path(name).write_text(text or build_wsdl(), encoding="utf-8")
    return name


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a program."""
    return subprocess.run(
        [sys.executable, "-m", "obgen", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


class TestGenerate:
    def test_says_what_happened_to_each_file(self, capsys: Capture) -> None:
        assert main(["generate", wsdl()]) == 0

        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.splitlines() == [
            "created   outbound/__init__.py",
            "created   outbound/opportunity/__init__.py",
            "created   outbound/opportunity/handler.py",
            "created   outbound/opportunity/models.py",
            "1 message, 1 created, 0 updated, 0 breaking",
        ]

        assert main(["generate", "opportunity.wsdl"]) == 0
        assert capsys.readouterr().err.splitlines() == [
            "unchanged outbound/opportunity/__init__.py",
            "kept      outbound/opportunity/handler.py",
            "unchanged outbound/opportunity/models.py",
            "1 message, 0 updated, 0 breaking",
        ]

    def test_names_an_edit_that_is_lost(self, capsys: Capture) -> None:
        main(["generate", wsdl()])
        models = Path("outbound/opportunity/models.py")
        models.write_text(models.read_text("utf-8") + "# mine\n", encoding="utf-8")
        capsys.readouterr()

        assert main(["generate", "opportunity.wsdl"]) == 0
        assert (
            "updated   outbound/opportunity/models.py (an edit by hand was replaced)"
            in capsys.readouterr().err
        )

    def test_options(self) -> None:
        options = ["-o", "src", "--name", "won", "--field-names", "api", "--numbers", "decimal"]

        assert main(["generate", wsdl(), *options]) == 0

        models = Path("src/won/models.py").read_text("utf-8")
        assert "Amount: decimal.Decimal | None = None" in models
        assert "# options: field-names=api numbers=decimal\n" in models
        assert "class Opportunity:" in models

    def test_the_choices_are_those_of_the_settings(self) -> None:
        choices = {
            option.name: option.type.choices
            for option in generate.params
            if isinstance(option.type, click.Choice)
        }
        assert choices == {"field_names": tuple(FieldNames), "numbers": tuple(Numbers)}

    def test_several_wsdls_in_one_call_or_one_after_the_other(self) -> None:
        names = [wsdl(), wsdl("lead.wsdl", build_wsdl("Lead")), wsdl("c.wsdl", build_wsdl("C__c"))]

        assert main(["generate", *names]) == 0
        assert [main(["generate", name, "-o", "other"]) for name in names] == [0, 0, 0]

        for one in sorted(Path("outbound").rglob("*.py")):
            assert one.read_bytes() == Path("other", *one.parts[1:]).read_bytes()

    def test_two_wsdls_for_one_package_are_an_error(self, capsys: Capture) -> None:
        names = [wsdl(), wsdl("won.wsdl")]

        assert main(["generate", *names]) == 2
        assert capsys.readouterr().err.splitlines() == [
            "error: opportunity.wsdl and won.wsdl would both become the package opportunity",
            "hint: generate one of them by itself, with a name: --name opportunity_2",
        ]
        assert not Path("outbound").exists()

    def test_a_name_goes_with_one_wsdl(self, capsys: Capture) -> None:
        names = [wsdl(), wsdl("lead.wsdl", build_wsdl("Lead"))]

        assert main(["generate", *names, "--name", "won"]) == 2
        assert "--name goes with one WSDL" in capsys.readouterr().err

    @pytest.mark.parametrize("name", ["../won", "a/b", "class", "con", ""])
    def test_an_impossible_name_is_an_error(self, name: str, capsys: Capture) -> None:
        assert main(["generate", wsdl(), "--name", name]) == 2
        assert "can't be the name of a package" in capsys.readouterr().err

    def test_missing_stamps_are_noted_once(self, capsys: Capture) -> None:
        names = [
            wsdl("a.wsdl", build_wsdl("A__c", {"Name": "string"})),
            wsdl("b.wsdl", build_wsdl("B__c", {"LastModifiedDate": "dateTime"})),
        ]
        main(["generate", *names])

        notes = [line for line in capsys.readouterr().err.splitlines() if "note:" in line]
        assert len(notes) == 1
        assert "a.wsdl: neither SystemModstamp nor LastModifiedDate" in notes[0]

    def test_collisions_and_unknown_types_are_warnings(self, capsys: Capture) -> None:
        fields = {"FooBar": "string", "Foo_Bar": "unsignedLong", "SystemModstamp": "dateTime"}
        main(["generate", wsdl(text=build_wsdl(fields=fields))])

        warnings = [line for line in capsys.readouterr().err.splitlines() if "warning:" in line]
        assert len(warnings) == 2
        assert "Foo_Bar has the type 'unsignedLong'; it is read as a string" in warnings[0]
        assert warnings[1].endswith("Foo_Bar is called foo_bar_2, because FooBar is foo_bar")
        assert all(line.startswith("warning: opportunity.wsdl:") for line in warnings)

    def test_an_error_in_one_wsdl_writes_nothing(self, capsys: Capture) -> None:
        names = [wsdl(), wsdl("page.wsdl", "<html/>")]

        assert main(["generate", *names]) == 2
        assert not Path("outbound").exists()
        error, hint = capsys.readouterr().err.splitlines()
        assert error == (
            "error: page.wsdl: this can't be used as the WSDL of an outbound message: "
            "it seems to be an HTML page"
        )
        assert hint == (
            "hint: download the right file while logged in to Salesforce: "
            'Setup > Outbound Messages > the message > "Click for WSDL"'
        )


class TestInspect:
    def test_shows_a_table(self, capsys: Capture) -> None:
        assert main(["inspect", wsdl()]) == 0

        captured = capsys.readouterr()
        assert captured.err == ""
        assert captured.out == (
            "object    Opportunity\n"
            "package   opportunity\n"
            "class     Opportunity\n"
            "endpoint  https://receiver.example.com/salesforce\n"
            "fields    6\n"
            "\n"
            "API name        Python name      WSDL type  Python type\n"
            "Id              id               ID         str\n"
            "Amount          amount           double     float\n"
            "CloseDate       close_date       date       datetime.date\n"
            "Is_Won__c       is_won__c        boolean    bool\n"
            "Name            name             string     str\n"
            "SystemModstamp  system_modstamp  dateTime   datetime.datetime\n"
        )

    def test_shows_json(self, capsys: Capture) -> None:
        text = build_wsdl("Every_Type__c", EVERY_TYPE)

        assert main(["inspect", wsdl(text=text), "--json"]) == 0

        shown = json.loads(capsys.readouterr().out)
        assert list(shown) == ["object", "package", "class", "endpoint", "fields"]
        assert shown["package"] == "every_type"
        assert shown["class"] == "EveryType"
        assert shown["fields"][7] == {
            "api_name": "Price__c",
            "python_name": "price__c",
            "xsd_type": "double",
            "python_type": "float",
        }

    def test_an_endpoint_cannot_act_on_a_terminal(self, capsys: Capture) -> None:
        text = build_wsdl(endpoint="https://x/&#x85;&#x202e;&#x9b;31m&#xe9;")

        assert main(["inspect", wsdl(text=text)]) == 0
        assert r"endpoint  https://x/\x85\u202e\x9b31mé" in capsys.readouterr().out

    def test_warns(self, capsys: Capture) -> None:
        assert main(["inspect", wsdl(text=build_wsdl(fields={"A": "long"}))]) == 0
        assert "warning: opportunity.wsdl:" in capsys.readouterr().err


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "message", "hint"),
        [
            (["generate"], "no WSDL is named, and no pyproject.toml here or above", "list your"),
            (["generate", "--nmae", "x", "a"], "No such option", "see `obgen generate --help`"),
            (["inspect"], "Missing argument 'WSDL'.", "see `obgen inspect --help`"),
            (["genrate"], "No such command", "see `obgen --help`"),
            (["generate", "a", "--numbers", "int"], "'int' is not one of", "--help"),
            (["generate", "gone.wsdl"], "gone.wsdl: there is no such file", "check the name"),
            (["generate", ""], 'error: "": no file is named', "check the name"),
            (["inspect", "."], ".: this is a directory, not a WSDL", "name the file"),
        ],
    )
    def test_an_error_is_two_lines(
        self, arguments: list[str], message: str, hint: str, capsys: Capture
    ) -> None:
        assert main(arguments) == 2

        captured = capsys.readouterr()
        error, second = captured.err.splitlines()
        assert captured.out == ""
        assert error.startswith("error: ")
        assert message in error
        assert second.startswith("hint: ")
        assert hint in second

    def test_a_place_is_file_line_and_column(self, capsys: Capture) -> None:
        assert main(["inspect", wsdl(text="<a>\n  <b></a>")]) == 2
        assert capsys.readouterr().err.startswith("error: opportunity.wsdl:2:")

    def test_without_arguments_it_shows_its_help(self, capsys: Capture) -> None:
        assert main([]) == 2
        assert "Usage: obgen" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments", [["--debug", "inspect", "gone"], ["inspect", "gone", "--debug"]]
    )
    def test_debug_shows_the_traceback_wherever_it_stands(
        self, arguments: list[str], capsys: Capture
    ) -> None:
        assert main(arguments) == 2

        captured = capsys.readouterr().err
        assert "Traceback (most recent call last)" in captured
        assert "error: gone: there is no such file" in captured

    def test_a_fault_of_obgen_is_one_line(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        stop_with(ZeroDivisionError("x\ny"), monkeypatch)

        assert main(["inspect", "x"]) == 2
        assert capsys.readouterr().err.splitlines() == [
            r"error: internal error: ZeroDivisionError: x\ny",
            "hint: this is a fault of obgen; run it with --debug and report what it shows",
        ]

    def test_other_errors_of_click_and_of_obgen_keep_their_words(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        stop_with(click.ClickException("no luck"), monkeypatch)
        assert main(["inspect", "x"]) == 2
        assert capsys.readouterr().err == "error: no luck\n"

        stop_with(ConfigurationError("no luck"), monkeypatch)
        assert main(["inspect", "x"]) == 2
        assert capsys.readouterr().err == "error: no luck\n"

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort(), EOFError()])
    def test_an_interrupt_is_no_fault(
        self, error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        stop_with(error, monkeypatch)

        assert main(["inspect", "x"]) == 130
        assert capsys.readouterr().err.strip() == "error: interrupted"

    def test_a_path_cannot_act_on_a_terminal(self, capsys: Capture) -> None:
        assert main(["inspect", "a\x1b[31m\n\udcff"]) == 2
        assert r"error: a\x1b[31m\n\udcff: there is no such file" in capsys.readouterr().err


def stop_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `inspect` raise."""

    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr("obgen.codegen.wsdl.read_contract", fail)


class TestConsole:
    @pytest.fixture
    def terminal(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
        def pretend(*, no_color: str | None = None, tty: bool = True) -> None:
            monkeypatch.setattr(sys.stderr, "isatty", lambda: tty, raising=False)
            monkeypatch.delenv("NO_COLOR", raising=False)
            if no_color is not None:
                monkeypatch.setenv("NO_COLOR", no_color)

        return pretend

    def test_colour_is_for_terminals(self, terminal: Callable[..., None], capsys: Capture) -> None:
        for tty, no_color, coloured in (
            (True, None, True),
            (True, "", True),
            (True, "1", False),
            (False, None, False),
        ):
            terminal(tty=tty, no_color=no_color)
            console.say("error:", "no luck")
            assert ("\x1b[" in capsys.readouterr().err) is coloured

    def test_what_is_printable_stays(self) -> None:
        assert console.printable("Größe 東京") == "Größe 東京"
        assert console.printable("a\tb\x00\u2028\U000e0001") == r"a\tb\x00\u2028\U000e0001"


class TestProgram:
    def test_version(self) -> None:
        assert run("--version").stdout == f"obgen {obgen.__version__}\n"

    def test_help_loads_neither_half(self) -> None:
        code = (
            "import sys; from obgen.cli import main; code = main(['--help']); "
            "print(sorted({'xsdata', 'jinja2', 'lxml', 'sqlalchemy'} & set(sys.modules)), code)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

        assert done.stdout.startswith("Usage: obgen")
        assert done.stdout.splitlines()[-1] == "[] 0"

    def test_exit_codes_reach_the_shell(self) -> None:
        assert run("inspect", wsdl()).returncode == 0
        assert run("inspect", "gone").returncode == 2

    def test_a_closed_pipe_is_quiet(self) -> None:
        text = build_wsdl(fields={f"Field_{number}__c": "string" for number in range(1_500)})
        read_end, write_end = os.pipe()
        os.close(read_end)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "obgen", "inspect", wsdl(text=text)],
                stdout=write_end,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        finally:
            os.close(write_end)

        assert done.returncode == 128 + signal.SIGPIPE
        assert done.stderr == ""

    @pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full", ">&- 2>&-"])
    def test_the_exit_code_is_right_where_nobody_reads_stderr(self, stderr: str) -> None:
        bad = wsdl("bad.wsdl", build_wsdl().replace('"Amount"', '"a-b"'))
        for arguments, code in (
            (f"generate {wsdl()}", 0),
            (f"generate {wsdl()} --check", 0),
            (f"inspect {wsdl()}", 0),
            (f"generate {bad}", 2),
            (f"generate {bad} --debug", 2),
            ("generate --nonsense", 2),
            ("", 2),
        ):
            done = subprocess.run(
                ["/bin/sh", "-c", f'"{sys.executable}" -m obgen {arguments} {stderr}'],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == code, arguments
            assert "Traceback" not in done.stdout + done.stderr
        assert Path("outbound/opportunity/models.py").is_file()

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk")
    def test_a_full_disk_is_no_fault_of_obgen(self) -> None:
        wsdl("new.wsdl", build_wsdl(fields={f"Field_{one}__c": "string" for one in range(900)}))
        for arguments in (
            f"inspect {wsdl()}",
            "inspect new.wsdl --json",
            "sample new.wsdl",
            "compare opportunity.wsdl new.wsdl",
            "generate new.wsdl --diff",
            "--help",
            "--version",
        ):
            with Path("/dev/full").open("w", encoding="utf-8") as full:
                done = subprocess.run(
                    [sys.executable, "-m", "obgen", *arguments.split()],
                    stdout=full,
                    stderr=subprocess.PIPE,
                    text=True,
                    check=False,
                )
            assert done.returncode == 2, arguments
            last = done.stderr.splitlines()[-1]
            assert last == "error: can't write the output: No space left on device", arguments

    def test_a_closed_stdout_takes_bytes_too(self) -> None:
        command = f'"{sys.executable}" -m obgen sample {wsdl()} >&-'
        done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_a_stdout_without_the_character_shows_its_escape(self) -> None:
        text = build_wsdl(endpoint="https://x/東")
        done = run("inspect", wsdl(text=text), PYTHONIOENCODING="latin-1")

        assert done.returncode == 0
        assert r"endpoint  https://x/\u6771" in done.stdout


def test_a_chosen_name_becomes_the_directory() -> None:
    assert main(["generate", wsdl(), "--name", "Won"]) == 0
    assert Path("outbound", chosen_package_name("Won"), "models.py").is_file()
