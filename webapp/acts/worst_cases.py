"""The listed worst cases of a run, and which of them a person has opened.

What must not live here: choosing them and showing their answers (``webapp.services.evaluation``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.results import open_result
from webapp.acts.situation import Case
from webapp.adapters.store.schema import CaseOpening, FindingRow
from webapp.domain.workflow import Actor


@dataclass(frozen=True)
class WorstCase:
    """One of the worst cases: what is wrong with it in a sentence, and its critical findings."""

    case_id: str
    category: str
    sentence: str
    is_critical: bool
    findings: tuple[str, ...]
    is_opened: bool


def worst_cases(session: Session, case: Case, actor: Actor) -> tuple[WorstCase, ...]:
    """The worst cases in the order of the result, critical first."""
    if case.run is None or case.run.result_sha256 is None:
        return ()
    query = select(CaseOpening.case_id).where(CaseOpening.run_id == case.run.id, CaseOpening.person_id == actor.id)
    opened = set(session.scalars(query))
    listed = open_result(session, case.run).get("worst_cases", ())
    return tuple(_worst_case(session, case.run.id, one, one["case"] in opened) for one in listed)


def _worst_case(session: Session, run_id: str, listed: dict[str, object], is_opened: bool) -> WorstCase:
    case_id = str(listed["case"])
    findings = session.scalars(
        select(FindingRow.sentence).where(FindingRow.run_id == run_id, FindingRow.case_id == case_id)
    )
    return WorstCase(
        case_id=case_id,
        category=str(listed.get("category", "")),
        sentence=str(listed["sentence"]),
        is_critical=bool(listed["critical"]),
        findings=tuple(findings),
        is_opened=is_opened,
    )
