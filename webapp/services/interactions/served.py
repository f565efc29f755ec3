"""What a batch of reports is about: releases, the rollouts of their prompts, and the application that reports; each read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Prompt, Release, Rollout, Token
from webapp.domain.decision import Decision
from webapp.services.interactions.evaluated import Evaluated

CLOCKS_DIFFER_SECONDS = 300
"""How far an application's clock may be behind."""


@dataclass
class Served:
    """The releases that a batch is about. ``token_id``: who reports."""

    outside: Outside
    session: Session
    token_id: str
    found: dict[str, Release | None] = field(default_factory=dict)
    rollouts: dict[str, list[Rollout]] = field(default_factory=dict)
    evaluations: dict[str, Evaluated] = field(default_factory=dict)

    def by(self, release_id: str) -> Release | None:
        """The release; None when there is no such one."""
        if release_id not in self.found:
            self.found[release_id] = self.session.get(Release, release_id)
        return self.found[release_id]

    def release(self, release_id: str) -> Release:
        """The release of a report that was stored."""
        found = self.by(release_id)
        assert found is not None
        return found

    def rollout(self, release: Release, decision: Decision) -> Rollout | None:
        """The rollout in which this was decided: a report that comes when a later one is under way is no evidence for that.

        Of the new version its own; of the live version the newest that had begun, with some room for the application's clock.
        """
        latest = decision.at_epoch + CLOCKS_DIFFER_SECONDS
        for one in self._rollouts_of(release.prompt_id):
            is_its_own = one.release_id == release.id
            if is_its_own if decision.arm == "candidate" else one.started_at.timestamp() <= latest:
                return one
        return None

    def evaluated(self, release_id: str) -> Evaluated:
        """What this release was evaluated with."""
        if release_id not in self.evaluations:
            self.evaluations[release_id] = Evaluated(self.outside, self.session, self.release(release_id))
        return self.evaluations[release_id]

    def is_for_token(self, release: Release) -> bool:
        """Is the release's prompt one that the token is for?"""
        return not self.prompt_ids or release.prompt_id in self.prompt_ids

    @cached_property
    def application(self) -> str:
        """The name of the token."""
        return self.session.get_one(Token, self.token_id).name

    @cached_property
    def prompt_ids(self) -> frozenset[str]:
        """The prompts that the token names; empty where it is for all."""
        names = self.session.get_one(Token, self.token_id).scopes.get("prompts") or ()
        return (
            frozenset(self.session.scalars(select(Prompt.id).where(Prompt.name.in_(names)))) if names else frozenset()
        )

    def _rollouts_of(self, prompt_id: str) -> list[Rollout]:
        """Those of the prompt, the newest first."""
        if prompt_id not in self.rollouts:
            query = select(Rollout).where(Rollout.prompt_id == prompt_id).order_by(Rollout.started_at.desc())
            self.rollouts[prompt_id] = list(self.session.scalars(query))
        return self.rollouts[prompt_id]
