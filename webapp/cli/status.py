"""``formulary status``: where a change stands."""

from __future__ import annotations

import click

from webapp.cli.client import change_path, connect, server_options, speaks_in_sentences
from webapp.domain.workflow import Stage
from webapp.domain.workflow.stages import STAGE_WORDS


@click.command()
@click.argument("change")
@server_options
@speaks_in_sentences
def status(change: str, server: str | None, token: str | None) -> None:
    """Say where a change stands, what blocks it and who is asked next.

    \b
    Examples:
      formulary status chg_01JABCDEF0123456789ABCDEFG
    """
    found = connect(server, token).get(change_path(change))
    stage = found["stage"]
    click.echo(f"{found['prompt']}: {found['title']}")
    click.echo(f"Stage: {STAGE_WORDS[Stage(stage)] if stage in list(Stage) else stage}, revision {found['revision']}")
    if run := found.get("run"):
        verdict = f", verdict {run['verdict']}" if run["verdict"] else ""
        click.echo(f"Evaluation: {run['state']}, {run['done_calls']} of {run['planned_calls']} calls{verdict}")
    for sentence in found["blocks"]:
        click.echo(f"Blocks: {sentence}")
    if asked := found.get("asked_next"):
        people = ", ".join(asked["people"]) or "nobody holds this role and may act"
        click.echo(f"Asked next: {asked['role']} ({people})")
    click.echo(f"Page: {found['links']['page']}")
