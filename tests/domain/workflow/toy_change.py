"""A toy of one change, without store or services: just enough memory to walk it along the table of moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.domain.workflow.situations import COMPLETE, NOW, ROLLOUT, SYSTEM
from webapp.domain.workflow import Actor, Move, RiskClass, Role, Situation, Stage, find_move, refusals_of
from webapp.domain.workflow.situation import AuditFacts, RolloutFacts, RunFacts

BACK_TO_THE_BEGINNING = {Stage.DRAFT, Stage.EVALUATION, Stage.WITHDRAWN, Stage.REJECTED}


def _person(name: str, *roles: Role, via: str = "session", confirmed: bool = True) -> Actor:
    return Actor(name, name.title(), frozenset(roles), via=via, credentials_confirmed=confirmed)


AUTHOR, INFORMATICIST, PHYSICIAN = Role.AUTHOR, Role.INFORMATICIST, Role.PHYSICIAN
EVERYTHING = tuple(Role)
PEOPLE = (
    _person("ann", AUTHOR),
    _person("ann", AUTHOR, via="token"),
    _person("max", *EVERYTHING),
    _person("max", *EVERYTHING, via="token"),
    _person("kim", INFORMATICIST),
    _person("kai", INFORMATICIST, PHYSICIAN),
    _person("osei", PHYSICIAN),
    _person("osei", PHYSICIAN, via="console"),
    _person("lund", INFORMATICIST, PHYSICIAN),
    _person("new", PHYSICIAN, confirmed=False),
    _person("adm", Role.ADMINISTRATOR, Role.AUDITOR),
    SYSTEM,
)
PASSKEYS = {"osei", "lund", "max", "new"}


@dataclass(frozen=True)
class Decisions:
    """What stood behind the change when something began: people and class as they were then."""

    risk_class: RiskClass
    reviewer: str | None
    signers: tuple[str, ...]
    contributors: frozenset[str]
    by_policy: bool
    first_or_more_than_text: bool


@dataclass
class ToyChange:
    """One change. ``entered`` and ``started`` keep what stood behind it when it entered rollout and when that began."""

    risk_class: RiskClass
    is_first_change: bool = False
    more_than_text_changed: bool = False
    policy_lets_pass: bool = True
    class_confirmed: bool = False
    stage: Stage = Stage.DRAFT
    now: datetime = NOW
    contributors: frozenset[str] = frozenset({"ann"})
    reviewer: str | None = None
    signers: tuple[str, ...] = ()
    signed_at: datetime | None = None
    run: RunFacts = field(default_factory=RunFacts)
    exceptions: tuple[str, ...] = ()
    rollout: RolloutFacts = field(default_factory=RolloutFacts)
    baseline_is_current: bool = True
    urgent_policy_is_newer: bool = False
    hurdles: dict[str, int] = field(default_factory=dict)
    released_by_policy: bool = False
    entered: Decisions | None = None
    started: Decisions | None = None
    history: list[str] = field(default_factory=list)

    def met_by(self, actor: Actor) -> Situation:
        """The situation in which ``actor`` meets this change now."""
        return Situation(
            actor=actor,
            now=self.now,
            stage=self.stage,
            risk_class=self.risk_class,
            class_is_confirmed=self.class_confirmed,
            is_first_change=self.is_first_change,
            contributors=self.contributors,
            reviewer_id=self.reviewer,
            signer_ids=self.signers,
            signed_at=self.signed_at,
            run=self.run,
            exceptions_asked=self.exceptions,
            policy_lets_pass_unreviewed=self.policy_lets_pass,
            model_or_variables_changed=self.more_than_text_changed,
            baseline_is_current=self.baseline_is_current,
            urgent_policy_is_newer=self.urgent_policy_is_newer,
            is_live=self.stage in (Stage.POST_AUDIT, Stage.CLOSED),
            rollout=self.rollout,
            audit=AuditFacts(sampled=20),
            signoff_level="L2" if self.risk_class is RiskClass.HIGH_RISK else "L1",
            level_within_reach="L2" if actor.id in PASSKEYS else "L1",
            **self.hurdles,  # type: ignore[arg-type]
        )

    def row_for(self, actor: Actor, name: str) -> Move | None:
        """The row of this name that is open to ``actor`` now, if any."""
        rows: Sequence[Move] = find_move(name, self.stage, by_policy=actor.is_system)
        return next((row for row in rows if not refusals_of(row, self.met_by(actor))), None)

    def take(self, actor: Actor, name: str) -> bool:
        """The move is made if it is open; says whether it was."""
        move = self.row_for(actor, name)
        if move is None:
            return False
        self.history.append(f"{actor.id}: {name}")
        self._drop_decisions(move)
        getattr(self, f"_{name}", lambda who: None)(actor)
        if move.target is Stage.ROLLOUT and move.source is not Stage.ROLLOUT:
            self.entered = self._decisions()
        self.stage = move.target
        return True

    def _drop_decisions(self, move: Move) -> None:
        if move.target in BACK_TO_THE_BEGINNING:
            self.reviewer, self.signers, self.signed_at, self.released_by_policy = None, (), None, False
            self.exceptions = ()
        if move.target is Stage.EVALUATION:
            self.run = RunFacts("queued")
            self.urgent_policy_is_newer = self.urgent_policy_is_newer and move.name == "run_again"
        if move.name == "lapse":
            self.signers, self.released_by_policy = (), False
            self.reviewer = self.reviewer if move.target is Stage.SIGNOFF else None

    def _decisions(self) -> Decisions:
        return Decisions(
            self.risk_class,
            self.reviewer,
            self.signers,
            self.contributors,
            self.released_by_policy,
            self.is_first_change or self.more_than_text_changed,
        )

    def _submit(self, actor: Actor) -> None:
        self.contributors |= {actor.id}

    _revise = _submit

    def _rebase(self, actor: Actor) -> None:
        self.baseline_is_current = True

    def _ask_exception(self, actor: Actor) -> None:
        self.exceptions = self.run.short_measures

    def _release_by_policy(self, actor: Actor) -> None:
        self.signed_at, self.released_by_policy = self.now, True

    def _confirm_class(self, actor: Actor) -> None:
        self.class_confirmed = True

    def _raise_class(self, actor: Actor) -> None:
        classes = list(RiskClass)
        self.risk_class = classes[min(classes.index(self.risk_class) + 1, 2)]
        self.class_confirmed = True

    def _approve(self, actor: Actor) -> None:
        self.reviewer, self.signed_at = actor.id, self.now

    _approve_for_rollout = _approve

    def _sign(self, actor: Actor) -> None:
        self.signers, self.signed_at = (*self.signers, actor.id), self.now

    def _start(self, actor: Actor) -> None:
        self.rollout = replace(ROLLOUT, step_entered_at=self.now)
        self.started = self._decisions()

    def _advance(self, actor: Actor) -> None:
        self.rollout = replace(self.rollout, step_index=self.rollout.step_index + 1, step_entered_at=self.now)

    def _hold(self, actor: Actor) -> None:
        self.rollout = replace(self.rollout, state="held")

    def _pause(self, actor: Actor) -> None:
        self.rollout = replace(self.rollout, state="paused")

    def _resume(self, actor: Actor) -> None:
        self.rollout = replace(self.rollout, state="running")

    def _complete(self, actor: Actor) -> None:
        self.rollout = replace(self.rollout, state="complete")

    def finish_run(self, result: RunFacts = COMPLETE) -> None:
        """The run that was queued ends."""
        if self.run.state == "queued":
            self.run = result

    def wait(self, by: timedelta) -> None:
        """Time passes."""
        self.now += by
