"""Options that every command takes, and what they set."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(slots=True)
class State:
    """What is known before a command runs and needed after it failed.

    Attributes:
        debug: Whether errors come with a traceback.
    """

    debug: bool = False


field_names_option: Final = click.option(
    "--field-names",
    type=click.Choice(["snake", "api"]),
    help="Call Is_Won__c is_won__c, or leave it.  [default: snake]",
)
numbers_option: Final = click.option(
    "--numbers",
    type=click.Choice(["float", "decimal"]),
    help="Make doubles float, or decimal.Decimal.  [default: float]",
)


def debug_option(command: _Command) -> _Command:
    """Add `--debug`, which works before and after the name of a command."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_set_debug,
        is_eager=True,
        help="Show a traceback with an error.",
    )(command)


def _set_debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it so
    if value:
        context.ensure_object(State).debug = True
