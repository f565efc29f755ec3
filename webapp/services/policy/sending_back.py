"""An urgent version of the policy sends every open change back to evaluation: the move ``policy_changed``, which only the system takes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.mailing import mail
from webapp.acts.open_changes import open_changes
from webapp.acts.perform import Act, perform_in
from webapp.acts.policies import enter_due_policy, has_due_policy, has_urgent_policy, is_sent_back, plan_under
from webapp.acts.revisions import repeat_revision
from webapp.acts.runs import queue_run
from webapp.acts.sealing import seal_if_possible
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Revision
from webapp.domain.workflow.evidence import Evidence
from webapp.errors import FormularyError


def keep_policy_in_time(outside: Outside) -> list[str]:
    """A version whose delay is over is entered, and what an urgent one sends back is back in evaluation. Safe to repeat."""
    with outside.database.reading() as session:
        is_due = has_due_policy(outside, session)
    if is_due:
        with outside.database.writing() as session:
            enter_due_policy(outside, session)
        seal_if_possible(outside)
    return send_back_open_changes(outside)


def send_back_open_changes(outside: Outside) -> list[str]:
    """Every open change that was made under an older policy than an urgent one is evaluated again; returns their ids.

    One that cannot be moved now keeps no other from it, and is tried again at the next tick; until then nobody can decide on it.
    """
    with outside.database.reading() as session:
        if not has_urgent_policy(session):
            return []
        waiting = [
            change_id for change_id in session.scalars(open_changes()) if _is_behind(outside, session, change_id)
        ]
    return [change_id for change_id in waiting if _send_back(outside, change_id)]


def _is_behind(outside: Outside, session: Session, change_id: str) -> bool:
    revision = _present(session, change_id)
    return revision is not None and is_sent_back(outside, session, revision.policy_sha256)


def _present(session: Session, change_id: str) -> Revision | None:
    change = session.get_one(Change, change_id)
    query = select(Revision).where(Revision.change_id == change_id, Revision.number == change.revision)
    return session.scalar(query)


def _send_back(outside: Outside, change_id: str) -> bool:
    try:
        with outside.database.writing() as session:
            digest = session.get_one(Change, change_id).digest
            perform_in(
                outside, session, SYSTEM, change_id, "policy_changed", digest, Evidence(), effect=_evaluate_again
            )
    except FormularyError:
        return False
    seal_if_possible(outside)
    return True


def _evaluate_again(act: Act) -> None:
    """The same content is a further revision under the policy in force, with a queued run; its author is told."""
    change, old = act.case.change, act.case.revision
    assert old is not None
    plan = plan_under(act.outside, act.session, act.case.prompt, old.policy_sha256, change.risk_class, dict(old.plan))
    fresh = repeat_revision(act.outside, act.session, act.case.prompt, change, old, old.submitted_by, plan=plan)
    queue_run(act.outside, act.session, act.actor, change, fresh)
    text = (
        "An urgent version of the policy came into force, so your change is evaluated again under it. "
        "Reviews and signatures it had are void."
    )
    mail(
        act.outside, act.session, [old.submitted_by], f"{change.title}: evaluated again", text, f"/changes/{change.id}"
    )
