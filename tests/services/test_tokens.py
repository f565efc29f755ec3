"""Tokens: who may make which, how they end, and what they never leave behind."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from tests.conftest import Clock, Staff
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Base, Leaf, Payload, Person, Prompt, RoleGrant, Token
from webapp.errors import AlreadyDone, Conflict, FormularyError, InvalidInput, NotFound, NotSignedIn, Refused, Stale
from webapp.services import tokens
from webapp.services.tokens import TokenChange, TokenRequest

ASKED = TokenRequest("Pipeline", ("submit", "read"), (), "Ada, AI team", "555 0100", 90)


def make(outside: Outside, staff: Staff, who: str = "ada", **changes: object) -> str:
    return tokens.make_token(outside, staff.act_as(who), replace(ASKED, **changes))  # type: ignore[arg-type]


def id_of(outside: Outside, secret: str) -> str:
    return tokens.find_bearer(outside, secret).id


def dump(outside: Outside) -> str:
    with outside.database.reading() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f'SELECT * FROM "{table}"'))
        )


def entries(outside: Outside) -> list[str]:
    with outside.database.reading() as session:
        return list(session.scalars(select(Leaf.type).order_by(Leaf.seq)))


def test_a_token_says_whose_it_is_with_the_roles_held_now(outside: Outside, staff: Staff) -> None:
    bearer = tokens.find_bearer(outside, make(outside, staff))
    assert (bearer.actor.id, bearer.actor.via, bearer.actor.token_id) == (staff.ids["ada"], "token", bearer.id)
    assert bearer.scopes == {"scopes": ["submit", "read"], "prompts": []}
    tokens.require_scope(bearer, ("read",))
    assert entries(outside)[-1] == "token.issued"


def test_the_text_of_a_token_stands_in_no_table_and_no_log(
    outside: Outside, staff: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        secret = make(outside, staff)
        tokens.find_bearer(outside, secret)
        with pytest.raises(NotSignedIn):
            tokens.find_bearer(outside, secret + "x")
    stored = dump(outside)
    assert "Pipeline" in stored
    assert secret not in stored
    assert secret not in caplog.text


@pytest.mark.parametrize("name", ["kim", "osei", "quinn"])
def test_only_authors_and_administrators_have_tokens(outside: Outside, staff: Staff, name: str) -> None:
    with pytest.raises(Refused, match="do not let you have tokens"):
        make(outside, staff, name)
    with pytest.raises(Refused, match="do not let you have tokens"):
        tokens.show_tokens(outside, staff.act_as(name))


def test_a_token_cannot_make_a_token(outside: Outside, staff: Staff) -> None:
    bearer = tokens.find_bearer(outside, make(outside, staff))
    with pytest.raises(Refused, match="do not let you have tokens"):
        tokens.make_token(outside, bearer.actor, ASKED)


@pytest.mark.parametrize(("name", "scope"), [("ada", "deliver"), ("ada", "report"), ("ruth", "submit"), ("ada", "all")])
def test_a_scope_beyond_ones_roles_is_refused(outside: Outside, staff: Staff, name: str, scope: str) -> None:
    with pytest.raises(Refused, match=f"a token for {scope}"):
        make(outside, staff, name, scopes=(scope,))


def test_administrators_make_tokens_for_applications(outside: Outside, staff: Staff) -> None:
    bearer = tokens.find_bearer(outside, make(outside, staff, "ruth", scopes=("deliver", "report", "read")))
    tokens.require_scope(bearer, ("deliver",))
    with pytest.raises(Refused, match="needs the scope submit"):
        tokens.require_scope(bearer, ("submit",))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "  "}, "Name the token"),
        ({"name": "n" * 81}, "at most 80"),
        ({"owner": ""}, "whom to ask"),
        ({"phone": ""}, "telephone"),
        ({"phone": "ask the desk"}, "with its digits"),
        ({"days": 0}, "1 to 365 days"),
        ({"days": 366}, "1 to 365 days"),
        ({"scopes": ()}, "Choose what"),
        ({"scopes": ("read", "read")}, "Choose what"),
        ({"prompts": ("no-such-prompt",)}, "no prompt called no-such-prompt"),
    ],
)
def test_a_token_that_is_not_well_asked_for_is_not_made(
    outside: Outside, staff: Staff, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        make(outside, staff, **changes)
    assert tokens.show_tokens(outside, staff.act_as("ada")).rows == ()
    assert "token.issued" not in entries(outside)


def test_a_token_can_be_limited_to_prompts(outside: Outside, staff: Staff) -> None:
    add_prompt(outside, "discharge-summary")
    secret = make(outside, staff, prompts=("discharge-summary",))
    assert tokens.find_bearer(outside, secret).scopes["prompts"] == ["discharge-summary"]
    assert tokens.show_tokens(outside, staff.act_as("ada")).prompts == ("discharge-summary",)


def add_prompt(outside: Outside, name: str) -> None:
    with outside.database.writing() as session:
        session.add(Prompt(id=outside.new_id("prm"), name=name, risk_class="clinical", created_at=outside.now()))


def change(outside: Outside, staff: Staff, who: str, token_id: str, **fields: object) -> bool:
    row, _ = tokens.show_token(outside, staff.act_as(who), token_id)
    now: dict[str, object] = {"owner": row.owner, "phone": row.phone, "prompts": row.prompts, "seen": row.seen}
    return tokens.change_token(outside, staff.act_as(who), token_id, TokenChange(**{**now, **fields}))  # type: ignore[arg-type]


def test_owner_number_and_prompts_of_an_application_can_be_changed_and_the_log_keeps_codes_only(
    outside: Outside, staff: Staff
) -> None:
    add_prompt(outside, "discharge-summary")
    secret = make(outside, staff, "ruth", scopes=("deliver", "report"), owner="Ward desk")
    token_id = id_of(outside, secret)
    assert change(outside, staff, "ruth", token_id, owner="Dr Lund", phone="555 0199", prompts=("discharge-summary",))
    row, _ = tokens.show_token(outside, staff.act_as("ruth"), token_id)
    assert (row.owner, row.phone, row.prompts) == ("Dr Lund", "555 0199", ("discharge-summary",))
    assert tokens.find_bearer(outside, secret).scopes == {
        "scopes": ["deliver", "report"],
        "prompts": ["discharge-summary"],
    }
    with outside.database.reading() as session:
        leaf = session.scalars(select(Leaf).where(Leaf.type == "token.changed")).one()
        written = json.loads(leaf.content)
        payload = json.loads(session.get_one(Payload, written["payload"]["sha256"]).content)
    assert written["reason"] == "owner_and_phone_and_prompts"
    assert [text for text in ("Lund", "0199", "Ward desk", "Pipeline") if text.encode() in leaf.content] == []
    assert (payload["before"]["owner"], payload["after"]["owner"]) == ("Ward desk", "Dr Lund")


def test_an_administrator_gives_an_application_its_link(outside: Outside, staff: Staff) -> None:
    pattern = "https://ehr.example/encounter/{ref}"
    application = id_of(outside, make(outside, staff, "ruth", scopes=("report",)))
    assert change(outside, staff, "ruth", application, link=f" {pattern} ")
    row, _ = tokens.show_token(outside, staff.act_as("ruth"), application)
    assert (row.link, row.may_link) == (pattern, True)
    assert not change(outside, staff, "ruth", application), "what is not said stays"
    with pytest.raises(InvalidInput, match="begins with https"):
        change(outside, staff, "ruth", application, link="http://ehr.example/{ref}")
    with outside.database.reading() as session:
        leaf = session.scalars(select(Leaf).where(Leaf.type == "token.changed")).one()
    assert json.loads(leaf.content)["reason"] == "link"
    assert b"ehr.example" not in leaf.content
    assert change(outside, staff, "ruth", application, link="")
    with pytest.raises(Refused, match="Only an administrator"):
        change(outside, staff, "ada", id_of(outside, make(outside, staff)), link=pattern)
    pipeline = id_of(outside, make(outside, staff))
    with pytest.raises(InvalidInput, match="reports no calls"):
        change(outside, staff, "ruth", pipeline, link=pattern)


def test_what_is_not_different_is_no_entry(outside: Outside, staff: Staff) -> None:
    token_id = id_of(outside, make(outside, staff))
    assert not change(outside, staff, "ada", token_id)
    assert "token.changed" not in entries(outside)


def test_a_stale_page_changes_no_token(outside: Outside, staff: Staff) -> None:
    token_id = id_of(outside, make(outside, staff, owner="Zoe\u0308"))
    seen = tokens.show_token(outside, staff.act_as("ada"), token_id)[0].seen
    assert change(outside, staff, "ruth", token_id, phone="555 0123")
    with pytest.raises(Stale, match="meanwhile"):
        change(outside, staff, "ada", token_id, owner="Ada", seen=seen)


def test_only_whose_token_it_is_and_administrators_change_it_while_it_lasts(outside: Outside, staff: Staff) -> None:
    token_id = id_of(outside, make(outside, staff))
    wanted = TokenChange("Ben", "555 0000", (), "")
    with pytest.raises(NotFound):
        tokens.change_token(outside, staff.act_as("ben"), token_id, wanted)
    with pytest.raises(InvalidInput, match="telephone"):
        change(outside, staff, "ada", token_id, phone="")
    with pytest.raises(InvalidInput, match="no prompt called nothing"):
        change(outside, staff, "ada", token_id, prompts=("nothing",))
    tokens.revoke_token(outside, staff.act_as("ada"), token_id)
    with pytest.raises(Conflict, match="is over"):
        change(outside, staff, "ada", token_id, owner="Ben")
    assert "token.changed" not in entries(outside)


def test_a_token_ends_on_its_day(outside: Outside, staff: Staff, clock: Clock) -> None:
    secret = make(outside, staff, days=1)
    clock.forward(hours=23, minutes=59)
    assert tokens.find_bearer(outside, secret)
    clock.forward(minutes=1)
    with pytest.raises(NotSignedIn, match="ended on 3 March 2026"):
        tokens.find_bearer(outside, secret)


def test_a_revoked_token_opens_nothing(outside: Outside, staff: Staff) -> None:
    secret = make(outside, staff)
    token_id = id_of(outside, secret)
    tokens.revoke_token(outside, staff.act_as("ada"), token_id)
    with pytest.raises(NotSignedIn, match="was revoked"):
        tokens.find_bearer(outside, secret)
    with pytest.raises(AlreadyDone):
        tokens.revoke_token(outside, staff.act_as("ada"), token_id)
    assert entries(outside).count("token.revoked") == 1


def test_somebody_elses_token_is_not_there_for_an_author_and_is_for_an_administrator(
    outside: Outside, staff: Staff
) -> None:
    token_id = id_of(outside, make(outside, staff))
    assert tokens.show_tokens(outside, staff.act_as("ben")).rows == ()
    for unknown in (token_id, "tok_none"):
        with pytest.raises(NotFound, match="no such token"):
            tokens.revoke_token(outside, staff.act_as("ben"), unknown)
    (row,) = tokens.show_tokens(outside, staff.act_as("ruth")).rows
    assert (row.id, row.made_by, row.is_mine, row.state) == (token_id, "Ada", False, "in use")
    assert (row.owner, row.phone, row.is_application) == ("Ada, AI team", "555 0100", False)
    tokens.revoke_token(outside, staff.act_as("ruth"), token_id)
    assert tokens.show_tokens(outside, staff.act_as("ruth")).rows[0].state == "revoked"


def test_a_token_of_somebody_who_left_opens_nothing(outside: Outside, staff: Staff) -> None:
    secret = make(outside, staff)
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["ada"]).is_active = False
    with pytest.raises(NotSignedIn, match="was revoked"):
        tokens.find_bearer(outside, secret)


def test_a_token_opens_no_more_than_the_roles_its_owner_still_has(outside: Outside, staff: Staff) -> None:
    secret = make(outside, staff)
    with outside.database.writing() as session:
        grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == staff.ids["ada"])).one()
        grant.revoked_at = outside.now()
    with pytest.raises(Refused, match="no longer has the role"):
        tokens.require_scope(tokens.find_bearer(outside, secret), ("submit",))


def test_when_a_token_was_last_used_is_written_at_most_once_a_minute(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    secret = make(outside, staff)
    first = clock.at
    for seconds, written in ((0, 0), (59, 0), (1, 60)):
        clock.forward(seconds=seconds)
        tokens.find_bearer(outside, secret)
        with outside.database.reading() as session:
            used = session.scalars(select(Token.last_used_at)).one()
        assert used is not None
        assert (used - first).total_seconds() == written


def test_an_unknown_token_is_refused_in_one_sentence(outside: Outside) -> None:
    with pytest.raises(FormularyError) as refusal:
        tokens.find_bearer(outside, "pf_nothing")
    assert refusal.value.code == "token_unknown"
    assert json.dumps(refusal.value.details) == "{}"
