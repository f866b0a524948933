"""`[tool.obgen]`: what it may say, what is refused with which words, and what goes before what."""

import os
from pathlib import Path

import pytest

from obgen.codegen.config import find_configuration
from obgen.codegen.settings import (
    Configuration,
    FieldNames,
    Flags,
    Message,
    Numbers,
    Options,
    Settings,
    resolve,
)
from obgen.errors import ConfigurationError, ProjectError

FULL = """\
[project]
name = "shop"

[tool.obgen]
output = "src/shop/outbound"
field-names = "api"
numbers = "decimal"
templates = "templates"

[[tool.obgen.messages]]
wsdl = "wsdl/opportunity won.wsdl"
name = "opportunity_won"
numbers = "float"

[[tool.obgen.messages]]
wsdl = "wsdl/lead.wsdl"
field-names = "snake"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "wsdl").mkdir()
    (tmp_path / "templates").mkdir()
    for name in ("opportunity won.wsdl", "lead.wsdl"):
        (tmp_path / "wsdl" / name).touch()
    return tmp_path


def read(project: Path, text: str, below: str = "") -> Configuration | None:
    """Write a pyproject.toml, and look for the configuration in a directory below it."""
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    start = project / below
    start.mkdir(parents=True, exist_ok=True)
    return find_configuration(start)


def refusal(project: Path, text: str) -> str:
    """Return what is said about a pyproject.toml that can't be used."""
    with pytest.raises(ProjectError) as caught:
        read(project, text)
    return f"{caught.value}; {caught.value.hint}"


class TestReading:
    def test_everything(self, project: Path) -> None:
        others = Options(FieldNames.API, Numbers.DECIMAL)
        assert read(project, FULL) == Configuration(
            "pyproject.toml",
            Settings(
                (
                    Message(
                        os.path.join("wsdl", "opportunity won.wsdl"),  # noqa: PTH118 - as text
                        Options(FieldNames.API, Numbers.FLOAT, "opportunity_won"),
                        "messages[1]",
                    ),
                    Message(
                        str(Path("wsdl/lead.wsdl")),
                        Options(FieldNames.SNAKE, Numbers.DECIMAL),
                        "messages[2]",
                    ),
                ),
                Path("src/shop/outbound"),
                Path("templates"),
                "pyproject.toml",
            ),
            others,
        )

    def test_nothing_said_is_the_default(self, project: Path) -> None:
        found = read(project, '[tool.obgen]\n[[tool.obgen.messages]]\nwsdl = "wsdl/lead.wsdl"\n')

        assert found
        assert found.settings.output == Path("outbound")
        assert found.settings.templates is None
        assert found.settings.messages == (
            Message(str(Path("wsdl/lead.wsdl")), Options(), "messages[1]"),
        )

    def test_it_is_searched_upwards_and_its_paths_are_seen_from_here(self, project: Path) -> None:
        found = read(project, FULL, "src/shop")

        assert found
        assert found.path == str(Path("../../pyproject.toml"))
        assert found.settings.output == Path("../../src/shop/outbound")
        assert found.settings.messages[1].wsdl == str(Path("../../wsdl/lead.wsdl"))

    def test_the_nearest_one_with_the_table_counts(self, project: Path) -> None:
        inner = project / "inner"
        inner.mkdir()
        for text in ("[tool.other]\nx = 1\n", "[project]\ndependencies = ['obgen']\n", "not TOML"):
            (inner / "pyproject.toml").write_text(text, encoding="utf-8")
            found = read(project, FULL, "inner")
            assert found
            assert found.path == str(Path("../pyproject.toml"))
        (inner / "pyproject.toml").write_text("[tool.obgen]\n", encoding="utf-8")
        nearer = find_configuration(inner)
        assert nearer
        assert nearer.path == "pyproject.toml"

    def test_a_path_may_be_absolute(self, project: Path) -> None:
        text = f"[[tool.obgen.messages]]\nwsdl = '{project / 'wsdl' / 'lead.wsdl'}'\n"
        found = read(project, text, "inner")
        assert found
        assert found.settings.messages[0].wsdl == str(project / "wsdl" / "lead.wsdl")

    def test_files_are_only_looked_for_if_they_are_needed(self, project: Path) -> None:
        assert read(project, FULL)
        (project / "wsdl" / "lead.wsdl").unlink()
        assert find_configuration(project, files=False)
        with pytest.raises(ProjectError):
            find_configuration(project)

    def test_a_directory_of_that_name_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").mkdir()
        assert find_configuration(tmp_path) is None

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only on POSIX there are such pipes")
    def test_a_pipe_of_that_name_is_none(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pyproject.toml")
        assert find_configuration(tmp_path) is None

    def test_a_large_file_of_others_is_not_our_business(self, project: Path) -> None:
        assert read(project, f"#{'x' * 256 * 1024}\n") is None

    def test_it_may_be_behind_a_link(self, project: Path) -> None:
        (project / "real.toml").write_text(FULL, encoding="utf-8")
        (project / "pyproject.toml").symlink_to("real.toml")
        assert find_configuration(project)

    def test_a_byte_order_mark_is_fine(self, project: Path) -> None:
        assert read(project, "\ufeff" + FULL)

    def test_where_paths_cannot_be_relative_they_are_whole(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def on_another_drive(_path: Path, _start: Path) -> str:
            raise ValueError

        monkeypatch.setattr("os.path.relpath", on_another_drive)
        found = read(project, FULL)
        assert found
        assert found.path == str(project / "pyproject.toml")
        assert found.settings.output == project / "src/shop/outbound"


MESSAGE = '[[tool.obgen.messages]]\nwsdl = "wsdl/lead.wsdl"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.obgen]\nouptut = 'x'\n", "pyproject.toml:2: tool.obgen.ouptut is unknown; did you mean output?"),
        ("[tool.obgen]\n\nfield_names = 'api'\n", "pyproject.toml:3: tool.obgen.field_names is unknown; did you mean field-names?"),
        ("[tool.obgen]\nzzz = 1\n", "pyproject.toml:2: tool.obgen.zzz is unknown; the keys are messages, output, templates, field-names, numbers"),
        ("[tool.obgen]\n'\\u001b[31m\u202e' = 1\n".replace("'", '"'), r"pyproject.toml:1: tool.obgen.'\x1b[31m\u202e' is unknown; the keys are"),
        (f"{MESSAGE}\n# [[tool.obgen.messages]]\n[[tool.obgen.messages]] # two\nwsdl = 'wsdl/lead.wsdl'\n'nmae' = 'x'\n", "pyproject.toml:7: tool.obgen.messages[2].nmae is unknown; did you mean name?"),
        ("tool.obgen.messages = [{wsdl = 'wsdl/lead.wsdl', nmae = 'x'}]\n", "pyproject.toml: tool.obgen.messages[1].nmae is unknown; did you mean name?"),
        (f"{MESSAGE}[tool.other]\nname = 'x'\n[tool.obgen]\nname = 'x'\n", "pyproject.toml:6: tool.obgen.name is unknown"),
        ("[tool.obgen]\noutput = 1\n", 'pyproject.toml:2: tool.obgen.output must be a string; write output = "..."'),
        ("[tool.obgen]\noutput = ''\n", "pyproject.toml:2: tool.obgen.output names nothing; give it a path"),
        ("[tool.obgen]\ntemplates = 'a\\u0000b'\n".replace("'", '"'), "tool.obgen.templates names nothing"),
        ("[tool.obgen]\nnumbers = 'int'\n", "pyproject.toml:2: tool.obgen.numbers is 'int'; write \"float\" or \"decimal\""),
        ("[tool.obgen]\nfield-names = 'Snake'\n", "tool.obgen.field-names is 'Snake'; write \"snake\" or \"api\""),
        ("[tool.obgen]\nmessages = 'wsdl/lead.wsdl'\n", "pyproject.toml:2: tool.obgen.messages must be tables; write [[tool.obgen.messages]]"),
        ("[tool.obgen]\nmessages = ['wsdl/lead.wsdl']\n", "tool.obgen.messages must be tables"),
        ("[[tool.obgen]]\n", "pyproject.toml: tool.obgen must be a table; write [tool.obgen]"),
        ("[[tool.obgen.messages]]\nname = 'x'\n", 'pyproject.toml:1: tool.obgen.messages[1].wsdl is missing; name the file: wsdl = "..."'),
        ("[[tool.obgen.messages]]\nwsdl = 'wsdl/Laed.wsdl'\n", "pyproject.toml:2: tool.obgen.messages[1].wsdl names no file: wsdl/Laed.wsdl; did you mean wsdl/lead.wsdl?"),
        ("[[tool.obgen.messages]]\nwsdl = 'wsdl/zzzzzzzz'\n", "names no file: wsdl/zzzzzzzz; check the name"),
        (f"{MESSAGE}[[tool.obgen.messages]]\nwsdl = 'wsdl/laed.wsdl'\n", "names no file: wsdl/laed.wsdl; check the name"),
        ("[[tool.obgen.messages]]\nwsdl = 'wsdl'\n", "pyproject.toml:2: tool.obgen.messages[1].wsdl names no file: wsdl; check the name"),
        ("[[tool.obgen.messages]]\nwsdl = '.'\n", "tool.obgen.messages[1].wsdl names no file: .; check the name"),
        (f"[[tool.obgen.messages]]\nwsdl = '{'x' * 300}'\n", f"names no file: {'x' * 300}; check the name"),
        (f"{MESSAGE}output = 'x'\n", "pyproject.toml:3: tool.obgen.messages[1].output is unknown; it belongs into [tool.obgen] itself"),
        ("[tool.obgen]\ntemplates = 'tmplates'\n", "pyproject.toml:2: tool.obgen.templates names no directory: tmplates; did you mean templates?"),
        ("[tool.obgen]\noutput = 'wsdl/lead.wsdl'\n", "pyproject.toml:2: tool.obgen.output names no directory: wsdl/lead.wsdl; name another one"),
        ("[[tool.obgen.messages]]\nwsdl = 'gone/lead.wsdl'\n", "names no file: gone/lead.wsdl; check the name"),
        (f"{MESSAGE}name = 'a/b'\n", "pyproject.toml:3: tool.obgen.messages[1].name 'a/b' can't be the name of a package; take ASCII"),
        ("[tool.obgen\n", "pyproject.toml:1:12: this isn't valid TOML: Expected ']' at the end of a table declaration"),
        ("[tool.obgen]\noutput = '", "this isn't valid TOML"),
        (f"[tool.obgen]\nx = {'1' * 5_000}\n", "pyproject.toml: this isn't valid TOML: a number in it is too long"),
        (f"[tool.obgen]\nx = {'[' * 3_000}\n", "pyproject.toml: this isn't valid TOML: it is nested too deeply"),
        (f"[tool.obgen]\n#{'x' * 256 * 1024}", "pyproject.toml: this is larger than 256 KiB; check the file"),
        (f"[tool.obgen]\n{'a.' * 101}b = 1\n", "pyproject.toml:2: this line has over 100 dots; write it in several lines"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(project: Path, text: str, said: str) -> None:
    assert said in refusal(project, text).replace(os.sep, "/")


def test_a_file_that_is_not_utf_8_is_said_with_its_line(project: Path) -> None:
    (project / "pyproject.toml").write_bytes(b"[tool.obgen]\noutput = '\xff'\n")

    with pytest.raises(ProjectError, match=r"pyproject.toml:2: this isn't UTF-8"):
        find_configuration(project)


def test_a_file_that_cannot_be_read_is_said(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path, __: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("obgen.codegen.config.read_regular", fail)
    with pytest.raises(ProjectError, match=r"pyproject.toml: can't be read: Permission denied"):
        find_configuration(project)


class TestWhatGoesFirst:
    @pytest.fixture
    def here(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> Configuration:
        monkeypatch.chdir(project)
        found = read(project, FULL)
        assert found
        return found

    def test_without_anything(self) -> None:
        assert resolve(["a.wsdl"], Flags()) == Settings((Message("a.wsdl"),))

    def test_without_a_wsdl_it_is_all_of_them(self, here: Configuration) -> None:
        assert resolve([], Flags(), here) == here.settings

    def test_flags_go_before_the_configuration(self, here: Configuration) -> None:
        flags = Flags(
            Path("elsewhere"),
            field_names=FieldNames.SNAKE,
            numbers=Numbers.FLOAT,
            templates=Path("others"),
        )
        settings = resolve([], flags, here)

        assert settings.output == Path("elsewhere")
        assert settings.templates == Path("others")
        assert {str(message.options) for message in settings.messages} == {
            "field-names=snake numbers=float"
        }
        assert [message.options.name for message in settings.messages] == ["opportunity_won", None]

    def test_a_named_wsdl_that_is_listed_keeps_its_options(self, here: Configuration) -> None:
        listed = f".{os.sep}wsdl{os.sep}opportunity won.wsdl"
        settings = resolve([listed, "new.wsdl"], Flags(), here)

        assert settings.messages == (
            Message(listed, here.settings.messages[0].options, "messages[1]"),
            Message("new.wsdl", Options(FieldNames.API, Numbers.DECIMAL)),
        )
        assert settings.output == here.settings.output
        assert settings.source is None

    def test_a_name_goes_with_one(self, here: Configuration) -> None:
        (message,) = resolve(["new.wsdl"], Flags(name="won"), here).messages
        assert message.options.name == "won"
        with pytest.raises(ConfigurationError, match="--name goes with one WSDL"):
            resolve([], Flags(name="won"), here)

    def test_an_impossible_path_is_left_to_who_reads_it(self, here: Configuration) -> None:
        assert resolve(["a\0b"], Flags(), here).messages[0].wsdl == "a\0b"

    def test_a_wsdl_that_is_listed_twice_is_for_both(self, project: Path) -> None:
        twice = "".join(
            f'[[tool.obgen.messages]]\nwsdl = "wsdl/lead.wsdl"\nname = "{name}"\n'
            for name in ("one", "two")
        )
        found = read(project, twice)
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.chdir(project)
            messages = resolve(["wsdl/lead.wsdl"], Flags(), found).messages
        assert [message.options.name for message in messages] == ["one", "two"]

    def test_what_flags_say_of_the_place_makes_no_orphans(self, here: Configuration) -> None:
        assert resolve([], Flags(), here).source == "pyproject.toml"
        assert resolve([], Flags(output=Path("other")), here).source is None

    def test_nothing_to_do_is_an_error(self, project: Path) -> None:
        with pytest.raises(ConfigurationError, match="no WSDL is named, and no pyproject"):
            resolve([], Flags())
        empty = read(project, "[tool.obgen]\n")
        with pytest.raises(ConfigurationError, match=r"pyproject.toml: \[tool.obgen\] lists no"):
            resolve([], Flags(), empty)
