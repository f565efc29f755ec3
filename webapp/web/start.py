"""Starting the web application from the settings, for WSGI servers and ``formulary serve``."""

from __future__ import annotations

from flask import Flask

from webapp.assembly import build, require_prepared
from webapp.web.app import create_app
from webapp.web.proxies import look_through_proxies


def application() -> Flask:
    """The application over the configured outside world; Unavailable when the database is not migrated."""
    outside = build()
    require_prepared(outside)
    app = create_app(outside)
    look_through_proxies(app, outside.settings.trusted_proxies)
    return app
