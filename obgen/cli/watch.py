"""`obgen generate --watch`: generate again whenever a WSDL, a template or the settings change."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from obgen.cli.console import say, say_error
from obgen.cli.project import plan, read_settings, write
from obgen.cli.report import report_written
from obgen.errors import ConfigurationError, ObgenError

if TYPE_CHECKING:
    from obgen.codegen.settings import Flags, Settings

_PYPROJECT: Final = "pyproject.toml"
_TEMPLATE: Final = ".jinja"
_TICK: Final = 500
"""Milliseconds after which the watcher is surely at work."""


def watch_and_write(wsdls: Sequence[str], flags: "Flags") -> None:
    """Generate, and again whenever something changes, until somebody presses Ctrl-C.

    What is wrong at the start is raised as an `ObgenError`; what goes wrong later is only said.
    """
    if find_spec("watchfiles") is None:
        raise ConfigurationError(
            "--watch needs the package watchfiles", hint="install it: pip install 'obgen[watch]'"
        )
    run = _Run(wsdls, flags)
    run.generate(quiet=False)
    say("note:", "watching; Ctrl-C ends it")
    try:
        while True:
            run.follow()
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise ConfigurationError(
            f"what is watched is gone: {error}", hint="start again where the project is"
        ) from error


class _Run:
    """Generate the same messages over and over."""

    def __init__(self, wsdls: Sequence[str], flags: "Flags") -> None:
        self._wsdls = wsdls
        self._flags = flags
        self._settings: Settings = read_settings(wsdls, flags)

    def generate(self, *, quiet: bool) -> None:
        """Write what is out of date and say so; if `quiet`, nothing is said of no change."""
        self._settings = read_settings(self._wsdls, self._flags)
        generation = plan(self._settings)
        write(generation)
        if generation.writes or not quiet:
            report_written(generation)

    def follow(self) -> None:
        """Generate at each change, until other directories have to be watched."""
        from watchfiles import watch

        directories = self._directories()
        ticks = watch(
            *directories,
            watch_filter=lambda _, path: self._concerns(Path(path)),
            recursive=False,
            rust_timeout=_TICK,
            yield_on_timeout=True,
        )
        for number, changes in enumerate(ticks):
            # What changed before the watcher was at work is looked for with its first tick.
            if changes or number == 0:
                try:
                    self.generate(quiet=True)
                except ObgenError as error:
                    say_error(error)
            if self._directories() != directories:
                return

    def _concerns(self, path: Path) -> bool:
        if path.name == _PYPROJECT or path.suffix == _TEMPLATE:
            return True
        return path.resolve() in {Path(one.wsdl).resolve() for one in self._settings.messages}

    def _directories(self) -> frozenset[Path]:
        """Return the directories to watch: editors replace files, so files alone wouldn't do."""
        settings = self._settings
        wsdls = [Path(message.wsdl) for message in settings.messages]
        found = {Path(), *(wsdl.parent for wsdl in wsdls)}
        found |= {wsdl.resolve().parent for wsdl in wsdls}  # where a link leads
        if settings.templates:
            found.add(settings.templates)
        if settings.source:
            found.add(Path(settings.source).parent)
        return frozenset(path.resolve() for path in found if path.is_dir())
