"""Write `tests/golden` again from what obgen generates now: `python tests/update_golden.py`."""

import shutil
import tempfile
from pathlib import Path

from golden_cases import CASES, GOLDEN


def main() -> None:
    """Replace each case's directory, and remove those of cases that are gone."""
    for directory in GOLDEN.iterdir():
        if directory.is_dir():
            shutil.rmtree(directory)
    with tempfile.TemporaryDirectory() as scratch:
        for name, case in CASES.items():
            case.generate(GOLDEN / name, Path(scratch, f"{name}.wsdl"))


if __name__ == "__main__":
    main()
