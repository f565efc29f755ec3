"""Attempts to be served what nobody signed, to decide on one's own work, and to act without the right to."""

from __future__ import annotations

import re
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DataError

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD, again
from tests.services.submissions import good, prompt_bytes
from tests.stages import (
    change_in,
    digests,
    open_worst_cases,
    pass_evaluation,
    pass_review,
    pass_signoff,
    ready_review,
    stage_of,
)
from tests.web.client import make_client, post_form, sign_in
from webapp.acts.comparing import compare_with_live
from webapp.acts.display import display_document
from webapp.acts.perform import perform_in
from webapp.acts.reauthentication import consume, prove
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Contributor, Person, Release, RoleGrant, Signature
from webapp.domain.workflow import MOVES
from webapp.domain.workflow.evidence import Approval, Decision
from webapp.errors import Conflict, FormularyError, InvalidInput, NotFound, Refused, Stale
from webapp.services import review, rollout, signoff, submission
from webapp.web.errors import FOR_PROGRAMS

APPROVAL = Approval("I read the worst cases; the doses are right.", (), True)


def approve(outside: Outside, staff: Staff, change_id: str, name: str = "kim", **changed: Any) -> object:
    digest, seen = digests(outside, change_id)
    fields = {"digest": digest, "seen": seen, "actor": staff.act_as(name), **changed}
    return review.approve(
        outside, fields["actor"], change_id, fields["digest"], APPROVAL, PASSWORD, seen=fields["seen"]
    )


def sign(outside: Outside, staff: Staff, change_id: str, name: str = "osei", **changed: Any) -> object:
    digest, seen = digests(outside, change_id)
    fields = {"digest": digest, "seen": seen, "actor": staff.act_as(name), **changed}
    given = again(outside, fields["actor"].id)
    return signoff.sign(outside, fields["actor"], change_id, fields["digest"], given, seen=fields["seen"])


def signatures(outside: Outside, change_id: str, move: str) -> list[Signature]:
    with outside.database.reading() as session:
        query = select(Signature).where(Signature.change_id == change_id, Signature.move == move)
        return list(session.scalars(query))


def revoke(outside: Outside, staff: Staff, name: str) -> None:
    with outside.database.writing() as session:
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.person_id == staff.ids[name])):
            grant.revoked_at = outside.now()


def test_a_live_pointer_bent_to_another_prompts_release_serves_nothing(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    other = prompt_bytes(name="medication-extraction", system_prompt="List the medicines.\n")
    change_in(outside, staff, "evaluation", prompt=other)
    r.tamper(
        outside,
        "UPDATE prompts SET live_release_id = (SELECT id FROM releases) WHERE name = 'medication-extraction'",
    )
    with pytest.raises(FormularyError):
        r.serve(outside, "encounter-1", "medication-extraction")


def test_a_role_taken_away_closes_pages_that_stand_open(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    kim = staff.act_as("kim")
    revoke(outside, staff, "kim")
    with pytest.raises(Refused):
        approve(outside, staff, change_id, actor=kim)
    assert stage_of(outside, change_id) == "review"


def test_somebody_deactivated_asks_for_no_changes_from_an_open_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    kim = staff.act_as("kim")
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["kim"]).is_active = False
    with pytest.raises(Refused):
        review.ask_for_changes(outside, kim, change_id, digests(outside, change_id)[0], "Say the route.")
    assert stage_of(outside, change_id) == "review"


def test_withdrawn_credentials_close_the_signature_of_an_open_page(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    osei = staff.act_as("osei")
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["osei"]).credentials_confirmed_at = None
    with pytest.raises(Refused):
        sign(outside, staff, change_id, actor=osei)
    assert signatures(outside, change_id, "sign") == []


def test_who_wrote_in_git_under_a_private_address_cannot_review(outside: Outside, staff: Staff) -> None:
    done = submission.submit(outside, staff.act_as("ada"), good(contributors=(("K.", "Kim@Home.example "),)))
    with outside.database.reading() as session:
        row = session.scalars(select(Contributor).where(Contributor.email == "kim@home.example")).one()
    submission.map_contributor(outside, staff.act_as("ada"), done.change_id, row.id, staff.ids["kim"])
    pass_evaluation(outside, staff, done.change_id)
    with pytest.raises(Refused, match="contributed"):
        pass_review(outside, staff, done.change_id, "kim")


def test_a_contributor_of_an_earlier_revision_never_signs(outside: Outside, staff: Staff) -> None:
    done = submission.submit(outside, staff.act_as("ada"), good(contributors=(("Osei", " OSEI@example.org"),)))
    pass_evaluation(outside, staff, done.change_id)
    review.ask_for_changes(
        outside, staff.act_as("kim"), done.change_id, digests(outside, done.change_id)[0], "Say the route."
    )
    again = good(**r.version("1.1"))
    submission.revise(outside, staff.act_as("ada"), done.change_id, digests(outside, done.change_id)[0], again)
    pass_evaluation(outside, staff, done.change_id)
    pass_review(outside, staff, done.change_id)
    with pytest.raises(Refused, match="contributed"):
        pass_signoff(outside, staff, done.change_id)


def test_two_roles_are_one_person_for_review_and_signature(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    pass_review(outside, staff, change_id, "moss")
    with pytest.raises(Refused, match="reviewed"):
        pass_signoff(outside, staff, change_id, "moss")


@pytest.mark.parametrize("via", ["token", "job", "console", ""])
@pytest.mark.parametrize("name", sorted({move.name for move in MOVES if move.meaning}))
def test_no_signed_move_is_taken_without_a_session(outside: Outside, staff: Staff, name: str, via: str) -> None:
    stage = {"advance": "rollout", "complete": "rollout", "sign": "signoff"}.get(name, "review")
    change_id = change_in(outside, staff, stage)
    actor = staff.act_as("moss", via)
    digest = digests(outside, change_id)[0]
    with pytest.raises(FormularyError), outside.database.writing() as session:
        perform_in(outside, session, actor, change_id, name, digest, Decision("x"), proof=None)
    assert stage_of(outside, change_id) == stage


@pytest.mark.parametrize("wrong", ["person", "digest", "meaning", "used", "old"])
def test_a_proof_of_the_password_is_good_for_one_act_only(
    outside: Outside, staff: Staff, wrong: str, clock: Any
) -> None:
    kim, lee = staff.act_as("kim"), staff.act_as("lee")
    nonce = prove(outside, kim, PASSWORD, "a" * 64, "approval")
    fields = {"actor": kim, "subject": "a" * 64, "meaning": "approval"}
    if wrong == "used":
        with outside.database.writing() as session:
            consume(outside, session, nonce, **fields)
    if wrong == "old":
        clock.forward(seconds=121)
    fields |= {"person": {"actor": lee}, "digest": {"subject": "b" * 64}, "meaning": {"meaning": "other"}}.get(
        wrong, {}
    )
    with pytest.raises(Refused), outside.database.writing() as session:
        consume(outside, session, nonce, **fields)


def test_an_approval_does_not_outlive_a_later_revision_of_the_same_bytes(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    before = digests(outside, change_id)
    review.ask_for_changes(outside, staff.act_as("osei"), change_id, before[0], "Compare again.")
    submission.submit_again(outside, staff.act_as("ada"), change_id, digests(outside, change_id)[0])
    pass_evaluation(outside, staff, change_id)
    with pytest.raises(FormularyError):
        sign(outside, staff, change_id)
    with pytest.raises(Stale):
        approve(outside, staff, change_id, digest=before[0], seen=before[1])


def test_of_rewording_and_approving_at_once_no_unread_words_are_approved(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    ready_review(outside, staff, change_id)
    digest, seen = digests(outside, change_id)
    lee = staff.act_as("lee")
    acts = [
        lambda: approve(outside, staff, change_id, digest=digest, seen=seen),
        lambda: review.reword(outside, lee, change_id, digest, "Doses are doubled."),
    ]
    with ThreadPoolExecutor(2) as pool:
        failed = [future.exception() for future in [pool.submit(act) for act in acts]]
    assert sum(error is None for error in failed) == 1
    for row in signatures(outside, change_id, "approve"):
        assert row.subject_sha256 == digest


def test_of_signing_and_rejecting_at_once_exactly_one_counts(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    digest = digests(outside, change_id)[0]
    lund = staff.act_as("lund")
    acts = [
        lambda: sign(outside, staff, change_id),
        lambda: review.reject(outside, lund, change_id, digest, "Wrong doses.", PASSWORD),
    ]
    with ThreadPoolExecutor(2) as pool:
        failed = [future.exception() for future in [pool.submit(act) for act in acts]]
    assert sum(error is None for error in failed) == 1
    with outside.database.reading() as session:
        made = len(session.scalars(select(Release.id)).all())
    assert (made, stage_of(outside, change_id)) in ((1, "rollout"), (0, "rejected"))


def test_a_double_start_enters_the_first_step_once(outside: Outside, staff: Staff) -> None:
    change_id = r.signed(outside, staff)
    digest, ada = r.digest(outside, change_id), staff.act_as("ada")
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(rollout.start, outside, ada, change_id, digest) for _ in range(2)]
    assert sum(one.exception() is None for one in tries) == 1
    assert r.rollout_of(outside, change_id).step_index == 0


def test_a_contributor_or_finding_of_another_change_is_not_reached(outside: Outside, staff: Staff) -> None:
    given = good(contributors=(("Kay", "kay@elsewhere.example"),))
    mine = submission.submit(outside, staff.act_as("ada"), given).change_id
    other = change_in(outside, staff, "evaluation", **r.version("1.1"))
    with outside.database.reading() as session:
        row = session.scalars(select(Contributor).where(Contributor.email == "kay@elsewhere.example")).one()
    with pytest.raises((InvalidInput, NotFound)):
        submission.map_contributor(outside, staff.act_as("ada"), other, row.id, None)
    with outside.database.reading() as session:
        assert not session.get_one(Contributor, row.id).is_external
    assert mine != other


def test_a_sign_in_leads_nowhere_but_home(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    fields = {"email": "ada@example.org", "password": PASSWORD, "next": "//evil.example"}
    answer = post_form(client, "/sign-in?next=//evil.example", fields, page="/sign-in?next=//evil.example")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_a_comment_leads_back_to_no_foreign_place(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    client = make_client(outside)
    sign_in(client, "kim")
    fields = {"kind": "note", "text": "Read.", "back": "//evil.example"}
    answer = post_form(client, f"/changes/{change_id}/comments", fields, page="/profile")
    assert answer.headers["Location"].startswith(f"/changes/{change_id}")


def test_no_form_is_taken_without_its_token(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    sign_in(client, "kim")
    taken = []
    for rule in client.application.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        refusal = 401 if rule.rule.startswith(FOR_PROGRAMS) else 400  # a session opens no address of programs
        url = re.sub(r"<(?:any\((\w+)[^>]*|(?:\w+:)?(\w+))>", r"\1\2", rule.rule)
        if client.post(url, data={"reason": "x"}).status_code != refusal:
            taken.append(url)
    assert taken == []


@pytest.mark.parametrize("value", ["\ud800", "a\ud800b"])
def test_half_a_character_that_reaches_the_database_is_a_sentence(outside: Outside, value: str) -> None:
    with pytest.raises(InvalidInput), outside.database.reading() as session:
        session.get(Person, value)


def test_a_number_beyond_the_database_is_a_sentence(outside: Outside) -> None:
    with pytest.raises(InvalidInput), outside.database.reading() as session:
        session.scalar(select(Change.id).where(Change.revision == 2**70))


def test_what_the_database_cannot_hold_is_a_sentence(outside: Outside) -> None:
    with pytest.raises(InvalidInput), outside.database.reading():
        raise DataError("SELECT", {}, ValueError("text fields cannot contain NUL"))


def test_an_error_of_the_database_tells_the_log_nothing_that_was_typed(outside: Outside) -> None:
    """An error page logs its error with every cause; SQLAlchemy names the parameters in it unless it is told not to."""
    typed = {"typed": "Mrs Larkin, room 9"}
    statement = text("INSERT INTO log_state (id, origin) VALUES (1, :typed)")
    with pytest.raises(Exception) as told, outside.database.engine.connect() as connection:
        connection.execute(statement, typed)
    said = "".join(traceback.format_exception(told.value))
    assert "INSERT INTO log_state" in said
    assert "Larkin" not in said


def test_reviewer_and_physician_read_the_bytes_that_they_sign(outside: Outside, staff: Staff) -> None:
    """A column beside the bytes, rewritten in the database, would else show them another text."""
    change_id = change_in(outside, staff, "review")
    r.tamper(outside, "UPDATE versions SET fields = json_set(fields, '$.system_prompt', 'Double every dose.')")
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        assert "Double every dose" not in str(display_document(session, case))
        assert "Double every dose" not in str(compare_with_live(session, case))


def test_nothing_is_decided_on_bytes_that_were_changed(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    osei, (digest, seen) = staff.act_as("osei"), digests(outside, change_id)
    r.tamper(outside, "UPDATE versions SET content = CAST(replace(CAST(content AS TEXT), 'Summarize', 'Sum') AS BLOB)")
    with pytest.raises(Conflict, match="stored bytes of version"):
        signoff.sign(outside, osei, change_id, digest, again(outside, osei.id), seen=seen)
    assert signatures(outside, change_id, "sign") == []
