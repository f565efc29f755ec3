"""``formulary serve``: the web application on waitress."""

from __future__ import annotations

import click

from webapp.cli.server import make_server


@click.command()
def serve() -> None:
    """Run the web application on FORMULARY_HOST and FORMULARY_PORT.

    \b
    Example:
      FORMULARY_PORT=8080 formulary serve
    """
    from webapp.settings import read_settings
    from webapp.web.start import application

    settings = read_settings()
    app = application()
    passes_proxies = {"clear_untrusted_proxy_headers": not settings.trusted_proxies}  # else waitress hides who asks
    click.echo(f"Serving on {settings.base_url} ({settings.host}:{settings.port}).")
    make_server(app, host=settings.host, port=settings.port, **passes_proxies).run()
