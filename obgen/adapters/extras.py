"""The frameworks that adapters are for, none of which obgen needs to be installed."""

from collections.abc import Generator
from contextlib import contextmanager

from obgen.errors import ConfigurationError


@contextmanager
def extra(framework: str) -> Generator[None]:
    """Name the extra that installs a framework, where importing it in the body finds it missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != framework:
            raise  # the framework is there, and misses something itself
        raise ConfigurationError(
            f"obgen.adapters.{framework} needs {framework}, which isn't installed",
            hint=f"Install it together with obgen: pip install 'obgen[{framework}]'",
        ) from error
