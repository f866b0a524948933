"""The table of who imports whom, held against the real imports, and what loading obgen costs.

A module without a row fails, so that a new part of obgen is placed in the table on purpose.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import obgen

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "obgen"
GENERATED = ROOT / "samples" / "outbound"


@dataclass(frozen=True)
class Row:
    """What a module, or a package and all below it, may import besides the standard library.

    Attributes:
        ours: Parts of obgen.
        later: Parts of obgen that may be imported too, but not when the module is loaded: inside
            functions, and for type checkers.
        theirs: Distributions.
    """

    ours: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()


def row(ours: str = "", *, later: str = "", theirs: str = "") -> Row:
    """Return the row of some names separated by blanks."""
    return Row(frozenset(ours.split()), frozenset(later.split()), frozenset(theirs.split()))


TABLE = {
    "errors": row(),
    "hardened": row(theirs="lxml"),
    "codegen": row("errors hardened codegen", theirs="lxml"),
    "codegen.contract": row(),
    "codegen.document": row("errors hardened codegen", theirs="lxml"),
    "codegen.wsdl": row("errors hardened codegen", theirs="lxml xsdata"),
    "codegen.render": row("errors codegen", theirs="jinja2"),
    "runtime": row("errors hardened runtime", theirs="lxml"),
    "simulate": row("errors hardened runtime simulate"),
    "simulate.arrivals": row("errors hardened runtime simulate", theirs="lxml"),
    "testing": row("errors runtime simulate testing"),
    "testing.strategies": row("errors runtime simulate", theirs="hypothesis"),
    "pytest_plugin": row(later="testing", theirs="pytest"),
    "adapters": row(
        "errors runtime adapters.environ adapters.extras adapters.intake adapters.scope"
    ),
    "adapters.django": row(
        "errors runtime adapters.environ adapters.extras adapters.intake adapters.scope",
        theirs="django",
    ),
    "adapters.flask": row(
        "errors runtime adapters.environ adapters.extras adapters.intake", theirs="flask"
    ),
    "adapters.starlette": row(
        "errors runtime adapters.extras adapters.intake adapters.scope", theirs="starlette"
    ),
    "cli": row("errors cli", later="codegen", theirs="click"),
    "cli.sample": row("errors cli", later="codegen runtime.wire simulate", theirs="click"),
    "cli.deliveries": row("errors cli", later="simulate", theirs="click"),
    "cli.arrivals": row("errors cli", later="runtime simulate", theirs="click"),
    "cli.findings": row("errors cli", later="simulate", theirs="click"),
    "cli.listen": row("errors cli", later="codegen runtime.wire simulate", theirs="click"),
    "cli.serving": row("errors cli runtime adapters"),
    "cli.progress": row("errors cli", later="simulate", theirs="click"),
    "cli.send": row("errors cli", later="codegen simulate", theirs="click"),
    "cli.watch": row("errors cli", later="codegen", theirs="click watchfiles"),
    "__main__": row("cli"),
}
"""The row of a module is the longest name that it is or stands below. What a package imports from
below itself needs no row."""


class Import(NamedTuple):
    """One import: what it names, where, and whether loading the module leaves it out."""

    target: str
    line: int
    later: bool


def modules() -> dict[str, Path]:
    """Return {name below obgen: file} of every module; obgen itself is ""."""
    found: dict[str, Path] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path, package: str) -> Iterator[Import]:
    """Yield every import of a file, relative ones resolved against its package.

    `import obgen` stands for what is used of it: `obgen.__version__` is none of its modules.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    nodes = list(ast.walk(tree))
    later = {id(below) for node in nodes if is_left_out(node) for below in ast.walk(node)}
    for node in nodes:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names if name.name != "obgen"]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = [f"{base}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "obgen":
            names = [f"obgen.{node.attr}"]
        for name in names:
            yield Import(name, getattr(node, "lineno", 0), id(node) in later)


def is_left_out(node: ast.AST) -> bool:
    """Tell whether loading a module runs nothing of this part of it."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def imports_of(name: str) -> list[Import]:
    """Return the imports of one module of obgen."""
    path = MODULES[name]
    parent = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return list(imports(path, f"obgen.{parent}".rstrip(".")))


def module_of(target: str) -> str | None:
    """Return the module below obgen that an import names, or None if it is none of ours."""
    if target != "obgen" and not target.startswith("obgen."):
        return None
    name = target.removeprefix("obgen").removeprefix(".")
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def covering(name: str, parts: frozenset[str] | dict[str, Row]) -> str | None:
    """Return the longest of some dotted names that is `name` or a package above it."""
    while name and name not in parts:
        name = name.rpartition(".")[0]
    return name or None


def breach(name: str, found: Import) -> str | None:
    """Return what is wrong with one import of one module, or None."""
    key = covering(name, TABLE)
    assert key, f"obgen.{name} has no row in the import table"
    rules = TABLE[key]
    target = module_of(found.target)
    if target is None:
        top = found.target.partition(".")[0]
        return None if top in sys.stdlib_module_names | rules.theirs else top
    if found.target == "obgen.__version__":
        return None
    if covering(target, rules.ours) or target.startswith(f"{name}."):
        return None
    if found.later and covering(target, rules.later):
        return None
    return found.target


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_the_table_holds(name: str) -> None:
    wrong = [
        f"{MODULES[name].relative_to(ROOT)}:{found.line} imports {bad}"
        for found in imports_of(name)
        if (bad := breach(name, found))
    ]
    assert not wrong


def test_every_row_stands_for_a_module() -> None:
    assert set(TABLE) <= set(MODULES) | {"__main__"}


@pytest.mark.parametrize(
    ("name", "target", "later"),
    [
        ("codegen.naming", "obgen.runtime.wire", False),
        ("codegen.naming", "obgen.runtime.wire", True),
        ("codegen.naming", "xsdata", True),
        ("codegen.naming", "jinja2", False),
        ("runtime.decode", "obgen.codegen.contract", True),
        ("runtime.decode", "obgen.Receiver", False),
        ("runtime.decode", "click", False),
        ("errors", "obgen.runtime.wire", False),
        ("hardened", "obgen.errors.ObgenError", False),
        ("adapters.asgi", "obgen.adapters.wsgi.app", False),
        ("adapters.asgi", "obgen.cli", False),
        ("simulate.message", "obgen.codegen.contract", True),
        ("testing.posting", "obgen.adapters.wsgi", True),
        ("testing.posting", "hypothesis", True),
        ("pytest_plugin", "obgen.testing.Organization", False),
        ("adapters.asgi", "starlette", True),
        ("adapters.flask", "obgen.adapters.wsgi", True),
        ("cli", "obgen.codegen.render", False),
        ("cli", "obgen.runtime.decode", True),
    ],
)
def test_a_breach_is_seen(name: str, target: str, later: bool) -> None:
    assert breach(name, Import(target, 1, later))


def test_a_module_without_a_row_is_seen() -> None:
    with pytest.raises(AssertionError, match="has no row"):
        breach("newcomer", Import("os", 1, later=False))


def test_no_import_goes_in_a_circle() -> None:
    graph = {
        name: {
            target
            for found in imports_of(name)
            if not found.later and (target := module_of(found.target))
        }
        - {name}
        for name in MODULES
        if name
    }
    TopologicalSorter(graph).prepare()


def test_only_the_package_itself_imports_by_a_computed_name() -> None:
    computed = [
        name
        for name, path in MODULES.items()
        if name and {"import_module", "__import__"} & names_in(path)
    ]
    assert not computed


def names_in(path: Path) -> set[str]:
    """Return every name that a file uses, as a variable or an attribute."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("path", sorted(GENERATED.rglob("*.py")), ids=lambda path: path.parent.name)
def test_generated_code_imports_the_stdlib_and_public_names_only(path: Path) -> None:
    package = ".".join(path.relative_to(GENERATED.parent).parts[:-1])
    public = {"obgen", *(f"obgen.{name}" for name in obgen.__all__)}
    wrong = [
        found.target
        for found in imports(path, package)
        if found.target.partition(".")[0] not in sys.stdlib_module_names
        and not found.target.startswith(f"{package}.")
        and found.target not in public
    ]
    assert not wrong


def test_there_is_generated_code_to_look_at() -> None:
    assert len(list(GENERATED.glob("*/models.py"))) >= 4


def loaded_by(statement: str) -> set[str]:
    """Return the top names of all modules that a fresh interpreter holds after a statement."""
    # Measuring the coverage of that interpreter would load modules of its own.
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{statement}\nimport sys; print(*sys.modules)"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


GENERATOR = {"click", "jinja2", "xsdata"}
FRAMEWORKS = {"flask", "werkzeug", "django", "starlette", "fastapi", "asgiref", "anyio"}


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import obgen", GENERATOR | {"sqlalchemy", "lxml", "asyncio"}),
        ("import obgen; obgen.Receiver, obgen.decode", GENERATOR | {"sqlalchemy", "asyncio"}),
        ("import obgen; obgen.WireTable", GENERATOR | {"sqlalchemy", "asyncio", "lxml"}),
        ("import obgen.testing", GENERATOR | {"sqlalchemy", "asyncio", "pytest", "hypothesis"}),
        ("import obgen.pytest_plugin", GENERATOR | {"sqlalchemy", "asyncio", "lxml"}),
        ("import obgen.adapters", GENERATOR | FRAMEWORKS | {"sqlalchemy", "asyncio"}),
        ("from obgen.adapters.flask import view", FRAMEWORKS),
        ("import obgen.codegen.contract", GENERATOR | {"sqlalchemy", "lxml"}),
        ("import obgen.codegen.current", GENERATOR | {"sqlalchemy"}),
        ("import obgen.cli", {"xsdata", "jinja2", "lxml", "sqlalchemy"}),
        (
            "from obgen.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
            {"xsdata", "jinja2", "lxml", "sqlalchemy"},
        ),
    ],
)
def test_loading_stays_light(statement: str, unwanted: set[str]) -> None:
    loaded = loaded_by(statement)
    assert "obgen" in loaded
    assert not loaded & unwanted
