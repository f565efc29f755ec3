"""Concluding a run: its marks are read once, compared, and stored with what follows from them in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.acts.actors import SYSTEM
from webapp.acts.fallbacks import queue_fallback_runs
from webapp.acts.live_answers import recorded_day
from webapp.acts.recording import enter
from webapp.acts.runs import MAIN
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, FindingRow, Job, Result, Run, ScoreRow
from webapp.domain.evaluation.conclusion import Conclusion, conclude, missing_sentence, result_document
from webapp.domain.evaluation.early import first_cases, hopeless_because
from webapp.domain.evaluation.planning import arms
from webapp.domain.evaluation.sameness import changed_application_sentence, mixed_models_sentence
from webapp.domain.evaluation.stated import LEAST_REPEATS, read_stated
from webapp.domain.evaluation.tally import Mark, Tally
from webapp.domain.prompts.suite import Case
from webapp.domain.record.canonical import canonical, normalised, sha256_hex
from webapp.domain.verdict import Verdict
from webapp.services.evaluation.judging import judge_facts
from webapp.services.evaluation.keeping import read_findings
from webapp.services.evaluation.settling import settle_in
from webapp.services.evaluation.work import Work, count_anew, require_going_on

ROWS_AT_ONCE = 2_000
LONGEST_FAILURE = 500


def conclude_run(outside: Outside, job: Job, work: Work) -> None:
    """The run is complete with verdict and result, or incomplete with a sentence; the change moves on where policy lets it."""
    with outside.database.reading() as session:
        run = session.get_one(Run, work.run_id)
        missing = run.planned_calls - _count_answers(session, run.id)
        tally = _read_tally(session, work)
        facts = {**_facts(run, recorded_day(session, run)), **judge_facts(session, run.id, work.rules.judge)}
        unequal = _unequal_sentence(session, run)
    conclusion = conclude(tally, work.cases, work.rules)
    incomplete = missing_sentence(missing, run.planned_calls) or unequal or conclusion.incomplete_because
    document = normalised(result_document(conclusion, facts))
    content = None if incomplete else canonical(document)
    with outside.database.writing() as session:
        jobs.finish(outside, session, job.id, job.fence)
        row = session.get_one(Run, run.id, with_for_update=True)
        require_going_on(row)
        row.concluded_at = outside.now()
        count_anew(session, row)
        if content is None:
            _store_incomplete(outside, session, row, incomplete or "")
        else:
            _store_result(outside, session, row, "complete", conclusion, content)
            _go_on(outside, session, row)
            settle_in(outside, session, row.change_id)


def stop_where_hopeless(outside: Outside, job: Job, work: Work) -> bool:
    """The run is stopped with its verdict where its first cases show that it cannot hold; False where it has to go on."""
    first = first_cases(work.cases)
    if not first or not work.has_baseline:
        return False
    with outside.database.reading() as session:
        if _count_answers(session, work.run_id, first) < len(first) * work.repeats * len(arms(True)):
            return False  # calls were lost: nothing is compared
        if _unequal_sentence(session, session.get_one(Run, work.run_id)):
            return False
        tally = _read_tally(session, work)
        run = session.get_one(Run, work.run_id)
        recorded_on = recorded_day(session, run)
    conclusion = conclude(tally, first, replace(work.rules, judge=None))  # no judge was asked yet
    sentence = None if conclusion.incomplete_because else hopeless_because(conclusion, len(work.cases))
    if sentence is None:
        return False
    content = canonical(normalised({**result_document(conclusion, _facts(run, recorded_on)), "stopped": sentence}))
    with outside.database.writing() as session:
        jobs.finish(outside, session, job.id, job.fence)
        row = session.get_one(Run, work.run_id, with_for_update=True)
        require_going_on(row)
        row.concluded_at, row.failure = outside.now(), sentence[:LONGEST_FAILURE]
        _store_result(outside, session, row, "stopped", conclusion, content)
    return True


def _go_on(outside: Outside, session: Session, run: Run) -> None:
    """After a main run that is not worse, the fallback models are evaluated too."""
    case = load_change(session, run.change_id)
    if case.revision is not None and run.purpose == MAIN and run.verdict != Verdict.FAIL.value:
        queue_fallback_runs(outside, session, case.change, case.revision)


def _count_answers(session: Session, run_id: str, cases: Sequence[Case] | None = None) -> int:
    query = select(func.count()).select_from(Answer).where(Answer.run_id == run_id, Answer.error.is_(None))
    if cases is not None:
        query = query.where(Answer.case_id.in_([case.id for case in cases]))
    return session.scalar(query) or 0


def _unequal_sentence(session: Session, run: Run) -> str | None:
    """Why answers given now cannot stand side by side; None when one model and one state of the application gave them all."""
    fallbacks = select(Answer.model, func.count()).where(Answer.run_id == run.id, Answer.model != Answer.asked_model)
    stood_in = {str(model): int(count) for model, count in session.execute(fallbacks.group_by(Answer.model))}
    states = select(Answer.code_version, Answer.index_id).where(
        Answer.run_id == run.id, Answer.is_cached.is_(False), Answer.code_version.is_not(None)
    )
    seen = [(code, index) for code, index in session.execute(states.distinct())]
    return mixed_models_sentence(stood_in, run.planned_calls) or changed_application_sentence(seen)


def _read_tally(session: Session, work: Work) -> Tally:
    """The marks of every answer, read in a stream; no answer's text is loaded."""
    tally = Tally(has_baseline=work.has_baseline, repeats=work.repeats)
    query = (
        select(
            Answer.case_id, Answer.arm, Answer.repeat, ScoreRow.metric, ScoreRow.state, ScoreRow.value, ScoreRow.findings
        )
        .join(ScoreRow, ScoreRow.answer_id == Answer.id)
        .where(Answer.run_id == work.run_id)
        .order_by(Answer.id, ScoreRow.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )  # fmt: skip
    for case, arm, repeat, metric, state, value, findings in session.execute(query):
        tally.add(Mark(case, arm, repeat, metric, state, value, read_findings(metric, findings)))
    if work.repeats >= LEAST_REPEATS:
        _add_stated(session, tally, work.run_id)
    return tally


def _add_stated(session: Session, tally: Tally, run_id: str) -> None:
    """What the answers state, case by case, so that few are held at a time."""
    query = (
        select(Answer.case_id, Answer.arm, Answer.repeat, Answer.stated)
        .where(Answer.run_id == run_id, Answer.error.is_(None))
        .order_by(Answer.case_id, Answer.arm, Answer.repeat)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for case, arm, repeat, document in session.execute(query):
        if (stated := read_stated(document)) is not None:
            tally.add_stated(case, arm, repeat, stated)


def _facts(run: Run, recorded_on: date | None) -> dict[str, Any]:
    models = {"candidate": run.candidate_model}
    if run.baseline_model:
        models["baseline"] = run.baseline_model
    return {
        "run": run.id,
        "suite": run.suite_sha256,
        "models": models,
        "offline": "yes" if run.is_offline else "no",
        "policy": run.policy_sha256,
        "scorers": run.scorers_sha256,
        **({"live_answers": f"recorded {recorded_on.isoformat()}"} if recorded_on else {}),
    }


def _store_incomplete(outside: Outside, session: Session, run: Run, sentence: str) -> None:
    run.state, run.failure = "incomplete", sentence[:LONGEST_FAILURE]
    enter(
        outside, session, SYSTEM, "run.concluded", ("run", run.id, run.number),
        before=("running", None), after=("incomplete", None),
    )  # fmt: skip


def _store_result(
    outside: Outside, session: Session, run: Run, state: str, conclusion: Conclusion, content: bytes
) -> None:
    digest = sha256_hex(content)
    session.add(Result(sha256=digest, run_id=run.id, content=content))
    for one in conclusion.criticals:
        session.add(
            FindingRow(
                id=outside.new_id("fnd"),
                run_id=run.id,
                case_id=one.case,
                metric=one.measure,
                code=one.code,
                sentence=one.sentence,
                candidate_count=one.candidate_count,
                baseline_count=one.baseline_count,
                repeats=one.repeats,
                live_repeats=one.live_repeats,
            )
        )
    run.state, run.verdict, run.result_sha256 = state, conclusion.verdict.value, digest
    session.flush()
    enter(
        outside, session, SYSTEM, "run.concluded", ("run", run.id, run.number),
        before=("running", None), after=(state, digest), reason=conclusion.verdict.value,
    )  # fmt: skip
