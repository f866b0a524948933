"""The only kinds of text that a template may print; each proves at its birth what it holds.

A template gets these types and integers, nothing else (see `obgen.codegen.render`). So text from
a WSDL reaches generated code either through an allow-list or as a literal made by `ascii`.
"""

import keyword
import re
from typing import ClassVar, Final, Self

MAX_API_NAME: Final = 120
"""The longest API name: 80 characters, a namespace of 15, and a suffix such as __Longitude__s."""


class Fragment(str):
    """Text that may stand in generated code, because all of it matches `pattern`."""

    __slots__ = ()
    pattern: ClassVar[re.Pattern[str]] = re.compile("")

    def __new__(cls, text: str) -> Self:
        """Return `text` as this kind of fragment, or raise ValueError."""
        if not cls.allows(text):
            raise ValueError(f"{text[:MAX_API_NAME]!a} is no {cls.__name__}")
        return super().__new__(cls, text)

    @classmethod
    def allows(cls, text: str) -> bool:
        """Return whether `text` may become this kind of fragment."""
        return cls.pattern.fullmatch(text) is not None


class ApiName(Fragment):
    """A name in Salesforce, such as `Opportunity` or `npsp__HHId__c`."""

    __slots__ = ()
    pattern = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{MAX_API_NAME - 1}}}")


class PythonName(Fragment):
    """An ASCII identifier that is no keyword and doesn't begin with an underscore."""

    __slots__ = ()
    pattern = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

    @classmethod
    def allows(cls, text: str) -> bool:
        """Return whether `text` can name something in Python."""
        return super().allows(text) and not keyword.iskeyword(text)


class TypeName(Fragment):
    """A Python type that a field can have, such as `datetime.date`."""

    __slots__ = ()
    pattern = re.compile(
        r"str|float|int|bool|bytes|decimal\.Decimal|datetime\.(?:date|datetime|time)"
    )


class Literal(Fragment):
    """A Python string literal in double quotes, made by `ascii`."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Return the literal that evaluates to `value`."""
        plain = ascii(value)
        if plain[0] == "'" and '"' not in plain:
            plain = f'"{plain[1:-1]}"'
        return str.__new__(cls, plain)
