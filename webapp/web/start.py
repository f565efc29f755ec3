"""Starting the web application from the settings, for WSGI servers and ``formulary serve``."""

from __future__ import annotations

from flask import Flask

from webapp.assembly import build, require_prepared
from webapp.web.app import create_app


def application() -> Flask:
    """The application over the configured outside world; Unavailable when the database is not migrated."""
    outside = build()
    require_prepared(outside)
    return create_app(outside)
