"""The page of reports: alerts about releases in use, who looked into them, and reports that were set apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Interaction,
    Person,
    ProblemReport,
    Prompt,
    Quarantined,
    Release,
    ReleaseAlert,
    Token,
)
from webapp.domain.links import link_to
from webapp.domain.prompts.kinds import storable
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.errors import AlreadyDone, InvalidInput, NotFound, Refused, Stale
from webapp.services.interactions.alert_words import PROBLEM, WHAT_TO_DO, reason_of, sentence_of

SHOWN_DAYS = 30
MOST_SHOWN = 50
MOST_PROBLEMS = 10
LONGEST_WORDS = 500


@dataclass(frozen=True)
class ProblemView:
    """A reported problem. ``words`` is None for who may not read texts about patients."""

    words: str | None
    reached_patient: bool
    received_at: datetime
    application: str
    source_ref: str | None
    link: str | None


@dataclass(frozen=True)
class AlertView:
    """An alert in words. ``subject``: the model or index that was reported; ``may_answer``: may this person say what they found?"""

    id: str
    sentence: str
    what_to_do: str
    is_critical: bool
    prompt: str
    change_id: str
    subject: str
    application: str
    owner: str
    phone: str
    count: int
    raised_at: datetime
    last_at: datetime
    entry_seq: int | None
    problems: tuple[ProblemView, ...]
    seen_by: str | None
    seen_at: datetime | None
    seen_words: str
    may_answer: bool


@dataclass(frozen=True)
class SetApart:
    """Reports of one application that could not be believed, for one reason."""

    application: str
    owner: str
    phone: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class ReportsView:
    """The page. ``set_apart`` is None for who does not look after applications."""

    open: tuple[AlertView, ...]
    answered: tuple[AlertView, ...]
    set_apart: tuple[SetApart, ...] | None


def show_reports(outside: Outside, actor: Actor) -> ReportsView:
    """Open alerts, those of the last 30 days that somebody looked into, and what was set apart."""
    since = outside.now() - timedelta(days=SHOWN_DAYS)
    query = select(ReleaseAlert).order_by(ReleaseAlert.raised_at.desc(), ReleaseAlert.id.desc()).limit(MOST_SHOWN)
    with outside.database.reading() as session:
        return ReportsView(
            open=_views(session, actor, query.where(ReleaseAlert.seen_at.is_(None))),
            answered=_views(session, actor, query.where(ReleaseAlert.seen_at > since)),
            set_apart=_set_apart(session) if may(actor.roles, Right.READ_PEOPLE) else None,
        )


def open_alerts(outside: Outside, actor: Actor, prompt: str | None = None) -> tuple[AlertView, ...]:
    """The alerts that nobody looked into yet, of one prompt where it is named; newest first."""
    query = select(ReleaseAlert).where(ReleaseAlert.seen_at.is_(None)).order_by(ReleaseAlert.raised_at.desc())
    if prompt is not None:
        query = query.join(Prompt, Prompt.id == ReleaseAlert.prompt_id).where(Prompt.name == prompt)
    with outside.database.reading() as session:
        return _views(session, actor, query.limit(MOST_SHOWN))


def answer_alert(outside: Outside, actor: Actor, alert_id: str, count: int, words: str) -> None:
    """What a person found stands with the alert and in the audit log; the next report of the kind raises another one.

    Stale where more was reported than the ``count`` that the page showed.
    """
    if not actor.is_in_person or not may(actor.roles, Right.ANSWER_ALERT):
        raise Refused("Informaticists and physicians look into alerts; ask one.", code="role")
    if not 1 <= len(words.strip()) <= LONGEST_WORDS or not storable(words):
        raise InvalidInput(f"Write what you found and what was done, in at most {LONGEST_WORDS} characters.")
    with outside.database.writing() as session:
        row = session.get(ReleaseAlert, alert_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such alert; look at the list of reports.")
        if row.seen_at is not None:
            raise AlreadyDone("Somebody looked into this already.")
        if row.count != count:
            raise Stale("More was reported meanwhile; read it, then say what you found.")
        row.seen_by, row.seen_at, row.seen_words = actor.id, outside.now(), words.strip()
        payload = {"alert": row.id, "count": row.count, "found": row.seen_words}
        entity = ("release", row.release_id, None)
        enter(outside, session, actor, "release.alert_answered", entity, reason=reason_of(row), payload=payload)


def _views(session: Session, actor: Actor, query: Select[ReleaseAlert]) -> tuple[AlertView, ...]:
    return tuple(_view(session, actor, row) for row in session.scalars(query).all())


def _view(session: Session, actor: Actor, row: ReleaseAlert) -> AlertView:
    release, prompt = session.get_one(Release, row.release_id), session.get_one(Prompt, row.prompt_id)
    token, seen_by = session.get_one(Token, row.token_id), session.get(Person, row.seen_by or "")
    return AlertView(
        id=row.id,
        sentence=sentence_of(row, prompt.name, release.label),
        what_to_do=WHAT_TO_DO[row.kind],
        is_critical=row.critical_count > 0,
        prompt=prompt.name,
        change_id=release.change_id,
        subject=row.subject,
        application=token.name,
        owner=token.owner_contact,
        phone=token.owner_phone,
        count=row.count,
        raised_at=row.raised_at,
        last_at=row.last_at,
        entry_seq=row.entry_seq,
        problems=_problems(session, actor, row) if row.kind == PROBLEM else (),
        seen_by=seen_by.name if seen_by else None,
        seen_at=row.seen_at,
        seen_words=row.seen_words,
        may_answer=row.seen_at is None and may(actor.roles, Right.ANSWER_ALERT),
    )


def _problems(session: Session, actor: Actor, row: ReleaseAlert) -> tuple[ProblemView, ...]:
    """The newest problems of this alert, those that reached a patient first."""
    query = (
        select(ProblemReport, Token, Interaction.source_ref)
        .join(Token, Token.id == ProblemReport.token_id)
        .join(Interaction, Interaction.id == ProblemReport.interaction_id)
        .where(ProblemReport.alert_id == row.id)
        .order_by(ProblemReport.reached_patient.desc(), ProblemReport.received_at.desc(), ProblemReport.id.desc())
    )
    may_read = may(actor.roles, Right.READ_PHI_CASES)
    return tuple(
        ProblemView(
            words=problem.words if may_read else None,
            reached_patient=problem.reached_patient,
            received_at=problem.received_at,
            application=token.name,
            source_ref=source_ref if may_read else None,
            link=link_to(token.link_pattern, source_ref) if may_read else None,
        )
        for problem, token, source_ref in session.execute(query.limit(MOST_PROBLEMS))
    )


def _set_apart(session: Session) -> tuple[SetApart, ...]:
    counted = func.count(), func.min(Quarantined.received_at), func.max(Quarantined.received_at)
    query = (
        select(Token.name, Token.owner_contact, Token.owner_phone, Quarantined.reason, *counted)
        .join(Token, Token.id == Quarantined.token_id)
        .group_by(Token.id, Token.name, Token.owner_contact, Token.owner_phone, Quarantined.reason)
        .order_by(func.max(Quarantined.received_at).desc())
    )
    return tuple(SetApart(*row) for row in session.execute(query))
