"""Storing what applications report back: one row per call, bound to a decision of ours, content only as the masker left it.

What must not live here: the form of a report (``reading``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.masker import identifiers, mask
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Prompt, Quarantined, Release, Rollout, Token
from webapp.domain.decision import Decision, read_decision
from webapp.domain.prompts.kinds import storable
from webapp.errors import InvalidInput, Refused
from webapp.services.interactions.reading import Report

MOST_EVENTS = 500
LONGEST_PROBLEM = 500
NOT_ALLOWED = "This token is not for this prompt; report the problem to your formulary team by telephone."


@dataclass(frozen=True)
class _Texts:
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


def report(outside: Outside, token_id: str, reports: Sequence[Report]) -> Received:
    """Each report is stored once, however often it is sent; one that cannot be believed is set apart with the reason."""
    if len(reports) > MOST_EVENTS:
        raise InvalidInput(f"At most {MOST_EVENTS} events in one batch.")
    masked = [(item, _masked(item)) for item in reports]
    accepted = duplicates = quarantined = 0
    with outside.database.writing() as session:
        known, served = _known_of(session, [item.event_id for item in reports]), _Served(session, token_id)
        for item, texts in masked:
            if item.event_id in known:
                duplicates += 1
            elif _store(outside, session, token_id, item, texts, served):
                accepted += 1
            else:
                quarantined += 1
            known.add(item.event_id)
    return Received(accepted, duplicates, quarantined)


def report_problem(outside: Outside, token_id: str, decision_id: str, what: str, reached_patient: bool) -> bool:
    """A problem is stored with its call and counts at once as possible harm where it reached the patient; False if unknown.

    Refused where the token is not for the prompt.
    """
    try:
        decision = read_decision(decision_id, outside.keyring.mac)
    except InvalidInput:
        return False
    if not storable(what):
        raise InvalidInput("What you wrote holds a NUL or half a character; remove it.")
    text, _ = mask(what)
    with outside.database.writing() as session:
        served = _Served(session, token_id)
        if not served.is_for_token(decision.release_id):
            raise Refused(NOT_ALLOWED, code="prompt_not_allowed")
        row = session.scalars(select(Interaction).where(Interaction.decision_id == decision_id)).first()
        if row is None:
            item = Report(f"problem-{decision_id[-32:]}", decision_id, outside.now(), "unknown")
            found = served.by(decision.release_id)
            if found is None:
                return False
            row = _row(outside, token_id, item, _Texts(), decision, *found)
            session.add(row)
        row.harm_reported = row.harm_reported or reached_patient
        row.outcome = row.outcome or "rejected"
        row.subgroup = {**row.subgroup, "problem": text[:LONGEST_PROBLEM]}
    return True


def _masked(item: Report) -> _Texts:
    request, first = mask(item.request_text) if item.request_text else (None, 0)
    response, second = mask(item.response_text) if item.response_text else (None, 0)
    new = identifiers(item.response_text or "") - identifiers(item.request_text or "")
    return _Texts(request, response, first + second, bool(new))


def _known_of(session: Session, event_ids: list[str]) -> set[str]:
    """Those of the event ids that were reported before."""
    stored = select(Interaction.event_id).where(Interaction.event_id.in_(event_ids))
    apart = select(Quarantined.event_id).where(Quarantined.event_id.in_(event_ids))
    return {*session.scalars(stored), *session.scalars(apart)}


@dataclass
class _Served:
    """The releases that a batch is about, each with the newest rollout of its prompt; looked up once. ``token_id``: who reports."""

    session: Session
    token_id: str
    found: dict[str, tuple[Release, Rollout | None] | None] = field(default_factory=dict)

    def by(self, release_id: str) -> tuple[Release, Rollout | None] | None:
        """The release and its prompt's newest rollout; None when there is no such release."""
        if release_id not in self.found:
            release = self.session.get(Release, release_id)
            self.found[release_id] = None if release is None else (release, self._rollout(release))
        return self.found[release_id]

    def is_for_token(self, release_id: str) -> bool:
        """Is the release's prompt one that the token is for? Unknown releases are not told apart here."""
        found = self.by(release_id)
        return found is None or not self.prompt_ids or found[0].prompt_id in self.prompt_ids

    @cached_property
    def prompt_ids(self) -> frozenset[str]:
        """The prompts that the token names; empty where it is for all."""
        names = self.session.get_one(Token, self.token_id).scopes.get("prompts") or ()
        return (
            frozenset(self.session.scalars(select(Prompt.id).where(Prompt.name.in_(names)))) if names else frozenset()
        )

    def _rollout(self, release: Release) -> Rollout | None:
        query = select(Rollout).where(Rollout.prompt_id == release.prompt_id)
        return self.session.scalars(query.order_by(Rollout.started_at.desc())).first()


def _store(outside: Outside, session: Session, token_id: str, item: Report, texts: _Texts, served: _Served) -> bool:
    """The report as a row; set apart, and False, when its decision id was not made here or the token is not for its prompt."""
    try:
        decision = read_decision(item.decision_id, outside.keyring.mac)
    except InvalidInput:
        decision = None
    found = None if decision is None else served.by(decision.release_id)
    if decision is None or found is None:
        return _set_apart(outside, session, token_id, item, "unknown_decision")
    if not served.is_for_token(decision.release_id):
        return _set_apart(outside, session, token_id, item, "prompt_not_allowed")
    session.add(_row(outside, token_id, item, texts, decision, *found))
    return True


def _set_apart(outside: Outside, session: Session, token_id: str, item: Report, reason: str) -> bool:
    session.add(Quarantined(event_id=item.event_id, token_id=token_id, reason=reason, received_at=outside.now()))
    return False


def _row(
    outside: Outside,
    token_id: str,
    item: Report,
    texts: _Texts,
    decision: Decision,
    release: Release,
    rollout: Rollout | None,
) -> Interaction:
    in_rollout = rollout is not None and decision.step >= 0
    is_silent = rollout is not None and _arm(decision, item) == "shadow"
    release_id = rollout.release_id if rollout is not None and is_silent else release.id
    return Interaction(
        event_id=item.event_id,
        token_id=token_id,
        prompt_id=release.prompt_id,
        release_id=release_id,
        rollout_id=rollout.id if rollout is not None and in_rollout else None,
        step_index=decision.step if in_rollout else None,
        decision_id=item.decision_id,
        arm=_arm(decision, item),
        unit_hash=decision.unit_hash,
        is_displayed=item.is_displayed,
        model=item.model[:200],
        request_text=texts.request,
        response_text=texts.response,
        masked_count=texts.masked_count,
        finish_reason=item.finish_reason,
        tokens_in=item.tokens_in,
        tokens_out=item.tokens_out,
        latency_ms=item.latency_ms,
        ttft_ms=item.ttft_ms,
        cost_microusd=item.cost_microusd,
        error=item.error,
        outcome=item.outcome,
        harm_reported=False,
        phi_flagged=texts.is_flagged,
        source_ref=item.source_ref,
        subgroup={"site": item.site},
        happened_at=item.happened_at,
        received_at=outside.now(),
    )


def _arm(decision: Decision, item: Report) -> str:
    """Which version answered: of a request that also ran the new version silently, the report that nobody saw is that one's."""
    if decision.arm != "shadowed":
        return decision.arm
    return "live" if item.is_displayed else "shadow"
