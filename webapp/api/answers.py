"""What the routes answer: the schemas of the published documents.

What must not live here: what they are sent (``bodies``).
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
FREE: Schema = {"type": "object"}


def maybe(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def rows_of(schema: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema}


def record(**fields: Schema) -> Schema:
    """An object with these fields, all present."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def named(name: str) -> Schema:
    """A schema of ``SCHEMAS`` by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _page(name: str, schema: Schema) -> Schema:
    return record(**{name: rows_of(schema), "next_cursor": maybe(TEXT)})


_REFUSAL = record(code=TEXT, sentence=TEXT)
_ROW = {
    "id": TEXT,
    "prompt": TEXT,
    "title": TEXT,
    "stage": TEXT,
    "revision": NUMBER,
    "digest": DIGEST,
    "risk_class": TEXT,
    "opened_at": TIME,
    "stage_since": TIME,
    "due_at": maybe(TIME),
    "clock_stopped_since": maybe(TIME),
    "links": named("Links"),
}
_SUITE = {
    "digest": DIGEST,
    "name": TEXT,
    "number": NUMBER,
    "cases": NUMBER,
    "contains_phi": YES_NO,
    "is_held_out": YES_NO,
}
_PROMPT = {
    "id": TEXT,
    "name": TEXT,
    "risk_class": TEXT,
    "class_confirmed_at": maybe(TIME),
    "versions_stored": NUMBER,
    "live": maybe(named("Release")),
    "created_at": TIME,
}
_VERSION = {"number": NUMBER, "label": TEXT, "sha256": DIGEST, "stored_at": TIME}
_RELEASE = {
    "id": TEXT,
    "change": TEXT,
    "label": TEXT,
    "state": TEXT,
    "manifest": DIGEST,
    "released_by_policy": YES_NO,
    "made_at": TIME,
}

SCHEMAS: dict[str, Schema] = {
    "Error": record(error=record(code=TEXT, message=TEXT, details=FREE)),
    "Envelope": record(payloadType=TEXT, payload=TEXT, signatures=rows_of(record(keyid=TEXT, sig=TEXT))),
    "Links": record(self=TEXT, evaluation=TEXT, page=TEXT),
    "Submitted": record(
        id=TEXT,
        stage=TEXT,
        revision=NUMBER,
        digest=DIGEST,
        run=TEXT,
        warnings=rows_of(TEXT),
        links=named("Links"),
    ),
    "ChangeRow": record(**_ROW),
    "Changes": _page("changes", named("ChangeRow")),
    "Run": record(
        id=TEXT,
        number=NUMBER,
        revision=NUMBER,
        state=TEXT,
        verdict=maybe(TEXT),
        failure=maybe(TEXT),
        planned_calls=NUMBER,
        done_calls=NUMBER,
        offline=YES_NO,
        cost_microusd=NUMBER,
        queued_at=TIME,
        started_at=maybe(TIME),
        concluded_at=maybe(TIME),
    ),
    "Move": record(
        name=TEXT, label=TEXT, open=YES_NO, signed_as=maybe(TEXT), level=maybe(TEXT), refusals=rows_of(_REFUSAL)
    ),
    "Change": record(
        **_ROW,
        manifest=maybe(DIGEST),
        live=maybe(record(release=TEXT, version=NUMBER, label=TEXT)),
        run=maybe(named("Run")),
        verdicts=rows_of(FREE),
        signatures=rows_of(FREE),
        signed_so_far=maybe(TEXT),
        moves=rows_of(named("Move")),
        blocks=rows_of(TEXT),
        asked_next=maybe(FREE),
    ),
    "Evaluation": record(
        change=TEXT,
        stage=TEXT,
        digest=DIGEST,
        runs=rows_of(named("Run")),
        run=maybe(named("Run")),
        estimate=maybe(FREE),
        links=named("Links"),
    ),
    "Suite": record(**_SUITE, categories=FREE, stored_at=TIME, cases_left_out=YES_NO, rows=rows_of(FREE)),
    "SuiteStored": record(
        digest=DIGEST,
        name=TEXT,
        number=NUMBER,
        cases=NUMBER,
        is_new=YES_NO,
        difference=maybe(FREE),
        warnings=rows_of(TEXT),
    ),
    "Release": record(**_RELEASE),
    "Entries": record(entries=rows_of(named("Entry")), size=NUMBER, total=NUMBER, next_cursor=maybe(TEXT)),
    "Entry": record(
        seq=NUMBER,
        at=TIME,
        type=TEXT,
        sentence=TEXT,
        actor=FREE,
        entity=FREE,
        prompt=maybe(TEXT),
        before=maybe(TEXT),
        after=maybe(TEXT),
        reason=maybe(TEXT),
        sealed_by=maybe(NUMBER),
    ),
    "Prompts": _page("prompts", record(**_PROMPT)),
    "Prompt": record(
        **_PROMPT, versions=rows_of(record(**_VERSION)), open_changes=rows_of(FREE), history=rows_of(FREE)
    ),
    "Version": record(prompt=TEXT, **_VERSION, file=TEXT, fields=FREE, releases=rows_of(named("Release"))),
    "Live": record(prompt=TEXT, at=TIME, period=maybe(FREE), release=maybe(FREE)),
    "Permissions": record(moves=rows_of(FREE), rights=rows_of(FREE), routes=rows_of(FREE)),
    "Alive": record(status=TEXT),
    "Ready": record(ready=YES_NO, degraded=rows_of(TEXT), parts=rows_of(record(name=TEXT, state=TEXT, sentence=TEXT))),
    "CallsReceived": record(accepted=NUMBER, duplicates=NUMBER, quarantined=NUMBER),
    "ProblemStored": record(stored=YES_NO),
    "OpenApi": FREE,
    "Document": FREE,
}
