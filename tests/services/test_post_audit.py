"""The follow-up audit: a sample anybody can draw again, blind grades, a third person, a signed conclusion."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD
from tests.stages import stage_of
from webapp.acts.cases_shown import find_case
from webapp.acts.sampling import _eligible
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    AuditDraw,
    AuditSample,
    Grade,
    Interaction,
    Prompt,
    Rollout,
    Signature,
    SuiteRow,
)
from webapp.domain.post_audit import draw_sample
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow.evidence import Conclusion
from webapp.errors import Conflict, FormularyError, InvalidInput, NotFound, Refused
from webapp.services import ledger, post_audit, suites

RATINGS = {name: 4 for name, _ in post_audit.RUBRIC}
FINE = post_audit.GradeGiven(True, True, "none", RATINGS)
WRONG = post_audit.GradeGiven(True, False, "none", RATINGS)
HARMFUL = post_audit.GradeGiven(True, True, "severe", RATINGS)
NOT_GRADABLE = post_audit.GradeGiven(False, None, "none", {})
KEEP = Conclusion("Accurate in both versions; kept.", date(2026, 9, 1))


@pytest.fixture
def change_id(outside: Outside, staff: Staff) -> str:
    """Version 1.1 is in its follow-up audit; both versions were shown during its rollout."""
    change_id = r.second(outside, staff)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    r.pass_step(outside, staff, change_id)
    r.complete(outside, staff, change_id)
    return change_id


def samples(outside: Outside, change_id: str) -> list[AuditSample]:
    with outside.database.reading() as session:
        query = select(AuditSample).where(AuditSample.change_id == change_id).order_by(AuditSample.position)
        return list(session.scalars(query))


def view(outside: Outside, staff: Staff, change_id: str, name: str) -> post_audit.AuditView:
    return post_audit.show_audit(outside, staff.act_as(name), change_id)


def grade(
    outside: Outside, staff: Staff, change_id: str, sample_id: str, name: str, given: post_audit.GradeGiven = FINE
) -> None:
    post_audit.grade(outside, staff.act_as(name), change_id, sample_id, given)


def grade_all(outside: Outside, staff: Staff, change_id: str, *, but: int = 0) -> None:
    """Kim and Osei grade everything but the first ``but`` answers."""
    for sample in samples(outside, change_id)[but:]:
        for name in ("kim", "osei"):
            grade(outside, staff, change_id, sample.id, name)


def conclude(outside: Outside, staff: Staff, change_id: str, name: str = "osei", given: Conclusion = KEEP) -> None:
    digest = r.digest(outside, change_id)
    post_audit.conclude(outside, staff.act_as(name), change_id, digest, given, PASSWORD)


def test_the_sample_is_drawn_again_from_its_stored_seed(outside: Outside, staff: Staff, change_id: str) -> None:
    with outside.database.reading() as session:
        draw = session.get_one(AuditDraw, change_id)
        strata = _eligible(session, session.scalars(select(Rollout).where(Rollout.change_id == change_id)).one())
    drawn = draw_sample(draw.seed, strata, 10)
    assert [(row.stratum, str(row.interaction_id)) for row in samples(outside, change_id)] == drawn
    assert draw.eligible == sum(len(ids) for ids in strata.values())
    assert draw.eligible_sha256 == digest_of(sorted([stratum, item] for stratum, ids in strata.items() for item in ids))


def test_both_versions_are_drawn_under_labels_that_tell_nothing(outside: Outside, staff: Staff, change_id: str) -> None:
    drawn = samples(outside, change_id)
    assert {row.arm for row in drawn} == {"live", "candidate"}
    assert [row.label for row in drawn] == [f"A{number:03d}" for number in range(1, len(drawn) + 1)]
    arms = [row.arm for row in drawn]
    assert arms != sorted(arms)
    assert arms != sorted(arms, reverse=True)


def test_each_unit_is_drawn_once_and_only_with_something_to_read(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    for _ in range(3):
        r.call(outside, staff, unit)
    r.call(outside, staff, "silent", response_text=None)
    r.call(outside, staff, "failed", error="timeout")
    r.call(outside, staff, "unseen", is_displayed=False)
    r.call(outside, staff, "in-the-record", response_text=None, source_ref="note/7")
    r.pass_step(outside, staff, change_id)
    with outside.database.reading() as session:
        rollout = session.scalars(select(Rollout).where(Rollout.change_id == change_id)).one()
        ids = [int(item) for found in _eligible(session, rollout).values() for item in found]
        chosen = session.scalars(select(Interaction).where(Interaction.id.in_(ids))).all()
        assert all(row.response_text or row.source_ref for row in chosen)
        assert all(row.is_displayed and row.error is None for row in chosen)
        assert len({row.unit_hash for row in chosen}) == len(chosen)
        assert "note/7" in {row.source_ref for row in chosen}


def test_graders_see_neither_version_nor_each_others_grades(outside: Outside, staff: Staff, change_id: str) -> None:
    first = samples(outside, change_id)[0]
    grade(outside, staff, change_id, first.id, "kim", HARMFUL)
    seen = view(outside, staff, change_id, "osei")
    assert seen.findings == ()
    text = repr(seen.samples)
    for word in ("candidate", "arm=", "severe", "1.0", "1.1", "Kim"):
        assert word not in text
    assert seen.samples[0].grades == 1
    assert not seen.samples[0].is_disputed


def test_nobody_grades_an_answer_twice(outside: Outside, staff: Staff, change_id: str) -> None:
    first = samples(outside, change_id)[0]
    grade(outside, staff, change_id, first.id, "kim")
    with pytest.raises(Refused, match="You graded this answer"):
        grade(outside, staff, change_id, first.id, "kim", WRONG)
    grade(outside, staff, change_id, first.id, "osei", WRONG)
    with pytest.raises(Refused, match="You graded this answer"):
        grade(outside, staff, change_id, first.id, "kim")


def test_contributors_and_others_do_not_grade(outside: Outside, staff: Staff, change_id: str) -> None:
    first = samples(outside, change_id)[0]
    for name, sentence in (("ada", "Informaticists"), ("quinn", "Informaticists"), ("ruth", "Informaticists")):
        with pytest.raises(Refused, match=sentence):
            grade(outside, staff, change_id, first.id, name)
    r.tamper(outside, "UPDATE contributors SET person_id = :kim", kim=staff.ids["kim"])
    with pytest.raises(Refused, match="You contributed"):
        grade(outside, staff, change_id, first.id, "kim")
    assert view(outside, staff, change_id, "kim").is_contributor


def test_a_third_grade_is_taken_only_to_settle(outside: Outside, staff: Staff, change_id: str) -> None:
    first = samples(outside, change_id)[0]
    grade(outside, staff, change_id, first.id, "kim")
    grade(outside, staff, change_id, first.id, "osei")
    with pytest.raises(Refused, match="both its grades"):
        grade(outside, staff, change_id, first.id, "lee")


@pytest.mark.parametrize("other", [WRONG, HARMFUL, NOT_GRADABLE], ids=["accuracy", "harm", "gradable"])
def test_a_disagreement_blocks_the_conclusion_until_a_third_settles(
    outside: Outside, staff: Staff, change_id: str, other: post_audit.GradeGiven
) -> None:
    first = samples(outside, change_id)[0]
    grade_all(outside, staff, change_id, but=1)
    grade(outside, staff, change_id, first.id, "kim")
    with pytest.raises(Conflict, match="missing: 1"):
        conclude(outside, staff, change_id)
    grade(outside, staff, change_id, first.id, "osei", other)
    with pytest.raises(Conflict, match="third person: 1"):
        conclude(outside, staff, change_id)
    assert view(outside, staff, change_id, "lee").samples[0].task == "adjudication"
    grade(outside, staff, change_id, first.id, "lee", other)
    conclude(outside, staff, change_id)
    assert stage_of(outside, change_id) == "closed"


def test_the_settling_grade_counts_in_the_findings(outside: Outside, staff: Staff, change_id: str) -> None:
    drawn = samples(outside, change_id)
    first = next(row for row in drawn if row.arm == "candidate")
    for row in drawn:
        if row.id != first.id:
            for name in ("kim", "osei"):
                grade(outside, staff, change_id, row.id, name)
    grade(outside, staff, change_id, first.id, "kim")
    grade(outside, staff, change_id, first.id, "osei", HARMFUL)
    assert view(outside, staff, change_id, "lee").findings == ()
    grade(outside, staff, change_id, first.id, "lee", post_audit.GradeGiven(True, False, "moderate", RATINGS))
    findings = {row.arm: row for row in view(outside, staff, change_id, "lee").findings}
    assert findings["live"].accurate == findings["live"].gradable == sum(row.arm == "live" for row in drawn)
    new = findings["candidate"]
    assert (new.accurate, new.gradable) == (sum(row.arm == "candidate" for row in drawn) - 1, new.accurate + 1)
    assert new.low < new.accurate / new.gradable < new.high
    assert new.harms.startswith("1")


def test_the_conclusion_is_signed_with_its_meaning_and_dates_the_next_review(
    outside: Outside, staff: Staff, change_id: str
) -> None:
    grade_all(outside, staff, change_id)
    for name in ("ada", "quinn"):
        with pytest.raises(Refused):
            conclude(outside, staff, change_id, name)
    with pytest.raises(FormularyError):
        conclude(outside, staff, change_id, given=Conclusion("", date(2026, 9, 1)))
    with pytest.raises(FormularyError):
        conclude(outside, staff, change_id, given=Conclusion("Kept.", date(2020, 1, 1)))
    conclude(outside, staff, change_id)
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "conclude")).one()
        prompt = session.scalars(select(Prompt)).one()
    assert (row.signer_name, row.meaning) == ("Osei", "conclusion of the follow-up audit")
    assert prompt.next_review_on is not None
    assert prompt.next_review_on.date() == KEEP.next_review_on
    with pytest.raises(FormularyError):
        grade(outside, staff, change_id, samples(outside, change_id)[0].id, "lee")


def test_without_a_sample_nothing_is_concluded(outside: Outside, staff: Staff) -> None:
    change_id = r.started(outside, staff, r.DIRECT)
    r.pass_step(outside, staff, change_id, is_displayed=False)
    r.complete(outside, staff, change_id)
    with pytest.raises(Conflict, match="sample of the follow-up audit is empty"):
        conclude(outside, staff, change_id)


BAD = {
    "no harm": post_audit.GradeGiven(True, True, "", RATINGS),
    "no accuracy": post_audit.GradeGiven(True, None, "none", RATINGS),
    "rating of six": post_audit.GradeGiven(True, True, "none", {**RATINGS, "useful": 6}),
    "unknown rating": post_audit.GradeGiven(True, True, "none", {**RATINGS, "kind": 3}),
    "missing rating": post_audit.GradeGiven(True, True, "none", {"useful": 3}),
    "endless note": post_audit.GradeGiven(True, True, "none", RATINGS, "x" * 2001),
}


@pytest.mark.parametrize("given", BAD.values(), ids=BAD)
def test_an_incomplete_grade_is_a_sentence_and_stores_nothing(
    outside: Outside, staff: Staff, change_id: str, given: post_audit.GradeGiven
) -> None:
    with pytest.raises(InvalidInput):
        grade(outside, staff, change_id, samples(outside, change_id)[0].id, "kim", given)
    with outside.database.reading() as session:
        assert session.scalars(select(Grade)).all() == []


def test_an_answer_of_another_sample_is_not_found(outside: Outside, staff: Staff, change_id: str) -> None:
    with pytest.raises(NotFound):
        grade(outside, staff, change_id, "smp_other", "kim")


def test_the_audit_log_shows_a_grade_only_when_all_are_in(outside: Outside, staff: Staff, change_id: str) -> None:
    first = samples(outside, change_id)[0]
    grade(outside, staff, change_id, first.id, "kim", HARMFUL)
    reader = staff.act_as("osei")
    (row,) = ledger.show_ledger(outside, reader, ledger.Filters(type="audit.graded")).rows
    entry = ledger.show_entry(outside, reader, row.seq)
    assert entry.is_withheld
    assert entry.payload is None
    assert "severe" not in entry.document
    grade(outside, staff, change_id, first.id, "osei", HARMFUL)
    grade_all(outside, staff, change_id, but=1)
    entry = ledger.show_entry(outside, reader, row.seq)
    assert not entry.is_withheld
    assert "severe" in (entry.payload or "")


def test_an_answer_becomes_a_case_only_once_it_was_found_wrong(outside: Outside, staff: Staff, change_id: str) -> None:
    first = samples(outside, change_id)[0]
    kim, failure = staff.act_as("kim"), suites.Failure(change_id, sample_id=first.id)
    grade(outside, staff, change_id, first.id, "kim", WRONG)
    assert not any(sample.is_failure for sample in view(outside, staff, change_id, "kim").samples)
    with pytest.raises(Conflict, match="graded twice and found wrong"):
        suites.show_making(outside, kim, failure)
    grade(outside, staff, change_id, first.id, "osei", WRONG)
    assert [sample.id for sample in view(outside, staff, change_id, "kim").samples if sample.is_failure] == [first.id]
    wanted = suites.show_making(outside, kim, failure)
    given = suites.CaseGiven(wanted.suggested_id, "It names another drug.", holds_phi=True)
    digest = suites.make_case(outside, kim, failure, given)
    with outside.database.reading() as session:
        row, sent = session.get_one(SuiteRow, digest), session.get_one(Interaction, first.interaction_id)
    case = find_case(row, wanted.suggested_id)
    assert row.contains_phi and wanted.is_real
    assert (case.category, list(case.inputs.values())) == ("regression", [sent.request_text])
    assert dict(case.provenance) == {"change": change_id, "audit": first.label}
