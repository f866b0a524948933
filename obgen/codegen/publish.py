"""Carry out a plan: write every file beside its place first, then put each there at once."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from obgen.codegen.folder import Folder, unwritable
from obgen.codegen.header import plain_text
from obgen.codegen.output import Action, Change, Plan
from obgen.errors import OutputError


def write_plan(plan: Plan) -> None:
    """Carry out a plan, or raise `OutputError` and leave no temporary file behind.

    The output directory may be a link that the person made; nothing below it is reached through
    one, even if it is put there now.
    """
    with ExitStack() as stack:
        folders = _Folders(plan, stack)
        staged: list[tuple[Folder, str, Change]] = []
        for change in plan.changes:
            folder = folders.open(change.path.parent)
            with _blaming(change.path):
                if _is_wanted(folder, change):
                    temporary = folder.stage(change.text, change.path.name)
                    staged.append((folder, temporary, change))
        for folder, temporary, change in staged:
            with _blaming(change.path):
                _publish(folder, temporary, change)


class _Folders:
    """The directories of a plan, each opened once, made where it is missing, and tidied."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self._plan = plan
        self._stack = stack
        self._opened: dict[Path, Folder] = {}
        self._yours = {change.path for change in plan.changes if change.yours}

    def open(self, path: Path) -> Folder:
        """Return a directory that stays open until the stack is closed."""
        if path not in self._opened:
            # Opened outside the `with`, or the parent would be blamed on its child.
            parent = self.open(path.parent) if self._is_ours(path) else None
            with _blaming(path):
                folder = self._open_in(parent, path) if parent else Folder.open(path)
                self._opened[path] = self._stack.enter_context(folder)
                folder.tidy()
        return self._opened[path]

    def _is_ours(self, path: Path) -> bool:
        """Return whether obgen says what a path is, not the person who named the output."""
        return path in self._plan.directories or self._plan.output in path.parents

    def _open_in(self, parent: Folder, path: Path) -> Folder:
        if path in self._plan.directories:
            if path / "__init__.py" in self._yours:
                parent.make_package(path.name)
            else:
                parent.make(path.name)
        return parent.enter(path.name)


def _is_wanted(folder: Folder, change: Change) -> bool:
    """Return whether a file is to be written: not one that is yours and is there by now."""
    if change.yours and folder.has(change.path.name):
        return False
    return change.action in {Action.CREATED, Action.UPDATED}


def _publish(folder: Folder, temporary: str, change: Change) -> None:
    """Put a staged file in its place; a new one never replaces what appeared meanwhile."""
    name = change.path.name
    if change.action is Action.UPDATED:
        _update(folder, temporary, change)
        return
    # The same text is that of another run at the same time, with the same WSDL.
    if folder.add(temporary, name) or change.yours or folder.holds(name, change.text):
        return
    raise OutputError(
        f"{change.path} appeared while obgen was at work, and isn't overwritten",
        hint="look at it, and run the command again",
    )


def _update(folder: Folder, temporary: str, change: Change) -> None:
    """Replace a file, but not one that isn't any more what the plan was made for."""
    content = folder.read(change.path.name)
    if content == change.text.encode():
        return  # another run was faster
    if content is None or plain_text(content.decode("utf-8", "surrogateescape")) != change.before:
        raise OutputError(
            f"{change.path} was changed while obgen was at work, and isn't overwritten",
            hint="look at it, and run the command again",
        )
    folder.replace(temporary, change.path.name)


@contextmanager
def _blaming(path: Path) -> Generator[None]:
    """Turn an error of the operating system into one that names what couldn't be written."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error
