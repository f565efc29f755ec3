"""The rollout plan of a submission: which one it gets, whether it can finish, and what the form shows of it before it is sent.

What must not live here: the arithmetic (``webapp.domain.plan_dates``), and changing the plan of a release that is signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.policies import default_plan, plan_under, policy_in_force
from webapp.acts.volume import Outlook, outlook, read_volume, volume_words
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Prompt, Revision
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.plan import EVERYONE, Plan, read_plan
from webapp.domain.plan_dates import faults_of, is_quiet, quiet_plan, refuse_unfinishable
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.workflow import RiskClass
from webapp.errors import InvalidInput


@dataclass(frozen=True)
class PlanLook:
    """A plan as its author sees it before sending it: dates and paces by step, and why it would be refused."""

    volume: str
    outlook: Outlook | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A plan to start from, as a document that may lack what only the author knows, and in a sentence why this one.

    ``is_usual``: it is what a submission without a plan gets.
    """

    document: dict[str, Any]
    words: str
    is_usual: bool = False


def choose_plan(
    outside: Outside, session: Session, prompt: Prompt, given: Any, risk_class: RiskClass, before: Revision | None
) -> dict[str, Any]:
    """The plan handed in, else the earlier one that its author chose, else the policy's for the class; it can finish.

    InvalidInput says of one that cannot by how much, and what to change.
    """
    plan = read_plan(_document(outside, session, prompt, given, risk_class, before))
    if risk_class is not RiskClass.ADMINISTRATIVE and any(step.advance == "auto" for step in plan.steps):
        raise InvalidInput(
            "Steps advance by themselves (advance: auto) for administrative prompts only; write manual.",
            details={"field": "plan"},
        )
    require_finishable(outside, session, prompt, plan)
    return plan.document()


def require_finishable(outside: Outside, session: Session, prompt: Prompt, plan: Plan) -> None:
    """The plan can finish at what this prompt meets, or its volume is not known; InvalidInput else."""
    refuse_unfinishable(plan, read_volume(outside, session, prompt), has_live=prompt.live_release_id is not None)


def _document(
    outside: Outside, session: Session, prompt: Prompt, given: Any, risk_class: RiskClass, before: Revision | None
) -> dict[str, Any]:
    if given is not None:
        return dict(_read(given).document())
    if before is not None:
        return plan_under(outside, session, prompt, before.policy_sha256, risk_class, dict(before.plan))
    return default_plan(outside, session, prompt, risk_class)


def _read(given: Any) -> Plan:
    """The plan handed in; a fault of it belongs to the plan's place in the form."""
    try:
        return read_plan(given)
    except InvalidInput as error:
        raise InvalidInput(error.sentence, details={**error.details, "field": "plan"}) from None


def look_at_plan(outside: Outside, name: str, document: Any) -> PlanLook:
    """What becomes of this plan at the volume of the prompt called ``name``, were it started now; nothing is stored."""
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        volume = None if prompt is None else read_volume(outside, session, prompt)
    has_live = prompt is not None and prompt.live_release_id is not None
    try:
        plan, unnamed = _read_unnamed(document)
    except InvalidInput as error:
        return PlanLook(volume_words(volume), faults=(error.sentence,))
    faults = tuple(faults_of(plan, volume, has_live=has_live))
    found = outlook(plan, volume, outside.now(), has_live=has_live)
    return PlanLook(found.volume, found, (*unnamed, *faults))


def _read_unnamed(document: Any) -> tuple[Plan, tuple[str, ...]]:
    """The plan, and a sentence for each step whose cohort is still to be named: its other steps have dates already."""
    steps = document["steps"]
    open_steps = [
        number
        for number, step in enumerate(steps, 1)
        if step["kind"] in ("canary", "ab") and step["share_basis_points"] == EVERYONE and not step["cohort"]
    ]
    named = [
        {**step, "cohort": {"units": ["to be named"]}} if number in open_steps else step
        for number, step in enumerate(steps, 1)
    ]
    sentence = (
        "Step {} of the rollout plan: name its cohort, who gets the new version first, or give it a smaller share."
    )
    return read_plan({**document, "steps": named}), tuple(sentence.format(number) for number in open_steps)


def suggest_plan(outside: Outside, name: str, risk_class: RiskClass | None) -> Suggestion:
    """The policy's plan for the class; for a prompt that is too quiet for its shares, a silent run and then a cohort to be named.

    Without a class that of the prompt counts, and ``clinical`` for one that is not in the formulary yet.
    """
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        chosen = risk_class or RiskClass.CLINICAL if prompt is None else risk_class or prompt.risk_class
        usual = policy_in_force(outside, session)[1].of(chosen).plan
        if prompt is None or prompt.live_release_id is None:
            usual = usual.without_silent_runs()
        volume = None if prompt is None else read_volume(outside, session, prompt)
    if prompt is None or volume is None or not is_quiet(usual, volume, has_live=prompt.live_release_id is not None):
        return Suggestion(usual.document(), "The policy's plan for the risk class.", is_usual=True)
    words = (
        "This prompt is quiet: by shares a step of the policy's plan would take more than two weeks. Suggested instead: a silent "
        "run on everything, then clinicians or sites that you name, then everyone."
    )
    return Suggestion(quiet_plan(usual, volume).document(), words)


def name_in(content: bytes) -> str:
    """The prompt's name as its file states it; empty where the file cannot be read yet."""
    try:
        return read_prompt(read_yaml(content, "the prompt file"), "the prompt file").name
    except InvalidInput:
        return ""
