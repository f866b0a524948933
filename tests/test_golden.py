"""Generated packages, byte for byte, whatever surrounds the run; and clean for every checker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from golden_cases import CASES, GOLDEN
from support_generated import check_models
from wsdl_builder import build_wsdl

from obgen.codegen.generate import plan_generation
from obgen.codegen.publish import write_plan
from obgen.codegen.settings import Message, Settings
from obgen.codegen.wsdl import read_contract

CORPUS = os.environ.get("OBGEN_FIELD_CORPUS", "")

RUFF_RULES = GOLDEN / "ruff.toml"


def contents(directory: Path) -> dict[str, bytes]:
    """Return {path: bytes} of the Python files below a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*.py")
    }


@pytest.mark.parametrize("name", CASES)
def test_output_is_the_golden_one(name: str, tmp_path: Path) -> None:
    CASES[name].generate(tmp_path / "outbound", tmp_path / "message.wsdl")

    assert contents(tmp_path / "outbound") == contents(GOLDEN / name), (
        "look at the difference, then run `python tests/update_golden.py`"
    )


def test_every_golden_directory_has_a_case() -> None:
    assert {path.parent.name for path in GOLDEN.glob("*/__init__.py")} == set(CASES)


def test_golden_models_consist_of_data() -> None:
    models = sorted(GOLDEN.rglob("models.py"))

    assert len(models) == len(CASES)
    for path in models:
        check_models(path.read_text(encoding="utf-8"))


SURROUNDINGS = [
    {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0"},
    {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4711"},
]


@pytest.mark.slow
@pytest.mark.parametrize("surroundings", SURROUNDINGS)
def test_surroundings_change_nothing(surroundings: dict[str, str], tmp_path: Path) -> None:
    case = CASES["five_fields"]
    directory = tmp_path / "some where"
    directory.mkdir()
    (directory / "wfoutbound (1).wsdl").write_text(case.wsdl, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "obgen", "generate", "wfoutbound (1).wsdl", "-o", "made/here"],
        cwd=directory,
        env=os.environ | surroundings,
        capture_output=True,
        check=True,
    )

    made = contents(directory / "made/here")
    assert made == contents(GOLDEN / "five_fields")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with all golden packages, and those of the corpus if there is one."""
    root = tmp_path_factory.mktemp("everything")
    for name, case in CASES.items():
        case.generate(root / "cases" / name, root / f"{name}.wsdl")
    if CORPUS:
        for path in sorted(Path(CORPUS, "wsdl").iterdir()):
            name = path.stem.replace("-", "_").lower()
            settings = Settings((Message(str(path)),), root / "cases" / name)
            plan = plan_generation(settings)
            write_plan(plan.plan)
    (root / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "include": ["cases"]}), encoding="utf-8"
    )
    return root


def check(root: Path, *command: str) -> str:
    """Run a checker over all packages, and return what it said if it wasn't satisfied."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.slow
def test_generated_code_satisfies_mypy(everything: Path) -> None:
    assert not check(everything, "mypy", "--strict", "--config-file=", "--cache-dir=.mypy", "cases")


@pytest.mark.slow
def test_generated_code_satisfies_pyright(everything: Path) -> None:
    assert not check(everything, "pyright", "--pythonpath", sys.executable)


def test_generated_code_satisfies_ruff(everything: Path) -> None:
    assert not check(
        everything, "ruff", "check", "--no-cache", "--config", str(RUFF_RULES), "cases"
    )
    assert not check(everything, "ruff", "format", "--no-cache", "--isolated", "--check", "cases")


@pytest.mark.skipif(not CORPUS, reason="OBGEN_FIELD_CORPUS names no directory of real WSDLs")
def test_every_real_wsdl_is_read() -> None:
    paths = sorted(Path(CORPUS, "wsdl").iterdir())

    assert paths
    for path in paths:
        contract = read_contract(str(path))
        assert len(contract.fields) > 1
        assert contract.endpoint.startswith("https://")
        assert not contract.warnings


@pytest.mark.skipif(not CORPUS, reason="OBGEN_FIELD_CORPUS names no directory of real WSDLs")
def test_a_real_wsdl_that_was_reformatted_is_the_same() -> None:
    for path in Path(CORPUS, "wsdl").glob("*-reformatted.wsdl"):
        original = path.with_name(path.name.replace("-reformatted", ""))
        assert read_contract(str(path)) == read_contract(str(original))


def test_regenerating_from_a_fresh_download_changes_nothing(tmp_path: Path) -> None:
    wsdl = tmp_path / "a.wsdl"
    settings = Settings((Message(str(wsdl)),), tmp_path / "outbound")
    wsdl.write_text(build_wsdl(), encoding="utf-8")
    write_plan(plan_generation(settings).plan)
    wsdl.write_text(
        build_wsdl().replace("2024-02-03", "2025-01-01").replace("\n", "\r\n"), encoding="utf-8"
    )

    plan = plan_generation(settings).plan

    assert [change.action for change in plan.changes] == ["unchanged", "kept", "unchanged"]
