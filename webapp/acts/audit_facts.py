"""How far the follow-up audit of a change is: what is still to be graded or settled."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import AuditSample, Grade
from webapp.domain.post_audit import GradeFacts, is_settled, needs_adjudication
from webapp.domain.workflow.situation import AuditFacts

GRADES_NEEDED = 2


def audit_facts(session: Session, change_id: str) -> AuditFacts:
    """Sampled answers, grades still missing, disagreements still open."""
    samples = list(session.scalars(select(AuditSample.id).where(AuditSample.change_id == change_id)))
    grades = grades_by_sample(session, change_id)
    missing = sum(max(0, GRADES_NEEDED - _graded(grades.get(sample, []))) for sample in samples)
    disputed = sum(
        needs_adjudication(grades.get(sample, [])) and not is_settled(grades.get(sample, [])) for sample in samples
    )
    return AuditFacts(sampled=len(samples), ungraded=missing, open_disagreements=disputed)


def grades_by_sample(session: Session, change_id: str) -> dict[str, list[GradeFacts]]:
    """Every grade of this change's sample, in the order they were given."""
    query = select(Grade).join(AuditSample, AuditSample.id == Grade.sample_id).where(AuditSample.change_id == change_id)
    found: dict[str, list[GradeFacts]] = {}
    for grade in session.scalars(query.order_by(Grade.graded_at, Grade.id)):
        facts = GradeFacts(grade.grader_id, grade.kind, grade.is_gradable, grade.is_accurate, grade.harm)
        found.setdefault(grade.sample_id, []).append(facts)
    return found


def _graded(grades: list[GradeFacts]) -> int:
    return sum(grade.kind == "grade" for grade in grades)
