"""What is in effect, until when the rest was, from when its texts may be erased, and which legal hold keeps them.

A change is in effect while it is open, while its release is live, and while an open change or a live release names it as what it was
compared with. A test set is in effect while a change that used it is, and as long as it is the newest version of its name. What must
not live here: erasing (``services.retention``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Change,
    Comment,
    Contributor,
    LegalHold,
    LivePeriod,
    Person,
    Prompt,
    Release,
    Revision,
    Rollout,
    Run,
    Signature,
    SuiteRow,
)
from webapp.domain.retention import years_after
from webapp.domain.workflow import ENDED

ENDED_STAGES = frozenset(stage.value for stage in ENDED)
CHANGE, SUITE = "change", "suite"
PROMPT, PERSON, ALL = "prompt", "person", "all"


@dataclass(frozen=True)
class Effect:
    """``until`` is when something was last in effect, None while it is; ``why`` says what keeps it or what ended it."""

    until: datetime | None
    why: str


@dataclass(frozen=True)
class Verdict:
    """May these texts be erased? ``on`` is the earliest day, None while in effect; ``refusal`` is the sentence why not now."""

    effect: Effect
    on: datetime | None
    refusal: str | None
    code: str = ""


@dataclass
class Calendar:
    """Everything that decides how long something is in effect, read once."""

    changes: dict[str, Change] = field(default_factory=dict)
    suites: dict[str, SuiteRow] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)  # change by its live release
    ends: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    named_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    used_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def of_change(self, change_id: str) -> Effect:
        """Until when this change was in effect, itself or by being named."""
        own = self._own(change_id)
        named = [(self.changes[other], self._own(other)) for other in sorted(self.named_by[change_id])]
        for other, effect in named:
            if own.until is not None and effect.until is None:
                return Effect(None, f"{other.title} was compared with it, and {effect.why}")
        if own.until is None:
            return own
        until = max([own.until, *(effect.until for _, effect in named if effect.until)])
        return own if until == own.until else Effect(until, "what was compared with it ended then")

    def of_suite(self, sha256: str) -> Effect:
        """Until when this version of a test set was in effect."""
        suite = self.suites[sha256]
        later = [other for other in self.suites.values() if other.name == suite.name and other.number > suite.number]
        if not later:
            return Effect(None, "it is the newest version of its name, on which new changes run")
        ends = [min(other.stored_at for other in later)]
        for change_id in sorted(self.used_by[sha256]):
            effect = self.of_change(change_id)
            if effect.until is None:
                return Effect(None, f"{self.changes[change_id].title} ran on it, and {effect.why}")
            ends.append(effect.until)
        return Effect(max(ends), "the last change that ran on it, or its next version, ended that")

    def _own(self, change_id: str) -> Effect:
        change = self.changes[change_id]
        if change.stage not in ENDED_STAGES:
            return Effect(None, "it is open")
        if change_id in self.live.values():
            return Effect(None, "its release is live")
        return Effect(max([change.stage_since, *self.ends[change_id]]), "its release or the change itself ended then")


def load_calendar(session: Session) -> Calendar:
    """The calendar of everything stored, without any text."""
    made = Calendar()
    made.changes = {row.id: row for row in session.scalars(select(Change))}
    columns = (SuiteRow.sha256, SuiteRow.name, SuiteRow.number, SuiteRow.case_count, SuiteRow.stored_at)
    more = (SuiteRow.stored_by, SuiteRow.contains_phi, SuiteRow.is_held_out)
    made.suites = {row.sha256: SuiteRow(**row._mapping) for row in session.execute(select(*columns, *more))}
    change_of = dict(session.execute(select(Release.id, Release.change_id)).tuples().all())
    made.live = {
        release: change_of[release]
        for release in session.scalars(select(Prompt.live_release_id))
        if release is not None and release in change_of
    }
    _take_ends(session, made, change_of)
    _take_names(session, made, change_of)
    return made


def _take_ends(session: Session, made: Calendar, change_of: dict[str, str]) -> None:
    periods = select(LivePeriod.release_id, LivePeriod.ended_at).where(LivePeriod.ended_at.is_not(None))
    for release, ended in session.execute(periods).tuples():
        if release in change_of and ended is not None:
            made.ends[change_of[release]].append(ended)
    for change, ended in session.execute(select(Rollout.change_id, Rollout.ended_at)).tuples():
        if ended is not None:
            made.ends[change].append(ended)


def _take_names(session: Session, made: Calendar, change_of: dict[str, str]) -> None:
    """Who names whom: as live version to compare with, as recorded answers, as what a rollout goes back to; and test sets."""

    def name(by: str, release: str | None) -> None:
        """The change names the one that this release is of."""
        named = change_of.get(release or "")
        if named is not None and named != by:
            made.named_by[named].add(by)

    for change, release, suite in session.execute(
        select(Revision.change_id, Revision.baseline_release_id, Revision.suite_sha256)
    ).tuples():
        name(change, release)
        if suite is not None:
            made.used_by[suite].add(change)
    run_of = dict(session.execute(select(Run.id, Run.change_id)).tuples().all())
    runs = select(Run.change_id, Run.baseline_release_id, Run.suite_sha256, Run.recorded_run_id)
    for change, release, used, recorded in session.execute(runs).tuples():
        name(change, release)
        made.used_by[used].add(change)
        named = run_of.get(recorded or "")
        if named is not None and named != change:
            made.named_by[named].add(change)
    for change, release in session.execute(select(Rollout.change_id, Rollout.baseline_release_id)).tuples():
        name(change, release)


def verdict_on(outside: Outside, session: Session, calendar: Calendar, kind: str, subject: str) -> Verdict:
    """Whether the texts of this change or test set may be erased now, with the sentence and the day where not."""
    effect = calendar.of_change(subject) if kind == CHANGE else calendar.of_suite(subject)
    years = outside.settings.retention_years
    words = f"{years} year{'s' if years != 1 else ''}"
    if effect.until is None:
        sentence = f"It is in effect: {effect.why}. Its texts may be erased {words} after that has ended."
        return Verdict(effect, None, sentence, "in_effect")
    on = years_after(effect.until, years)
    hold = hold_over(session, calendar, kind, subject)
    if hold is not None:
        return Verdict(effect, on, hold_sentence(session, hold), "held")
    if outside.now() < on:
        sentence = f"It was last in effect on {effect.until:%-d %B %Y}; its texts may be erased from {on:%-d %B %Y} on, {words} later."
        return Verdict(effect, on, sentence, "too_early")
    return Verdict(effect, on, None)


def hold_over(session: Session, calendar: Calendar, kind: str, subject: str) -> LegalHold | None:
    """The oldest legal hold that keeps this change or test set."""
    changes = {subject} if kind == CHANGE else set(calendar.used_by[subject])
    holds = session.scalars(
        select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.placed_at, LegalHold.id)
    ).all()
    if not holds:
        return None
    prompts = {calendar.changes[change].prompt_id for change in changes}
    people = people_of(session, changes)
    if kind == SUITE:
        people.add(calendar.suites[subject].stored_by)
    covered = {ALL: {""}, PROMPT: prompts, PERSON: people}
    return next((hold for hold in holds if hold.subject in covered[hold.scope]), None)


def people_of(session: Session, changes: Iterable[str]) -> set[str]:
    """Everybody who opened, wrote, contributed to, commented on or signed one of these changes."""
    ids = list(changes)
    queries = (
        select(Change.opened_by).where(Change.id.in_(ids)),
        select(Revision.submitted_by).where(Revision.change_id.in_(ids)),
        select(Contributor.person_id).where(Contributor.change_id.in_(ids)),
        select(Comment.author_id).where(Comment.change_id.in_(ids)),
        select(Signature.signer_id).where(Signature.change_id.in_(ids)),
    )
    return {person for query in queries for person in session.scalars(query) if person is not None}


def hold_words(session: Session, scope: str, subject: str) -> str:
    """What a hold covers, in words."""
    if scope == ALL:
        return "everything"
    row = session.get(Prompt, subject) if scope == PROMPT else session.get(Person, subject)
    return f"the {scope} {row.name if row is not None else subject}"


def hold_sentence(session: Session, hold: LegalHold) -> str:
    """Why a hold keeps something, and what would have to happen first."""
    placed_by = session.get_one(Person, hold.placed_by).name
    return (
        f"A legal hold on {hold_words(session, hold.scope, hold.subject)} keeps it, placed by {placed_by} on "
        f"{hold.placed_at:%-d %B %Y}. Nothing is erased before an administrator lifts it."
    )
