"""A house that is thrown away: database, keys, notary and people in a temporary folder, with a clock that the simulator moves.

Prompt, test set and people are invented; submission, evaluation, review, sign-off, release and seal are the real acts. What must not
live here: the rollout itself (``telling``).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from webapp.adapters.clock import no_step
from webapp.adapters.keys import open_keyring
from webapp.adapters.outside import Outside
from webapp.adapters.yaml_source import read_yaml
from webapp.assembly import DEFAULTS, build, prepare
from webapp.demo.people import PASSWORD, join_everyone
from webapp.demo.story import Story, StoryClock, application_token, sign_change, submit_change
from webapp.demo.story_notary import story_notary
from webapp.domain.cohorts import Place
from webapp.domain.plan import Plan
from webapp.domain.prompts.serialise import serialise_prompt
from webapp.errors import Unavailable
from webapp.services import delivery, interactions, rollout
from webapp.settings import environment_without_settings, read_settings

FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
NAME = "visit-note"
CASES, FIRST_CALLS = 30, 120
PROMPT: dict[str, Any] = {
    "name": NAME,
    "description": "A SOAP note from one visit.",
    "intended_use": "Draft of a note for the clinician who was there.",
    "not_for": "Filing without a clinician's check.",
    "downtime_text": "Write the note by hand.",
    "risk_class": "clinical",
    "model_compatibility": ["offline-clinical-1"],
    "system_prompt": "You write clinical notes. Write what the encounter says and nothing else.\n",
    "user_template": "Summarize the following encounter in SOAP format:\n{encounter_text}\n",
    "parameters": {"temperature": 0, "max_tokens": 800},
    "variables": ["encounter_text"],
}
COMPLAINTS = ("a cough", "a sore throat", "knee pain", "back pain", "heartburn")
WIDE_MARGIN_PPM = 200_000
DIRECT = {"steps": [{"kind": "direct"}]}


class NoQueue:
    """A bell that nobody hears: the simulator does each job itself."""

    def ring(self, job_id: str) -> None:
        """Nothing happens."""

    def workers(self) -> int:
        """There is none."""
        raise Unavailable("The simulator has no worker.")


@dataclass(frozen=True)
class House:
    """A signed change that is not started, while an older version is live; ``story`` holds clock, people and the application's token."""

    story: Story
    change_id: str
    name: str = NAME
    author: str = "ada"
    informaticist: str = "lee"
    password: str = PASSWORD


@contextmanager
def throwaway_house(seed: int, plan: Plan) -> Iterator[House]:
    """The house as long as it is needed; its folder is gone afterwards. InvalidInput where the plan is not one for a clinical prompt."""
    folder = Path(tempfile.mkdtemp(prefix="formulary-simulation-"))
    try:
        with _opened(folder, seed) as (outside, clock):
            join_everyone(outside)
            story = Story(outside, clock, application_token(outside))
            _make_live(story)
            change_id = submit_change(story, _prompt("2.0"), plan=plan.document())
            sign_change(story, change_id)
            clock.at = FIRST_DAY
            yield House(story, change_id)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(folder: Path, seed: int) -> Iterator[tuple[Outside, StoryClock]]:
    """The house with nobody in it. All that is drawn there follows from the seed: its keys are good for nothing else."""
    draw, clock = np.random.default_rng(seed), StoryClock(FIRST_DAY - timedelta(days=3), timedelta(0))
    policy = folder / "policy.yaml"
    policy.write_text(json.dumps(_wide_policy()), encoding="utf-8")  # JSON is YAML too
    own = {"FORMULARY_VAR_DIR": str(folder), "FORMULARY_POLICY_FILE": str(policy)}
    settings = read_settings({**environment_without_settings(), **own})
    with story_notary(folder, settings.log_origin) as notary:
        outside = replace(
            build(settings),
            now=clock,
            chance=draw.bytes,
            keyring=open_keyring(folder / "simulated", "", draw.bytes),
            queue=NoQueue(),
            notary=notary,
            clock_step=no_step,
        )
        try:
            prepare(outside)
            yield outside, clock
        finally:
            outside.database.close()


def shipped_policy() -> dict[str, Any]:
    """The policy that ships, as it is written."""
    document = read_yaml((DEFAULTS / "policy.yaml").read_bytes(), "policy.yaml")
    assert isinstance(document, dict)
    return document


def _wide_policy() -> dict[str, Any]:
    """The shipped policy with margins that the few cases here can show: not the evaluation is simulated, but the rollout."""
    document = shipped_policy()
    for rule in document["classes"]["clinical"]["measures"].values():
        rule.update(margin_ppm=WIDE_MARGIN_PPM, practical_ppm=WIDE_MARGIN_PPM)
    return document


def _make_live(story: Story) -> None:
    """The first version is live and its rollout complete."""
    change_id = submit_change(story, _prompt("1.0"), plan=DIRECT, suite=_cases())
    sign_change(story, change_id)
    rollout.start(story.outside, story.actor("ada"), change_id, story.digest(change_id))
    decisions = [delivery.serve(story.outside, NAME, Place(f"earlier-{number}")) for number in range(FIRST_CALLS)]
    reports = [
        interactions.Report(
            f"earlier-{number}",
            one.document["decision_id"],
            story.clock(),
            "offline-clinical-1",
            request_text="A visit.",
            response_text="A note.",
        )
        for number, one in enumerate(decisions)
    ]
    interactions.report(story.outside, story.token_id, reports)
    story.clock.forward(hours=1)
    lee, reason = story.actor("lee"), "Quiet."
    rollout.complete(story.outside, lee, change_id, story.digest(change_id), reason, PASSWORD)


def _prompt(label: str) -> bytes:
    return serialise_prompt(
        {**PROMPT, "version": label, "changes": f"Version {label}: the same note, invented for a simulation."}
    )


def _cases() -> bytes:
    """Small invented encounters, each with a fact that the note must keep and one that it must not turn round."""
    rows = (
        {
            "id": f"case-{number:02}",
            "category": "unit",
            "inputs": {"encounter_text": _encounter(number)},
            "expected": {"must_include": ["cetirizine"], "must_not_include": ["chest pain at rest"]},
        }
        for number in range(1, CASES + 1)
    )
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _encounter(number: int) -> str:
    complaint = COMPLAINTS[number % len(COMPLAINTS)]
    return (
        f"{30 + number}-year-old with {complaint} for {2 + number % 5} days. Denies fever. Takes cetirizine 10 mg once daily.\n"
        f"Exam: T 36.{number % 9}, pulse {60 + number}, chest clear.\nAssessment: {complaint}, mild. Plan: rest, return in two weeks."
    )
