"""The author's moves that bring no new content: rebase, run again, withdraw.

What must not live here: new content (``submitting``).
"""

from __future__ import annotations

from webapp.acts.perform import Act, perform
from webapp.acts.revisions import repeat_revision
from webapp.acts.runs import queue_run
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Revision
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import Evidence, Reason


def rebase(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """The same content is compared with what is live now; earlier approvals are void."""

    def store(act: Act) -> None:
        fresh = repeat_revision(outside, act.session, act.case.prompt, act.case.change, _present(act), actor.id)
        queue_run(outside, act.session, actor, act.case.change, fresh)

    return perform(outside, actor, change_id, "rebase", expected_digest, Evidence(), effect=store)


def run_again(outside: Outside, actor: Actor, change_id: str, expected_digest: str) -> Act:
    """The present revision is evaluated once more; every run stays listed."""

    def queue(act: Act) -> None:
        queue_run(outside, act.session, actor, act.case.change, _present(act))

    return perform(outside, actor, change_id, "run_again", expected_digest, Evidence(), effect=queue)


def withdraw(outside: Outside, actor: Actor, change_id: str, expected_digest: str, reason: str) -> Act:
    """The change is withdrawn; its versions and runs stay readable."""
    return perform(outside, actor, change_id, "withdraw", expected_digest, Reason(reason))


def _present(act: Act) -> Revision:
    assert act.case.revision is not None
    return act.case.revision
