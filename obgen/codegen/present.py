"""Look at the packages that are there already: what their headers say, and who lost its WSDL."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from obgen.codegen.header import Header, read_header
from obgen.codegen.output import read_ours
from obgen.codegen.templates import INIT, MODELS
from obgen.errors import OutputError


@dataclass(frozen=True, slots=True)
class PresentPackage:
    """A package that obgen generated.

    Attributes:
        directory: Where it is.
        header: That of its `models.py`.
        init: The text of its `__init__.py`, or None if that isn't there.
        models: The text of its `models.py`.
    """

    directory: Path
    header: Header
    init: str | None
    models: str


def present_packages(output: Path) -> Mapping[str, PresentPackage]:
    """Return {name: package} of what is below the output directory, links left alone."""
    found = {package.directory.name: package for package in _packages(output)}
    return dict(sorted(found.items()))


def orphans(present: Mapping[str, PresentPackage], wanted: Collection[str]) -> tuple[Path, ...]:
    """Return the directories of packages that no message asks for any more."""
    return tuple(package.directory for name, package in present.items() if name not in wanted)


def _packages(output: Path) -> Iterator[PresentPackage]:
    try:
        directories = [path for path in output.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return  # planning says what is wrong with it
    for directory in directories:
        try:
            init, models = read_ours(directory / INIT), read_ours(directory / MODELS)
        except OutputError:
            continue
        header = read_header(models) if models is not None else None
        if models is not None and header is not None:
            yield PresentPackage(directory, header, init, models)
