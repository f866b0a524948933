"""Find the templates: obgen's own, and those of the user's that go before them.

Nothing here needs jinja2: whether a package is current depends on the user's templates, and to
find that nothing changed must be fast.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from obgen.codegen.folder import read_regular
from obgen.codegen.quoting import quoted
from obgen.errors import TemplateError

MODELS: Final = "models.py"
INIT: Final = "__init__.py"
HANDLER: Final = "handler.py"
NAMES: Final = tuple(f"{name}.jinja" for name in (MODELS, INIT, HANDLER))
"""The templates, each called like the file that it makes."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.jinja")
_MAX_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one template, and the file it comes from."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates of a run.

    Attributes:
        overrides: Those of the user's, by file name.
    """

    overrides: dict[str, Template] = field(default_factory=dict[str, Template])

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the user's templates, or "" where there are none."""
        if not self.overrides:
            return ""
        content = sha256()
        for name, template in sorted(self.overrides.items()):
            for part in (name, template.text):
                data = part.encode()
                content.update(len(data).to_bytes(8, "big") + data)
        return content.hexdigest()

    def get(self, name: str) -> Template | None:
        """Return the template of that name, the user's or else obgen's, or None."""
        if name in self.overrides:
            return self.overrides[name]
        if name not in NAMES:
            return None
        path = find_templates() / name
        return Template(str(path), path.read_text("utf-8"))


def read_templates(directory: Path | None) -> Templates:
    """Return the templates of a run, or raise `TemplateError`.

    Of `directory` all files `*.jinja` are read; one that is called like one of obgen's replaces
    it, the others are there to be included.
    """
    if directory is None:
        return Templates()
    shown = str(directory)
    try:
        # Editors keep hidden files beside those that somebody edits.
        paths = sorted(
            path for path in directory.iterdir() if path.suffix == ".jinja" and path.name[0] != "."
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the name is impossible"
        raise TemplateError(
            f"the templates can't be read: {reason}", path=shown, hint="name another directory"
        ) from error
    overrides = {path.name: _read(path) for path in paths}
    if not set(NAMES) & set(overrides):
        raise TemplateError(
            "there is no template here that goes before one of obgen's",
            path=shown,
            hint=f"call it {NAMES[0]}, {NAMES[1]} or {NAMES[2]}",
        )
    return Templates(overrides)


def find_templates() -> Traversable:
    """Return the directory of obgen's templates: inside the installed package, or in a checkout."""
    installed = files("obgen") / "templates"
    if installed.joinpath(NAMES[0]).is_file():
        return installed
    return Path(__file__).parents[2] / "templates"


def is_checkout() -> bool:
    """Return whether this obgen runs from its own checkout, and may change without its version."""
    return find_templates() == Path(__file__).parents[2] / "templates"


def _read(path: Path) -> Template:
    if not _NAME.fullmatch(path.name):
        raise TemplateError(
            f"{quoted(path.name)} can't be the name of a template",
            path=str(path.parent),
            hint="use ASCII letters, digits, _, - and .",
        )
    try:
        content = read_regular(path, _MAX_BYTES)
    except OSError as error:
        raise TemplateError(
            f"can't be read: {error.strerror}", path=str(path), hint="check the file"
        ) from error
    if content is None:
        raise TemplateError("this is no regular file", path=str(path), hint="check the file")
    if len(content) > _MAX_BYTES:
        raise TemplateError("this is larger than 1 MiB", path=str(path), hint="check the file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(
            "this isn't UTF-8",
            path=str(path),
            line=content.count(b"\n", 0, error.start) + 1,
            hint="save it as UTF-8",
        ) from None
    return Template(str(path), text.replace("\r\n", "\n"))
