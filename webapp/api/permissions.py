"""The permission table as data, read from the tables that decide: moves, rights, and the marks on every route."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, jsonify

from webapp.api.auth import token
from webapp.domain.workflow import MOVES
from webapp.domain.workflow.grants import GRANTS
from webapp.services.submission import TOKEN_MOVES

room = Blueprint("permissions_api", __name__, url_prefix="/api/v1/permissions")


@room.get("")
@token("read", "submit")
def show() -> Any:
    """Who may do what: every move with stage and roles, every right, every route."""
    return jsonify(moves=_moves(), rights=_rights(), routes=_routes())


def _moves() -> list[dict[str, Any]]:
    return [
        {
            "move": move.name,
            "label": move.label,
            "stage": move.source.value,
            "target": move.target.value,
            "roles": sorted(move.roles),
            "by_policy": move.is_by_policy,
            "token": move.name in TOKEN_MOVES,
            "meaning": move.meaning,
            "guards": [guard.__name__ for guard in move.guards],
        }
        for move in MOVES
    ]


def _rights() -> list[dict[str, Any]]:
    return [{"right": right.value, "roles": sorted(roles)} for right, roles in GRANTS.items()]


def _routes() -> list[dict[str, Any]]:
    return [
        {
            "route": rule.rule,
            "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
            "access": str(getattr(current_app.view_functions[rule.endpoint], "access", "")),
        }
        for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    ]
