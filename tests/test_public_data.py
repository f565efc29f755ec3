"""Public encounters, where the folder with them stands beside the project: both versions on all of them, offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.conftest import EXAMPLES, Staff
from tests.stages import change_in
from webapp.acts.jobs import lease
from webapp.acts.results import open_result
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, Prompt, Release, Run
from webapp.services import evaluation, rollout
from webapp.services.submission import Submission, submit

ENCOUNTERS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "aci_dev_127.jsonl"
AT_ONCE = {"steps": [{"kind": "direct"}]}


def suite_of_encounters(path: Path) -> bytes:
    """The role-played encounters as a test set: dialogue in, the clinician's note as reference."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        case = {
            "id": row["id"],
            "category": "regression",
            "inputs": {"encounter_text": row["dialogue"]},
            "expected": {"reference": row["note"]},
            "cluster": row["id"],
            "subgroup": {"subset": row["subset"]},
        }
        lines.append(json.dumps(case))
    return "\n".join(lines).encode()


@pytest.mark.skipif(not ENCOUNTERS.exists(), reason="the folder with public encounters is not beside the project")
def test_both_versions_are_compared_on_127_public_encounters(outside: Outside, staff: Staff) -> None:
    folder = EXAMPLES / "clinical-summarization"
    cases = (folder / "evaluation" / "test-cases.jsonl").read_bytes()
    first = Submission((folder / "v1.1.yaml").read_bytes(), suite=cases, plan=AT_ONCE)
    change_id = change_in(outside, staff, "rollout", first)
    with outside.database.reading() as session:
        digest = session.scalars(select(Release.manifest_sha256).where(Release.change_id == change_id)).one()
    rollout.start(outside, staff.act_as("ada"), change_id, digest)

    handed_in = Submission((folder / "v2.0.yaml").read_bytes(), suite=suite_of_encounters(ENCOUNTERS))
    done = submit(outside, staff.act_as("ada"), handed_in)
    with outside.database.reading() as session:
        job = lease(outside, session.scalars(select(Job.id).where(Job.subject_id == done.run_id)).one())
    assert job is not None
    evaluation.execute_run(outside, job)

    with outside.database.reading() as session:
        run = session.get_one(Run, done.run_id)
        result = open_result(session, run)
        answers = session.scalar(select(func.count()).select_from(Answer).where(Answer.run_id == run.id))
        assert session.scalars(select(Prompt.live_release_id)).one() is not None
    assert (run.state, answers) == ("complete", 254)
    measures = {measure["measure"]: measure for measure in result["measures"]}
    assert measures["completeness"]["n"] == 127
    assert measures["completeness"]["candidate_mean_ppm"] > measures["completeness"]["baseline_mean_ppm"]
    assert measures["safety_language"]["verdict"] == "unmeasured", "these cases name no required statement"
    assert run.verdict == "unmeasured"
