"""Liveness and readiness, for whoever watches the machine. Public, and silent about content."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify

from webapp.services.health import check_parts
from webapp.web.access import public
from webapp.web.context import outside

room = Blueprint("health_api", __name__)


@room.get("/healthz")
@public
def alive() -> Any:
    """The process answers."""
    return jsonify(status="alive")


@room.get("/readyz")
@public
def ready() -> Any:
    """Whether work can be done, naming every part that is degraded or down; 503 when nothing can be stored."""
    parts = check_parts(outside())
    is_ready = all(part.state != "down" for part in parts)
    body = {
        "ready": is_ready,
        "degraded": [part.name for part in parts if part.state != "good"],
        "parts": [asdict(part) for part in parts],
    }
    return jsonify(body), 200 if is_ready else 503
