"""Names that mean something already where generated code would use them: plain data.

They are spelled out rather than asked of Python, since each version adds some, and generated
names must not change with the version. Keywords are seen to by `obgen.codegen.fragments`.
"""

from typing import Final

_EXCEPTIONS: Final = """
ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning
EnvironmentError Exception ExceptionGroup FileExistsError FileNotFoundError FloatingPointError
FutureWarning GeneratorExit IOError ImportCycleError ImportError ImportWarning IndentationError
IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
ModuleNotFoundError NameError NotADirectoryError NotImplemented NotImplementedError OSError
OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning
StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError
TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning WindowsError
ZeroDivisionError
"""

CLASSES: Final = frozenset({*_EXCEPTIONS.split(), "ClassVar", "WireTable"})
"""What a generated class can't be called: Python's own names, and those that `models.py` uses."""

CLASS_BODY: Final = frozenset(
    {"ClassVar", "WireTable", "bool", "bytes", "datetime", "decimal", "float", "int", "str"}
)
"""What a field can't be called: names that the body of the class reads, and would find hidden."""

HANDLER: Final = frozenset({"delivery", "handle", "logger", "logging", "obgen", "receiver"})
"""What the argument of a handler can't be called, since `handler.py` uses it."""

PACKAGES: Final = frozenset(
    {"aux", "con", "nul", "prn", "conftest"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
"""What a package can't be called: Windows keeps it for a device, or pytest would run it."""
