"""People: invited by link, given roles that go together, confirmed by somebody else, gone without traces of power."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Base, Leaf, Person, RoleGrant
from webapp.domain.workflow import Actor, Role
from webapp.errors import AlreadyDone, Conflict, InvalidInput, NotFound, NotSignedIn, Refused, Stale
from webapp.services import people, profile, sessions, tokens
from webapp.services.tokens import TokenRequest

CONSOLE = Actor(id="console", name="Console", via="console")
NEW = "seven calm otters at noon"


def invite(outside: Outside, actor: Actor, *roles: str, email: str = "eve@example.org") -> people.Invited:
    return people.invite(outside, actor, "Eve Adler", email, roles or ("author",))


def view(outside: Outside, staff: Staff, person_id: str) -> people.PersonView:
    return people.show_person(outside, staff.act_as("ruth"), person_id)


def leaves(outside: Outside, person_id: str) -> list[tuple[str, str | None, str, str]]:
    """Type, reason, actor and door of every entry about this person."""
    with outside.database.reading() as session:
        query = select(Leaf.content).where(Leaf.entity_id == person_id).order_by(Leaf.seq)
        documents = [json.loads(content) for content in session.scalars(query)]
    return [(leaf["type"], leaf["reason"], leaf["actor"]["name"], leaf["actor"]["via"]) for leaf in documents]


def dump(outside: Outside) -> str:
    with outside.database.reading() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table}"'))
        )


class TestInviting:
    def test_an_invited_person_joins_by_the_link_and_signs_in(self, outside: Outside, staff: Staff) -> None:
        invited = invite(outside, staff.act_as("ruth"), "informaticist", "author")
        assert invited.link == f"http://localhost:8000/join/{invited.secret}"
        shown = people.show_invitation(outside, invited.secret)
        assert (shown.name, shown.email) == ("Eve Adler", "eve@example.org")
        assert view(outside, staff, invited.person_id).state == "invited"
        assert people.join(outside, invited.secret, NEW) == "eve@example.org"
        found = sessions.find_person(outside, sessions.open_session(outside, "eve@example.org", NEW), is_activity=True)
        assert found is not None
        assert found[1].roles == {Role.AUTHOR, Role.INFORMATICIST}
        assert leaves(outside, invited.person_id)[:4] == [
            ("person.invited", None, "Ruth", "session"),
            ("role.granted", "author", "Ruth", "session"),
            ("role.granted", "informaticist", "Ruth", "session"),
            ("person.joined", None, "Eve Adler", "session"),
        ]

    def test_the_console_invites_the_first_administrator(self, outside: Outside) -> None:
        invited = invite(outside, CONSOLE, "administrator")
        assert leaves(outside, invited.person_id)[0] == ("person.invited", None, "Console", "console")
        with outside.database.reading() as session:
            assert session.scalars(select(RoleGrant.granted_by)).all() == [None]

    @pytest.mark.parametrize("name", ["ada", "kim", "osei", "quinn"])
    def test_nobody_but_an_administrator_manages_people(self, outside: Outside, staff: Staff, name: str) -> None:
        actor, lee = staff.act_as(name), staff.ids["lee"]
        digest = view(outside, staff, lee).digest
        for act in (
            lambda: invite(outside, actor),
            lambda: people.renew_invitation(outside, actor, lee),
            lambda: people.grant_role(outside, actor, lee, "author"),
            lambda: people.revoke_role(outside, actor, lee, "informaticist"),
            lambda: people.deactivate(outside, actor, lee),
            lambda: people.reactivate(outside, actor, lee),
            lambda: people.confirm_credentials(outside, actor, lee, digest),
        ):
            with pytest.raises(Refused, match="do not let you manage people"):
                act()

    def test_a_token_of_an_administrator_manages_nobody(self, outside: Outside, staff: Staff) -> None:
        with pytest.raises(Refused, match="do not let you manage people"):
            invite(outside, staff.act_as("ruth", via="token"))

    def test_a_link_works_once(self, outside: Outside, staff: Staff) -> None:
        invited = invite(outside, staff.act_as("ruth"))
        people.join(outside, invited.secret, NEW)
        for act in (
            lambda: people.show_invitation(outside, invited.secret),
            lambda: people.join(outside, invited.secret, NEW + " again"),
        ):
            with pytest.raises(Conflict, match="used already"):
                act()

    def test_a_link_works_for_seven_days(self, outside: Outside, staff: Staff, clock: Clock) -> None:
        invited = invite(outside, staff.act_as("ruth"))
        clock.forward(days=7, seconds=-1)
        assert people.show_invitation(outside, invited.secret)
        clock.forward(seconds=1)
        with pytest.raises(Conflict, match="ask an administrator for a new one"):
            people.join(outside, invited.secret, NEW)
        assert view(outside, staff, invited.person_id).state == "link_ended"

    def test_an_unknown_link_says_what_to_do(self, outside: Outside) -> None:
        with pytest.raises(NotFound, match="copied whole"):
            people.show_invitation(outside, "nothing")

    def test_a_new_link_ends_the_old_one(self, outside: Outside, staff: Staff) -> None:
        old = invite(outside, staff.act_as("ruth"))
        new = people.renew_invitation(outside, staff.act_as("sam"), old.person_id)
        with pytest.raises(Conflict, match="does not work any more"):
            people.join(outside, old.secret, NEW)
        assert people.join(outside, new.secret, NEW)
        assert leaves(outside, old.person_id)[2] == ("person.invited", "new_link", "Sam", "session")

    def test_nobody_who_has_joined_gets_a_link_that_would_replace_the_password(
        self, outside: Outside, staff: Staff
    ) -> None:
        with pytest.raises(Conflict, match="Kim has joined already"):
            people.renew_invitation(outside, staff.act_as("ruth"), staff.ids["kim"])

    def test_a_link_made_before_somebody_was_deactivated_is_dead_for_good(self, outside: Outside, staff: Staff) -> None:
        ruth = staff.act_as("ruth")
        invited = invite(outside, ruth)
        people.deactivate(outside, ruth, invited.person_id)
        with pytest.raises(Conflict, match="reactivate first"):
            people.renew_invitation(outside, ruth, invited.person_id)
        people.reactivate(outside, ruth, invited.person_id)
        with pytest.raises(Conflict, match="does not work any more"):
            people.join(outside, invited.secret, NEW)

    @pytest.mark.parametrize(
        ("password", "sentence"),
        [
            ("short", "12 to 200"),
            ("x" * 201, "12 to 200"),
            ("aaaabbbbaaaabbbb", "repeats"),
            ("my name is adler, yes", "your name or mail address"),
        ],
    )
    def test_a_weak_first_password_is_refused_and_the_link_stays_good(
        self, outside: Outside, staff: Staff, password: str, sentence: str
    ) -> None:
        invited = invite(outside, staff.act_as("ruth"))
        with pytest.raises(InvalidInput, match=sentence):
            people.join(outside, invited.secret, password)
        assert people.join(outside, invited.secret, NEW)

    @pytest.mark.parametrize(
        ("name", "email", "roles", "sentence"),
        [
            ("", "eve@example.org", ["author"], "person's name"),
            ("E" * 121, "eve@example.org", ["author"], "at most 120"),
            ("Eve\u202eAdler", "eve@example.org", ["author"], "person's name"),
            ("Eve", "eve", ["author"], "whole mail address"),
            ("Eve", "eve@example.org, kim@example.org", ["author"], "whole mail address"),
            ("Eve", "e" * 250 + "@example.org", ["author"], "whole mail address"),
            ("Eve", "eve@example.org", [], "at least one role"),
            ("Eve", "eve@example.org", ["king"], "no role king"),
        ],
    )
    def test_an_invitation_that_is_not_whole_stores_nothing(
        self, outside: Outside, staff: Staff, name: str, email: str, roles: list[str], sentence: str
    ) -> None:
        before = dump(outside)
        with pytest.raises(InvalidInput, match=sentence):
            people.invite(outside, staff.act_as("ruth"), name, email, roles)
        assert dump(outside) == before

    def test_a_mail_address_belongs_to_one_person(self, outside: Outside, staff: Staff) -> None:
        with pytest.raises(Conflict, match="is here already"):
            invite(outside, staff.act_as("ruth"), email=" KIM@example.org")

    def test_somebody_without_a_password_cannot_sign_in(self, outside: Outside, staff: Staff) -> None:
        invite(outside, staff.act_as("ruth"))
        for password in ("", PASSWORD):
            with pytest.raises(NotSignedIn):
                sessions.open_session(outside, "eve@example.org", password)

    def test_links_and_passwords_stand_in_no_table_and_no_log(
        self, outside: Outside, staff: Staff, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            invited = invite(outside, staff.act_as("ruth"))
            people.join(outside, invited.secret, NEW)
        stored = dump(outside)
        assert "Eve Adler" in stored
        for secret in (invited.secret, NEW):
            assert secret not in stored
            assert secret not in caplog.text


class TestRoles:
    def test_a_role_is_given_and_taken_and_counts_at_once(self, outside: Outside, staff: Staff) -> None:
        ruth, ada = staff.act_as("ruth"), staff.ids["ada"]
        people.grant_role(outside, ruth, ada, "informaticist")
        assert staff.act_as("ada").roles == {Role.AUTHOR, Role.INFORMATICIST}
        people.revoke_role(outside, ruth, ada, "author")
        assert staff.act_as("ada").roles == {Role.INFORMATICIST}
        assert leaves(outside, ada) == [
            ("role.granted", "informaticist", "Ruth", "session"),
            ("role.revoked", "author", "Ruth", "session"),
        ]

    def test_a_revoked_role_keeps_its_row_with_who_and_when(self, outside: Outside, staff: Staff) -> None:
        people.revoke_role(outside, staff.act_as("ruth"), staff.ids["ada"], "author")
        with outside.database.reading() as session:
            (grant,) = session.scalars(select(RoleGrant).where(RoleGrant.person_id == staff.ids["ada"]))
        assert (grant.revoked_by, grant.revoked_at) == (staff.ids["ruth"], outside.now())

    @pytest.mark.parametrize(
        ("name", "role"),
        [("kim", "administrator"), ("osei", "administrator"), ("sam", "physician"), ("ruth", "informaticist")],
    )
    def test_administrators_hold_no_deciding_role(self, outside: Outside, staff: Staff, name: str, role: str) -> None:
        with pytest.raises(Refused, match="Administrators hold no deciding role"):
            people.grant_role(outside, staff.act_as("ruth"), staff.ids[name], role)
        assert leaves(outside, staff.ids[name]) == []

    def test_nobody_is_invited_as_administrator_and_physician(self, outside: Outside) -> None:
        with pytest.raises(Refused, match="cannot be administrator and physician"):
            invite(outside, CONSOLE, "administrator", "physician")

    def test_the_same_role_is_not_given_or_taken_twice(self, outside: Outside, staff: Staff) -> None:
        ruth, ada = staff.act_as("ruth"), staff.ids["ada"]
        with pytest.raises(AlreadyDone, match="is AI team"):
            people.grant_role(outside, ruth, ada, "author")
        with pytest.raises(AlreadyDone, match="is not physician"):
            people.revoke_role(outside, ruth, ada, "physician")

    def test_the_last_administrator_stays_one(self, outside: Outside, staff: Staff) -> None:
        people.revoke_role(outside, staff.act_as("ruth"), staff.ids["sam"], "administrator")
        with pytest.raises(Refused, match="last administrator"):
            people.revoke_role(outside, staff.act_as("ruth"), staff.ids["ruth"], "administrator")
        assert staff.act_as("ruth").roles == {Role.ADMINISTRATOR}

    def test_an_administrator_who_has_not_joined_does_not_count(self, outside: Outside, staff: Staff) -> None:
        ruth = staff.act_as("ruth")
        people.deactivate(outside, ruth, staff.ids["sam"])
        invited = invite(outside, ruth, "administrator")
        with pytest.raises(Refused, match="who has joined"):
            people.revoke_role(outside, ruth, staff.ids["ruth"], "administrator")
        people.join(outside, invited.secret, NEW)
        people.revoke_role(outside, ruth, staff.ids["ruth"], "administrator")

    @pytest.mark.parametrize("name", ["nobody", ""])
    def test_an_unknown_person_is_not_there(self, outside: Outside, staff: Staff, name: str) -> None:
        with pytest.raises(NotFound, match="no such person"):
            people.grant_role(outside, staff.act_as("ruth"), name, "author")

    def test_only_roles_that_go_together_are_offered(self, outside: Outside, staff: Staff) -> None:
        assert view(outside, staff, staff.ids["sam"]).can_grant == ("author", "auditor")
        assert view(outside, staff, staff.ids["kim"]).can_grant == ("author", "physician", "auditor")


class TestLeaving:
    def test_somebody_deactivated_has_no_session_no_token_and_no_way_in(self, outside: Outside, staff: Staff) -> None:
        raw = sessions.open_session(outside, "ada@example.org", PASSWORD)
        asked = TokenRequest("CI", ("read",), (), "Ada", "555", 30)
        secret = tokens.make_token(outside, staff.act_as("ada"), asked)
        people.deactivate(outside, staff.act_as("ruth"), staff.ids["ada"])
        assert sessions.find_person(outside, raw, is_activity=True) is None
        with pytest.raises(NotSignedIn):
            tokens.find_bearer(outside, secret)
        with pytest.raises(NotSignedIn):
            sessions.open_session(outside, "ada@example.org", PASSWORD)
        people.reactivate(outside, staff.act_as("ruth"), staff.ids["ada"])
        assert sessions.find_person(outside, raw, is_activity=True) is None
        with pytest.raises(NotSignedIn):
            tokens.find_bearer(outside, secret)
        assert sessions.open_session(outside, "ada@example.org", PASSWORD)
        kinds = [kind for kind, _, _, _ in leaves(outside, staff.ids["ada"])]
        assert kinds.index("person.deactivated") < kinds.index("person.reactivated") < kinds.index("session.opened", 1)

    def test_the_token_of_somebody_who_left_has_its_own_entry(self, outside: Outside, staff: Staff) -> None:
        asked = TokenRequest("CI", ("read",), (), "Ada", "555", 30)
        token_id = tokens.find_bearer(outside, tokens.make_token(outside, staff.act_as("ada"), asked)).id
        people.deactivate(outside, staff.act_as("ruth"), staff.ids["ada"])
        assert leaves(outside, token_id)[-1] == ("token.revoked", "owner_left", "Ruth", "session")

    def test_nobody_deactivates_oneself(self, outside: Outside, staff: Staff) -> None:
        with pytest.raises(Refused, match="cannot deactivate yourself"):
            people.deactivate(outside, staff.act_as("ruth"), staff.ids["ruth"])

    def test_the_last_administrator_cannot_be_deactivated_from_the_console(
        self, outside: Outside, staff: Staff
    ) -> None:
        people.deactivate(outside, CONSOLE, staff.ids["sam"])
        with pytest.raises(Refused, match="last administrator"):
            people.deactivate(outside, CONSOLE, staff.ids["ruth"])

    def test_leaving_and_coming_back_happen_once(self, outside: Outside, staff: Staff) -> None:
        ruth, lee = staff.act_as("ruth"), staff.ids["lee"]
        with pytest.raises(AlreadyDone, match="active already"):
            people.reactivate(outside, ruth, lee)
        people.deactivate(outside, ruth, lee)
        with pytest.raises(AlreadyDone, match="deactivated already"):
            people.deactivate(outside, ruth, lee)
        assert view(outside, staff, lee).state == "deactivated"


class TestCredentials:
    def test_credentials_are_confirmed_by_somebody_else_and_change_takes_that_away(
        self, outside: Outside, staff: Staff
    ) -> None:
        profile.change_credentials(outside, staff.act_as("osei"), "Dr.", "MD, PhD", "Cardiology")
        assert not staff.act_as("osei").credentials_confirmed
        shown = view(outside, staff, staff.ids["osei"])
        people.confirm_credentials(outside, staff.act_as("ruth"), staff.ids["osei"], shown.digest)
        confirmed = view(outside, staff, staff.ids["osei"])
        assert staff.act_as("osei").credentials_confirmed
        assert (confirmed.confirmed_by, confirmed.confirmed_at) == ("Ruth", outside.now())
        profile.change_credentials(outside, staff.act_as("osei"), "Dr.", "MD", "Cardiology")
        assert not staff.act_as("osei").credentials_confirmed

    def test_nobody_confirms_words_that_changed_after_reading(self, outside: Outside, staff: Staff) -> None:
        digest = view(outside, staff, staff.ids["osei"]).digest
        profile.change_credentials(outside, staff.act_as("osei"), "Professor", "MD", "Everything")
        with pytest.raises(Stale, match="changed since you read them"):
            people.confirm_credentials(outside, staff.act_as("ruth"), staff.ids["osei"], digest)

    def test_nobody_confirms_oneself(self, outside: Outside, staff: Staff) -> None:
        profile.change_credentials(outside, staff.act_as("ruth"), "", "MBA", "")
        digest = view(outside, staff, staff.ids["ruth"]).digest
        with pytest.raises(Refused, match="Nobody confirms their own"):
            people.confirm_credentials(outside, staff.act_as("ruth"), staff.ids["ruth"], digest)

    def test_there_must_be_something_to_confirm_and_once_is_enough(self, outside: Outside, staff: Staff) -> None:
        ruth = staff.act_as("ruth")
        with pytest.raises(InvalidInput, match="Kim has written no credentials"):
            people.confirm_credentials(outside, ruth, staff.ids["kim"], view(outside, staff, staff.ids["kim"]).digest)
        with pytest.raises(AlreadyDone, match="confirmed already"):
            people.confirm_credentials(outside, ruth, staff.ids["osei"], view(outside, staff, staff.ids["osei"]).digest)


class TestReading:
    def test_auditors_read_people_and_manage_none(self, outside: Outside, staff: Staff) -> None:
        rows = people.list_people(outside, staff.act_as("quinn"))
        assert [row.name for row in rows] == sorted(row.name for row in rows)
        assert len(rows) == 10
        assert not any(row.may_manage for row in rows)

    @pytest.mark.parametrize("name", ["ada", "kim", "osei"])
    def test_others_do_not_read_the_list(self, outside: Outside, staff: Staff, name: str) -> None:
        with pytest.raises(Refused, match="read people"):
            people.list_people(outside, staff.act_as(name))

    def test_a_locked_person_is_shown_as_locked(self, outside: Outside, staff: Staff) -> None:
        for _ in range(5):
            with pytest.raises(NotSignedIn):
                sessions.open_session(outside, "kim@example.org", "a wrong battery staple")
        assert view(outside, staff, staff.ids["kim"]).state == "locked"

    def test_the_link_carries_the_address_of_the_site(self, outside: Outside) -> None:
        elsewhere = replace(outside, settings=replace(outside.settings, base_url="https://formulary.example.org"))
        assert invite(elsewhere, CONSOLE).link.startswith("https://formulary.example.org/join/")

    def test_names_are_kept_on_one_line(self, outside: Outside) -> None:
        invited = people.invite(outside, CONSOLE, "  Eve \t Adler ", "eve@example.org", ["author"])
        with outside.database.reading() as session:
            assert session.get_one(Person, invited.person_id).name == "Eve Adler"
