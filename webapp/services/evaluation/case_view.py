"""The page of one case: the encounter, what was expected, both answers with their findings and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts.case_text import withheld_from
from webapp.acts.cases_shown import expected_words, find_case
from webapp.acts.results import open_result
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, CaseOpening, Run, ScoreRow, SuiteRow
from webapp.domain.evaluation.marking import Segments, mark_answers, paragraphs
from webapp.domain.evaluation.outcomes import percent
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.measures import AMOUNTS, BY_NAME
from webapp.domain.prompts.suite import Case
from webapp.domain.scorers.interface import Finding
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.evaluation.keeping import read_findings


@dataclass(frozen=True)
class Side:
    """One answer. ``words``: why there is none (``segments`` None), or where it came from. ``first`` are the paragraphs to read first."""

    words: str
    segments: Segments | None
    first: tuple[Segments, ...]
    findings: tuple[tuple[str, bool], ...]

    @property
    def excerpt(self) -> Segments:
        """The paragraphs to read first, one after the other."""
        joined: list[tuple[str, str | None]] = []
        for paragraph in self.first:
            joined += [("\n\n", None), *paragraph] if joined else paragraph
        return tuple(joined)


@dataclass(frozen=True)
class CaseView:
    """One case of the present run; ``marks`` are (measure, live, new) in words, ``repeats`` how often it was asked."""

    change_id: str
    title: str
    run_id: str | None
    case_id: str
    category: str
    contains_phi: bool
    is_guarded: bool
    is_offline: bool
    is_opened: bool
    repeat: int
    repeats: int
    inputs: tuple[tuple[str, str], ...]
    context: tuple[tuple[str, str], ...]
    expected: tuple[tuple[str, tuple[str, ...]], ...]
    live: Side | None
    new: Side
    marks: tuple[tuple[str, str, str], ...]
    previous: str | None
    following: str | None
    withheld: str | None = None


def show_case(outside: Outside, actor: Actor, change_id: str, case_id: str, *, repeat: int = 0) -> CaseView:
    """The case with its answers, without any text where this person may not read it; NotFound for an unknown case."""
    with outside.database.reading() as session:
        found = load_change(session, change_id)
        run = found.run
        if run is None:
            raise NotFound("This change has no evaluation yet.")
        suite = session.get_one(SuiteRow, run.suite_sha256)
        case, withheld = find_case(suite, case_id), withheld_from(actor, suite)
        live, new, marks = _sides(session, run, case, repeat)
        previous, following = _neighbours(session, run, case_id)
        return CaseView(
            change_id=change_id,
            title=found.change.title,
            run_id=run.id,
            case_id=case.id,
            category=case.category,
            contains_phi=suite.contains_phi,
            is_guarded=suite.contains_phi or suite.is_held_out,
            is_offline=run.is_offline,
            is_opened=_is_opened(session, run, actor, case_id),
            repeat=repeat,
            repeats=_times_asked(session, run, case_id),
            inputs=() if withheld else tuple(case.inputs.items()),
            context=() if withheld else tuple((chunk.id, chunk.text) for chunk in case.context),
            expected=() if withheld else expected_words(case.expected),
            live=_without_text(live) if withheld and live else live,
            new=_without_text(new) if withheld else new,
            marks=marks,
            previous=previous,
            following=following,
            withheld=withheld,
        )


def _times_asked(session: Session, run: Run, case_id: str) -> int:
    """How often the case is asked: as the policy says, more where a critical finding was repeated."""
    query = select(func.max(Answer.repeat)).where(Answer.run_id == run.id, Answer.case_id == case_id)
    return max(run.repeats, (session.scalar(query) or 0) + 1)


def _is_opened(session: Session, run: Run, actor: Actor, case_id: str) -> bool:
    query = select(CaseOpening.id).where(
        CaseOpening.run_id == run.id, CaseOpening.person_id == actor.id, CaseOpening.case_id == case_id
    )
    return session.scalar(query) is not None


def _sides(
    session: Session, run: Run, case: Case, repeat: int
) -> tuple[Side | None, Side, tuple[tuple[str, str, str], ...]]:
    query = select(Answer).where(Answer.run_id == run.id, Answer.case_id == case.id, Answer.repeat == repeat)
    answers = {answer.arm: answer for answer in session.scalars(query)}
    scores = {arm: _scores(session, answer) for arm, answer in answers.items()}
    findings = {arm: _findings(rows) for arm, rows in scores.items()}
    old, new = answers.get(BASELINE), answers.get(CANDIDATE)
    old_text = None if old is None or old.error else old.text
    new_text = None if new is None or new.error else new.text
    live_marked, new_marked = mark_answers(
        old_text, new_text or "", findings.get(BASELINE, ()), findings.get(CANDIDATE, ())
    )
    has_live = run.baseline_release_id is not None
    return (
        _side(old, live_marked, findings.get(BASELINE, ())) if has_live else None,
        _side(new, None if new_text is None else new_marked, findings.get(CANDIDATE, ())),
        _marks(scores.get(BASELINE, ()), scores.get(CANDIDATE, ()), has_live=has_live),
    )


def _scores(session: Session, answer: Answer) -> Sequence[ScoreRow]:
    return session.scalars(select(ScoreRow).where(ScoreRow.answer_id == answer.id).order_by(ScoreRow.id)).all()


def _findings(rows: Sequence[ScoreRow]) -> tuple[Finding, ...]:
    """What the checks found; an amount that nobody reported is no fault of the answer."""
    judged = [row for row in rows if row.metric not in AMOUNTS]
    found = [finding for row in judged for finding in read_findings(row.metric, row.findings)]
    return tuple(sorted(found, key=lambda finding: not finding.critical))


def _side(answer: Answer | None, segments: Segments | None, findings: Sequence[Finding]) -> Side:
    if answer is None:
        return Side("Not asked yet.", None, (), ())
    if answer.error:
        return Side(f"The call failed ({answer.error.replace('_', ' ')}).", None, (), ())
    said = tuple(dict.fromkeys((finding.sentence, finding.critical) for finding in findings))
    words = "The answer is empty. " if not answer.text.strip() else ""
    return Side((words + _origin(answer)).strip(), segments, paragraphs(segments or ()), said)


def _origin(answer: Answer) -> str:
    """Where the answer came from, where that is not plainly the model that was asked."""
    said = []
    if answer.asked_model is not None and answer.model != answer.asked_model:
        said.append(f"Answered by {answer.model} in place of {answer.asked_model}.")
    if answer.code_version is not None:
        index = f", index {answer.index_id}" if answer.index_id else ""
        said.append(f"The application reported version {answer.code_version}{index}.")
    if answer.is_cached:
        said.append("Kept from an earlier run.")
    if answer.attempts > 1:
        said.append(f"Asked {answer.attempts} times.")
    return " ".join(said)


def _without_text(side: Side) -> Side:
    """The side without its answer, which repeats the encounter; of findings only that there are some."""
    count, is_critical = len(side.findings), any(critical for _, critical in side.findings)
    said = f"{count} {'finding' if count == 1 else 'findings'}; the words are left out."
    return Side(side.words or "The answer is left out.", None, (), ((said, is_critical),) if count else ())


def _marks(live: Sequence[ScoreRow], new: Sequence[ScoreRow], *, has_live: bool) -> tuple[tuple[str, str, str], ...]:
    before = {row.metric: row for row in live}
    return tuple(
        (BY_NAME[row.metric].words, _mark(before.get(row.metric)) if has_live else "–", _mark(row))
        for row in new
        if row.metric in BY_NAME and BY_NAME[row.metric].unit == "share" and row.state != "not_applicable"
    )


def _mark(row: ScoreRow | None) -> str:
    if row is None or row.state != "scored" or row.value is None:
        return "not scored"
    return percent(row.value)


def _neighbours(session: Session, run: Run, case_id: str) -> tuple[str | None, str | None]:
    """The cases before and after this one, worst first; none while the run is not complete."""
    ids = [one["case"] for one in open_result(session, run).get("cases", ())]
    if case_id not in ids:
        return None, None
    place = ids.index(case_id)
    return (ids[place - 1] if place else None), (ids[place + 1] if place + 1 < len(ids) else None)
