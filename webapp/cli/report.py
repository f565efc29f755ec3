"""``formulary report``: what an evaluation showed, for people and for pipelines."""

from __future__ import annotations

import click

from webapp.cli.client import connect, server_options, speaks_in_sentences
from webapp.cli.following import fetch_report
from webapp.domain.report import FORMATS, render


@click.command()
@click.argument("change")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@server_options
@speaks_in_sentences
def report(change: str, form: str, server: str | None, token: str | None) -> None:
    """Print the report of a change: the verdict in a sentence, measures, worst cases, what blocks, who is next.

    \b
    Examples:
      formulary report chg_01JABCDEF0123456789ABCDEFG
      formulary report chg_01JABCDEF0123456789ABCDEFG --format markdown
    """
    click.echo(render(fetch_report(connect(server, token), change), form))
