"""``formulary export``: a bundle of the record made at the console, beside the database and the notary."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from webapp.domain.workflow import Actor
from webapp.errors import InvalidInput
from webapp.services.exporting import Wanted, export_here

CONSOLE = Actor(id="console", name="Console", via="console")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--change", metavar="ID", help="One change.")
@click.option("--prompt", metavar="NAME", help="One prompt with all its changes.")
@click.option("--from", "since", type=DAY, metavar="DATE", help="Changes that moved from this day on.")
@click.option("--to", "until", type=DAY, metavar="DATE", help="... to this day, included.")
@click.option(
    "--audit-pack",
    is_flag=True,
    help="With --from and --to: also lists of all that was signed, refused, live, changed.",
)
@click.option("--all", "everything", is_flag=True, help="Everything.")
@click.option("--pdf", is_flag=True, help="With --change: its record to read, as PDF; the evidence is the bundle.")
@click.option("--with-case-text", is_flag=True, help="Also the text of cases; not of patient data and hold-outs.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The bundle to write, a ZIP file.")
def export(
    change: str | None,
    prompt: str | None,
    since: datetime | None,
    until: datetime | None,
    audit_pack: bool,
    everything: bool,
    pdf: bool,
    with_case_text: bool,
    output: Path,
) -> None:
    """Write a signed bundle of the record, which `formulary verify` and other people's tools can check.

    Patient data and hold-outs are never exported here: the console is no person with a role. Export them on the page Exports.

    \b
    Examples:
      formulary export --change chg_01J9Z3V6Q8N4 -o dossier.zip
      formulary export --change chg_01J9Z3V6Q8N4 --pdf -o record.pdf
      formulary export --from 2026-01-01 --to 2026-03-31 -o quarter.zip
      formulary export --audit-pack --from 2026-01-01 --to 2026-03-31 -o audit.zip
      formulary export --all -o record.zip
    """
    from webapp.cli.house import open_to_write

    wanted = _wanted(change, prompt, since, until, everything, with_case_text, audit_pack=audit_pack, pdf=pdf)
    outside = open_to_write()
    try:
        shown: Any = click.progressbar(length=100, label="Writing", file=sys.stderr, hidden=not sys.stderr.isatty())
        with shown as bar:
            row = export_here(
                outside, CONSOLE, wanted, output, lambda done, planned: bar.update(100 * done // planned - bar.pos)
            )
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written ({error.strerror}); choose another place.") from None
    click.echo(f"{output}: {row.log_size} entries, SHA-256 {row.file_sha256}", err=True)
    click.echo(outside.notary.held().key.to_vkey())


def _wanted(
    change: str | None,
    prompt: str | None,
    since: datetime | None,
    until: datetime | None,
    everything: bool,
    with_case_text: bool,
    *,
    audit_pack: bool = False,
    pdf: bool = False,
) -> Wanted:
    """The one scope that was asked for; InvalidInput for none or several."""
    if audit_pack and (since is None or until is None):
        raise InvalidInput("An audit pack is of a period: give --from and --to.")
    if pdf and change is None:
        raise InvalidInput("The record as PDF is of one change: give --change.")
    is_period = since is not None or until is not None
    if sum((change is not None, prompt is not None, is_period, everything)) != 1:
        raise InvalidInput("Choose one of --change, --prompt, --from with --to, or --all.")
    kind = next(name for name, is_asked in (
        ("dossier", pdf), ("change", change), ("prompt", prompt), ("audit_pack", audit_pack), ("period", is_period), ("all", True)
    ) if is_asked)  # fmt: skip
    return Wanted(
        kind=kind,
        value=change or prompt or "",
        since=None if since is None else since.replace(tzinfo=UTC),
        until=None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1),
        with_case_text=with_case_text,
    )
