"""The stored result of a run, as acts read it. The document's form is made in ``webapp.services.evaluation``.

A result document has ``measures`` (list of {measure, primary, verdict, ...}) and ``worst_cases`` (list of {case, ...}).
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Result, Run


def open_result(session: Session, run: Run) -> dict[str, Any]:
    """The result document of a complete run; empty when it has none, or when it was erased."""
    row = session.get(Result, run.result_sha256 or "")
    return {} if row is None or not row.content else dict(json.loads(row.content))


def short_measures(result: dict[str, Any]) -> tuple[str, ...]:
    """The primary measures that did not pass."""
    return tuple(m["measure"] for m in result.get("measures", ()) if m["primary"] and m["verdict"] != "pass")


def worst_case_ids(result: dict[str, Any]) -> tuple[str, ...]:
    """The listed worst cases, worst first."""
    return tuple(case["case"] for case in result.get("worst_cases", ()))
