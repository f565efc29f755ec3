"""Test sets: versions by name, used cases that stay as they are, marks that stay with the name, reads that are entered."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.services.submissions import good, hand_in, prompt_bytes, rows_of, suite_bytes
from tests.stages import conclude_run
from webapp.acts.case_text import HELD_OUT, UNOPENED
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf
from webapp.domain.prompts.suite_versions import EditedCase
from webapp.domain.workflow import Role
from webapp.errors import Conflict, InvalidInput, NotFound, Refused
from webapp.services import evaluation, suites
from webapp.services.submission import submit

TEXT = "metformin"


def lines(*cases: dict[str, Any]) -> bytes:
    """Small cases as JSON lines."""
    base = {
        "category": "unit",
        "inputs": {"encounter_text": f"Takes {TEXT} 500 mg."},
        "expected": {"must_include": ["500 mg"]},
    }
    return b"".join(json.dumps(base | case).encode() + b"\n" for case in cases)


def used(outside: Outside, staff: Staff, content: bytes, name: str = "notes") -> str:
    """The test set is imported and a complete run was made on it; returns the change's id."""
    digest = hand_in(outside, staff.act_as("kim"), content, name).digest
    made = submit(outside, staff.act_as("ada"), good(suite=None, suite_digest=digest))
    conclude_run(outside, made.change_id)
    return made.change_id


def reads(outside: Outside) -> list[str]:
    """Who read case text, as the audit log tells."""
    with outside.database.reading() as session:
        query = select(Leaf.actor_id).where(Leaf.type == "suite.read").order_by(Leaf.seq)
        return list(session.scalars(query))


def test_versions_of_a_name_are_numbered_and_each_tells_what_it_did(outside: Outside, staff: Staff) -> None:
    kim = staff.act_as("kim")
    first = hand_in(outside, kim, lines({"id": "a"}, {"id": "b"}, {"id": "c"}))
    second = hand_in(outside, kim, lines({"id": "a"}, {"id": "b2", "supersedes": "b"}, {"id": "d"}))
    assert (first.number, first.difference, second.number) == (1, None, 2)
    assert second.difference is not None
    assert (second.difference.added, second.difference.superseded) == (("d",), (("b", "b2"),))
    assert second.difference.removed == ("c",)
    view = suites.show_suite(outside, kim, second.digest)
    assert [version.number for version in view.versions] == [2, 1]
    assert view.difference == second.difference
    assert suites.show_difference(outside, kim, second.digest, first.digest).difference == second.difference


def test_the_same_cases_again_are_the_version_that_stands_already(outside: Outside, staff: Staff) -> None:
    first = hand_in(outside, staff.act_as("kim"), lines({"id": "a"}))
    again = hand_in(outside, staff.act_as("ada"), lines({"id": "a"}), "other")
    assert (again.digest, again.name, again.is_new) == (first.digest, "notes", False)
    assert "stored already, as version 1 of notes" in again.warnings[0]


def test_a_used_case_is_never_edited_and_every_such_case_is_named(outside: Outside, staff: Staff) -> None:
    used(outside, staff, lines({"id": "a"}, {"id": "b"}, {"id": "c"}))
    before = rows_of(outside)
    newer = lines({"id": "a", "category": "cost"}, {"id": "b", "expected": {}, "cluster": "p"}, {"id": "c"})
    with pytest.raises(InvalidInput) as refused:
        hand_in(outside, staff.act_as("kim"), newer)
    rows = refused.value.details["faults"]
    assert [(row["line"], row["field"]) for row in rows] == [(1, "id"), (2, "id")]
    assert "a was used in a run and has another category here" in rows[0]["sentence"]
    assert rows[1]["sentence"].endswith("another cluster and expected here; a used case is never edited. "
                                        "Give it a new id and write supersedes: b")  # fmt: skip
    assert rows_of(outside) == before


def test_a_submission_cannot_edit_a_used_case_either(outside: Outside, staff: Staff) -> None:
    made = submit(outside, staff.act_as("ada"), good())
    assert made.run_id
    with pytest.raises(InvalidInput, match="never edited"):
        submit(
            outside, staff.act_as("ada"), good(prompt=prompt_bytes(version="1.1"), suite=suite_bytes(category="cost"))
        )


def test_a_used_case_that_was_removed_comes_back_only_as_it_was(outside: Outside, staff: Staff) -> None:
    used(outside, staff, lines({"id": "a"}, {"id": "b"}))
    removed = hand_in(outside, staff.act_as("kim"), lines({"id": "a"}))
    assert removed.warnings == ("Removed: b. Used in a run: b.",)
    with pytest.raises(InvalidInput, match="b was used in a run"):
        hand_in(outside, staff.act_as("kim"), lines({"id": "a"}, {"id": "b", "category": "cost"}))
    assert hand_in(outside, staff.act_as("kim"), lines({"id": "a"}, {"id": "b"}, {"id": "c"})).number == 3


def test_a_case_that_nobody_used_may_be_edited_and_is_shown_as_such(outside: Outside, staff: Staff) -> None:
    hand_in(outside, staff.act_as("kim"), lines({"id": "a"}))
    difference = hand_in(outside, staff.act_as("kim"), lines({"id": "a", "category": "cost"})).difference
    assert difference is not None
    assert difference.edited == (EditedCase("a", ("category",)),)


def test_a_replaced_case_that_never_was_is_pointed_out(outside: Outside, staff: Staff) -> None:
    hand_in(outside, staff.act_as("kim"), lines({"id": "a"}))
    done = hand_in(outside, staff.act_as("kim"), lines({"id": "a"}, {"id": "c", "supersedes": "typo"}))
    assert done.warnings == ("No earlier version has the case that c would replace; check supersedes.",)


def test_the_mark_for_patient_data_stays_with_the_name(outside: Outside, staff: Staff) -> None:
    hand_in(outside, staff.act_as("ada"), lines({"id": "a"}), contains_phi=True)
    second = hand_in(outside, staff.act_as("ada"), lines({"id": "a"}, {"id": "b"}))
    assert "Marked as holding patient data, like the version before it." in second.warnings
    assert suites.show_suite(outside, staff.act_as("ada"), second.digest).line.contains_phi


@pytest.mark.parametrize("name", ["osei", "quinn", "ruth"])
def test_only_authors_and_informaticists_import(outside: Outside, staff: Staff, name: str) -> None:
    with pytest.raises(Refused, match="clinical informaticist"):
        hand_in(outside, staff.act_as(name), lines({"id": "a"}))


@pytest.mark.parametrize("name", ["", " ", "x" * 201, "a\nb"])
def test_a_test_set_has_a_name_that_can_be_shown(outside: Outside, staff: Staff, name: str) -> None:
    with pytest.raises(InvalidInput, match="name of at most 200"):
        hand_in(outside, staff.act_as("ada"), lines({"id": "a"}), name)


def test_a_hold_out_is_imported_by_those_who_write_no_prompts_under_a_name_of_its_own(
    outside: Outside, staff: Staff
) -> None:
    with pytest.raises(Refused, match="informaticist who writes no prompts"):
        hand_in(outside, staff.act_as("ada"), lines({"id": "a"}), is_held_out=True)
    hand_in(outside, staff.act_as("kim"), lines({"id": "a"}), is_held_out=True)
    with pytest.raises(Refused, match="informaticist who writes no prompts"):
        hand_in(outside, staff.act_as("ada"), lines({"id": "b"}))
    hand_in(outside, staff.act_as("kim"), lines({"id": "x"}), "open")
    with pytest.raises(Conflict, match="a name of its own"):
        hand_in(outside, staff.act_as("kim"), lines({"id": "y"}), "open", is_held_out=True)


def test_patient_data_is_read_by_whom_it_concerns_and_every_read_is_entered(outside: Outside, staff: Staff) -> None:
    digest = hand_in(outside, staff.act_as("ada"), lines({"id": "a"}), contains_phi=True).digest
    for name in ("ada", "kim", "kim"):
        assert TEXT in str(suites.open_suite_case(outside, staff.act_as(name), digest, "a").inputs)
    closed = suites.open_suite_case(outside, staff.act_as("ruth"), digest, "a")
    assert closed.inputs == closed.expected == ()
    assert "ask an administrator" in str(closed.withheld)
    assert reads(outside) == [staff.ids[name] for name in ("ada", "kim", "kim")]


def test_a_document_holds_patient_data_only_when_it_is_asked_for(outside: Outside, staff: Staff) -> None:
    digest = hand_in(outside, staff.act_as("ada"), lines({"id": "a"}), contains_phi=True).digest
    plain = suites.suite_document(outside, staff.act_as("ada"), digest)
    assert (plain["rows"], plain["cases_left_out"], plain["categories"]) == ([], True, {"unit": 1})
    assert reads(outside) == []
    asked = suites.suite_document(outside, staff.act_as("ada", "token"), digest, with_case_text=True)
    assert asked["rows"][0]["id"] == "a"
    assert reads(outside) == [staff.ids["ada"]]
    with pytest.raises(Refused, match="patient data"):
        suites.suite_document(outside, staff.act_as("ruth"), digest, with_case_text=True)


def test_cases_that_are_neither_are_read_without_an_entry(outside: Outside, staff: Staff) -> None:
    digest = hand_in(outside, staff.act_as("ada"), lines({"id": "a"})).digest
    assert suites.open_suite_case(outside, staff.act_as("ruth"), digest, "a").inputs
    assert suites.suite_document(outside, staff.act_as("ada"), digest)["rows"]
    assert reads(outside) == []


def test_unknown_test_sets_and_cases_are_not_found(outside: Outside, staff: Staff) -> None:
    ada = staff.act_as("ada")
    digest, other = (hand_in(outside, ada, lines({"id": name}), name).digest for name in "ab")
    for ask in (
        lambda: suites.show_suite(outside, ada, "0" * 64),
        lambda: suites.open_suite_case(outside, ada, digest, "z"),
        lambda: suites.show_difference(outside, ada, digest, other),
        lambda: suites.suite_document(outside, ada, "none"),
    ):
        with pytest.raises(NotFound):
            ask()


def held_out_change(outside: Outside, staff: Staff) -> str:
    """A change in review whose run was on a hold-out, with a finding that quotes a case."""
    digest = hand_in(outside, staff.act_as("kim"), suite_bytes(4), "hold-out", is_held_out=True).digest
    made = submit(outside, staff.act_as("ada"), good(suite=None, suite_digest=digest))
    conclude_run(outside, made.change_id, finding=True)
    return made.change_id


def test_no_result_shows_an_author_the_text_of_a_hold_out(outside: Outside, staff: Staff) -> None:
    change_id = held_out_change(outside, staff)
    digest = suites.list_suites(outside, staff.act_as("ada"))[0].line.digest
    ada = staff.act_as("ada")
    shown = (
        evaluation.open_case(outside, ada, change_id, "case-001"),
        evaluation.show_evaluation(outside, ada, change_id),
        suites.open_suite_case(outside, ada, digest, "case-001"),
        suites.show_suite(outside, ada, digest),
        suites.suite_document(outside, ada, digest),
    )
    for view in shown:
        assert not any(words in str(view) for words in (TEXT, "500 mg", "5000 mg"))
    with pytest.raises(Refused, match="hold-out"):
        suites.suite_document(outside, ada, digest, with_case_text=True)
    assert reads(outside) == []


@pytest.mark.parametrize("name", ["kim", "osei"])
def test_who_decides_on_a_hold_out_reads_its_cases(outside: Outside, staff: Staff, name: str) -> None:
    change_id = held_out_change(outside, staff)
    assert TEXT in str(evaluation.open_case(outside, staff.act_as(name), change_id, "case-001"))


def test_an_informaticist_who_also_writes_prompts_reads_no_hold_out(outside: Outside, staff: Staff) -> None:

    held_out_change(outside, staff)
    digest = suites.list_suites(outside, staff.act_as("kim"))[0].line.digest
    both = replace(staff.act_as("kim"), roles=frozenset({Role.INFORMATICIST, Role.AUTHOR}))
    assert suites.open_suite_case(outside, both, digest, "case-001").withheld == HELD_OUT


def test_a_hold_out_counts_the_revisions_that_were_tried_on_any_of_its_versions(outside: Outside, staff: Staff) -> None:
    change_id = held_out_change(outside, staff)
    hand_in(outside, staff.act_as("kim"), suite_bytes(5), "hold-out")
    note = evaluation.show_evaluation(outside, staff.act_as("kim"), change_id).suite_note
    assert note == "Hold-out test set, used once; a test set that is looked at often stops being a hold-out."
    digest = suites.list_suites(outside, staff.act_as("kim"))[0].line.digest
    second = good(prompt=prompt_bytes(version="1.1"), suite=None, suite_digest=digest, title="Second")
    conclude_run(outside, submit(outside, staff.act_as("ben"), second).change_id)
    assert "used 2 times" in str(suites.show_suite(outside, staff.act_as("kim"), digest).use_sentence)
    third = good(prompt=prompt_bytes(version="1.2"), suite=None, suite_digest=digest, title="Third")
    submit(outside, staff.act_as("ben"), third)  # queued only: nobody has seen a result
    assert suites.list_suites(outside, staff.act_as("kim"))[0].uses == 2


def test_a_finding_on_patient_data_is_read_once_the_case_was_opened(outside: Outside, staff: Staff) -> None:
    made = submit(outside, staff.act_as("ada"), good(suite_contains_phi=True))
    conclude_run(outside, made.change_id, finding=True)
    kim = staff.act_as("kim")
    assert [one.sentence for one in evaluation.show_evaluation(outside, kim, made.change_id).findings] == [UNOPENED]
    evaluation.open_case(outside, kim, made.change_id, "case-001")
    assert "5000 mg" in evaluation.show_evaluation(outside, kim, made.change_id).findings[0].sentence


def test_runs_are_listed_with_the_version_they_were_made_on(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = used(outside, staff, lines({"id": "a"}, {"id": "b"}))
    clock.forward(days=1)
    newest = hand_in(outside, staff.act_as("kim"), lines({"id": "a"}, {"id": "b"}, {"id": "c"})).digest
    view = suites.show_suite(outside, staff.act_as("osei"), newest)
    assert [(use.change_id, use.version, use.state) for use in view.uses] == [(change_id, 1, "complete")]
    assert [version.runs for version in view.versions] == [0, 1]


def test_every_look_at_patient_data_is_an_entry_wherever_it_is_shown(outside: Outside, staff: Staff) -> None:
    made = submit(outside, staff.act_as("ada"), good(suite_contains_phi=True))
    conclude_run(outside, made.change_id, finding=True)
    kim, change = staff.act_as("kim"), made.change_id
    digest = suites.list_suites(outside, kim)[0].line.digest
    looks = (
        lambda: suites.show_suite(outside, kim, digest),
        lambda: suites.open_suite_case(outside, kim, digest, "case-001"),
        lambda: suites.suite_document(outside, kim, digest, with_case_text=True),
        lambda: evaluation.open_case(outside, kim, change, "case-001"),
        lambda: evaluation.open_case(outside, kim, change, "case-001"),
        lambda: evaluation.show_opened(outside, kim, change, ["case-001", "case-002"]),
    )
    for number, look in enumerate(looks, start=1):
        look()
        assert len(reads(outside)) == number
    assert set(reads(outside)) == {kim.id}
    evaluation.show_opened(outside, kim, change, [])
    evaluation.open_case(outside, staff.act_as("ruth"), change, "case-001")
    assert len(reads(outside)) == len(looks), "who is shown no text reads nothing"
