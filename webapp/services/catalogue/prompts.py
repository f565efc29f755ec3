"""The formulary as documents: prompts, their versions, and what was live at any moment with its record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, LivePeriod, Manifest, Prompt, Release, Signature, Version
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import ENDED, Actor
from webapp.errors import NotFound
from webapp.services.catalogue.pages import PageAsked, page_of


def list_prompts(outside: Outside, actor: Actor, asked: PageAsked, *, only: Sequence[str] = ()) -> dict[str, Any]:
    """A page of the formulary in the order of names, each with what is live; ``only`` as for changes."""
    del actor
    query = select(Prompt).order_by(Prompt.name).limit(asked.limit + 1)
    if only:
        query = query.where(Prompt.name.in_(only))
    if asked.cursor:
        query = query.where(Prompt.name > asked.cursor)
    with outside.database.reading() as session:
        rows = [_prompt(session, prompt) for prompt in session.scalars(query)]
    return page_of("prompts", rows, asked, key="name")


def show_prompt(outside: Outside, actor: Actor, name: str) -> dict[str, Any]:
    """One prompt with its versions, open changes and periods of being live."""
    del actor
    with outside.database.reading() as session:
        prompt = _named(session, name)
        versions = session.scalars(select(Version).where(Version.prompt_id == prompt.id).order_by(Version.number)).all()
        ended = [stage.value for stage in ENDED]
        open_changes = session.scalars(
            select(Change).where(Change.prompt_id == prompt.id, Change.stage.not_in(ended)).order_by(Change.id)
        ).all()
        periods = session.scalars(
            select(LivePeriod).where(LivePeriod.prompt_id == prompt.id).order_by(LivePeriod.began_at, LivePeriod.id)
        ).all()
        return {
            **_prompt(session, prompt),
            "versions": [_version(version) for version in versions],
            "open_changes": [{"id": row.id, "stage": row.stage, "title": row.title} for row in open_changes],
            "history": [_period(period) for period in periods],
        }


def show_version(outside: Outside, actor: Actor, name: str, number: int) -> dict[str, Any]:
    """One version with its bytes as text and what was read from them."""
    del actor
    with outside.database.reading() as session:
        prompt = _named(session, name)
        version = session.scalar(select(Version).where(Version.prompt_id == prompt.id, Version.number == number))
        if version is None:
            raise NotFound(f"{name} has no version {number}.")
        releases = session.scalars(select(Release).where(Release.version_id == version.id).order_by(Release.id)).all()
        return {
            "prompt": name,
            **_version(version),
            "file": version.content.decode(),
            "fields": version.fields,
            "releases": [_release(release) for release in releases],
        }


def show_live(outside: Outside, actor: Actor, name: str, at: datetime | None) -> dict[str, Any]:
    """What was live at that moment (now where none is named), with manifest and signatures; ``release`` null: nothing was."""
    del actor
    moment = at or outside.now()
    with outside.database.reading() as session:
        prompt = _named(session, name)
        period = session.scalars(
            select(LivePeriod)
            .where(LivePeriod.prompt_id == prompt.id, LivePeriod.began_at <= moment)
            .order_by(LivePeriod.began_at.desc(), LivePeriod.id.desc())
        ).first()
        release = session.get(Release, (period.release_id if period else None) or "")
        record = None if release is None else _record(session, release)
        return {
            "prompt": name,
            "at": timestamp(moment),
            "period": None if period is None else _period(period),
            "release": record,
        }


def _named(session: Session, name: str) -> Prompt:
    prompt = session.scalar(select(Prompt).where(Prompt.name == name))
    if prompt is None:
        raise NotFound("The formulary has no prompt of this name.")
    return prompt


def _prompt(session: Session, prompt: Prompt) -> dict[str, Any]:
    release = session.get(Release, prompt.live_release_id or "")
    return {
        "id": prompt.id,
        "name": prompt.name,
        "risk_class": prompt.risk_class,
        "class_confirmed_at": timestamp(prompt.class_confirmed_at) if prompt.class_confirmed_at else None,
        "versions_stored": prompt.last_number,
        "live": None if release is None else _release(release),
        "created_at": timestamp(prompt.created_at),
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "label": version.label,
        "sha256": version.sha256,
        "stored_at": timestamp(version.stored_at),
    }


def _release(release: Release) -> dict[str, Any]:
    return {
        "id": release.id,
        "change": release.change_id,
        "label": release.label,
        "state": release.state,
        "manifest": release.manifest_sha256,
        "released_by_policy": release.released_by_policy,
        "made_at": timestamp(release.made_at),
    }


def _period(period: LivePeriod) -> dict[str, Any]:
    return {
        "release": period.release_id,
        "began_at": timestamp(period.began_at),
        "ended_at": timestamp(period.ended_at) if period.ended_at else None,
        "entry": period.entry_seq,
    }


def _record(session: Session, release: Release) -> dict[str, Any]:
    """The release with what makes it one: contents as signed, who signed with which meaning and when."""
    version = session.get_one(Version, release.version_id)
    manifest = session.get_one(Manifest, release.manifest_sha256)
    signatures = session.scalars(
        select(Signature)
        .where(Signature.change_id == release.change_id, Signature.subject_sha256 == release.manifest_sha256)
        .order_by(Signature.signed_at, Signature.id)
    )
    return {
        **_release(release),
        "version": _version(version),
        "contents": manifest.content.decode(),
        "envelope": release.envelope_sha256,
        "signatures": [
            {
                "signer": row.signer_name,
                "title": row.signer_title,
                "meaning": row.meaning,
                "signed_at": timestamp(row.signed_at),
                "envelope": row.envelope_sha256,
                "entry": row.entry_seq,
                "voided_at": timestamp(row.voided_at) if row.voided_at else None,
            }
            for row in signatures
        ],
    }
