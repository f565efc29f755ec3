"""Every type of entry in plain words, the only table of them, grouped as an auditor looks for them.

A phrase follows the name of who acted: ``{thing}`` is what the entry is about, ``{after}`` and ``{reason}`` its codes in words and ``{version}``
its number; ``type:after`` says what another outcome is called. A type without a phrase is said by its own name.
What must not live here: names of people and things.
"""

from __future__ import annotations

from webapp.domain.workflow.stages import ROLE_WORDS, STAGE_WORDS

PHRASES: dict[str, dict[str, str]] = {
    "Signatures and decisions": {
        "change.sign": "signed the release of the {thing}",
        "change.approve": "approved the {thing} and passed it to a physician (signed)",
        "change.approve_for_rollout": "approved the {thing} for rollout (signed)",
        "change.reject": "rejected the {thing} (signed)",
        "change.confirm_class": "confirmed the risk class in the {thing} (signed)",
        "change.raise_class": "raised the risk class in the {thing} (signed)",
        "change.conclude": "concluded the follow-up audit of the {thing} (signed)",
        "change.ask_for_changes": "asked for changes to the {thing}",
        "finding.decided": "decided on {thing}: {after}",
        "signature.applied": "gave the {thing}",
        "signature.refused": "was refused a signature on {thing} ({reason})",
        "signature.voided": "voided the {thing} ({reason})",
    },
    "Changes": {
        "change.opened": "opened the {thing}",
        "change.submit": "submitted the {thing} for evaluation",
        "change.revise": "submitted revision {version} of the {thing}",
        "change.withdraw": "withdrew the {thing}",
        "change.evaluated": "closed the evaluation of the {thing}: every measure holds",
        "change.release_by_policy": "released the {thing} by policy; no person reviewed this version",
        "change.run_again": "asked for another run of the {thing}",
        "change.ask_exception": "asked for an exception for the {thing}",
        "change.reword": "rewrote what changes in the {thing}",
        "change.rebase": "rebased the {thing} on what is live",
        "change.lapse": "let the approval of the {thing} lapse: the rollout did not start in time",
        "change.policy_changed": "sent the {thing} back to evaluation: an urgent policy came into force",
        "contributor.mapped": "said who a contributor to the {thing} is: {after}",
        "comment.written": "commented on the {thing} ({after})",
        "comment.resolved": "settled a comment on the {thing} ({after})",
    },
    "Evaluation": {
        "run.queued": "queued {thing}",
        "run.concluded": "finished {thing}: {after}",
        "run.cancelled": "cancelled {thing}",
        "case.opened": "opened a case of {thing}",
    },
    "Rollout and what is live": {
        "change.start": "started the rollout of the {thing}",
        "change.advance": "advanced the rollout of the {thing} (signed)",
        "change.hold": "held the rollout of the {thing} ({reason}; signed)",
        "change.narrow": "made the rollout plan of the {thing} slower or narrower (signed)",
        "change.pause": "paused the rollout of the {thing} ({reason})",
        "change.resume": "resumed the rollout of the {thing} (signed)",
        "change.complete": "completed the rollout of the {thing} (signed)",
        "change.roll_back": "rolled back the {thing}",
        "release.restricted": "restricted the {thing} to sites, departments or applications (signed)",
        "release.made": "made the {thing}",
        "release.live": "made a release live for everyone: the {thing} ({reason})",
        "release.live:nothing": "took what was live away, so that nothing is served: the {thing} ({reason})",
        "delivery.stopped": "stopped delivery on a host: {thing} ({reason})",
        "delivery.stopped:held": "held the new version back on a host: {thing} ({reason})",
        "delivery.resumed": "let a host deliver again: {thing} ({reason})",
        "release.withdrawn": "voided the {thing} ({reason})",
        "release.alert_raised": "warned of the {thing}: {reason}",
        "release.alert_answered": "looked into a warning of the {thing}: {reason}",
    },
    "Follow-up audits": {
        "audit.sampled": "drew the sample of the follow-up audit of the {thing}",
        "audit.graded": "graded an answer in the follow-up audit of the {thing}",
        "audit.adjudicated": "settled a disagreement of graders in the follow-up audit of the {thing}",
    },
    "Prompts, test sets, policy": {
        "prompt.registered": "registered the {thing} as {after}",
        "version.stored": "stored {thing}",
        "suite.stored": "stored {thing}",
        "suite.case_made": "made a failure into a case of {thing}",
        "policy.proposed": "proposed {thing} ({reason}; signed)",
        "policy.adopted": "put {thing} in force ({reason})",
        "policy.withdrawn": "withdrew the proposed {thing} ({reason})",
    },
    "People and roles": {
        "person.invited": "invited {thing}",
        "person.joined": "set a first password and joined",
        "person.changed": "changed their own {reason}",
        "person.credentials_confirmed": "confirmed the credentials of {thing}",
        "person.deactivated": "deactivated {thing}",
        "person.reactivated": "took {thing} back",
        "role.granted": "gave {thing} the role {reason}",
        "role.revoked": "took the role {reason} from {thing}",
        "role.confirmed": "confirmed that {thing} is meant to hold the role {reason}",
    },
    "Passwords, second factors, tokens": {
        "session.opened": "signed in",
        "session.closed": "signed out",
        "session.refused": "refused a sign-in as {thing} ({reason})",
        "session.locked": "was locked out after too many failed attempts",
        "reauthentication.failed": "gave a wrong password again for a signature or a setting",
        "factor.enrolled": "added {reason}",
        "factor.revoked": "removed {reason}",
        "factor.refused": "gave a wrong second factor ({reason})",
        "factor.recovered": "used a recovery code",
        "factor.recovery_codes_made": "made new recovery codes",
        "factor.reset": "took away the second factors of {thing}",
        "factor.reset_confirmed": "confirmed that the new second factors are those of {thing}",
        "token.issued": "made {thing}",
        "token.changed": "changed {thing} ({reason})",
        "token.revoked": "revoked {thing}",
    },
    "Reading, exports, refusals": {
        "suite.read": "read protected cases of {thing}",
        "export.made": "asked for {thing} ({reason})",
        "export.fetched": "downloaded {thing} ({reason})",
        "access.refused": "was refused an act on {thing} ({reason})",
        "alert.raised": "warned administrators of repeated failures ({reason})",
        "alert.seen": "looked into a notice of repeated failures ({reason})",
    },
    "Retention and erasure": {
        "hold.placed": "placed {thing} on {reason} (signed)",
        "hold.lifted": "lifted {thing} on {reason} (signed)",
        "erasure.requested": "asked to have the texts of a {reason} erased (signed)",
        "erasure.withdrawn": "withdrew the request to erase the texts of a {reason}",
        "erasure.confirmed": "confirmed that the texts of a {reason} are erased (signed)",
        "erasure.stopped": "stopped an erasure ({reason})",
        "erasure.completed": "finished erasing the texts of a {reason}",
        "payload.erased": "erased {thing} whose years of retention were over",
    },
    "The log itself": {
        "trail.reviewed": "reviewed {thing} of this log (signed): {reason}",
        "log.opened": "opened {thing}",
        "log.restored": "restored {thing} from an older copy after a loss (signed by two administrators)",
        "key.rotated": "let a new key of the record take over (signed)",
        "key.revoked": "revoked a key of the record (signed by two administrators)",
    },
}
OTHER = "Other"
GROUP_OF = {kind: group for group, phrases in PHRASES.items() for kind in phrases if ":" not in kind}
_PHRASE_OF = {kind: phrase for phrases in PHRASES.values() for kind, phrase in phrases.items()}
_NOUNS = {
    "access": "something",
    "audit": "a change",
    "case": "a run",
    "change": "a change",
    "comment": "a change",
    "contributor": "a change",
    "export": "an export",
    "factor": "somebody",
    "finding": "a critical finding",
    "hold": "a legal hold",
    "log": "this audit log",
    "payload": "a stored text",
    "person": "somebody",
    "policy": "a policy",
    "prompt": "a prompt",
    "release": "a release",
    "role": "somebody",
    "run": "a run",
    "session": "somebody",
    "signature": "a signature",
    "signature.refused": "something",
    "suite": "a test set",
    "token": "an access token",
    "trail": "entries",
    "version": "a version of a prompt",
}
_LABELS = {
    "person.changed": "Changed own title, credentials or password",
    "prompt.registered": "Registered a prompt",
    "release.live": "Changed what a prompt serves everyone",
    "role.granted": "Gave somebody a role",
    "role.confirmed": "Confirmed that somebody is meant to hold a role",
    "role.revoked": "Took a role from somebody",
    "signature.applied": "Gave a signature",
}
_CODES = {
    **{role.value: words for role, words in ROLE_WORDS.items()},
    **{stage.value: words.lower() for stage, words in STAGE_WORDS.items()},
    "totp": "an authenticator app",
    "passkey": "a passkey",
    "credentials": "title and credentials",
    "second_signature": "by a second administrator's signature",
    "delay_over": "24 hours after one signature",
    "proposer_left": "its proposer is no administrator any more",
    "limit": "a safety limit failed",
    "critical_limit": "a critical safety limit failed",
    "after_rollout": "a critical safety limit failed after the rollout",
    "wrong_shares": "units did not reach the new version with the planned share",
    "overdue": "the longest time of the step was over",
    "no_reports": "no application reported",
    "pause_too_long": "the pause lasted too long",
    "passed": "the step passed as the plan asks",
    "late": "entered late",
    "problem_reported": "a problem with an answer was reported",
    "harm_reported": "a problem that reached a patient was reported",
    "identifiers_in_answers": "answers held identifiers that the request did not",
    "other_model": "another model answers than was evaluated",
    "other_index": "another index is searched than before",
}


def phrase_of(kind: str, after: str | None = None) -> str:
    """What is said of an entry of this type, with its places; its own name for one that has no phrase here."""
    found = _PHRASE_OF.get(f"{kind}:{after}") or _PHRASE_OF.get(kind)
    return found or f"entered {kind.replace('.', ' ').replace('_', ' ')}: {{thing}}"


def group_of(kind: str) -> str:
    """Under which heading the type is looked for."""
    return GROUP_OF.get(kind, OTHER)


def label_of(kind: str) -> str:
    """The type as a choice of a list: its phrase with a general word for what it is about."""
    if kind in _LABELS:
        return _LABELS[kind]
    words = _about(phrase_of(kind), _noun(kind)).replace(" ({reason})", "").replace("({reason}; signed)", "(signed)")
    words = words.replace("{reason}", "a second factor" if kind.startswith("factor.") else "…")
    words = words.replace("{after}", "…").replace("revision {version}", "a new revision")
    words = words.replace(" (…)", "").removesuffix(": …")
    return words[:1].upper() + words[1:]


def line_of(kind: str, after: str | None, reason: str | None, version: int | None) -> str:
    """The entry as a line on the page of the change that it belongs to, after the name of who acted; the change is not named again."""
    noun = {"a change": "the change", "something": "the change", "a run": f"run {version}"}.get(
        _noun(kind), _noun(kind)
    )
    return _with_codes(_about(phrase_of(kind, after), noun), after, reason, version)


def code_words(code: str | None) -> str:
    """A closed code as words."""
    return "" if code is None else _CODES.get(code, code.replace("_", " "))


def fill(kind: str, after: str | None, reason: str | None, version: int | None = None) -> tuple[str, str | None]:
    """The phrase with its codes, cut at what it is about: (words before it, words after it), the latter None where it is not named.

    A reason that the phrase has no place for is added in brackets.
    """
    phrase = phrase_of(kind, after)
    if reason and "{reason}" not in phrase:
        phrase += " ({reason})"
    lead, place, tail = _with_codes(phrase, after, reason, version).partition("{thing}")
    return lead, tail if place else None


def _noun(kind: str) -> str:
    return _NOUNS.get(kind) or _NOUNS.get(kind.partition(".")[0], "…")


def _about(phrase: str, noun: str) -> str:
    return phrase.replace("the {thing}", noun).replace("{thing}", noun)


def _with_codes(phrase: str, after: str | None, reason: str | None, version: int | None) -> str:
    words = phrase.replace("{after}", code_words(after) or "nothing").replace("{reason}", code_words(reason))
    words = words.replace("revision {version}", f"revision {version}" if version else "a new revision")
    return words.replace(" ()", "").replace("(; signed)", "(signed)")
