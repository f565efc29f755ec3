"""The pages of the policy: in force, and what differs between two versions; in words, and as YAML."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webapp.domain.plan import Step
from webapp.domain.policy_difference import STOPS
from webapp.domain.workflow.grants import Right
from webapp.errors import NotFound
from webapp.services import policy
from webapp.web.access import needs
from webapp.web.context import actor, outside
from webapp.web.filters import counted, duration

room = Blueprint("policy", __name__)


@room.get("/policy")
@needs(Right.READ_POLICY)
def show() -> str:
    """What is measured against which margin, who ticks what, and how a release is rolled out."""
    view = policy.show_policy(outside(), actor())
    return render_template("policy/page.html", view=view, step_words=step_words)


@room.get("/policy/difference")
@needs(Right.READ_POLICY)
def difference() -> str:
    """What differs between two versions, in words and as text."""
    old, new = _version("old"), _version("new")
    found = policy.compare_versions(outside(), actor(), old, new)
    return render_template("policy/difference.html", difference=found, old=old, new=new)


def _version(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise NotFound("Choose two versions of the list on the page Policy.")
    return int(text)


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
