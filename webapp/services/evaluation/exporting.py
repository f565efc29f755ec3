"""The whole evaluation of one run as a file: every answer with its marks, for people who compute for themselves.

Case text of a test set with patient data, or of a hold-out, is left out. What must not live here: what a run concludes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.case_text import left_out_of_documents, result_without_words
from webapp.acts.recording import enter
from webapp.acts.results import open_result
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Run, ScoreRow, SuiteRow
from webapp.domain.csv_cells import csv_lines
from webapp.domain.measures import BY_NAME
from webapp.domain.record.leaf import timestamp
from webapp.domain.workflow import Actor
from webapp.errors import NotFound

KIND = "prompt-formulary/evaluation-export/v1"
FORMS = ("json", "csv")
ROWS_AT_ONCE = 500
FACTS = (
    "case",
    "cluster",
    "subgroup",
    "version",
    "repeat",
    "asked_model",
    "model",
    "code_version",
    "index_id",
    "error",
    "attempts",
    "cached",
    "finish_reason",
    "tokens_in",
    "tokens_out",
    "cost_microusd",
    "latency_ms",
    "ttft_ms",
    "answered_at",
)
ARM_WORDS = {"candidate": "new", "baseline": "live"}


@dataclass(frozen=True)
class Export:
    """A file that is written while it is read; ``lines`` reads the answers in small portions."""

    filename: str
    media_type: str
    lines: Iterator[bytes]


def export_run(outside: Outside, actor: Actor, change_id: str, number: int | None, form: str) -> Export:
    """The run (the present one unless numbered) as JSON or CSV; that it was exported is an entry of the audit log."""
    if form not in FORMS:
        raise NotFound("An evaluation is exported as json or as csv.", code="no_such_form")
    with outside.database.writing() as session:
        run = _chosen(session, change_id, number)
        enter(outside, session, actor, "export.made", ("run", run.id, run.number), reason=f"evaluation_{form}")
        withheld = left_out_of_documents(session.get_one(SuiteRow, run.suite_sha256))
        head = _head(session, run, withheld)
    rows = _rows(outside, run.id, withheld)
    lines = _as_json(head, rows) if form == "json" else csv_lines(_as_cells(rows))
    media_type = "application/json" if form == "json" else "text/csv; charset=utf-8"
    return Export(f"{change_id}-run-{run.number}.{form}", media_type, lines)


def _chosen(session: Session, change_id: str, number: int | None) -> Run:
    case = load_change(session, change_id)
    run = case.run
    if number is not None:
        run = session.scalar(select(Run).where(Run.change_id == change_id, Run.number == number))
    if run is None:
        raise NotFound("This change has no such run; look at its list of runs.")
    return run


def _head(session: Session, run: Run, withheld: str | None) -> dict[str, Any]:
    return {
        "kind": KIND,
        "change": run.change_id,
        "revision": run.revision,
        "run": {
            "id": run.id,
            "number": run.number,
            "state": run.state,
            "verdict": run.verdict,
            "failure": run.failure,
            "planned_calls": run.planned_calls,
            "done_calls": run.done_calls,
            "offline": run.is_offline,
        },
        "digests": {
            "suite": run.suite_sha256,
            "policy": run.policy_sha256,
            "scorers": run.scorers_sha256,
            "result": run.result_sha256,
        },
        "result": result_without_words(open_result(session, run), withheld),
    }


def _rows(outside: Outside, run_id: str, withheld: str | None) -> Iterator[dict[str, Any]]:
    """Every answer in the order it was stored, each portion in a transaction of its own."""
    last = 0
    while True:
        with outside.database.reading() as session:
            query = select(Answer).where(Answer.run_id == run_id, Answer.id > last).order_by(Answer.id)
            answers = session.scalars(query.limit(ROWS_AT_ONCE)).all()
            scores = _scores(session, [answer.id for answer in answers])
        for answer in answers:
            yield _row(answer, scores.get(answer.id, ()), withheld)
        if len(answers) < ROWS_AT_ONCE:
            return
        last = answers[-1].id


def _scores(session: Session, ids: Sequence[int]) -> Mapping[int, list[ScoreRow]]:
    found: dict[int, list[ScoreRow]] = {}
    for row in session.scalars(select(ScoreRow).where(ScoreRow.answer_id.in_(ids)).order_by(ScoreRow.id)):
        found.setdefault(row.answer_id, []).append(row)
    return found


def _row(answer: Answer, scores: Sequence[ScoreRow], withheld: str | None) -> dict[str, Any]:
    sentences = [str(one["sentence"]) for row in scores for one in row.findings.get("findings", ())]
    return {
        "case": answer.case_id,
        "cluster": answer.cluster,
        "subgroup": answer.subgroup,
        "version": ARM_WORDS.get(answer.arm, answer.arm),
        "repeat": answer.repeat + 1,
        "asked_model": answer.asked_model,
        "model": answer.model,
        "code_version": answer.code_version,
        "index_id": answer.index_id,
        "error": answer.error,
        "attempts": answer.attempts,
        "cached": answer.is_cached,
        "finish_reason": answer.finish_reason,
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
        "cost_microusd": answer.cost_microusd,
        "latency_ms": answer.latency_ms,
        "ttft_ms": answer.ttft_ms,
        "answered_at": timestamp(answer.answered_at),
        "marks": {row.metric: row.value if row.state == "scored" else row.state for row in scores},
        "findings": [withheld] * bool(sentences) if withheld else sentences,
        "text": withheld or answer.text,
    }


def _as_json(head: Mapping[str, Any], rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """One document whose last member, ``answers``, is written row by row."""
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "answers": [\n'
    for place, row in enumerate(rows):
        yield (b",\n" if place else b"") + json.dumps(row, ensure_ascii=False).encode()
    yield b"\n]}\n"


def _as_cells(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[object]]:
    """A head and a line for each answer; a mark is a number in 0..1 or an amount, or the word for why there is none."""
    measures = list(BY_NAME)
    yield [*FACTS, *measures, "findings"]
    for row in rows:
        subgroup = "; ".join(f"{name}={value}" for name, value in sorted(row["subgroup"].items()))
        facts = [subgroup if name == "subgroup" else row[name] for name in FACTS]
        yield [*facts, *(row["marks"].get(name) for name in measures), " | ".join(row["findings"])]
