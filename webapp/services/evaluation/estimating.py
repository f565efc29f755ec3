"""The estimate before a run: what earlier runs on the same test set took and how much their differences spread."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.policies import policy_of
from webapp.adapters.llm.facts import ModelFacts
from webapp.adapters.llm.gateway import tokens_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Change, Result, Run, SuiteRow, Version
from webapp.domain.evaluation.estimate import Estimate, asking, outlooks, spread_in
from webapp.domain.measures import gateable
from webapp.domain.prompts.suite import read_suite
from webapp.services.evaluation.asking import AT_ONCE
from webapp.services.evaluation.work import GOING_ON

EARLIER_RUNS = 5
ASSUMED_SECONDS_A_CALL = 4.0
ASSUMED_TOKENS_OUT = 500
SUITES_REMEMBERED = 32


@dataclass(frozen=True)
class SuiteFacts:
    """What an estimate asks of a test set."""

    cases: int
    characters: int
    asking: Mapping[str, int]


def estimate_change(outside: Outside, change_id: str) -> Estimate | None:
    """The estimate of the run of this change that waits or goes on; None where none does."""
    with outside.database.reading() as session:
        query = select(Run).where(Run.change_id == change_id, Run.state.in_(GOING_ON)).order_by(Run.number.desc())
        run = session.scalars(query).first()
    return None if run is None else estimate_run(outside, run)


def estimate_run(outside: Outside, run: Run) -> Estimate:
    """Calls, cost, time and power of this run, as far as they can be known before it."""
    suite = _suite_facts(outside.database, run.suite_sha256, run.scorers_sha256)
    with outside.database.reading() as session:
        risk_class = session.get_one(Change, run.change_id).risk_class
        rules = policy_of(session, run.policy_sha256).of(risk_class)
        earlier = _earlier(session, run) if run.baseline_release_id else ()
        taken = _taken(session, run)
        prompt = len(session.get_one(Version, run.candidate_version_id).content)
    spreads = _mean_spreads([_spreads_in(outside.database, result) for result in earlier])
    fact = outside.models.fact(run.candidate_model)
    return Estimate(
        calls=run.planned_calls,
        cases=suite.cases,
        cost_microusd=_cost(run, taken, fact, prompt, suite),
        seconds=_seconds(run, taken, fact),
        outlooks=outlooks(rules, suite.asking, spreads, run.repeats) if run.baseline_release_id else (),
    )


@lru_cache(maxsize=SUITES_REMEMBERED)
def _suite_facts(database: Database, suite_sha256: str, _scorers_sha256: str) -> SuiteFacts:
    """Read once per test set and set of checks, because the page asks every other second."""
    with database.reading() as session:
        row = session.get_one(SuiteRow, suite_sha256)
    cases = read_suite(row.content, row.name).cases
    characters = sum(len(text) for case in cases for text in case.inputs.values())
    return SuiteFacts(len(cases), characters, asking(cases, [measure.name for measure in gateable()]))


def _earlier(session: Session, run: Run) -> Sequence[str]:
    """The results of the newest complete runs that can be set beside this one."""
    query = (
        select(Run.result_sha256)
        .where(
            Run.suite_sha256 == run.suite_sha256,
            Run.scorers_sha256 == run.scorers_sha256,
            Run.repeats == run.repeats,
            Run.candidate_model == run.candidate_model,
            Run.baseline_release_id.is_not(None),
            Run.state == "complete",
            Run.id != run.id,
        )
        .order_by(Run.concluded_at.desc())
        .limit(EARLIER_RUNS)
    )
    return [sha256 for sha256 in session.scalars(query) if sha256]


@lru_cache(maxsize=SUITES_REMEMBERED * EARLIER_RUNS)
def _spreads_in(database: Database, result_sha256: str) -> Mapping[str, float]:
    """By measure, the spread of differences in one stored result, which never changes."""
    with database.reading() as session:
        content = session.get_one(Result, result_sha256).content
    measures = json.loads(content)["measures"] if content else ()  # an erased one tells nothing
    found = {measure["measure"]: spread_in(measure) for measure in measures}
    return {name: spread for name, spread in found.items() if spread is not None}


def _mean_spreads(results: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = {name for found in results for name in found}
    return {name: fmean(found[name] for found in results if name in found) for name in names}


def _taken(session: Session, run: Run) -> Sequence[Run]:
    """The newest runs of the same model on the same test set that have ended with answers."""
    query = (
        select(Run)
        .where(
            Run.suite_sha256 == run.suite_sha256,
            Run.candidate_model == run.candidate_model,
            Run.concluded_at.is_not(None),
            Run.started_at.is_not(None),
            Run.done_calls > 0,
            Run.id != run.id,
        )
        .order_by(Run.concluded_at.desc())
        .limit(EARLIER_RUNS)
    )
    return session.scalars(query).all()


def _cost(run: Run, taken: Sequence[Run], fact: ModelFacts, prompt: int, suite: SuiteFacts) -> int | None:
    """By what earlier calls cost, else by the price table and the length of prompt and cases; None without a price."""
    if taken:
        return round(run.planned_calls * sum(one.cost_microusd for one in taken) / sum(one.done_calls for one in taken))
    if fact.price is None:
        return None
    tokens_in = tokens_of(prompt + suite.characters // max(1, suite.cases))
    return run.planned_calls * fact.price.cost_microusd(tokens_in, ASSUMED_TOKENS_OUT)


def _seconds(run: Run, taken: Sequence[Run], fact: ModelFacts) -> int | None:
    """By how long earlier calls took, else four seconds a call; never faster than the provider may be asked."""
    spent = sum(
        (one.concluded_at - one.started_at).total_seconds() for one in taken if one.concluded_at and one.started_at
    )
    done = sum(one.done_calls for one in taken)
    if fact.offline and not done:
        return None
    each = spent / done if done else ASSUMED_SECONDS_A_CALL / AT_ONCE
    slowest = 0.0 if fact.offline else 60 / fact.rpm
    return round(run.planned_calls * max(each, slowest))
