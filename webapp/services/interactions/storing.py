"""Storing what applications report back: one row per call, bound to a decision of ours, content only as the masker left it.

What must not live here: the form of a report (``reading``), problems that people report (``problems``), who is told (``alerting``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.adapters.masker import identifiers, mask
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Quarantined, Release, Rollout
from webapp.domain.decision import Decision, read_decision
from webapp.errors import Conflict, InvalidInput
from webapp.services.interactions.alert_words import IDENTIFIERS, INDEX, MODEL
from webapp.services.interactions.alerting import Signal, note_signals
from webapp.services.interactions.reading import Report
from webapp.services.interactions.served import Served

MOST_EVENTS = 500
UNKNOWN_DECISION, NOT_ALLOWED, OTHER_VERSION = "unknown_decision", "prompt_not_allowed", "other_version"


@dataclass(frozen=True)
class Texts:
    """What may be stored of a call's content. ``is_flagged``: the answer holds an identifier that the request did not."""

    request: str | None = None
    response: str | None = None
    masked_count: int = 0
    is_flagged: bool = False


@dataclass(frozen=True)
class Received:
    """What became of a batch."""

    accepted: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True)
class Call:
    """A report that can be believed: the decision of ours that it names, its release, and the rollout in which it was made."""

    item: Report
    decision: Decision
    release: Release
    rollout: Rollout | None

    @property
    def arm(self) -> str:
        """Which version answered: of a request that also ran the new version silently, the report that nobody saw is that one's."""
        if self.decision.arm != "shadowed":
            return self.decision.arm
        return "live" if self.item.is_displayed else "shadow"

    @property
    def release_id(self) -> str:
        """The release that answered."""
        return self.rollout.release_id if self.rollout is not None and self.arm == "shadow" else self.release.id


def report(outside: Outside, token_id: str, reports: Sequence[Report]) -> Received:
    """Each report is stored once, however often it is sent; one that cannot be believed is set apart with the reason."""
    if len(reports) > MOST_EVENTS:
        raise InvalidInput(f"At most {MOST_EVENTS} events in one batch.")
    with outside.database.reading() as session:
        known = _known_of(session, token_id, [item.event_id for item in reports])
    new = [(item, _masked(item)) for item in reports if item.event_id not in known]
    try:
        stored, apart = _store(outside, token_id, new)
    except Conflict:  # the same events were stored by another request meanwhile; now they are known
        stored, apart = _store(outside, token_id, new)
    return Received(stored, len(reports) - stored - apart, apart)


def believed(outside: Outside, served: Served, item: Report) -> Call | str:
    """The call that the report tells of, or the code of why it cannot be believed."""
    try:
        decision = read_decision(item.decision_id, outside.keyring.mac)
    except InvalidInput:
        return UNKNOWN_DECISION
    release = served.by(decision.release_id)
    if release is None:
        return UNKNOWN_DECISION
    if not served.is_for_token(release):
        return NOT_ALLOWED
    call = Call(item, decision, release, served.rollout(release, decision))
    if item.version is not None and item.version != served.release(call.release_id).label:
        return OTHER_VERSION
    return call


def row_of(call: Call, token_id: str, texts: Texts, now: datetime) -> dict[str, Any]:
    """The row of a call, by column."""
    item, rollout = call.item, call.rollout
    in_rollout = rollout is not None and call.decision.step >= 0
    return {
        "event_id": item.event_id,
        "token_id": token_id,
        "prompt_id": call.release.prompt_id,
        "release_id": call.release_id,
        "rollout_id": rollout.id if rollout is not None and in_rollout else None,
        "step_index": call.decision.step if in_rollout else None,
        "decision_id": item.decision_id,
        "arm": call.arm,
        "unit_hash": call.decision.unit_hash,
        "is_displayed": item.is_displayed,
        "model": item.model,
        "index_id": item.index,
        "request_text": texts.request,
        "response_text": texts.response,
        "masked_count": texts.masked_count,
        "finish_reason": item.finish_reason,
        "tokens_in": item.tokens_in,
        "tokens_out": item.tokens_out,
        "latency_ms": item.latency_ms,
        "ttft_ms": item.ttft_ms,
        "cost_microusd": item.cost_microusd,
        "error": item.error,
        "outcome": item.outcome,
        "check_ppm": None if item.check_score is None else round(item.check_score * 1_000_000),
        "is_unsafe": item.unsafe,
        "rating": item.rating,
        "harm_reported": False,
        "phi_flagged": texts.is_flagged,
        "source_ref": item.source_ref,
        "subgroup": {"site": item.site},
        "happened_at": item.happened_at,
        "received_at": now,
    }


def _masked(item: Report) -> Texts:
    request, first = mask(item.request_text) if item.request_text else (None, 0)
    response, second = mask(item.response_text) if item.response_text else (None, 0)
    new = identifiers(item.response_text or "") - identifiers(item.request_text or "")
    return Texts(request, response, first + second, bool(new))


def _store(outside: Outside, token_id: str, masked: Sequence[tuple[Report, Texts]]) -> tuple[int, int]:
    """How many were stored, and how many set apart."""
    if not masked:
        return 0, 0
    now, calls, apart = outside.now(), [], []
    with outside.database.writing() as session:
        served, known = (
            Served(outside, session, token_id),
            _known_of(session, token_id, [one.event_id for one, _ in masked]),
        )
        for item, texts in masked:
            if item.event_id in known:
                continue
            known.add(item.event_id)
            call = believed(outside, served, item)
            if isinstance(call, Call):
                calls.append((call, texts))
            else:
                apart.append({"event_id": item.event_id, "token_id": token_id, "reason": call, "received_at": now})
        note_signals(outside, served, _signals(served, calls))
        _insert(session, Interaction, [row_of(call, token_id, texts, now) for call, texts in calls])
        _insert(session, Quarantined, apart)
    return len(calls), len(apart)


def _insert(session: Session, table: type[Interaction | Quarantined], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows, execution_options={"render_nulls": True})  # one statement for all of them


def _known_of(session: Session, token_id: str, event_ids: list[str]) -> set[str]:
    """Those of the event ids that this application reported before."""
    return {
        event_id
        for table in (Interaction, Quarantined)
        for event_id in session.scalars(
            select(table.event_id).where(table.token_id == token_id, table.event_id.in_(event_ids))
        )
    }


def _signals(served: Served, calls: Iterable[tuple[Call, Texts]]) -> Iterable[Signal]:
    """What people have to be told of in these calls."""
    for call, texts in calls:
        item, release_id = call.item, call.release_id
        if texts.is_flagged:
            yield Signal(IDENTIFIERS, release_id)
        if not served.evaluated(release_id).has_model(item.model):
            yield Signal(MODEL, release_id, item.model)
        if item.index is not None and not served.evaluated(release_id).has_index(served.application, item.index):
            yield Signal(INDEX, release_id, item.index)
