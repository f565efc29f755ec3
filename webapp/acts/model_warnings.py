"""What people should know about the model of a change before they rely on it."""

from __future__ import annotations

from webapp.adapters.outside import Outside


def model_warnings(outside: Outside, model: str | None) -> tuple[str, ...]:
    """A sentence when the vendor ended the model or soon will, or when the models file no longer knows it."""
    if model is None:
        return ()
    fact = next((fact for fact in outside.models.facts() if fact.name == model), None)
    if fact is None:
        return (
            f"The models file no longer has {model}. Ask an administrator, or submit a revision with another model.",
        )
    return (fact.retirement_warning,) if fact.retirement_warning else ()
