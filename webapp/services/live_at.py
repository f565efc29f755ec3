"""What each prompt served everyone at a moment, and since the beginning, as the entries of the audit log tell it.

Read from entries, not from the table of periods; where the two disagree the page says so. What must not live here: changing what is live.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from webapp.acts.signatures_shown import SignatureShown, signatures_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Leaf, LivePeriod, Prompt, Release, Rollout, Version
from webapp.domain.plan import read_plan
from webapp.domain.workflow import Actor
from webapp.domain.workflow.moves import APPROVALS
from webapp.errors import NotFound

MADE_LIVE = "release.live"
IN_ROLLOUT = ("change.start", "change.advance", "change.hold", "change.pause", "change.resume")
OUT_OF_ROLLOUT = ("change.complete", "change.roll_back", "change.rebase", "change.withdraw", "change.lapse")


@dataclass(frozen=True)
class Served:
    """What everyone was served from ``since`` until ``until`` (None: still). ``release_id`` None: nothing was.

    ``digest`` is of the prompt's bytes, ``manifest`` of the release contents that were signed; ``seq`` is the entry that began it,
    ``reason`` its code. ``signatures`` are those on these contents, as valid as they are today.
    """

    since: datetime
    until: datetime | None
    seq: int
    reason: str
    release_id: str | None = None
    change_id: str = ""
    number: int = 0
    label: str = ""
    digest: str = ""
    manifest: str = ""
    by_policy: bool = False
    signatures: tuple[SignatureShown, ...] = ()
    agrees: bool = True


@dataclass(frozen=True)
class Partly:
    """A rollout that was under way: which version, how far, and whether it was stopped. ``seq`` is the newest entry about it by then."""

    change_id: str
    words: str
    seq: int


@dataclass(frozen=True)
class PromptThen:
    """A prompt at the moment. ``served`` None: nothing was ever live until then."""

    name: str
    risk_class: str
    is_registered: bool
    served: Served | None
    partly: tuple[Partly, ...]


@dataclass(frozen=True)
class LiveAtView:
    """Every prompt at the moment, by name, and how many entries the log had when this was read."""

    moment: datetime
    is_future: bool
    prompts: tuple[PromptThen, ...]
    size: int


@dataclass(frozen=True)
class HistoryView:
    """What one prompt served everyone, newest first."""

    name: str
    risk_class: str
    periods: tuple[Served, ...]


def show_live_at(outside: Outside, actor: Actor, moment: datetime | None) -> LiveAtView:
    """What every prompt served at the moment; now where none is named."""
    del actor
    at = moment or outside.now()
    with outside.database.reading() as session:
        prompts = session.scalars(select(Prompt).order_by(Prompt.name)).all()
        return LiveAtView(
            moment=at,
            is_future=at > outside.now(),
            prompts=tuple(_then(outside, session, prompt, at) for prompt in prompts),
            size=head(session)[0],
        )


def show_live_history(outside: Outside, actor: Actor, name: str) -> HistoryView:
    """Everything that this prompt ever served everyone; NotFound when there is no such prompt."""
    del actor
    with outside.database.reading() as session:
        prompt = session.scalar(select(Prompt).where(Prompt.name == name))
        if prompt is None:
            raise NotFound("The formulary has no prompt of this name.")
        leaves = session.scalars(_entries(prompt).order_by(Leaf.seq)).all()
        periods = [
            _served(outside, session, prompt, leaf, following.at if following else None)
            for leaf, following in pairwise([*leaves, None])
            if leaf is not None
        ]
        return HistoryView(prompt.name, prompt.risk_class, tuple(reversed(periods)))


def _then(outside: Outside, session: Session, prompt: Prompt, at: datetime) -> PromptThen:
    leaf = session.scalars(_entries(prompt).where(Leaf.at <= at).order_by(Leaf.seq.desc()).limit(1)).first()
    served = None
    if leaf is not None:
        following = session.scalars(_entries(prompt).where(Leaf.seq > leaf.seq).order_by(Leaf.seq).limit(1)).first()
        served = _served(outside, session, prompt, leaf, following.at if following else None)
    return PromptThen(
        name=prompt.name,
        risk_class=prompt.risk_class,
        is_registered=prompt.created_at <= at,
        served=served,
        partly=_partly(session, prompt, at, served),
    )


def _entries(prompt: Prompt) -> Select[Leaf]:
    """The entries that changed what everyone is served."""
    return select(Leaf).where(Leaf.entity_id == prompt.id, Leaf.type == MADE_LIVE)


def _served(outside: Outside, session: Session, prompt: Prompt, leaf: Leaf, until: datetime | None) -> Served:
    """The period that this entry began."""
    document = json.loads(leaf.content)
    manifest = document["after"]["sha256"]
    release = None if manifest is None else session.scalar(select(Release).where(Release.manifest_sha256 == manifest))
    row = session.scalar(select(LivePeriod).where(LivePeriod.prompt_id == prompt.id, LivePeriod.entry_seq == leaf.seq))
    agrees = row is not None and row.release_id == (release.id if release else None)
    reason = (document["reason"] or "").replace("_", " ")
    if release is None:
        return Served(leaf.at, until, leaf.seq, reason, agrees=agrees and manifest is None)
    version = session.get_one(Version, release.version_id)
    signed = signatures_of(outside, session, release.change_id)
    return Served(
        since=leaf.at,
        until=until,
        seq=leaf.seq,
        reason=reason,
        release_id=release.id,
        change_id=release.change_id,
        number=version.number,
        label=version.label,
        digest=version.sha256,
        manifest=manifest,
        by_policy=release.released_by_policy,
        signatures=tuple(one for one in signed if one.digest == manifest and one.move in (*APPROVALS, "sign")),
        agrees=agrees,
    )


def _partly(session: Session, prompt: Prompt, at: datetime, served: Served | None) -> tuple[Partly, ...]:
    """Rollouts that were under way and had not reached everyone, by what the entries of their changes say."""
    rollouts = session.scalars(select(Rollout).where(Rollout.prompt_id == prompt.id).order_by(Rollout.id)).all()
    found = []
    for rollout in rollouts:
        entries = session.scalars(
            select(Leaf)
            .where(Leaf.entity_id == rollout.change_id, Leaf.at <= at, Leaf.type.in_((*IN_ROLLOUT, *OUT_OF_ROLLOUT)))
            .order_by(Leaf.seq)
        ).all()
        if not entries or entries[-1].type in OUT_OF_ROLLOUT or (served and served.release_id == rollout.release_id):
            continue
        found.append(Partly(rollout.change_id, _partly_words(session, rollout, entries), entries[-1].seq))
    return tuple(found)


def _partly_words(session: Session, rollout: Rollout, entries: Sequence[Leaf]) -> str:
    """``version 2 (1.1) for 30 % of encounters, step 1 of 2``."""
    release = session.get_one(Release, rollout.release_id)
    number = session.get_one(Version, release.version_id).number
    steps = read_plan(rollout.plan).steps
    index = min(sum(1 for leaf in entries if leaf.type == "change.advance"), len(steps) - 1)
    step = steps[index]
    stopped = {"change.hold": ", held", "change.pause": ", paused by a safety limit"}.get(entries[-1].type, "")
    share = f"{step.share_basis_points / 100:g} % of {step.unit}s"
    return f"version {number} ({release.label}) for {share}, step {index + 1} of {len(steps)}{stopped}"
