"""The author's moves that bring no new content: submit again, rebase, run again, withdraw; and what no token may do.

What must not live here: new content (``submitting``).
"""

from __future__ import annotations

from typing import NoReturn

from webapp.acts.perform import Act, perform
from webapp.acts.policies import plan_under
from webapp.acts.recording import enter
from webapp.acts.revisions import repeat_revision
from webapp.acts.runs import cancel_runs, queue_run
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Revision
from webapp.domain.plan import read_plan
from webapp.domain.workflow import MOVES, Actor
from webapp.domain.workflow.evidence import Evidence, Reason
from webapp.errors import NotFound, Refused
from webapp.services.submission.plans import require_finishable

TOKEN_MOVES = ("submit", "revise", "withdraw")


def rebase(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """The same content is compared with what is live now; earlier approvals are void."""
    return perform(outside, actor, change_id, "rebase", expected_digest, Evidence(), effect=_repeat)


def run_again(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """The present revision is evaluated once more; every run stays listed."""
    return perform(outside, actor, change_id, "run_again", expected_digest, Evidence(), effect=_queue)


def submit_again(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """A change that was sent back goes to evaluation once more with the content it has, as a further revision."""
    return perform(outside, actor, change_id, "submit", expected_digest, Evidence(), effect=_repeat)


def withdraw(outside: Outside, actor: Actor, change_id: str, expected_digest: str, reason: str) -> Act:
    """The change is withdrawn and asks no model any more; its versions and runs stay readable."""
    return perform(outside, actor, change_id, "withdraw", expected_digest, Reason(reason), effect=_cancel)


def refuse_token_move(outside: Outside, actor: Actor, change_id: str, name: str) -> NoReturn:
    """Refused, and entered as such: a token takes the moves of ``TOKEN_MOVES`` only, whatever its owner may do in person."""
    label = next((move.label for move in MOVES if move.name == name), None)
    if label is None:
        raise NotFound(f"There is no such move; a token takes {', '.join(TOKEN_MOVES)}.")
    with outside.database.writing() as session:
        change = load_change(session, change_id).change
        entity = ("change", change.id, change.revision)
        state = (change.stage, change.digest)
        enter(outside, session, actor, "access.refused", entity, before=state, reason="needs_session")
    raise Refused(
        f"{label}: this needs a person signed in to the web page; a token takes {', '.join(TOKEN_MOVES)} and nothing else.",
        code="needs_session",
        details={"stage": change.stage, "digest": change.digest, "revision": change.revision},
    )


def _repeat(act: Act) -> None:
    """The present content is a further revision, on what is live now, with a queued run."""
    old, change = _present(act), act.case.change
    plan = plan_under(act.outside, act.session, act.case.prompt, old.policy_sha256, change.risk_class, dict(old.plan))
    require_finishable(act.outside, act.session, act.case.prompt, read_plan(plan))
    fresh = repeat_revision(act.outside, act.session, act.case.prompt, change, old, act.actor.id, plan=plan)
    queue_run(act.outside, act.session, act.actor, change, fresh)


def _queue(act: Act) -> None:
    queue_run(act.outside, act.session, act.actor, act.case.change, _present(act))


def _cancel(act: Act) -> None:
    cancel_runs(act.outside, act.session, act.actor, act.case.change)


def _present(act: Act) -> Revision:
    assert act.case.revision is not None
    return act.case.revision
