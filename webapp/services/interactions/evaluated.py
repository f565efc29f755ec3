"""What was evaluated for a release: the models that its signed contents name, and the index that was searched.

What must not live here: what follows from another one (``alerting``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Interaction, Manifest, Release, Token
from webapp.domain.identities import is_known_model


class Evaluated:
    """What a release was evaluated with; read when it is first asked for."""

    def __init__(self, outside: Outside, session: Session, release: Release) -> None:
        self.outside, self.session, self.release = outside, session, release
        self._first: dict[str, str] = {}

    def has_model(self, reported: str) -> bool:
        """Is this the model of the signed contents, a fallback that was evaluated too, or what the models file means by one of them?"""
        return is_known_model(reported, self._models)

    def has_index(self, application: str, index_id: str) -> bool:
        """Was this index searched in the evaluation or, where that named none, first by this application with this release?"""
        if self._searched:
            return index_id in self._searched
        if application not in self._first:
            self._first[application] = self._first_reported(application) or index_id
        return self._first[application] == index_id

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        return dict(json.loads(self.session.get_one(Manifest, self.release.manifest_sha256).content))

    @cached_property
    def _models(self) -> frozenset[str]:
        signed = {self._manifest["model"], *self._manifest["fallbacks"]}
        facts = [fact for fact in self.outside.models.facts() if fact.name in signed and fact.identity]
        return frozenset(signed | {fact.identity.split()[0] for fact in facts})

    @cached_property
    def _searched(self) -> frozenset[str]:
        runs = tuple(_runs_in(self._manifest["evaluation"]))
        query = select(Answer.index_id).where(Answer.run_id.in_(runs), Answer.arm == "candidate")
        found = self.session.scalars(query.where(Answer.index_id.is_not(None)).distinct())
        return frozenset(index for index in found if index)

    def _first_reported(self, application: str) -> str | None:
        query = (
            select(Interaction.index_id)
            .join(Token, Token.id == Interaction.token_id)
            .where(Interaction.release_id == self.release.id, Interaction.index_id.is_not(None))
            .where(Token.name == application)
        )
        return self.session.scalars(query.order_by(Interaction.id).limit(1)).first()


def _runs_in(evaluation: dict[str, Any]) -> Iterator[str]:
    """The ids of the run and of those of each fallback model."""
    yield str(evaluation["run"])
    for fallback in evaluation.get("fallbacks") or ():
        yield str(fallback["run"])
