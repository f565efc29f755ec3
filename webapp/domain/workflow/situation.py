"""What a guard may look at: the actor and the facts of one change at one moment, read in one transaction.

What must not live here: how the facts are read (``webapp.acts.situation``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from webapp.domain.workflow.stages import RiskClass, Role, Stage


@dataclass(frozen=True)
class Actor:
    """Who acts, with the roles held now. ``via`` is session, token, console, demo or system.

    ``enrols_only``: signed in with the password alone after a reset, to add a new second factor and for nothing else.
    """

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    via: str = "session"
    credentials_confirmed: bool = False
    session_id: str | None = None
    token_id: str | None = None
    enrols_only: bool = False

    @property
    def is_system(self) -> bool:
        """Is this the system itself and no person?"""
        return self.via == "system"

    @property
    def is_in_person(self) -> bool:
        """Is this a person signed in to the pages, or giving the password at the console for this one act, and no token, job or console?"""
        return self.via in ("session", "demo", "at_console")


CONSOLE = Actor(id="console", name="Console", via="console")
"""The operator at the command line of a host: no person, so it decides nothing."""


@dataclass(frozen=True)
class RunFacts:
    """The newest run of the present revision. ``state``: none, queued, running, complete, stopped, incomplete, failed, cancelled.

    ``holds`` is true when every primary measure passed; ``short_measures`` names those that did not.
    """

    state: str = "none"
    holds: bool = False
    short_measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class RolloutFacts:
    """The rollout of this change. ``state``: none, running, paused, held, complete, rolled_back.

    ``units_seen``: units of the present step, of the version that has seen fewer.
    """

    state: str = "none"
    step_index: int = 0
    steps: int = 0
    step_entered_at: datetime | None = None
    bake_seconds: int = 0
    min_units: int = 0
    units_seen: int = 0
    advances_by_itself: bool = False
    guardrails: tuple[tuple[str, str], ...] = ()

    @property
    def is_last_step(self) -> bool:
        """Is the present step the one that serves everyone?"""
        return self.step_index == self.steps - 1


@dataclass(frozen=True)
class AuditFacts:
    """The follow-up audit of this change: how much of its sample is still open."""

    sampled: int = 0
    ungraded: int = 0
    open_disagreements: int = 0


@dataclass(frozen=True)
class Situation:
    """One change as one actor meets it now. ``levels``: the least level at which each signed move is signed, by its name."""

    actor: Actor
    now: datetime
    stage: Stage
    risk_class: RiskClass
    class_is_confirmed: bool = False
    class_is_overtaken: bool = False
    is_first_change: bool = True
    contributors: frozenset[str] = frozenset()
    unmapped_contributors: tuple[str, ...] = ()
    purpose_is_written: bool = True
    reviewer_id: str | None = None
    signer_ids: tuple[str, ...] = ()
    signed_at: datetime | None = None
    lapse_days: int = 30
    run: RunFacts = field(default_factory=RunFacts)
    fallbacks_short: tuple[str, ...] = ()
    exceptions_asked: tuple[str, ...] = ()
    exceptions_expired: tuple[str, ...] = ()
    findings_undecided: int = 0
    findings_confirmed: int = 0
    checklist_missing: tuple[str, ...] = ()
    worst_cases_unopened: int = 0
    must_fix_open: int = 0
    policy_lets_pass_unreviewed: bool = False
    model_or_variables_changed: bool = True
    baseline_is_current: bool = True
    urgent_policy_is_newer: bool = False
    is_live: bool = False
    other_rollout_runs: bool = False
    rollout: RolloutFacts = field(default_factory=RolloutFacts)
    audit: AuditFacts = field(default_factory=AuditFacts)
    signoff_level: str = "L1"
    levels: tuple[tuple[str, str], ...] = ()
    level_within_reach: str = "L1"
    factor_reset_waits: bool = False
    roles_too_new: frozenset[Role] = frozenset()
