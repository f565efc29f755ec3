"""Settling a change whose evaluation holds: the moves that only the system takes, by policy, when their guards let it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.manifests import build_manifest
from webapp.acts.perform import Act, Effect, perform_in
from webapp.acts.releasing import make_release
from webapp.acts.sealing import seal_if_possible
from webapp.acts.situation import Case, load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Run
from webapp.domain.verdict import Verdict
from webapp.domain.workflow import Stage, find_move, refusals_of
from webapp.domain.workflow.evidence import Evidence


def settle(outside: Outside, change_id: str) -> str | None:
    """The move by policy that is open is done; returns its name, or None where nothing is open. Safe to repeat."""
    with outside.database.reading() as session:
        if _open_move(outside, session, load_change(session, change_id)) is None:
            return None
    with outside.database.writing() as session:
        done = settle_in(outside, session, change_id)
    seal_if_possible(outside)
    return done


def settle_all(outside: Outside) -> list[str]:
    """Every change in evaluation that may move on has moved on; returns their ids."""
    with outside.database.reading() as session:
        query = (
            select(Change.id)
            .join(Run, (Run.change_id == Change.id) & (Run.revision == Change.revision))
            .where(Change.stage == Stage.EVALUATION.value, Run.state == "complete", Run.verdict == Verdict.PASS.value)
            .distinct()
        )
        waiting = list(session.scalars(query.order_by(Change.id)))
    return [change_id for change_id in waiting if settle(outside, change_id)]


def settle_in(outside: Outside, session: Session, change_id: str) -> str | None:
    """The same inside a transaction that already runs."""
    session.flush()
    case = load_change(session, change_id, locked=True)
    name = _open_move(outside, session, case)
    if name is not None:
        perform_in(outside, session, SYSTEM, change_id, name, case.change.digest, Evidence(), effect=_EFFECTS[name])
    return name


def _open_move(outside: Outside, session: Session, case: Case) -> str | None:
    """Release by policy before review, where policy lets it; None where the change waits for something."""
    if case.change.stage != Stage.EVALUATION.value or case.run is None:
        return None
    situation = read_situation(outside, session, case, SYSTEM)
    for name in _EFFECTS:
        if any(not refusals_of(move, situation) for move in find_move(name, Stage.EVALUATION, by_policy=True)):
            return name
    return None


def _release(act: Act) -> None:
    build_manifest(act.outside, act.session, act.case)
    make_release(act.outside, act.session, act.actor, act.case, by_policy=True)


def _fix_contents(act: Act) -> None:
    build_manifest(act.outside, act.session, act.case)


_EFFECTS: dict[str, Effect] = {"release_by_policy": _release, "evaluated": _fix_contents}
