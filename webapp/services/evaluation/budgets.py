"""Daily budgets of tokens: reserved before a run asks, settled with every batch of answers, a hard stop when used up.

Counts stand in rows that change in the transaction of the answers themselves, so a kill neither loses nor doubles any.
What must not live here: how fast models may be asked (``webapp.adapters.llm.pace``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.adapters.llm.gateway import expected_tokens
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Run, TokenDay, TokenReservation
from webapp.domain.evaluation.planning import Call
from webapp.errors import Refused
from webapp.services.evaluation.asking import Arm, Asked, question

ONE_TOO_LARGE = (
    "One case may take up to {tokens:,} tokens of {model}; the models file allows {limit:,} in a request. Shorten the case or "
    "max_tokens, or ask an administrator to raise request_tokens."
)
TOO_MANY = (
    "This run may take up to {tokens:,} tokens of {model}, more than its daily budget of {limit:,}. Use a smaller test set, or ask "
    "an administrator to raise daily_tokens in the models file."
)


class BudgetSpent(Exception):
    """A model's tokens of this day are used up; ``renewed_at`` is the next midnight in UTC."""

    def __init__(self, model: str, limit: int, now: datetime) -> None:
        self.renewed_at = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        self.sentence = (
            f"The daily budget of {limit:,} tokens for {model} is used up or reserved by other runs. Nothing is lost: the run goes "
            "on by itself after midnight UTC."
        )
        super().__init__(self.sentence)


def reserve_tokens(outside: Outside, run_id: str, calls: Sequence[Call], arms: Mapping[str, Arm]) -> None:
    """What these calls may take is reserved for the run; BudgetSpent where the day has not that many tokens left.

    Where nothing is left to ask nothing waits for a budget.

    Refused where waiting would never help: one call, or all of them, may take more than the models file allows.
    """
    facts = {arm.model: outside.models.fact(arm.model) for arm in arms.values()}
    limited = {name: fact for name, fact in facts.items() if fact.daily_tokens or fact.request_tokens}
    needed, largest = _expected(calls, arms, limited)
    for name, fact in limited.items():
        if fact.request_tokens is not None and largest[name] > fact.request_tokens:
            raise Refused(
                ONE_TOO_LARGE.format(model=name, tokens=largest[name], limit=fact.request_tokens), code="over_budget"
            )
        if fact.daily_tokens is not None and needed[name] > fact.daily_tokens:
            raise Refused(TOO_MANY.format(model=name, tokens=needed[name], limit=fact.daily_tokens), code="over_budget")
    daily = {name: fact.daily_tokens for name, fact in limited.items() if fact.daily_tokens is not None}
    if daily:
        with outside.database.writing() as session:
            for name, limit in sorted(daily.items()):  # in one order, so that two runs never wait for each other
                _reserve(outside, session, run_id, name, needed[name], limit)


def settle_tokens(outside: Outside, session: Session, run_id: str, batch: Sequence[Asked]) -> BudgetSpent | None:
    """What the batch really took counts against the day, and its reservation is free; returns what is used up, if anything is.

    A failed call counts as nothing: no provider says what it took.
    """
    asked_now = [one for one in batch if one.completion is not None and not one.completion.is_cached]
    answered_by = {one.completion.model for one in asked_now if one.completion is not None}
    for model in sorted(answered_by | {one.model for one in asked_now}):
        took = [one.completion for one in asked_now if one.completion is not None and one.completion.model == model]
        reserved = sum(one.expected_tokens for one in asked_now if one.model == model)
        used = sum(done.tokens_in + done.tokens_out for done in took)
        spent = count_tokens(outside, session, run_id, model, used, reserved)
        if spent is not None:
            return spent
    return None


def count_tokens(
    outside: Outside, session: Session, run_id: str, model: str, took: int, expected: int = 0
) -> BudgetSpent | None:
    """What the run took of the model counts against the day, and what it had reserved for it is free."""
    limit = outside.models.fact(model).daily_tokens
    if limit is None:
        return None
    day = _day(outside, session, model)
    day.used += took
    reservation = session.get(TokenReservation, (run_id, model))
    if reservation is not None:
        reservation.tokens = max(0, reservation.tokens - expected)
    return BudgetSpent(model, limit, outside.now()) if day.used > limit else None


def _reserve(outside: Outside, session: Session, run_id: str, model: str, tokens: int, limit: int) -> None:
    used = _day(outside, session, model).used
    if tokens and used + _reserved_by_others(session, run_id, model) + tokens > limit:
        raise BudgetSpent(model, limit, outside.now())
    row = session.get(TokenReservation, (run_id, model))
    if row is None:
        session.add(TokenReservation(run_id=run_id, model=model, tokens=tokens))
    else:
        row.tokens = tokens


def _day(outside: Outside, session: Session, model: str) -> TokenDay:
    """The row of today, made where it is the first call of the day."""
    key = (outside.now().date(), model)
    row = session.get(TokenDay, key, with_for_update=True)
    if row is None:
        row = TokenDay(day=key[0], model=model, used=0)
        session.add(row)
        session.flush()
    return row


def _reserved_by_others(session: Session, run_id: str, model: str) -> int:
    """What runs that are running now still expect to take; reservations of ended ones count for nothing."""
    query = (
        select(func.sum(TokenReservation.tokens))
        .join(Run, Run.id == TokenReservation.run_id)
        .where(TokenReservation.model == model, TokenReservation.run_id != run_id, Run.state == "running")
    )
    return session.scalar(query) or 0


def _expected(
    calls: Sequence[Call], arms: Mapping[str, Arm], limited: Collection[str]
) -> tuple[Counter[str], Counter[str]]:
    """By model, the tokens that all calls and that the largest one are expected to take; nothing for models without limits."""
    needed, largest = Counter[str](), Counter[str]()
    for call in calls:
        model = arms[call.arm].model
        if model in limited and (asked := question(call, arms[call.arm])) is not None:
            tokens = expected_tokens(asked)
            needed[model] += tokens
            largest[model] = max(largest[model], tokens)
    return needed, largest
