"""A stored test set as a document; the cases of one with patient data stay on its pages."""

from __future__ import annotations

import json
from typing import Any

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import SuiteRow
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.catalogue.changes import suite_summary


def show_suite(outside: Outside, actor: Actor, digest: str) -> dict[str, Any]:
    """The test set with its cases, which are left out where it holds patient data; NotFound when there is none."""
    del actor
    with outside.database.reading() as session:
        row = session.get(SuiteRow, digest)
    if row is None:
        raise NotFound("There is no test set with this digest.")
    shown = [] if row.contains_phi else [json.loads(line) for line in row.content.splitlines()]
    return {
        **suite_summary(row),
        "stored_at": timestamp(row.stored_at),
        "cases_left_out": row.contains_phi,
        "rows": shown,
    }
