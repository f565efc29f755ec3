"""Review: the informaticist's decisions, and the checklist behind them. Stage ``review`` (some moves also from sign-off).

What must not live here: what the pages show (``change``), comments (``comments``), case openings and findings (``evaluation``).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.class_floor import class_floor
from webapp.acts.manifests import build_manifest
from webapp.acts.perform import Act, perform
from webapp.acts.policies import default_plan
from webapp.acts.reauthentication import Again
from webapp.acts.releasing import make_release
from webapp.acts.revisions import repeat_revision
from webapp.acts.runs import queue_run
from webapp.acts.seen import require_seen
from webapp.acts.situation import Case, load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ChecklistTick
from webapp.domain.workflow import Actor, RiskClass, Role, Stage
from webapp.domain.workflow.evidence import Approval, ClassConfirmed, ClassRaised, Reason, Rewording
from webapp.domain.workflow.stages import CLASS_WORDS
from webapp.errors import AlreadyDone, Conflict, InvalidInput, Refused, Stale


def confirm_class(outside: Outside, actor: Actor, change_id: str, digest: str, password: Again) -> Act:
    """The prompt's risk class is the proposed one, confirmed by this informaticist's signature."""
    evidence = ClassConfirmed(_present_class(outside, change_id))
    return perform(outside, actor, change_id, "confirm_class", digest, evidence, password=password, effect=_confirm)


def raise_class(outside: Outside, actor: Actor, change_id: str, digest: str, risk_class: str, password: Again) -> Act:
    """The class is higher, approvals are void, and a new revision under the stricter rules is evaluated."""
    evidence = ClassRaised(_class_named(risk_class))
    return perform(outside, actor, change_id, "raise_class", digest, evidence, password=password, effect=_raise)


def reword(outside: Outside, actor: Actor, change_id: str, digest: str, changes: str) -> Act:
    """What changes is said in the reviewer's words; the release contents, and so the digest, are new."""
    return perform(outside, actor, change_id, "reword", digest, Rewording(changes.strip()), effect=_reword)


def approve(
    outside: Outside, actor: Actor, change_id: str, digest: str, approval: Approval, password: Again, *, seen: str
) -> Act:
    """The change waits for a physician. ``seen``: digest of the display document that the page was made of."""
    effect = require_seen(seen)
    return perform(outside, actor, change_id, "approve", digest, approval, password=password, effect=effect)


def approve_for_rollout(
    outside: Outside, actor: Actor, change_id: str, digest: str, approval: Approval, password: Again, *, seen: str
) -> Act:
    """The release of an administrative change is made and may be started."""

    def effect(act: Act) -> None:
        require_seen(seen)(act)
        make_release(act.outside, act.session, act.actor, act.case)

    return perform(outside, actor, change_id, "approve_for_rollout", digest, approval, password=password, effect=effect)


def ask_for_changes(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str) -> Act:
    """The change is a draft again, without approvals; the author reads the reason."""
    return perform(outside, actor, change_id, "ask_for_changes", digest, Reason(reason.strip()))


def reject(outside: Outside, actor: Actor, change_id: str, digest: str, reason: str, password: Again) -> Act:
    """The change is over: signed, with the reason."""
    return perform(outside, actor, change_id, "reject", digest, Reason(reason.strip()), password=password)


def tick_checklist(outside: Outside, actor: Actor, change_id: str, digest: str, ticked: Sequence[str]) -> None:
    """Exactly these items of the checklist are ticked by this reviewer, for this revision."""
    with outside.database.writing() as session:
        case = load_change(session, change_id, locked=True)
        _require_reviewer(case, actor, digest)
        _require_items(case, ticked)
        mine = _ticks(session, case, actor)
        for item in mine.keys() - set(ticked):
            session.delete(mine[item])
        for item in dict.fromkeys(ticked):
            if item not in mine:
                session.add(_tick(outside, case, actor, item))


def _tick(outside: Outside, case: Case, actor: Actor, item: str) -> ChecklistTick:
    return ChecklistTick(
        id=outside.new_id("chk"),
        change_id=case.change.id,
        revision=case.change.revision,
        person_id=actor.id,
        item=item,
        ticked_at=outside.now(),
    )


def _ticks(session: Session, case: Case, actor: Actor) -> dict[str, ChecklistTick]:
    query = select(ChecklistTick).where(
        ChecklistTick.change_id == case.change.id,
        ChecklistTick.revision == case.change.revision,
        ChecklistTick.person_id == actor.id,
    )
    return {row.item: row for row in session.scalars(query)}


def _require_reviewer(case: Case, actor: Actor, digest: str) -> None:
    if Role.INFORMATICIST not in actor.roles:
        raise Refused("The checklist is the reviewer's; it needs the role clinical informaticist.", code="role")
    if case.change.digest != digest:
        raise Stale("This page is older than the change; look at what is new, then tick again.")
    if case.change.stage != Stage.REVIEW.value:
        raise Conflict("The change is not in review, so its checklist is closed.")


def _require_items(case: Case, ticked: Sequence[str]) -> None:
    known = {item.item for item in case.rules.checklist} if case.rules else set()
    if not set(ticked) <= known:
        raise InvalidInput("The checklist has no such item; load the page again.")


def _present_class(outside: Outside, change_id: str) -> RiskClass:
    with outside.database.reading() as session:
        return RiskClass(load_change(session, change_id).change.risk_class)


def _class_named(text: str) -> RiskClass:
    if text not in list(RiskClass):
        raise InvalidInput("Choose a risk class: administrative, clinical or high risk.")
    return RiskClass(text)


def _confirm(act: Act) -> None:
    prompt, risk_class = act.case.prompt, act.case.change.risk_class
    if prompt.class_confirmed_at is not None and prompt.risk_class == risk_class:
        raise AlreadyDone("The risk class is confirmed already; it is recorded once.")
    _refuse_below_prompt(act, RiskClass(risk_class))
    _set_class(act, RiskClass(risk_class))


def _raise(act: Act) -> None:
    assert isinstance(act.evidence, ClassRaised)
    assert act.case.revision is not None
    change, raised = act.case.change, act.evidence.risk_class
    _refuse_below_prompt(act, raised)
    _set_class(act, raised)
    change.risk_class = raised.value
    plan = default_plan(act.outside, act.session, act.case.prompt, raised)
    revision = repeat_revision(
        act.outside, act.session, act.case.prompt, change, act.case.revision, act.actor.id, plan=plan
    )
    queue_run(act.outside, act.session, act.actor, change, revision)


def _refuse_below_prompt(act: Act, risk_class: RiskClass) -> None:
    """A change never lowers the class that was confirmed for its prompt, or to which it was raised."""
    floor = class_floor(act.session, act.case.prompt, but=act.signature)
    if floor is not None and risk_class.rank < floor.rank:
        raise Conflict(f"The prompt's class is {CLASS_WORDS[floor]} by now; raise the class of this change to it.")


def _set_class(act: Act, risk_class: RiskClass) -> None:
    """The prompt has this class; confirmed where an informaticist set it or had before, else to be confirmed in the next review."""
    prompt, is_confirmed = act.case.prompt, Role.INFORMATICIST in act.actor.roles
    if not is_confirmed and prompt.class_confirmed_at is not None and prompt.risk_class == risk_class.value:
        return
    prompt.risk_class = risk_class.value
    prompt.class_confirmed_by = act.actor.id if is_confirmed else None
    prompt.class_confirmed_at = act.outside.now() if is_confirmed else None


def _reword(act: Act) -> None:
    assert isinstance(act.evidence, Rewording)
    act.case.change.reworded_changes = act.evidence.changes
    build_manifest(act.outside, act.session, act.case)
