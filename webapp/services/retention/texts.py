"""Texts in columns that go with an erasure: in which rows they stand, and what stands there afterwards.

What must not live here: documents that are known by their digest (``planning``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, cast, select

from webapp.acts.retention import CHANGE, Calendar
from webapp.adapters.store.schema import (
    Answer,
    AuditSample,
    Comment,
    ExceptionRow,
    FindingRow,
    Grade,
    Interaction,
    Judgement,
    ProblemReport,
    Release,
    ReleaseAlert,
    Run,
    ScoreRow,
    Signature,
)

ERASED_WORDS = "(erased)"
ERASED_FACTS = {"erased": True}
SENTENCE = '"sentence"'  # as findings are stored where there are any
NOTHING = ("", ERASED_WORDS)
ROW_WORDS = {
    "answers": "answers of models",
    "scores": "findings of checks in answers",
    "judgements": "replies of a judge",
    "findings": "sentences and reasons of critical findings",
    "comments": "comments",
    "exceptions": "reasons of exceptions",
    "signatures": "sentences written at signatures",
    "interactions": "texts that applications reported",
    "problem_reports": "problems that people reported with answers",
    "release_alerts": "what people found when they looked into alerts",
    "grades": "notes of the follow-up audit",
}


@dataclass(frozen=True)
class Texts:
    """Rows of one table that may hold text, what stands in its columns afterwards, and how one that still holds text is told."""

    name: str
    table: Any
    rows: Select[Any]
    emptied: Mapping[str, Any]
    still: Any

    @property
    def left(self) -> Select[Any]:
        """The ids of rows that still hold text."""
        return self.rows.where(self.still).order_by(self.table.id)


def changes_of(calendar: Calendar, kind: str, subject: str) -> list[str]:
    """The change, or every change that used the test set."""
    return [subject] if kind == CHANGE else sorted(calendar.used_by[subject])


def runs_of(kind: str, subject: str) -> Select[Any]:
    """The ids of the runs of the change, or on the test set."""
    return select(Run.id).where(Run.change_id == subject if kind == CHANGE else Run.suite_sha256 == subject)


def texts_of(calendar: Calendar, kind: str, subject: str) -> tuple[Texts, ...]:
    """The rows whose text goes, table by table, in the order in which they are erased."""
    changes = changes_of(calendar, kind, subject)
    always = (*_of_runs(runs_of(kind, subject)), _comments(changes))
    return (*always, *_of_change(changes)) if kind == CHANGE else always


def _of_runs(runs: Select[Any]) -> tuple[Texts, ...]:
    answers = select(Answer.id).where(Answer.run_id.in_(runs))
    scores = select(ScoreRow.id).where(ScoreRow.answer_id.in_(answers))
    judgements = select(Judgement.id).where(Judgement.answer_id.in_(answers))
    findings = select(FindingRow.id).where(FindingRow.run_id.in_(runs))
    has_findings = cast(ScoreRow.findings, Text).contains(SENTENCE)
    said = {"sentence": ERASED_WORDS, "decision_reason": None}
    return (
        Texts("scores", ScoreRow, scores, {"findings": ERASED_FACTS}, has_findings),
        Texts("judgements", Judgement, judgements, {"text": ERASED_WORDS}, Judgement.text.not_in(NOTHING)),
        Texts("answers", Answer, answers, {"text": ERASED_WORDS, "stated": {}}, Answer.text.not_in(NOTHING)),
        Texts("findings", FindingRow, findings, said, FindingRow.sentence != ERASED_WORDS),
    )


def _comments(changes: Sequence[str]) -> Texts:
    comments = select(Comment.id).where(Comment.change_id.in_(changes))
    return Texts(
        "comments", Comment, comments, {"body": ERASED_WORDS, "suggestion": None}, Comment.body != ERASED_WORDS
    )


def _of_change(changes: Sequence[str]) -> tuple[Texts, ...]:
    exceptions = select(ExceptionRow.id).where(ExceptionRow.change_id.in_(changes))
    signatures = select(Signature.id).where(Signature.change_id.in_(changes))
    releases = select(Release.id).where(Release.change_id.in_(changes))
    reports = select(Interaction.id).where(Interaction.release_id.in_(releases))
    grades = select(Grade.id).where(
        Grade.sample_id.in_(select(AuditSample.id).where(AuditSample.change_id.in_(changes)))
    )
    problems = select(ProblemReport.id).where(ProblemReport.release_id.in_(releases))
    alerts = select(ReleaseAlert.id).where(ReleaseAlert.release_id.in_(releases))
    has_text = Interaction.request_text.is_not(None) | Interaction.response_text.is_not(None)
    return (
        Texts("exceptions", ExceptionRow, exceptions, {"reason": ERASED_WORDS}, ExceptionRow.reason != ERASED_WORDS),
        Texts("signatures", Signature, signatures, {"sentence": ERASED_WORDS}, Signature.sentence.not_in(NOTHING)),
        Texts("interactions", Interaction, reports, {"request_text": None, "response_text": None}, has_text),
        Texts("problem_reports", ProblemReport, problems, {"words": ERASED_WORDS}, ProblemReport.words.not_in(NOTHING)),
        Texts(
            "release_alerts",
            ReleaseAlert,
            alerts,
            {"seen_words": ERASED_WORDS},
            ReleaseAlert.seen_words.not_in(NOTHING),
        ),
        Texts("grades", Grade, grades, {"note": ERASED_WORDS}, Grade.note.not_in(NOTHING)),
    )
