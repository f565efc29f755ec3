"""Taking up a run: what it asks of which models, and what was answered before. Under the lease and fence of its job."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.acts.live_answers import can_be_asked
from webapp.acts.policies import policy_of
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, Judgement, Release, Revision, Run, SuiteRow, Version
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.evaluation.footing import Footing, changed_sentence
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE, Call, plan_calls
from webapp.domain.policy import ClassPolicy
from webapp.domain.prompts.prompt_file import read_prompt
from webapp.domain.prompts.suite import Case, read_suite
from webapp.domain.scorers.judge import rubric_digest
from webapp.domain.scorers.table import scorer_set_digest
from webapp.errors import Conflict, Refused
from webapp.services.evaluation.asking import Arm

RUN_ENDED = "run_ended"
GOING_ON = ("queued", "running")


@dataclass(frozen=True)
class Work:
    """A run as a worker sees it. ``calls`` are those without a stored answer.

    ``recorded_run_id`` names the run that kept the live version's answers; ``uses_cache`` lets repeated questions be answered
    from the last days; ``live_can_be_asked`` is false where only kept answers tell of the live version, also because its model may
    not receive this test set any more.
    """

    run_id: str
    arms: dict[str, Arm]
    cases: tuple[Case, ...]
    calls: tuple[Call, ...]
    rules: ClassPolicy
    repeats: int
    recorded_run_id: str | None = None
    uses_cache: bool = False
    live_can_be_asked: bool = True

    @property
    def has_baseline(self) -> bool:
        """Is there a live version to compare with?"""
        return BASELINE in self.arms


def take_up(outside: Outside, job: Job) -> Work:
    """The run is running and its work is known; Conflict (run_ended) when it ended meanwhile, Refused when it may not be asked."""
    with outside.database.writing() as session:
        jobs.renew(outside, session, job.id, job.fence)
        run = session.get_one(Run, job.subject_id, with_for_update=True)
        require_going_on(run)
        run.state, run.started_at, run.failure = "running", run.started_at or outside.now(), None
        count_anew(session, run)
    with outside.database.reading() as session:
        run = session.get_one(Run, job.subject_id)
        suite = session.get_one(SuiteRow, run.suite_sha256)
        arms = _named(outside, _arms(session, run, _fallbacks(outside, session, run, contains_phi=suite.contains_phi)))
        case = load_change(session, run.change_id)
        rules = policy_of(session, run.policy_sha256).of(case.change.risk_class)
        stored = stored_keys(session, run.id)
        uses_cache = _uses_cache(session, run) and not outside.models.fact(run.candidate_model).is_endpoint
    read = read_suite(suite.content, suite.name)
    queued = Footing(run.suite_sha256, run.policy_sha256, run.scorers_sha256)
    policy = case.revision.policy_sha256 if case.revision else run.policy_sha256
    if why := changed_sentence(queued, Footing(read.digest, policy, scorer_set_digest(rubric_digest(rules.judge)))):
        raise Refused(why, code="footing_changed")
    for name, arm in arms.items():
        if name == CANDIDATE or run.recorded_run_id is None:
            _require_askable(outside, arm.model, contains_phi=suite.contains_phi)
    if rules.judge:
        _require_askable(outside, rules.judge.model, contains_phi=suite.contains_phi)
    cases = read.cases
    planned = plan_calls(cases, run.repeats, has_baseline=BASELINE in arms)
    return Work(
        run.id,
        arms,
        cases,
        tuple(call for call in planned if call.key not in stored),
        rules,
        run.repeats,
        run.recorded_run_id,
        uses_cache,
        BASELINE in arms and _may_be_asked(outside, arms[BASELINE].model, contains_phi=suite.contains_phi),
    )


def _uses_cache(session: Session, run: Run) -> bool:
    """May repeated questions be answered from the last days? Not where people want to see the models answer anew.

    A comparison of models, and a run of a revision that was completely evaluated before, ask everything. The offline model is
    asked faster than its answers are found.
    """
    if run.is_offline or run.baseline_model not in (None, run.candidate_model):
        return False
    query = select(Run.id).where(
        Run.change_id == run.change_id,
        Run.revision == run.revision,
        Run.candidate_model == run.candidate_model,
        Run.state == "complete",
    )
    return session.scalar(query.limit(1)) is None


def add_to_run(connection: Connection, run_id: str, calls: int, cost_microusd: int) -> None:
    """The run that is going on counts these calls too; Conflict when it has ended."""
    added = {"done_calls": Run.done_calls + calls, "cost_microusd": Run.cost_microusd + cost_microusd}
    query = update(Run).where(Run.id == run_id, Run.state.in_(GOING_ON)).values(added)
    if not connection.execute(query).rowcount:
        raise Conflict("This run has ended.", code=RUN_ENDED)


def count_anew(session: Session, run: Run) -> None:
    """Calls and cost of the run are what its stored answers say, and its cost what their judge says too."""
    query = select(func.count(), func.sum(Answer.cost_microusd)).where(Answer.run_id == run.id)
    calls, microusd = session.execute(query).one()
    judging = (
        select(func.sum(Judgement.cost_microusd)).join(Answer, Answer.id == Judgement.answer_id)
    ).where(Answer.run_id == run.id)  # fmt: skip
    run.done_calls, run.cost_microusd = calls, (microusd or 0) + (session.scalar(judging) or 0)


def stored_keys(session: Session, run_id: str) -> set[tuple[str, str, int]]:
    """The calls of the run that have a stored answer, also those that failed for good."""
    query = select(Answer.case_id, Answer.arm, Answer.repeat).where(Answer.run_id == run_id)
    return {(case, arm, repeat) for case, arm, repeat in session.execute(query)}


def require_going_on(run: Run) -> None:
    """The run has not ended; Conflict when it was cancelled or concluded by somebody else."""
    if run.state not in GOING_ON:
        raise Conflict("This run has ended.", code=RUN_ENDED)


def _arms(session: Session, run: Run, fallbacks: tuple[str, ...]) -> dict[str, Arm]:
    found = {CANDIDATE: _arm(session, run.candidate_version_id, run.candidate_model, fallbacks)}
    if run.baseline_release_id is not None:
        release = session.get_one(Release, run.baseline_release_id)
        model = run.baseline_model or run.candidate_model
        found[BASELINE] = _arm(session, release.version_id, model, fallbacks if model == run.candidate_model else ())
    return found


def _named(outside: Outside, arms: dict[str, Arm]) -> dict[str, Arm]:
    """The arms with what their models' names stand for now; nothing for a name that the models file no longer has."""
    identities = {fact.name: fact.identity for fact in outside.models.facts()}
    return {name: replace(arm, identity=identities.get(arm.model, "")) for name, arm in arms.items()}


def _arm(session: Session, version_id: str, model: str, fallbacks: tuple[str, ...]) -> Arm:
    """The prompt as its stored bytes say, and who is asked."""
    version = session.get_one(Version, version_id)
    prompt = read_prompt(read_yaml(version.content, version.label), version.label)
    return Arm(prompt, model, version.sha256, fallbacks)


def _fallbacks(outside: Outside, session: Session, run: Run, *, contains_phi: bool) -> tuple[str, ...]:
    """The fallback models that the change names, as far as they may be asked with this test set."""
    query = select(Revision).where(Revision.change_id == run.change_id, Revision.number == run.revision)
    named = session.scalars(query).one().fallbacks["models"] if run.purpose == "main" else ()
    return tuple(name for name in named if _may_be_asked(outside, name, contains_phi=contains_phi))


def _may_be_asked(outside: Outside, model: str, *, contains_phi: bool) -> bool:
    """Can the model be asked, and may it receive this test set?"""
    return can_be_asked(outside, model) and (outside.models.fact(model).may_receive_phi or not contains_phi)


def _require_askable(outside: Outside, model: str, *, contains_phi: bool) -> None:
    fact = outside.models.fact(model)
    if fact.closed_because:
        raise Refused(fact.closed_because, code="model_closed")
    if fact.retired:
        raise Refused(f"{model} was retired by its vendor; submit a revision with another model.", code="model_retired")
    if contains_phi and not fact.may_receive_phi:
        raise Refused(
            f"This test set holds patient data and {fact.provider} has no agreement to receive it (BAA); choose another model.",
            code="phi",
        )
