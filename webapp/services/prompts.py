"""The formulary itself: what is live and why, and what was live before. Reading only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.comparing import version_words
from webapp.acts.restrictions import newest_restriction
from webapp.acts.signatures_shown import SignatureShown, signatures_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, LivePeriod, Manifest, Person, Prompt, Release, Revision, Version
from webapp.domain.cohorts import read_cohort
from webapp.domain.workflow import ENDED, Actor
from webapp.errors import NotFound


@dataclass(frozen=True)
class PromptRow:
    """A prompt as a line of the formulary."""

    name: str
    risk_class: str
    class_is_confirmed: bool
    live: str | None
    since: datetime | None
    open_changes: int
    next_review_on: datetime | None


@dataclass(frozen=True)
class LiveView:
    """What is live and why: the change behind it and the signatures over its contents."""

    release: Release
    version: Version
    words: str
    since: datetime
    change: Change
    changes: str
    intended_use: str
    not_for: str
    downtime_text: str
    model: str
    signatures: tuple[SignatureShown, ...]
    only: str


@dataclass(frozen=True)
class VersionRow:
    """A stored version; ``states`` names what became of it."""

    version: Version
    words: str
    stored_by: str
    standing: str


@dataclass(frozen=True)
class PeriodRow:
    """A time in which one release, or nothing, was live."""

    words: str
    began_at: datetime
    ended_at: datetime | None
    change_id: str | None
    entry_seq: int | None


@dataclass(frozen=True)
class PromptView:
    """The page of a prompt."""

    prompt: Prompt
    confirmed_by: str | None
    live: LiveView | None
    versions: tuple[VersionRow, ...]
    periods: tuple[PeriodRow, ...]
    open_changes: tuple[Change, ...]


def list_prompts(outside: Outside, actor: Actor) -> tuple[PromptRow, ...]:
    """Every prompt by name."""
    del actor
    with outside.database.reading() as session:
        prompts = session.scalars(select(Prompt).order_by(Prompt.name)).all()
        return tuple(_row(session, prompt) for prompt in prompts)


def show_prompt(outside: Outside, actor: Actor, name: str) -> PromptView:
    """One prompt with its history; NotFound where there is none of this name."""
    del actor
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        if prompt is None:
            raise NotFound("There is no such prompt; look for it in the list of prompts.")
        confirmer = session.get(Person, prompt.class_confirmed_by or "")
        return PromptView(
            prompt=prompt,
            confirmed_by=confirmer.name if confirmer else None,
            live=_live(outside, session, prompt),
            versions=_versions(session, prompt),
            periods=_periods(session, prompt),
            open_changes=_open_changes(session, prompt),
        )


def _row(session: Session, prompt: Prompt) -> PromptRow:
    release = session.get(Release, prompt.live_release_id or "")
    version = None if release is None else session.get(Version, release.version_id)
    return PromptRow(
        name=prompt.name,
        risk_class=prompt.risk_class,
        class_is_confirmed=prompt.class_confirmed_at is not None,
        live=version_words(version),
        since=_since(session, prompt) if release else None,
        open_changes=len(_open_changes(session, prompt)),
        next_review_on=prompt.next_review_on,
    )


def _since(session: Session, prompt: Prompt) -> datetime | None:
    query = select(func.max(LivePeriod.began_at)).where(LivePeriod.prompt_id == prompt.id)
    return session.scalar(query.where(LivePeriod.ended_at.is_(None)))


def _open_changes(session: Session, prompt: Prompt) -> tuple[Change, ...]:
    ended = [stage.value for stage in ENDED]
    query = select(Change).where(Change.prompt_id == prompt.id, Change.stage.not_in(ended))
    return tuple(session.scalars(query.order_by(Change.opened_at.desc())))


def _live(outside: Outside, session: Session, prompt: Prompt) -> LiveView | None:
    release = session.get(Release, prompt.live_release_id or "")
    if release is None:
        return None
    version = session.get_one(Version, release.version_id)
    manifest = session.get_one(Manifest, release.manifest_sha256)
    revision = session.scalars(
        select(Revision).where(Revision.change_id == release.change_id, Revision.number == manifest.revision)
    ).one()
    change = session.get_one(Change, release.change_id)
    return LiveView(
        release=release,
        version=version,
        words=version_words(version) or "",
        since=_since(session, prompt) or release.made_at,
        change=change,
        changes=change.reworded_changes or revision.changes,
        intended_use=revision.intended_use,
        not_for=revision.not_for,
        downtime_text=revision.downtime_text,
        model=revision.model,
        signatures=tuple(
            signature
            for signature in signatures_of(outside, session, release.change_id)
            if signature.digest == release.manifest_sha256
        ),
        only=_only(session, release),
    )


def _only(session: Session, release: Release) -> str:
    """Whom a restriction leaves the release to, in words; empty: everybody."""
    row = newest_restriction(session, release)
    cohort = None if row is None else read_cohort("The restriction", row.only)
    return "" if cohort is None else cohort.words


def _versions(session: Session, prompt: Prompt) -> tuple[VersionRow, ...]:
    query = select(Version, Person.name).join(Person, Person.id == Version.stored_by)
    rows = session.execute(query.where(Version.prompt_id == prompt.id).order_by(Version.number.desc()))
    return tuple(VersionRow(v, version_words(v) or "", name, _standing(session, prompt, v)) for v, name in rows)


def _standing(session: Session, prompt: Prompt, version: Version) -> str:
    words = {
        "approved": "approved, not started",
        "serving": "in a limited release",
        "live": "live",
        "superseded": "was live",
        "rolled_back": "rolled back",
        "void": "approval void",
    }
    query = select(Release).where(Release.prompt_id == prompt.id, Release.version_id == version.id)
    newest = session.scalars(query.order_by(Release.made_at.desc(), Release.id.desc())).first()
    return "never released" if newest is None else words[newest.state]


def _periods(session: Session, prompt: Prompt) -> tuple[PeriodRow, ...]:
    query = select(LivePeriod).where(LivePeriod.prompt_id == prompt.id)
    rows = session.scalars(query.order_by(LivePeriod.began_at.desc(), LivePeriod.id.desc()))
    return tuple(_period(session, row) for row in rows)


def _period(session: Session, row: LivePeriod) -> PeriodRow:
    release = session.get(Release, row.release_id or "")
    version = None if release is None else session.get(Version, release.version_id)
    words = version_words(version) or "nothing"
    return PeriodRow(words, row.began_at, row.ended_at, release.change_id if release else None, row.entry_seq)
