"""``formulary keys``: the public keys of the record."""

from __future__ import annotations

import click


@click.group()
def keys() -> None:
    """The public keys of the record.

    \b
    Example:
      formulary keys list
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
