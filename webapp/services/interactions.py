"""What applications report back: one row per call, bound to a decision of ours, content only as the masker left it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.masker import mask
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Quarantined, Release, Rollout
from webapp.domain.decision import Decision, read_decision
from webapp.errors import InvalidInput

MOST_EVENTS = 500
OUTCOMES = ("accepted", "edited", "rejected")


@dataclass(frozen=True)
class Report:
    """One call as an application reports it. Times are aware; counts are whole numbers; texts are optional."""

    event_id: str
    decision_id: str
    happened_at: datetime
    model: str
    is_displayed: bool = True
    request_text: str | None = None
    response_text: str | None = None
    finish_reason: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    latency_ms: int | None = None
    ttft_ms: int | None = None
    cost_microusd: int | None = None
    error: str | None = None
    outcome: str | None = None
    source_ref: str | None = None
    site: str = ""


@dataclass(frozen=True)
class Received:
    """What became of a batch."""

    accepted: int
    duplicates: int
    quarantined: int


def report(outside: Outside, token_id: str, reports: Sequence[Report]) -> Received:
    """Each report is stored once, however often it is sent; one with a decision id that is not ours is set apart."""
    if len(reports) > MOST_EVENTS:
        raise InvalidInput(f"At most {MOST_EVENTS} events in one batch.")
    masked = [(item, _masked(item)) for item in reports]
    accepted = duplicates = quarantined = 0
    with outside.database.writing() as session:
        for item, texts in masked:
            if _is_known(session, item.event_id):
                duplicates += 1
            elif _store(outside, session, token_id, item, texts):
                accepted += 1
            else:
                quarantined += 1
            session.flush()
    return Received(accepted, duplicates, quarantined)


def report_problem(outside: Outside, token_id: str, decision_id: str, what: str, reached_patient: bool) -> bool:
    """A problem is stored with its call and counts at once as possible harm where it reached the patient; False if unknown."""
    try:
        decision = read_decision(decision_id, outside.keyring.mac)
    except InvalidInput:
        return False
    text, _ = mask(what)
    with outside.database.writing() as session:
        row = session.scalars(select(Interaction).where(Interaction.decision_id == decision_id)).first()
        if row is None:
            item = Report(f"problem-{decision_id[-32:]}", decision_id, outside.now(), "unknown")
            row = _row(outside, session, token_id, item, (None, None, 0), decision)
            session.add(row)
        row.harm_reported = row.harm_reported or reached_patient
        row.outcome = row.outcome or "rejected"
        row.subgroup = {**row.subgroup, "problem": text[:500]}
    return True


def _masked(item: Report) -> tuple[str | None, str | None, int]:
    request, first = mask(item.request_text) if item.request_text else (None, 0)
    response, second = mask(item.response_text) if item.response_text else (None, 0)
    return request, response, first + second


def _is_known(session: Session, event_id: str) -> bool:
    stored = select(Interaction.id).where(Interaction.event_id == event_id).limit(1)
    apart = select(Quarantined.id).where(Quarantined.event_id == event_id).limit(1)
    return session.scalar(stored) is not None or session.scalar(apart) is not None


def _store(
    outside: Outside, session: Session, token_id: str, item: Report, texts: tuple[str | None, str | None, int]
) -> bool:
    """The report as a row; set apart, and False, when its decision id was not made here."""
    try:
        decision = read_decision(item.decision_id, outside.keyring.mac)
    except InvalidInput:
        decision = None
    if decision is None or session.get(Release, decision.release_id) is None:
        apart = Quarantined(
            event_id=item.event_id, token_id=token_id, reason="unknown_decision", received_at=outside.now()
        )
        session.add(apart)
        return False
    session.add(_row(outside, session, token_id, item, texts, decision))
    return True


def _row(
    outside: Outside,
    session: Session,
    token_id: str,
    item: Report,
    texts: tuple[str | None, str | None, int],
    decision: Decision,
) -> Interaction:
    release = session.get_one(Release, decision.release_id)
    rollout = session.scalars(
        select(Rollout).where(Rollout.prompt_id == release.prompt_id).order_by(Rollout.started_at.desc())
    ).first()
    in_rollout = rollout is not None and decision.step >= 0
    return Interaction(
        event_id=item.event_id,
        token_id=token_id,
        prompt_id=release.prompt_id,
        release_id=release.id,
        rollout_id=rollout.id if rollout is not None and in_rollout else None,
        step_index=decision.step if in_rollout else None,
        decision_id=item.decision_id,
        arm=decision.arm,
        unit_hash=decision.unit_hash,
        is_displayed=item.is_displayed,
        model=item.model[:200],
        request_text=texts[0],
        response_text=texts[1],
        masked_count=texts[2],
        finish_reason=item.finish_reason,
        tokens_in=item.tokens_in,
        tokens_out=item.tokens_out,
        latency_ms=item.latency_ms,
        ttft_ms=item.ttft_ms,
        cost_microusd=item.cost_microusd,
        error=item.error,
        outcome=item.outcome,
        harm_reported=False,
        phi_flagged=False,
        source_ref=item.source_ref,
        subgroup={"site": item.site},
        happened_at=item.happened_at,
        received_at=outside.now(),
    )


FIELDS: Mapping[str, tuple[type, ...]] = {
    "event_id": (str,),
    "decision_id": (str,),
    "happened_at": (str,),
    "model": (str,),
    "displayed": (bool,),
    "request": (str,),
    "response": (str,),
    "finish_reason": (str,),
    "tokens_in": (int,),
    "tokens_out": (int,),
    "latency_ms": (int,),
    "ttft_ms": (int,),
    "cost_microusd": (int,),
    "error": (str,),
    "outcome": (str,),
    "source_ref": (str,),
    "site": (str,),
}
RENAMED = {"displayed": "is_displayed", "request": "request_text", "response": "response_text"}


def read_report(document: Any, place: str) -> Report:
    """The report that ``document`` describes; InvalidInput names the place and field of the first fault."""
    if not isinstance(document, dict):
        raise InvalidInput(f"{place} is not an object.")
    for name, value in document.items():
        if name not in FIELDS:
            raise InvalidInput(f"{place}: there is no field {str(name)[:40]}.")
        if value is not None and (
            not isinstance(value, FIELDS[name]) or (isinstance(value, bool) and bool not in FIELDS[name])
        ):
            raise InvalidInput(f"{place}: {name} has the wrong type.")
        if isinstance(value, int) and value < 0:
            raise InvalidInput(f"{place}: {name} is not negative.")
    for name in ("event_id", "decision_id", "happened_at", "model"):
        if not document.get(name):
            raise InvalidInput(f"{place}: {name} is missing.")
    values = {RENAMED.get(str(name), str(name)): value for name, value in document.items() if value is not None}
    values["happened_at"] = _moment(values["happened_at"], place)
    _check_lengths(values, place)
    return Report(**values)


def _moment(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(f"{place}: happened_at is an RFC 3339 time with its zone, like 2026-03-02T09:00:00Z.")
    return moment


def _check_lengths(values: Mapping[str, Any], place: str) -> None:
    limits = {"event_id": 80, "finish_reason": 60, "error": 60, "source_ref": 200, "site": 60}
    for name, most in limits.items():
        if len(values.get(name) or "") > most:
            raise InvalidInput(f"{place}: {name} has at most {most} characters.")
    if values.get("outcome") not in (None, *OUTCOMES):
        raise InvalidInput(f"{place}: outcome is one of {', '.join(OUTCOMES)}.")
