"""Starting the web application from the settings, for WSGI servers and ``formulary serve``."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.assembly import build, require_prepared
from webapp.web.app import create_app


def application() -> Flask:
    """The application over the configured outside world; Unavailable when the database is not migrated."""
    outside = build()
    require_prepared(outside)
    app = create_app(outside)
    proxies = outside.settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app
