"""``formulary kill``: on a delivery host, stop serving a prompt or everything, at once and whatever else is down."""

from __future__ import annotations

import getpass

import click

from webapp.errors import InvalidInput, Unavailable


@click.command()
@click.argument("prompt", required=False)
@click.option("--all", "everything", is_flag=True, help="Stop every prompt.")
@click.option("--reason", default="", help="Why; applications and the audit log get it.")
@click.option("--hold", is_flag=True, help="Only keep the new version of a rollout back: everyone gets the live one.")
@click.option("--lift", is_flag=True, help="End stop and hold: serve again what is signed.")
@click.option("--list", "listed", is_flag=True, help="Say what is stopped and held on this host.")
def kill(prompt: str | None, everything: bool, reason: str, hold: bool, lift: bool, listed: bool) -> None:
    """Stop serving PROMPT on this host; applications that ask get its downtime text from the next request on.

    Needs neither database nor notary, queue, worker or network. The stop is entered in the audit log as soon as the database answers.

    \b
    Examples:
      formulary kill clinical-summarization --reason "Doses are wrong; Dr Osei, 14:05"
      formulary kill --all --reason "Model provider compromised"
      formulary kill clinical-summarization --hold --reason "Odd notes since this morning"
      formulary kill clinical-summarization --lift --reason "Cause found, see incident 12"
      formulary kill --list
    """
    from webapp.adapters.stop_flags import EVERYTHING, HOLD, STOP, StopFlags
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
    try:
        delivery.stop(outside, flags, name, reason, by, kind=HOLD if hold else STOP)
    except OSError as error:
        sentence = (
            f"The disk took nothing ({error.strerror}); nothing is stopped. Make room, or end `formulary deliver`."
        )
        raise Unavailable(sentence, code="disk") from error
    done = "Held" if hold else "Stopped"
    then = "the live version" if hold else "the downtime text"
    click.echo(f"{done}: {what}. Applications get {then} with their next request.")
    click.echo(f"Other delivery hosts are not {done.lower()} by this; run it there as well.")
    shelves = delivery.Shelves(outside)
    if not everything and shelves.load() and name not in shelves.stock.shelves:
        known = ", ".join(sorted(shelves.stock.shelves)) or "none"
        click.echo(f"This host serves no prompt called {name}; those it serves go on. Is it one of these? {known}")


def _list(flags: object) -> None:
    from webapp.adapters.stop_flags import EVERYTHING, HOLD, UNREADABLE, StopFlags

    assert isinstance(flags, StopFlags)
    standing = [stop for stop in flags.all() if stop.stands]
    for stop in standing:
        what = "everything" if stop.prompt == EVERYTHING else stop.prompt
        click.echo(f"{what}  {'held' if stop.kind == HOLD else 'stopped'} since {stop.at} by {stop.by}: {stop.reason}")
    if not flags.is_readable:
        click.echo(UNREADABLE)
    elif not standing:
        click.echo("Nothing is stopped on this host.")
