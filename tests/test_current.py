"""The way of no change: it must see whatever the long way sees, and load next to nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from wsdl_builder import EVERY_TYPE, build_wsdl

import obgen
from obgen.cli import main
from obgen.codegen.current import Generation, find_current
from obgen.codegen.generate import plan_generation
from obgen.codegen.header import CONTENT, Header, read_header
from obgen.codegen.publish import write_plan
from obgen.codegen.settings import FieldNames, Message, Numbers, Options, Settings
from obgen.codegen.templates import Templates, is_checkout, read_templates
from obgen.errors import ConfigurationError, OutputError, WsdlError

WON = Options(FieldNames.API, Numbers.DECIMAL, "won")
MODELS = Path("outbound/opportunity/models.py")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings of two messages whose packages are there."""
    monkeypatch.chdir(tmp_path)
    Path("opportunity.wsdl").write_text(build_wsdl(), encoding="utf-8")
    Path("every.wsdl").write_text(build_wsdl("Every_Type__c", EVERY_TYPE), encoding="utf-8")
    chosen = Settings((Message("opportunity.wsdl"), Message("every.wsdl", WON)))
    write_plan(plan_generation(chosen).plan)
    return chosen


def actions(generation: Generation) -> dict[str, str]:
    """Return {path: what happens}, in the order in which it is said."""
    return {change.path.as_posix(): str(change.action) for change in generation.plan.changes}


def test_it_says_what_the_long_way_says(project: Settings) -> None:
    current = find_current(project, Templates())

    assert current
    assert list(actions(current).items()) == list(actions(plan_generation(project)).items())
    assert current.messages == 2
    assert not current.writes


def edit(path: str, old: str, new: str) -> Callable[[], object]:
    """Return a change of a file that is there."""

    def change() -> None:
        text = Path(path).read_text("utf-8")
        assert old in text
        Path(path).write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    "change",
    [
        edit("opportunity.wsdl", "2024-02-03", "2026-01-01"),
        edit("opportunity.wsdl", "\n", "\r\n"),
        edit("opportunity.wsdl", "  ", "\t "),
        edit("opportunity.wsdl", "receiver.example.com", "elsewhere.example.com"),
        edit("opportunity.wsdl", "Process a number", "Process any number"),
        edit("opportunity.wsdl", 'nillable="true" minOccurs="0"', 'minOccurs="0" nillable="true"'),
        lambda: MODELS.write_bytes(MODELS.read_bytes().replace(b"\n", b"\r\n")),
        lambda: Path("opportunity.wsdl").touch(),
        lambda: Path("outbound/opportunity/handler.py").write_text("x = 1\n"),
        lambda: Path("outbound/opportunity/handler.py").unlink(),
        lambda: Path("outbound/other.py").touch(),
    ],
)
def test_what_is_no_change(project: Settings, change: Callable[[], object]) -> None:
    change()

    current = find_current(project, Templates())
    assert current
    assert not plan_generation(project).writes
    assert list(actions(current).items()) == list(actions(plan_generation(project)).items())


@pytest.mark.parametrize(
    "change",
    [
        edit("opportunity.wsdl", 'name="Amount"', 'name="Total"'),
        edit(str(MODELS), "amount", "total"),
        edit(str(MODELS), "0.1.0", "0.0.1"),
        edit("outbound/opportunity/__init__.py", "__all__", "__ALL__"),
        lambda: shutil.copy("outbound/won/__init__.py", "outbound/opportunity/__init__.py"),
        lambda: Path("outbound/opportunity/__init__.py").unlink(),
        MODELS.unlink,
        lambda: shutil.rmtree("outbound"),
        lambda: Path("outbound/opportunity").rename("outbound/opp"),
    ],
)
def test_what_is_a_change(project: Settings, change: Callable[[], object]) -> None:
    change()

    assert find_current(project, Templates()) is None
    assert plan_generation(project).writes


def test_a_forged_hash_is_believed_until_models_are_generated_anew(project: Settings) -> None:
    genuine = MODELS.read_text("utf-8")
    header = read_header(genuine)
    assert header
    facts = {name: fact for name, fact in header.facts.items() if name != CONTENT}
    body = genuine.split("\n", len(header.facts) + 1)[-1]
    assert Header(header.version, facts).stamp(body) == genuine
    MODELS.write_text(Header(header.version, facts).stamp(f"{body}evil = 1\n"), encoding="utf-8")

    assert find_current(project, Templates())  # as README and SECURITY.md say
    for models in Path("outbound").glob("*/models.py"):
        models.unlink()
    assert find_current(project, Templates()) is None
    write_plan(plan_generation(project).plan)
    assert MODELS.read_text("utf-8") == genuine


@pytest.mark.parametrize(
    "options",
    [
        Options(FieldNames.API, Numbers.DECIMAL),
        Options(FieldNames.SNAKE, Numbers.DECIMAL, "won"),
        Options(FieldNames.API, Numbers.FLOAT, "won"),
        Options(FieldNames.API, Numbers.DECIMAL, "lost"),
    ],
)
def test_other_options_are_a_change(options: Options) -> None:
    assert find_current(Settings((Message("every.wsdl", options),)), Templates()) is None


def test_templates_are_a_change(project: Settings) -> None:
    Path("handler.py.jinja").write_text("x = 1\n", encoding="utf-8")
    templates = read_templates(Path())

    assert find_current(project, templates) is None
    write_plan(plan_generation(project, templates).plan)
    assert find_current(project, templates)
    assert find_current(project, Templates()) is None


def test_another_version_is_a_change(project: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obgen, "__version__", "0.2.0")
    assert find_current(project, Templates()) is None


def test_what_the_long_way_refuses_is_left_to_it(project: Settings) -> None:
    twice = Settings((*project.messages, Message("opportunity.wsdl")))
    assert find_current(twice, Templates()) is None

    Path("outbound/Opportunity").mkdir()
    assert find_current(project, Templates()) is None
    Path("outbound/Opportunity").rmdir()

    Path("outbound/opportunity").rename("elsewhere")
    Path("outbound/opportunity").symlink_to("../elsewhere")
    assert find_current(project, Templates()) is None


def test_lines_of_the_header_in_another_order_are_an_edit(project: Settings) -> None:
    first, second, *others = MODELS.read_text("utf-8").splitlines(keepends=True)
    content = next(line for line in others if line.startswith("# content"))
    others.remove(content)
    MODELS.write_text("".join([first, content, second, *others]), encoding="utf-8")

    assert find_current(project, Templates()) is None
    (change,) = [change for change in plan_generation(project).plan.changes if change.writes]
    assert change.edited


@pytest.mark.parametrize("name", ["", "con", "a/b"])
def test_an_impossible_name_is_an_error_both_ways(name: str) -> None:
    settings = Settings((Message("every.wsdl", Options(name=name)),))
    with pytest.raises(ConfigurationError, match="can't be the name of a package"):
        plan_generation(settings)
    Path("outbound/every").mkdir()
    for file in ("models.py", "__init__.py"):
        shutil.copy(f"outbound/won/{file}", f"outbound/every/{file}")
    with pytest.raises(ConfigurationError, match="can't be the name of a package"):
        find_current(settings, Templates())


def test_a_header_that_lies_is_no_name(project: Settings) -> None:
    edit(str(MODELS), "Salesforce object: Opportunity", "Salesforce object: ../..")()
    assert find_current(project, Templates()) is None


def test_a_wsdl_that_cannot_be_read_is_an_error(project: Settings) -> None:
    Path("opportunity.wsdl").write_text("<html/>", encoding="utf-8")
    with pytest.raises(WsdlError, match="wsdl: this can't be used"):
        find_current(project, Templates())

    Path("opportunity.wsdl").write_text(build_wsdl(endpoint=""), encoding="utf-8")
    with pytest.raises(WsdlError, match="the location of the endpoint is empty"):
        find_current(project, Templates())


def test_a_package_that_cannot_be_read_is_left_to_the_long_way(
    project: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise OutputError(f"{path} can't be read")

    monkeypatch.setattr("obgen.codegen.present.read_ours", fail)
    assert find_current(project, Templates()) is None


def test_the_command_takes_the_short_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert is_checkout()  # where the long way is always taken
    monkeypatch.setattr("obgen.codegen.templates.is_checkout", lambda: False)
    monkeypatch.setattr("obgen.codegen.generate.plan_generation", None)

    assert main(["generate", "opportunity.wsdl", "--check"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "unchanged outbound/opportunity/__init__.py",
        "kept      outbound/opportunity/handler.py",
        "unchanged outbound/opportunity/models.py",
        "1 message, 0 to write, 0 breaking",
    ]


def test_what_a_killed_run_left_is_removed_even_if_nothing_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("obgen.codegen.templates.is_checkout", lambda: False)
    left = MODELS.with_name(f".obgen-{'0' * 16}.tmp")
    left.touch()

    assert main(["generate", "opportunity.wsdl", "--check"]) == 0
    assert left.exists()
    assert main(["generate", "opportunity.wsdl"]) == 0
    assert not left.exists()
