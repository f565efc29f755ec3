"""A stored test set as a document for programs. Case text of patient data and of hold-outs only when it is asked for, and entered."""

from __future__ import annotations

import json
from typing import Any

from webapp.acts.case_text import enter_reading, left_out_of_documents, require_reader
from webapp.acts.suites import suite_summary
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import SuiteRow
from webapp.domain.prompts.suite_versions import count_cases
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor
from webapp.errors import NotFound

UNKNOWN = "There is no test set with this digest; look for it in the list of test sets."


def suite_document(outside: Outside, actor: Actor, digest: str, *, with_case_text: bool = False) -> dict[str, Any]:
    """The test set with its cases.

    Cases of patient data and of hold-outs are left out unless ``with_case_text``; Refused where this person may not read them.
    """
    with outside.database.reading() as session:
        row = session.get(SuiteRow, digest)
    if row is None:
        raise NotFound(UNKNOWN)
    is_left_out = left_out_of_documents(row) is not None and not with_case_text
    if not is_left_out:
        require_reader(actor, row)
        _enter(outside, actor, row)
    return {
        **suite_summary(row),
        "categories": dict(count_cases(row.content).categories),
        "stored_at": timestamp(row.stored_at),
        "cases_left_out": is_left_out,
        "rows": [] if is_left_out else [json.loads(line) for line in row.content.splitlines()],
    }


def _enter(outside: Outside, actor: Actor, row: SuiteRow) -> None:
    if left_out_of_documents(row) is None:
        return
    with outside.database.writing() as session:
        enter_reading(outside, session, actor, row)
