"""People and roles at a moment: told by the log, the same as the tables, and who could sign."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Person, RoleGrant
from webapp.domain.workflow import Actor
from webapp.errors import NotFound, Refused
from webapp.services import people, people_then

CONSOLE = Actor(id="console", name="Console", via="console")


@pytest.fixture
def told(outside: Outside, staff: Staff) -> None:
    """What inviting and joining enters, for the people of the house."""
    with outside.database.writing() as session:
        for name, person_id in staff.ids.items():
            about = ("person", person_id, None)
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", about, reason=role.value)
            enter(outside, session, CONSOLE, "person.joined", about)
            if "physician" in {role.value for role in staff.act_as(name).roles}:
                enter(outside, session, CONSOLE, "person.credentials_confirmed", about, after=("shown", "0" * 64))
                enter(outside, session, CONSOLE, "factor.enrolled", about, reason="totp")


def at(outside: Outside, staff: Staff, moment: datetime, role: str = "") -> dict[str, people_then.PersonRow]:
    view = people_then.show_people_then(outside, staff.act_as("quinn"), moment, role)
    return {row.name: row for row in view.people}


@pytest.mark.usefixtures("told")
def test_roles_at_random_moments_are_those_of_the_table(outside: Outside, staff: Staff, clock: Clock) -> None:
    ruth, began, chance = staff.act_as("ruth"), clock(), random.Random(5)
    for _ in range(25):
        clock.forward(hours=chance.randrange(1, 9))
        name, role = (
            chance.choice(("ada", "ben", "kim", "osei")),
            chance.choice(("author", "informaticist", "physician")),
        )
        act = people.revoke_role if role in staff.act_as(name).roles else people.grant_role
        act(outside, ruth, staff.ids[name], role)
    span = int((clock() - began).total_seconds())
    for _ in range(20):
        moment = began + timedelta(seconds=chance.randrange(span), milliseconds=1)
        found = at(outside, staff, moment)
        with outside.database.reading() as session:
            for person in session.scalars(select(Person)):
                query = select(RoleGrant.role).where(
                    RoleGrant.person_id == person.id,
                    RoleGrant.granted_at <= moment,
                    RoleGrant.revoked_at.is_(None) | (RoleGrant.revoked_at > moment),
                )
                assert found[person.name].then.held == frozenset(session.scalars(query))


@pytest.mark.usefixtures("told")
def test_who_could_sign_clinical_releases_then(outside: Outside, staff: Staff, clock: Clock) -> None:
    before = clock()
    clock.forward(days=1)
    people.deactivate(outside, staff.act_as("ruth"), staff.ids["lund"])
    people.revoke_role(outside, staff.act_as("ruth"), staff.ids["moss"], "physician")
    clock.forward(days=1)
    then, now = at(outside, staff, before, "physician"), at(outside, staff, clock(), "physician")
    assert set(then) == {"Osei", "Lund", "Moss"}
    assert [one.could for row in then.values() for one in row.signs if one.risk_class == "clinical"] == [True] * 3
    assert [one.could for row in then.values() for one in row.signs if one.risk_class == "high_risk"] == [False] * 3
    assert set(now) == {"Osei", "Lund"}
    assert now["Lund"].signs[0].missing == ("deactivated",)
    assert now["Osei"].signs[1].missing == ("no passkey",)


@pytest.mark.usefixtures("told")
def test_a_history_names_who_gave_and_took_with_entries(outside: Outside, staff: Staff, clock: Clock) -> None:
    clock.forward(days=1)
    people.grant_role(outside, staff.act_as("ruth"), staff.ids["ada"], "informaticist")
    clock.forward(days=1)
    people.revoke_role(outside, staff.act_as("sam"), staff.ids["ada"], "informaticist")
    view = people_then.show_person_history(outside, staff.act_as("quinn"), staff.ids["ada"])
    (past,) = view.person.then.past
    assert past.until is not None
    assert (past.role, past.since.by, past.until.by) == ("informaticist", "Ruth", "Sam")
    assert view.entries[0].sentence == "Sam took the role clinical informaticist from Ada"
    assert view.agrees


@pytest.mark.usefixtures("told")
def test_a_role_that_only_the_table_knows_is_shown(outside: Outside, staff: Staff, clock: Clock) -> None:
    with outside.database.writing() as session:
        session.add(RoleGrant(id="rol_secret", person_id=staff.ids["ada"], role="physician", granted_at=clock()))
    assert not people_then.show_person_history(outside, staff.act_as("quinn"), staff.ids["ada"]).agrees


@pytest.mark.parametrize("name", ["ada", "kim", "osei"])
def test_only_those_who_read_people_read_their_history(outside: Outside, staff: Staff, name: str) -> None:
    with pytest.raises(Refused):
        people_then.show_people_then(outside, staff.act_as(name), None, "")
    with pytest.raises(Refused):
        people_then.show_person_history(outside, staff.act_as(name), staff.ids["ada"])


def test_an_unknown_person_is_not_found(outside: Outside, staff: Staff) -> None:
    with pytest.raises(NotFound):
        people_then.show_person_history(outside, staff.act_as("quinn"), "per_none")
