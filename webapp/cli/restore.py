"""``formulary restore``: going on from an older copy of the database, after a loss that cannot be undone."""

from __future__ import annotations

import click

from webapp.errors import InvalidInput


@click.command()
@click.option("--reason", prompt="What happened, and why can nothing newer be had?", help="Stored with the entry.")
@click.option("--yes", is_flag=True, help="Do not ask whether this is meant.")
def restore(reason: str, yes: bool) -> None:
    """Let the log go on from the older copy that is in place, with an entry that names what is lost. Two administrators sign.

    First try everything else: a newer backup, the old disk, the right FORMULARY_DATABASE_URL. Put the newest copy in place, end web, worker and
    scheduler, leave the notary running, then give this command. The gap stays visible in every later export.

    \b
    Example:
      formulary restore --reason "Disk of the database server failed; the backup of 3 a.m. is the newest."
    """
    from webapp.assembly import build, require_prepared
    from webapp.cli.asking import asking
    from webapp.services.restoring import find_loss
    from webapp.services.restoring import restore as go_on

    outside = build()
    require_prepared(outside)
    loss = find_loss(outside)
    newest = "none" if loss.newest_at is None else f"{loss.newest_at:%-d %B %Y, %H:%M} UTC"
    click.echo(
        f"The notary signed {loss.lost_size} entries. This copy holds {loss.size}, the newest of {newest}; its newest checkpoint covers "
        f"{loss.kept_size} ({loss.kept_at:%-d %B %Y, %H:%M} UTC).\n"
        f"Entries {loss.kept_size} to {loss.lost_size - 1} of the log as it was sealed are given up. Signatures, releases and accounts of that "
        "time are lost with them: what applications run now may not be in this copy.",
        err=True,
    )
    if not yes and not click.confirm("Go on from this copy?", err=True):
        raise InvalidInput("Nothing was changed.")
    go_on(outside, loss, reason, asking("Two administrators sign the restore."))
    outside.database.close()
    click.echo(
        "The log goes on. Start web, worker and scheduler, tell the auditor, and check what is live on the page Prompts."
    )
