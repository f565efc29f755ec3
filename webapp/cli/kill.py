"""``formulary kill``: on a delivery host, stop serving a prompt or everything, at once and whatever else is down."""

from __future__ import annotations

import getpass

import click

from webapp.errors import InvalidInput


@click.command()
@click.argument("prompt", required=False)
@click.option("--all", "everything", is_flag=True, help="Stop every prompt.")
@click.option("--reason", default="", help="Why; applications and the audit log get it.")
@click.option("--lift", is_flag=True, help="End the stop: serve again what is signed.")
@click.option("--list", "listed", is_flag=True, help="Say what is stopped on this host.")
def kill(prompt: str | None, everything: bool, reason: str, lift: bool, listed: bool) -> None:
    """Stop serving PROMPT on this host; applications that ask get its downtime text from the next request on.

    Needs neither database nor notary, queue, worker or network. The stop is entered in the audit log as soon as the database answers.

    \b
    Examples:
      formulary kill clinical-summarization --reason "Doses are wrong; Dr Osei, 14:05"
      formulary kill --all --reason "Model provider compromised"
      formulary kill clinical-summarization --lift --reason "Cause found, see incident 12"
      formulary kill --list
    """
    from webapp.adapters.stop_flags import EVERYTHING, StopFlags
    from webapp.assembly import build
    from webapp.services import delivery

    outside = build()
    flags = StopFlags(delivery.stops_file(outside.settings.var_dir))
    if listed:
        _list(flags)
        return
    if everything == bool(prompt):
        raise InvalidInput("Name one prompt, or write --all.")
    name, by = prompt or EVERYTHING, getpass.getuser()
    what = "everything" if everything else name
    if lift:
        delivery.lift(outside, flags, name, reason, by)
        click.echo(f"This host serves {what} again as it is signed.")
        return
    delivery.stop(outside, flags, name, reason, by)
    click.echo(f"Stopped: {what}. Applications get the downtime text with their next request.")
    click.echo("Other delivery hosts are not stopped by this; run it there as well.")


def _list(flags: object) -> None:
    from webapp.adapters.stop_flags import EVERYTHING, StopFlags

    assert isinstance(flags, StopFlags)
    standing = [stop for stop in flags.all() if stop.lifted_at is None]
    for stop in standing:
        click.echo(
            f"{'everything' if stop.prompt == EVERYTHING else stop.prompt}  since {stop.at} by {stop.by}: {stop.reason}"
        )
    if not standing:
        click.echo("Nothing is stopped on this host.")
