"""Tables of evaluation: runs, answers, scores, critical findings, results."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Float, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import (
    Base,
    ChangeRef,
    Content,
    Digest,
    Document,
    Id,
    Moment,
    Name,
    UtcTime,
    Word,
    Words,
)


class Run(Base):
    """One evaluation of one revision on one test set, both arms.

    ``state``: queued, running, complete, stopped (early, as worse), incomplete, failed, cancelled. ``purpose``: main, or fallback
    for the run of a fallback model of its own. ``recorded_run_id`` names the run whose answers of the live version are compared
    with, where that version is not asked anew.
    """

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("change_id", "number"),)

    id: Mapped[Id]
    change_id: Mapped[ChangeRef]
    revision: Mapped[int]
    number: Mapped[int]
    suite_sha256: Mapped[str] = mapped_column(ForeignKey("suites.sha256"))
    candidate_version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    baseline_release_id: Mapped[str | None] = mapped_column(ForeignKey("releases.id"))
    candidate_model: Mapped[Name]
    baseline_model: Mapped[str | None] = mapped_column(String(200))
    policy_sha256: Mapped[Digest]
    scorers_sha256: Mapped[Digest]
    repeats: Mapped[int] = mapped_column(default=1)
    planned_calls: Mapped[int]
    done_calls: Mapped[int] = mapped_column(default=0)
    state: Mapped[Word]
    verdict: Mapped[Word | None]
    failure: Mapped[str | None] = mapped_column(String(500))
    result_sha256: Mapped[str | None] = mapped_column(String(64))
    cost_microusd: Mapped[int] = mapped_column(BigInteger, default=0)
    is_offline: Mapped[bool] = mapped_column(default=False)
    purpose: Mapped[Word] = mapped_column(default="main", server_default="main")
    recorded_run_id: Mapped[str | None] = mapped_column(String(40))
    queued_at: Mapped[Moment]
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    concluded_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Answer(Base):
    """One answer of one model to one case: keyed so that the same call never counts twice.

    ``stated``: digests of its facts, where each case is asked three times or more.
    ``arm``: candidate or baseline; ``repeat`` counts from 0. A call that failed for good has ``error`` and no text.
    ``model`` gave the answer, ``asked_model`` was asked: a fallback where they differ. ``code_version`` and ``index_id`` are what an
    application of the hospital says of itself. ``call_sha256`` is the digest of all that was asked; ``is_cached`` means that the
    answer was given to an earlier run.
    """

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("run_id", "case_id", "arm", "repeat"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    case_id: Mapped[Name]
    cluster: Mapped[Name]
    subgroup: Mapped[Document]
    arm: Mapped[Word]
    repeat: Mapped[int]
    model: Mapped[Name]
    text: Mapped[Words]
    error: Mapped[Word | None]
    finish_reason: Mapped[Word | None]
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    cost_microusd: Mapped[int | None]
    latency_ms: Mapped[int | None]
    ttft_ms: Mapped[int | None]
    is_cached: Mapped[bool] = mapped_column(default=False)
    call_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    asked_model: Mapped[str | None] = mapped_column(String(200))
    code_version: Mapped[str | None] = mapped_column(String(200))
    index_id: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[Moment]
    stated: Mapped[Document] = mapped_column(server_default="{}")


class ScoreRow(Base):
    """One check of one answer. ``state``: scored, unscored, not_applicable; ``findings`` are sentences with their place."""

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("answer_id", "metric"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"), index=True)
    metric: Mapped[Word]
    state: Mapped[Word]
    value: Mapped[float | None] = mapped_column(Float)
    findings: Mapped[Document]


class TokenDay(Base):
    """How many tokens one model took on one day (UTC): what a daily budget is counted against."""

    __tablename__ = "token_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger, default=0)


class TokenReservation(Base):
    """The tokens that a run is still expected to take of one model; counts only while the run is running."""

    __tablename__ = "token_reservations"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    tokens: Mapped[int] = mapped_column(BigInteger)


class Judgement(Base):
    """What a judge said of one answer: keyed so that the same judge is never asked twice about the same answer.

    ``judge_sha256`` is the digest of its model and questions. ``labels``: yes, no or cannot_tell by question; empty where ``error``
    says why there are none. ``text`` is the reply as it came.
    """

    __tablename__ = "judgements"
    __table_args__ = (UniqueConstraint("answer_id", "judge_sha256"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"), index=True)
    judge_sha256: Mapped[Digest]
    model: Mapped[Name]
    labels: Mapped[Document]
    text: Mapped[Words]
    error: Mapped[Word | None]
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    cost_microusd: Mapped[int | None]
    latency_ms: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=1)
    judged_at: Mapped[Moment]


class FindingRow(Base):
    """A critical finding of the new version on one case, to be confirmed or dismissed by a named reviewer."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("run_id", "case_id", "metric", "code"),)

    id: Mapped[Id]
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    case_id: Mapped[Name]
    metric: Mapped[Word]
    code: Mapped[Word]
    sentence: Mapped[Words]
    candidate_count: Mapped[int]
    baseline_count: Mapped[int]
    repeats: Mapped[int]
    live_repeats: Mapped[int | None]
    decision: Mapped[Word | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    decision_reason: Mapped[str | None]


class Result(Base):
    """The canonical result document of a complete run: measures, counts, worst cases. Immutable."""

    __tablename__ = "results"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), unique=True)
    content: Mapped[Content]
