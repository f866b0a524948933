"""What a run costs that finds no change, as a pre-commit hook does at each commit.

`python benchmarks/no_change.py [RUNS]` measures the CPU time of three commands, each in a process
of its own and all in turn: the floor, which only imports click and lxml; `obgen generate` where
nothing changed; and the same when everything has to be rendered. Read the ratios, not the times.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final

SAMPLES: Final = Path(__file__).parents[1] / "samples" / "wsdl"
FLOOR: Final = "import click, lxml.etree"
# A checkout takes the long way each time, since its templates may have changed.
NO_CHANGE: Final = """
from obgen.codegen import templates
templates.is_checkout = lambda: False
from obgen.cli import main
raise SystemExit(main(["generate"]))
"""
RENDER: Final = "from obgen.cli import main; raise SystemExit(main(['generate']))"


def cpu_seconds(code: str, directory: str) -> float:
    """Return the CPU time of an interpreter that runs `code`, all of it."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], cwd=directory, check=True, capture_output=True)
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def main(runs: int) -> None:
    """Print the medians and their ratios to the floor."""
    wsdls = sorted(SAMPLES.glob("*.wsdl"))
    with tempfile.TemporaryDirectory() as project:
        messages = "".join(f"[[tool.obgen.messages]]\nwsdl = '{wsdl}'\n" for wsdl in wsdls)
        Path(project, "pyproject.toml").write_text(messages, encoding="utf-8")
        subprocess.run([sys.executable, "-c", RENDER], cwd=project, check=True, capture_output=True)
        kinds = {"floor": FLOOR, "no change": NO_CHANGE, "rendered": RENDER}
        times: dict[str, list[float]] = {name: [] for name in kinds}
        for _ in range(runs):
            for name, code in kinds.items():
                times[name].append(cpu_seconds(code, project))
    floor = median(times["floor"])
    for name, found in times.items():
        print(f"{name:10}  {median(found) * 1000:6.0f} ms  {median(found) / floor:5.2f} floors")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
