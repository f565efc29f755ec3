"""What an erasure would take and what it would leave, before anybody signs; and one erasure with how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.retention import CHANGE, SUITE, Calendar, Verdict, load_calendar, verdict_on
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Erasure, Person, Prompt
from webapp.domain.retention import is_weaker
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import ROLE_WORDS, Role
from webapp.errors import NotFound
from webapp.services.retention.planning import STAYS, is_empty, plan_digest, plan_of, plan_words
from webapp.services.retention.rules import ERASERS, require_right

UNKNOWN = "There is no such change or test set; choose one on the page Retention."
OPEN_STATES = ("requested", "working")


@dataclass(frozen=True)
class PreviewView:
    """What would go, with how many of each, and what stays; ``refusal`` says why not now, ``on`` from when."""

    kind: str
    subject: str
    title: str
    goes: tuple[tuple[str, int], ...]
    stays: tuple[str, ...]
    digest: str
    on: datetime | None
    refusal: str | None
    years: int
    is_weaker: bool
    may_ask: bool


@dataclass(frozen=True)
class ErasureView:
    """One erasure. ``stale``: what goes is no longer what was asked for. ``why_not``: why this person cannot confirm it."""

    id: str
    preview: PreviewView
    reason: str
    state: str
    requested_by: str
    requested_role: str
    requested_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    concluded_at: datetime | None
    failure: str | None
    done: int
    planned: int
    digest: str
    is_stale: bool
    why_not: str | None
    may_withdraw: bool

    @property
    def percent(self) -> int:
        """How far it is, 0..100."""
        return 100 * self.done // self.planned if self.planned else 0


def show_preview(outside: Outside, actor: Actor, kind: str, subject: str) -> PreviewView:
    """The preview of erasing this change's or test set's texts; NotFound for an unknown one."""
    require_right(actor, Right.READ_RETENTION)
    with outside.database.reading() as session:
        calendar = require_subject(session, kind, subject)
        plan = plan_of(session, calendar, kind, subject)
        verdict = verdict_on(outside, session, calendar, kind, subject)
        return _preview(outside, session, actor, calendar, plan, verdict)


def show_erasure(outside: Outside, actor: Actor, erasure_id: str) -> ErasureView:
    """One erasure as this person sees it; NotFound when there is none."""
    require_right(actor, Right.READ_RETENTION)
    with outside.database.reading() as session:
        row = session.get(Erasure, erasure_id)
        if row is None:
            raise NotFound("There is no such erasure; look at the page Retention.")
        return erasure_view(outside, session, actor, row, load_calendar(session))


def erasure_view(outside: Outside, session: Session, actor: Actor, row: Erasure, calendar: Calendar) -> ErasureView:
    """The row in words."""
    is_open = row.state == "requested"
    plan = plan_of(session, calendar, row.kind, row.subject) if is_open else row.plan
    verdict = verdict_on(outside, session, calendar, row.kind, row.subject)
    names = [session.get(Person, person or "") for person in (row.requested_by, row.confirmed_by)]
    is_stale = is_open and plan_digest(plan) != row.plan_sha256
    return ErasureView(
        id=row.id,
        preview=_preview(outside, session, actor, calendar, plan, verdict),
        reason=row.reason,
        state=row.state,
        requested_by=names[0].name if names[0] else row.requested_by,
        requested_role=ROLE_WORDS[Role(row.requested_role)],
        requested_at=row.requested_at,
        confirmed_by=names[1].name if names[1] else None,
        confirmed_at=row.confirmed_at,
        concluded_at=row.concluded_at,
        failure=row.failure,
        done=row.done,
        planned=row.planned,
        digest=row.plan_sha256,
        is_stale=is_stale,
        why_not=_why_not(actor, row, verdict, is_stale=is_stale) if is_open else None,
        may_withdraw=is_open and may(actor.roles, Right.ERASE_TEXTS),
    )


def require_subject(session: Session, kind: str, subject: str) -> Calendar:
    """The calendar, where it knows this change or test set; NotFound otherwise."""
    calendar = load_calendar(session)
    known = calendar.changes if kind == CHANGE else calendar.suites if kind == SUITE else {}
    if subject not in known:
        raise NotFound(UNKNOWN)
    return calendar


def title_of(session: Session, calendar: Calendar, kind: str, subject: str) -> str:
    """What people call it."""
    if kind == SUITE:
        suite = calendar.suites[subject]
        return f"Test set {suite.name}, version {suite.number}"
    change = calendar.changes[subject]
    name = session.get_one(Prompt, change.prompt_id).name
    return change.title if change.title.startswith(name) else f"{name}: {change.title}"


def other_role(role: str) -> Role:
    """The role in which the second person acts: an auditor where an administrator asked, and the other way round."""
    return next(one for one in ERASERS if one.value != role)


def _why_not(actor: Actor, row: Erasure, verdict: Verdict, *, is_stale: bool) -> str | None:
    if verdict.refusal is not None:
        return verdict.refusal
    if is_stale:
        return "What goes is no longer what was asked for; withdraw this and ask anew."
    if actor.id == row.requested_by:
        return "You asked for this; another person confirms it."
    needed = other_role(row.requested_role)
    if needed not in actor.roles:
        return f"This is confirmed by somebody with the role {ROLE_WORDS[needed]}."
    return None


def _preview(
    outside: Outside, session: Session, actor: Actor, calendar: Calendar, plan: dict[str, Any], verdict: Verdict
) -> PreviewView:
    refusal = verdict.refusal
    if refusal is None and is_empty(plan):
        refusal = "Nothing is left to erase here."
    return PreviewView(
        kind=plan["erase"],
        subject=plan["subject"],
        title=title_of(session, calendar, plan["erase"], plan["subject"]),
        goes=plan_words(plan),
        stays=STAYS,
        digest=plan_digest(plan),
        on=verdict.on,
        refusal=refusal,
        years=outside.settings.retention_years,
        is_weaker=is_weaker(outside.settings.retention_years),
        may_ask=refusal is None and may(actor.roles, Right.ERASE_TEXTS),
    )
