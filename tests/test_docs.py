"""The documentation: it builds strictly, without network, and says what there is to say."""

import os
import posixpath
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final
from urllib.parse import unquote, urlsplit

import click
import pytest
from lxml import html
from markdown.extensions.toc import slugify
from support_examples import FENCE, ROOT

import obgen
from obgen import adapters, testing
from obgen.cli.app import cli
from obgen.testing import strategies

BUILD: Final = """
import sys

def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        raise PermissionError(f"the build asks the network: {event} {arguments}")

sys.addaudithook(refuse)
from mkdocs.__main__ import cli
cli()
"""
SOURCES: Final = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LOADING: Final = (
    "//@src | //@srcset | //@poster | //@data | //link[not(@rel='next' or @rel='prev')]/@href"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site into a directory of its own."""
    site = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-c", BUILD, "build", "--strict", "--site-dir", str(site)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return site


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, html.HtmlElement]:
    """Return {path in the site: page}, as a browser reads it."""
    return {
        path.relative_to(site).as_posix(): html.document_fromstring(path.read_bytes())
        for path in sorted(site.rglob("*.html"))
    }


def ids(page: html.HtmlElement) -> set[str]:
    """Return what a link to a page can lead to in it."""
    return {element.get("id", "") for element in page.iter() if isinstance(element.tag, str)}


@pytest.mark.slow
def test_every_command_tells_of_itself(pages: dict[str, html.HtmlElement]) -> None:
    reference = pages["commands.html"]
    headings = {heading.text for heading in reference.iter("h2")}
    terms = {
        word for term in reference.iter("dt") for word in re.split("[ ,]+", term.text_content())
    }
    for path, command in commands(cli, "obgen"):
        assert path in headings
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert set(option.opts) <= terms, option.opts


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and those below it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            if not below.hidden:
                yield from commands(below, f"{path} {name}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "module"), [("obgen", obgen), ("testing", testing), ("testing", strategies)]
)
def test_every_public_name_is_in_the_reference(
    page: str, module: ModuleType, pages: dict[str, html.HtmlElement]
) -> None:
    names: list[str] = getattr(module, "__all__", ["records"])
    assert {f"{module.__name__}.{name}" for name in names} <= ids(pages[f"api/{page}.html"])


def exports(module: ModuleType) -> dict[str, object]:
    """Return what a module has, by name."""
    return vars(module)


@pytest.mark.slow
def test_every_adapter_is_in_the_reference(pages: dict[str, html.HtmlElement]) -> None:
    made = {
        f"obgen.adapters.{module}.{name}"
        for module in adapters.__all__
        for name, value in exports(getattr(adapters, module)).items()
        if name[0] != "_" and next(iter(getattr(value, "__annotations__", ())), "") == "receiver"
    }
    assert len(made) == len(adapters.__all__) + 1  # Django's has two
    assert made <= ids(pages["api/adapters.html"])


@pytest.mark.slow
def test_pages_show_what_they_include(pages: dict[str, html.HtmlElement]) -> None:
    text = {name: page.text_content() for name, page in pages.items()}
    for sample in (ROOT / "samples" / "apps").glob("*.py"):
        assert sum(sample.read_text("utf-8") in shown for shown in text.values()) == 1, sample
    assert (ROOT / "samples" / "nginx" / "salesforce.conf").read_text("utf-8") in text[
        "origin.html"
    ]
    assert "What was tried" in text["security.html"]
    assert f"[{obgen.__version__}]" in text["changelog.html"]
    left = re.compile(r'"include"\)|<!-- (commands|names)')
    assert not [name for name, shown in text.items() if left.search(shown)]


@pytest.mark.slow
def test_links_of_the_site_lead_somewhere(site: Path, pages: dict[str, html.HtmlElement]) -> None:
    anchors = {name: ids(page) for name, page in pages.items()}
    for name, page in pages.items():
        for href in map(str, page.xpath("//a/@href")):
            link = urlsplit(href)
            if link.scheme:
                continue
            path = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), link.path))[1:]
            path = unquote(path) if link.path else name
            path = path if path and path != "." else "index.html"
            assert (site / path).is_file(), (name, href)
            if link.fragment and path in anchors:
                assert unquote(link.fragment) in anchors[path] | {"__skip"}, (name, href)


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[str, html.HtmlElement]) -> None:
    for name, page in pages.items():
        loaded = {str(value) for value in page.xpath(LOADING)}
        assert not [url for url in loaded if urlsplit(url).scheme or url.startswith("//")], name
        # The theme would fetch programs for these from a server.
        assert not page.xpath("//*[contains(concat(' ', @class, ' '), ' mermaid ')]"), name
        assert not page.xpath("//*[@data-md-component='source']"), name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text("utf-8"))
    assert not [path for path in site.rglob("*") if path.suffix in {".py", ".pyc"}]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_on_a_code_host_too(path: Path) -> None:
    for target, anchor in re.findall(
        r"\]\((?![a-z]+:)([^)#\s]*)#?([^)\s]*)(?: \"include\")?\)",
        FENCE.sub("", path.read_text("utf-8")),
    ):
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), target
        made = file.parent.name == "api" or file.name == "commands.md"  # from the code
        if anchor and not made:
            headings = re.findall("^#+ (.+)$", FENCE.sub("", file.read_text("utf-8")), re.MULTILINE)
            assert anchor in {slugify(heading, "-") for heading in headings}, (target, anchor)
