"""``formulary keys``: the public keys of the record, the key card and the checkpoint slip."""

from __future__ import annotations

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
    """


@keys.command("list")
def list_keys() -> None:
    """Print the key card of the audit log and the service key that signs envelopes; the notary must run.

    \b
    Example:
      formulary keys list
    """
    from webapp.assembly import build
    from webapp.domain.record.key_card import key_card

    outside = build()
    held = outside.notary.held()
    outside.database.close()
    service = outside.keyring.service
    click.echo(key_card(held.key))
    click.echo(f"\nThe notary has signed {held.checkpoint.size} entries.")
    click.echo(f"Service key (signs envelopes and releases): {service.public.hex()}\n  keyid {service.keyid}")


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
    from webapp.acts.standing import require_whole_log
    from webapp.assembly import build, require_prepared
    from webapp.services.public_log import newest_slip

    outside = build()
    require_prepared(outside)
    require_whole_log(outside)
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
