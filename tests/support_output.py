"""What tests of planning and writing share: the files of a package, and a look at a directory."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from obgen.codegen.header import OBJECT, Header
from obgen.codegen.package import SourceFile

HEADER = Header("0.1.0", {OBJECT: "Lead", "wsdl": f"sha256:{'0' * 64}"})


def package(body: str = "x = 1\n", header: Header = HEADER, name: str = "lead") -> list[SourceFile]:
    """Return the files of a package."""
    return [
        SourceFile(PurePosixPath(name, "__init__.py"), Header().stamp("")),
        SourceFile(PurePosixPath(name, "handler.py"), "y = 1\n", yours=True),
        SourceFile(PurePosixPath(name, "models.py"), header.stamp(body)),
    ]


def tree(directory: Path) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file."""
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield path.relative_to(directory).as_posix(), path.read_text(encoding="utf-8")
