"""Findings decided and cases opened: by whom, once, and in the audit log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from tests.stages import change_in, conclude_run, pass_evaluation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import CaseOpening, Change, FindingRow, Leaf
from webapp.domain.workflow import Actor
from webapp.errors import AlreadyDone, Conflict, NotFound, Refused, Stale
from webapp.services import evaluation
from webapp.services.submission import submit


@pytest.fixture
def found(outside: Outside, staff: Staff) -> tuple[str, str, str]:
    """A change in review with one finding to decide: change, finding, digest."""
    change_id = change_in(outside, staff, "review")
    with outside.database.writing() as session:
        run_id = conclude_of(outside, change_id)
        row = FindingRow(
            id=outside.new_id("fnd"), run_id=run_id, case_id="case-001", metric="medication_extracted", code="tenfold_dose",
            sentence="Dose 5000 mg; the case says 500 mg", candidate_count=1, baseline_count=0, repeats=1,
        )  # fmt: skip
        session.add(row)
    return change_id, row.id, digest(outside, change_id)


def conclude_of(outside: Outside, change_id: str) -> str:
    view = evaluation.show_evaluation(outside, Actor("x", "x"), change_id)
    assert view.run is not None
    return view.run.id


def digest(outside: Outside, change_id: str) -> str:
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).digest


def decide(outside: Outside, actor: Actor, found: tuple[str, str, str], decision: str) -> None:
    change_id, finding_id, expected = found
    evaluation.decide_finding(outside, actor, change_id, finding_id, decision, "I compared the doses.", expected)


def test_the_same_decision_twice_is_one(outside: Outside, staff: Staff, found: tuple[str, str, str]) -> None:
    decide(outside, staff.act_as("kim"), found, "dismissed")
    with pytest.raises(AlreadyDone):
        decide(outside, staff.act_as("kim"), found, "dismissed")
    with outside.database.reading() as session:
        entries = session.scalars(select(Leaf).where(Leaf.type == "finding.decided")).all()
    assert len(entries) == 1


def test_a_dismissed_finding_may_still_be_confirmed_but_never_the_reverse(
    outside: Outside, staff: Staff, found: tuple[str, str, str]
) -> None:
    decide(outside, staff.act_as("kim"), found, "dismissed")
    decide(outside, staff.act_as("lee"), found, "confirmed")
    with pytest.raises(Conflict, match="Lee already confirmed"):
        decide(outside, staff.act_as("kim"), found, "dismissed")


@pytest.mark.parametrize(("name", "via"), [("ada", "session"), ("osei", "session"), ("kim", "token")])
def test_others_do_not_decide(outside: Outside, staff: Staff, found: tuple[str, str, str], name: str, via: str) -> None:
    with pytest.raises(Refused):
        decide(outside, staff.act_as(name, via), found, "dismissed")


def test_a_stale_page_decides_nothing(outside: Outside, staff: Staff, found: tuple[str, str, str]) -> None:
    with pytest.raises(Stale):
        decide(outside, staff.act_as("kim"), (found[0], found[1], "0" * 64), "dismissed")


def test_a_finding_of_another_change_is_not_found(outside: Outside, staff: Staff, found: tuple[str, str, str]) -> None:
    other = change_in(outside, staff, "evaluation", good(prompt=prompt_bytes(version="7.0")))
    with pytest.raises(NotFound):
        decide(outside, staff.act_as("kim"), (other, found[1], digest(outside, other)), "dismissed")


def test_findings_are_decided_in_review_only(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    conclude_run(outside, change_id, {"completeness": "fail"}, finding=True)
    with outside.database.reading() as session:
        finding = session.scalars(select(FindingRow)).one()
    with pytest.raises(Conflict, match="in review"):
        decide(outside, staff.act_as("kim"), (change_id, finding.id, digest(outside, change_id)), "dismissed")


def test_opening_patient_data_is_entered_once_for_everybody(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    handed = replace(good(suite=suite_bytes(4)), suite_contains_phi=True)
    sent = submit(house, staff.act_as("ada"), handed)
    execute(house, sent.run_id)
    for name in ("quinn", "quinn", "kim"):
        view = evaluation.open_case(house, staff.act_as(name), sent.change_id, "case-002")
        assert view.is_opened
    with house.database.reading() as session:
        entries = session.scalars(select(Leaf.actor_id).where(Leaf.type == "case.opened").order_by(Leaf.seq)).all()
        openings = session.scalars(select(CaseOpening)).all()
    assert entries == [staff.ids["quinn"], staff.ids["kim"]]
    assert len(openings) == 2


def test_a_run_made_elsewhere_is_shown_too(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    pass_evaluation(outside, None, change_id)
    view = evaluation.show_evaluation(outside, staff.act_as("kim"), change_id)
    assert view.verdict == "pass"
    assert view.primary
