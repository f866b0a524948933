"""Planning and writing: what is created, updated, kept and refused, and what a failure leaves."""

import os
import re
import stat
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from support_output import HEADER, package, tree

from obgen.codegen import folder
from obgen.codegen import output as planning
from obgen.codegen.header import OBJECT, Header, is_edited, read_header
from obgen.codegen.output import Action, make_plan
from obgen.codegen.package import SourceFile
from obgen.codegen.publish import write_plan
from obgen.errors import OutputError

MODELS = PurePosixPath("lead/models.py")


def generate(output: Path, files: list[SourceFile]) -> dict[str, str]:
    """Plan and write, and return {path below the output: what happened}."""
    plan = make_plan(output, [files])
    write_plan(plan)
    return {
        Path(os.path.relpath(change.path, output)).as_posix(): change.action
        + " edited" * change.edited
        for change in plan.changes
    }


def failing(number: int, reason: str) -> Callable[..., None]:
    """Return a function that fails as the operating system does."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, reason)

    return fail


@pytest.fixture(params=[True, False], ids=["descriptors", "paths"])
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with directories held open, and as on Windows, where that can't be done."""
    monkeypatch.setattr(folder, "_HOLDS", request.param)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "outbound"


def test_creates_everything(output: Path) -> None:
    assert generate(output, package()) == {
        "__init__.py": "created",
        "lead/models.py": "created",
        "lead/__init__.py": "created",
        "lead/handler.py": "created",
    }
    assert dict(tree(output)) == {
        "__init__.py": "",
        "lead/__init__.py": Header().stamp(""),
        "lead/handler.py": "y = 1\n",
        "lead/models.py": HEADER.stamp("x = 1\n"),
    }


def test_as_many_directories_are_made_as_are_missing(tmp_path: Path) -> None:
    output = tmp_path.joinpath(*"a" * 1_500)
    plan = make_plan(output, [package()])

    assert plan.directories[:2] == (tmp_path / "a", tmp_path / "a" / "a")
    assert len(plan.directories) == 1_501


@pytest.mark.parametrize("name", ["email", "logging", "obgen", "lxml", "sitecustomize"])
def test_a_new_package_does_not_hide_a_module(name: str, output: Path) -> None:
    output.mkdir()

    for _ in range(2):
        with pytest.raises(OutputError, match=f"could hide the module {name} from") as caught:
            make_plan(output, [package(name=name)])
        assert f"--name {name}_" in caught.value.hint
        (output / name).mkdir(exist_ok=True)  # a directory without __init__.py hides nothing yet

    (output / name / "__init__.py").write_text(Header().stamp(""), encoding="utf-8")
    assert generate(output, package(name=name))[f"{name}/models.py"] == "created"


def test_what_obgen_needs_is_hidden_by_no_package() -> None:
    pyproject = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
    needed = {re.split(r"\W", one)[0] for one in pyproject["project"]["dependencies"]}
    assert needed
    assert needed <= planning._MODULES


def test_a_new_package_does_not_hide_a_module_beside_it(output: Path) -> None:
    generate(output, package())
    (output / "util.py").touch()

    with pytest.raises(OutputError, match=r"util would hide .*util\.py from every import"):
        make_plan(output, [package(name="util")])

    (output / "lead.py").touch()  # it was hidden before
    assert generate(output, package())["lead/models.py"] == "unchanged"


@pytest.mark.parametrize("name", ["email", "obgen"])
def test_in_a_package_any_name_will_do(name: str, output: Path) -> None:
    assert generate(output, package(name=name))["__init__.py"] == "created"
    (output / name).rename(output / "other")

    assert generate(output, package(name=name))[f"{name}/models.py"] == "created"


def test_a_directory_that_is_missing_has_none_above_it(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no directory .*gone to go up from"):
        make_plan(tmp_path / "gone" / ".." / "outbound", [package()])

    (tmp_path / "here").mkdir()
    generate(tmp_path / "here" / ".." / "outbound", package())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "outbound"]


def test_a_directory_of_sources_is_no_package(tmp_path: Path) -> None:
    generate(tmp_path / "src" / "shop", package())

    assert not (tmp_path / "src" / "__init__.py").exists()
    assert (tmp_path / "src" / "shop" / "__init__.py").exists()


def test_planning_writes_nothing(output: Path) -> None:
    make_plan(output, [package()])

    assert not output.exists()


@pytest.mark.usefixtures("_ways")
def test_what_was_changed_since_the_plan_is_not_replaced(output: Path) -> None:
    generate(output, package())
    plan = make_plan(output, [package("x = 2\n")])
    models = output / MODELS

    for content in (b"mine\n", None, b"\xff"):
        models.unlink()
        if content is not None:
            models.write_bytes(content)
        with pytest.raises(OutputError, match=r"lead.models\.py was changed while obgen was at"):
            write_plan(plan)
        assert (models.read_bytes() if models.exists() else None) == content
        models.touch()

    models.write_bytes(HEADER.stamp("x = 1\n").replace("\n", "\r\n").encode())
    write_plan(plan)  # only its line ends are others
    write_plan(plan)  # another run was faster
    assert models.read_text("utf-8") == HEADER.stamp("x = 2\n")


def test_a_second_run_changes_nothing(output: Path) -> None:
    generate(output, package())
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*")}

    assert generate(output, package()) == {
        "lead/models.py": "unchanged",
        "lead/__init__.py": "unchanged",
        "lead/handler.py": "kept",
    }
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*")} == before


def test_updates_what_is_generated_and_keeps_what_is_yours(output: Path) -> None:
    generate(output, package())
    (output / "lead/handler.py").write_text("mine\n", encoding="utf-8")

    changed = generate(output, package("x = 2\n"))

    assert changed["lead/models.py"] == "updated"
    assert changed["lead/handler.py"] == "kept"
    assert (output / MODELS).read_text(encoding="utf-8") == HEADER.stamp("x = 2\n")
    assert (output / "lead/handler.py").read_text(encoding="utf-8") == "mine\n"


def test_an_edited_file_is_replaced_and_named(output: Path) -> None:
    generate(output, package())
    for name in ("models.py", "__init__.py"):
        path = output / "lead" / name
        path.write_text(path.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")

    changed = generate(output, package())

    assert changed["lead/models.py"] == "updated edited"
    assert changed["lead/__init__.py"] == "updated edited"


def test_line_ends_are_no_change(output: Path) -> None:
    generate(output, package())
    path = output / MODELS
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert generate(output, package())["lead/models.py"] == "unchanged"
    assert generate(output, package("x = 2\n"))["lead/models.py"] == "updated"
    assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize("content", [b"", b"x = 1\n", b"\xff\xfe", b"# generated by me\n"])
@pytest.mark.parametrize("name", ["models.py", "__init__.py"])
def test_a_file_of_somebody_else_is_never_overwritten(
    output: Path, name: str, content: bytes
) -> None:
    generate(output, package())
    path = output / "lead" / name
    path.write_bytes(content)
    before = dict(tree(output)) if content != b"\xff\xfe" else None

    with pytest.raises(OutputError, match="obgen didn't write it") as caught:
        generate(output, package("x = 2\n"))

    assert str(path) in str(caught.value)
    assert path.read_bytes() == content
    assert before is None or dict(tree(output)) == before


def test_a_directory_in_place_of_a_file_is_an_error(output: Path) -> None:
    (output / MODELS).mkdir(parents=True)

    with pytest.raises(OutputError, match="obgen didn't write it"):
        generate(output, package())


def test_a_huge_file_is_not_ours(output: Path) -> None:
    generate(output, package())
    os.truncate(output / MODELS, 17 * 1024 * 1024)

    with pytest.raises(OutputError, match="obgen didn't write it"):
        generate(output, package())


def test_another_package_is_not_touched(output: Path) -> None:
    generate(output, package())
    before = dict(tree(output))

    assert "__init__.py" not in generate(output, package(name="contact"))
    assert dict(tree(output)).items() >= before.items()


def test_a_package_of_another_object_is_refused(output: Path) -> None:
    generate(output, package())
    other = Header("0.1.0", {OBJECT: "Lead__c"})

    with pytest.raises(OutputError, match="was generated for Lead, not for Lead__c"):
        generate(output, package(header=other))


def test_the_first_error_stops_everything(output: Path) -> None:
    (output / "lead").mkdir(parents=True)
    (output / MODELS).write_text("mine\n", encoding="utf-8")

    with pytest.raises(OutputError):
        generate(output, [*package(name="account"), *package()])

    assert dict(tree(output)) == {"lead/models.py": "mine\n"}


def test_parents_are_created_as_packages(tmp_path: Path) -> None:
    generate(tmp_path / "app" / "shop", package())

    assert [path for path, text in tree(tmp_path) if not text] == [
        "app/__init__.py",
        "app/shop/__init__.py",
    ]


def test_an_existing_directory_gets_no_init(output: Path) -> None:
    output.mkdir()

    assert "__init__.py" not in generate(output, package())


def test_the_output_may_be_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert generate(Path(), package())["lead/models.py"] == "created"


def test_names_that_differ_by_case_are_refused(output: Path) -> None:
    generate(output, package(name="Lead"))

    with pytest.raises(OutputError, match="are one directory on Windows and macOS"):
        generate(output, package())


def test_a_file_in_place_of_a_directory_is_an_error(output: Path) -> None:
    output.write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="is no directory"):
        generate(output, package())
    with pytest.raises(OutputError, match=r"Not a directory|is no directory"):
        generate(output / "below", package())

    output.unlink()
    output.mkdir()
    (output / "lead").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="lead is no directory"):
        generate(output, package())


@pytest.mark.parametrize("name", ["a\x00b", "x" * 300])
def test_an_impossible_directory_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="can't be written"):
        generate(tmp_path / name, package())


@pytest.mark.usefixtures("_ways")
class TestSymbolicLinks:
    def test_a_package_that_is_a_link_is_refused(self, tmp_path: Path, output: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        output.mkdir()
        (output / "lead").symlink_to(elsewhere)

        with pytest.raises(OutputError, match="symbolic link"):
            generate(output, package())
        assert not list(elsewhere.iterdir())

    @pytest.mark.parametrize("ours", [True, False])
    def test_a_generated_file_that_is_a_link_is_refused(
        self, tmp_path: Path, output: Path, *, ours: bool
    ) -> None:
        target = tmp_path / "target.py"
        target.write_text(HEADER.stamp("x = 0\n") if ours else "mine\n", encoding="utf-8")
        before = target.read_text(encoding="utf-8")
        (output / "lead").mkdir(parents=True)
        (output / MODELS).symlink_to(target)

        with pytest.raises(OutputError, match="obgen didn't write it"):
            generate(output, package())
        assert target.read_text(encoding="utf-8") == before

    def test_a_handler_that_is_a_link_is_kept(self, tmp_path: Path, output: Path) -> None:
        (output / "lead").mkdir(parents=True)
        (output / "lead/handler.py").symlink_to(tmp_path / "gone.py")

        assert generate(output, package())["lead/handler.py"] == "kept"
        assert not (tmp_path / "gone.py").exists()

    def test_the_output_itself_may_be_a_link(self, tmp_path: Path, output: Path) -> None:
        (tmp_path / "real").mkdir()
        output.symlink_to(tmp_path / "real")

        generate(output, package())
        assert (tmp_path / "real" / MODELS).is_file()

    def test_an_output_that_is_a_dangling_link_is_refused(
        self, tmp_path: Path, output: Path
    ) -> None:
        output.symlink_to(tmp_path / "gone")

        with pytest.raises(OutputError, match="is no directory"):
            generate(output, package())


@pytest.mark.usefixtures("_ways")
class TestWriting:
    def test_files_have_the_usual_mode(self, output: Path) -> None:
        before = os.umask(0o027)
        try:
            generate(output, package())
            generate(output, package("x = 2\n"))
        finally:
            os.umask(before)

        for path in output.rglob("*.py"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_a_failure_leaves_the_old_files_and_no_others(
        self, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        generate(output, package())
        before = dict(tree(output))
        plan = make_plan(output, [package("x = 2\n")])

        monkeypatch.setattr(os, "replace", failing(28, "No space left on device"))
        with pytest.raises(OutputError, match=r"models\.py can't be written: No space left"):
            write_plan(plan)
        assert dict(tree(output)) == before

    @pytest.mark.parametrize("call", ["rename", "link", "open"])
    def test_a_failure_at_the_first_time_leaves_nothing(
        self, output: Path, call: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = make_plan(output, [package()])

        genuine = os.open

        def open_but_not_stage(
            path: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None
        ) -> int:
            if str(path).endswith(".tmp") and flags & os.O_CREAT:
                raise OSError(28, "No space left on device")
            return genuine(path, flags, mode, dir_fd=dir_fd)

        full = failing(28, "No space left on device")
        monkeypatch.setattr(os, call, open_but_not_stage if call == "open" else full)
        monkeypatch.setattr(os, "replace", failing(28, "No space left on device"))
        with pytest.raises(OutputError, match="No space left"):
            write_plan(plan)
        assert not list(output.parent.iterdir())

    def test_an_unwritable_directory_is_an_error(
        self, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "mkdir", failing(13, "Permission denied"))
        with pytest.raises(OutputError, match="outbound can't be written: Permission denied"):
            generate(output, package())

    @pytest.mark.parametrize(
        ("module", "name"), [(os, "open"), (Path, "is_symlink"), (Path, "is_dir")]
    )
    def test_an_unreadable_tree_is_an_error(
        self, output: Path, module: object, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        generate(output, package())

        monkeypatch.setattr(module, name, failing(13, "Permission denied"))
        with pytest.raises(OutputError, match="Permission denied"):
            make_plan(output, [package()])

    def test_a_handler_that_appeared_meanwhile_is_kept(self, output: Path) -> None:
        plan = make_plan(output, [package()])
        for change in plan.changes:
            assert change.action is Action.CREATED
        output.mkdir()
        (output / "lead").mkdir()
        (output / "lead/handler.py").write_text("mine\n", encoding="utf-8")

        write_plan(replace(plan, directories=()))

        assert (output / "lead/handler.py").read_text(encoding="utf-8") == "mine\n"

    def test_a_file_of_somebody_that_appeared_meanwhile_is_not_overwritten(
        self, output: Path
    ) -> None:
        plan = make_plan(output, [package()])
        (output / "lead").mkdir(parents=True)
        (output / MODELS).write_text("mine\n", encoding="utf-8")

        with pytest.raises(OutputError, match=r"models\.py appeared while obgen was at work"):
            write_plan(plan)
        left = dict(tree(output))
        assert left.pop("lead/models.py") == "mine\n"
        assert set(left) == {"__init__.py", "lead/__init__.py", "lead/handler.py"}

    def test_two_runs_at_once_do_each_other_no_harm(self, output: Path) -> None:
        plans = [make_plan(output, [package()]), make_plan(output, [package()])]

        for plan in plans:
            write_plan(plan)

        assert set(generate(output, package()).values()) == {"unchanged", "kept"}
        assert not list(output.rglob("*.tmp"))

    def test_a_link_that_appeared_meanwhile_is_not_followed(
        self, tmp_path: Path, output: Path
    ) -> None:
        plan = make_plan(output, [package()])
        (tmp_path / "elsewhere").mkdir()
        output.symlink_to(tmp_path / "elsewhere")

        with pytest.raises(OutputError, match="outbound can't be written: it is a symbolic link"):
            write_plan(plan)
        assert not list((tmp_path / "elsewhere").iterdir())

    def test_without_hard_links_a_handler_is_still_never_replaced(
        self, output: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "link", failing(95, "Operation not supported"))
        plan = make_plan(output, [package()])
        generate(output, package())
        assert (output / "lead/handler.py").read_text(encoding="utf-8") == "y = 1\n"

        (output / "lead/handler.py").write_text("mine\n", encoding="utf-8")
        write_plan(replace(plan, directories=()))
        assert (output / "lead/handler.py").read_text(encoding="utf-8") == "mine\n"
        assert not list(output.rglob("*.tmp"))


class TestHeader:
    def test_reads_what_it_wrote(self) -> None:
        text = HEADER.stamp("x = 1\n")
        header = read_header(text)

        assert header
        assert header.version == "0.1.0"
        assert header.facts[OBJECT] == "Lead"
        assert list(header.facts) == [OBJECT, "wsdl", "content"]
        assert not is_edited(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "x = 1\n",
            "# Generated by obgen\n",
            "# generated by obgen 0.1.0; run `obgen generate` again instead of editing.\n",
            "\n# Generated by obgen; run `obgen generate` again instead of editing.\n",
        ],
    )
    def test_another_beginning_is_not_ours(self, text: str) -> None:
        assert read_header(text) is None
        assert is_edited(text)

    @pytest.mark.parametrize(
        ("old", "new"),
        [("x = 1", "x = 2"), ("0.1.0", "0.2.0"), ("# content", "# contents"), ("Lead", "Read")],
    )
    def test_every_edit_is_seen(self, old: str, new: str) -> None:
        assert is_edited(HEADER.stamp("x = 1\n").replace(old, new))

    def test_line_ends_are_no_edit(self) -> None:
        assert not is_edited(HEADER.stamp("x = 1\ny = 2\n").replace("\n", "\r\n"))

    def test_a_file_that_is_not_utf8_is_edited(self) -> None:
        text = HEADER.stamp("x = 1\n").encode() + b"\xff"

        assert is_edited(text.decode("utf-8", "surrogateescape"))
