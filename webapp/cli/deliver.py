"""``formulary deliver``: the delivery routes as a process of their own."""

from __future__ import annotations

import threading

import click

from webapp.cli.server import make_server


@click.command()
def deliver() -> None:
    """Serve signed releases to applications on FORMULARY_HOST and FORMULARY_DELIVERY_PORT.

    \b
    Example:
      FORMULARY_DELIVERY_PORT=8001 formulary deliver
    """
    from webapp.assembly import build
    from webapp.delivery import create_delivery_app, fill_shelves

    outside = build()
    settings = outside.settings
    shelves = fill_shelves(outside)
    if shelves.stock.read_at is None:
        click.echo(
            "The database does not answer and there is no copy on the disk; applications get their downtime text."
        )
    threading.Thread(target=shelves.keep_up, args=(threading.Event(),), daemon=True).start()
    click.echo(f"Delivering on {settings.host}:{settings.delivery_port}; to stop a prompt: {settings.emergency_url}")
    make_server(
        create_delivery_app(outside, shelves, waits_for_log=False),
        host=settings.host,
        port=settings.delivery_port,
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
    ).run()
