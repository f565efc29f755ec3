"""The review page: the frame, the checklist with my own ticks only, the worst cases."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.comparing import Compared, compare_with_previous
from webapp.acts.showing import Frame, show_frame
from webapp.acts.situation import Case, load_change
from webapp.acts.worst_cases import WorstCase, worst_cases
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ChecklistTick
from webapp.domain.workflow import Actor, Role, Stage
from webapp.domain.workflow.stages import RiskClass


@dataclass(frozen=True)
class ChecklistRow:
    """One item, ticked by me or not; what others ticked stays hidden."""

    item: str
    text: str
    is_ticked: bool


@dataclass(frozen=True)
class ReviewView:
    """The page of the review. ``may_tick``: the checklist is open to this person."""

    frame: Frame
    compared: Compared
    against: str
    has_previous: bool
    checklist: tuple[ChecklistRow, ...]
    may_tick: bool
    may_decide_findings: bool
    cases: tuple[WorstCase, ...]
    higher_classes: tuple[RiskClass, ...]


def show_review(outside: Outside, actor: Actor, change_id: str, *, against: str = "live") -> ReviewView:
    """The review of this change for this person; readable by everybody who may read changes."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        frame = show_frame(outside, session, case, actor)
        previous = compare_with_previous(session, case) if against == "previous" else None
        is_open = frame.situation.stage is Stage.REVIEW
        may_decide = is_open and Role.INFORMATICIST in actor.roles and actor.id not in frame.situation.contributors
        return ReviewView(
            frame=frame,
            compared=previous or frame.compared,
            against="previous" if previous else "live",
            has_previous=case.change.revision > 1,
            checklist=_checklist(session, case, actor),
            may_tick=may_decide,
            may_decide_findings=may_decide,
            cases=worst_cases(session, case, actor),
            higher_classes=tuple(c for c in RiskClass if c.rank > frame.situation.risk_class.rank),
        )


def _checklist(session: Session, case: Case, actor: Actor) -> tuple[ChecklistRow, ...]:
    query = select(ChecklistTick.item).where(
        ChecklistTick.change_id == case.change.id,
        ChecklistTick.revision == case.change.revision,
        ChecklistTick.person_id == actor.id,
    )
    mine = set(session.scalars(query))
    items = case.rules.checklist if case.rules else ()
    return tuple(ChecklistRow(item.item, item.text, item.item in mine) for item in items)
