"""The formulary's side of a submission: the prompt's entry, its immutable version, and what counts as nothing changed.

What must not live here: what a revision holds beside its version (``content``).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.recording import enter
from webapp.acts.restrictions import newest_restriction
from webapp.acts.revisions import Content, content_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Prompt, Release, Restriction, Revision, Version
from webapp.domain.prompts.prompt_file import prompt_document
from webapp.domain.prompts.template import placeholders
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.workflow import ENDED, Actor
from webapp.errors import Conflict, InvalidInput
from webapp.services.submission.reading import ReadSubmission


def register_prompt(outside: Outside, session: Session, actor: Actor, read: ReadSubmission) -> Prompt:
    """The prompt has its entry in the formulary, made with its first change."""
    prompt = session.scalar(select(Prompt).where(Prompt.name == read.file.name).with_for_update())
    if prompt is not None:
        return prompt
    proposed = read.stated_class
    if proposed is None:
        raise InvalidInput("Propose a risk class: administrative, clinical or high_risk.", code="risk_class")
    prompt = Prompt(
        id=outside.new_id("prm"), name=read.file.name, risk_class=proposed, last_number=0, created_at=outside.now()
    )
    session.add(prompt)
    session.flush()
    enter(outside, session, actor, "prompt.registered", ("prompt", prompt.id, None), after=(proposed, None))
    return prompt


def store_version(
    outside: Outside, session: Session, actor: Actor, prompt: Prompt, read: ReadSubmission
) -> tuple[Version, bool]:
    """The bytes as a version, and whether they were stored before; the same bytes are the same version."""
    session.refresh(prompt, with_for_update=True)  # two changes of one prompt may bring versions at the same moment
    raw, file = read.given.prompt, read.file
    sha256 = sha256_hex(raw)
    known = session.scalar(select(Version).where(Version.prompt_id == prompt.id, Version.sha256 == sha256))
    _refuse_used_label(session, prompt, file.label, sha256)
    if known is not None:
        return known, True
    prompt.last_number += 1
    version = Version(
        id=outside.new_id("ver"),
        prompt_id=prompt.id,
        number=prompt.last_number,
        label=file.label,
        sha256=sha256,
        content=raw,
        fields={**prompt_document(file), "placeholders": list(placeholders(file.user_template))},
        stored_by=actor.id,
        stored_at=outside.now(),
    )
    session.add(version)
    session.flush()
    enter(outside, session, actor, "version.stored", ("version", version.id, version.number), after=("stored", sha256))
    return version, False


def _refuse_used_label(session: Session, prompt: Prompt, label: str, sha256: str) -> None:
    """A label is unique among released versions."""
    query = (
        select(Version.sha256)
        .join(Release, Release.version_id == Version.id)
        .where(Release.prompt_id == prompt.id, Version.label == label, Release.state != "void")
    )
    if any(found != sha256 for found in session.scalars(query)):
        raise Conflict(
            f"Version {label} of {prompt.name} was already released with other content; use a new version.",
            code="label_used",
        )


def refuse_what_is_live(session: Session, prompt: Prompt, content: Content) -> None:
    """The live bytes on the live model are no change; another model on the same bytes is one.

    So are these bytes where the live release is restricted: only a release that went the whole way is for everybody again.
    """
    live = live_revision(session, prompt)
    if (
        live is not None
        and not _is_restricted(session, prompt)
        and live.version_id == content.version_id
        and live.model == content.model
    ):
        raise Conflict("Nothing changed: these are the bytes that are live now.", code="nothing_changed")


def _is_restricted(session: Session, prompt: Prompt) -> bool:
    release = session.get(Release, prompt.live_release_id or "")
    return release is not None and newest_restriction(session, release) is not None


def refuse_what_is_proposed(session: Session, content: Content, within: str) -> None:
    """The same bytes on the same model are proposed by one open change at a time; what is live and restricted counts as settled."""
    restricted = (
        select(Release.change_id)
        .join(Restriction, Restriction.release_id == Release.id)
        .join(Prompt, Prompt.live_release_id == Release.id)
    )
    query = (
        select(Change)
        .join(Revision, (Revision.change_id == Change.id) & (Revision.number == Change.revision))
        .where(
            Revision.version_id == content.version_id,
            Revision.model == content.model,
            Change.id != within,
            Change.id.not_in(restricted),
            Change.stage.not_in([stage.value for stage in ENDED]),
        )
    )
    other = session.scalars(query.order_by(Change.id)).first()
    if other is not None:
        raise Conflict(
            f"Nothing changed: {other.id} already proposes these bytes.",
            code="nothing_changed",
            details={"change": other.id, "stage": other.stage, "digest": other.digest},
        )


def refuse_same_revision(before: Revision, content: Content, is_same_class: bool) -> None:
    """A new revision differs from the present one in at least one thing."""
    if is_same_class and content_of(before) == content:
        raise Conflict("Nothing changed: this is the change's present content.", code="nothing_changed")


def live_revision(session: Session, prompt: Prompt) -> Revision | None:
    """The revision that became the live release."""
    live = session.get(Release, prompt.live_release_id or "")
    if live is None:
        return None
    query = select(Revision).where(Revision.change_id == live.change_id, Revision.version_id == live.version_id)
    return session.scalars(query.order_by(Revision.number.desc())).first()


def has_no_release(session: Session, prompt: Prompt) -> bool:
    """Was no version of this prompt ever released?"""
    query = select(Release.id).where(Release.prompt_id == prompt.id).limit(1)
    return prompt.live_release_id is None and session.scalar(query) is None
