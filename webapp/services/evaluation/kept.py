"""Answers that need not be asked: those of the live version as an earlier run kept them, and repeated questions.

What must not live here: which run the live answers come from (``webapp.acts.live_answers``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from sqlalchemy import select

from webapp.acts.live_answers import recorded_arm
from webapp.adapters.llm.calls import Completion
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Release, Run
from webapp.domain.evaluation.planning import BASELINE, Call
from webapp.services.evaluation.asking import Asked, digest_of, question
from webapp.services.evaluation.work import Work

CACHE_DAYS = 7
AT_A_TIME = 200


def take_kept(
    outside: Outside, work: Work, calls: Sequence[Call], keep: Callable[[list[Asked]], None]
) -> tuple[Call, ...]:
    """What was answered before is stored with this run, marked as kept; returns the calls that have to be asked."""
    open_calls = tuple(calls)
    if work.recorded_run_id is not None:
        open_calls = _take(open_calls, keep, lambda portion: _recorded(outside, work, portion))
    if work.uses_cache:
        open_calls = _take(open_calls, keep, lambda portion: _cached(outside, work, portion))
    return open_calls


def _take(
    calls: tuple[Call, ...],
    keep: Callable[[list[Asked]], None],
    find: Callable[[Sequence[Call]], list[Asked]],
) -> tuple[Call, ...]:
    """Looks up the calls portion by portion; the order of those that remain is the order of the plan."""
    remaining: list[Call] = []
    for portion in _portions(calls):
        found = find(portion)
        if found:
            keep(found)
        known = {asked.call.key for asked in found}
        remaining += [call for call in portion if call.key not in known]
    return tuple(remaining)


def _portions(calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    for start in range(0, len(calls), AT_A_TIME):
        yield calls[start : start + AT_A_TIME]


def _recorded(outside: Outside, work: Work, calls: Sequence[Call]) -> list[Asked]:
    """The live version's answers to these cases in the run that kept them; answers there outlive every cache."""
    wanted = {(call.case.id, call.repeat): call for call in calls if call.arm == BASELINE}
    with outside.database.reading() as session:
        run, recorded = session.get_one(Run, work.run_id), session.get_one(Run, work.recorded_run_id)
        release = session.get_one(Release, run.baseline_release_id)
        query = select(Answer).where(
            Answer.run_id == recorded.id,
            Answer.arm == recorded_arm(recorded, release),
            Answer.case_id.in_({case for case, _ in wanted}),
            Answer.error.is_(None),
        )
        rows = session.scalars(query).all()
    return [_asked(work, wanted[key], row) for row in rows if (key := (row.case_id, row.repeat)) in wanted]


def _cached(outside: Outside, work: Work, calls: Sequence[Call]) -> list[Asked]:
    """Answers to exactly these questions from the last days, the newest of each."""
    digests: dict[tuple[str, str, int], str] = {}
    for call in calls:
        arm = work.arms[call.arm]
        if (asked := question(call, arm)) is not None:
            digests[call.key] = digest_of(asked, arm)
    since = outside.now() - timedelta(days=CACHE_DAYS)
    query = (
        select(Answer)
        .where(Answer.call_sha256.in_(set(digests.values())), Answer.error.is_(None))
        .where(Answer.is_cached.is_(False), Answer.answered_at >= since, Answer.model == Answer.asked_model)
        .order_by(Answer.id)
    )
    with outside.database.reading() as session:
        newest = {row.call_sha256: row for row in session.scalars(query)}
    return [_asked(work, call, row) for call in calls if (row := newest.get(digests.get(call.key))) is not None]


def _asked(work: Work, call: Call, row: Answer) -> Asked:
    """The kept answer in the form of one that came now: nothing was paid and nobody waited."""
    completion = Completion(
        text=row.text,
        model=row.model,
        provider="",
        finish_reason=row.finish_reason or "unknown",
        tokens_in=row.tokens_in or 0,
        tokens_out=row.tokens_out or 0,
        cost_microusd=0,
        latency_ms=None,
        attempts=0,
        is_cached=True,
    )
    told = work.arms[call.arm].prompt.system_prompt
    return Asked(call, row.model, completion, attempts=0, call_sha256=row.call_sha256, told=told)
