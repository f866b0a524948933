"""What the build does with links that lead out of docs/, into the rest of the repository.

Pages are written to be read on a code host too, so their links are relative to the file. Where the
site has no such file:

* a link that stands alone, with the title "include", is replaced by what it leads to: a file, or
  the section of a Markdown file under one heading, up to the next;
* any other link leads to the page that includes the file or the section, or else to a copy of the
  file below files/.

`[The changelog](../CHANGELOG.md "include")` is a whole page of the site.

Two comments stand for what is made from the code: `<!-- commands -->` for all that the commands
tell of themselves, `<!-- names of obgen.testing -->` for the docstrings of all public names of a
module.
"""

import inspect
import itertools
import posixpath
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import click
from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from obgen.cli.app import cli

ROOT: Final = Path(__file__).parents[1]
INCLUDE: Final = re.compile(
    r'^\[[^\]]+\]\((?P<target>[^)\s#]+)#?(?P<anchor>[^)\s]*) "include"\)$', re.MULTILINE
)
LINK: Final = re.compile(r"\]\((?P<target>(?![a-z]+:)[^)\s#]*)#?(?P<anchor>[^)\s]*)\)")
COMMANDS: Final = "<!-- commands -->"
NAMES: Final = re.compile("<!-- names of (?P<module>[a-z.]+) -->")

places: Final[dict[str, str]] = {}
"""{file or file#heading: the page that includes it}, paths seen from the repository."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Learn which page includes what, and add the files that pages lead to."""
    places.clear()
    linked: set[str] = set()
    for file in files.documentation_pages():
        text, path = file.content_string, f"docs/{file.src_uri}"
        linked |= targets(text, path)
        for found in INCLUDE.finditer(text):
            source = resolve(found["target"], path)
            included = section(source, found["anchor"])
            places.setdefault(source, file.src_uri)
            places.update({f"{source}#{slug}": file.src_uri for slug, _ in headings(included)})
            linked |= targets(included, source)
    for source in sorted(linked - places.keys()):
        if not source.startswith("docs/"):
            content = (ROOT / source).read_bytes()
            files.append(File.generated(config, f"files/{source}", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put in what is included, and lead the links to where things are in the site."""
    del config, files
    uri = page.file.src_uri
    path = f"docs/{uri}"
    parts: list[str] = []
    end = 0
    for found in INCLUDE.finditer(markdown):
        source = resolve(found["target"], path)
        text = section(source, found["anchor"])
        parts.append(with_links(markdown[end : found.start()], path, uri))
        if source.endswith(".md"):
            parts.append(with_links(text, source, uri))
        else:
            language = posixpath.splitext(source)[1].removeprefix(".").replace("conf", "nginx")
            parts.append(f'```{language} title="{source}"\n{text}```')
            page.meta["hide"] = ["toc"]  # whose column the lines of a file need
        end = found.end()
    whole = "".join([*parts, with_links(markdown[end:], path, uri)])
    if COMMANDS in whole:
        whole = whole.replace(COMMANDS, describe(cli, None, "obgen"))
    return NAMES.sub(lambda found: public_names(found["module"]), whole)


def resolve(target: str, source: str) -> str:
    """Return the path of what a link in a file leads to, seen from the repository.

    Where that is no file this is "": mkdocs tells of it, unless it is code that looks like a link.
    """
    if not target:
        return source
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    return path if (ROOT / path).is_file() else ""


def targets(text: str, source: str) -> set[str]:
    """Return the files that the links in a file, or in a part of it, lead to."""
    return {resolve(found["target"], source) for found in LINK.finditer(text)} - {""}


def with_links(text: str, source: str, uri: str) -> str:
    """Return a text that stands in a file, with its links as the page `uri` needs them."""

    def lead(found: re.Match[str]) -> str:
        file, anchor = resolve(found["target"], source), found["anchor"]
        place = f"{file}#{anchor}" if anchor else file
        if not file:
            return found[0]
        if file.startswith("docs/"):
            page = file.removeprefix("docs/")
        elif file.endswith(".md") and place not in places:
            raise PluginError(f"{uri} links to {place}, which no page includes")
        else:
            page = places.get(place, f"files/{file}")
        page = posixpath.relpath(page, posixpath.dirname(uri) or ".")
        return f"]({page}#{anchor})" if anchor else f"]({page})"

    return LINK.sub(lead, text)


def section(source: str, anchor: str) -> str:
    """Return the text of a file, or what stands under one heading of it, with the heading."""
    text = (ROOT / source).read_text("utf-8")
    if not anchor:
        return text
    starts = [*headings(text), ("", len(text))]
    for (slug, start), (_, end) in itertools.pairwise(starts):
        if slug == anchor:
            return text[start:end]
    raise PluginError(f"{source} has no heading #{anchor}")


def headings(text: str) -> Iterator[tuple[str, int]]:
    """Yield the anchor and the place of each heading outside of code."""
    position, in_code = 0, False
    for line in text.splitlines(keepends=True):
        in_code ^= line.startswith("```")
        if not in_code and re.match("#+ ", line):
            yield slugify(line.lstrip("#").strip(), "-"), position
        position += len(line)


def describe(command: click.Command, parent: click.Context | None, name: str) -> str:
    """Return what a command and those below it tell of themselves."""
    context = click.Context(command, parent, name, **command.context_settings)
    usage = " ".join(command.collect_usage_pieces(context))
    text = inspect.cleandoc(command.help or "").partition("\f")[0]  # as click does
    parts = [f"## {context.command_path}", *map(as_text, text.split("\n\n"))]
    parts.append(f"```text\n{context.command_path} {usage}\n```")
    for parameter in command.get_params(context):
        option, meaning = parameter.get_help_record(context) or ("", "")
        if meaning:
            parts.append(f"`{option}`\n:   {as_text(meaning)}")
    if isinstance(command, click.Group):
        for name_below in command.list_commands(context):
            below = command.get_command(context, name_below)
            if below and not below.hidden:
                parts.append(describe(below, context, name_below))
    return "\n\n".join(parts)


def as_text(text: str) -> str:
    """Return the words of a help text, none of which is markup.

    Behind a backspace lines stay as they are, as in click.
    """
    if text.startswith("\b\n"):
        return f"```text\n{text[2:]}\n```"
    return re.sub(r"([\\`*_<\[\]#&])", r"\\\1", " ".join(text.split()))


def public_names(module: str) -> str:
    """Return what has mkdocstrings describe all that a module names as public."""
    names: list[str] = import_module(module).__all__
    return "\n\n".join(f"::: {module}.{name}" for name in names)
