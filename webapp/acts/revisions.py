"""Adding a revision to a change: new content, new digest, no approvals.

What must not live here: reading what was submitted (``webapp.services.submission``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from webapp.acts.policies import enter_due_policy, policy_in_force
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Prompt, Revision, Version
from webapp.domain.manifest import RevisionFacts


@dataclass(frozen=True)
class Content:
    """What a revision holds beside its version."""

    version_id: str
    suite_sha256: str
    model: str
    fallbacks: tuple[str, ...]
    plan: dict[str, Any]
    changes: str
    intended_use: str
    not_for: str
    downtime_text: str


def content_of(revision: Revision) -> Content:
    """The content of a stored revision, to be taken into a new one."""
    return Content(
        version_id=revision.version_id,
        suite_sha256=revision.suite_sha256 or "",
        model=revision.model,
        fallbacks=tuple(revision.fallbacks["models"]),
        plan=dict(revision.plan),
        changes=revision.changes,
        intended_use=revision.intended_use,
        not_for=revision.not_for,
        downtime_text=revision.downtime_text,
    )


def add_revision(
    outside: Outside, session: Session, prompt: Prompt, change: Change, content: Content, person_id: str
) -> Revision:
    """The change has a further revision, on what is live now and under the policy in force; its digest is the change's."""
    version = session.get_one(Version, content.version_id)
    enter_due_policy(outside, session)
    policy_row, _ = policy_in_force(outside, session)
    facts = _facts(prompt, version, change, content)
    change.revision += 1
    change.baseline_release_id = prompt.live_release_id
    change.digest, change.manifest_sha256, change.reworded_changes = facts.digest(), None, None
    revision = Revision(
        id=outside.new_id("rev"),
        change_id=change.id,
        number=change.revision,
        version_id=version.id,
        suite_sha256=content.suite_sha256,
        baseline_release_id=prompt.live_release_id,
        policy_sha256=policy_row.sha256,
        model=content.model,
        fallbacks={"models": list(content.fallbacks)},
        plan=content.plan,
        changes=content.changes,
        intended_use=content.intended_use,
        not_for=content.not_for,
        downtime_text=content.downtime_text,
        digest=change.digest,
        submitted_by=person_id,
        submitted_at=outside.now(),
    )
    session.add(revision)
    session.flush()
    return revision


def repeat_revision(
    outside: Outside, session: Session, prompt: Prompt, change: Change, old: Revision, person_id: str, **changed: Any
) -> Revision:
    """A further revision with the content of ``old``: after a rebase, or when the class was raised."""
    return add_revision(outside, session, prompt, change, replace(content_of(old), **changed), person_id)


def revision_facts(session: Session, prompt: Prompt, change: Change, revision: Revision) -> RevisionFacts:
    """What revision digest and manifest are computed over."""
    return _facts(prompt, session.get_one(Version, revision.version_id), change, content_of(revision))


def _facts(prompt: Prompt, version: Version, change: Change, content: Content) -> RevisionFacts:
    return RevisionFacts(
        prompt_name=prompt.name,
        version_number=version.number,
        prompt_sha256=version.sha256,
        model=content.model,
        fallbacks=content.fallbacks,
        suites=(content.suite_sha256,),
        risk_class=change.risk_class,
        plan=content.plan,
    )
