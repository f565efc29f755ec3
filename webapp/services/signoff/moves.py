"""Sign-off: the physician's signature makes the release; of two that are needed, the second does. Stage ``signoff``.

What must not live here: declining and asking for changes (``review``).
"""

from __future__ import annotations

from collections.abc import Sequence

from webapp.acts.perform import Act, perform
from webapp.acts.reauthentication import Again
from webapp.acts.releasing import make_release
from webapp.acts.seen import require_seen
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor, Stage
from webapp.domain.workflow.evidence import Decision


def sign(
    outside: Outside,
    actor: Actor,
    change_id: str,
    digest: str,
    password: Again,
    *,
    seen: str,
    sentence: str = "",
    exceptions: Sequence[str] = (),
) -> Act:
    """The release is signed, and made unless another physician is needed; nobody is served it until its author starts the rollout.

    ``seen``: digest of the display document that the page was made of; ``exceptions``: the measures granted by name.
    """

    def effect(act: Act) -> None:
        require_seen(seen)(act)
        if act.move.target is Stage.ROLLOUT:
            make_release(act.outside, act.session, act.actor, act.case)

    decision = Decision(sentence.strip(), tuple(exceptions))
    return perform(outside, actor, change_id, "sign", digest, decision, password=password, effect=effect)
