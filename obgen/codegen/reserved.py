"""Names that mean something already where generated code would use them: plain data.

They are spelled out rather than asked of Python, since each version adds some, and generated
names must not change with the version. Keywords are seen to by `obgen.codegen.fragments`.
"""

from typing import Final

_AMBIGUOUS: Final = frozenset({"I", "O", "l"})
"""Letters that look like digits: no linter lets them be the name of anything."""

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

_FUNCTIONS: Final = """
abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile
complex copyright credits delattr dict dir divmod enumerate eval exec exit filter float format
frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len license
list locals map max memoryview min next object oct open ord pow print property quit range repr
reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip
"""

CLASSES: Final = frozenset({*_EXCEPTIONS.split(), "ClassVar", "WireTable"}) | _AMBIGUOUS
"""What a generated class can't be called: Python's own names, and those that `models.py` uses."""

CLASS_BODY: Final = _AMBIGUOUS | frozenset(
    {"ClassVar", "WireTable", "bool", "bytes", "datetime", "decimal", "float", "int", "str"}
)
"""What a field can't be called: names that the body of the class reads, and would find hidden."""

HANDLER: Final = _AMBIGUOUS | frozenset(
    {*_FUNCTIONS.split(), "delivery", "handle", "logger", "logging", "obgen", "receiver"}
)
"""What a handler's argument can't be called: Python's functions, and what `handler.py` uses."""

PACKAGES: Final = frozenset(
    {"aux", "con", "nul", "prn", "conftest"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
"""What a package can't be called: Windows keeps it for a device, or pytest would run it."""
