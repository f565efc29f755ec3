"""What a person attests with each meaning of a signature (21 CFR 11.50(a)(3)). A changed sentence gets a new version."""

from __future__ import annotations

VERSION = 1

ATTESTATIONS = {
    "confirmation of the risk class": "I confirm that this risk class is right for what the prompt is used for.",
    "raising of the risk class": "I raise the risk class of this prompt; the change is evaluated again under the stricter rules.",
    "review": "I reviewed the difference, the evaluation and the worst cases, and I approve passing this release to a physician.",
    "review and approval": "I reviewed the difference, the evaluation and the worst cases, and I approve this release for rollout.",
    "approval": "I understand what changes for patients and clinicians, I read the worst cases, and I approve this release for use.",
    "rejection": "I reject this release; it is not to be used.",
    "advance of the rollout": "I looked at the safety limits of this step, and I advance the rollout to its next step.",
    "completion of the rollout": "I looked at the safety limits of the last step, and the rollout is complete.",
    "hold of the rollout": "I hold this rollout.",
    "narrowing of the rollout plan": "I make what is left of this rollout's plan slower or narrower.",
    "resumption of the rollout": "I looked into why the rollout was stopped, and I resume it.",
    "resumption of the release": "I looked into why the release was held back, and I make it live again.",
    "restriction of a release": "I restrict this release to the places named; everywhere else staff follow the downtime text.",
    "roll back": "I roll this release back.",
    "confirmation of a role": "I made sure apart from whoever gave it that this person is meant to hold this role.",
    "confirmation of a factor reset": "I spoke with this person myself: their factors were taken away at their wish; those shown are theirs.",
    "rotation of a key": "I let the new key take over from the old one; I know of no misuse of the old one that the log does not tell.",
    "revocation of a key": "What this key signed from this entry or time on is not to be believed.",
    "restore of the log": "I know that the entries named here are lost; the log goes on from the older copy.",
    "review of the audit log": "I looked at the entries of the audit log that this review names, and this is what I found.",
    "conclusion of the follow-up audit": "I read the graded sample, and this is my conclusion on the release.",
    "proposal of a policy": "I read what this version of the policy changes and what it asks less of, and I propose it.",
    "adoption of a policy": "I read what this version of the policy changes and what it asks less of, and I put it into force.",
    "placing of a legal hold": "I place this legal hold; nothing that it covers is erased until it is lifted.",
    "lifting of a legal hold": "I lift this legal hold; what it covered may be erased when its years are over.",
    "request of an erasure": "I read what goes and what stays; the years of retention are over, and I ask that these texts be erased.",
    "confirmation of an erasure": "I read what goes and what stays; the years of retention are over, and I confirm the erasure.",
}
