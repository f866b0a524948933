"""The command line; `obgen.cli:main` is what the `obgen` script calls."""

from obgen.cli.app import main

__all__ = ["main"]
