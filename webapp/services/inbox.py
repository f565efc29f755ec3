"""The inbox: what waits for me, what waits for others, what I did lately. Everything is read from the table of asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.clock import Stopped, stopped_clock
from webapp.acts.resets import waiting_resets
from webapp.acts.second_factors import factors_of
from webapp.acts.second_persons import waiting_grants, why_not_confirm_reset, why_not_confirm_role
from webapp.acts.showing import next_act, signed_so_far
from webapp.acts.situation import Case, load_change, read_situation
from webapp.acts.trail import trail_standing
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, FactorReset, Leaf, Person, Version
from webapp.domain.record.entry_words import line_of
from webapp.domain.workflow import ENDED, Actor, Situation, Stage
from webapp.domain.workflow.grants import Right, may
from webapp.domain.workflow.stages import ROLE_WORDS, STAGE_WORDS, Role

LATELY_DAYS = 30
TRAIL_AHEAD = timedelta(days=7)
MOST_DONE = 10
PLACES = {
    Stage.REVIEW: "review.show",
    Stage.SIGNOFF: "signoff.show",
    Stage.ROLLOUT: "rollout.show",
    Stage.POST_AUDIT: "post_audit.show",
}


@dataclass(frozen=True)
class InboxRow:
    """A change that waits. ``place`` is the page where it goes on; ``version`` the file's own label; ``age`` since it came to its stage."""

    change_id: str
    place: str
    prompt: str
    version: str
    changes: str
    risk_class: str
    ask: str
    age: str
    due: datetime | None
    overdue: bool


@dataclass(frozen=True)
class AccessRow:
    """Somebody's access that I could confirm as the second person. ``place`` is the page where it is done."""

    place: str
    person_id: str
    name: str
    ask: str
    age: str
    role: str | None = None


@dataclass(frozen=True)
class TrailDue:
    """The review of the audit log: when it is due, and whether it is mine to sign."""

    due_at: datetime
    is_overdue: bool
    is_mine: bool


@dataclass(frozen=True)
class DoneRow:
    """Something that I did; ``words`` say what, as the timeline does."""

    change_id: str
    title: str
    words: str
    at: datetime


@dataclass(frozen=True)
class InboxView:
    """The parts; rows that wait for me are sorted by due date, then by age."""

    access: tuple[AccessRow, ...]
    mine: tuple[InboxRow, ...]
    others: tuple[InboxRow, ...]
    done: tuple[DoneRow, ...]
    trail: TrailDue | None = None


def show_inbox(outside: Outside, actor: Actor) -> InboxView:
    """The inbox of this person."""
    with outside.database.reading() as session:
        mine: list[InboxRow] = []
        others: list[InboxRow] = []
        for change_id in _open_changes(session):
            case = load_change(session, change_id)
            situation = read_situation(outside, session, case, actor)
            row, is_mine = _row(outside, session, case, situation)
            if is_mine:
                mine.append(row)
            elif _concerns(situation):
                others.append(row)
        return InboxView(
            _access(outside, session, actor),
            tuple(sorted(mine, key=_urgency)),
            tuple(others),
            _done(outside, session, actor),
            _trail(outside, session, actor),
        )


def _access(outside: Outside, session: Session, actor: Actor) -> tuple[AccessRow, ...]:
    """What waits for a second person who may be me: resets, once there is a new factor to confirm, and roles given late."""
    if not may(actor.roles, Right.CONFIRM_ACCESS):
        return ()
    waiting = select(FactorReset.person_id).where(FactorReset.confirmed_at.is_(None))
    people = session.scalars(select(Person).where(Person.id.in_(waiting), Person.is_active).order_by(Person.name)).all()
    rows = []
    for person in people:
        resets = waiting_resets(session, person.id)
        if factors_of(session, person.id) and why_not_confirm_reset(session, actor, person.id, resets) is None:
            ask, age = "Confirm that the new second factors are theirs", _age(outside.now() - resets[-1].reset_at)
            rows.append(AccessRow("confirming.ask_confirm_reset", person.id, person.name, ask, f"Waits for {age}"))
    for person, held in waiting_grants(session):
        if why_not_confirm_role(session, actor, person.id, held) is None:
            ask = f"Confirm the role {ROLE_WORDS[held.role]}, given after something was asked for that it signs"
            age = f"Given {_age(outside.now() - held.since.at)} ago"
            rows.append(AccessRow("confirming.ask_confirm_role", person.id, person.name, ask, age, held.role.value))
    return tuple(rows)


def _trail(outside: Outside, session: Session, actor: Actor) -> TrailDue | None:
    """The review of the log: for auditors a week before it is due, for administrators once it is overdue."""
    standing, is_mine = trail_standing(outside, session), may(actor.roles, Right.REVIEW_TRAIL)
    if standing is None or not (is_mine or may(actor.roles, Right.MANAGE_PEOPLE)):
        return None
    is_near = is_mine and standing.due_at < outside.now() + TRAIL_AHEAD
    if not (standing.is_overdue or is_near):
        return None
    return TrailDue(standing.due_at, standing.is_overdue, is_mine)


def _open_changes(session: Session) -> list[str]:
    query = select(Change.id).where(Change.stage.not_in([stage.value for stage in ENDED]))
    return list(session.scalars(query.order_by(Change.stage_since, Change.id)))


def _row(outside: Outside, session: Session, case: Case, situation: Situation) -> tuple[InboxRow, bool]:
    change, act = case.change, next_act(session, situation)
    is_mine = act is not None and act.is_mine
    stopped = stopped_clock(session, change.id)
    row = InboxRow(
        change_id=change.id,
        place=PLACES.get(situation.stage, "change.show") if is_mine else "change.show",
        prompt=case.prompt.name,
        version=_label(session, case),
        changes=case.changes_text.split("\n")[0],
        risk_class=change.risk_class,
        ask=_ask_words(
            act.words if act else "",
            () if is_mine or act is None else act.people,
            signed_so_far(session, change),
            stopped,
        ),
        age=f"{STAGE_WORDS[situation.stage]} for {_age(outside.now() - change.stage_since)}",
        due=None if stopped else change.due_at,
        overdue=stopped is None and change.due_at is not None and change.due_at < outside.now(),
    )
    return row, is_mine


def _label(session: Session, case: Case) -> str:
    """What the file calls the version that is proposed."""
    return session.get_one(Version, case.revision.version_id).label if case.revision else ""


def _ask_words(words: str, people: tuple[str, ...], signed: str | None, stopped: Stopped | None) -> str:
    who = f" ({', '.join(people)})" if people else ""
    first = f". {signed.rstrip('.')}" if signed else ""
    return f"{words}{who}{first}{f'. A question of {stopped.by} is open; the clock is stopped' if stopped else ''}"


def _concerns(s: Situation) -> bool:
    """Is the change mine, or of a kind that my role sees through?"""
    deciding = {Role.INFORMATICIST, Role.PHYSICIAN}
    return s.actor.id in s.contributors or bool(deciding & s.actor.roles and s.stage is not Stage.DRAFT)


def _urgency(row: InboxRow) -> tuple[bool, str]:
    return row.due is None, row.due.isoformat() if row.due else ""


def _age(time: timedelta) -> str:
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(time.total_seconds()) // size
        if count:
            return f"{count} {word}{'s' if count != 1 else ''}"
    return "less than a minute"


def _done(outside: Outside, session: Session, actor: Actor) -> tuple[DoneRow, ...]:
    """My latest acts, one line for each change."""
    query = (
        select(Leaf.type, Leaf.at, Change.id, Change.title)
        .join(Change, Change.id == Leaf.entity_id)
        .where(
            Leaf.actor_id == actor.id,
            Leaf.entity_type == "change",
            Leaf.type.startswith("change."),
            Leaf.at >= outside.now() - timedelta(days=LATELY_DAYS),
        )
        .order_by(Leaf.seq.desc())
    )
    newest: dict[str, DoneRow] = {}
    for kind, at, change_id, title in session.execute(query):
        newest.setdefault(change_id, DoneRow(change_id, title, line_of(kind, None, None, None), at))
    return tuple(newest.values())[:MOST_DONE]
