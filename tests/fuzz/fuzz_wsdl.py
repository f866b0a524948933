"""Fuzz the generator with atheris: any bytes are refused cleanly, or generate data alone.

From the root of the project, in an environment with `pip install -e '.[test]' atheris`:

    PYTHONPATH=tests python tests/fuzz/fuzz_wsdl.py -max_total_time=300

An input that breaks it is saved as `crash-…`; run the file again with its name to repeat it.
"""

import sys

import atheris

with atheris.instrument_imports(include=["obgen"]):
    import test_hostile_wsdls


def one_input(data: bytes) -> None:
    """Check one file as it is, and as a piece put into a good WSDL."""
    test_hostile_wsdls.check_mutant(data)
    good = test_hostile_wsdls.PLAIN.encode()
    at = int.from_bytes(data[:2], "big") * len(good) >> 16
    test_hostile_wsdls.check_mutant(good[:at] + data[2:] + good[at:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
