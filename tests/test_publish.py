"""Writing while others are at work: killed at any step, side by side, with links put in between."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from stat import S_IMODE

import pytest
from support_output import HEADER, package, tree
from support_steps import CHANGES, Job, Steps, started
from wsdl_builder import build_wsdl

from obgen.codegen import folder
from obgen.codegen.folder import Folder, read_file
from obgen.codegen.header import Header
from obgen.codegen.output import make_plan
from obgen.codegen.publish import write_plan
from obgen.errors import OutputError

OLD = "x = 1\n"
NEW = "x = 2\n"
OTHER = "x = 3\n"
NAMES = ["lead", "contact"]
LEFTOVER = ".obgen-0123456789abcdef.tmp"


@pytest.fixture
def steps() -> Generator[Steps]:
    with started() as program:
        yield program


@pytest.fixture(params=[True, False], ids=["descriptors", "paths"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Say whether directories are held open, here too."""
    monkeypatch.setattr(folder, "_HOLDS", request.param)
    return bool(request.param)


@pytest.fixture(params=[None, OLD], ids=["new", "present"])
def before(request: pytest.FixtureRequest) -> str | None:
    """Give the text that the models have at first, if they are there."""
    return str(request.param) if request.param else None


def generate(output: Path, body: str, names: list[str] = NAMES) -> None:
    """Write some packages."""
    write_plan(make_plan(output, [package(body, name=name) for name in names]))


def prepare(root: Path, body: str | None) -> Path:
    """Return an output two levels below a new directory, with packages if there is a body."""
    root.mkdir()
    output = root / "app" / "outbound"
    if body is not None:
        generate(output, body)
        (output / "lead/handler.py").write_text("mine\n", encoding="utf-8")
        (output / "contact/__init__.py").unlink()
    return output


def complete(body: str, before: str | None) -> dict[str, str]:
    """Return what is below the root when all is written."""
    files = {"app/__init__.py": "", "app/outbound/__init__.py": ""}
    for name in NAMES:
        mine = before is not None and name == "lead"
        files[f"app/outbound/{name}/__init__.py"] = Header().stamp("")
        files[f"app/outbound/{name}/handler.py"] = "mine\n" if mine else "y = 1\n"
        files[f"app/outbound/{name}/models.py"] = HEADER.stamp(body)
    return files


def permanent(root: Path) -> dict[str, str]:
    """Return {path: text} of all files but temporary ones."""
    return {path: text for path, text in tree(root) if ".tmp" not in path}


def leftovers(root: Path) -> list[Path]:
    """Return what has a temporary name."""
    return list(root.rglob("*.tmp"))


def test_a_run_killed_at_any_step_leaves_each_file_old_or_new(
    tmp_path: Path, steps: Steps, before: str | None, *, held: bool
) -> None:
    new = complete(NEW, before)
    seen: set[str] = set()
    for step in count(1):
        root = tmp_path / str(step)
        output = prepare(root, before)
        old = permanent(root)
        event = steps.start(Job(str(output), NEW, NAMES, step, "kill", held))
        if event == "done":
            break
        seen.add(event)
        assert steps.end() == "killed"

        left = permanent(root)
        assert left.keys() >= old.keys()
        for path, text in left.items():
            assert text in {old.get(path), new[path]}

        generate(output, NEW)
        assert permanent(root) == new
        if held:  # else only time can tell what is left over
            assert not leftovers(root)

    assert seen >= {"open", "os.link", "os.remove", "os.rename", "os.listdir"}
    assert ("os.mkdir" in seen) == (before is None)


class TestSideBySide:
    """One run waits at each of its steps in turn, while another is done from start to end."""

    def test_the_same_wsdl(
        self, tmp_path: Path, steps: Steps, before: str | None, *, held: bool
    ) -> None:
        seen: list[str] = []
        for step in count(1):
            root = tmp_path / str(step)
            output = prepare(root, before)
            seen.append(steps.start(Job(str(output), NEW, NAMES, step, "wait", held)))
            if seen[-1] == "done":
                break

            generate(output, NEW)
            assert permanent(root) == complete(NEW, before)
            assert steps.go_on() == "done"
            assert permanent(root) == complete(NEW, before)
            assert not leftovers(root)
        assert (
            {"open", "os.link", "os.remove", "os.rename", "done"} <= {*seen} <= CHANGES | {"done"}
        )

    def test_different_wsdls(self, tmp_path: Path, steps: Steps, *, held: bool) -> None:
        seen: list[str] = []
        for step in count(1):
            root = tmp_path / str(step)
            output = prepare(root, None)
            seen.append(steps.start(Job(str(output), NEW, ["lead"], step, "wait", held)))
            if seen[-1] == "done":
                break

            generate(output, NEW, ["contact"])
            assert steps.go_on() == "done"
            assert permanent(root) == complete(NEW, None)
            assert not leftovers(root)
        assert {"open", "os.link", "os.remove", "os.rename"} <= {*seen}

    def test_two_versions_of_a_wsdl(
        self, tmp_path: Path, steps: Steps, before: str | None, *, held: bool
    ) -> None:
        ends: set[str] = set()
        for step in count(1):
            root = tmp_path / str(step)
            output = prepare(root, before)
            if steps.start(Job(str(output), NEW, NAMES, step, "wait", held)) == "done":
                break

            generate(output, OTHER)
            ends.add(steps.go_on().replace(str(output), "…"))
            for path, text in permanent(root).items():
                assert text in {complete(NEW, before)[path], complete(OTHER, before)[path]}
            assert not leftovers(root)

        # What both would write goes to the first.
        refused = (
            f"…/lead/models.py {'appeared' if before is None else 'was changed'} "
            "while obgen was at work, and isn't overwritten"
        )
        assert ends - {refused, refused.replace("lead", "contact")} == {"done"}
        assert refused in ends

    def test_a_third_run_leaves_the_second_alone_when_the_first_has_ended(
        self, tmp_path: Path, steps: Steps
    ) -> None:
        both = 0
        with started() as others:
            for step in count(1):
                root = tmp_path / str(step)
                output = prepare(root, OLD)
                job = Job(str(output), NEW, NAMES, step, "wait")
                if steps.start(job) == "done":
                    break
                # The second may find so much done that it takes fewer steps.
                waits = others.start(job) != "done"
                both += waits

                assert steps.go_on() == "done"
                generate(output, NEW)
                if waits:
                    assert others.go_on() == "done"
                assert permanent(root) == complete(NEW, OLD)
                assert not leftovers(root)
        assert both > len(NAMES) * 3

    def test_a_run_that_fails_takes_nothing_from_another(self, tmp_path: Path) -> None:
        def fail(*, beside_another: bool) -> None:
            with ExitStack() as another, Folder.open(tmp_path) as directory:
                directory.make_package("outbound")
                if beside_another:
                    another.enter_context(Folder.open(tmp_path / "outbound")).share()
                directory.enter("missing")

        for beside_another in (False, True):
            with pytest.raises(FileNotFoundError):
                fail(beside_another=beside_another)
            assert (tmp_path / "outbound/__init__.py").exists() == beside_another


CHANGED = "was changed while obgen was at work, and isn't overwritten"
REFUSED = "can't be written: it is a symbolic link, and obgen writes through none"


@pytest.mark.parametrize(
    ("target", "before", "ends"),
    [
        ("app", None, {f"app {REFUSED}"}),
        ("app/outbound", None, {f"app/outbound {REFUSED}"}),
        ("app/outbound/lead", None, {f"app/outbound/lead {REFUSED}"}),
        ("app/outbound/lead", OLD, {f"app/outbound/lead {REFUSED}"}),
        (
            "app/outbound/lead/models.py",
            None,
            {"app/outbound/lead/models.py appeared while obgen was at work, and isn't overwritten"},
        ),
        (
            "app/outbound/lead/models.py",
            OLD,
            {
                f"app/outbound/lead/models.py {CHANGED}",
                f"app/outbound/lead/models.py can't be written: {os.strerror(errno.ELOOP)}",
            },
        ),
        ("app/outbound/lead/handler.py", None, set[str]()),  # and this one is kept
    ],
)
def test_a_link_put_in_place_at_any_step_is_not_followed(
    tmp_path: Path, steps: Steps, target: str, before: str | None, ends: set[str]
) -> None:
    seen: set[str] = set()
    for step in count(1):
        root = tmp_path / str(step)
        output = prepare(root, before)
        elsewhere = root / "elsewhere" / "app" / "outbound"
        generate(elsewhere, OTHER)
        (elsewhere / "lead/handler.py").unlink()
        tempting = dict(tree(root / "elsewhere"))
        victim = str(root / "elsewhere" / target)
        job = Job(str(output), NEW, NAMES, step, "swap", target=str(root / target), victim=victim)
        if steps.start(job) == "done":
            break

        seen.add(steps.end().removeprefix(f"{root}/"))
        assert dict(tree(root / "elsewhere")) == tempting
        assert not leftovers(root / "elsewhere")
    # Where it comes too late, what is written is in the directory that was moved away.
    assert seen == {"done"} | ends


class TestLeftovers:
    @pytest.fixture
    def package_directory(self, tmp_path: Path) -> Path:
        generate(tmp_path, OLD)
        return tmp_path / "lead"

    def test_go_even_if_there_is_nothing_to_write(self, package_directory: Path) -> None:
        (package_directory / LEFTOVER).write_text("half", encoding="utf-8")
        before = dict(tree(package_directory))

        generate(package_directory.parent, OLD)

        del before[LEFTOVER]
        assert dict(tree(package_directory)) == before

    def test_are_no_part_of_a_plan(self, package_directory: Path) -> None:
        (package_directory / LEFTOVER).write_text(HEADER.stamp(NEW), encoding="utf-8")

        plan = make_plan(package_directory.parent, [package(OLD)])

        assert not [change for change in plan.changes if change.path.name == LEFTOVER]

    def test_stay_while_another_run_is_there_or_may_be(
        self, package_directory: Path, *, held: bool
    ) -> None:
        leftover = package_directory / LEFTOVER
        leftover.touch()
        old = package_directory / LEFTOVER.replace("0", "a")
        old.touch()
        os.utime(old, (0, 0))

        with Folder.open(package_directory) as another:
            another.share()
            generate(package_directory.parent, OLD)
        assert leftover.exists()
        assert not old.exists()

        generate(package_directory.parent, OLD)
        assert leftover.exists() == (not held)

    def test_stay_where_there_are_no_locks(
        self, package_directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (package_directory / LEFTOVER).touch()

        def flock(_file: int, _operation: int) -> None:
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", flock)
        generate(package_directory.parent, NEW)

        assert dict(tree(package_directory))["models.py"] == HEADER.stamp(NEW)
        assert (package_directory / LEFTOVER).exists()

    @pytest.mark.parametrize(
        "name",
        [
            ".obgen-0123456789abcde.tmp",
            ".obgen-0123456789ABCDEF.tmp",
            ".obgen-0123456789abcdef.tmp~",
            "obgen-0123456789abcdef.tmp",
            "x.obgen-0123456789abcdef.tmp",
        ],
    )
    def test_have_exactly_such_a_name(self, package_directory: Path, name: str) -> None:
        (package_directory / name).touch()

        generate(package_directory.parent, NEW)

        assert (package_directory / name).exists()

    def test_are_files_or_directories_without_content(self, package_directory: Path) -> None:
        others = [package_directory / LEFTOVER.replace("0", letter) for letter in "abcd"]
        others[0].symlink_to("models.py")
        os.mkfifo(others[1])
        others[2].mkdir()
        (others[2] / "precious.txt").touch()
        others[3].mkdir()
        (others[3] / "__init__.py").write_text("precious = 1\n", encoding="utf-8")

        generate(package_directory.parent, NEW)

        assert all(os.path.lexists(other) for other in others)
        assert (others[2] / "precious.txt").exists()
        assert (others[3] / "__init__.py").exists()


class TestModes:
    @pytest.mark.parametrize("mode", [0o600, 0o444, 0o755, 0o664])
    def test_an_updated_file_keeps_its_own(self, tmp_path: Path, mode: int) -> None:
        generate(tmp_path, OLD)
        (tmp_path / "lead/models.py").chmod(mode)

        generate(tmp_path, NEW)

        assert S_IMODE((tmp_path / "lead/models.py").stat().st_mode) == mode
        assert (tmp_path / "lead/models.py").read_text("utf-8") == HEADER.stamp(NEW)

    def test_no_rights_are_inherited_that_a_file_should_not_have(self, tmp_path: Path) -> None:
        generate(tmp_path, OLD)
        (tmp_path / "lead/models.py").chmod(0o4755)

        generate(tmp_path, NEW)

        assert S_IMODE((tmp_path / "lead/models.py").stat().st_mode) == 0o755


class TestReading:
    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"x\r\n\xff")
        (tmp_path / "large").touch()
        os.truncate(tmp_path / "large", 16 * 1024 * 1024)

        assert read_file(tmp_path / "x") == b"x\r\n\xff"
        assert len(read_file(tmp_path / "large") or b"") == 16 * 1024 * 1024

    def test_what_is_none(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link").symlink_to(__file__)
        (tmp_path / "huge").touch()
        os.truncate(tmp_path / "huge", 16 * 1024 * 1024 + 1)

        for path in (tmp_path, tmp_path / "pipe", tmp_path / "link", tmp_path / "huge"):
            assert read_file(path) is None
        assert read_file("/dev/zero") is None

    @pytest.mark.parametrize("swap", ["pipe", "link"])
    def test_what_comes_into_its_place_just_now(
        self, tmp_path: Path, swap: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "models.py"
        path.write_text("x = 1\n", encoding="utf-8")
        genuine = os.open

        def swap_and_open(name: Path, flags: int, *, dir_fd: int | None = None) -> int:
            path.unlink()
            if swap == "pipe":
                os.mkfifo(path)
            else:
                path.symlink_to(__file__)
            return genuine(name, flags, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", swap_and_open)
        if swap == "pipe":
            assert read_file(path) is None
        else:
            with pytest.raises(OSError, match="symbolic links"):
                read_file(path)

    def test_a_pipe_in_place_of_a_generated_file(self, tmp_path: Path) -> None:
        (tmp_path / "lead").mkdir()
        os.mkfifo(tmp_path / "lead/models.py")

        with pytest.raises(OutputError, match="obgen didn't write it"):
            generate(tmp_path, NEW)


@pytest.mark.parametrize("objects", [["Lead", "Lead"], ["Lead", "Contact"]])
def test_two_commands_at_once_both_succeed(tmp_path: Path, objects: list[str]) -> None:
    for number, name in enumerate(objects):
        text = build_wsdl(name)
        (tmp_path / f"{number}.wsdl").write_text(text, encoding="utf-8")
    # Everything is loaded before the signal, so that both really write at once.
    script = (
        "import sys\n"
        "import obgen.codegen.generate, obgen.codegen.publish\n"
        "from obgen.cli import main\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "sys.exit(main(['generate', sys.argv[1]]))\n"
    )
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", script, f"{number}.wsdl"],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(len(objects))
    ]
    for command in commands:
        assert command.stdout
        assert command.stdout.readline() == "ready\n"
    for command in commands:
        assert command.stdin
        command.stdin.write("\n")
        command.stdin.flush()
    ends = [command.communicate() for command in commands]

    assert [command.returncode for command in commands] == [0, 0], ends
    outbound = tmp_path / "outbound"
    assert {path for path, _ in tree(outbound)} == {"__init__.py"} | {
        f"{name.lower()}/{file}"
        for name in objects
        for file in ("__init__.py", "handler.py", "models.py")
    }
    assert not leftovers(tmp_path)
