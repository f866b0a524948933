"""`obgen compare`: say what a new WSDL changes, and what of that breaks handlers."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from obgen.cli.changes import show_changes
from obgen.cli.console import say
from obgen.cli.options import debug_option, field_names_option, numbers_option
from obgen.cli.project import make_flags, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from obgen.codegen.compare import Change
    from obgen.codegen.contract import Contract
    from obgen.codegen.search import Found, Search

_MAX_UNREAD: Final = 10


@click.command()
@click.argument("wsdls", nargs=-1, type=click.Path(), metavar="OLD NEW | WSDL --against REV")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")
@click.option(
    "--against",
    metavar="REV",
    help="Take the old WSDL from this commit, tag or branch of the git repository it is in.",
)
@click.option(
    "--handlers",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Show which lines of the Python in DIR use what breaks; nothing of it is run.",
)
@field_names_option
@numbers_option
@debug_option
def compare(  # noqa: PLR0913 - one parameter for each option
    wsdls: tuple[str, ...],
    *,
    as_json: bool,
    against: str | None,
    handlers: Path | None,
    field_names: str | None,
    numbers: str | None,
) -> int:
    """Show what differs between two WSDLs of one message, and whether it breaks handlers.

    Handlers break when a field is removed, gets another Python type or another Python name, and
    when the object is another. Exits with 1 if anything breaks them, with 0 if nothing does.
    """
    from obgen.codegen.compare import compare as compare_contracts

    old_name, new_name, old, new = _read(wsdls, against)
    paths = [new_name] if against else [new_name, old_name]
    messages = read_settings(paths, make_flags(field_names, numbers)).messages
    # That of the WSDL that is listed, the new one first: what one generates with.
    options = next((one for one in messages if one.place), messages[0]).options
    changes = compare_contracts(old, new, field_names=options.field_names, numbers=options.numbers)
    search = _search(handlers, old, changes) if handlers is not None else None
    breaking = any(change.breaking for change in changes)
    if as_json:
        summary = {
            "old": _side(old_name, old),
            "new": _side(new_name, new),
            "breaking": breaking,
            "changes": _as_json_changes(changes, search),
            "handlers": _as_json_search(handlers, search),
        }
        click.echo(json.dumps(summary, indent=2))
    else:
        show_changes(changes, search.found if search is not None else ())
    for warning in dict.fromkeys((*old.warnings, *new.warnings)):
        say("warning:", warning)
    if not changes and old.digest != new.digest:
        say("note:", "the WSDLs differ only in what no handler sees")
    if search is not None:
        _advise(search, breaking=breaking)
    return 1 if breaking else 0


def _read(wsdls: "Sequence[str]", against: str | None) -> "tuple[str, str, Contract, Contract]":
    """Return how both sides are called, and what they are; the new one is read first."""
    from obgen.codegen.revision import read_revision
    from obgen.codegen.wsdl import parse_contract, read_contract

    match wsdls, against:
        case [old, new], None:
            return old, new, read_contract(old), read_contract(new)
        case [path], str(revision):
            new_contract = read_contract(path)
            name = f"{revision}:{path}"
            return name, path, parse_contract(read_revision(path, revision), name), new_contract
        case [_], None:
            raise click.UsageError("Name OLD and NEW, or one WSDL and --against REV.")
        case _, None:
            raise click.UsageError(f"Two WSDLs are compared, OLD and NEW; got {len(wsdls)}.")
        case _:
            raise click.UsageError(f"--against goes with one WSDL; got {len(wsdls)}.")


def _search(top: Path, old: "Contract", changes: "Sequence[Change]") -> "Search":
    from obgen.codegen.naming import class_name
    from obgen.codegen.search import search

    names = {change.broken_name for change in changes if change.breaking}
    return search(top, class_name(old.object_type), names)


def _advise(search: "Search", *, breaking: bool) -> None:
    for path, reason in search.unread[:_MAX_UNREAD]:
        say("note:", f"{path} wasn't searched: {reason}")
    if len(search.unread) > _MAX_UNREAD:
        more = len(search.unread) - _MAX_UNREAD
        say("note:", f"{more} more weren't searched; --json names them")
    if breaking and not search.found:
        say("note:", f"no use of what breaks was found (Python files searched: {search.files})")


def _side(name: str, contract: "Contract") -> "Mapping[str, str | int]":
    from obgen.codegen.naming import class_name

    return {
        "wsdl": name,
        "object": contract.object_type,
        "class": class_name(contract.object_type),
        "fields": len(contract.fields),
        "sha256": contract.digest,
    }


def _as_json_changes(
    changes: "Sequence[Change]", search: "Search | None"
) -> "Sequence[Mapping[str, object]]":
    # Both may be many, so the uses of each change aren't looked for among all.
    uses: dict[str | None, list[Found]] = {}
    for found in search.found if search is not None else ():
        uses.setdefault(found.use.name, []).append(found)
    return [
        _as_json(change, uses.get(change.broken_name, []) if change.breaking else [])
        for change in changes
    ]


def _as_json(change: "Change", uses: "Sequence[Found]") -> "Mapping[str, object]":
    return {
        "kind": change.kind,
        "api_name": change.api_name,
        "old": change.old,
        "new": change.new,
        "breaking": change.breaking,
        "why": change.why,
        "uses": [_as_json_use(one) for one in uses],
    }


def _as_json_use(found: "Found") -> "Mapping[str, object]":
    return {
        "file": str(found.path),
        "line": found.use.line,
        "column": found.use.column,
        "certain": found.use.certain,
    }


def _as_json_search(top: Path | None, search: "Search | None") -> "Mapping[str, object] | None":
    if search is None:
        return None
    unread = [{"file": str(path), "reason": reason} for path, reason in search.unread]
    return {"path": str(top), "files": search.files, "unread": unread}
