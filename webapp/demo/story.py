"""What the people of an invented house do: submit, evaluate, review, sign, by the same services as everything else, on a story's clock.

The demo's history and the simulator are told with it. What must not live here: any row written past a service.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.acts.jobs import lease
from webapp.acts.results import open_result, worst_case_ids
from webapp.acts.seen import display_digest
from webapp.acts.situation import Case, load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import FindingRow, Job, Token
from webapp.demo.people import PASSWORD, demo_actor, given_again
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import Approval
from webapp.services import evaluation, review, signoff, submission, tokens
from webapp.services.evaluation import deciding
from webapp.services.tokens import TokenRequest


@dataclass
class StoryClock:
    """A clock that the story moves; it also goes on by ``pace`` whenever somebody looks at it."""

    at: datetime
    pace: timedelta = timedelta(seconds=1)

    def __call__(self) -> datetime:
        """The story's present."""
        self.at += self.pace
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


def submit_change(
    story: Story, raw: bytes, *, key: str = "ada", plan: dict[str, Any] | None = None, suite: bytes | None = None
) -> str:
    """A submitted and evaluated change."""
    handed_in = submission.Submission(prompt=raw, source="the example", plan=plan, suite=suite)
    done = submission.submit(story.outside, story.actor(key), handed_in)
    with story.outside.database.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.subject_id == done.run_id)).one()
    job = lease(story.outside, job_id)
    assert job is not None
    evaluation.execute_run(story.outside, job)
    story.clock.forward(minutes=20)
    return done.change_id


def review_change(story: Story, change_id: str, key: str = "kim") -> None:
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


def sign_change(story: Story, change_id: str) -> None:
    """Reviewed by an informaticist and signed by a physician."""
    review_change(story, change_id)
    actor = story.actor("osei")
    _open_worst(story, change_id, actor)
    story.clock.forward(hours=3)
    given = given_again(story.outside, "osei")
    signoff.sign(story.outside, actor, change_id, story.digest(change_id), given, seen=_seen(story, change_id))
    story.clock.forward(hours=1)


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


def application_token(outside: Outside) -> str:
    """The id of the token of the hospital's application, made by an administrator."""
    asked = TokenRequest("Ward documentation", ("deliver", "report"), (), "Clinical systems desk", "555-0100", 365)
    tokens.make_token(outside, demo_actor(outside, "ruth"), asked)
    with outside.database.reading() as session:
        return session.scalars(select(Token.id).where(Token.name == asked.name)).one()
