"""The page of an evaluation: every run, how far the present one is, what it says, its cases worst first.

What must not live here: one case (``case_view``) and how a result is laid out (``result_view``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import Reader, reader_of
from webapp.acts.model_warnings import model_warnings
from webapp.acts.results import open_result
from webapp.acts.situation import Case, load_change, read_situation
from webapp.acts.suites import use_sentence
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Answer,
    ExceptionRow,
    Release,
    Run,
    ScoreRow,
    SuiteRow,
    Version,
)
from webapp.domain.evaluation.planning import CANDIDATE
from webapp.domain.measures import AMOUNTS, BY_NAME
from webapp.domain.workflow import Actor, Offer, Situation, Stage, offers
from webapp.services.evaluation.distribution import Distribution, distributions
from webapp.services.evaluation.finding_lines import FindingLine, finding_lines
from webapp.services.evaluation.how_it_ran import HowItRan, how_it_ran
from webapp.services.evaluation.progress import Progress, RunLine, progress_of, run_lines
from webapp.services.evaluation.result_view import CaseLine, Kind, MeasureCard, cards, case_lines, kinds
from webapp.services.evaluation.subgroup_view import SubgroupTable, subgroup_table
from webapp.services.evaluation.work import GOING_ON

CASES_PER_PAGE = 50
MOST_FINDINGS_SHOWN = 3


@dataclass(frozen=True)
class ExceptionLine:
    """An exception asked for."""

    measure: str
    reason: str
    ends_on: str


@dataclass(frozen=True)
class EvaluationView:
    """The whole page. ``short`` are measures that did not hold as (name, words); ``progress`` is None when nothing goes on."""

    change_id: str
    title: str
    prompt_name: str
    stage: str
    digest: str
    live: str | None
    new: str
    suite_name: str
    contains_phi: bool
    suite_note: str | None
    model_warnings: tuple[str, ...]
    runs: tuple[RunLine, ...]
    run: RunLine | None
    progress: Progress | None
    sentence: str | None
    verdict: str | None
    primary: tuple[MeasureCard, ...]
    watched: tuple[MeasureCard, ...]
    kinds: tuple[Kind, ...]
    kind: str | None
    measure: str | None
    cases: tuple[CaseLine, ...]
    case_count: int
    page: int
    pages: int
    findings: tuple[FindingLine, ...]
    distributions: tuple[Distribution, ...]
    subgroups: SubgroupTable
    ran: HowItRan | None
    short: tuple[tuple[str, str], ...]
    exceptions: tuple[ExceptionLine, ...]
    offers: tuple[Offer, ...]

    @property
    def dangers(self) -> tuple[FindingLine, ...]:
        """The new dangerous answers that nobody dismissed: what a reader has to see before any mean."""
        return tuple(one for one in self.findings if one.is_new and one.decision != "dismissed")

    def offer(self, name: str) -> Offer | None:
        """The offer of this move to the person who looks, if there is one."""
        return next((offer for offer in self.offers if offer.move.name == name), None)


def show_evaluation(
    outside: Outside,
    actor: Actor,
    change_id: str,
    *,
    kind: str | None = None,
    measure: str | None = None,
    page: int = 1,
) -> EvaluationView:
    """The evaluation of this change as this person meets it; ``kind`` and ``measure`` filter the cases."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        view = _view(outside, session, case, actor, kind, measure, page)
        run = case.run
    if run is None or run.state not in GOING_ON:
        return view
    return replace(view, progress=progress_of(outside, run))


def _view(
    outside: Outside, session: Session, case: Case, actor: Actor, kind: str | None, measure: str | None, page: int
) -> EvaluationView:
    situation = read_situation(outside, session, case, actor)
    result = open_result(session, case.run) if case.run else {}
    lines = case_lines(result, kind=kind, measure=measure)
    pages = max(1, -(-len(lines) // CASES_PER_PAGE))
    page = min(max(1, page), pages)
    suite = session.get(SuiteRow, case.revision.suite_sha256 or "") if case.revision else None
    runs = run_lines(session, case)
    return EvaluationView(
        change_id=case.change.id,
        title=case.change.title,
        prompt_name=case.prompt.name,
        stage=case.change.stage,
        digest=case.change.digest,
        live=_live_words(session, case),
        new=_version_words(session, case.revision.version_id if case.revision else None) or "",
        suite_name=suite.name if suite else "",
        model_warnings=model_warnings(outside, case.revision.model if case.revision else None),
        contains_phi=bool(suite and suite.contains_phi),
        suite_note=use_sentence(session, suite) if suite else None,
        runs=runs,
        run=next((run for run in runs if run.is_present), None),
        progress=None,
        sentence=result.get("sentence"),
        verdict=case.run.verdict if case.run else None,
        primary=cards(result, primary=True, selected=measure),
        watched=cards(result, primary=False),
        kinds=kinds(result),
        kind=kind,
        measure=measure,
        cases=_with_findings(session, case.run, actor, lines[(page - 1) * CASES_PER_PAGE : page * CASES_PER_PAGE]),
        case_count=len(lines),
        page=page,
        pages=pages,
        findings=finding_lines(session, case.run, actor),
        distributions=distributions(result),
        subgroups=subgroup_table(result),
        ran=how_it_ran(session, case.run) if case.run else None,
        short=_short(situation),
        exceptions=_exceptions(session, case),
        offers=offers(situation),
    )


def _live_words(session: Session, case: Case) -> str | None:
    release = session.get(Release, case.change.baseline_release_id or "")
    return None if release is None else _version_words(session, release.version_id)


def _version_words(session: Session, version_id: str | None) -> str | None:
    version = session.get(Version, version_id or "")
    return None if version is None else f"v{version.number} ({version.label})"


def _short(situation: Situation) -> tuple[tuple[str, str], ...]:
    if situation.stage is not Stage.EVALUATION:
        return ()
    return tuple((name, BY_NAME[name].words) for name in situation.run.short_measures if name in BY_NAME)


def _exceptions(session: Session, case: Case) -> tuple[ExceptionLine, ...]:
    query = select(ExceptionRow).where(
        ExceptionRow.change_id == case.change.id, ExceptionRow.revision == case.change.revision
    )
    return tuple(
        ExceptionLine(BY_NAME[row.measure].words, row.reason, f"{row.ends_on:%-d %B %Y}")
        for row in session.scalars(query.order_by(ExceptionRow.measure))
    )


def _with_findings(
    session: Session, run: Run | None, actor: Actor, lines: Sequence[CaseLine]
) -> tuple[CaseLine, ...]:  # fmt: skip
    """The lines with the gravest findings of the new version, and whether this person opened the case."""
    if run is None:
        return tuple(lines)
    names = [line.name for line in lines]
    reader = reader_of(session, actor, run)
    said = _sentences(session, run, names, reader)
    return tuple(replace(line, findings=tuple(said[line.name]), opened=line.name in reader.opened) for line in lines)


def _sentences(
    session: Session, run: Run, names: Sequence[str], reader: Reader
) -> Mapping[str, list[tuple[str, bool]]]:
    query = (
        select(Answer.case_id, ScoreRow.findings)
        .join(ScoreRow, ScoreRow.answer_id == Answer.id)
        .where(Answer.run_id == run.id, Answer.arm == CANDIDATE, Answer.case_id.in_(names))
        .where(ScoreRow.metric.not_in(AMOUNTS))
        .order_by(Answer.repeat, ScoreRow.id)
    )
    found: dict[str, dict[tuple[str, bool], None]] = defaultdict(dict)
    for case, document in session.execute(query):
        for row in _rows(document):
            found[case].setdefault((reader.words(case, row["sentence"]), row["critical"]))
    gravest = {case: sorted(rows, key=lambda row: not row[1])[:MOST_FINDINGS_SHOWN] for case, rows in found.items()}
    return defaultdict(list, gravest)


def _rows(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = document.get("findings", ())
    return rows
