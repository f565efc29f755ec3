"""A failure becomes a case: with its provenance, by whoever saw it, and the next change runs on it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests import rollouts
from tests.conftest import Staff
from tests.services.submissions import good, prompt_bytes
from tests.services.test_suites import held_out_change
from tests.stages import change_in
from tests.web.client import make_client, post_form, sign_in
from webapp.acts.cases_shown import find_case
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Run, SuiteRow
from webapp.domain.post_audit import GradeFacts, is_failure
from webapp.errors import InvalidInput, NotFound, Refused
from webapp.services.submission import submit
from webapp.services.suites import CaseGiven, Failure, make_case, show_making

GIVEN = CaseGiven("case-001-r1", "It gives ten times the dose.", ("500 mg",), ("5000 mg",))


def suite(outside: Outside, digest: str) -> SuiteRow:
    with outside.database.reading() as session:
        return session.get_one(SuiteRow, digest)


def test_the_test_set_gets_one_more_case_that_says_where_it_comes_from(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    failure = Failure(change_id, case_id="case-001")
    assert show_making(outside, staff.act_as("kim"), failure).suggested_id == "case-001-r1"
    row = suite(outside, make_case(outside, staff.act_as("kim"), failure, GIVEN))
    case = find_case(row, "case-001-r1")
    assert (row.number, row.case_count, case.category) == (2, 4, "regression")
    assert case.inputs == find_case(row, "case-001").inputs
    assert (case.expected.must_include, case.expected.must_not_include) == (("500 mg",), ("5000 mg",))
    assert {name: case.provenance[name] for name in ("change", "case")} == {"change": change_id, "case": "case-001"}
    with outside.database.reading() as session:
        assert session.scalars(select(Leaf.actor_id).where(Leaf.type == "suite.case_made")).all() == [staff.ids["kim"]]
        found = load_change(session, change_id)
        assert staff.ids["kim"] not in read_situation(outside, session, found, staff.act_as("kim")).contributors


def test_cases_made_one_after_the_other_stand_together_and_the_next_change_runs_on_them(
    outside: Outside, staff: Staff
) -> None:
    change_id = rollouts.live_first(outside, staff)
    for number in (1, 2):
        given = CaseGiven(f"case-001-r{number}", "Wrong dose.")
        newest = make_case(outside, staff.act_as("osei"), Failure(change_id, case_id="case-001"), given)
    assert suite(outside, newest).case_count == 5
    made = submit(outside, staff.act_as("ada"), good(prompt=prompt_bytes(version="9.0"), suite=None))
    with outside.database.reading() as session:
        assert session.get_one(Run, made.run_id).suite_sha256 == newest


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (CaseGiven("case-001", "Wrong."), "has a case case-001 already"),
        (CaseGiven("a b", "Wrong."), "letters, digits"),
        (CaseGiven("x", " "), "Write what was wrong"),
        (CaseGiven("x", "Wrong.", ("y" * 1_001,)), "at most 1000"),
    ],
)
def test_a_case_that_is_not_good_is_refused_in_words(
    outside: Outside, staff: Staff, given: CaseGiven, words: str
) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(InvalidInput, match=words):
        make_case(outside, staff.act_as("kim"), Failure(change_id, case_id="case-001"), given)


def test_auditors_administrators_and_authors_of_a_hold_out_make_no_case(outside: Outside, staff: Staff) -> None:
    failure = Failure(held_out_change(outside, staff), case_id="case-001")
    for name in ("quinn", "ruth", "ada"):
        with pytest.raises(Refused):
            make_case(outside, staff.act_as(name), failure, GIVEN)
    assert suite(outside, make_case(outside, staff.act_as("kim"), failure, GIVEN)).is_held_out


def test_an_unknown_case_or_answer_makes_none(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    for failure in (Failure(change_id, case_id="none"), Failure(change_id, sample_id="none")):
        with pytest.raises(NotFound):
            make_case(outside, staff.act_as("kim"), failure, GIVEN)


def blind(*grades: tuple[bool | None, str]) -> list[GradeFacts]:
    return [GradeFacts(f"per_{place}", "grade", True, accurate, harm) for place, (accurate, harm) in enumerate(grades)]


def test_an_answer_failed_when_the_grade_that_counts_says_so() -> None:
    assert is_failure(blind((False, "none"), (False, "none")))
    assert is_failure(blind((True, "severe"), (True, "minor")))
    assert not is_failure(blind((True, "none"), (True, "none")))
    assert not is_failure(blind((False, "none")))
    assert not is_failure(blind((False, "none"), (True, "none")))
    settled = [*blind((False, "none"), (True, "none")), GradeFacts("per_9", "adjudication", True, False, "none")]
    assert is_failure(settled)


def test_the_page_keeps_what_was_typed_and_leads_to_the_new_version(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    kim = make_client(outside)
    sign_in(kim, "kim")
    case = f"/changes/{change_id}/evaluation/cases/case-001"
    assert f"{case}/make-case" in kim.get(case).get_data(as_text=True)
    typed = {"case_id": "case-001", "why": "Ten times too much.", "must_not_say": "5000 mg\r\n\r\n50 g"}
    refused = post_form(kim, f"{case}/make-case", typed, f"{case}/make-case")
    assert refused.status_code == 422
    shown = refused.get_data(as_text=True)
    assert "already; choose another id" in shown and "Ten times too much." in shown
    made = post_form(kim, f"{case}/make-case", typed | {"case_id": "case-001-r1"}, f"{case}/make-case")
    assert made.status_code == 303
    assert "case-001-r1" in kim.get(made.location).get_data(as_text=True)
    assert "50 g" in kim.get(f"{made.location}/cases/case-001-r1").get_data(as_text=True)
