"""Alerts about releases in use: what happens is noted with the report, and told once for all of its kind to those who must know.

Noting needs no log, no key and no mail, so that no report is lost for want of one; ``tell_all`` is safe to repeat and enters and
mails what waits. What must not live here: pages (``showing``), and what a rollout does by itself (``services.rollout.watching``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from webapp.acts.actors import SYSTEM
from webapp.acts.mailing import mail
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, Prompt, Release, ReleaseAlert, RoleGrant, Rollout, Signature, Token
from webapp.adapters.store.turns import take_turn
from webapp.domain.workflow import Role
from webapp.services.interactions.alert_words import HEADLINES, INDEX, MODEL, WHAT_TO_DO, reason_of, sentence_of
from webapp.services.interactions.served import Served

MOST_AT_ONCE = 50
MOST_NAMES = 5
PATH = "/reports"


@dataclass(frozen=True)
class Signal:
    """One thing of which people have to be told. ``subject``: the model or index that was reported instead."""

    kind: str
    release_id: str
    subject: str = ""
    is_critical: bool = False


def note_signals(outside: Outside, served: Served, signals: Iterable[Signal]) -> list[ReleaseAlert]:
    """Each signal is counted in the open alert of its kind about its release, or raises one; returns these alerts."""
    counted, alerts = Counter(signals), []
    if not counted:
        return []
    take_turn(served.session, "release_alerts")
    for signal, count in sorted(counted.items(), key=lambda item: (item[0].release_id, item[0].kind, item[0].subject)):
        row = _open_alert(served, signal) or _raise(outside, served, signal)
        if row is not None:
            row.count += count
            row.critical_count += count if signal.is_critical else 0
            row.last_at, row.token_id = outside.now(), served.token_id
            served.session.flush()
            alerts.append(row)
    return alerts


def tell_all(outside: Outside) -> int:
    """What waits to be told stands in the audit log and is on its way by mail; returns how many alerts that were."""
    with outside.database.reading() as session:
        ids = session.scalars(select(ReleaseAlert.id).where(_waits(outside)).limit(MOST_AT_ONCE)).all()
    return sum(_tell(outside, alert_id) for alert_id in ids)


def _open_alert(served: Served, signal: Signal) -> ReleaseAlert | None:
    query = _alerts_like(served, signal).where(ReleaseAlert.seen_at.is_(None)).order_by(ReleaseAlert.id.desc())
    return served.session.scalars(query.limit(1).with_for_update()).first()


def _raise(outside: Outside, served: Served, signal: Signal) -> ReleaseAlert | None:
    """A new alert; None for a model or index that somebody looked into before, which is no news.

    Where an application has as many open ones as people can read, the newest of them counts whatever else it calls itself.
    """
    if signal.kind in (MODEL, INDEX):
        if served.session.scalars(_alerts_like(served, signal).limit(1)).first() is not None:
            return None
        still_open = served.session.scalars(_open_names(served, signal)).all()
        if len(still_open) >= MOST_NAMES:
            return still_open[0]
    now, release = outside.now(), served.release(signal.release_id)
    row = ReleaseAlert(
        id=outside.new_id("alr"),
        kind=signal.kind,
        prompt_id=release.prompt_id,
        release_id=release.id,
        token_id=served.token_id,
        application=served.application,
        subject=signal.subject,
        count=0,
        critical_count=0,
        raised_at=now,
        last_at=now,
        told_count=0,
        told_critical_count=0,
        seen_words="",
    )
    served.session.add(row)
    return row


def _open_names(served: Served, signal: Signal) -> Select[ReleaseAlert]:
    """The open alerts about other models, or indexes, of this application and release, newest first."""
    query = select(ReleaseAlert).where(ReleaseAlert.release_id == signal.release_id, ReleaseAlert.kind == signal.kind)
    query = query.where(ReleaseAlert.application == served.application, ReleaseAlert.seen_at.is_(None))
    return query.order_by(ReleaseAlert.id.desc())


def _alerts_like(served: Served, signal: Signal) -> Select[ReleaseAlert]:
    query = select(ReleaseAlert).where(ReleaseAlert.release_id == signal.release_id, ReleaseAlert.kind == signal.kind)
    if signal.kind in (MODEL, INDEX):
        same = (ReleaseAlert.subject == signal.subject) & (ReleaseAlert.application == served.application)
        query = query.where(same)
    return query


def _waits(outside: Outside) -> ColumnElement[bool]:
    """New alerts, those of which the first harm was not told, and open ones with more to tell than in the last window."""
    is_harm = (ReleaseAlert.critical_count > 0) & (ReleaseAlert.told_critical_count == 0)
    before = outside.now() - timedelta(minutes=outside.settings.alert_minutes)
    is_more = (ReleaseAlert.count > ReleaseAlert.told_count) & (ReleaseAlert.told_at <= before)
    return or_(ReleaseAlert.told_at.is_(None), ReleaseAlert.seen_at.is_(None) & (is_harm | is_more))


def _tell(outside: Outside, alert_id: str) -> bool:
    """The alert is entered and mailed with the counts of now; False where another process was faster."""
    with outside.database.writing() as session:
        query = select(ReleaseAlert).where(ReleaseAlert.id == alert_id, _waits(outside)).with_for_update()
        row = session.scalars(query).first()
        if row is None:
            return False
        release, prompt = session.get_one(Release, row.release_id), session.get_one(Prompt, row.prompt_id)
        row.told_at, row.told_count, row.told_critical_count = outside.now(), row.count, row.critical_count
        payload = {
            "alert": row.id,
            "application": row.application,
            "subject": row.subject,
            "count": row.count,
            "critical_count": row.critical_count,
        }
        entity, numbered = ("release", release.id, None), row if row.entry_seq is None else None
        enter(
            outside,
            session,
            SYSTEM,
            "release.alert_raised",
            entity,
            reason=reason_of(row),
            payload=payload,
            numbered=numbered,
        )
        subject = f"{outside.settings.organisation}: {HEADLINES[row.kind]} ({prompt.name})"
        text = _letter(session, row, sentence_of(row, prompt.name, release.label))
        mail(outside, session, people_to_tell(session, release), subject, text, PATH)
    return True


def people_to_tell(session: Session, release: Release) -> tuple[str, ...]:
    """Who decided on the release, who started its rollout, and administrators; where no decider is left, everybody who may decide."""
    signed = select(Signature.signer_id).where(
        Signature.change_id == release.change_id, Signature.subject_sha256 == release.manifest_sha256
    )
    deciders = set(session.scalars(select(Person.id).where(Person.id.in_(signed), Person.is_active)))
    if not deciders:
        deciders = _holders(session, (Role.INFORMATICIST, Role.PHYSICIAN))
    starters = session.scalars(select(Rollout.started_by).where(Rollout.release_id == release.id))
    return tuple(sorted(deciders | set(starters) | _holders(session, (Role.ADMINISTRATOR,))))


def _holders(session: Session, roles: tuple[Role, ...]) -> set[str]:
    query = select(RoleGrant.person_id).join(Person, Person.id == RoleGrant.person_id)
    names = [role.value for role in roles]
    return set(
        session.scalars(query.where(RoleGrant.role.in_(names), RoleGrant.revoked_at.is_(None), Person.is_active))
    )


def _letter(session: Session, row: ReleaseAlert, sentence: str) -> str:
    token = session.get_one(Token, row.token_id)
    return (
        f"{sentence}\n{WHAT_TO_DO[row.kind]}\n\n"
        f"Reported by {token.name}; its owner: {token.owner_contact}, {token.owner_phone}.\n"
        "More of the same within the next minutes is counted on the page and not mailed one by one."
    )
