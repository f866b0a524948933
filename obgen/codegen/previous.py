"""Read back what a generated `models.py` says, without importing it: the package as it was.

So a run can say what it breaks, also where nobody has the old WSDL any more.
"""

import ast
from typing import Final

from obgen.codegen.fragments import ApiName, PythonName
from obgen.codegen.naming import argument_name, class_name
from obgen.codegen.package import Package, PackageField, python_type
from obgen.codegen.syntax import parse_module

_LARGEST: Final = 384 * 1024
"""The most characters that are parsed; with 2,000 fields there are some 300,000."""


def read_package(text: str, name: PythonName) -> Package | None:
    """Return the package of a `models.py`, or None if it doesn't say what obgen writes there."""
    if len(text) > _LARGEST:
        return None
    try:
        for node in ast.walk(parse_module(text)):
            match node:
                case ast.AnnAssign(
                    target=ast.Name(id="__obgen__"),
                    value=ast.Call(
                        args=[ast.Constant(value=str(object_type)), ast.Dict() as table],
                        keywords=keywords,
                    ),
                ):
                    decimals = any(keyword.arg == "decimals" for keyword in keywords)
                    return _package(name, object_type, ast.literal_eval(table), decimals=decimals)
                case _:
                    pass  # it isn't the wire table
    except (
        AttributeError,
        KeyError,
        MemoryError,
        RecursionError,
        SyntaxError,
        TypeError,
        ValueError,
    ):
        pass  # an edit by hand, whatever it was meant for
    return None


def _package(
    name: PythonName, object_type: str, table: dict[str, tuple[str, str]], *, decimals: bool
) -> Package:
    fields = tuple(
        PackageField(
            api_name=ApiName(api_name),
            python_name=PythonName(python_name),
            xsd_type=ApiName(xsd_type),
            python_type=python_type(xsd_type, decimals=decimals),
        )
        for python_name, (api_name, xsd_type) in table.items()
    )
    return Package(
        name=name,
        class_name=class_name(object_type),
        argument=argument_name(object_type),
        object_type=ApiName(object_type),
        fields=fields,
        decimals=decimals,
        digest="",
        collisions=(),
    )
