"""The words of the way: stages, roles, risk classes."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a change stands. The first seven are the way; the last three end it early."""

    DRAFT = "draft"
    EVALUATION = "evaluation"
    REVIEW = "review"
    SIGNOFF = "signoff"
    ROLLOUT = "rollout"
    POST_AUDIT = "post_audit"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    ROLLED_BACK = "rolled_back"


WAY = tuple(Stage)[:7]
ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN, Stage.REJECTED, Stage.ROLLED_BACK})

STAGE_WORDS = {
    Stage.DRAFT: "Draft",
    Stage.EVALUATION: "Evaluation",
    Stage.REVIEW: "Review",
    Stage.SIGNOFF: "Sign-off",
    Stage.ROLLOUT: "Rollout",
    Stage.POST_AUDIT: "Follow-up audit",
    Stage.CLOSED: "Closed",
    Stage.WITHDRAWN: "Withdrawn",
    Stage.REJECTED: "Rejected",
    Stage.ROLLED_BACK: "Rolled back",
}


class Role(StrEnum):
    """What a person may be asked to do. Administrators hold no deciding role."""

    AUTHOR = "author"
    INFORMATICIST = "informaticist"
    PHYSICIAN = "physician"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ROLE_WORDS = {
    Role.AUTHOR: "AI team (author)",
    Role.INFORMATICIST: "clinical informaticist",
    Role.PHYSICIAN: "physician",
    Role.AUDITOR: "auditor",
    Role.ADMINISTRATOR: "administrator",
}

DECIDING_ROLES = frozenset({Role.INFORMATICIST, Role.PHYSICIAN})


class RiskClass(StrEnum):
    """Decides the route of a prompt's changes; ordered from the least to the most careful."""

    ADMINISTRATIVE = "administrative"
    CLINICAL = "clinical"
    HIGH_RISK = "high_risk"

    @property
    def rank(self) -> int:
        """0 for the least careful class, counting upwards."""
        return list(type(self)).index(self)


PHYSICIANS_NEEDED = {RiskClass.ADMINISTRATIVE: 0, RiskClass.CLINICAL: 1, RiskClass.HIGH_RISK: 2}

CLASS_WORDS = {
    RiskClass.ADMINISTRATIVE: "administrative (no clinical content)",
    RiskClass.CLINICAL: "clinical (clinician-facing)",
    RiskClass.HIGH_RISK: "high risk (patient-facing, dosing or triage)",
}
