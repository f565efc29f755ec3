"""``formulary db``: the database's schema and first contents."""

from __future__ import annotations

import click


@click.group()
def db() -> None:
    """Prepare or migrate the database."""


@db.command()
def upgrade() -> None:
    """Migrate to this program's schema, open the audit log and put the first policy in force; safe to repeat.

    \b
    Example:
      FORMULARY_DATABASE_URL=postgresql://... formulary db upgrade
    """
    from webapp.assembly import build, prepare

    prepare(build())
    click.echo("The database is ready.")
