"""Guards: small named statements that must hold for a move. Each returns a refusal, or nothing when it holds.

What must not live here: which move needs which guard (``moves``), and anything that reads a database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from webapp.domain.guardrails import subjects
from webapp.domain.record.levels import is_enough
from webapp.domain.workflow.situation import Situation
from webapp.domain.workflow.stages import PHYSICIANS_NEEDED, RiskClass


@dataclass(frozen=True)
class Refusal:
    """Why a move is closed: a stable code and a sentence with the next step."""

    code: str
    sentence: str


Guard = Callable[[Situation], Refusal | None]


def is_a_contributor(s: Situation) -> Refusal | None:
    """Only those who work on the change may move it for its authors."""
    if s.actor.id in s.contributors:
        return None
    return Refusal("not_a_contributor", "Only the people who work on this change may do this; ask its author.")


def not_a_contributor(s: Situation) -> Refusal | None:
    """Contributors never decide, over the whole history of the change (segregation of duties)."""
    if s.actor.id not in s.contributors:
        return None
    return Refusal("contributor", "You contributed to this change, so somebody else has to decide on it.")


def review_is_approved(s: Situation) -> Refusal | None:
    """A reviewer who did not contribute approved this very release before the physician signs it."""
    if s.reviewer_id is not None and s.reviewer_id not in s.contributors:
        return None
    return Refusal(
        "not_reviewed", "No reviewer's approval of this release stands; ask for changes to have it reviewed."
    )


def not_the_reviewer(s: Situation) -> Refusal | None:
    """The physician is another person than the reviewer."""
    if s.actor.id != s.reviewer_id:
        return None
    return Refusal("reviewer", "You reviewed this change, so another physician has to sign it.")


def acts_in_a_session(s: Situation) -> Refusal | None:
    """A person signed in here acts; no token, job or console does."""
    if s.actor.is_in_person:
        return None
    return Refusal("needs_session", "This needs a person signed in to the web page; a token cannot do it.")


def credentials_are_confirmed(s: Situation) -> Refusal | None:
    """A physician's title and credentials were confirmed by an administrator (21 CFR 11.100(b))."""
    if s.actor.credentials_confirmed:
        return None
    return Refusal(
        "credentials", "Your credentials are not confirmed yet; ask an administrator to confirm them on your profile."
    )


def purpose_is_written(s: Situation) -> Refusal | None:
    """What changes, intended use and not-for are written; clinical prompts also say what to do in downtime."""
    if s.purpose_is_written:
        return None
    return Refusal(
        "purpose",
        "Write what changes for patients and clinicians, the intended use, what it is not for and, for a clinical prompt, the downtime text.",
    )


def no_run_is_going_on(s: Situation) -> Refusal | None:
    """The newest run has ended."""
    if s.run.state not in ("queued", "running"):
        return None
    return Refusal("run_going_on", "The evaluation is still running; wait for it to finish.")


def run_is_complete(s: Situation) -> Refusal | None:
    """The newest run of this revision scored every case; an incomplete run decides nothing."""
    if s.run.state == "complete":
        return None
    return Refusal("run_incomplete", "There is no complete evaluation of this revision; run it again.")


def every_measure_holds(s: Situation) -> Refusal | None:
    """Every primary measure passed."""
    if s.run.holds:
        return None
    names = ", ".join(s.run.short_measures) or "the primary measures"
    return Refusal(
        "not_passed", f"The evaluation does not show that {names} held; revise, run again or ask for an exception."
    )


def every_fallback_holds(s: Situation) -> Refusal | None:
    """Every fallback model passed a complete evaluation of its own."""
    if not s.fallbacks_short:
        return None
    names = ", ".join(s.fallbacks_short)
    return Refusal(
        "fallback",
        f"No evaluation of its own shows that {names} holds as a fallback; wait for its run, or submit a revision without it.",
    )


def some_measure_does_not_hold(s: Situation) -> Refusal | None:
    """An exception is only asked for where a measure did not pass."""
    if not s.run.holds:
        return None
    return Refusal("nothing_to_except", "Every measure holds; no exception is needed.")


def every_shortfall_is_excepted(s: Situation) -> Refusal | None:
    """Each primary measure that did not pass has an exception asked for, none of them expired."""
    missing = [name for name in s.run.short_measures if name not in s.exceptions_asked or name in s.exceptions_expired]
    if not s.run.holds and not s.run.short_measures:
        missing = ["An unnamed measure"]  # nothing says which one fell short, so no exception can cover it
    if not missing:
        return None
    return Refusal("not_passed", f"{', '.join(missing)} did not hold and no valid exception covers it.")


def contributors_are_mapped(s: Situation) -> Refusal | None:
    """Every git author is a person here or declared external before review opens."""
    if not s.unmapped_contributors:
        return None
    names = ", ".join(s.unmapped_contributors)
    return Refusal("unmapped_contributors", f"Say who {names} is, or declare them external, before review opens.")


def class_is_confirmed(s: Situation) -> Refusal | None:
    """An informaticist confirmed the prompt's risk class in a signed act."""
    if s.class_is_confirmed:
        return None
    return Refusal("class_unconfirmed", "Confirm or raise the prompt's risk class first.")


def class_is_not_overtaken(s: Situation) -> Refusal | None:
    """No other change raised the prompt's class above this change's since."""
    if not s.class_is_overtaken:
        return None
    return Refusal(
        "class_overtaken",
        "The prompt's risk class was raised above this change's; raise the class of this change too, or withdraw it and submit it anew.",
    )


def class_is_administrative(s: Situation) -> Refusal | None:
    """The prompt has no clinical content, so one review is enough."""
    if s.risk_class is RiskClass.ADMINISTRATIVE:
        return None
    return Refusal("needs_physician", "This risk class needs a physician's signature after the review.")


def class_needs_a_physician(s: Situation) -> Refusal | None:
    """The prompt is clinical or high risk."""
    if s.risk_class is not RiskClass.ADMINISTRATIVE:
        return None
    return Refusal("no_physician_needed", "An administrative prompt goes from review to rollout.")


def second_factor_is_enrolled(s: Situation) -> Refusal | None:
    """A physician has what the policy asks for: an authenticator app, or a passkey where nothing less is accepted."""
    if is_enough(s.level_within_reach, s.signoff_level):
        return None
    if s.signoff_level == "L1":
        sentence = "You have no second factor yet; add an authenticator app on your profile, then sign here."
    else:
        sentence = "This is signed with a passkey and you have none yet; add one on your profile, then sign here."
    return Refusal("second_factor", sentence)


def has_not_signed(s: Situation) -> Refusal | None:
    """A physician signs a release once; where two are needed, they are two people."""
    if s.actor.id not in s.signer_ids:
        return None
    return Refusal(
        "signed_already", "You signed this already; where two signatures are needed, another physician signs."
    )


RESET_WAITS = Refusal(
    "factor_reset",
    "Your second factors were taken away, and nobody has confirmed yet that the new ones are yours; you sign nothing until then. "
    "Ask an administrator or auditor, other than the one who took them away, to confirm it on your page under People. "
    "To stop or hold a prompt meanwhile, use the emergency page: it takes your password alone.",
)


def no_factor_reset_waits(s: Situation) -> Refusal | None:
    """No reset of the signer's second factors waits for a second person's confirmation."""
    return RESET_WAITS if s.factor_reset_waits else None


def another_physician_is_needed(s: Situation) -> Refusal | None:
    """After this signature the class asks for one more physician's (high risk: the first of two)."""
    if _signatures_with_mine(s) < PHYSICIANS_NEEDED[s.risk_class]:
        return None
    return Refusal("last_signature", "This signature is the last that is needed; it makes the release.")


def no_further_physician_is_needed(s: Situation) -> Refusal | None:
    """With this signature the release has all the physicians that its class needs (high risk: two)."""
    if _signatures_with_mine(s) >= PHYSICIANS_NEEDED[s.risk_class]:
        return None
    return Refusal("first_signature", "Two physicians sign this release; it is made by the second signature.")


def a_physician_has_signed(s: Situation) -> Refusal | None:
    """At least one physician's signature stands on this release."""
    if s.signer_ids:
        return None
    return Refusal("nobody_signed", "No physician has signed this release yet.")


def _signatures_with_mine(s: Situation) -> int:
    """How many physicians count once this actor has signed: other people, no contributor, not the reviewer."""
    return len(set(s.signer_ids) - s.contributors - {s.reviewer_id, s.actor.id}) + 1


def policy_lets_it_pass(s: Situation) -> Refusal | None:
    """The policy in force lets an administrative change pass without a review."""
    if s.policy_lets_pass_unreviewed:
        return None
    return Refusal("policy", "The policy in force asks for a review.")


def not_the_first_change(s: Situation) -> Refusal | None:
    """The prompt's first change always meets a person."""
    if not s.is_first_change:
        return None
    return Refusal("first_change", "The first change of a prompt is always reviewed by a person.")


def only_the_text_changed(s: Situation) -> Refusal | None:
    """Model, parameters and template variables are those of the live release."""
    if not s.model_or_variables_changed:
        return None
    return Refusal("model_changed", "Model, parameters or template variables changed, so a person reviews it.")


def checklist_is_complete(s: Situation) -> Refusal | None:
    """Every item of the class's checklist is ticked."""
    if not s.checklist_missing:
        return None
    first = "; ".join(item.rstrip(".") for item in s.checklist_missing[:3])
    rest = f"; {len(s.checklist_missing) - 3} more" if len(s.checklist_missing) > 3 else ""
    return Refusal("checklist", f"Checklist: {len(s.checklist_missing)} still open ({first}{rest}).")


def worst_cases_are_opened(s: Situation) -> Refusal | None:
    """This person opened each of the listed worst cases."""
    if not s.worst_cases_unopened:
        return None
    return Refusal("unopened_cases", f"Open the listed worst cases first: {s.worst_cases_unopened} left.")


def no_must_fix_is_open(s: Situation) -> Refusal | None:
    """No comment marked must fix is open."""
    if not s.must_fix_open:
        return None
    return Refusal(
        "must_fix", f"Comments marked must fix are open: {s.must_fix_open}. Resolve them or ask for changes."
    )


def findings_are_decided(s: Situation) -> Refusal | None:
    """Every critical finding was confirmed or dismissed by a named person."""
    if not s.findings_undecided:
        return None
    return Refusal(
        "findings_undecided", f"Confirm or dismiss the critical findings first: {s.findings_undecided} undecided."
    )


def no_critical_finding_is_confirmed(s: Situation) -> Refusal | None:
    """No new critical finding is confirmed; such a change stops and no exception helps."""
    if not s.findings_confirmed:
        return None
    return Refusal(
        "finding_confirmed",
        f"Critical findings are confirmed: {s.findings_confirmed}. This version cannot go on; ask for changes or reject.",
    )


def baseline_is_current(s: Situation) -> Refusal | None:
    """What is live now is what the change was compared with."""
    if s.baseline_is_current:
        return None
    return Refusal("baseline_moved", "Another release went live since the evaluation; rebase to compare with it.")


def baseline_has_moved(s: Situation) -> Refusal | None:
    """Another release went live since the change was compared."""
    if not s.baseline_is_current:
        return None
    return Refusal("baseline_current", "The change is already compared with what is live.")


def no_urgent_policy_is_newer(s: Situation) -> Refusal | None:
    """No urgent version of the policy came into force since this revision was made."""
    if not s.urgent_policy_is_newer:
        return None
    return Refusal(
        "urgent_policy", "An urgent policy is in force; the change goes back to evaluation under it in a moment."
    )


def urgent_policy_is_newer(s: Situation) -> Refusal | None:
    """An urgent version of the policy came into force since this revision was made."""
    if s.urgent_policy_is_newer:
        return None
    return Refusal("no_urgent_policy", "No urgent policy is newer than this revision.")


def signatures_are_complete(s: Situation) -> Refusal | None:
    """A reviewer approved and, unless administrative, a physician (high risk: two) signed this very release; none contributed."""
    physicians = set(s.signer_ids) - s.contributors - {s.reviewer_id}
    is_reviewed = s.reviewer_id is not None and s.reviewer_id not in s.contributors
    if is_reviewed and len(physicians) >= PHYSICIANS_NEEDED[s.risk_class]:
        return None
    if s.reviewer_id is None and _is_released_by_policy(s):
        return None
    return Refusal("unsigned", "Signatures of people who did not contribute are missing here; it cannot be started.")


def _is_released_by_policy(s: Situation) -> bool:
    conditions = (
        class_is_administrative,
        class_is_confirmed,
        policy_lets_it_pass,
        not_the_first_change,
        only_the_text_changed,
        every_measure_holds,
    )
    return not any(guard(s) for guard in conditions)


def signature_is_fresh(s: Situation) -> Refusal | None:
    """The last signature is younger than the policy's limit."""
    if s.signed_at is not None and s.now - s.signed_at < timedelta(days=s.lapse_days):
        return None
    return Refusal("signature_lapsed", f"The signature is older than {s.lapse_days} days; it has to be signed again.")


def signature_has_lapsed(s: Situation) -> Refusal | None:
    """The last signature is older than the policy's limit."""
    if signature_is_fresh(s) is not None:
        return None
    return Refusal("signature_fresh", "The signature is still good for starting.")


def rollout_has_not_started(s: Situation) -> Refusal | None:
    """No step was entered yet."""
    if s.rollout.state == "none":
        return None
    return Refusal("started", "The rollout has started; hold it or roll it back instead.")


def rollout_is_running(s: Situation) -> Refusal | None:
    """A step is entered and neither paused nor held."""
    if s.rollout.state == "running":
        return None
    return Refusal("not_running", f"The rollout is not running (it is {_rollout_words(s)}).")


def rollout_is_stopped(s: Situation) -> Refusal | None:
    """The rollout is paused or held."""
    if s.rollout.state in ("paused", "held"):
        return None
    return Refusal("not_stopped", f"The rollout is {_rollout_words(s)}; there is nothing to resume.")


def rollout_has_started(s: Situation) -> Refusal | None:
    """A step was entered."""
    if s.rollout.state != "none":
        return None
    return Refusal("not_started", "The rollout has not started yet.")


def _rollout_words(s: Situation) -> str:
    return "not started" if s.rollout.state == "none" else s.rollout.state


def no_other_rollout_runs(s: Situation) -> Refusal | None:
    """One rollout of a prompt at a time."""
    if not s.other_rollout_runs:
        return None
    return Refusal(
        "other_rollout", "Another rollout of this prompt is running; wait until it is complete or rolled back."
    )


def waiting_time_is_over(s: Situation) -> Refusal | None:
    """The step's minimum duration has passed."""
    entered = s.rollout.step_entered_at
    if entered is None:
        return Refusal("not_started", "The rollout has not started yet.")
    ends = entered + timedelta(seconds=s.rollout.bake_seconds)
    if s.now >= ends:
        return None
    return Refusal("waiting_time", f"The waiting time of this step ends on {ends:%-d %B %Y at %H:%M} UTC.")


def enough_units_were_seen(s: Situation) -> Refusal | None:
    """Each version was seen on the planned number of units of the step."""
    missing = s.rollout.min_units - s.rollout.units_seen
    if missing <= 0:
        return None
    return Refusal("too_few_units", f"This step needs {s.rollout.min_units} units per version; {missing} more to go.")


def the_plan_advances_by_itself(s: Situation) -> Refusal | None:
    """The signed plan lets this step advance without a person."""
    if s.rollout.advances_by_itself:
        return None
    return Refusal("by_person", "An informaticist advances this step; the plan does not let it advance by itself.")


def safety_limits_hold(s: Situation) -> Refusal | None:
    """Every guardrail of the step is measured and passes; absence of alarm is not success."""
    short = [name for name, verdict in s.rollout.guardrails if verdict != "pass"]
    if not short:
        return None
    return Refusal("safety_limits", f"Safety limits not shown to hold: {subjects(short)}.")


def another_step_remains(s: Situation) -> Refusal | None:
    """The plan has a further step."""
    if not s.rollout.is_last_step:
        return None
    return Refusal("last_step", "This is the last step; complete the rollout instead.")


def last_step_is_reached(s: Situation) -> Refusal | None:
    """The step that serves everyone is the present one."""
    if s.rollout.is_last_step:
        return None
    return Refusal("steps_remain", "Steps remain; advance the rollout first.")


def sample_is_graded(s: Situation) -> Refusal | None:
    """Every sampled answer has its two independent grades."""
    if s.audit.sampled and not s.audit.ungraded:
        return None
    if not s.audit.sampled:
        return Refusal("no_sample", "The sample of the follow-up audit is empty; draw it first.")
    return Refusal("ungraded", f"Grades of the sample are missing: {s.audit.ungraded}.")


def no_disagreement_is_open(s: Situation) -> Refusal | None:
    """Every disagreement between graders was settled by a third person."""
    if not s.audit.open_disagreements:
        return None
    return Refusal(
        "disagreements", f"Disagreements between graders wait for a third person: {s.audit.open_disagreements}."
    )


def is_what_is_live(s: Situation) -> Refusal | None:
    """The release of this change is the one that is served."""
    if s.is_live:
        return None
    return Refusal("superseded", "Another release is live by now; roll that one back instead.")


def is_live_or_held_back(s: Situation) -> Refusal | None:
    """The release of this change is the one that is served, or was until the watch held it back."""
    if s.is_live or s.rollout.state == "held":
        return None
    return Refusal("not_served", "Another release is live by now; roll that one back instead.")
