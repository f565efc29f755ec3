"""Second factors taken away by an administrator: the person enrols anew and signs nothing until a second person confirms."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.passkeys import add_passkey
from tests.people import PASSWORD, add_app, again, join, next_code
from tests.services.test_signoff import sign, sign_rows
from tests.stages import change_in, digests, open_worst_cases
from tests.stages import person as row_of
from webapp.acts.reauthentication import Given
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, FactorReset, Leaf, RecoveryCode, Signature
from webapp.domain.workflow import Actor
from webapp.errors import Conflict, NotFound, NotSignedIn, Refused, Stale, TooMany
from webapp.services import factors, people, review, sessions
from webapp.services.inbox import show_inbox

CONSOLE = Actor(id="console", name="Console", via="console")
OSEI = "osei@example.org"


def take_away(outside: Outside, staff: Staff, name: str = "osei", by: str = "ruth") -> None:
    """An administrator takes the person's factors away."""
    actor = staff.act_as(by)
    people.reset_factors(outside, actor, again(outside, actor.id), staff.ids[name])


def confirm(outside: Outside, staff: Staff, by: str, name: str = "osei") -> None:
    """The second person, who has an app, confirms what the page shows now."""
    actor = staff.act_as(by)
    if next_code(outside, actor.id) is None:
        add_app(outside, actor.id)
    waits = people.show_reset(outside, actor, staff.ids[name])
    assert waits is not None
    people.confirm_reset(outside, actor, staff.ids[name], waits.digest, again(outside, actor.id))


def entries(outside: Outside) -> list[dict[str, object]]:
    with outside.database.reading() as session:
        return [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]


def kinds(outside: Outside) -> list[str]:
    return [str(leaf["type"]) for leaf in entries(outside)]


def test_a_reset_takes_everything_and_ends_every_session(outside: Outside, staff: Staff) -> None:
    raw = sessions.open_session(outside, OSEI, PASSWORD)
    raw = sessions.finish_session(outside, raw, next_code(outside, staff.ids["osei"]) or "")
    waiting = sessions.open_session(outside, OSEI, PASSWORD)
    factors.renew_recovery_codes(outside, staff.act_as("osei"), again(outside, staff.ids["osei"]))
    factors.begin_app(outside, staff.act_as("osei"), again(outside, staff.ids["osei"]), "Half-way")
    take_away(outside, staff)
    assert sessions.find_person(outside, raw, is_activity=True) is None
    with pytest.raises(NotSignedIn):
        sessions.who_awaits(outside, waiting)
    with outside.database.reading() as session:
        (app,) = session.scalars(select(Factor).where(Factor.person_id == staff.ids["osei"]))
        assert (app.secret, app.revoked_by) == (None, staff.ids["ruth"])
        assert session.scalars(select(RecoveryCode)).all() == []
        (reset,) = session.scalars(select(FactorReset))
    assert (reset.person_id, reset.reset_by, reset.confirmed_at) == (staff.ids["osei"], staff.ids["ruth"], None)
    assert kinds(outside)[-1] == "factor.reset"


@pytest.mark.parametrize(
    ("by", "given", "sentence"),
    [
        ("kim", Given(PASSWORD), "do not let you manage people"),
        ("quinn", Given(PASSWORD), "do not let you manage people"),
        ("ruth", Given("a wrong battery staple"), "not your password"),
    ],
)
def test_only_an_administrator_with_the_password_takes_factors_away(
    outside: Outside, staff: Staff, by: str, given: Given, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        people.reset_factors(outside, staff.act_as(by), given, staff.ids["osei"])
    with pytest.raises(Refused, match="manage people"):
        people.reset_factors(outside, staff.act_as("ruth", via="token"), Given(PASSWORD), staff.ids["osei"])
    assert "factor.reset" not in kinds(outside)


def test_nobody_resets_oneself_and_nothing_is_taken_from_who_has_nothing(outside: Outside, staff: Staff) -> None:
    add_app(outside, staff.ids["ruth"])
    with pytest.raises(Refused, match="Nobody takes away their own"):
        take_away(outside, staff, "ruth")
    with pytest.raises(Conflict, match="has no second factor"):
        take_away(outside, staff, "ada")


def test_the_password_alone_opens_the_way_to_a_new_factor_and_only_for_a_while(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    take_away(outside, staff)
    raw = sessions.open_session(outside, OSEI, PASSWORD)
    found = sessions.find_person(outside, raw, is_activity=True)
    assert found is not None
    assert found[1].enrols_only
    raw = sessions.rotate_session(outside, raw)
    clock.forward(seconds=sessions.ENROL_SECONDS / 2)
    assert sessions.find_person(outside, raw, is_activity=True) is not None
    clock.forward(seconds=sessions.ENROL_SECONDS / 2)
    assert sessions.find_person(outside, raw, is_activity=True) is None
    clock.forward(hours=people.ENROL_HOURS)
    with pytest.raises(NotSignedIn, match="ask an administrator to take them away once more") as late:
        sessions.open_session(outside, OSEI, PASSWORD)
    assert late.value.code == "reset_over"
    take_away(outside, staff)
    assert sessions.open_session(outside, OSEI, PASSWORD)


def test_with_the_new_factor_the_person_works_and_still_signs_nothing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    take_away(outside, staff)
    add_app(outside, staff.ids["osei"])
    raw = sessions.open_session(outside, OSEI, PASSWORD)
    assert sessions.awaits_factor(outside, raw)
    raw = sessions.finish_session(outside, raw, next_code(outside, staff.ids["osei"]) or "")
    found = sessions.find_person(outside, raw, is_activity=True)
    assert found is not None
    assert not found[1].enrols_only
    with pytest.raises(Refused, match="nobody has confirmed yet that the new ones are yours") as refused:
        sign(outside, staff, change_id)
    assert refused.value.code == "factor_reset"
    assert sign_rows(outside, change_id) == []
    last = entries(outside)[-1]
    assert (last["type"], last["reason"]) == ("signature.refused", "factor_reset")
    confirm(outside, staff, "sam")
    sign(outside, staff, change_id)
    assert len(sign_rows(outside, change_id)) == 1


def test_every_signed_act_is_closed_also_one_that_was_proved_before(outside: Outside, staff: Staff) -> None:
    """The proof was made before the reset; it is good for nothing after it."""
    from webapp.acts.reauthentication import consume, prove

    kim = staff.act_as("kim")
    add_app(outside, kim.id)
    nonce = prove(outside, kim, again(outside, kim.id), "a" * 64, "review")
    take_away(outside, staff, "kim")
    with outside.database.writing() as session, pytest.raises(Refused) as refused:
        consume(outside, session, nonce, kim, "a" * 64, "review")
    assert refused.value.code == "factor_reset"
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Refused, match="taken away"):
        review.confirm_class(outside, kim, change_id, digests(outside, change_id)[0], PASSWORD)


@pytest.mark.parametrize(
    ("by", "sentence"),
    [
        ("ruth", "You took the second factors away"),
        ("osei", "administrator or an auditor"),
        ("kim", "administrator or an auditor"),
        ("ada", "administrator or an auditor"),
    ],
)
def test_who_reset_and_who_was_reset_do_not_confirm(outside: Outside, staff: Staff, by: str, sentence: str) -> None:
    take_away(outside, staff)
    add_app(outside, staff.ids["osei"])
    with pytest.raises(Refused, match=sentence):
        confirm(outside, staff, by)
    assert "factor.reset_confirmed" not in kinds(outside)


def test_an_administrator_who_was_reset_does_not_confirm_it_nor_anything_else(outside: Outside, staff: Staff) -> None:
    for name in ("sam", "osei"):
        add_app(outside, staff.ids["sam"]) if name == "sam" else None
        take_away(outside, staff, name)
        add_app(outside, staff.ids[name])
    with pytest.raises(Refused, match="Nobody confirms the reset of their own"):
        confirm(outside, staff, "sam", "sam")
    with pytest.raises(Refused, match="Your second factors were taken away"):
        confirm(outside, staff, "sam", "osei")
    confirm(outside, staff, "quinn", "sam")
    confirm(outside, staff, "sam", "osei")


@pytest.mark.parametrize("by", ["sam", "quinn"])
def test_a_second_person_confirms_with_a_signature_of_their_own(outside: Outside, staff: Staff, by: str) -> None:
    take_away(outside, staff)
    add_app(outside, staff.ids["osei"])
    confirm(outside, staff, by)
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "confirm_reset")).one()
        reset = session.scalars(select(FactorReset)).one()
    assert (row.signer_id, row.level, row.meaning) == (staff.ids[by], "L1", "confirmation of a factor reset")
    assert reset.confirmed_by == staff.ids[by]
    applied, confirmed = entries(outside)[-2:]
    assert [applied["type"], confirmed["type"]] == ["signature.applied", "factor.reset_confirmed"]
    assert confirmed["attest"] == [row.envelope_sha256]
    assert row.entry_seq == confirmed["seq"]
    with pytest.raises(Conflict, match="somebody else confirmed it"):
        people.confirm_reset(outside, staff.act_as("sam"), staff.ids["osei"], row.subject_sha256, None)


def test_nothing_is_confirmed_before_a_new_factor_nor_on_an_old_page(outside: Outside, staff: Staff) -> None:
    take_away(outside, staff)
    add_app(outside, staff.ids["sam"])
    with pytest.raises(Conflict, match="has not added a new second factor"):
        confirm(outside, staff, "sam")
    add_app(outside, staff.ids["osei"])
    sam = staff.act_as("sam")
    waits = people.show_reset(outside, sam, staff.ids["osei"])
    assert waits is not None
    add_app(outside, staff.ids["osei"])
    with pytest.raises(Stale, match="changed since you read them"):
        people.confirm_reset(outside, sam, staff.ids["osei"], waits.digest, again(outside, sam.id))
    assert "factor.reset_confirmed" not in kinds(outside)


def test_a_confirmation_takes_a_code_and_no_password_alone(outside: Outside, staff: Staff) -> None:
    take_away(outside, staff)
    add_app(outside, staff.ids["osei"])
    sam = staff.act_as("sam")
    waits = people.show_reset(outside, sam, staff.ids["osei"])
    assert waits is not None
    for given in (None, PASSWORD, Given(PASSWORD)):
        with pytest.raises(Refused):
            people.confirm_reset(outside, sam, staff.ids["osei"], waits.digest, given)
    for via in ("token", "console", "system"):
        with pytest.raises(Refused, match="signed in"):
            actor = staff.act_as("sam", via)
            people.confirm_reset(outside, actor, staff.ids["osei"], waits.digest, Given(PASSWORD))
    assert "factor.reset_confirmed" not in kinds(outside)


def test_a_second_reset_while_one_waits_takes_the_new_factor_too(outside: Outside, staff: Staff) -> None:
    take_away(outside, staff, by="ruth")
    add_app(outside, staff.ids["osei"])
    take_away(outside, staff, by="sam")
    assert people.show_access(outside, staff.act_as("sam"), staff.ids["osei"]).factors == ()
    add_app(outside, staff.ids["osei"])
    with pytest.raises(Refused, match="You took"):
        confirm(outside, staff, "sam")
    confirm(outside, staff, "ruth")
    assert people.show_reset(outside, staff.act_as("ruth"), staff.ids["osei"]) is None


def test_it_waits_in_the_inbox_of_those_who_can_confirm(outside: Outside, staff: Staff) -> None:
    take_away(outside, staff)

    def waiting(name: str) -> list[str]:
        return [row.name for row in show_inbox(outside, staff.act_as(name)).access]

    assert [waiting(name) for name in ("sam", "quinn")] == [[], []]
    add_app(outside, staff.ids["osei"])
    assert [waiting(name) for name in ("sam", "quinn")] == [["Osei"], ["Osei"]]
    assert [waiting(name) for name in ("ruth", "osei", "kim")] == [[], [], []]
    confirm(outside, staff, "quinn")
    assert waiting("sam") == []


def test_profile_and_page_say_what_is_missing(outside: Outside, staff: Staff) -> None:
    take_away(outside, staff)
    view = factors.show_factors(outside, staff.act_as("osei"))
    assert "Add a new one below before 3 March 2026, 09:00 UTC" in view.reset
    add_app(outside, staff.ids["osei"])
    view = factors.show_factors(outside, staff.act_as("osei"))
    assert "call one of them (Quinn, Sam)" in view.reset
    assert view.can_sign[0] == (
        False,
        "Clinical (clinician-facing): not yet: your second factors were taken away, and a second person has to confirm the new ones.",
    )
    access = people.show_access(outside, staff.act_as("quinn"), staff.ids["osei"])
    assert not access.can_sign[0][0]
    assert not access.may_reset
    assert access.waits is not None
    confirm(outside, staff, "sam")
    assert factors.show_factors(outside, staff.act_as("osei")).reset == ""
    access = people.show_access(outside, staff.act_as("quinn"), staff.ids["osei"])
    assert "Taken away by Ruth" in access.last_reset
    assert "confirmed by Sam" in access.last_reset


def test_others_are_not_told_to_wait_for_somebody_who_cannot_sign(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    take_away(outside, staff)
    from webapp.services.change import show_change

    after = show_change(outside, staff.act_as("ada"), change_id).frame.next
    assert after is not None
    assert after.people == ("Lund", "Moss")


def test_with_one_administrator_it_is_said_what_to_do_and_it_can_be_done(outside: Outside, clock: Clock) -> None:
    """The only administrator lost the app: the console resets; who is invited only then confirms once it was reset once more."""
    roles = {"ruth": ("administrator",), "osei": ("physician",)}
    ids = {name: join(outside, name, given) for name, given in roles.items()}
    staff = Staff(outside, ids)
    add_app(outside, ids["ruth"])
    people.reset_factors(outside, CONSOLE, None, ids["ruth"])
    assert people.who_would_confirm(outside, CONSOLE, ids["ruth"]) == ()
    add_app(outside, ids["ruth"])
    assert "formulary people add" in factors.show_factors(outside, staff.act_as("ruth")).reset
    clock.forward(hours=1)
    ids["quinn"] = join(outside, "quinn", ("auditor",))
    with pytest.raises(Refused, match="only after it was asked for"):
        confirm(outside, staff, "quinn", "ruth")
    clock.forward(hours=1)
    people.reset_factors(outside, CONSOLE, None, ids["ruth"])
    add_app(outside, ids["ruth"])
    confirm(outside, staff, "quinn", "ruth")
    assert kinds(outside)[-1] == "factor.reset_confirmed"


def test_a_lock_out_is_not_lifted_by_a_reset(outside: Outside, staff: Staff) -> None:
    for _ in range(5):
        with pytest.raises((NotSignedIn, TooMany)):
            sessions.open_session(outside, OSEI, "a wrong battery staple")
    take_away(outside, staff)
    with pytest.raises(TooMany):
        sessions.open_session(outside, OSEI, PASSWORD)
    assert row_of(outside, staff.ids["osei"]).locked_until is not None


def test_no_entry_of_a_reset_holds_a_typed_text(outside: Outside, staff: Staff) -> None:
    from tests.services.test_factors import enrol

    take_away(outside, staff)
    enrol(outside, staff, "osei", "Grandmother's tablet")
    confirm(outside, staff, "sam")
    assert kinds(outside)[-1] == "factor.reset_confirmed"
    assert not any("tablet" in json.dumps(leaf) for leaf in entries(outside))


def test_a_refused_confirmation_names_nobody_who_was_only_typed_into_an_address(outside: Outside, staff: Staff) -> None:
    ruth = staff.act_as("ruth")
    spent = add_passkey(outside, ruth.id).answer({"challenge": "c3BlbnQ"})
    for act in (
        lambda: people.confirm_reset(outside, ruth, "Mrs-Larkin-4711", "0" * 64, spent),
        lambda: people.confirm_role(outside, ruth, "Mrs-Larkin-4711", "auditor", "0" * 64, spent),
    ):
        with pytest.raises(NotFound):
            act()
    with outside.database.reading() as session:
        assert not [leaf for leaf in session.scalars(select(Leaf.content)) if b"Larkin" in leaf]
