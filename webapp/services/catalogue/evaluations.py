"""The evaluation of a change as a document: every run, the measures of one, its cases in pages. Never the text of a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import left_out_of_documents, without_words
from webapp.acts.model_warnings import model_warnings
from webapp.acts.results import open_result
from webapp.acts.situation import load_change
from webapp.acts.suites import suite_summary
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, FindingRow, Run, ScoreRow, SuiteRow
from webapp.domain.workflow import Actor
from webapp.errors import NotFound
from webapp.services.catalogue.changes import links_of, run_document
from webapp.services.catalogue.pages import PageAsked, page_of


def show_evaluation(
    outside: Outside, actor: Actor, change_id: str, asked: PageAsked, *, run_id: str | None = None
) -> dict[str, Any]:
    """All runs of the change, and of one (the newest that counts unless named) result and a page of cases."""
    del actor  # every role and every reading token sees all evaluations
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        runs = session.scalars(select(Run).where(Run.change_id == change_id).order_by(Run.number)).all()
        run = _chosen(runs, run_id, case.run)
        document: dict[str, Any] = {
            "change": change_id,
            "stage": case.change.stage,
            "digest": case.change.digest,
            "runs": [run_document(row) for row in runs],
            "run": None if run is None else run_document(run),
            "warnings": list(model_warnings(outside, case.revision.model if case.revision else None)),
            "links": links_of(outside, change_id),
        }
        return document if run is None else document | _run_part(session, run, asked)


def _chosen(runs: Sequence[Run], run_id: str | None, newest: Run | None) -> Run | None:
    if run_id is None:
        return newest
    found = next((run for run in runs if run.id == run_id), None)
    if found is None:
        raise NotFound("This change has no such run; look at its list of runs.")
    return found


def _run_part(session: Session, run: Run, asked: PageAsked) -> dict[str, Any]:
    suite = session.get_one(SuiteRow, run.suite_sha256)
    withheld = left_out_of_documents(suite)
    result = open_result(session, run)
    worst = result.get("worst_cases", [])
    return {
        "suite": suite_summary(suite),
        "policy": run.policy_sha256,
        "scorers": run.scorers_sha256,
        "result": run.result_sha256,
        "sentence": result.get("sentence"),
        "counts": result.get("counts", {}),
        "measures": result.get("measures", []),
        "consistency": result.get("consistency", {}),
        "subgroups": result.get("subgroups", {}),
        "worst_cases": [without_words(row, withheld) for row in worst],
        "findings": [without_words(row, withheld) for row in _findings(session, run)],
        "cases": page_of("rows", _cases(session, run, asked, withheld, result), asked, key="case"),
    }


def _findings(session: Session, run: Run) -> list[dict[str, Any]]:
    """The critical findings of the new version, decided or not."""
    query = select(FindingRow).where(FindingRow.run_id == run.id).order_by(FindingRow.case_id, FindingRow.metric)
    return [
        {
            "id": row.id,
            "case": row.case_id,
            "measure": row.metric,
            "sentence": row.sentence,
            "new_count": row.candidate_count,
            "live_count": row.baseline_count,
            "live_repeats": row.live_repeats or row.repeats,
            "repeats": row.repeats,
            "decision": row.decision,
        }
        for row in session.scalars(query)
    ]


def _cases(
    session: Session, run: Run, asked: PageAsked, withheld: str | None, result: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """One row a case in the order of their ids, one more than the limit where more follow.

    ``outcome`` (critical, worse, better, same, unscored) is null until the run is complete.
    """
    kinds = {row["case"]: row["kind"] for row in result.get("cases", ())}
    query = select(Answer.case_id).where(Answer.run_id == run.id).distinct()
    if asked.cursor:
        query = query.where(Answer.case_id > asked.cursor)
    ids = session.scalars(query.order_by(Answer.case_id).limit(asked.limit + 1)).all()
    return [{"outcome": kinds.get(case_id), **_case(session, run, case_id, withheld)} for case_id in ids]


def _case(session: Session, run: Run, case_id: str, withheld: str | None) -> dict[str, Any]:
    answers = session.scalars(select(Answer).where(Answer.run_id == run.id, Answer.case_id == case_id)).all()
    arm_of = {answer.id: answer.arm for answer in answers}
    scores = session.scalars(select(ScoreRow).where(ScoreRow.answer_id.in_(arm_of)).order_by(ScoreRow.id)).all()
    measured: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    sentences: dict[str, list[str]] = defaultdict(list)
    for score in scores:
        arm = arm_of[score.answer_id]
        if score.state == "scored" and score.value is not None:
            measured[arm][score.metric].append(score.value)
        sentences[arm] += [str(row["sentence"]) for row in score.findings.get("findings", ())]
    return {
        "case": case_id,
        "answers": len(answers),
        "errors": sum(answer.error is not None for answer in answers),
        "arms": {
            arm: {name: round(sum(values) / len(values), 6) for name, values in sorted(by_name.items())}
            for arm, by_name in measured.items()
        },
        "findings": {
            arm: [withheld] if withheld else list(dict.fromkeys(found)) for arm, found in sentences.items() if found
        },
    }
