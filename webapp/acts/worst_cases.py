"""The listed worst cases of a run with both answers, and which of them a person has opened.

What must not live here: choosing them (``webapp.services.evaluation``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.results import open_result
from webapp.acts.situation import Case
from webapp.adapters.store.schema import Answer, CaseOpening, FindingRow
from webapp.domain.workflow import Actor

Segments = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class WorstCase:
    """One of the worst cases. ``live`` and ``new`` are answers in segments (text, mark), None where there is none."""

    case_id: str
    category: str
    sentence: str
    is_critical: bool
    findings: tuple[str, ...]
    live: Segments | None
    new: Segments | None
    is_opened: bool


def worst_cases(session: Session, case: Case, actor: Actor) -> tuple[WorstCase, ...]:
    """The worst cases in the order of the result, critical first; answers only of those that this person opened."""
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
        live=_answer(session, run_id, case_id, "baseline") if is_opened else None,
        new=_answer(session, run_id, case_id, "candidate") if is_opened else None,
        is_opened=is_opened,
    )


def _answer(session: Session, run_id: str, case_id: str, arm: str) -> Segments | None:
    """The first answer of the arm; a failed call is no answer."""
    query = select(Answer.text).where(
        Answer.run_id == run_id, Answer.case_id == case_id, Answer.arm == arm, Answer.error.is_(None)
    )
    text = session.scalars(query.order_by(Answer.repeat).limit(1)).first()
    return None if text is None else ((text, None),)
