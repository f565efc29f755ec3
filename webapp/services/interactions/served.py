"""What a batch of reports is about: releases, the newest rollout of their prompts, and the application that reports; each read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Prompt, Release, Rollout, Token
from webapp.services.interactions.evaluated import Evaluated


@dataclass
class Served:
    """The releases that a batch is about. ``token_id``: who reports."""

    outside: Outside
    session: Session
    token_id: str
    found: dict[str, tuple[Release, Rollout | None] | None] = field(default_factory=dict)
    evaluations: dict[str, Evaluated] = field(default_factory=dict)

    def by(self, release_id: str) -> tuple[Release, Rollout | None] | None:
        """The release and its prompt's newest rollout; None when there is no such release."""
        if release_id not in self.found:
            release = self.session.get(Release, release_id)
            self.found[release_id] = None if release is None else (release, self._rollout(release))
        return self.found[release_id]

    def release(self, release_id: str) -> Release:
        """The release of a report that was stored."""
        found = self.by(release_id)
        assert found is not None
        return found[0]

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

    def _rollout(self, release: Release) -> Rollout | None:
        query = select(Rollout).where(Rollout.prompt_id == release.prompt_id)
        return self.session.scalars(query.order_by(Rollout.started_at.desc())).first()
