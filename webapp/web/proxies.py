"""Who asks, where proxies stand in front: address, scheme and host as the nearest trusted ones say."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def look_through_proxies(app: Flask, count: int) -> None:
    """The application sees who asked the outermost of this many proxies; with none it believes no such header."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
