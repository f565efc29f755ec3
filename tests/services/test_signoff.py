"""Signing: one physician, one release, over exactly what was shown; every way it may not happen."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import func, select

from tests.conftest import Clock, Staff
from tests.people import PASSWORD, again
from tests.stages import change_in, digests, open_worst_cases, stage_of
from webapp.acts.reauthentication import Again, Given
from webapp.acts.releasing import verify_release
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Person, Release, Signature
from webapp.errors import AlreadyDone, Conflict, FormularyError, NotSignedIn, Refused, Stale
from webapp.services import comments, review, signoff


def sign(outside: Outside, staff: Staff, change_id: str, name: str = "osei", given: Again = None) -> None:
    digest, seen = digests(outside, change_id)
    given = given or again(outside, staff.ids[name])
    signoff.sign(outside, staff.act_as(name), change_id, digest, given, seen=seen)


def count(outside: Outside, kind: type) -> int:
    with outside.database.reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def sign_rows(outside: Outside, change_id: str) -> list[Signature]:
    with outside.database.reading() as session:
        query = select(Signature).where(Signature.change_id == change_id, Signature.move == "sign")
        return list(session.scalars(query))


def test_a_signature_makes_a_release_that_verifies(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    assert stage_of(outside, change_id) == "rollout"
    with outside.database.reading() as session:
        release = session.scalars(select(Release)).one()
        document = verify_release(outside, session, release)
    assert document["change"]["id"] == change_id
    assert release.state == "approved"


def test_the_signature_names_signer_meaning_level_and_entry(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    (row,) = sign_rows(outside, change_id)
    assert (row.signer_name, row.signer_title, row.signer_credentials) == ("Osei", "Dr.", "MD")
    assert (row.meaning, row.level) == ("approval", "L1")
    with outside.database.reading() as session:
        leaf = session.get_one(Leaf, row.entry_seq)
    assert leaf.type == "change.sign"
    assert row.envelope_sha256 in json.loads(leaf.content)["attest"]


def test_unopened_worst_cases_keep_sign_closed(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    with pytest.raises(Conflict, match="Open the listed worst cases first: 2 left"):
        sign(outside, staff, change_id)


def test_a_wrong_password_signs_nothing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    with pytest.raises(NotSignedIn):
        sign(outside, staff, change_id, given=Given("wrong password here"))
    assert sign_rows(outside, change_id) == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ada", "this needs the role physician"),
        ("kim", "this needs the role physician"),
        ("quinn", "this needs the role physician"),
        ("ruth", "this needs the role physician"),
    ],
)
def test_only_a_physician_signs(outside: Outside, staff: Staff, name: str, sentence: str) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, name)
    with pytest.raises(Refused, match=sentence):
        sign(outside, staff, change_id, name)


def test_the_reviewer_cannot_also_sign(outside: Outside, staff: Staff) -> None:
    from tests.stages import pass_review

    change_id = change_in(outside, staff, "review")
    pass_review(outside, staff, change_id, "moss")
    with pytest.raises(Refused, match="You reviewed this change"):
        sign(outside, staff, change_id, "moss")


def test_unconfirmed_credentials_cannot_sign(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["osei"]).credentials_confirmed_at = None
    with pytest.raises(Refused, match="credentials are not confirmed"):
        sign(outside, staff, change_id)


def test_a_token_cannot_sign(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    digest, seen = digests(outside, change_id)
    with pytest.raises(Refused, match="a token cannot"):
        signoff.sign(outside, staff.act_as("osei", via="token"), change_id, digest, PASSWORD, seen=seen)


def test_a_stale_page_cannot_sign(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    _, seen = digests(outside, change_id)
    with pytest.raises(Stale, match="older than the change"):
        signoff.sign(outside, staff.act_as("osei"), change_id, "0" * 64, again(outside, staff.ids["osei"]), seen=seen)


def test_a_question_written_after_the_page_was_loaded_is_read_before_signing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    digest, seen = digests(outside, change_id)
    comments.write(outside, staff.act_as("lund"), change_id, comments.Draft("question", "Is the dose right?"))
    with pytest.raises(Stale, match="changed since you opened it"):
        signoff.sign(outside, staff.act_as("osei"), change_id, digest, again(outside, staff.ids["osei"]), seen=seen)
    assert sign_rows(outside, change_id) == []
    sign(outside, staff, change_id)
    assert len(sign_rows(outside, change_id)) == 1


def test_signing_twice_is_one_act(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    with pytest.raises(AlreadyDone, match="recorded once"):
        sign(outside, staff, change_id)
    assert len(sign_rows(outside, change_id)) == 1


def test_an_old_signature_does_not_stand_for_a_new_revision(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    digest, _ = digests(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("osei"), change_id, digest, "Say what to do when it is down.")
    assert stage_of(outside, change_id) == "draft"
    with outside.database.reading() as session:
        voided = session.scalars(select(Signature).where(Signature.move == "approve")).one()
    assert voided.voided_at is not None


def test_declining_ends_the_change_with_a_signed_reason(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    digest, _ = digests(outside, change_id)
    review.reject(outside, staff.act_as("osei"), change_id, digest, "Not for our wards.", PASSWORD)
    assert stage_of(outside, change_id) == "rejected"
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "reject")).one()
    assert (row.meaning, row.sentence) == ("rejection", "Not for our wards.")


def test_of_two_physicians_at_once_exactly_one_signs(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    names = ("osei", "lund")
    for name in names:
        open_worst_cases(outside, staff, change_id, name)
    outcomes = race(outside, staff, change_id, names)
    assert sorted(outcomes) == ["Conflict", "signed"]
    assert (len(sign_rows(outside, change_id)), count(outside, Release)) == (1, 1)


def test_a_double_click_signs_once(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    outcomes = race(outside, staff, change_id, ("osei", "osei"))
    assert sorted(outcomes) in (["AlreadyDone", "signed"], ["Conflict", "signed"]), (
        "the second met the first, done or at work"
    )
    assert (len(sign_rows(outside, change_id)), count(outside, Release)) == (1, 1)


def race(outside: Outside, staff: Staff, change_id: str, names: tuple[str, str]) -> list[str]:
    """Both sign at the same moment, each from an own thread; what became of them."""
    digest, seen = digests(outside, change_id)
    actors = [staff.act_as(name) for name in names]
    given = {name: again(outside, staff.ids[name]) for name in names}
    start, outcomes = threading.Barrier(2), []

    def act(index: int) -> None:
        start.wait()
        try:
            signoff.sign(outside, actors[index], change_id, digest, given[names[index]], seen=seen)
            outcomes.append("signed")
        except FormularyError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=act, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_a_signature_lapses_for_starting(outside: Outside, staff: Staff, clock: Clock) -> None:
    from webapp.services import rollout

    change_id = change_in(outside, staff, "rollout")
    clock.forward(days=30)
    digest, _ = digests(outside, change_id)
    with pytest.raises(Conflict, match="older than 30 days"):
        rollout.start(outside, staff.act_as("ada"), change_id, digest)
