"""The Flask application: rooms, security of cookies and pages, errors. Everything else stands in the rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request, url_for
from flask_htmx import HTMX
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect

from webapp import __version__
from webapp.adapters.outside import Outside
from webapp.api.rooms import ROOMS as API_ROOMS
from webapp.domain.record.steady_clock import is_steady, step_sentence
from webapp.services.policy import announce
from webapp.services.sessions import IDLE_SECONDS
from webapp.settings import PACKAGE, resource_dir
from webapp.web import context, filters, rooms
from webapp.web.access import refuse_unmarked
from webapp.web.errors import register_errors
from webapp.web.navigation import navigation
from webapp.web.signed_in import load_signed_in, rotate_after_password
from webapp.web.standing import watch_log

LARGEST_REQUEST_BYTES = 12 * 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
csrf = CSRFProtect()
Banner = tuple[str, str, tuple[str, str] | None]


def create_app(outside: Outside) -> Flask:
    """The application over this outside world; RuntimeError when a route does not say who may call it."""
    app = Flask("webapp", static_folder=str(PACKAGE / "static"), template_folder=str(resource_dir("templates")))
    app.extensions["formulary"] = outside
    app.config.update(_config(outside))
    watch_log(app, outside)
    _login(app)
    csrf.init_app(app)
    HTMX(app)
    filters.register(app)
    app.context_processor(_shared)
    app.after_request(_secure)
    app.after_request(rotate_after_password)
    register_errors(app)
    for room in rooms.ROOMS:
        app.register_blueprint(room)
    for room in API_ROOMS:
        csrf.exempt(room)
        app.register_blueprint(room)
    app.view_functions["static"].access = "public"  # type: ignore[union-attr]
    refuse_unmarked(app)
    return app


def _config(outside: Outside) -> dict[str, Any]:
    return {
        "SECRET_KEY": outside.keyring.cookie_key,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST_BYTES,
        "SESSION_COOKIE_NAME": "formulary",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": outside.settings.serves_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "TRUSTED_HOSTS": list(outside.settings.allowed_hosts) or None,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _login(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(load_signed_in)
    manager.init_app(app)


def _shared() -> dict[str, Any]:
    """What every page shows."""
    return {
        "navigation": navigation(),
        "organisation": context.outside().settings.organisation,
        "is_demo": context.outside().settings.is_demo,
        "version": __version__,
        "emergency_url": context.outside().settings.emergency_url,
        "level_line": "Each signature says its level: password (L0), password and code (L1), passkey (L2)",
        "sign_out_url": url_for("session.sign_out"),
        "page_banners": _banners(),
        "session_idle": _idle() if current_user.is_authenticated else None,
        "person": current_user if current_user.is_authenticated else None,
    }


def _idle() -> dict[str, str | int]:
    """When an untouched page signs out, and where it can say that somebody is still there."""
    return {"seconds": IDLE_SECONDS, "stay_url": url_for("session.stay"), "sign_in_url": url_for("session.sign_in")}


def _banners() -> list[Banner]:
    """What is true of the whole installation."""
    banners: list[Banner] = []
    if not is_steady(step := context.outside().clock_step()):
        banners.append(("bad", step_sentence(step), None))
    if context.outside().settings.is_demo:
        words = "Demo: invented people and cases, and an offline model that is no LLM. Not for patients."
        banners.append(("info", words, None))
    if current_user.is_authenticated and (coming := announce(context.outside(), current_user.actor)):
        link = (coming.label, url_for("policy.show", _anchor="proposed"))
        banners.append(("warn" if coming.is_grave else "info", coming.sentence, link))
    return banners


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response
