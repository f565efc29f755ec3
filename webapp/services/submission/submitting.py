"""The two acts that bring new content: submit opens a change, revise gives it a further revision.

What must not live here: reading requests (the doors) and the moves without content (``moving``).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.acts.model_warnings import model_warnings
from webapp.acts.perform import Act, perform, perform_in
from webapp.acts.recording import enter
from webapp.acts.revisions import add_revision
from webapp.acts.runs import queue_run
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Prompt, Revision
from webapp.domain.workflow import Actor, RiskClass, Role, Stage
from webapp.domain.workflow.evidence import Evidence
from webapp.errors import InvalidInput, Refused
from webapp.services.submission.content import choose_class, fallback_warnings, make_content
from webapp.services.submission.contributors import add_contributors
from webapp.services.submission.reading import ReadSubmission, Submission, read_submission
from webapp.services.submission.storing import (
    has_no_release,
    refuse_same_revision,
    refuse_what_is_live,
    refuse_what_is_proposed,
    register_prompt,
    store_version,
)


@dataclass(frozen=True)
class Submitted:
    """Where a submission stands right after it was stored."""

    change_id: str
    stage: str
    revision: int
    digest: str
    run_id: str
    warnings: tuple[str, ...]


def submit(outside: Outside, actor: Actor, submission: Submission) -> Submitted:
    """A new change stands in evaluation with a queued run; InvalidInput or Conflict says what is wrong and stores nothing."""
    require_author(actor)
    read = read_submission(submission)
    queued: list[Submitted] = []
    with outside.database.writing() as session:
        prompt = register_prompt(outside, session, actor, read)
        risk_class = choose_class(session, prompt, read)
        version, is_known = store_version(outside, session, actor, prompt, read)
        content = make_content(outside, session, actor, prompt, version, read, risk_class)
        change = _open_change(outside, session, actor, prompt, read, risk_class)
        if is_known:
            refuse_what_is_live(session, prompt, content)
            refuse_what_is_proposed(session, content, change.id)
        add_contributors(outside, session, actor, change, submission.contributors)
        revision = add_revision(outside, session, prompt, change, content, actor.id)
        perform_in(
            outside, session, actor, change.id, "submit", change.digest, Evidence(),
            effect=lambda act: queued.append(_queue(act, revision, read)),
        )  # fmt: skip
    return queued[0]


def revise(outside: Outside, actor: Actor, change_id: str, expected_digest: str, submission: Submission) -> Submitted:
    """The change has a further revision in evaluation, without any approval, and a queued run."""
    require_author(actor)
    read = read_submission(submission)
    queued: list[Submitted] = []
    perform(
        outside, actor, change_id, "revise", expected_digest, Evidence(),
        effect=lambda act: queued.append(_queue(act, _next_revision(act, read), read)),
    )  # fmt: skip
    return queued[0]


def require_author(actor: Actor) -> None:
    """The actor is of the AI team."""
    if Role.AUTHOR not in actor.roles:
        raise Refused("Submitting needs the role AI team (author); ask an administrator.", code="role")


def _next_revision(act: Act, read: ReadSubmission) -> Revision:
    outside, session, actor = act.outside, act.session, act.actor
    prompt, change, before = act.case.prompt, act.case.change, act.case.revision
    assert before is not None
    if read.file.name != prompt.name:
        raise InvalidInput(f"This change is for {prompt.name}; the file is for {read.file.name}.")
    risk_class = choose_class(session, prompt, read, present=change.risk_class)
    is_same_class = risk_class.value == change.risk_class
    version, _ = store_version(outside, session, actor, prompt, read)
    content = make_content(
        outside, session, actor, prompt, version, read, risk_class, before=before, keeps_plan=is_same_class
    )
    refuse_same_revision(before, content, is_same_class)
    refuse_what_is_live(session, prompt, content)
    refuse_what_is_proposed(session, content, change.id)
    change.risk_class = risk_class.value
    add_contributors(outside, session, actor, change, read.given.contributors)
    return add_revision(outside, session, prompt, change, content, actor.id)


def _queue(act: Act, revision: Revision, read: ReadSubmission) -> Submitted:
    run = queue_run(act.outside, act.session, act.actor, act.case.change, revision)
    warnings = (
        *read.warnings, *fallback_warnings(act.outside, read), *model_warnings(act.outside, revision.model)
    )  # fmt: skip
    return Submitted(
        act.case.change.id, act.move.target.value, revision.number, act.case.change.digest, run.id, warnings
    )


def _open_change(
    outside: Outside, session: Session, actor: Actor, prompt: Prompt, read: ReadSubmission, risk_class: RiskClass
) -> Change:
    change = Change(
        id=outside.new_id("chg"),
        prompt_id=prompt.id,
        title=read.given.title or f"{read.file.name} {read.file.label}",
        stage=Stage.DRAFT.value,
        risk_class=risk_class.value,
        revision=0,
        digest="0" * 64,
        is_first_change=has_no_release(session, prompt),
        opened_by=actor.id,
        opened_at=outside.now(),
        stage_since=outside.now(),
    )
    session.add(change)
    session.flush()
    enter(outside, session, actor, "change.opened", ("change", change.id, None), after=("draft", None))
    return change
