"""What applications send of calls and problems, as schemas; written from the tables that also check them (``services.interactions``)."""

from __future__ import annotations

from collections.abc import Collection

from webapp.api.answers import Schema
from webapp.services import interactions

WORDS = {
    "event_id": "the application's own id of this call; the same id again counts once",
    "decision_id": "the decision under which it was made, from the release route or made under a grant of the snapshot",
    "happened_at": "when, RFC 3339 with its zone",
    "model": "the model that really answered",
    "version": "the label of the version that was really run; another than the decision's sets the call apart",
    "index": "the index that was really searched",
    "displayed": "whether somebody saw the answer; false for the new version of a silent run",
    "request": "what was sent; stored after masking",
    "response": "what came back; stored after masking",
    "finish_reason": "why the model stopped",
    "tokens_in": "tokens sent",
    "tokens_out": "tokens that came back",
    "latency_ms": "milliseconds until the whole answer was there",
    "ttft_ms": "milliseconds until its first token",
    "cost_microusd": "what it cost, in micro-dollars",
    "error": "a code where the call failed",
    "outcome": "what the clinician did with the answer",
    "check_score": "what the application's own checks say of the answer, as their mean",
    "unsafe": "whether the application's own guard flagged the answer",
    "rating": "what a clinician says of a displayed answer",
    "source_ref": "an opaque reference by which the application finds the call again",
    "site": "where it was",
}
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def _field(name: str) -> Schema:
    """One field of a call, by the table that also checks it."""
    kind = interactions.FIELDS[name][0]
    rule: Schema = {"type": TYPES[kind]}
    if kind in (int, float):
        low, most = interactions.BOUNDS.get(name, (0, interactions.LARGEST_NUMBER))
        rule |= {"minimum": low, "maximum": most}
    if name in interactions.LONGEST:
        rule["maxLength"] = interactions.LONGEST[name]
    if name == "happened_at":
        rule["format"] = "date-time"
    if name == "outcome":
        rule["enum"] = list(interactions.OUTCOMES)
    if name in interactions.REQUIRED:
        return {**rule, **({"minLength": 1} if kind is str else {}), "description": WORDS[name]}
    return {"anyOf": [rule, {"type": "null"}], "description": WORDS[name]}


def _object(required: Collection[str], fields: dict[str, Schema]) -> Schema:
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


CALL = _object(interactions.REQUIRED, {name: _field(name) for name in interactions.FIELDS})
CALLS = _object(
    ("events",), {"events": {"type": "array", "items": CALL, "minItems": 1, "maxItems": interactions.MOST_EVENTS}}
)
PROBLEM = _object(
    ("decision_id", "what", "reached_patient"),
    {
        "decision_id": {"type": "string", "description": "the decision whose answer it is about"},
        "what": {
            "type": "string",
            "minLength": 1,
            "description": f"what is wrong; stored after masking, its first {interactions.LONGEST_PROBLEM} characters",
        },
        "reached_patient": {"type": "boolean", "description": "true counts at once as possible harm"},
    },
)
