"""What a person can choose: defaults, then `[tool.obgen]`, then flags, into one frozen value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from obgen.errors import ConfigurationError


class FieldNames(StrEnum):
    """How the fields of a generated dataclass are called."""

    SNAKE = "snake"
    API = "api"


class Numbers(StrEnum):
    """What a double becomes."""

    FLOAT = "float"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen for each package.

    Attributes:
        field_names: `Is_Won__c` as `is_won__c`, or as it is.
        numbers: Whether doubles are `float` or `decimal.Decimal`.
        name: The package's name, or None to name it after the object.
    """

    field_names: FieldNames = FieldNames.SNAKE
    numbers: Numbers = Numbers.FLOAT
    name: str | None = None

    def __str__(self) -> str:
        """Return what the header of a generated file says of them; the directory has the name."""
        return f"field-names={self.field_names} numbers={self.numbers}"


@dataclass(frozen=True, slots=True)
class Message:
    """One outbound message, and the package that it becomes.

    Attributes:
        wsdl: The file, as a person would name it from the current directory.
        options: The choices for its package.
        place: Where it is listed, such as "messages[2]", or "" for one that a flag names.
    """

    wsdl: str
    options: Options = Options()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All choices of one run.

    Attributes:
        messages: What to generate.
        output: The directory that holds one package per outbound message.
        templates: The directory of templates that go before obgen's own, or None.
        source: The pyproject.toml whose messages and output these are, or None if flags say it.
    """

    messages: tuple[Message, ...] = ()
    output: Path = Path("outbound")
    templates: Path | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line says; None is not said."""

    output: Path | None = None
    name: str | None = None
    field_names: FieldNames | None = None
    numbers: Numbers | None = None
    templates: Path | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What `[tool.obgen]` says, its paths as seen from the current directory.

    Attributes:
        path: The pyproject.toml.
        settings: With all messages that it lists.
        options: The choices for a package of a WSDL that it doesn't list.
    """

    path: str
    settings: Settings
    options: Options


def resolve(
    wsdls: Sequence[str], flags: Flags, configuration: Configuration | None = None
) -> Settings:
    """Return the settings of one run, or raise `ConfigurationError`.

    Without `wsdls` it is for all messages of the configuration. One of `wsdls` that the
    configuration lists keeps the options that it has there.
    """
    base = configuration.settings if configuration else Settings()
    if wsdls:
        others = configuration.options if configuration else Options()
        messages = tuple(
            message for wsdl in wsdls for message in _messages_of(wsdl, base.messages, others)
        )
    else:
        messages = base.messages
    if not messages:
        raise _no_messages(configuration)
    if flags.name is not None and len(messages) > 1:
        raise ConfigurationError(
            "--name goes with one WSDL", hint="generate the others in calls of their own"
        )
    return Settings(
        messages=tuple(
            replace(message, options=_overruled(message.options, flags)) for message in messages
        ),
        output=flags.output or base.output,
        templates=flags.templates or base.templates,
        source=None if wsdls or flags.output or flags.name is not None else base.source,
    )


def _messages_of(wsdl: str, listed: Sequence[Message], others: Options) -> list[Message]:
    """Return what a named WSDL is for: each message that it is listed for, or one that it isn't."""
    path = _resolved(wsdl)
    found = [replace(message, wsdl=wsdl) for message in listed if _resolved(message.wsdl) == path]
    return found or [Message(wsdl, others)]


def _resolved(path: str) -> Path:
    try:
        return Path(path).resolve()
    except (OSError, RuntimeError, ValueError):
        return Path(path)  # not a file, which is said where it is read


def _overruled(options: Options, flags: Flags) -> Options:
    return Options(
        field_names=flags.field_names or options.field_names,
        numbers=flags.numbers or options.numbers,
        name=options.name if flags.name is None else flags.name,
    )


def _no_messages(configuration: Configuration | None) -> ConfigurationError:
    if configuration is None:
        return ConfigurationError(
            "no WSDL is named, and no pyproject.toml here or above has a [tool.obgen]",
            hint="name a WSDL, or list your messages in pyproject.toml: "
            '[[tool.obgen.messages]] with wsdl = "..."',
        )
    return ConfigurationError(
        f"{configuration.path}: [tool.obgen] lists no messages",
        hint='add [[tool.obgen.messages]] with wsdl = "..."',
    )
