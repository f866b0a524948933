"""Find where a module uses some fields of a generated dataclass, without running or importing it.

This is a hint. An attribute counts by its name, whosever it is. It is certain only where the code
itself says so: the variable is annotated with the class, or was made by calling it, and it keeps
its type, as type checkers demand.
"""

import ast
import contextlib
from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from obgen.codegen.syntax import parse_expression, parse_module

_ACCESSORS: Final = frozenset({"delattr", "getattr", "hasattr", "setattr"})
_UNIONS: Final = frozenset({"Annotated", "Final", "Optional", "Union"})


@dataclass(frozen=True, slots=True)
class Use:
    """One place that uses a field, or the class itself.

    Attributes:
        name: The Python name of the field, or None for the class.
        line: Counted from 1.
        column: Counted from 1, in characters.
        certain: Whether the code says that it is a record; else only the name fits.
    """

    name: str | None
    line: int
    column: int
    certain: bool


class _Found(NamedTuple):
    """A use with its place as `ast` counts: the column is an offset in UTF-8, from 0."""

    name: str | None
    line: int
    offset: int
    certain: bool


def find_uses(text: str, class_name: str, names: Collection[str | None]) -> tuple[Use, ...]:
    """Return the uses of the fields `names` in the order of a module's text; None is the class.

    Raise SyntaxError, ValueError, RecursionError or MemoryError for what Python can't parse.
    """
    finder = _Finder(class_name, names)
    finder.visit(parse_module(text))
    return tuple(_in_characters(finder.found, text.split("\n")))


def _in_characters(found: Iterable[_Found], lines: Sequence[str]) -> Iterator[Use]:
    """Yield uses in the order of the text, with columns for the offsets in UTF-8 of `ast`."""
    ordered = sorted(found, key=lambda one: (one.line, one.offset))
    for number, together in groupby(ordered, key=lambda one: one.line):
        line = lines[number - 1].encode("utf-8", "surrogatepass")
        done, column = 0, 1
        for name, _, offset, certain in together:
            column += len(line[done:offset].decode("utf-8", "replace"))
            done = offset
            yield Use(name, number, column, certain)


class _Finder(ast.NodeVisitor):
    def __init__(self, class_name: str, names: Collection[str | None]) -> None:
        self.found: list[_Found] = []
        self._names = names
        self._classes = {class_name}
        # Whether a variable holds a record, the innermost function first: a copy of all names for
        # each function or assignment would cost the square of their number.
        self._records: ChainMap[str, bool] = ChainMap()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name in self._classes:
                self._classes.add(alias.asname or alias.name)
                self._add(None, alias, certain=True)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        outside = self._records
        several = [one for one in (node.args.vararg, node.args.kwarg) if one]
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, *several]
        self._records = outside.new_child(
            {argument.arg: self._means_record(argument.annotation) for argument in arguments}
        )
        self.generic_visit(node)
        self._records = outside

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit_FunctionDef(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name) and self._means_record(node.annotation):
            self._records[node.target.id] = True
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        self._records.update(dict.fromkeys(names, self._is_record(node.value)))
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if self._is_class(node):
            self._add(None, node, certain=True)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._add(node.attr, node, certain=self._is_record(node.value))
        if self._is_class(node):
            self._add(None, node, certain=False)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        match node:
            case ast.Call(
                func=ast.Name(id=function), args=[record, ast.Constant(value=str(name)) as text, *_]
            ) if function in _ACCESSORS:
                self._add(name, text, certain=self._is_record(record))
            case ast.Call(
                func=ast.Name(id="replace") | ast.Attribute(attr="replace"), args=[record]
            ):
                self._add_keywords(node, certain=self._is_record(record))
            case _ if self._is_class(node.func):
                self._add_keywords(node, certain=True)
            case _:
                pass  # it names no field
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        match node:
            case ast.Compare(
                left=ast.Constant(value=str(name)) as text,
                ops=[ast.In() | ast.NotIn()],
                comparators=[ast.Attribute(attr="present") | ast.Name(id="present")],
            ):
                self._add(name, text, certain=False)
            case _:
                pass  # it names no field
        self.generic_visit(node)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        if self._is_class(node.cls):
            for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
                self._add(name, pattern, certain=True)
        self.generic_visit(node)

    def _is_class(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name in self._classes
            case _:
                return False

    def _is_record(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return self._records.get(name, False)
            case ast.Call(func=function):
                return self._is_class(function)
            case _:
                return False

    def _means_record(self, annotation: ast.expr | None) -> bool:
        """Return whether an annotation is the class, in quotes or beside None and others too."""
        match annotation:
            case ast.Constant(value=str(text)):
                with contextlib.suppress(SyntaxError, ValueError):
                    return self._means_record(parse_expression(text.strip()))
                return False
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._means_record(left) or self._means_record(right)
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner) if (
                name in _UNIONS
            ):
                members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return any(map(self._means_record, members))
            case ast.expr():
                return self._is_class(annotation)
            case _:
                return False

    def _add_keywords(self, node: ast.Call, *, certain: bool) -> None:
        for keyword in node.keywords:
            if keyword.arg is not None:
                self._add(keyword.arg, keyword, certain=certain)

    def _add(
        self,
        name: str | None,
        node: ast.expr | ast.keyword | ast.alias | ast.pattern,
        *,
        certain: bool,
    ) -> None:
        if name not in self._names:
            return
        line, offset = node.lineno, node.col_offset
        if isinstance(node, ast.Attribute):
            # The name is what the attribute ends with.
            line = node.end_lineno or line
            offset = (node.end_col_offset or 0) - len(node.attr.encode())
        self.found.append(_Found(name, line, offset, certain))
