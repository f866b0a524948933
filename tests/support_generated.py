"""What generated modules may consist of: data, and nothing that a WSDL could have slipped in."""

import ast

ALLOWED_NODES = (
    ast.AnnAssign, ast.Attribute, ast.BinOp, ast.BitOr, ast.Call, ast.ClassDef, ast.Constant,
    ast.Dict, ast.Expr, ast.Import, ast.ImportFrom, ast.Load, ast.Module, ast.Name, ast.Store,
    ast.Subscript, ast.Tuple, ast.alias, ast.keyword,
)  # fmt: skip
ALLOWED_CALLS = {"dataclass", "WireTable"}
ALLOWED_IMPORTS = {
    "import datetime",
    "import decimal",
    "from dataclasses import dataclass",
    "from typing import ClassVar",
    "from obgen import WireTable",
}
ALLOWED_NAMES = {"ClassVar", "WireTable", "bool", "bytes", "dataclass", "datetime", "decimal"} | {
    "float",
    "int",
    "str",
}


def check_models(text: str) -> None:
    """Hold the syntax tree of a `models.py` against the list of what it may consist of."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        assert isinstance(node, ALLOWED_NODES), ast.dump(node)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in ALLOWED_CALLS
        elif isinstance(node, ast.Import | ast.ImportFrom):
            assert ast.unparse(node) in ALLOWED_IMPORTS
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            assert node.id in ALLOWED_NAMES
        elif isinstance(node, ast.Constant):
            assert isinstance(node.value, str | bool | None)
    assert text.isascii()
