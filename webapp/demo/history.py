"""The demo's history: changes at every stage, made by the same services as everything else, on a clock that runs ahead to now.

What must not live here: any row written past a service.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditSample
from webapp.demo.people import PASSWORD, demo_actor, join_everyone
from webapp.demo.story import Story, StoryClock, application_token, review_change, sign_change, submit_change
from webapp.demo.versions import EXAMPLES, edited, shortened
from webapp.domain.cohorts import Place
from webapp.domain.post_audit import HARMS
from webapp.domain.workflow.evidence import Conclusion
from webapp.errors import Conflict
from webapp.services import delivery, interactions, post_audit, review, rollout, tokens
from webapp.services.tokens import TokenRequest
from webapp.settings import Settings

QUICK_PLAN = {
    "steps": [
        {"kind": "canary", "share_basis_points": 4000, "bake_seconds": 3600, "min_units": 20},
        {"kind": "direct", "bake_seconds": 3600, "min_units": 20},
    ]
}
MONTH = 30 * 24 * 3600  # nobody reports in a demo that stands open for a while
SHORT_WAIT_PLAN = {
    "steps": [
        {"kind": "canary", "share_basis_points": 5000, "bake_seconds": 60, "min_units": 10, "silence_seconds": MONTH},
        {"kind": "direct", "bake_seconds": 60, "min_units": 10, "silence_seconds": MONTH},
    ]
}
ENCOUNTERS_PER_STEP = 300
LOOK_EVERY = 20  # encounters; the watch looks often enough for the new version to be served
STORY = timedelta(days=7, hours=12)  # somewhat more than the chapters take, so that the last ones are of today


def begin(outside: Outside) -> tuple[Outside, StoryClock]:
    """The house some days before its present, and the clock that moves it; its log has to be opened there, not later."""
    clock = StoryClock(outside.now() - STORY)
    return replace(outside, now=clock), clock


def tell_history(told: Outside, clock: StoryClock, say: Callable[[str], Any]) -> bool:
    """People and changes exist; False when they did already. ``say`` takes a sentence for the terminal at each step."""
    if not join_everyone(told):
        return False
    say("Making the demo's people and changes (once, about a minute) ...")
    story = Story(told, clock, application_token(told))
    _make_command_token(told)
    for chapter in CHAPTERS:
        say(f"  {(chapter.__doc__ or '').splitlines()[0]}")
        chapter(story)
    return True


def first_version(story: Story) -> None:
    """Version 1.1 of clinical-summarization comes into the formulary and is closed."""
    change = _submit(story, "clinical-summarization/v1.1.yaml", plan=QUICK_PLAN, suite=True)
    sign_change(story, change)
    _roll_out(story, change)
    _audit(story, change, graders=("kim", "osei"))
    _conclude(story, change)
    story.clock.forward(days=2)


def medication_in_audit(story: Story) -> None:
    """Version 1.0 of medication-extraction is live and waits for its follow-up audit."""
    change = _submit(story, "medication-extraction/v1.0.yaml", plan=QUICK_PLAN, suite=True)
    sign_change(story, change)
    _roll_out(story, change)
    _audit(story, change, graders=("kim",), share=0.5)
    story.clock.forward(days=2)


def medication_in_rollout(story: Story) -> None:
    """Version 1.1 of medication-extraction is in its first step."""
    change = _submit(story, "medication-extraction/v1.1.yaml", plan=SHORT_WAIT_PLAN)
    sign_change(story, change)
    rollout.start(story.outside, story.actor("ada"), change, story.digest(change))
    _report_calls(story, "medication-extraction", 200)
    story.clock.forward(days=1)


def waiting_for_signature(story: Story) -> None:
    """A change waits for a physician."""
    changes = "Allergies now keep the reaction, and warnings given to the patient are no longer cut short."
    edit = edited("1.2", "Keep every allergy with its reaction, and every warning.", changes)
    change = _submit(story, edit, key="ben")
    review_change(story, change)
    story.clock.forward(hours=5)


def waiting_for_review(story: Story) -> None:
    """A change waits for an informaticist."""
    changes = (
        "Names, dates of birth, record numbers and other identifiers of the patient no longer stand in the summary."
    )
    sentence = "Do not write names, dates of birth, record numbers or other identifiers of the patient."
    _submit(story, edited("1.3", sentence, changes), key="ben")
    story.clock.forward(hours=3)


def stopped_at_evaluation(story: Story) -> None:
    """A shorter prompt is stopped by its evaluation."""
    changes = "The summary becomes two sentences, to be read at hand-over; codes and sections are left out."
    _submit(story, shortened("1.4-short", changes), key="ben")
    story.clock.forward(hours=2)


def sent_back(story: Story) -> None:
    """A change was sent back to its author."""
    changes = "The summary now follows the order in which the encounter was told, instead of the order of importance."
    change = _submit(story, edited("1.5", "Keep the order in which the encounter tells it.", changes), key="ada")
    reason = "Say in the intended use for which kind of encounter this order helps; the worst cases lose findings."
    review.ask_for_changes(story.outside, story.actor("lee"), change, story.digest(change), reason)
    story.clock.forward(hours=2)


CHAPTERS: tuple[Callable[[Story], None], ...] = (
    first_version,
    medication_in_audit,
    medication_in_rollout,
    waiting_for_signature,
    waiting_for_review,
    stopped_at_evaluation,
    sent_back,
)


def _submit(
    story: Story, source: str | bytes, *, key: str = "ada", plan: dict[str, Any] | None = None, suite: bool = False
) -> str:
    """A submitted and evaluated change; ``source`` is a file of the examples, which may bring its test set, or its bytes."""
    if isinstance(source, bytes):
        return submit_change(story, source, key=key, plan=plan)
    file = EXAMPLES / source
    cases = (file.parent / "evaluation" / "test-cases.jsonl").read_bytes() if suite else None
    return submit_change(story, file.read_bytes(), key=key, plan=plan, suite=cases)


def _roll_out(story: Story, change_id: str) -> None:
    """Started, reported on, advanced and completed."""
    outside, name = story.outside, story.case(change_id).prompt.name
    author = story.actor("ada")
    rollout.start(outside, author, change_id, story.digest(change_id))
    _report_calls(story, name, ENCOUNTERS_PER_STEP)
    story.clock.forward(hours=2)
    lee = story.actor("lee")
    rollout.advance(outside, lee, change_id, story.digest(change_id), "Enough encounters, nothing reported.", PASSWORD)
    _report_calls(story, name, 120)
    story.clock.forward(hours=2)
    rollout.complete(outside, lee, change_id, story.digest(change_id), "The last step was quiet.", PASSWORD)


def _report_calls(story: Story, name: str, count: int) -> None:
    """The hospital's application fetched the release for ``count`` encounters and reported its calls."""
    reports = []
    for number in range(count):
        if number % LOOK_EVERY == 0:
            rollout.watch(story.outside)
        try:
            served = delivery.serve(story.outside, name, Place(f"{name}-encounter-{number}"))
        except Conflict:
            continue  # a first version serves nothing to encounters outside its share
        reports.append(_report(story, served.document, number))
    if reports:
        interactions.report(story.outside, story.token_id, reports)


def _report(story: Story, decision: dict[str, Any], number: int) -> interactions.Report:
    return interactions.Report(
        event_id=story.outside.new_id("evt"),
        decision_id=decision["decision_id"],
        happened_at=story.clock(),
        model=decision["model"],
        request_text=f"Encounter {number} of the demo: an invented patient with a cough for three days.",
        response_text="Subjective: cough for three days.\nObjective: chest clear.\nAssessment: viral infection.\nPlan: rest.",
        finish_reason="stop",
        tokens_in=420,
        tokens_out=60,
        outcome="accepted",
        site=("North", "South")[number % 2],
    )


def _audit(story: Story, change_id: str, *, graders: tuple[str, ...], share: float = 1.0) -> None:
    """The first part of the sample is graded by these people."""
    with story.outside.database.reading() as session:
        query = select(AuditSample.id).where(AuditSample.change_id == change_id).order_by(AuditSample.position)
        samples = list(session.scalars(query))
    for sample in samples[: round(len(samples) * share)]:
        for key in graders:
            ratings = {name: 4 for name, _ in post_audit.RUBRIC}
            given = post_audit.GradeGiven(True, True, HARMS[0], ratings)
            post_audit.grade(story.outside, story.actor(key), change_id, sample, given)
    story.clock.forward(hours=6)


def _conclude(story: Story, change_id: str) -> None:
    conclusion = Conclusion("Accurate in the sample; no possible harm seen.", _in_half_a_year(story))
    post_audit.conclude(story.outside, story.actor("osei"), change_id, story.digest(change_id), conclusion, PASSWORD)


def _in_half_a_year(story: Story) -> date:
    return (story.clock.at + timedelta(days=180)).date()


def _make_command_token(outside: Outside) -> None:
    """``formulary submit`` finds a token of the demo's author in the state folder."""
    asked = TokenRequest("Command line", ("submit", "read"), (), "Ada Brandt", "555-0101", 365)
    write_connection(outside.settings, tokens.make_token(outside, demo_actor(outside, "ada"), asked))


def write_connection(settings: Settings, token: str | None = None) -> None:
    """The commands find this server, with the token given or with the one they had."""
    path = settings.var_dir / "cli.json"
    if token is None:
        if not path.exists():
            return
        token = json.loads(path.read_text(encoding="utf-8"))["token"]
    path.touch(mode=0o600)
    path.write_text(json.dumps({"server": settings.base_url, "token": token}), encoding="utf-8")
