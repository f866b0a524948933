"""mypy and pyright, both strict, agree to the public types and to the samples."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKED = ("tests/typing/api.py", "samples")


@pytest.mark.slow
@pytest.mark.parametrize(
    "checker",
    [
        pytest.param(["mypy", "--strict", "--cache-dir={}"], id="mypy"),
        pytest.param(["pyright", "--pythonpath", sys.executable], id="pyright"),
    ],
)
def test_checkers_agree_to_the_public_types(checker: list[str], tmp_path: Path) -> None:
    command = [word.format(tmp_path) for word in checker]
    done = subprocess.run(
        [sys.executable, "-m", *command, *CHECKED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
