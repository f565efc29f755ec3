"""The receipt: entry, digests, level, recorded or sealed and why, and what to keep."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import again
from tests.services.test_signed_deeds import DEED
from tests.services.test_signed_deeds import sign as sign_deed
from tests.stages import change_in, pass_review
from tests.web.client import make_client, sign_in
from webapp.acts.sealing import seal
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Signature
from webapp.domain.record.proof_files import read_proof
from webapp.errors import Unavailable


def silent(question: bytes) -> bytes:
    raise Unavailable("The notary does not answer.")


@pytest.fixture
def unsealed(outside: Outside, staff: Staff) -> tuple[Outside, str]:
    """Kim's signature of a review while the notary is silent; the house without a notary, and the signature's id."""
    alone = replace(outside, notary=Notary(silent))
    change_id = change_in(outside, staff, "review")
    seal(outside)
    pass_review(alone, replace(staff, outside=alone), change_id)
    return alone, signature_of(outside, "approve")


def signature_of(outside: Outside, move: str) -> str:
    with outside.database.reading() as session:
        return session.scalars(select(Signature.id).where(Signature.move == move)).one()


def read(outside: Outside, url: str, name: str = "kim", status: int = 200) -> str:
    client = make_client(outside)
    sign_in(client, name)
    answer = client.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_an_unsealed_receipt_says_why_what_it_means_and_asks_by_itself(unsealed: tuple[Outside, str]) -> None:
    alone, signature_id = unsealed
    text = read(alone, f"/signatures/{signature_id}")
    assert "State: recorded, not sealed yet. The notary, which signs the log from outside" in text
    assert "The signature counts from the moment it was recorded." in text
    assert f'hx-get="/signatures/{signature_id}?poll=1"' in text
    assert "Reload the page to see whether it is sealed." in text
    assert "Download the envelope" in text
    assert "Download the proof" not in text
    assert "The proof can be downloaded here as soon as the entry is sealed." in text
    read(alone, f"/signatures/{signature_id}/entry.tlog-proof", status=404)


def test_a_notary_that_stays_silent_is_named_with_what_to_do(unsealed: tuple[Outside, str], clock: Clock) -> None:
    alone, signature_id = unsealed
    clock.forward(minutes=5)
    text = read(alone, f"/signatures/{signature_id}")
    assert "The notary has signed nothing since 2 March 2026, 09:00 UTC: it does not answer, or it refuses." in text
    assert "Tell an administrator" in text


def test_asked_again_the_receipt_changes_only_when_it_is_sealed(
    outside: Outside, unsealed: tuple[Outside, str]
) -> None:
    signature_id = unsealed[1]
    client = make_client(outside)
    sign_in(client, "kim")
    waiting = client.get(f"/signatures/{signature_id}?poll=1")
    assert waiting.get_data(as_text=True).lstrip().startswith("<section")
    assert "<html" not in waiting.get_data(as_text=True)
    seal(outside)
    assert client.get(f"/signatures/{signature_id}?poll=1").headers["HX-Refresh"] == "true"
    text = read(outside, f"/signatures/{signature_id}")
    assert "State: sealed: the notary signed a checkpoint over its entry." in text
    assert "?poll=1" not in text


def test_the_proof_is_of_the_signatures_own_entry(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    signature_id = signature_of(outside, "approve")
    with outside.database.reading() as session:
        seq = session.get_one(Signature, signature_id).entry_seq
    client = make_client(outside)
    sign_in(client, "quinn")
    answer = client.get(f"/signatures/{signature_id}/entry.tlog-proof")
    assert f"entry-{seq}.tlog-proof" in answer.headers["Content-Disposition"]
    assert read_proof(answer.data).index == seq
    page = client.get(f"/signatures/{signature_id}").get_data(as_text=True)
    assert f"/ledger/{seq}/entry.json" in page, "a proof is checked against the bytes of its entry"


def test_the_level_is_said_to_the_signer_and_about_the_signer(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    signature_id = signature_of(outside, "approve")
    assert "recorded with your password (L0)" in read(outside, f"/signatures/{signature_id}")
    assert "recorded with your password (L0)" not in read(outside, f"/signatures/{signature_id}", "quinn")


def test_digests_stand_in_eight_groups_of_eight(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    signature_id = signature_of(outside, "approve")
    with outside.database.reading() as session:
        sha256 = session.get_one(Signature, signature_id).envelope_sha256
    groups = "".join(f"<span>{sha256[at : at + 8]}</span>" for at in range(0, 64, 8))
    assert groups in read(outside, f"/signatures/{signature_id}")


def test_a_deed_that_moves_no_change_has_its_receipt_too(outside: Outside, staff: Staff) -> None:
    osei = staff.act_as("osei")
    signature_id = sign_deed(outside, osei, DEED, again(outside, osei.id))
    seal(outside)
    text = read(outside, f"/signatures/{signature_id}", "osei")
    assert "thing/7" in text
    assert "Download the proof" in text
    assert "Back to the change" not in text
    envelope = make_client(outside)
    sign_in(envelope, "quinn")
    content = envelope.get(f"/signatures/{signature_id}/envelope.json").data
    with outside.database.reading() as session:
        assert hashlib.sha256(content).hexdigest() == session.get_one(Signature, signature_id).envelope_sha256
