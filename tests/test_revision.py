"""An earlier version of a file: found wherever it is in a repository, and nothing is run for it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support_git import commit, git, lose_object, make_repository

from obgen.codegen.document import MAX_BYTES
from obgen.codegen.git import run_git
from obgen.codegen.revision import read_revision
from obgen.errors import ConfigurationError, WsdlError


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a fresh repository, which is the current directory."""
    path = tmp_path / "project"
    make_repository(path, monkeypatch)
    return path


class TestFinding:
    def test_a_commit_goes_by_all_its_names(self) -> None:
        path = commit("a.wsdl", "one")
        first = git("rev-parse", "HEAD").strip()
        git("tag", "--annotate", "v1", "--message", "a tag")
        commit("a.wsdl", "two")
        git("branch", "feature/x")
        commit("a.wsdl", "three")
        Path(path).write_text("not committed")

        for revision, content in {
            "HEAD": b"three",
            "@": b"three",
            "HEAD~1": b"two",
            "feature/x": b"two",
            "v1": b"one",
            first: b"one",
            first[:10]: b"one",
        }.items():
            assert read_revision(path, revision) == content

    @pytest.mark.parametrize(
        "path",
        [
            "wsdl/opportunity (1).wsdl",
            "a b/c d/e.wsdl",
            "wsdl/*?[a]:(top)x.wsdl",
            "-x",
            "--/a.wsdl",
            "wsdl/ä.wsdl",
            "a\nb/c\n.wsdl",
        ],
    )
    def test_from_wherever_it_is_named(
        self, path: str, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit(path, "one")
        commit(path, "two")

        assert read_revision(path, "HEAD~1") == b"one"
        assert read_revision(str(repository / path), "HEAD~1") == b"one"
        monkeypatch.chdir(Path(path).parent)
        assert read_revision(Path(path).name, "HEAD~1") == b"one"
        monkeypatch.chdir(repository.parent)
        assert read_revision(f"project/{path}", "HEAD~1") == b"one"

    def test_through_a_link(self, tmp_path: Path) -> None:
        commit("wsdl/a.wsdl", "one")
        link = tmp_path / "link.wsdl"
        link.symlink_to("project/wsdl/a.wsdl")
        assert read_revision(str(link), "HEAD") == b"one"

    def test_inside_a_hook_of_another_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = commit("wsdl/a.wsdl", "one")
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
        assert read_revision(path, "HEAD") == b"one"

    def test_bytes_are_those_of_the_commit(self) -> None:
        commit(".gitattributes", "*.wsdl text eol=crlf\n")
        commit("a.wsdl", b"\xef\xbb\xbfone\r\n\xff")
        assert read_revision("a.wsdl", "HEAD") == b"\xef\xbb\xbfone\n\xff"


class TestHostileRepository:
    @pytest.fixture
    def ran(self, tmp_path: Path) -> Path:
        """Return the file that shows that the program beside it, `trap`, was run."""
        trap = tmp_path / "trap"
        trap.write_text(f'#!/bin/sh\necho "$0 $@" >> {tmp_path / "ran"}\n')
        trap.chmod(0o755)
        return tmp_path / "ran"

    def test_no_program_that_it_configures_is_run(self, ran: Path) -> None:
        path = commit("a.wsdl", "one")
        trap = str(ran.with_name("trap"))
        for key in (
            "alias.cat-file",
            "alias.rev-parse",
            "core.askPass",
            "core.editor",
            "core.fsmonitor",
            "core.pager",
            "core.sshCommand",
            "credential.helper",
            "diff.external",
            "diff.x.command",
            "diff.x.textconv",
            "filter.x.process",
            "filter.x.smudge",
            "gpg.program",
            "pager.cat-file",
            "pager.rev-parse",
        ):
            git("config", key, f"!{trap}" if key.startswith("alias") else trap)
        for hook in ("post-checkout", "post-index-change", "pre-auto-gc", "reference-transaction"):
            Path(".git/hooks").mkdir(exist_ok=True)
            shutil.copy(trap, f".git/hooks/{hook}")
        Path(".gitattributes").write_text("*.wsdl diff=x filter=x\n")
        Path(path).write_text("two")

        assert read_revision(path, "HEAD") == b"one"
        assert not ran.exists()

        git("diff", "HEAD", check=False)
        assert ran.exists(), "the trap wouldn't have shown anything"

    @pytest.mark.parametrize(
        "remote",
        [
            {"url": "ext::{trap}", "protocol.ext.allow": "always"},
            {"url": ".", "uploadpack": "{trap}"},
            {"url": ".", "vcs": "none", "alias.remote-none": "!{trap}"},
        ],
    )
    def test_what_a_partial_clone_lacks_is_not_fetched(
        self, remote: dict[str, str], ran: Path
    ) -> None:
        path = commit("a.wsdl", "one")
        blob = git("rev-parse", "HEAD:a.wsdl").strip()
        promisor = {
            key if "." in key else f"remote.origin.{key}": value.format(trap=ran.with_name("trap"))
            for key, value in remote.items()
        }
        lose_object(blob, promisor)

        with pytest.raises(WsdlError, match="git has no content of this file") as caught:
            read_revision(path, "HEAD")
        assert "a partial clone has to fetch it first" in caught.value.hint
        assert not ran.exists()

        git("cat-file", "blob", blob, check=False)
        assert ran.exists(), "the trap wouldn't have shown anything"

    def test_a_look_at_the_index_runs_no_watcher(self, ran: Path) -> None:
        path = commit("a.wsdl", "one")
        git("config", "core.fsmonitor", str(ran.with_name("trap")))

        with pytest.raises(ConfigurationError, match="can't be a revision of git"):
            read_revision(path, ":0:a.wsdl")
        run_git("git", "rev-parse", "--verify", "--quiet", ":0:a.wsdl")
        assert not ran.exists()

        git("rev-parse", "--verify", "--quiet", ":nope", check=False)
        assert ran.exists(), "the trap wouldn't have shown anything"


class TestErrors:
    @pytest.mark.parametrize("revision", ["", "-", "-x", "--output=x", "--", "a\0b", ":0", ":/x"])
    def test_of_what_can_be_no_revision(self, revision: str) -> None:
        commit("a.wsdl", "one")
        with pytest.raises(ConfigurationError, match=r"can't be a revision of git") as caught:
            read_revision("a.wsdl", revision)
        assert caught.value.hint == "name a commit, a tag or a branch, such as HEAD~1"
        assert sorted(path.name for path in Path().iterdir()) == [".git", "a.wsdl"]

    @pytest.mark.parametrize(
        "revision",
        ["HEAD~9", "HEAD..HEAD", "^HEAD", "HEAD:a.wsdl", "HEAD HEAD", "HEAD\n", " ", "a.wsdl", "*"],
    )
    def test_of_a_revision_that_is_not_there(self, revision: str) -> None:
        commit("a.wsdl", "one")
        with pytest.raises(WsdlError) as caught:
            read_revision("a.wsdl", revision)
        assert str(caught.value) == f"a.wsdl: its git repository has no revision {revision!r}"
        assert "`git log --oneline` names those" in caught.value.hint

    def test_of_a_revision_that_would_act_in_a_terminal(self) -> None:
        commit("a.wsdl", "one")
        with pytest.raises(WsdlError, match=r"no revision 'x\\x1b\[31m'"):
            read_revision("a.wsdl", "x\x1b[31m")

    def test_of_a_repository_without_commits(self) -> None:
        with pytest.raises(WsdlError, match="no revision 'HEAD'"):
            read_revision("a.wsdl", "HEAD")

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("new.wsdl", "new.wsdl: this file isn't in revision 'HEAD'"),
            ("wsdl", "wsdl: git has no content of this file for revision 'HEAD'"),
            ("large.wsdl", "large.wsdl: in revision 'HEAD' it is larger than 4 MiB"),
            (".git/config", ".git/config: this file is in no git repository"),
        ],
    )
    def test_of_a_file(self, path: str, message: str) -> None:
        commit("wsdl/a.wsdl", "one")
        commit("large.wsdl", b" " * (MAX_BYTES + 1))
        with pytest.raises(WsdlError) as caught:
            read_revision(path, "HEAD")
        assert str(caught.value) == message
        assert caught.value.hint

    def test_outside_of_a_repository(self, tmp_path: Path) -> None:
        with pytest.raises(WsdlError, match="this file is in no git repository") as caught:
            read_revision(str(tmp_path / "a.wsdl"), "HEAD")
        assert caught.value.hint == "name both WSDLs instead of --against"

    def test_of_a_repository_that_git_refuses(self) -> None:
        Path(".git/config").write_text("[core\n", encoding="utf-8")
        with pytest.raises(WsdlError, match="git can't read the repository of this file: bad conf"):
            read_revision("a.wsdl", "HEAD")

    def test_without_git(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(WsdlError, match="git is needed to read an earlier version") as caught:
            read_revision("a.wsdl", "HEAD")
        assert caught.value.hint == "install git"

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (PermissionError(13, "Permission denied"), "git can't be run: Permission denied"),
            (subprocess.TimeoutExpired(["git"], 60), "git gave no answer within 60 seconds"),
        ],
    )
    def test_of_a_git_that_does_not_work(
        self, error: Exception, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(subprocess, "run", fail)
        with pytest.raises(WsdlError, match=message) as caught:
            read_revision("a.wsdl", "HEAD")
        assert "git status" in caught.value.hint
