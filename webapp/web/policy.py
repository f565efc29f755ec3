"""The page of the policy in force: in words, and its source as YAML."""

from __future__ import annotations

import yaml
from flask import Blueprint, render_template

from webapp.domain.plan import Step
from webapp.domain.workflow.grants import Right
from webapp.services.policy import show_policy
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.filters import counted, duration

room = Blueprint("policy", __name__)
STOPS = {
    "errors": "failed answers",
    "harm_reports": "reports of possible harm",
    "phi_flags": "patient identifiers in answers",
}


@room.get("/policy")
@needs(Right.READ_POLICY)
def show() -> str:
    """What is measured against which margin, who ticks what, and how a release is rolled out."""
    view = show_policy(outside(), actor())
    source = yaml.safe_dump(view.document, sort_keys=False, allow_unicode=True, width=120)
    return render_template("policy/page.html", view=view, source=source, step_words=step_words)


def step_words(step: Step) -> str:
    """One step of a rollout as a sentence."""
    share = f"Limited release to {step.share_basis_points / 100:g} of 100 {step.unit}s"
    limits = " or ".join(STOPS[name] for name in step.guardrails)
    parts = [
        f"waits at least {duration(step.bake_seconds)}" if step.bake_seconds else "",
        f"needs at least {counted(step.min_units, step.unit)}" if step.min_units else "",
        f"is stopped by too many {limits}" if limits else "",
        "goes on by itself" if step.advance == "auto" else "a person moves it on",
    ]
    return f"{'Everyone' if step.serves_everyone else share}: {', '.join(filter(None, parts))}."
