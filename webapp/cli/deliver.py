"""``formulary deliver``: the delivery routes as a process of their own."""

from __future__ import annotations

import click


@click.command()
def deliver() -> None:
    """Serve signed releases to applications on FORMULARY_HOST and FORMULARY_DELIVERY_PORT.

    \b
    Example:
      FORMULARY_DELIVERY_PORT=8001 formulary deliver
    """
    import waitress

    from webapp.assembly import build, require_prepared
    from webapp.delivery import create_delivery_app

    outside = build()
    require_prepared(outside)
    settings = outside.settings
    click.echo(f"Delivering on {settings.host}:{settings.delivery_port}.")
    waitress.serve(
        create_delivery_app(outside),
        host=settings.host,
        port=settings.delivery_port,
        threads=16,
        connection_limit=1000,
        channel_timeout=20,
        ident=None,
    )
