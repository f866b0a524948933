"""`obgen send`: play Salesforce to an endpoint."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

from obgen.cli.console import say, show_table
from obgen.cli.deliveries import Report, duration
from obgen.cli.findings import show_finding, show_findings_json
from obgen.cli.options import debug_option
from obgen.cli.progress import make_progress
from obgen.cli.sample import make_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from obgen.simulate.check import Finding
    from obgen.simulate.delivery import Content, Message
    from obgen.simulate.sending import Result
    from obgen.simulate.transport import Transport

_WSDL_NAMESPACE: Final = b"http://schemas.xmlsoap.org/wsdl/"


@click.command()
@click.argument("source", required=False, type=click.Path(), metavar="WSDL|MESSAGE")
@click.argument("url", required=False, metavar="URL")
@click.option(
    "-n",
    "--records",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="How many records to send.  [default: 1]",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 100),
    metavar="N",
    help="How many of them go into one message.  [default: 100]",
)
@click.option("--seed", type=int, metavar="S", help="Another number makes up other records.")
@click.option(
    "--deleted",
    type=click.IntRange(0),
    metavar="K",
    help="Let the last K records be deleted before delivery.",
)
@click.option(
    "--changing",
    is_flag=True,
    help="Let records change before each new attempt, which brings their new state.",
)
@click.option("--organization-id", metavar="ID", help="Which organization sends.")
@click.option("--action-id", metavar="ID", help="Which outbound message of Setup it is.")
@click.option(
    "--duplicates",
    type=click.IntRange(0),
    default=0,
    metavar="K",
    help="Send the first K messages once more after they were acknowledged.",
)
@click.option("--reorder", is_flag=True, help="Send the newest message first.")
@click.option("--once", is_flag=True, help="Don't try again what fails.")
@click.option(
    "--speed",
    type=click.IntRange(1, 1_000_000),
    default=1,
    metavar="N",
    help="Let the time between attempts pass N times as fast.",
)
@click.option("--dry-schedule", is_flag=True, help="Only show when there would be attempts.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 500),
    default=1,
    metavar="N",
    help="Have up to N messages under way at the same time.",
)
@click.option(
    "--rate",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Send at most N messages per second.",
)
@click.option(
    "--check",
    "pre_flight",
    is_flag=True,
    help="Look at the endpoint as before going live; its handlers get the first message.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for other programs.")
@debug_option
def send(  # noqa: PLR0913 - one parameter for each option
    source: str | None,
    url: str | None,
    *,
    records: int | None,
    batch: int | None,
    seed: int | None,
    deleted: int | None,
    changing: bool,
    organization_id: str | None,
    action_id: str | None,
    duplicates: int,
    reorder: bool,
    once: bool,
    speed: int,
    dry_schedule: bool,
    concurrency: int,
    rate: int | None,
    pre_flight: bool,
    as_json: bool,
) -> int:
    """Send outbound messages as Salesforce does, and judge the answers as it does.

    Messages with made-up records of a WSDL, or the message in a file as it is, go to URL. What
    isn't acknowledged is sent again: after 30 seconds, then twice as late each time up to 2 hours,
    for 24 hours. Exits with 0 if all was acknowledged, with 1 if not.
    """
    from obgen.simulate.delivery import Queue
    from obgen.simulate.schedule import ONCE, SCHEDULE, Clock
    from obgen.simulate.sending import Pace, send_all
    from obgen.simulate.transport import Endpoint, Transport

    if dry_schedule:
        _show_schedule(speed)
        return 0
    if source is None or url is None:
        raise click.UsageError(f"Missing argument {'URL' if source else 'WSDL|MESSAGE'!r}.")
    transport = Transport(Endpoint.parse(url))
    made_up = {
        "records": records,
        "batch": batch,
        "seed": seed,
        "deleted": deleted,
        "changing": changing or None,
    }
    sender = {"organization_id": organization_id, "action_id": action_id}
    contents = _read(source, _given(made_up), _given(sender))
    if pre_flight:
        return _check(transport, contents[0].write(1), as_json=as_json)
    schedule = ONCE if once else SCHEDULE
    queue = Queue(contents, schedule=schedule, duplicates=duplicates, reorder=reorder)
    clock = Clock(speed)
    report = Report(queue, clock, datetime.now().astimezone())
    progress = make_progress(report)

    def watch(message: "Message", result: "Result") -> None:
        report.add(message, result)
        progress.add(message, result)

    pace = Pace(concurrency=min(concurrency, len(contents)), rate=rate)
    interrupted = None
    try:
        send_all(queue, transport.post, watch, clock=clock, pace=pace)
    except KeyboardInterrupt as error:
        interrupted = error  # what has become of them is worth knowing all the same
    progress.close()
    if as_json:
        report.show_json(str(transport.endpoint))
    else:
        report.show()
    if interrupted is not None:
        raise interrupted
    return 0 if report.acknowledged else 1


def _given(options: "Mapping[str, Any]") -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _read(
    source: str, made_up: "Mapping[str, Any]", sender: "Mapping[str, Any]"
) -> "list[Content]":
    """Return the messages of a WSDL, or the one that the file is."""
    from obgen.codegen.document import MAX_BYTES, read_bytes
    from obgen.codegen.wsdl import parse_contract
    from obgen.errors import InputError
    from obgen.simulate.message import Sender
    from obgen.simulate.outbox import Plan, as_it_is

    body = read_bytes(source)
    content = as_it_is(body)
    readable = bool(content.action_id)
    if not readable and (source.endswith(".wsdl") or _WSDL_NAMESPACE in body):
        contract = parse_contract(body, source)
        for warning in contract.warnings:
            say("warning:", warning)
        contents = Plan(**made_up, sender=Sender(**sender)).contents(make_table(contract))
        contents[0].write(1)  # what can't be sent is said before anything is
        return contents
    if given := [*made_up, *sender]:
        option = given[0].replace("_", "-")
        raise click.UsageError(f"--{option} goes with a WSDL; a message is sent as it is.")
    if len(body) > MAX_BYTES:
        raise InputError("the message is larger than 4 MiB", path=source, hint="send a smaller one")
    if not readable:
        say("note:", f"{source} can't be read as a message; it is sent as it is")
    return [content]


def _check(transport: "Transport", body: bytes, *, as_json: bool) -> int:
    """Ask an endpoint all there is to ask, and return the exit code."""
    from obgen.errors import ConfigurationError, EnvelopeError
    from obgen.simulate.check import FOREIGN, Mark, check
    from obgen.simulate.outbox import of_organization

    try:
        foreign = of_organization(body, FOREIGN)
    except EnvelopeError as error:
        raise ConfigurationError(
            f"--check needs a message that a receiver can read: {error}",
            hint="Name a WSDL instead, and a message is made up.",
        ) from error
    findings: list[Finding] = []
    for finding in check(transport, body, foreign):
        findings.append(finding)
        if not as_json:
            show_finding(finding)
    if as_json:
        show_findings_json(str(transport.endpoint), findings)
    else:
        for hint in dict.fromkeys(finding.hint for finding in findings if finding.hint):
            say("hint:", hint)
    return 1 if any(finding.mark is Mark.FAILED for finding in findings) else 0


def _show_schedule(speed: int) -> None:
    from obgen.simulate.schedule import SCHEDULE

    headings = ["attempt", "after", "at"]
    rows = [
        [str(step.attempt), duration(step.after), duration(step.at)] for step in SCHEDULE.steps()
    ]
    if speed > 1:
        headings.append(f"with --speed {speed}")
        for row, step in zip(rows, SCHEDULE.steps(), strict=True):
            row.append(f"{step.at / speed:.1f} s")
    show_table([headings, *rows])
