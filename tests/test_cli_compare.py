"""`obgen compare` as people and programs meet it, with real files and real git repositories."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from time import process_time

import click
import pytest
from support_git import commit, make_repository
from wsdl_builder import FIVE_FIELDS, build_wsdl

from obgen.cli import main
from obgen.cli.changes import MAX_MAYBE
from obgen.cli.compare import compare
from obgen.codegen.settings import FieldNames, Numbers

Capture = pytest.CaptureFixture[str]

FEWER = {name: kind for name, kind in FIVE_FIELDS.items() if name != "Amount"}
HANDLER = """\
from outbound.opportunity import Opportunity


def won(opportunity: Opportunity) -> None:
    print(opportunity.amount)
    notify(opportunity)


def notify(record):
    print(record.amount)
"""


@pytest.fixture(autouse=True)
def inside_a_fresh_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


def wsdl(name: str, text: str | None = None) -> str:
    """Write a WSDL below the current directory, and return its name."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text or build_wsdl(), encoding="utf-8")
    return name


def both(old: str | None = None, new: str | None = None) -> list[str]:
    return [wsdl("old.wsdl", old), wsdl("new.wsdl", new)]


class TestTable:
    def test_says_what_breaks_and_why(self, capsys: Capture) -> None:
        old = {**FIVE_FIELDS, "Foo_Bar": "string", "OwnerId": "string"}
        new = {**FEWER, "CloseDate": "dateTime", "FooBar": "string", "Foo_Bar": "string"}
        new |= {"OwnerId": "ID", "Zone__c": "string"}
        files = both(
            build_wsdl(fields=old, endpoint="https://a.example.com/s3cret"),
            build_wsdl(fields=new, endpoint="https://a.example.com/other"),
        )

        assert main(["compare", *files]) == 1

        captured = capsys.readouterr()
        assert captured.err == ""
        assert captured.out == dedent("""\
            verdict   change    field      in Python
            breaking  removed   Amount     amount: float
                Salesforce sends it no more, which a receiver can't tell from an empty
                field: it is None until you generate again, then it is gone.
            breaking  retyped   CloseDate  close_date: date -> datetime
                Handlers get datetime.datetime where they expect datetime.date; until you
                generate again, a value that isn't xsd:date is an error of its notification.
            breaking  renamed   Foo_Bar    foo_bar -> foo_bar_2
                The field is the same, but handlers must call it foo_bar_2 now: foo_bar is
                FooBar from here on.
            fine      retyped   OwnerId    owner_id: str
                The WSDL says ID where it said string; both are str in Python.
            fine      added     FooBar     foo_bar: str
            fine      added     Zone__c    zone__c: str
                Handlers that don't know it aren't touched; only code that read it from
                `unknown` finds it in the dataclass now.
            fine      endpoint  -          https://a.example.com
                No handler depends on it, but your receiver must answer there; what differs:
                path; only the address is shown, since the rest may hold a secret.

            7 changes, 3 breaking
            """)

    def test_long_names_get_a_line_of_their_own(self, capsys: Capture) -> None:
        name = "npsp__Primary_Contact_Address_Verified__c"
        old, new = ({"Amount": kind, name: kind} for kind in ("date", "time"))
        assert main(["compare", *both(build_wsdl(fields=old), build_wsdl(fields=new))]) == 1

        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= 80
        assert lines[1] == "breaking  retyped   Amount                    amount: date -> time"
        assert lines[2:4] == [
            f"breaking  retyped   {name}",
            f"          {name.lower()}: date -> time",
        ]

    def test_another_object(self, capsys: Capture) -> None:
        assert main(["compare", *both(new=build_wsdl("Lead"))]) == 1
        assert capsys.readouterr().out.splitlines()[1:] == [
            "breaking  object    -      Opportunity -> Lead",
            "    Handlers of Opportunity get none of these messages: Lead needs handlers of",
            "    its own.",
            "",
            "1 change, 1 breaking",
        ]

    def test_nothing_breaks(self, capsys: Capture) -> None:
        assert main(["compare", *both(old=build_wsdl(fields=FEWER))]) == 0
        assert capsys.readouterr().out.endswith("\n1 change, 0 breaking\n")

    def test_no_change(self, capsys: Capture) -> None:
        downloaded_again = build_wsdl().replace("2024-02-03", "2025-02-03").replace("\n", "\r\n")
        assert main(["compare", *both(new=downloaded_again)]) == 0
        assert capsys.readouterr() == ("no change\n", "")

    def test_no_change_but_something_else(self, capsys: Capture) -> None:
        reordered = dict(sorted(FIVE_FIELDS.items(), reverse=True))
        assert main(["compare", *both(new=build_wsdl(fields=reordered))]) == 0
        captured = capsys.readouterr()
        assert captured.out == "no change\n"
        assert captured.err == "note: the WSDLs differ only in what no handler sees\n"

    def test_options_are_those_of_generate(self, capsys: Capture) -> None:
        files = both(build_wsdl(fields=FEWER))
        assert main(["compare", *files, "--field-names", "api", "--numbers", "decimal"]) == 0
        assert "Amount: Decimal" in capsys.readouterr().out
        choices = {
            option.name: option.type.choices
            for option in compare.params
            if isinstance(option.type, click.Choice)
        }
        assert choices == {"field_names": tuple(FieldNames), "numbers": tuple(Numbers)}

    def test_options_are_those_of_the_wsdl_that_is_listed(self, capsys: Capture) -> None:
        old, new = both(new=build_wsdl(fields=FEWER))
        Path("pyproject.toml").write_text(
            f'[[tool.obgen.messages]]\nwsdl = "{old}"\nfield-names = "api"\n', encoding="utf-8"
        )
        for arguments in ([old, new], [new, old]):
            main(["compare", *arguments])
            assert "Amount: float" in capsys.readouterr().out
        main(["compare", old, new, "--field-names", "snake"])
        assert "amount: float" in capsys.readouterr().out

    def test_warnings_of_the_wsdls_are_shown_once(self, capsys: Capture) -> None:
        odd = wsdl("odd.wsdl", build_wsdl(fields={"A": "long"}))
        assert main(["compare", odd, odd]) == 0
        (warning,) = capsys.readouterr().err.splitlines()
        assert warning.startswith("warning: odd.wsdl:")

    def test_colour_is_for_terminals(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        arguments = ["compare", *both(new=build_wsdl(fields=FEWER))]
        for tty, no_color, coloured in ((True, "", True), (True, "1", False), (False, "", False)):
            monkeypatch.setenv("NO_COLOR", no_color)
            monkeypatch.setattr(sys.stdout, "isatty", lambda tty=tty: tty)
            assert main(arguments) == 1
            assert ("\x1b[31m" in capsys.readouterr().out) is coloured


class TestHandlers:
    def test_lines_are_named(self, capsys: Capture) -> None:
        files = both(new=build_wsdl(fields=FEWER))
        Path("src").mkdir()
        Path("src/won.py").write_text(HANDLER, encoding="utf-8")
        Path("src/broken.py").write_text("def amount(:\n", encoding="utf-8")

        assert main(["compare", *files, "--handlers", "src"]) == 1

        captured = capsys.readouterr()
        assert captured.out.splitlines()[4:] == [
            "",
            "used at:",
            "    src/won.py:5:23  print(opportunity.amount)",
            "",
            "maybe used at, since the name fits:",
            "    src/won.py:10:18  print(record.amount)",
            "",
            "1 change, 1 breaking",
        ]
        assert captured.err == "note: src/broken.py wasn't searched: line 1: invalid syntax\n"

    def test_of_another_object_the_class_is_looked_for(self, capsys: Capture) -> None:
        Path("won.py").write_text(HANDLER, encoding="utf-8")
        files = both(new=build_wsdl("Lead"))
        assert main(["compare", *files, "--handlers", "won.py"]) == 1
        assert (
            "used at:\n"
            "    won.py:1:34  from outbound.opportunity import Opportunity\n"
            "    won.py:4:22  def won(opportunity: Opportunity) -> None:\n"
        ) in capsys.readouterr().out

    def test_no_use_is_said(self, capsys: Capture) -> None:
        Path("src").mkdir()
        Path("src/a.py").write_text("x.name\n", encoding="utf-8")
        files = both(new=build_wsdl(fields=FEWER))
        assert main(["compare", *files, "--handlers", "src"]) == 1
        captured = capsys.readouterr()
        assert captured.err == (
            "note: no use of what breaks was found (Python files searched: 1)\n"
        )
        assert "used at" not in captured.out

    def test_where_nothing_breaks_nothing_is_said(self, capsys: Capture) -> None:
        Path("a.py").write_text("x.amount\n", encoding="utf-8")
        assert main(["compare", *both(old=build_wsdl(fields=FEWER)), "--handlers", "."]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        assert "a.py" not in captured.out

    def test_a_flood_of_names_is_cut(self, capsys: Capture) -> None:
        Path("a.py").write_text("x.amount\n" * (MAX_MAYBE + 3), encoding="utf-8")
        files = both(new=build_wsdl(fields=FEWER))

        main(["compare", *files, "--handlers", "."])
        lines = capsys.readouterr().out.splitlines()
        assert sum(line.startswith("    a.py:") for line in lines) == MAX_MAYBE
        assert "    and at 3 more places, which --json names" in lines

        main(["compare", *files, "--handlers", ".", "--json"])
        (change,) = json.loads(capsys.readouterr().out)["changes"]
        assert len(change["uses"]) == MAX_MAYBE + 3

    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            ("x.amount  # \x1b[31m", r"x.amount  # \x1b[31m"),
            ("f(" + "a, " * 30 + "x.amount)", "..." + ", a" * 16 + ", x.amount)"),
            ("x.amount" + " + a" * 30, "x.amount" + " + a" * 13 + "..."),
            (
                "a + " * 30 + "x.amount" + " + a" * 30,
                "..." + " a +" * 4 + " x.amount" + " + a" * 8 + " ...",
            ),
        ],
    )
    def test_a_line_of_code_is_short_and_harmless(
        self, line: str, shown: str, capsys: Capture
    ) -> None:
        Path("a.py").write_text(f"if x:\n\t{line}\n", encoding="utf-8")
        main(["compare", *both(new=build_wsdl(fields=FEWER)), "--handlers", "."])
        (use,) = [text for text in capsys.readouterr().out.splitlines() if "a.py:2:" in text]
        assert len(use) <= 80
        assert use.removeprefix("    a.py:2:").partition("  ")[2] == shown

    def test_a_flood_of_unreadable_files_is_cut(self, capsys: Capture) -> None:
        for number in range(13):
            Path(f"a{number:02}.py").write_text("amount(\n", encoding="utf-8")
        main(["compare", *both(new=build_wsdl(fields=FEWER)), "--handlers", "."])
        lines = capsys.readouterr().err.splitlines()
        assert lines[9].startswith("note: a09.py wasn't searched: ")
        assert lines[10:] == [
            "note: 3 more weren't searched; --json names them",
            "note: no use of what breaks was found (Python files searched: 0)",
        ]


class TestJson:
    def test_shape(self, capsys: Capture) -> None:
        old, new = both(new=build_wsdl(fields={**FEWER, "Zone__c": "string"}))
        Path("src").mkdir()
        Path("src/won.py").write_text(HANDLER, encoding="utf-8")

        assert main(["compare", old, new, "--json", "--handlers", "src"]) == 1

        shown = json.loads(capsys.readouterr().out)
        assert len(shown["old"].pop("sha256")) == 64
        assert len(shown["new"].pop("sha256")) == 64
        assert shown == {
            "old": {"wsdl": old, "object": "Opportunity", "class": "Opportunity", "fields": 6},
            "new": {"wsdl": new, "object": "Opportunity", "class": "Opportunity", "fields": 6},
            "breaking": True,
            "changes": [
                {
                    "kind": "removed",
                    "api_name": "Amount",
                    "old": {"python_name": "amount", "xsd_type": "double", "python_type": "float"},
                    "new": None,
                    "breaking": True,
                    "why": shown["changes"][0]["why"],
                    "uses": [
                        {"file": "src/won.py", "line": 5, "column": 23, "certain": True},
                        {"file": "src/won.py", "line": 10, "column": 18, "certain": False},
                    ],
                },
                {
                    "kind": "added",
                    "api_name": "Zone__c",
                    "old": None,
                    "new": {"python_name": "zone__c", "xsd_type": "string", "python_type": "str"},
                    "breaking": False,
                    "why": shown["changes"][1]["why"],
                    "uses": [],
                },
            ],
            "handlers": {"path": "src", "files": 1, "unread": []},
        }

    def test_many_uses_of_many_fields_cost_what_they_are(self, capsys: Capture) -> None:
        def seconds(removed: int, uses: int) -> float:
            gone = {f"F{number}__c": "string" for number in range(removed)}
            files = both(old=build_wsdl(fields={**FIVE_FIELDS, **gone}))
            Path("src/won.py").write_text("x.f1__c\n" * uses, encoding="utf-8")
            start = process_time()
            assert main(["compare", *files, "--json", "--handlers", "src"]) == 1
            capsys.readouterr()
            return process_time() - start

        Path("src").mkdir()
        seconds(2, 2)
        apart = seconds(1_500, 2) + seconds(2, 20_000)
        assert seconds(1_500, 20_000) < 2 * apart

    def test_of_no_change(self, capsys: Capture) -> None:
        assert main(["compare", *both(), "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert (shown["breaking"], shown["changes"], shown["handlers"]) == (False, [], None)

    def test_of_object_and_endpoint(self, capsys: Capture) -> None:
        new = build_wsdl("Lead", endpoint="https://u:s3cret@b.example.com/s3cret")
        assert main(["compare", *both(new=new), "--json"]) == 1
        captured = capsys.readouterr().out
        assert "s3cret" not in captured
        first, last = json.loads(captured)["changes"]
        assert (first["kind"], first["api_name"], first["new"]["class"]) == ("object", None, "Lead")
        assert last["old"] == {"origin": "https://receiver.example.com"}
        assert last["new"] == {"origin": "https://b.example.com"}

    def test_names_what_was_not_searched(self, capsys: Capture) -> None:
        Path("a.py").write_text("amount(\n", encoding="utf-8")
        main(["compare", *both(new=build_wsdl(fields=FEWER)), "--json", "--handlers", "."])
        searched = json.loads(capsys.readouterr().out)["handlers"]
        assert searched["files"] == 0
        assert searched["unread"] == [{"file": "a.py", "reason": "line 1: '(' was never closed"}]


class TestAgainst:
    @pytest.fixture(autouse=True)
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make_repository(tmp_path / "project", monkeypatch)

    def test_the_old_one_comes_from_git(self, capsys: Capture) -> None:
        name = commit("wsdl/opportunity (1).wsdl", build_wsdl())
        wsdl(name, build_wsdl(fields=FEWER))

        assert main(["compare", name, "--against", "HEAD", "--json"]) == 1
        shown = json.loads(capsys.readouterr().out)
        assert shown["old"]["wsdl"] == f"HEAD:{name}"
        assert shown["new"]["wsdl"] == name
        assert [change["api_name"] for change in shown["changes"]] == ["Amount"]

    def test_nothing_changed_since(self, capsys: Capture) -> None:
        name = commit("a.wsdl", build_wsdl())
        assert main(["compare", name, "--against=HEAD"]) == 0
        assert capsys.readouterr() == ("no change\n", "")

    @pytest.mark.parametrize(
        ("name", "revision", "error", "hint"),
        [
            (
                "a.wsdl",
                "--output=ran",
                "'--output=ran' can't be a revision of git",
                "name a commit, a tag or a branch, such as HEAD~1",
            ),
            (
                "a.wsdl",
                "x\x1b[31m",
                r"a.wsdl: its git repository has no revision 'x\x1b[31m'",
                "`git log --oneline` names those that there are; "
                "a shallow clone, as in CI, has few",
            ),
            (
                "was_text.wsdl",
                "HEAD",
                "HEAD:was_text.wsdl: this can't be used as the WSDL of an outbound message: it "
                "seems to be text that isn't XML",
                "download the right file while logged in to Salesforce: "
                'Setup > Outbound Messages > the message > "Click for WSDL"',
            ),
            ("gone.wsdl", "HEAD", "gone.wsdl: there is no such file", "check the name"),
        ],
    )
    def test_errors(self, name: str, revision: str, error: str, hint: str, capsys: Capture) -> None:
        commit("a.wsdl", build_wsdl())
        wsdl(commit("was_text.wsdl", "text"))

        assert main(["compare", name, f"--against={revision}"]) == 2

        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.splitlines() == [f"error: {error}", f"hint: {hint}"]


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            ([], "Two WSDLs are compared, OLD and NEW; got 0."),
            (["a.wsdl"], "Name OLD and NEW, or one WSDL and --against REV."),
            (["a.wsdl"] * 3, "Two WSDLs are compared, OLD and NEW; got 3."),
            (["a.wsdl"] * 2 + ["--against", "x"], "--against goes with one WSDL; got 2."),
            (["--against", "x"], "--against goes with one WSDL; got 0."),
        ],
    )
    def test_of_usage(self, arguments: list[str], error: str, capsys: Capture) -> None:
        wsdl("a.wsdl")
        assert main(["compare", *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.splitlines() == [
            f"error: {error}",
            "hint: see `obgen compare --help`",
        ]

    @pytest.mark.parametrize(
        ("arguments", "error", "hint"),
        [
            (["gone", "a.wsdl"], "gone: there is no such file", "check the name"),
            (["a.wsdl", "gone"], "gone: there is no such file", "check the name"),
            (
                ["a.wsdl", "--against", "HEAD"],
                "a.wsdl: this file is in no git repository",
                "name both WSDLs instead of --against",
            ),
            (
                ["a.wsdl", "a.wsdl", "--handlers", "gone"],
                "gone can't be searched: No such file or directory",
                "--handlers takes the directory of your own code",
            ),
        ],
    )
    def test_of_files(self, arguments: list[str], error: str, hint: str, capsys: Capture) -> None:
        wsdl("a.wsdl")
        assert main(["compare", *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.splitlines() == [f"error: {error}", f"hint: {hint}"]


def test_exit_codes_reach_the_shell() -> None:
    files = both(new=build_wsdl(fields=FEWER))
    for arguments, code in ((files, 1), (files[:1] * 2, 0), (["gone"] * 2, 2)):
        done = subprocess.run(
            [sys.executable, "-m", "obgen", "compare", *arguments], capture_output=True, check=False
        )
        assert done.returncode == code
