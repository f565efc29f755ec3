"""What applications are answered that ask what to run: the schemas of the published document.

What must not live here: all other answers (``answers``).
"""

from __future__ import annotations

from webapp.api.answers import DIGEST, FREE, NUMBER, TEXT, YES_NO, Schema, maybe, named, record, rows_of

UNIT = "the unit: an opaque id of encounter or clinician, never a record number; without it the live version"
CONTEXT: Schema = {
    "type": "object",
    "properties": {
        "targetingKey": {**TEXT, "maxLength": 200, "description": UNIT},
        "site": {**TEXT, "maxLength": 200},
        "department": {**TEXT, "maxLength": 200},
    },
    "additionalProperties": True,
}
EVALUATION: Schema = {"type": "object", "properties": {"context": CONTEXT}}
_RUN = {
    "version": record(number=NUMBER, label=TEXT, sha256=DIGEST),
    "model": TEXT,
    "fallbacks": rows_of(TEXT),
    "parameters": FREE,
    "messages": rows_of(record(role=TEXT, content=TEXT)),
    "downtime_text": TEXT,
    "release": record(id=TEXT, manifest_sha256=DIGEST, released_by_policy=YES_NO, envelope=named("Envelope")),
}


def _word(*words: str) -> Schema:
    return {"type": "string", "enum": list(words)}


SERVING: dict[str, Schema] = {
    "Runnable": record(**_RUN),
    "Served": record(
        prompt=TEXT,
        arm=_word("live", "candidate"),
        reason=_word("SPLIT", "STATIC", "TARGETING_MATCH"),
        **_RUN,
        shadow=maybe(named("Runnable")),
        decision_id=TEXT,
    ),
    "Downtime": record(prompt=TEXT, downtime_text=TEXT, code=TEXT),
    "Evaluated": record(
        key=TEXT,
        reason=_word("SPLIT", "STATIC", "TARGETING_MATCH", "DISABLED"),
        variant=_word("live", "candidate", "downtime"),
        value={"type": "object", "oneOf": [named("Served"), named("Downtime")]},
        metadata={"type": "object", "additionalProperties": TEXT},
        errorDetails=TEXT,
    ),
    "EvaluationFailed": record(
        key=TEXT,
        errorCode=_word("PARSE_ERROR", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"),
        errorDetails=TEXT,
        reason=_word("ERROR"),
        variant=TEXT,
        metadata=record(code=TEXT),
    ),
}
