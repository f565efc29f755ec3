"""The page of one change: its frame, evidence in short, people, exceptions, timeline."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.comparing import Compared, compare_with_previous
from webapp.acts.results import open_result
from webapp.acts.showing import Frame, show_frame
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Contributor, ExceptionRow, Person, Release, Run
from webapp.domain.workflow import Actor, Stage
from webapp.domain.workflow.grants import Right, may
from webapp.services.change.timeline import Event, since_digest, timeline_of

HOW_WORDS = {"submitted": "submitted", "git": "author in git", "suggestion": "suggested wording that was accepted"}


@dataclass(frozen=True)
class ContributorRow:
    """Somebody who worked on the change; ``standing`` in words, ``needs_mapping`` until it is said who it is."""

    id: str
    name: str
    email: str
    how: str
    standing: str
    needs_mapping: bool


@dataclass(frozen=True)
class RunRow:
    """A run in short; ``words`` counts calls, ``sentence`` says how it ended."""

    id: str
    number: int
    revision: int
    state: str
    verdict: str | None
    done: int
    planned: int
    sentence: str


@dataclass(frozen=True)
class ChangeView:
    """The page of a change. ``was`` is the digest of an older page, when the reader comes from one."""

    frame: Frame
    compared: Compared
    against: str
    has_previous: bool
    contributors: tuple[ContributorRow, ...]
    people: tuple[tuple[str, str], ...]
    may_map: bool
    runs: tuple[RunRow, ...]
    exceptions: tuple[ExceptionRow, ...]
    release: Release | None
    events: tuple[Event, ...]
    is_stale: bool
    news: tuple[Event, ...]


def show_change(
    outside: Outside, actor: Actor, change_id: str, *, was: str | None = None, against: str = "live"
) -> ChangeView:
    """The change for this person. ``against``: live or previous; ``was``: the digest of the page they had open."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        frame = show_frame(outside, session, case, actor)
        previous = compare_with_previous(session, case)
        use_previous = against == "previous" and previous is not None
        events = timeline_of(session, change_id)
        is_stale = bool(was) and was != case.change.digest
        return ChangeView(
            frame=frame,
            compared=previous if use_previous and previous else frame.compared,
            against="previous" if use_previous else "live",
            has_previous=previous is not None,
            contributors=_contributors(session, change_id),
            people=_people(session),
            may_map=may(actor.roles, Right.MAP_CONTRIBUTOR)
            and frame.situation.stage in (Stage.DRAFT, Stage.EVALUATION),
            runs=_runs(session, change_id),
            exceptions=_exceptions(session, change_id),
            release=_release(session, change_id),
            events=events,
            is_stale=is_stale,
            news=_news(session, change_id, was, events) if is_stale and was else (),
        )


def show_news(outside: Outside, actor: Actor, change_id: str, read_to: int) -> tuple[Event, ...]:
    """What happened to the change after entry ``read_to`` of the audit log, newest first."""
    del actor
    with outside.database.reading() as session:
        return tuple(event for event in timeline_of(session, change_id) if event.seq > read_to)


def _news(session: Session, change_id: str, was: str, events: tuple[Event, ...]) -> tuple[Event, ...]:
    read_to = since_digest(session, change_id, was)
    return events if read_to is None else tuple(event for event in events if event.seq > read_to)


def _contributors(session: Session, change_id: str) -> tuple[ContributorRow, ...]:
    names = dict(_people(session, only_active=False))
    query = select(Contributor).where(Contributor.change_id == change_id).order_by(Contributor.added_at, Contributor.id)
    return tuple(_contributor(row, names) for row in session.scalars(query))


def _contributor(row: Contributor, names: dict[str, str]) -> ContributorRow:
    needs_mapping = row.person_id is None and not row.is_external
    if row.person_id is not None:
        standing = f"{names[row.person_id]}; decides nothing on this change"
    else:
        standing = "not said yet who this is" if needs_mapping else "external: nobody here"
    return ContributorRow(row.id, row.name or row.email, row.email, HOW_WORDS[row.how], standing, needs_mapping)


def _people(session: Session, *, only_active: bool = True) -> tuple[tuple[str, str], ...]:
    query = select(Person.id, Person.name).order_by(Person.name)
    if only_active:
        query = query.where(Person.is_active)
    return tuple((row.id, row.name) for row in session.execute(query))


def _runs(session: Session, change_id: str) -> tuple[RunRow, ...]:
    query = select(Run).where(Run.change_id == change_id).order_by(Run.number.desc())
    return tuple(_run(session, run) for run in session.scalars(query))


def _run(session: Session, run: Run) -> RunRow:
    return RunRow(
        id=run.id,
        number=run.number,
        revision=run.revision,
        state=run.state,
        verdict=run.verdict,
        done=run.done_calls,
        planned=run.planned_calls,
        sentence=_run_sentence(session, run),
    )


def _run_sentence(session: Session, run: Run) -> str:
    if run.state in ("queued", "running"):
        return f"{run.done_calls} of {run.planned_calls} calls done"
    if run.state != "complete":
        return run.failure or {"cancelled": "cancelled by a newer run, or withdrawn"}.get(run.state, run.state)
    counts = open_result(session, run).get("counts")
    if counts is None:
        return "its figures were erased when their years of retention were over"
    words = {
        "cases": "cases",
        "critical": "with a new dangerous answer",
        "worse": "worse",
        "better": "better",
        "same": "same",
        "unscored": "unscored",
    }
    return ", ".join(f"{counts[name]} {word}" for name, word in words.items() if counts.get(name) or name == "cases")


def _exceptions(session: Session, change_id: str) -> tuple[ExceptionRow, ...]:
    query = select(ExceptionRow).where(ExceptionRow.change_id == change_id)
    return tuple(session.scalars(query.order_by(ExceptionRow.revision, ExceptionRow.measure)))


def _release(session: Session, change_id: str) -> Release | None:
    query = select(Release).where(Release.change_id == change_id).order_by(Release.made_at.desc(), Release.id.desc())
    return session.scalars(query).first()
