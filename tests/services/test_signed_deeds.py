"""Signed acts that are no moves of a change: signed by whom may, with what was asked for, once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import PASSWORD, again
from webapp.acts.genuine import verified_body
from webapp.acts.reauthentication import Again, Given
from webapp.acts.signed_deeds import Deed, entering_refusals, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Leaf, Signature
from webapp.domain.workflow import Actor, Role
from webapp.errors import Refused

DEED = Deed("test.deed", "thing/7", "ab" * 32, "roll back", frozenset({Role.PHYSICIAN}))


def sign(outside: Outside, actor: Actor, deed: Deed, given: Again) -> str:
    """The deed is signed as services do it; returns the signature's id."""
    with entering_refusals(outside, actor, deed):
        proof = prove_deed(outside, actor, deed, given)
        with outside.database.writing() as session:
            return sign_deed(outside, session, actor, deed, proof, {"kind": "thing"}, "A sentence.").id


def entries(outside: Outside) -> list[tuple[str, str | None]]:
    with outside.database.reading() as session:
        leaves = [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]
    return [(leaf["type"], leaf["reason"]) for leaf in leaves if leaf["type"].startswith("signature.")]


def test_a_deed_is_signed_entered_and_says_whose_it_is(outside: Outside, staff: Staff) -> None:
    osei = staff.act_as("osei")
    signature_id = sign(outside, osei, DEED, again(outside, osei.id))
    with outside.database.reading() as session:
        row = session.get_one(Signature, signature_id)
        body = verified_body(outside, session, session.get_one(Envelope, row.envelope_sha256))
    assert body is not None
    assert body["subject"] == [{"name": "thing/7", "digest": {"sha256": "ab" * 32}}]
    claims = body["predicate"]
    assert (claims["meaning"], claims["role"], claims["level"]) == ("roll back", "physician", "L1")
    assert "workflow" not in claims, "it moves no change"
    assert (row.change_id, row.move, row.sentence) == (None, "test.deed", "A sentence.")
    assert entries(outside) == [("signature.applied", None)]


def test_less_than_asked_for_is_refused_and_entered(outside: Outside, staff: Staff) -> None:
    osei = staff.act_as("osei")
    with pytest.raises(Refused, match="authenticator app"):
        sign(outside, osei, replace(DEED, level="L1"), Given(PASSWORD))
    assert entries(outside) == [("signature.refused", "second_factor")]


def test_whoever_has_no_such_role_signs_nothing(outside: Outside, staff: Staff) -> None:
    kim = staff.act_as("kim")
    with pytest.raises(Refused, match="no role"):
        sign(outside, kim, DEED, again(outside, kim.id))
    assert entries(outside) == [("signature.refused", "role")]


@pytest.mark.parametrize("via", ["token", "console", "system"])
def test_no_token_job_or_console_signs(outside: Outside, staff: Staff, via: str) -> None:
    osei = replace(staff.act_as("osei"), via=via)
    with pytest.raises(Refused, match="signed in"):
        sign(outside, osei, DEED, again(outside, osei.id))
    assert [kind for kind, _ in entries(outside)] == ["signature.refused"]


def test_a_proof_is_good_once_for_one_deed_and_two_minutes(outside: Outside, staff: Staff, clock: Clock) -> None:
    osei = staff.act_as("osei")

    def with_proof(deed: Deed) -> None:
        with outside.database.writing() as session:
            sign_deed(outside, session, osei, deed, proof, {"kind": "thing"})

    proof = prove_deed(outside, osei, DEED, again(outside, osei.id))
    with pytest.raises(Refused, match="password"):
        with_proof(replace(DEED, sha256="cd" * 32))
    with_proof(DEED)
    with pytest.raises(Refused, match="password"):
        with_proof(DEED)
    proof = prove_deed(outside, osei, DEED, again(outside, osei.id))
    clock.at += timedelta(seconds=121)
    with pytest.raises(Refused, match="too long ago"):
        with_proof(DEED)
