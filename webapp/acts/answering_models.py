"""Does a model still answer: what the daily probe found, and the day on which its vendor ends it.

A version whose model is gone helps nobody who is rolled back to it. What must not live here: asking (``services.rollout.probing``).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from webapp.acts.live_answers import released_model
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import ModelProbe, Release


def is_answering(outside: Outside, session: Session, release: Release) -> bool:
    """May people be sent to this release, as far as is known? A model that was never probed counts as answering."""
    return why_not_answering(outside, session, release) is None


def why_not_answering(outside: Outside, session: Session, release: Release) -> str | None:
    """A sentence where the release's model was retired, failed two probes in a row, or cannot be told from damaged contents; else None."""
    try:
        model = released_model(session, release)
    except (ValueError, KeyError):
        return f"The contents of {release.label} are damaged, so nobody can tell on which model it runs."
    fact = next((fact for fact in outside.models.facts() if fact.name == model), None)
    if fact is not None and fact.retired:
        return f"{model}, the model of {release.label}, was retired by its vendor on {fact.retires_on:%-d %B %Y}."
    probe = session.get(ModelProbe, model)
    if probe is None or probe.is_answering or probe.failing_since is None:
        return None
    return f"{model}, the model of {release.label}, has not answered since {probe.failing_since:%-d %B %Y %H:%M} UTC."
