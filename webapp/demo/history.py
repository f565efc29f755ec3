"""The demo's history: changes at every stage, made by the same services as everything else, on a clock that runs ahead to now.

What must not live here: any row written past a service.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from webapp.acts.jobs import lease
from webapp.acts.results import open_result, worst_case_ids
from webapp.acts.seen import display_digest
from webapp.acts.situation import Case, load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditSample, FindingRow, Job, Token
from webapp.demo.people import PASSWORD, demo_actor, given_again, join_everyone
from webapp.demo.versions import EXAMPLES, edited, shortened
from webapp.domain.cohorts import Place
from webapp.domain.post_audit import HARMS
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import Approval, Conclusion
from webapp.errors import Conflict
from webapp.services import delivery, evaluation, interactions, post_audit, review, rollout, signoff, submission, tokens
from webapp.services.evaluation import deciding
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


@dataclass
class StoryClock:
    """A clock that the story moves; it never passes the real present."""

    at: datetime

    def __call__(self) -> datetime:
        """The story's present."""
        self.at += timedelta(seconds=1)
        return self.at

    def forward(self, **units: float) -> None:
        """Time passes."""
        self.at += timedelta(**units)


@dataclass(frozen=True)
class Story:
    """The house at the story's time, with a token of the hospital's application."""

    outside: Outside
    clock: StoryClock
    token_id: str

    def actor(self, key: str) -> Actor:
        """A person with the roles held now."""
        return demo_actor(self.outside, key)

    def case(self, change_id: str) -> Case:
        """The change as it is stored now."""
        with self.outside.database.reading() as session:
            return load_change(session, change_id)

    def digest(self, change_id: str) -> str:
        """The digest that the next decision names."""
        return self.case(change_id).change.digest


def begin(outside: Outside) -> tuple[Outside, StoryClock]:
    """The house some days before its present, and the clock that moves it; its log has to be opened there, not later."""
    clock = StoryClock(outside.now() - STORY)
    return replace(outside, now=clock), clock


def tell_history(told: Outside, clock: StoryClock, say: Callable[[str], Any]) -> bool:
    """People and changes exist; False when they did already. ``say`` takes a sentence for the terminal at each step."""
    if not join_everyone(told):
        return False
    say("Making the demo's people and changes (once, about a minute) ...")
    story = Story(told, clock, _application_token(told))
    _make_command_token(told)
    for chapter in CHAPTERS:
        say(f"  {(chapter.__doc__ or '').splitlines()[0]}")
        chapter(story)
    return True


def first_version(story: Story) -> None:
    """Version 1.1 of clinical-summarization comes into the formulary and is closed."""
    change = _submit(story, "clinical-summarization/v1.1.yaml", plan=QUICK_PLAN, suite=True)
    _sign(story, change)
    _roll_out(story, change)
    _audit(story, change, graders=("kim", "osei"))
    _conclude(story, change)
    story.clock.forward(days=2)


def medication_in_audit(story: Story) -> None:
    """Version 1.0 of medication-extraction is live and waits for its follow-up audit."""
    change = _submit(story, "medication-extraction/v1.0.yaml", plan=QUICK_PLAN, suite=True)
    _sign(story, change)
    _roll_out(story, change)
    _audit(story, change, graders=("kim",), share=0.5)
    story.clock.forward(days=2)


def medication_in_rollout(story: Story) -> None:
    """Version 1.1 of medication-extraction is in its first step."""
    change = _submit(story, "medication-extraction/v1.1.yaml", plan=SHORT_WAIT_PLAN)
    _sign(story, change)
    rollout.start(story.outside, story.actor("ada"), change, story.digest(change))
    _report_calls(story, "medication-extraction", 200)
    story.clock.forward(days=1)


def waiting_for_signature(story: Story) -> None:
    """A change waits for a physician."""
    changes = "Allergies now keep the reaction, and warnings given to the patient are no longer cut short."
    edit = edited("1.2", "Keep every allergy with its reaction, and every warning.", changes)
    change = _submit(story, edit, key="ben")
    _review(story, change)
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
    """A submitted and evaluated change."""
    raw = (EXAMPLES / source).read_bytes() if isinstance(source, str) else source
    cases = (
        EXAMPLES / Path(source).parent / "evaluation" / "test-cases.jsonl"
        if isinstance(source, str) and suite
        else None
    )
    handed_in = submission.Submission(
        prompt=raw, source="the example", plan=plan, suite=cases.read_bytes() if cases else None
    )
    done = submission.submit(story.outside, story.actor(key), handed_in)
    with story.outside.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == done.run_id)).one()
    job = lease(story.outside, job_id)
    assert job is not None
    evaluation.execute_run(story.outside, job)
    story.clock.forward(minutes=20)
    return done.change_id


def _review(story: Story, change_id: str, key: str = "kim") -> None:
    """An informaticist opened the worst cases, decided the findings, ticked the list and approved."""
    outside, actor = story.outside, story.actor(key)
    case = story.case(change_id)
    if case.prompt.class_confirmed_at is None:
        review.confirm_class(outside, actor, change_id, story.digest(change_id), PASSWORD)
    _open_worst(story, change_id, actor)
    for finding_id in _findings(story, case):
        reason = (
            "Looked at the answer: a clinician reads and corrects each draft before it is filed, and would see this."
        )
        deciding.decide_finding(outside, actor, change_id, finding_id, "dismissed", reason, story.digest(change_id))
    items = [item.item for item in case.rules.checklist] if case.rules else []
    review.tick_checklist(outside, actor, change_id, story.digest(change_id), items)
    story.clock.forward(hours=2)
    sentence = "Read every changed line and the worst cases; losses are small and a clinician corrects the draft."
    approval = Approval(sentence, (), changes_confirmed=True)
    seen = _seen(story, change_id)
    review.approve(outside, actor, change_id, story.digest(change_id), approval, PASSWORD, seen=seen)


def _sign(story: Story, change_id: str) -> None:
    """Reviewed by an informaticist and signed by a physician."""
    _review(story, change_id)
    actor = story.actor("osei")
    _open_worst(story, change_id, actor)
    story.clock.forward(hours=3)
    given = given_again(story.outside, "osei")
    signoff.sign(story.outside, actor, change_id, story.digest(change_id), given, seen=_seen(story, change_id))
    story.clock.forward(hours=1)


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


def _open_worst(story: Story, change_id: str, actor: Actor) -> None:
    case = story.case(change_id)
    if case.run is None:
        return
    with story.outside.database.reading() as session:
        listed = worst_case_ids(open_result(session, case.run))
    for case_id in listed:
        deciding.open_case(story.outside, actor, change_id, case_id)


def _findings(story: Story, case: Case) -> list[str]:
    with story.outside.database.reading() as session:
        query = select(FindingRow.id).where(FindingRow.run_id == (case.run.id if case.run else ""))
        return list(session.scalars(query.where(FindingRow.decision.is_(None))))


def _seen(story: Story, change_id: str) -> str:
    with story.outside.database.reading() as session:
        return display_digest(session, load_change(session, change_id))


def _application_token(outside: Outside) -> str:
    """The id of the token of the hospital's application, made by an administrator."""
    asked = TokenRequest("Ward documentation", ("deliver", "report"), (), "Clinical systems desk", "555-0100", 365)
    tokens.make_token(outside, demo_actor(outside, "ruth"), asked)
    with outside.database.reading() as session:
        return session.scalars(select(Token.id).where(Token.name == asked.name)).one()


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
