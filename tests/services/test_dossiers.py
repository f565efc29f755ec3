"""The record of one change as PDF: read back from its pages, it says what a committee asks for, and no more than it may."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.rollouts import live_first, tamper
from tests.services.test_exporting import guarded_change, make
from tests.stages import change_in, conclude_run
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Signature
from webapp.domain.measures import BY_NAME
from webapp.domain.record.dossier import EVIDENCE, digest_prefix
from webapp.errors import InvalidInput, Refused
from webapp.services import comments, review
from webapp.services.exporting import Wanted, ask_for_export


def read(path: Path) -> str:
    """The words of all pages in their order, one blank between two."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def printed(outside: Outside, staff: Staff, change_id: str) -> str:
    return read(make(outside, staff.act_as("quinn"), Wanted("dossier", change_id)))


def test_the_record_says_who_signed_what_when_with_which_meaning_and_whether_it_holds(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = change_in(outside, staff, "rollout")
    said = printed(outside, staff, change_id)
    assert EVIDENCE in said
    with outside.database.reading() as session:
        signed = session.scalars(select(Signature).where(Signature.change_id == change_id)).all()
    assert len(signed) == 3
    for one in signed:
        assert one.signer_name in said
        assert one.meaning in said
        assert f"contents {digest_prefix(one.subject_sha256)}" in said
        assert f"envelope {digest_prefix(one.envelope_sha256)}" in said
        assert f"audit log entry {one.entry_seq}" in said
    assert said.count(f"{clock():%-d %B %Y}") >= 3
    assert "confirmed by the server after password and one-time code (L1)" in said
    assert said.count("Valid") == 1 + 3, "the head of the column, and each"


def test_the_record_tells_the_whole_way_of_a_change(outside: Outside, staff: Staff) -> None:
    said = printed(outside, staff, live_first(outside, staff))
    for heading in ("What changes", "Difference to what is live", "Evidence", "Exceptions", "Comments", "Signatures", "Rollout",
                    "Follow-up audit", "Every entry of the audit log about this change", "How to check it"):  # fmt: skip
        assert heading in said
    assert "Nothing is live yet; the new version is 1 (1.0)." in said
    assert "verdict pass. 3 cases: 0 with a new dangerous answer, 1 worse, 1 better, 1 the same, 0 not scored." in said
    assert "The plan lacks the follow-up." in said, "the worst cases"
    assert "completion of the rollout" in said
    assert "everyone" in said
    assert "answers were sampled" in said
    assert "made a release live for everyone" in said


def test_a_measure_that_decides_nothing_has_no_verdict(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    conclude_run(outside, change_id, watched=("latency",))
    said = printed(outside, staff, change_id)
    assert f"{BY_NAME['latency'].words} Not judged latency" in said


def test_comments_stand_in_the_record_as_they_were_typed(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    comments.write(
        outside, staff.act_as("lund"), change_id, comments.Draft("question", "<b>Is 5 mg & not 50 mg</b> right?")
    )
    said = printed(outside, staff, change_id)
    assert "<b>Is 5 mg & not 50 mg</b> right?" in said
    assert "question. Open." in said


def test_a_voided_and_a_broken_signature_are_called_so(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "approve")).one()
        digest = row.subject_sha256
    review.ask_for_changes(outside, staff.act_as("osei"), change_id, digest, "Say what to do when it is down.")
    assert "Voided: changes were asked for" in printed(outside, staff, change_id)
    spoiled = 'CAST(replace(CAST(content AS TEXT), \'"sig":"\', \'"sig":"AAAA\') AS BLOB)'
    broken = f"UPDATE envelopes SET content = {spoiled} WHERE sha256 = :digest"
    tamper(outside, broken, digest=row.envelope_sha256)
    assert "Broken: the record does not match its signature" in printed(outside, staff, change_id)


@pytest.mark.parametrize("mark", ["contains_phi", "is_held_out"])
def test_what_may_quote_patient_data_or_a_hold_out_is_not_printed(outside: Outside, staff: Staff, mark: str) -> None:
    change_id, _ = guarded_change(outside, staff, mark, "review")
    said = printed(outside, staff, change_id)
    assert "The plan lacks the follow-up." not in said
    assert "stands in the bundle only" in said
    assert "Measure" in said


def test_printing_is_an_entry_and_takes_the_right_to_export(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Refused):
        ask_for_export(outside, staff.act_as("ada"), Wanted("dossier", change_id))
    with pytest.raises(InvalidInput, match="never holds case text"):
        ask_for_export(outside, staff.act_as("quinn"), Wanted("dossier", change_id, with_case_text=True))
    path = make(outside, staff.act_as("quinn"), Wanted("dossier", change_id))
    assert path.suffix == ".pdf"
    with outside.database.reading() as session:
        kinds = session.scalars(select(Leaf.type).where(Leaf.entity_type == "export").order_by(Leaf.seq)).all()
    assert kinds == ["export.made", "export.fetched"]
    assert PASSWORD not in read(path)
