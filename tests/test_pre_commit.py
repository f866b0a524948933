"""The hooks as pre-commit runs them, from a repository that holds obgen as it is now."""

import re
from pathlib import Path

import pytest
import yaml
from support_git import commit, git, make_repository
from support_pre_commit import ROOT, go_offline, make_source, pre_commit
from wsdl_builder import FIVE_FIELDS, build_wsdl

from obgen.cli import main
from obgen.cli.app import cli

PYPROJECT = '[tool.obgen]\n\n[[tool.obgen.messages]]\nwsdl = "wsdl/opportunity.wsdl"\n'
LEAD = '[[tool.obgen.messages]]\nwsdl = "wsdl/lead.wsdl"\n'
MODELS = Path("outbound/opportunity/models.py")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_source(tmp_path_factory.mktemp("source") / "obgen")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in the repository of a project whose package is current."""
    make_repository(tmp_path / "project", monkeypatch)
    commit("wsdl/opportunity.wsdl", build_wsdl())
    commit("pyproject.toml", PYPROJECT)
    assert main(["generate"]) == 0
    git("add", "--all")
    git("commit", "--quiet", "--message", "generate")
    go_offline(tmp_path / "pre-commit", monkeypatch)


def try_repo(source: Path, hook: str) -> tuple[int, str]:
    """Run one hook the way its authors try it; return the exit code, and what was printed."""
    return pre_commit("try-repo", str(source), hook, "--verbose")


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_the_hook_that_generates(source: Path) -> None:
    code, said = try_repo(source, "obgen-generate")
    assert code == 0, said
    assert "1 message, 0 updated, 0 breaking" in said

    # A changed WSDL; what isn't staged is put away by pre-commit.
    fields = {name: kind for name, kind in FIVE_FIELDS.items() if name != "Amount"}
    Path("wsdl/opportunity.wsdl").write_text(build_wsdl(fields=fields), encoding="utf-8")
    git("add", "wsdl")
    code, said = try_repo(source, "obgen-generate")
    assert code == 1
    assert f"updated   {MODELS} (the WSDL changed)" in said
    assert "breaking  opportunity: Amount was removed (amount: float)" in said
    git("commit", "--quiet", "--all", "--message", "regenerate")

    # A new message makes nothing but untracked files, which pre-commit itself lets pass.
    Path("wsdl/lead.wsdl").write_text(build_wsdl("Lead"), encoding="utf-8")
    Path("pyproject.toml").write_text(PYPROJECT + LEAD, encoding="utf-8")
    git("add", "wsdl", "pyproject.toml")
    code, said = try_repo(source, "obgen-generate")
    assert code == 1
    assert "files were modified by this hook" not in said
    assert "created   outbound/lead/models.py" in said
    assert "?? outbound/lead/" in git("status", "--porcelain")
    code, said = try_repo(source, "obgen-generate")
    assert code == 1
    assert "untracked outbound/lead/models.py (the commit would lack it)" in said
    assert "git add what you want to keep" in said

    # A file that was edited by hand.
    git("add", "--all")
    git("commit", "--quiet", "--message", "a new message")
    MODELS.write_text(MODELS.read_text("utf-8").replace("amount", "total"), encoding="utf-8")
    MODELS.write_text(MODELS.read_text("utf-8") + "# mine\n", encoding="utf-8")
    git("add", "--all")
    code, said = try_repo(source, "obgen-generate")
    assert code == 1
    assert f"updated   {MODELS} (an edit by hand was replaced)" in said


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_the_hook_that_checks(source: Path) -> None:
    code, said = try_repo(source, "obgen-check")
    assert code == 0, said

    MODELS.unlink()
    git("add", "--all")
    code, said = try_repo(source, "obgen-check")
    assert code == 1
    assert f"missing   {MODELS}" in said
    assert not MODELS.exists()


def test_the_hooks_are_commands_of_ours() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))

    assert [hook["id"] for hook in hooks] == ["obgen-generate", "obgen-check"]
    for hook in hooks:
        program, command, *options = hook["entry"].split()
        assert program == "obgen"
        known = {name for option in cli.commands[command].params for name in option.opts}
        assert set(options) <= known
        assert hook["always_run"]
        assert not hook["pass_filenames"]


def test_the_job_of_the_readme_runs_commands_of_ours() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (job,) = [
        yaml.safe_load(block)
        for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        if "jobs:" in block
    ]
    commands = [step["run"] for step in job["jobs"]["outbound-messages"]["steps"] if "run" in step]

    assert commands[-1] == "obgen generate --check"
