"""The report of retention: what is in effect, until when the rest was, from when it may be erased; holds; erasures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.retention import CHANGE, SUITE, Calendar, hold_words, load_calendar, verdict_on
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Erased, Erasure, LegalHold, Person, Prompt, Release, Run
from webapp.domain.retention import is_weaker
from webapp.domain.workflow import Actor
from webapp.domain.workflow.grants import Right, may
from webapp.services.retention.rules import require_right
from webapp.services.retention.showing import ErasureView, erasure_view, title_of

MOST_ERASURES = 50


@dataclass(frozen=True)
class KeptLine:
    """A change with its runs and release, or a version of a test set. ``until`` None: in effect. ``refusal`` None: may be erased."""

    kind: str
    subject: str
    title: str
    detail: str
    until: datetime | None
    on: datetime | None
    refusal: str | None
    is_held: bool
    is_erased: bool


@dataclass(frozen=True)
class HoldLine:
    """A legal hold in words."""

    id: str
    covers: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lift_reason: str


@dataclass(frozen=True)
class RetentionView:
    """The whole report, and what holds may be placed on."""

    years: int
    is_weaker: bool
    lines: tuple[KeptLine, ...]
    holds: tuple[HoldLine, ...]
    erasures: tuple[ErasureView, ...]
    erased: int
    prompts: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]
    may_hold: bool

    @property
    def is_going_on(self) -> bool:
        """Is a worker erasing, so that the page asks again?"""
        return any(one.state == "working" for one in self.erasures)


def retention_report(outside: Outside, actor: Actor) -> RetentionView:
    """Everything, what may be erased first."""
    require_right(actor, Right.READ_RETENTION)
    with outside.database.reading() as session:
        calendar = load_calendar(session)
        lines = [_line(outside, session, calendar, CHANGE, id_) for id_ in calendar.changes]
        lines += [_line(outside, session, calendar, SUITE, sha256) for sha256 in calendar.suites]
        holds = session.scalars(
            select(LegalHold).order_by(LegalHold.lifted_at.is_not(None), LegalHold.placed_at.desc())
        )
        rows = session.scalars(
            select(Erasure).order_by(Erasure.requested_at.desc(), Erasure.id.desc()).limit(MOST_ERASURES)
        )
        return RetentionView(
            years=outside.settings.retention_years,
            is_weaker=is_weaker(outside.settings.retention_years),
            lines=tuple(sorted(lines, key=_order)),
            holds=tuple(_hold(session, hold) for hold in holds),
            erasures=tuple(erasure_view(outside, session, actor, row, calendar) for row in rows),
            erased=session.scalar(select(func.count()).select_from(Erased)) or 0,
            prompts=tuple(session.execute(select(Prompt.id, Prompt.name).order_by(Prompt.name)).tuples()),
            people=tuple(session.execute(select(Person.id, Person.name).order_by(Person.name)).tuples()),
            may_hold=may(actor.roles, Right.PLACE_HOLD),
        )


def _line(outside: Outside, session: Session, calendar: Calendar, kind: str, subject: str) -> KeptLine:
    verdict = verdict_on(outside, session, calendar, kind, subject)
    complete = select(Erasure.id).where(Erasure.kind == kind, Erasure.subject == subject, Erasure.state == "complete")
    return KeptLine(
        kind=kind,
        subject=subject,
        title=title_of(session, calendar, kind, subject),
        detail=_detail(session, calendar, kind, subject),
        until=verdict.effect.until,
        on=verdict.on,
        refusal=verdict.refusal,
        is_held=verdict.code == "held",
        is_erased=session.scalar(complete.limit(1)) is not None,
    )


def _detail(session: Session, calendar: Calendar, kind: str, subject: str) -> str:
    """What belongs to it and is kept as long."""
    if kind == SUITE:
        marks = ["patient data"] * calendar.suites[subject].contains_phi + ["hold-out"] * calendar.suites[
            subject
        ].is_held_out
        return ", ".join([f"{calendar.suites[subject].case_count} cases", *marks])
    runs = session.scalar(select(func.count()).select_from(Run).where(Run.change_id == subject)) or 0
    releases = session.scalars(select(Release.label).where(Release.change_id == subject)).all()
    said = [f"{runs} run{'s' if runs != 1 else ''}", *(f"release {label}" for label in releases)]
    return ", ".join(said)


def _order(line: KeptLine) -> tuple[bool, bool, bool, str, str]:
    on = line.on.isoformat() if line.on else ""
    return line.is_erased, line.refusal is not None, line.on is None, on, line.title


def _hold(session: Session, hold: LegalHold) -> HoldLine:
    lifted_by = session.get(Person, hold.lifted_by or "")
    return HoldLine(
        id=hold.id,
        covers=hold_words(session, hold.scope, hold.subject),
        reason=hold.reason,
        placed_by=session.get_one(Person, hold.placed_by).name,
        placed_at=hold.placed_at,
        lifted_by=lifted_by.name if lifted_by else None,
        lifted_at=hold.lifted_at,
        lift_reason=hold.lift_reason,
    )
