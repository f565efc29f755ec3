"""``formulary keys``: the public keys of the record, key card and checkpoint slip, rotation and revocation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from webapp.errors import InvalidInput


@click.group()
def keys() -> None:
    """The public keys of the record.

    \b
    Examples:
      formulary keys list
      formulary keys card
      formulary keys slip -o slip.txt
      formulary keys rotate log
    """


@keys.command("list")
def list_keys() -> None:
    """Print the key card of the audit log and all keys with the entries for which they count; the notary must run.

    \b
    Example:
      formulary keys list
    """
    from webapp.assembly import build, require_prepared
    from webapp.domain.record.key_card import key_card
    from webapp.services.keys import list_all_keys

    outside = build()
    require_prepared(outside)
    held = outside.notary.held()
    listed = list_all_keys(outside)
    outside.database.close()
    click.echo(key_card(held.key))
    click.echo(f"\nThe notary has signed {held.checkpoint.size} entries.")
    if held.next_key is not None:
        click.echo("A rotation of the log key is under way; `formulary keys rotate log` finishes it.")
    for line in listed:
        click.echo(f"{line.words}\n  key    {line.name}\n  keyid  {line.keyid}")


@keys.command()
def card() -> None:
    """Print the key card with its QR code, for paper: compliance keeps it, dated and signed. The notary must run.

    \b
    Example:
      formulary keys card | lp
    """
    from webapp.adapters.qr_code import blocks
    from webapp.assembly import build
    from webapp.domain.record.key_card import key_card

    outside = build()
    key = outside.notary.held().key
    outside.database.close()
    click.echo(key_card(key, blocks(key.to_vkey())))


@keys.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Also write the signed note to this file.")
def slip(output: Path | None) -> None:
    """Print the newest checkpoint as one line: origin, size, root and time. Keep one each quarter, out of this house's reach.

    The file is what `formulary verify --prior-checkpoint` takes.

    \b
    Examples:
      formulary keys slip
      formulary keys slip -o slip.txt
    """
    from webapp.acts.sealing import seal_if_possible
    from webapp.cli.house import open_to_write
    from webapp.services.public_log import newest_slip

    outside = open_to_write()
    seal_if_possible(outside)
    found = newest_slip(outside)
    outside.database.close()
    if found is None:
        raise InvalidInput("No checkpoint was signed yet; start `formulary notary`, then ask again.")
    if output is not None:
        try:
            output.write_bytes(found.note)
        except OSError as error:
            raise InvalidInput(f"{output} cannot be written ({error.strerror}); choose another place.") from None
    click.echo(found.line)


@keys.command()
@click.argument("which", type=click.Choice(["log", "service"]))
def rotate(which: str) -> None:
    """Let a new key take over, of the log (which the notary holds) or of the service (which signs envelopes).

    An administrator signs with password and code. Killed at any moment, the same command goes on where it ended. The log's first checkpoint
    under the new key bears both signatures, so that the old key card still leads to the new key; print the new card all the same.

    \b
    Examples:
      formulary keys rotate log
      formulary keys rotate service
    """
    from webapp.cli.asking import asking
    from webapp.cli.house import open_to_write
    from webapp.services.keys import rotate_log_key, rotate_service_key

    outside = open_to_write()
    rotate_key = rotate_log_key if which == "log" else rotate_service_key
    rotated = rotate_key(outside, asking(f"The {which}'s key is rotated. An administrator signs this."))
    outside.database.close()
    click.echo(f"The new key counts since entry {rotated.entry_seq}: {rotated.new}")
    if which == "log":
        click.echo("Print the new card (`formulary keys card`) and give it to compliance; keep the old one with it.")


@keys.command()
@click.argument("keyid")
@click.option("--from-seq", type=int, required=True, help="The first entry for which the key is not believed.")
@click.option(
    "--compromise-time",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    required=True,
    help="Since when somebody else may have had it (UTC).",
)
@click.option("--yes", is_flag=True, help="Do not ask whether this is meant.")
def revoke(keyid: str, from_seq: int, compromise_time: datetime, yes: bool) -> None:
    """Revoke a key that took its leave, because somebody else may have had it. Two administrators sign.

    KEYID is the SHA-256 of the raw public key, as `formulary keys list` prints it. A key that still signs is rotated first: that stops its
    use at once and takes one administrator; what it vouched for is taken back by two.

    \b
    Example:
      formulary keys revoke b62e867fa2f3... --from-seq 1200 --compromise-time 2026-03-02T09:00:00Z
    """
    from webapp.cli.asking import asking
    from webapp.cli.house import open_to_write
    from webapp.services.keys import plan_revocation, revoke_key

    outside = open_to_write()
    plan = plan_revocation(outside, keyid.replace(" ", ""), from_seq, compromise_time.replace(tzinfo=UTC))
    click.echo(
        f"A key of the {plan.which}: nothing that it signed from entry {from_seq} or {compromise_time:%-d %B %Y, %H:%M} UTC on will count. "
        f"Signatures and releases concerned: {plan.signatures}. Delivery stops serving releases among them, and exports that hold them "
        "are no longer found good.",
        err=True,
    )
    if not yes and not click.confirm("Revoke it?", err=True):
        raise InvalidInput("Nothing was changed.")
    seq = revoke_key(outside, plan, asking("Two administrators sign this."))
    outside.database.close()
    click.echo(f"The key is revoked by entry {seq}.")
