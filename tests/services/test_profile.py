"""What people change of themselves."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.people import PASSWORD
from webapp.acts.lockout import FREE_ATTEMPTS
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Payload, Person
from webapp.errors import AlreadyDone, InvalidInput, NotSignedIn, Refused, TooMany
from webapp.services import profile, sessions

NEW = "seven calm otters at noon"


def last_leaf(outside: Outside) -> dict[str, object]:
    with outside.database.reading() as session:
        document = json.loads(session.scalars(select(Leaf.content).order_by(Leaf.seq.desc()).limit(1)).one())
        stored = session.get(Payload, document["payload"]["sha256"]) if document["payload"] else None
        return {**document, "text": json.loads(stored.content) if stored else None}


def test_title_credentials_and_specialty_are_ones_own_words(outside: Outside, staff: Staff) -> None:
    profile.change_credentials(outside, staff.act_as("osei"), " Prof.  Dr. ", "MD, PhD", "Cardiology")
    shown = profile.show_profile(outside, staff.act_as("osei"))
    assert (shown.title, shown.credentials, shown.specialty) == ("Prof. Dr.", "MD, PhD", "Cardiology")
    assert (shown.confirmed_at, shown.confirmed_by) == (None, None)
    leaf = last_leaf(outside)
    assert (leaf["type"], leaf["reason"]) == ("person.changed", "credentials")
    assert isinstance(leaf["text"], dict)
    assert leaf["text"]["specialty"] == "Cardiology"


def test_the_same_words_again_keep_the_confirmation(outside: Outside, staff: Staff) -> None:
    with pytest.raises(AlreadyDone):
        profile.change_credentials(outside, staff.act_as("osei"), "Dr.", "MD", "")
    assert staff.act_as("osei").credentials_confirmed


@pytest.mark.parametrize("words", [("x" * 121, "", ""), ("", "MD\u202e", ""), ("", "", "s" * 121)])
def test_words_that_cannot_be_printed_are_refused(outside: Outside, staff: Staff, words: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidInput, match="at most 120 plain characters"):
        profile.change_credentials(outside, staff.act_as("osei"), *words)


def test_a_token_changes_nothing_of_its_owner(outside: Outside, staff: Staff) -> None:
    with pytest.raises(Refused, match="signed in"):
        profile.change_credentials(outside, staff.act_as("ada", via="token"), "", "MD", "")
    with pytest.raises(Refused, match="signed in"):
        profile.change_password(outside, staff.act_as("ada", via="token"), PASSWORD, NEW)


def test_a_new_password_counts_and_ends_every_other_session(outside: Outside, staff: Staff) -> None:
    here, elsewhere = (sessions.open_session(outside, "kim@example.org", PASSWORD) for _ in range(2))
    found = sessions.find_person(outside, here, is_activity=True)
    assert found is not None
    profile.change_password(outside, found[1], PASSWORD, NEW)
    assert sessions.find_person(outside, here, is_activity=True) is not None
    assert sessions.find_person(outside, elsewhere, is_activity=True) is None
    with pytest.raises(NotSignedIn):
        sessions.open_session(outside, "kim@example.org", PASSWORD)
    assert sessions.open_session(outside, "kim@example.org", NEW)


def test_a_password_is_changed_only_with_the_present_one(outside: Outside, staff: Staff) -> None:
    with pytest.raises(Refused, match="not your present password"):
        profile.change_password(outside, staff.act_as("kim"), "a wrong battery staple", NEW)
    assert sessions.open_session(outside, "kim@example.org", PASSWORD)


def test_guessing_the_present_password_locks(outside: Outside, staff: Staff) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        with pytest.raises(Refused):
            profile.change_password(outside, staff.act_as("kim"), "a wrong battery staple", NEW)
    with pytest.raises(TooMany, match="try again in 61 seconds"):
        profile.change_password(outside, staff.act_as("kim"), PASSWORD, NEW)


@pytest.mark.parametrize(("new", "sentence"), [(PASSWORD, "is the present one"), ("short", "12 to 200")])
def test_a_new_password_is_new_and_good(outside: Outside, staff: Staff, new: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        profile.change_password(outside, staff.act_as("kim"), PASSWORD, new)


def test_the_entry_of_a_new_password_holds_no_password(outside: Outside, staff: Staff) -> None:
    profile.change_password(outside, staff.act_as("kim"), PASSWORD, NEW)
    leaf = last_leaf(outside)
    assert (leaf["type"], leaf["reason"], leaf["payload"]) == ("person.changed", "password", None)
    with outside.database.reading() as session:
        stored = session.get_one(Person, staff.ids["kim"]).password_hash
    assert stored is not None
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
