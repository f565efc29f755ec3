"""The follow-up audit: two blind graders, a third who settles, a signed conclusion. Stage ``post_audit``.

Graders see neither version nor each other's grades. What must not live here: how the sample is drawn (``webapp.acts.sampling``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.audit_facts import GRADES_NEEDED, grades_by_sample
from webapp.acts.perform import Act, perform
from webapp.acts.reauthentication import Again
from webapp.acts.recording import enter
from webapp.acts.signatures_shown import SignatureShown, signatures_of
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditDraw, AuditSample, Change, Grade, Interaction, Token
from webapp.domain.links import link_to
from webapp.domain.post_audit import HARMS, GradeFacts, is_failure, is_settled, needs_adjudication
from webapp.domain.statistics.bounds import wilson, words_for_events
from webapp.domain.workflow import Actor, Offer, Role, Stage, offers
from webapp.domain.workflow.evidence import Conclusion
from webapp.errors import Conflict, InvalidInput, NotFound, Refused

RUBRIC = (
    ("thorough", "Thorough: nothing important is missing"),
    ("useful", "Useful for the next clinician"),
    ("organised", "Organised"),
    ("comprehensible", "Comprehensible"),
    ("succinct", "Succinct"),
    ("respectful", "No stigmatising language"),
)
SCALE = range(1, 6)
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class GradeGiven:
    """What a grader hands in. ``ratings`` maps rubric names to 1..5; ``harm`` is one of HARMS."""

    is_gradable: bool
    is_accurate: bool | None
    harm: str
    ratings: dict[str, int]
    note: str = ""


@dataclass(frozen=True)
class SampleView:
    """One sampled answer as a grader meets it; ``task`` is what this person may do with it now."""

    id: str
    label: str
    request_text: str | None
    response_text: str | None
    source_ref: str | None
    link: str | None
    grades: int
    is_disputed: bool
    is_settled: bool
    is_failure: bool
    task: str | None
    why_not: str


@dataclass(frozen=True)
class Findings:
    """What the graded sample says, once blinding may be lifted."""

    arm: str
    gradable: int
    accurate: int
    low: float
    high: float
    harms: str


@dataclass(frozen=True)
class AuditView:
    """The page of a follow-up audit."""

    change: Change
    prompt_name: str
    seed: str
    drawn: int
    eligible: int
    ungraded: int
    open_disagreements: int
    samples: tuple[SampleView, ...]
    findings: tuple[Findings, ...]
    conclusion: SignatureShown | None
    offers: tuple[Offer, ...]
    is_contributor: bool


def show_audit(outside: Outside, actor: Actor, change_id: str) -> AuditView:
    """The audit of this change as this person may see it: findings by version appear only when every grade is in."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        situation = read_situation(outside, session, case, actor)
        draw = session.get(AuditDraw, change_id)
        grades = grades_by_sample(session, change_id)
        samples = tuple(
            _view(session, sample, grades.get(sample.id, []), actor, situation.contributors)
            for sample in _samples(session, change_id)
        )
        is_graded = bool(samples) and not situation.audit.ungraded and not situation.audit.open_disagreements
        return AuditView(
            change=case.change,
            prompt_name=case.prompt.name,
            seed=draw.seed if draw else "",
            drawn=draw.size if draw else 0,
            eligible=draw.eligible if draw else 0,
            ungraded=situation.audit.ungraded,
            open_disagreements=situation.audit.open_disagreements,
            samples=samples,
            findings=_findings(session, change_id, grades) if is_graded else (),
            conclusion=_conclusion(outside, session, change_id),
            offers=offers(situation),
            is_contributor=actor.id in situation.contributors,
        )


def _conclusion(outside: Outside, session: Session, change_id: str) -> SignatureShown | None:
    """The signature that concluded the audit, with its sentence; None while it is open."""
    return next((one for one in signatures_of(outside, session, change_id) if one.move == "conclude"), None)


def grade(outside: Outside, actor: Actor, change_id: str, sample_id: str, given: GradeGiven) -> None:
    """A blind grade is stored; the third person of a disputed answer settles it. Nobody grades one answer twice."""
    _check(given)
    with outside.database.writing() as session:
        case = load_change(session, change_id, locked=True)
        sample = session.get(AuditSample, sample_id)
        if sample is None or sample.change_id != change_id:
            raise NotFound("This answer is not part of the sample.")
        situation = read_situation(outside, session, case, actor)
        if case.change.stage != Stage.POST_AUDIT.value:
            raise Conflict("The follow-up audit of this change is not open.")
        task, why_not = _task(grades_by_sample(session, change_id).get(sample_id, []), actor, situation.contributors)
        if task is None:
            raise Refused(why_not, code="cannot_grade")
        _store(outside, session, actor, sample, given, task)


def conclude(
    outside: Outside, actor: Actor, change_id: str, digest: str, conclusion: Conclusion, password: Again
) -> Act:
    """The conclusion is signed, the change is closed and the prompt's next review is dated."""

    def date_next_review(act: Act) -> None:
        act.case.prompt.next_review_on = _midnight(conclusion.next_review_on)

    return perform(
        outside, actor, change_id, "conclude", digest, conclusion, password=password, effect=date_next_review
    )


def _samples(session: Session, change_id: str) -> list[AuditSample]:
    return list(
        session.scalars(select(AuditSample).where(AuditSample.change_id == change_id).order_by(AuditSample.position))
    )


def _view(
    session: Session, sample: AuditSample, grades: list[GradeFacts], actor: Actor, contributors: frozenset[str]
) -> SampleView:
    row = session.get_one(Interaction, sample.interaction_id)
    task, why_not = _task(grades, actor, contributors)
    return SampleView(
        id=sample.id,
        label=sample.label,
        request_text=row.request_text,
        response_text=row.response_text,
        source_ref=row.source_ref,
        link=link_to(session.get_one(Token, row.token_id).link_pattern, row.source_ref),
        grades=sum(g.kind == "grade" for g in grades),
        is_disputed=needs_adjudication(grades),
        is_settled=is_settled(grades),
        is_failure=is_failure(grades),
        task=task,
        why_not=why_not,
    )


def _task(grades: list[GradeFacts], actor: Actor, contributors: frozenset[str]) -> tuple[str | None, str]:
    """What this person may do with an answer that has these grades: grade, adjudication, or nothing and why."""
    if not actor.roles & {Role.INFORMATICIST, Role.PHYSICIAN}:
        return None, "Informaticists and physicians grade."
    if actor.id in contributors:
        return None, "You contributed to this change, so others grade it."
    if any(g.grader_id == actor.id for g in grades):
        return None, "You graded this answer."
    if sum(g.kind == "grade" for g in grades) < GRADES_NEEDED:
        return "grade", ""
    if needs_adjudication(grades) and not is_settled(grades):
        return "adjudication", ""
    return None, "This answer has both its grades."


def _check(given: GradeGiven) -> None:
    if given.harm not in HARMS:
        raise InvalidInput("Say whether the answer could harm: none, minor, moderate or severe.")
    if given.is_gradable and given.is_accurate is None:
        raise InvalidInput("Say whether the answer is accurate, or mark it as not gradable.")
    names = {name for name, _ in RUBRIC}
    if any(name not in names or value not in SCALE for name, value in given.ratings.items()):
        raise InvalidInput("Each rating is a number from 1 to 5.")
    if given.is_gradable and set(given.ratings) != names:
        raise InvalidInput("Give every rating, or mark the answer as not gradable.")
    if len(given.note) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.")


def _store(outside: Outside, session: Session, actor: Actor, sample: AuditSample, given: GradeGiven, kind: str) -> None:
    session.add(
        Grade(
            id=outside.new_id("grd"),
            sample_id=sample.id,
            grader_id=actor.id,
            kind=kind,
            ratings=given.ratings if given.is_gradable else {},
            is_accurate=given.is_accurate if given.is_gradable else None,
            is_gradable=given.is_gradable,
            harm=given.harm,
            note=given.note,
            graded_at=outside.now(),
        )
    )
    session.flush()
    entry = "audit.adjudicated" if kind == "adjudication" else "audit.graded"
    payload = {
        "sample": sample.label,
        "harm": given.harm,
        "gradable": given.is_gradable,
        "accurate": given.is_accurate,
        "note": given.note,
    }
    enter(outside, session, actor, entry, ("change", sample.change_id, None), payload=payload)


def _findings(session: Session, change_id: str, grades: dict[str, list[GradeFacts]]) -> tuple[Findings, ...]:
    """Accuracy and harm by version, the settling grade counting where graders disagreed."""
    by_arm: dict[str, list[GradeFacts]] = {}
    for sample in _samples(session, change_id):
        given = grades.get(sample.id, [])
        final = next((g for g in given if g.kind == "adjudication"), given[0] if given else None)
        if final is not None:
            by_arm.setdefault(sample.arm, []).append(final)
    return tuple(_finding(arm, found) for arm, found in sorted(by_arm.items()))


def _finding(arm: str, grades: list[GradeFacts]) -> Findings:
    gradable = [g for g in grades if g.is_gradable]
    accurate = sum(bool(g.is_accurate) for g in gradable)
    low, high = wilson(accurate, len(gradable)) if gradable else (0.0, 1.0)
    harms = sum(g.harm != "none" for g in grades)
    return Findings(arm, len(gradable), accurate, low, high, words_for_events(harms, len(grades)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
