"""The audit log by program: entries with the filters of the page, in words and codes. Scope read.

Bytes, tiles and proofs are public (``log``); what people typed is not given out here.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify, request

from webapp.api.auth import token
from webapp.api.limits import require_prompt, token_prompts
from webapp.domain.record.leaf import timestamp
from webapp.errors import InvalidInput
from webapp.services import ledger
from webapp.services.catalogue.pages import page_asked
from webapp.web.context import outside
from webapp.web.moments import read_moment

room = Blueprint("ledger_api", __name__, url_prefix="/api/v1/ledger")


@room.get("")
@token("read")
def index() -> Any:
    """Entries, newest first: who, what, about what, and the first checkpoint over each."""
    args = request.args
    asked = page_asked(args.get("cursor"), args.get("limit"))
    if token_prompts():
        require_prompt(args.get("prompt", ""))
    filters = ledger.Filters(
        prompt=args.get("prompt", ""),
        person_id=args.get("person", ""),
        type=args.get("type", ""),
        entity_id=args.get("entity", ""),
        since=read_moment(args.get("since", "")),
        until=read_moment(args.get("until", "")),
        before_seq=_cursor(asked.cursor),
    )
    view = ledger.show_ledger(outside(), g.actor, filters, limit=asked.limit)
    following = view.next_before_seq
    return jsonify(
        {
            "entries": [_entry(row) for row in view.rows],
            "size": view.size,
            "total": view.total,
            "next_cursor": None if following is None else str(following),
        }
    )


def _cursor(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidInput("cursor is the next_cursor of an earlier answer.")
    return int(text)


def _entry(row: ledger.EntryRow) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "at": timestamp(row.at),
        "type": row.type,
        "sentence": row.sentence,
        "actor": {"id": row.actor_id, "name": row.actor_name, "roles": list(row.roles), "via": row.via},
        "entity": {"type": row.entity_type, "id": row.entity_id},
        "prompt": row.prompt,
        "before": row.before,
        "after": row.after,
        "reason": row.reason,
        "sealed_by": row.seal.size if row.seal else None,
    }
