"""The story of the README: a field is taken out of a message, and who notices it where."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from support_git import git, make_repository
from support_pre_commit import ROOT, go_offline, make_source, pre_commit, run

SECTION = (
    (ROOT / "README.md")
    .read_text(encoding="utf-8")
    .partition("## When the fields change")[2]
    .partition("\n## ")[0]
)
WSDL = Path("wsdl/opportunity.wsdl")
HANDLER = Path("src/shop/outbound/opportunity/handler.py")
OBGEN = (sys.executable, "-m", "obgen")
MYPY = (sys.executable, "-m", "mypy")
PROGRAMS = {"git": ("git",), "mypy": MYPY, "obgen": OBGEN}


def block(language: str, beginning: str) -> str:
    """Return the one block of the section that begins so."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    (found,) = [str(text) for text in blocks if text.startswith(beginning)]
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a project as the README sets it up, whose handler uses the field Amount."""
    source = make_source(tmp_path / "obgen")
    make_repository(tmp_path / "project", monkeypatch)
    go_offline(tmp_path / "pre-commit", monkeypatch)
    Path("pyproject.toml").write_text(block("toml", "[tool.obgen]"), encoding="utf-8")
    hooks = block("yaml", "repos:")
    assert "repo: ../obgen\n" in hooks  # which is where it is here too
    assert source.parent == Path.cwd().parent
    Path(".pre-commit-config.yaml").write_text(hooks, encoding="utf-8")
    WSDL.parent.mkdir()
    shutil.copy(ROOT / "samples" / WSDL, WSDL)
    HANDLER.parents[2].mkdir(parents=True)
    (HANDLER.parents[2] / "__init__.py").touch()
    code, said = run(*OBGEN, "generate")
    assert code == 0, said
    handler = HANDLER.read_text("utf-8")
    log = '    logger.info("%s %s arrived", delivery.object_type, opportunity.id)\n'
    assert handler.endswith(log)
    use = '    logger.info("%s: %s", opportunity.name, opportunity.amount)\n'
    HANDLER.write_text(handler.replace(log, use), encoding="utf-8")
    code, said = pre_commit("install")
    assert code == 0, said
    git("add", "--all")
    git("commit", "--quiet", "--message", "a project")  # which the hook lets pass
    assert run(*MYPY, "--strict", "src")[0] == 0


@pytest.mark.slow
@pytest.mark.usefixtures("project")
def test_a_field_is_taken_out() -> None:
    # A new download over the old file.
    text = WSDL.read_text("utf-8")
    without = re.sub(r'.*name="Amount".*\n', "", text)
    assert without != text
    WSDL.write_text(without, encoding="utf-8")
    before = git("rev-parse", "HEAD")

    # The hook generates, says what breaks, and stops the commit; mypy and obgen name the line.
    for program in ("git", "mypy", "obgen"):
        command, expected = console(program)
        code, said = run(*command)
        assert code == 1
        assert said.strip() == expected.strip()
    assert git("rev-parse", "HEAD") == before
    assert "amount" not in HANDLER.with_name("models.py").read_text("utf-8")

    # Once the handler is mended, the commit passes.
    handler = HANDLER.read_text("utf-8")
    HANDLER.write_text(handler.replace("amount", "stage_name"), encoding="utf-8")
    assert run(*MYPY, "--strict", "src")[0] == 0
    code, said = run("git", "commit", "--all", "--message", "Do without the amount")
    assert code == 0, said
    assert git("status", "--porcelain") == ""


def console(program: str) -> tuple[list[str], str]:
    """Return a command of the story, and what the README says that it prints."""
    command, _, printed = block("console", f"$ {program} ").partition("\n")
    _, *arguments = shlex.split(command.removeprefix("$ "))
    return [*PROGRAMS[program], *arguments], printed
