"""What the submission form shows: what it starts from, which models there are, who could review and sign.

What must not live here: reading what comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.situation import load_change, read_situation
from webapp.acts.staffing import StaffLine, staffing
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Prompt, Revision, SuiteRow, Version
from webapp.domain.workflow import Actor, RiskClass, offers
from webapp.errors import NotFound
from webapp.services.submission.plans import Suggestion, suggest_plan
from webapp.services.submission.storing import live_revision


@dataclass(frozen=True)
class Start:
    """What the form is filled with at first; ``suite_words`` says which test set stands when none is handed in."""

    prompt_text: str = ""
    title: str = ""
    risk_class: str = ""
    changes: str = ""
    intended_use: str = ""
    not_for: str = ""
    downtime_text: str = ""
    model: str = ""
    suite_words: str = ""
    prompt_name: str = ""


@dataclass(frozen=True)
class FormView:
    """The form's page. ``change_id`` and ``digest`` are empty for a new change; ``refusals`` say why revising is closed."""

    start: Start
    models: tuple[tuple[str, str], ...]
    suites: tuple[tuple[str, str], ...]
    prompts: tuple[str, ...]
    reviewers: tuple[str, ...]
    signers: tuple[str, ...]
    change_id: str = ""
    title: str = ""
    digest: str = ""
    refusals: tuple[str, ...] = ()
    staff: tuple[StaffLine, ...] = ()
    plan: Suggestion = field(default_factory=lambda: Suggestion({}, ""))


def show_new(outside: Outside, actor: Actor, prompt_name: str | None) -> FormView:
    """An empty form, or one that starts from what is live of a prompt; NotFound for an unknown prompt."""
    with outside.database.reading() as session:
        prompts = tuple(session.scalars(select(Prompt.name).order_by(Prompt.name)))
        suites = _suites(session)
        start = Start() if not prompt_name else _from_live(session, prompt_name)
        staff = staffing(outside, session, {actor.id})
    plan = suggest_plan(outside, start.prompt_name, None)
    return FormView(start, _models(outside), suites, prompts, *_staff(staff), staff=staff, plan=plan)


def show_revision(outside: Outside, actor: Actor, change_id: str) -> FormView:
    """The form filled with the present revision of a change."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        situation = read_situation(outside, session, case, actor)
        offer = next((offer for offer in offers(situation) if offer.move.name == "revise"), None)
        closed = ("The change is no longer where a revision can be handed in; ask for changes first.",)
        refusals = closed if offer is None else tuple(refusal.sentence for refusal in offer.refusals)
        start = Start() if case.revision is None else _from_revision(session, case.revision)
        staff = staffing(outside, session, situation.contributors)
        return FormView(
            start,
            _models(outside),
            _suites(session),
            (),
            *_staff(staff),
            change_id,
            case.change.title,
            case.change.digest,
            refusals,
            staff,
            Suggestion(
                {} if case.revision is None else dict(case.revision.plan),
                "The plan of the present revision.",
                is_usual=True,
            ),
        )


def _from_live(session: Session, name: str) -> Start:
    prompt = session.scalar(select(Prompt).where(Prompt.name == name))
    if prompt is None:
        raise NotFound("The formulary has no prompt of this name.")
    revision = live_revision(session, prompt)
    if revision is None:
        return Start()
    started = _from_revision(session, revision)
    return replace(started, changes="", suite_words=f"{started.suite_words} (the live one's)")


def _from_revision(session: Session, revision: Revision) -> Start:
    version = session.get_one(Version, revision.version_id)
    suite = session.get(SuiteRow, revision.suite_sha256 or "")
    return Start(
        prompt_text=version.content.decode(),
        changes=revision.changes,
        intended_use=revision.intended_use,
        not_for=revision.not_for,
        downtime_text=revision.downtime_text,
        model=revision.model,
        prompt_name=version.fields.get("name", ""),
        suite_words="" if suite is None else f"{suite.name}, {suite.case_count} cases",
    )


def _models(outside: Outside) -> tuple[tuple[str, str], ...]:
    """(name, words) of each model; the words say why one cannot be chosen."""
    found = []
    for fact in outside.models.facts():
        if fact.retired:
            words = f"{fact.name} (retired)"
        elif not fact.configured:
            words = f"{fact.name} (not configured here)"
        elif fact.closed_because:
            words = f"{fact.name} (its region {fact.region} is not allowed here)"
        elif fact.retirement_warning:
            words = f"{fact.name} (its vendor retires it on {fact.retires_on:%-d %B %Y})"
        else:
            words = f"{fact.name} (not an LLM; for trying the workflow)" if fact.offline else fact.name
        found.append((fact.name, words))
    return tuple(found)


def _suites(session: Session) -> tuple[tuple[str, str], ...]:
    """(digest, words) of the newest version of each stored test set."""
    newest = select(SuiteRow.name, func.max(SuiteRow.number).label("number")).group_by(SuiteRow.name).subquery()
    query = select(SuiteRow.sha256, SuiteRow.name, SuiteRow.number, SuiteRow.case_count, SuiteRow.is_held_out).join(
        newest, (newest.c.name == SuiteRow.name) & (newest.c.number == SuiteRow.number)
    )
    return tuple(
        (digest, f"{name}, version {number}, {cases} cases{', hold-out' if held_out else ''}")
        for digest, name, number, cases, held_out in session.execute(query.order_by(SuiteRow.name))
    )


def _staff(lines: tuple[StaffLine, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who could review and who could sign a clinical change."""
    by_step = {line.step: line.people for line in lines if line.risk_class == RiskClass.CLINICAL.value}
    return by_step["Review"], by_step["Sign-off"]
