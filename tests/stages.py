"""Changes brought to any stage in a moment: real submissions and decisions, with a stored run in place of a long one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from tests.conftest import Staff
from tests.people import PASSWORD, again
from tests.services.submissions import good
from webapp.acts.actors import SYSTEM
from webapp.acts.manifests import build_manifest
from webapp.acts.perform import perform_in
from webapp.acts.recording import enter
from webapp.acts.results import open_result, worst_case_ids
from webapp.acts.seen import display_digest
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, CaseOpening, Change, FindingRow, Job, Person, Result, SuiteRow
from webapp.domain.evaluation.judging import NOT_ASKED
from webapp.domain.measures import BY_NAME
from webapp.domain.prompts.suite import read_suite
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.workflow.evidence import Approval, Evidence
from webapp.services import review, signoff
from webapp.services.submission import Submission, submit

WAY = ("evaluation", "review", "signoff", "rollout")
ANSWERS = {"candidate": "Plan: metformin 500 mg twice daily.", "baseline": "Plan: metformin twice daily."}


def change_in(
    outside: Outside,
    staff: Staff,
    stage: str,
    submission: Submission | None = None,
    *,
    author: str = "ada",
    **changed: Any,
) -> str:
    """A change of ``author`` in this stage; Kim reviewed and Osei signed where it is that far. Returns its id."""
    wanted = replace(submission or good(), **changed)
    change_id = submit(outside, staff.act_as(author), wanted).change_id
    onward = [pass_evaluation, pass_review, pass_signoff]
    for step in onward[: WAY.index(stage)]:
        step(outside, staff, change_id)
    return change_id


def pass_evaluation(outside: Outside, staff: Staff | None, change_id: str) -> None:
    """A complete run that holds is stored, and the change has entered review."""
    del staff
    conclude_run(outside, change_id)
    with outside.database.writing() as session:
        digest = session.get_one(Change, change_id).digest
        perform_in(
            outside, session, SYSTEM, change_id, "evaluated", digest, Evidence(),
            effect=lambda act: void(build_manifest(act.outside, act.session, act.case)),
        )  # fmt: skip


def void(_made: object) -> None:
    """An effect gives nothing back."""


def conclude_run(
    outside: Outside,
    change_id: str,
    verdicts: dict[str, str] | None = None,
    finding: bool = False,
    watched: tuple[str, ...] = (),
) -> str:
    """The newest run is complete with these verdicts (all pass unless named), ``watched`` measures without one; returns its id."""
    with outside.database.writing() as session:
        case = load_change(session, change_id, locked=True)
        run, rules = case.run, case.rules
        assert run is not None
        assert rules is not None
        suite_row = session.get_one(SuiteRow, run.suite_sha256)
        cases = read_suite(suite_row.content, "the test set", name=suite_row.name).cases
        found = {name: (verdicts or {}).get(name, "pass") for name in rules.primary}
        found |= dict.fromkeys(watched, NOT_ASKED)
        document = result_document(run.id, run.suite_sha256, [case.id for case in cases], found)
        content = canonical(document)
        arms = ["candidate", *(["baseline"] if run.baseline_release_id else [])]
        for one in cases:
            for arm in arms:
                session.add(
                    Answer(
                        run_id=run.id, case_id=one.id, cluster=one.id, subgroup={}, arm=arm, repeat=0,
                        model=run.candidate_model, text=f"{one.id}: {ANSWERS[arm]}", answered_at=outside.now(),
                    )
                )  # fmt: skip
        if finding:
            session.add(
                FindingRow(
                    id=outside.new_id("fnd"), run_id=run.id, case_id=cases[0].id, metric="medication_extracted",
                    code="tenfold_dose", sentence="Dose 5000 mg; the encounter says 500 mg",
                    candidate_count=1, baseline_count=0, repeats=1,
                )
            )  # fmt: skip
        session.add(Result(sha256=sha256_hex(content), run_id=run.id, content=content))
        run.state, run.result_sha256 = "complete", sha256_hex(content)
        run.verdict = "pass" if set(found.values()) <= {"pass", NOT_ASKED} else "fail"
        run.started_at = run.concluded_at = outside.now()
        run.done_calls = run.planned_calls
        session.flush()
        for job in session.scalars(select(Job).where(Job.subject_id == run.id)):
            job.state = "done"
        enter(
            outside,
            session,
            SYSTEM,
            "run.concluded",
            ("run", run.id, run.number),
            after=("complete", run.result_sha256),
            reason=run.verdict,
        )
        return run.id


def result_document(run_id: str, suite: str, case_ids: list[str], verdicts: dict[str, str]) -> dict[str, Any]:
    """A result of the form that evaluation stores: the first two cases are the worst."""
    return {
        "kind": "prompt-formulary/result/v1",
        "run": run_id,
        "suite": suite,
        "arms": ["candidate"],
        "models": {"candidate": "offline-clinical-1"},
        "offline": "yes",
        "policy": "0" * 64,
        "scorers": "0" * 64,
        "counts": {"cases": len(case_ids), "better": 1, "worse": 1, "same": len(case_ids) - 2, "critical": 0, "unscored": 0},
        "measures": [
            {
                "measure": name, "words": BY_NAME[name].words, "primary": verdict != NOT_ASKED, "verdict": verdict,
                "sentence": f"{name}: {verdict}.", "method": "threshold", "n": len(case_ids), "clusters": len(case_ids),
                "total_cases": len(case_ids), "unscored": 0, "margin_ppm": 50_000, "practical_ppm": 50_000,
                "confidence_ppm": 950_000, "candidate_mean_ppm": 900_000, "higher_is_better": "yes",
            }
            for name, verdict in verdicts.items()
        ],
        "worst_cases": [
            {
                "case": case_id, "category": "unit", "sentence": "The plan lacks the follow-up.", "critical": False,
                "difference_ppm": -100_000,
            }
            for case_id in case_ids[:2]
        ],
    }  # fmt: skip


def pass_review(outside: Outside, staff: Staff, change_id: str, reviewer: str = "kim") -> None:
    """The reviewer did what review asks for and approved."""
    ready_review(outside, staff, change_id, reviewer)
    digest, seen = digests(outside, change_id)
    approval = Approval("I read the worst cases; the doses are right.", (), True)
    review.approve(outside, staff.act_as(reviewer), change_id, digest, approval, PASSWORD, seen=seen)


def ready_review(outside: Outside, staff: Staff, change_id: str, reviewer: str = "kim") -> None:
    """Class confirmed, worst cases opened, checklist ticked: approval is open to the reviewer."""
    actor = staff.act_as(reviewer)
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        items = [item.item for item in case.rules.checklist] if case.rules else []
    digest = case.change.digest
    if case.prompt.class_confirmed_at is None:
        review.confirm_class(outside, actor, change_id, digest, PASSWORD)
    open_worst_cases(outside, staff, change_id, reviewer)
    review.tick_checklist(outside, actor, change_id, digest, items)


def pass_signoff(outside: Outside, staff: Staff, change_id: str, signer: str = "osei") -> None:
    """The physician opened the worst cases and signed."""
    open_worst_cases(outside, staff, change_id, signer)
    digest, seen = digests(outside, change_id)
    given = again(outside, staff.ids[signer])
    signoff.sign(outside, staff.act_as(signer), change_id, digest, given, seen=seen)


def open_worst_cases(outside: Outside, staff: Staff, change_id: str, name: str) -> None:
    """Each listed worst case of the newest run was opened by this person."""
    with outside.database.writing() as session:
        run = load_change(session, change_id).run
        assert run is not None
        query = select(CaseOpening.case_id).where(
            CaseOpening.run_id == run.id, CaseOpening.person_id == staff.ids[name]
        )
        opened = set(session.scalars(query))
        for case_id in set(worst_case_ids(open_result(session, run))) - opened:
            session.add(
                CaseOpening(
                    id=outside.new_id("opn"), run_id=run.id, person_id=staff.ids[name], case_id=case_id,
                    opened_at=outside.now(),
                )
            )  # fmt: skip


def digests(outside: Outside, change_id: str) -> tuple[str, str]:
    """The change's digest, and the digest of what its decision pages show now."""
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        return case.change.digest, display_digest(session, case)


def stage_of(outside: Outside, change_id: str) -> str:
    """Where the change stands."""
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).stage


def person(outside: Outside, person_id: str) -> Person:
    """The person's row."""
    with outside.database.reading() as session:
        return session.get_one(Person, person_id)
