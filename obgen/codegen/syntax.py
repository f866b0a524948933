"""Parse Python that somebody else wrote, in silence."""

import ast
import warnings


def parse_module(text: str) -> ast.Module:
    """Return the tree of a module.

    Raise SyntaxError, ValueError, RecursionError or MemoryError for what Python can't parse. What
    it warns about is the author's to hear; a warning would show a line of their text as it is.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def parse_expression(text: str) -> ast.expr:
    """Return the tree of a single expression, in the same way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body
