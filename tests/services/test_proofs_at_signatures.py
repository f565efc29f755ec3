"""A signature is of who is there now: roles lost while the page is open, proofs used otherwise, and nobody in another's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.domain.workflow.situations import FITTING
from tests.passkeys import SoftPasskey, add_passkey
from tests.people import PASSWORD, add_app, again
from tests.stages import change_in, digests, open_worst_cases, ready_review
from webapp.acts.perform import perform
from webapp.acts.reauthentication import PROOF_SECONDS, Given, Proof, consume, prove_any
from webapp.acts.signed_deeds import Deed, ask_passkey_for, prove_deed, sign_deed
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Signature
from webapp.domain.workflow import MOVES, Actor, Role, Stage
from webapp.domain.workflow.evidence import Approval, Decision
from webapp.errors import FormularyError, NotSignedIn, Refused
from webapp.services import people, review, signoff

GIVEN = ("password", "password+totp", "passkey")
DEED = Deed("test.deed", "thing/7", "ab" * 32, "approval", frozenset({Role.PHYSICIAN}))
SHOWN = {"kind": "thing"}


def signatures(outside: Outside, person_id: str) -> list[Signature]:
    with outside.database.reading() as session:
        return list(session.scalars(select(Signature).where(Signature.signer_id == person_id)))


def last_entry(outside: Outside) -> tuple[str, str | None]:
    with outside.database.reading() as session:
        leaf = json.loads(session.scalars(select(Leaf.content).order_by(Leaf.seq.desc()).limit(1)).one())
    return leaf["type"], leaf["reason"]


@pytest.fixture
def page(outside: Outside, staff: Staff) -> Callable[[str, str], Callable[[], object]]:
    """A decision page stands open and what it asks again is given, but not sent yet; the sending comes back."""

    def opened(name: str, how: str) -> Callable[[], object]:
        actor, is_physician = staff.act_as(name), name == "osei"
        change_id = change_in(outside, staff, "signoff" if is_physician else "review")
        if is_physician:
            open_worst_cases(outside, staff, change_id, name)
        else:
            ready_review(outside, staff, change_id, name)
        digest, seen = digests(outside, change_id)
        approval = Approval("The doses are right.", (), True)
        move, evidence = ("sign", Decision()) if is_physician else ("approve", approval)
        if how == "passkey":
            key = add_passkey(outside, actor.id)
            given = key.answer(signoff.ask_for_move(outside, actor, change_id, move, digest, evidence))
        elif how == "password":
            given = Given(PASSWORD)
        else:
            if not again(outside, actor.id).code:
                add_app(outside, actor.id)
            given = again(outside, actor.id)
        if is_physician:
            return lambda: signoff.sign(outside, actor, change_id, digest, given, seen=seen)
        return lambda: review.approve(outside, actor, change_id, digest, approval, given, seen=seen)

    return opened


@pytest.mark.parametrize("how", GIVEN)
@pytest.mark.parametrize(("name", "role"), [("kim", "informaticist"), ("osei", "physician")])
def test_a_role_that_was_lost_while_the_page_was_open_signs_nothing(
    outside: Outside, staff: Staff, page: Callable[..., Callable[[], object]], name: str, role: str, how: str
) -> None:
    send = page(name, how)
    before = len(signatures(outside, staff.ids[name]))
    people.revoke_role(outside, staff.act_as("ruth"), staff.ids[name], role)
    with pytest.raises(Refused, match="this needs the role"):
        send()
    assert len(signatures(outside, staff.ids[name])) == before
    assert last_entry(outside) == ("signature.refused", "role")


@pytest.mark.parametrize("how", GIVEN)
def test_whoever_was_deactivated_while_the_page_was_open_signs_nothing(
    outside: Outside, staff: Staff, page: Callable[..., Callable[[], object]], how: str
) -> None:
    send = page("osei", how)
    people.deactivate(outside, staff.act_as("ruth"), staff.ids["osei"])
    with pytest.raises((Refused, NotSignedIn)):
        send()
    assert signatures(outside, staff.ids["osei"]) == []


@pytest.mark.parametrize("how", ["password+totp", "passkey"])
def test_factors_that_were_taken_away_while_the_page_was_open_sign_nothing(
    outside: Outside, staff: Staff, page: Callable[..., Callable[[], object]], how: str
) -> None:
    send = page("osei", how)
    ruth = staff.act_as("ruth")
    people.reset_factors(outside, ruth, Given(PASSWORD), staff.ids["osei"])
    with pytest.raises((Refused, NotSignedIn)):
        send()
    add_app(outside, staff.ids["osei"])
    with pytest.raises((Refused, NotSignedIn)):
        send()
    assert signatures(outside, staff.ids["osei"]) == []


@pytest.mark.parametrize("how", GIVEN)
def test_what_is_signed_in_time_is_signed(
    outside: Outside, staff: Staff, page: Callable[..., Callable[[], object]], how: str
) -> None:
    """The same pages, sent while the role is held: what refuses above is the loss and nothing else."""
    name = "kim" if how == "password" else "osei"
    page(name, how)()
    newest = max(signatures(outside, staff.ids[name]), key=lambda row: row.id)
    assert newest.level == {"password": "L0", "password+totp": "L1", "passkey": "L2"}[how]


@pytest.fixture
def prove(outside: Outside, staff: Staff) -> Callable[[str], Proof]:
    """Osei proved to be there, for the deed, in this way."""

    def proved(how: str) -> Proof:
        osei = staff.act_as("osei")
        if how == "passkey":
            key = add_passkey(outside, osei.id)
            with outside.database.writing() as session:
                options = ask_passkey_for(outside, session, osei, DEED, SHOWN)
            given = key.answer(options)
        else:
            given = again(outside, osei.id)
        proof = prove_deed(outside, osei, DEED, given)
        assert proof is not None
        return proof

    return proved


WRONG: dict[str, Any] = {"subject": "cd" * 32, "meaning": "rejection"}


@pytest.mark.parametrize("how", ["password+totp", "passkey"])
@pytest.mark.parametrize("changed", ["actor", "subject", "meaning", "late", "twice"])
def test_a_proof_is_for_one_person_one_digest_one_meaning_once_within_two_minutes(
    outside: Outside, staff: Staff, clock: Clock, prove: Callable[[str], Proof], how: str, changed: str
) -> None:
    proof = prove(how)
    fields: dict[str, Any] = {"actor": staff.act_as("osei"), "subject": DEED.sha256, "meaning": DEED.meaning}
    if changed == "actor":
        fields["actor"] = staff.act_as("lund")
    if changed in WRONG:
        fields[changed] = WRONG[changed]
    if changed == "late":
        clock.forward(seconds=PROOF_SECONDS + 1)
    if changed == "twice":
        with outside.database.writing() as session:
            consume(outside, session, proof.nonce, **fields)
    with outside.database.writing() as session, pytest.raises(Refused):
        consume(outside, session, proof.nonce, **fields)


@pytest.mark.parametrize("how", ["password+totp", "passkey"])
def test_a_proof_of_two_minutes_is_just_good(
    outside: Outside, staff: Staff, clock: Clock, prove: Callable[[str], Proof], how: str
) -> None:
    proof = prove(how)
    clock.forward(seconds=PROOF_SECONDS)
    with outside.database.writing() as session:
        used = consume(outside, session, proof.nonce, staff.act_as("osei"), DEED.sha256, DEED.meaning)
    assert used.method == how


def test_an_answer_of_a_passkey_is_worth_nothing_to_another_or_later(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    osei, lund = staff.act_as("osei"), staff.act_as("lund")
    key = add_passkey(outside, osei.id)
    add_passkey(outside, lund.id, 2)

    def answer() -> Given:
        with outside.database.writing() as session:
            return key.answer(ask_passkey_for(outside, session, osei, DEED, SHOWN))

    with pytest.raises((Refused, NotSignedIn)):
        prove_any(outside, lund, answer(), DEED.sha256, DEED.meaning)
    late = answer()
    clock.forward(seconds=PROOF_SECONDS + 1)
    with pytest.raises(Refused):
        prove_any(outside, osei, late, DEED.sha256, DEED.meaning)
    used = answer()
    proof = prove_deed(outside, osei, DEED, used)
    with outside.database.writing() as session:
        sign_deed(outside, session, osei, DEED, proof, SHOWN)
    with pytest.raises(Refused):
        prove_any(outside, osei, used, DEED.sha256, DEED.meaning)
    assert len(signatures(outside, osei.id)) == 1
    assert signatures(outside, lund.id) == []


SIGNED = sorted(
    {move.name for move in MOVES if move.meaning and move.source is Stage.SIGNOFF}
)  # the guards' tests take all


def test_no_signed_move_is_an_administrators() -> None:
    assert [move for move in MOVES if move.meaning and Role.ADMINISTRATOR in move.roles] == []


@pytest.mark.parametrize("via", ["token", "console", "system", "job", ""])
@pytest.mark.parametrize("name", SIGNED)
def test_no_token_job_or_console_makes_a_signed_move(outside: Outside, staff: Staff, name: str, via: str) -> None:
    change_id = change_in(outside, staff, "signoff")
    digest, _ = digests(outside, change_id)
    evidence = next(move.evidence for move in MOVES if move.name == name and move.meaning)
    for who in ("osei", "moss"):
        actor = staff.act_as(who, via)
        with pytest.raises(FormularyError):
            perform(outside, actor, change_id, name, digest, FITTING[evidence], password=again(outside, actor.id))
        assert signatures(outside, actor.id) == []


def test_an_administrator_signs_in_nobodys_name(outside: Outside, staff: Staff) -> None:
    """Neither with roles that were not given, nor under another's id with one's own password, code or passkey."""
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    digest, seen = digests(outside, change_id)
    ruth, osei = staff.act_as("ruth"), staff.act_as("osei")
    add_app(outside, ruth.id)
    key = add_passkey(outside, ruth.id)

    def sign(actor: Actor, given: Given) -> None:
        signoff.sign(outside, actor, change_id, digest, given, seen=seen)

    claims_a_role = replace(ruth, roles=frozenset({Role.PHYSICIAN}), credentials_confirmed=True)
    with pytest.raises(Refused, match="this needs the role physician"):
        sign(claims_a_role, again(outside, ruth.id))
    as_another = replace(ruth, id=osei.id, roles=osei.roles, credentials_confirmed=True)
    with pytest.raises(NotSignedIn):
        sign(as_another, again(outside, ruth.id))
    add_passkey(outside, osei.id, 2)
    options = signoff.ask_for_move(outside, as_another, change_id, "sign", digest, Decision())
    with pytest.raises(NotSignedIn):
        sign(as_another, key.answer(options))
    assert signatures(outside, osei.id) == signatures(outside, ruth.id) == []


def test_a_passkey_confirms_a_reset_and_a_role(outside: Outside, staff: Staff, clock: Clock) -> None:
    ruth, sam = staff.act_as("ruth"), staff.act_as("sam")
    key: SoftPasskey = add_passkey(outside, sam.id)
    people.reset_factors(outside, ruth, Given(PASSWORD), staff.ids["osei"])
    add_app(outside, staff.ids["osei"])
    waits = people.show_reset(outside, sam, staff.ids["osei"])
    assert waits is not None
    given = key.answer(people.ask_to_confirm_reset(outside, sam, staff.ids["osei"], waits.digest))
    people.confirm_reset(outside, sam, staff.ids["osei"], waits.digest, given)
    people.grant_role(outside, ruth, staff.ids["ada"], "physician")
    grant = people.show_grant(outside, sam, staff.ids["ada"], "physician")
    given = key.answer(people.ask_to_confirm_role(outside, sam, staff.ids["ada"], "physician", grant.digest))
    people.confirm_role(outside, sam, staff.ids["ada"], "physician", grant.digest, given)
    assert {(row.move, row.level) for row in signatures(outside, sam.id)} == {
        ("confirm_reset", "L2"),
        ("confirm_role", "L2"),
    }
