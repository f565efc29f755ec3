"""Every table of the store. Importing this module registers all of them on ``Base.metadata``."""

from webapp.adapters.store.schema.base import Base
from webapp.adapters.store.schema.changes import (
    CaseOpening,
    Change,
    ChecklistTick,
    Comment,
    Contributor,
    Envelope,
    ExceptionRow,
    Revision,
    Signature,
)
from webapp.adapters.store.schema.evaluation import (
    Answer,
    FindingRow,
    Result,
    Run,
    ScoreRow,
    TokenDay,
    TokenReservation,
)
from webapp.adapters.store.schema.people import (
    Invitation,
    MailAlias,
    Person,
    Reauthentication,
    RoleGrant,
    SessionRow,
    Token,
)
from webapp.adapters.store.schema.prompts import LivePeriod, Manifest, PolicyRow, Prompt, Release, SuiteRow, Version
from webapp.adapters.store.schema.record import EntityHead, Leaf, LogState, Payload
from webapp.adapters.store.schema.rollout import AuditDraw, AuditSample, Grade, Interaction, Quarantined, Rollout
from webapp.adapters.store.schema.work import IdempotencyKey, Job, Outbox

__all__ = [
    "Answer",
    "AuditDraw",
    "AuditSample",
    "Base",
    "CaseOpening",
    "Change",
    "ChecklistTick",
    "Comment",
    "Contributor",
    "EntityHead",
    "Envelope",
    "ExceptionRow",
    "FindingRow",
    "Grade",
    "IdempotencyKey",
    "Interaction",
    "Invitation",
    "Job",
    "Leaf",
    "LivePeriod",
    "LogState",
    "MailAlias",
    "Manifest",
    "Outbox",
    "Payload",
    "Person",
    "PolicyRow",
    "Prompt",
    "Quarantined",
    "Reauthentication",
    "Release",
    "Result",
    "Revision",
    "RoleGrant",
    "Rollout",
    "Run",
    "ScoreRow",
    "SessionRow",
    "Signature",
    "SuiteRow",
    "Token",
    "TokenDay",
    "TokenReservation",
    "Version",
]
