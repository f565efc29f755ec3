"""Performing a move: the only writer of a change's stage.

Lock, compare digest, role, guards, evidence, signature, effect, new state, entry, commit: in this order, in one transaction
(21 CFR 11.10(f), (g)). What must not live here: what a particular move does (services pass it as ``effect``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.actors import as_held_now
from webapp.acts.display import shown_for
from webapp.acts.reauthentication import Again, Proof, consume, has_just_proved, prove_any
from webapp.acts.recording import enter
from webapp.acts.releasing import void_release
from webapp.acts.sealing import seal_if_possible
from webapp.acts.signing import sign_act, to_sign_of, void_signatures
from webapp.acts.situation import Case, load_change, situation_as_asked
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Signature
from webapp.domain.policy import level_needed
from webapp.domain.record.levels import NEEDED_WORDS, is_enough, level_of
from webapp.domain.workflow import Actor, Move, Situation, Stage, find_move, fitting_row, refusals_of, signing_actor
from webapp.domain.workflow.evidence import Conclusion, Decision, Evidence, Reason
from webapp.domain.workflow.guards import Refusal
from webapp.domain.workflow.offers import STOPPING
from webapp.domain.workflow.stages import STAGE_WORDS
from webapp.errors import AlreadyDone, Conflict, FormularyError, InvalidInput, NotFound, NotSignedIn, Refused, Stale

ABOUT_THE_PERSON = frozenset(
    {
        "role",
        "by_policy",
        "contributor",
        "not_a_contributor",
        "reviewer",
        "needs_session",
        "credentials",
        "second_factor",
        "factor_reset",
        "role_too_new",
    }
)
SECOND_CLICK = ("wrong_code", "wrong_passkey", "reauthenticate")
POLICY_DAMAGED = "The policy that this change was made under cannot be read any more. Only hold and roll back are open; tell an administrator."
UNDOING = frozenset({Stage.DRAFT, Stage.EVALUATION, Stage.WITHDRAWN, Stage.REJECTED})


@dataclass
class Act:
    """One move while it happens, handed to the service's effect. ``signature`` is the row of a signed act."""

    outside: Outside
    session: Session
    case: Case
    move: Move
    situation: Situation
    evidence: Evidence
    signature: Signature | None = None

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.situation.actor


Effect = Callable[[Act], None]


def perform(
    outside: Outside,
    actor: Actor,
    change_id: str,
    name: str,
    expected_digest: str,
    evidence: Evidence,
    *,
    password: Again = None,
    effect: Effect | None = None,
) -> Act:
    """The move is done and entered, or nothing is: FormularyError says why. A refused signature is itself entered.

    A signature and whatever touches a rollout is sealed at once, anything else within a minute. Where the notary does not answer, the
    move is entered all the same and waits for its seal.

    ``password`` is given again for a signed act; it is checked before the transaction opens.
    """
    used_up: FormularyError | None = None
    try:
        try:
            proof = _prove(outside, actor, change_id, name, expected_digest, password)
        except (NotSignedIn, Refused) as error:
            if error.code not in SECOND_CLICK:
                raise
            proof, used_up = None, error  # a second click sends the same code: who signed already is told so below
        with outside.database.writing() as session:
            act = perform_in(
                outside, session, actor, change_id, name, expected_digest, evidence, proof=proof, effect=effect
            )
    except AlreadyDone:
        raise
    except (Refused, Stale, Conflict) as error:
        if used_up is not None and has_just_proved(outside, actor, expected_digest):
            raise Conflict("Your first click is signing this now; load the page again.", code="being_signed") from None
        _enter_refusal(outside, actor, change_id, name, error)
        raise used_up or error from None
    if act.move.is_sealed_at_once:
        seal_if_possible(outside)
    return act


def perform_in(
    outside: Outside,
    session: Session,
    actor: Actor,
    change_id: str,
    name: str,
    expected_digest: str,
    evidence: Evidence,
    *,
    proof: Proof | None = None,
    effect: Effect | None = None,
) -> Act:
    """The same inside a transaction that already runs: for acts that move a change as part of something larger."""
    case = load_change(session, change_id, locked=True)
    actor = as_held_now(session, actor)
    if case.change.digest != expected_digest:
        raise Stale(
            "This page is older than the change; look at what is new before you decide.", details=_state_of(case)
        )
    situation = situation_as_asked(outside, session, case, actor)
    move = _choose(session, case, situation, name)
    if case.policy_is_damaged and name not in STOPPING:
        raise Conflict(POLICY_DAMAGED, code="policy_damaged", details=_state_of(case))
    refusals = refusals_of(move, situation, evidence)
    if any(refusal.code == "signed_already" for refusal in refusals):
        raise _done_already(case)
    _require(refusals, case)
    act = Act(outside, session, case, move, situation, evidence)
    before = (case.change.stage, case.change.digest)
    act.signature = _sign(act, proof) if move.meaning else None
    _undo_decisions(act)
    if effect is not None:
        effect(act)
    _set_stage(act)
    enter(
        outside,
        session,
        actor,
        f"change.{name}",
        ("change", case.change.id, case.change.revision),
        before=before,
        after=(case.change.stage, case.change.digest),
        reason=evidence.code,
        payload=evidence.document() or None,
        attest=(act.signature.envelope_sha256,) if act.signature else (),
        numbered=act.signature,
    )
    return act


def _prove(outside: Outside, actor: Actor, change_id: str, name: str, digest: str, password: Again) -> Proof | None:
    """A proof of the password for a signed move; None where the move is not signed or no password came."""
    if password is None:
        return None
    with outside.database.reading() as session:
        stage = Stage(load_change(session, change_id).change.stage)
    meaning = next((move.meaning for move in find_move(name, stage)), None)
    return None if meaning is None else prove_any(outside, actor, password, digest, meaning)


def _choose(session: Session, case: Case, situation: Situation, name: str) -> Move:
    """The row of the table that leads from here; where class or signatures decide the target, the row that fits."""
    rows = find_move(name, situation.stage, by_policy=situation.actor.is_system)
    if not rows:
        rows = () if situation.actor.is_system else find_move(name, situation.stage, by_policy=True)
    if not rows:
        _raise_not_from_here(session, case, situation, name)
    return fitting_row(rows, situation)


def _raise_not_from_here(session: Session, case: Case, situation: Situation, name: str) -> None:
    same = select(Signature.id).where(
        Signature.change_id == case.change.id,
        Signature.move == name,
        Signature.signer_id == situation.actor.id,
        Signature.subject_sha256 == case.change.digest,
        Signature.voided_at.is_(None),
    )
    if session.scalar(same.limit(1)):
        raise _done_already(case)
    words = STAGE_WORDS[situation.stage].lower()
    raise Conflict(f"The change is in {words} by now, so this is no longer possible here.", details=_state_of(case))


def _done_already(case: Case) -> AlreadyDone:
    return AlreadyDone("You already did this; it is recorded once.", details=_state_of(case))


def _require(refusals: tuple[Refusal, ...], case: Case) -> None:
    """No refusal stands; else the gravest kind of error with every sentence."""
    if not refusals:
        return
    details = {**_state_of(case), "refusals": [{"code": r.code, "sentence": r.sentence} for r in refusals]}
    sentence = " ".join(r.sentence for r in refusals)
    if any(r.code in ABOUT_THE_PERSON for r in refusals):
        raise Refused(sentence, code=refusals[0].code, details=details)
    if all(r.code in _EVIDENCE_CODES for r in refusals):
        raise InvalidInput(sentence, code=refusals[0].code, details=details)
    raise Conflict(sentence, code=refusals[0].code, details=details)


_EVIDENCE_CODES = frozenset(
    {
        "evidence",
        "text_missing",
        "text_too_long",
        "mode",
        "end_date",
        "not_short",
        "not_all",
        "lowers_class",
        "other_class",
        "not_higher",
        "exceptions",
        "sentence",
        "changes",
        "conclusion",
        "next_review",
    }
)


def _sign(act: Act, proof: Proof | None) -> Signature:
    meaning = act.move.meaning or ""
    used = consume(
        act.outside, act.session, None if proof is None else proof.nonce, act.actor, act.case.change.digest, meaning
    )
    _require_level(act, level_of(used.method))
    sentence = act.evidence.sentence if isinstance(act.evidence, Decision | Conclusion) else ""
    if isinstance(act.evidence, Reason):
        sentence = act.evidence.reason
    return sign_act(
        act.outside,
        act.session,
        act.actor,
        to_sign_of(act.case, act.move, signing_actor(act.move, act.situation), act.evidence),
        used,
        shown_for(act.session, act.case, act.move),
        sentence,
        None if proof is None else proof.asserted,
    )


def _require_level(act: Act, level: str) -> None:
    """What was given is what the policy asks of this act; nothing less is accepted, whatever the person could have given."""
    needed = level_needed(act.case.rules, act.move.name)
    if not is_enough(level, needed):
        sentence = f"This is signed with {NEEDED_WORDS[needed]}; nothing less is accepted. Give it and sign again."
        refusal = {"code": "second_factor", "sentence": sentence}
        raise Refused(sentence, code="second_factor", details={**_state_of(act.case), "refusals": [refusal]})


def _undo_decisions(act: Act) -> None:
    """Going back or ending early voids approvals, visibly; a lapse voids what lapsed."""
    if act.move.target not in UNDOING and act.move.name != "lapse":
        return
    if act.move.source is Stage.ROLLOUT:
        void_release(act.outside, act.session, act.actor, act.case.change.id, act.move.name)
    for row in void_signatures(
        act.outside, act.session, act.case.change.id, act.move.name, keep_review=act.move.target is Stage.SIGNOFF
    ):
        enter(
            act.outside,
            act.session,
            act.actor,
            "signature.voided",
            ("signature", row.id, None),
            before=("valid", row.subject_sha256),
            after=("void", row.subject_sha256),
            reason=act.move.name,
        )


def _set_stage(act: Act) -> None:
    change, now = act.case.change, act.outside.now()
    if act.move.target is not act.move.source:
        change.stage, change.stage_since = act.move.target.value, now
    days = {}
    if act.case.policy is not None:
        days = {Stage.REVIEW: act.case.policy.review_due_days, Stage.SIGNOFF: act.case.policy.signoff_due_days}
    due = days.get(act.move.target)
    change.due_at = (
        None if due is None else (change.due_at if act.move.target is act.move.source else now + timedelta(days=due))
    )


def _enter_refusal(outside: Outside, actor: Actor, change_id: str, name: str, error: FormularyError) -> None:
    """A refused decision of a person is entered by its code, in a transaction of its own."""
    if actor.is_system or "refusals" not in error.details:
        return
    with outside.database.writing() as session:
        try:
            case = load_change(session, change_id)
        except NotFound:
            return
        state = (case.change.stage, case.change.digest)
        kind = (
            "signature.refused"
            if any(m.meaning for m in find_move(name, Stage(case.change.stage)))
            else "access.refused"
        )
        enter(
            outside,
            session,
            actor,
            kind,
            ("change", case.change.id, case.change.revision),
            before=state,
            reason=error.code,
        )


def _state_of(case: Case) -> dict[str, str | int]:
    return {"stage": case.change.stage, "digest": case.change.digest, "revision": case.change.revision}
