"""Fuzz the runtime with atheris: any bytes are refused cleanly, or understood as the oracle does.

From the root of the project, in an environment with `pip install -e '.[test]' atheris`:

    PYTHONPATH=tests python tests/fuzz/fuzz_message.py -max_total_time=300

An input that breaks it is saved as `crash-…`; run the file again with its name to repeat it.
"""

import sys
from importlib import import_module

import atheris

with atheris.instrument_imports(include=["obgen"]):
    import_module("obgen.runtime.receiver")  # would load later, and without being instrumented
    import test_oracle


def one_input(data: bytes) -> None:
    """Check one body as it is, and as the text between two tags of a good message."""
    test_oracle.check(data)
    good = test_oracle.SEEDS[2]
    at = good.index(b"</sf:LastName>")
    test_oracle.check(good[:at] + data + good[at:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
