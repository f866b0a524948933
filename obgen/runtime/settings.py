"""What settings have in common."""

from collections.abc import Sequence

from obgen.errors import ConfigurationError


def listed(setting: str, value: Sequence[str]) -> list[str]:
    """Return the texts of a setting that takes several, or a string of them.

    In a string they are separated by commas or spaces, as in an environment variable. Raises
    ConfigurationError if there are none: a variable that is missing must not switch a check off.
    """
    texts = value.replace(",", " ").split() if isinstance(value, str) else list(value)
    if not texts:
        raise ConfigurationError(f"{setting} is empty", hint=f"To do without, leave {setting} out.")
    return texts
