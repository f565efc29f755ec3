"""A role that was given after a signature was asked for signs it only once a second person has confirmed the grant."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests import rollouts
from tests.conftest import Clock, Staff
from tests.people import PASSWORD, add_app, again, join
from tests.services.test_factors import predicate_of
from tests.services.test_signoff import sign_rows
from tests.stages import change_in, digests, open_worst_cases, ready_review
from webapp.acts.recording import enter
from webapp.acts.signatures_shown import role_stated, signatures_of
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Person, Signature
from webapp.domain.workflow import Actor, RiskClass
from webapp.domain.workflow.evidence import Approval
from webapp.errors import AlreadyDone, NotFound, Refused, Stale
from webapp.services import factors, people, review, rollout, signoff
from webapp.services.catalogue import show_change as change_for_programs
from webapp.services.inbox import show_inbox

CONSOLE = Actor(id="console", name="Console", via="console")


def late(outside: Outside, staff: Staff, clock: Clock, name: str = "noor", role: str = "physician") -> str:
    """Somebody who is here since long is given the role only now, by Ruth; returns the id."""
    if name not in staff.ids:
        staff.ids[name] = join(outside, name, ("author",))
        with outside.database.writing() as session:
            person = session.get_one(Person, staff.ids[name])
            person.credentials, person.credentials_confirmed_at = "MD", outside.now()
        add_app(outside, staff.ids[name])
    clock.forward(minutes=5)
    people.grant_role(outside, staff.act_as("ruth"), staff.ids[name], role)
    return staff.ids[name]


def sign(outside: Outside, staff: Staff, change_id: str, name: str = "noor") -> None:
    open_worst_cases(outside, staff, change_id, name)
    digest, seen = digests(outside, change_id)
    given = again(outside, staff.ids[name])
    signoff.sign(outside, staff.act_as(name), change_id, digest, given, seen=seen)


def confirm(outside: Outside, staff: Staff, by: str, name: str = "noor", role: str = "physician") -> None:
    actor = staff.act_as(by)
    if not again(outside, actor.id).code:
        add_app(outside, actor.id)
    grant = people.show_grant(outside, actor, staff.ids[name], role)
    people.confirm_role(outside, actor, staff.ids[name], role, grant.digest, again(outside, actor.id))


def entries(outside: Outside) -> list[dict[str, object]]:
    with outside.database.reading() as session:
        return [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]


def test_a_physician_made_after_the_submission_does_not_sign_it(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "signoff")
    late(outside, staff, clock)
    with pytest.raises(Refused, match="You became physician only after this was asked for") as refused:
        sign(outside, staff, change_id)
    assert refused.value.code == "role_too_new"
    assert sign_rows(outside, change_id) == []
    last = entries(outside)[-1]
    assert (last["type"], last["reason"]) == ("signature.refused", "role_too_new")


@pytest.mark.parametrize("by", ["sam", "quinn"])
def test_a_second_person_confirms_the_role_and_then_it_signs(
    outside: Outside, staff: Staff, clock: Clock, by: str
) -> None:
    change_id = change_in(outside, staff, "signoff")
    late(outside, staff, clock)
    confirm(outside, staff, by)
    applied, confirmed = entries(outside)[-2:]
    assert [applied["type"], confirmed["type"], confirmed["reason"]] == [
        "signature.applied",
        "role.confirmed",
        "physician",
    ]
    sign(outside, staff, change_id)
    (row,) = sign_rows(outside, change_id)
    held = predicate_of(outside, row.envelope_sha256)["role_held"]
    granted = next(
        leaf for leaf in entries(outside) if leaf["type"] == "role.granted" and leaf["reason"] == "physician"
    )
    assert held["since"] == granted["ts"]
    assert held["entry"] == granted["seq"]
    assert held["granted_by"] == {"id": staff.ids["ruth"], "name": "Ruth"}
    assert held["confirmed"]["by"] == {"id": staff.ids[by], "name": by.title()}
    assert held["confirmed"]["entry"] == confirmed["seq"]


def test_what_is_submitted_after_the_grant_needs_no_confirmation(outside: Outside, staff: Staff, clock: Clock) -> None:
    late(outside, staff, clock)
    clock.forward(minutes=5)
    change_id = change_in(outside, staff, "signoff")
    sign(outside, staff, change_id)
    (row,) = sign_rows(outside, change_id)
    assert predicate_of(outside, row.envelope_sha256)["role_held"]["confirmed"] is None
    assert row.role_since is not None


def test_a_reviewer_made_late_neither_confirms_the_class_nor_approves(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id, "kim")
    late(outside, staff, clock, role="informaticist")
    digest, seen = digests(outside, change_id)
    noor, given = staff.act_as("noor"), again(outside, staff.ids["noor"])
    with pytest.raises(Refused, match="You became clinical informaticist only after"):
        review.approve(outside, noor, change_id, digest, Approval("Fine.", (), True), given, seen=seen)
    with pytest.raises(Refused, match="only after this was asked for"):
        review.confirm_class(outside, noor, change_id, digest, again(outside, noor.id))
    review.ask_for_changes(outside, noor, change_id, digest, "Say the route; this is no signature.")


def test_the_log_decides_which_came_first_and_not_the_clock(outside: Outside, staff: Staff, clock: Clock) -> None:
    """The clock stands still: by times the grant would be as old as the submission."""
    staff.ids["noor"] = join(outside, "noor", ("author",))
    add_app(outside, staff.ids["noor"])
    change_id = change_in(outside, staff, "review")
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["noor"], "informaticist")
    with pytest.raises(Refused, match="only after this was asked for"):
        review.confirm_class(
            outside, staff.act_as("noor"), change_id, digests(outside, change_id)[0], again(outside, staff.ids["noor"])
        )


def test_a_revision_asks_anew(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "review")
    late(outside, staff, clock, role="informaticist")
    clock.forward(minutes=1)
    with outside.database.writing() as session:
        change = load_change(session, change_id).change
        state = (change.stage, change.digest)
        ada = staff.act_as("ada")
        enter(outside, session, ada, "change.revise", ("change", change_id, 2), before=state, after=state)
    noor = staff.act_as("noor")
    review.confirm_class(outside, noor, change_id, digests(outside, change_id)[0], again(outside, noor.id))


def test_a_role_made_late_stops_a_rollout_and_does_not_advance_it(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = rollouts.started(outside, staff)
    late(outside, staff, clock, role="informaticist")
    digest = digests(outside, change_id)[0]
    clock.forward(days=30)
    noor = staff.act_as("noor")
    with pytest.raises(Refused, match="only after this was asked for"):
        rollout.advance(outside, noor, change_id, digest, "All is well.", again(outside, noor.id))
    rollout.hold(outside, noor, change_id, digest, "live", "Two nurses saw empty answers.", again(outside, noor.id))
    assert entries(outside)[-1]["type"] == "change.hold"


def test_of_two_roles_the_old_one_signs(outside: Outside, staff: Staff, clock: Clock) -> None:
    """Raising the class takes informaticist or physician; by name the new informaticist would come first."""
    change_id = change_in(outside, staff, "signoff")
    clock.forward(minutes=5)
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["osei"], "informaticist")
    osei = staff.act_as("osei")
    digest, _ = digests(outside, change_id)
    review.raise_class(outside, osei, change_id, digest, RiskClass.HIGH_RISK, again(outside, osei.id))
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "raise_class")).one()
    assert row.signer_role == "physician"


@pytest.mark.parametrize(
    ("by", "sentence"),
    [("ruth", "You gave this role"), ("noor", "administrator or an auditor"), ("kim", "administrator or an auditor")],
)
def test_neither_granter_nor_grantee_confirms(
    outside: Outside, staff: Staff, clock: Clock, by: str, sentence: str
) -> None:
    late(outside, staff, clock)
    with pytest.raises(Refused, match=sentence):
        confirm(outside, staff, by)
    assert "role.confirmed" not in [leaf["type"] for leaf in entries(outside)]


def test_a_second_administrator_made_for_the_purpose_confirms_nothing(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    late(outside, staff, clock)
    staff.ids["pat"] = join(outside, "pat", ("author",))
    late(outside, staff, clock, "pat", "auditor")
    with pytest.raises(Refused, match="became administrator or auditor only after this role was given"):
        confirm(outside, staff, "pat")
    confirm(outside, staff, "sam", "pat", "auditor")
    confirm(outside, staff, "pat")


def test_a_role_is_confirmed_once_as_it_was_read(outside: Outside, staff: Staff, clock: Clock) -> None:
    late(outside, staff, clock)
    sam = staff.act_as("sam")
    add_app(outside, sam.id)
    grant = people.show_grant(outside, sam, staff.ids["noor"], "physician")
    people.revoke_role(outside, staff.act_as("ruth"), staff.ids["noor"], "physician")
    with pytest.raises(NotFound, match="does not hold this role"):
        people.confirm_role(outside, sam, staff.ids["noor"], "physician", grant.digest, again(outside, sam.id))
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["noor"], "physician")
    with pytest.raises(Stale, match="given anew"):
        people.confirm_role(outside, sam, staff.ids["noor"], "physician", grant.digest, again(outside, sam.id))
    confirm(outside, staff, "sam")
    with pytest.raises(AlreadyDone):
        confirm(outside, staff, "quinn")


def test_a_role_taken_and_given_again_is_young_and_unconfirmed(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "signoff")
    late(outside, staff, clock)
    confirm(outside, staff, "sam")
    people.revoke_role(outside, staff.act_as("ruth"), staff.ids["noor"], "physician")
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["noor"], "physician")
    with pytest.raises(Refused, match="only after this was asked for"):
        sign(outside, staff, change_id)


def test_no_token_console_or_password_alone_confirms_a_role(outside: Outside, staff: Staff, clock: Clock) -> None:
    late(outside, staff, clock)
    grant = people.show_grant(outside, staff.act_as("sam"), staff.ids["noor"], "physician")
    for actor in (staff.act_as("sam", "token"), staff.act_as("sam", "system"), staff.act_as("sam")):
        with pytest.raises(Refused):
            people.confirm_role(outside, actor, staff.ids["noor"], "physician", grant.digest, PASSWORD)
    assert "role.confirmed" not in [leaf["type"] for leaf in entries(outside)]


def test_it_waits_in_the_inbox_only_where_something_waits_for_the_role(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    def waiting(name: str) -> list[str]:
        return [f"{row.name}: {row.role}" for row in show_inbox(outside, staff.act_as(name)).access]

    late(outside, staff, clock)
    assert waiting("sam") == []
    change_in(outside, staff, "review")
    late(outside, staff, clock, "pat")
    assert [waiting(name) for name in ("sam", "quinn")] == [["Pat: physician"]] * 2
    assert [waiting(name) for name in ("ruth", "pat", "kim")] == [[], [], []]
    confirm(outside, staff, "sam", "pat")
    assert waiting("quinn") == []


def test_the_profile_says_what_the_role_does_not_sign_yet(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_in(outside, staff, "review")
    late(outside, staff, clock)

    def lines() -> list[str]:
        return [words for _, words in factors.show_factors(outside, staff.act_as("noor")).can_sign]

    assert lines()[-1] == (
        "What was asked for before 2 March 2026, 09:05 UTC is signed as physician once a second person has confirmed "
        "that role, which was given only then."
    )
    confirm(outside, staff, "sam")
    assert not any("asked for before" in words for words in lines())


def test_the_signature_shows_since_when_and_by_whom_everywhere(outside: Outside, staff: Staff, clock: Clock) -> None:
    late(outside, staff, clock)
    clock.forward(minutes=5)
    change_id = change_in(outside, staff, "signoff")
    sign(outside, staff, change_id)
    words = "physician since 2 March 2026, 09:05 UTC, granted by Ruth"
    with outside.database.reading() as session:
        shown = next(one for one in signatures_of(outside, session, change_id) if one.move == "sign")
        stated = role_stated(session, shown.envelope_sha256)
    assert shown.role_held == words
    assert (stated.since, stated.granted_by, stated.confirmed_by) == ("2026-03-02T09:05:00.000Z", "Ruth", "")
    row = change_for_programs(outside, staff.act_as("ada"), change_id)["signatures"][-1]
    assert row["role_held"] == {"since": stated.since, "granted_by": "Ruth", "confirmed_by": ""}
