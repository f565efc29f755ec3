"""Comments: who writes, who settles, what they hang on, what an accepted suggestion means."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in, digests, pass_review
from webapp.acts.clock import stopped_clock
from webapp.acts.showing import show_frame
from webapp.acts.situation import load_change, read_situation
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Comment, Leaf, Payload, RoleGrant
from webapp.errors import Conflict, InvalidInput, NotFound, Refused, Stale
from webapp.services import comments, review
from webapp.services.comments import Draft
from webapp.services.submission import revise


def shown(outside: Outside, staff: Staff, change_id: str, name: str = "kim"):  # type: ignore[no-untyped-def]
    with outside.database.reading() as session:
        return show_frame(outside, session, load_change(session, change_id), staff.act_as(name)).comments


def write(outside: Outside, staff: Staff, change_id: str, name: str = "kim", **fields: str) -> Comment:
    draft = Draft(**{"kind": "question", "text": "Is the dose right?", **fields})
    return comments.write(outside, staff.act_as(name), change_id, draft)


def test_a_comment_is_shown_and_entered_with_its_words_apart(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    write(outside, staff, change_id)
    (comment,) = shown(outside, staff, change_id)
    assert (comment.author, comment.kind, comment.text) == ("Kim", "question", "Is the dose right?")
    with outside.database.reading() as session:
        leaf = session.scalars(select(Leaf).where(Leaf.type == "comment.written")).one()
        payload = session.get_one(Payload, json.loads(leaf.content)["payload"]["sha256"])
    assert b"Is the dose" not in leaf.content
    assert json.loads(payload.content)["text"] == "Is the dose right?"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "praise"}, "a question, a must fix or a note"),
        ({"text": "  "}, "Write the comment"),
        ({"text": "x" * 2_001}, "At most 2000 characters"),
        ({"suggestion": "x" * 2_001}, "At most 2000 characters"),
        ({"anchor": "case:nobody"}, "no such case"),
        ({"anchor": "line:system_prompt:99"}, "no such line"),
        ({"anchor": "line:system_prompt:0"}, "no such line"),
        ({"anchor": "line:password:1"}, "no such line"),
        ({"anchor": "line:system_prompt:one"}, "no such line"),
        ({"anchor": "moon"}, "belongs to the change, to a case or to a line"),
    ],
)
def test_a_faulty_comment_is_one_sentence_and_no_row(
    outside: Outside, staff: Staff, fields: dict[str, str], sentence: str
) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(InvalidInput, match=sentence):
        write(outside, staff, change_id, **fields)
    assert shown(outside, staff, change_id) == ()


@pytest.mark.parametrize("name", ["quinn", "ruth"])
def test_auditors_and_administrators_do_not_comment(outside: Outside, staff: Staff, name: str) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Refused):
        write(outside, staff, change_id, name)


def test_a_comment_on_a_line_keeps_its_words_and_is_outdated_when_they_go(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    write(outside, staff, change_id, anchor="line:system_prompt:1", digest=digest)
    (comment,) = shown(outside, staff, change_id)
    assert comment.quote == "You write clinical notes with Subjective, Objective, Assessment and Plan."
    assert not comment.outdated
    review.ask_for_changes(outside, staff.act_as("kim"), change_id, digest, "Name the route.")
    fresh = good(prompt=prompt_bytes(version="1.1", system_prompt="You write notes; name the route.\n"))
    revise(outside, staff.act_as("ada"), change_id, digest, fresh)
    assert shown(outside, staff, change_id)[0].outdated


def test_a_line_of_an_older_page_is_refused(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(Stale, match="look at the new one"):
        write(outside, staff, change_id, anchor="line:system_prompt:1", digest="0" * 64)


def test_a_comment_belongs_to_a_case(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    write(outside, staff, change_id, anchor="case:case-001")
    assert shown(outside, staff, change_id)[0].case_id == "case-001"


def test_an_answer_stands_under_its_comment(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    asked = write(outside, staff, change_id)
    write(outside, staff, change_id, "ada", text="Yes, checked twice.", answers=asked.id)
    (comment,) = shown(outside, staff, change_id)
    assert [(answer.author, answer.text) for answer in comment.answers] == [("Ada", "Yes, checked twice.")]


def test_an_answer_needs_a_comment_of_this_change(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    with pytest.raises(NotFound):
        write(outside, staff, change_id, answers="cmt_of_another")


def test_the_author_cannot_settle_the_reviewers_must_fix(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    asked = write(outside, staff, change_id, kind="must_fix")
    with pytest.raises(Refused, match="resolved by who wrote it"):
        comments.resolve(outside, staff.act_as("ada"), change_id, asked.id)
    assert shown(outside, staff, change_id, "ada")[0].may_resolve is False
    comments.resolve(outside, staff.act_as("lee"), change_id, asked.id)
    assert shown(outside, staff, change_id)[0].resolved == "Settled by Lee"


def test_a_comment_is_settled_once(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    asked = write(outside, staff, change_id)
    comments.resolve(outside, staff.act_as("kim"), change_id, asked.id)
    with pytest.raises(Conflict, match="settled already"):
        comments.resolve(outside, staff.act_as("kim"), change_id, asked.id)


def test_a_comment_of_another_change_is_not_found(outside: Outside, staff: Staff) -> None:
    one = change_in(outside, staff, "review")
    other = change_in(outside, staff, "review", good(prompt=prompt_bytes(version="1.1", description="Another.")))
    asked = write(outside, staff, one)
    with pytest.raises(NotFound):
        comments.resolve(outside, staff.act_as("kim"), other, asked.id)


def test_an_accepted_suggestion_makes_its_writer_a_contributor_who_decides_no_more(
    outside: Outside, staff: Staff
) -> None:
    change_id = change_in(outside, staff, "review")
    before, _ = digests(outside, change_id)
    asked = write(outside, staff, change_id, kind="note", suggestion="Name the route of each medicine.")
    comments.accept_suggestion(outside, staff.act_as("ada"), change_id, asked.id)
    after, _ = digests(outside, change_id)
    assert after != before
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        assert staff.ids["kim"] in read_situation(outside, session, case, staff.act_as("kim")).contributors
    with pytest.raises(Refused, match="You contributed to this change"):
        review.reject(outside, staff.act_as("kim"), change_id, after, "No.", "correct horse battery staple")


def test_only_contributors_accept_a_suggestion(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    asked = write(outside, staff, change_id, suggestion="Name the route.")
    with pytest.raises(Refused, match="work on this change"):
        comments.accept_suggestion(outside, staff.act_as("ben"), change_id, asked.id)


def test_a_comment_without_suggestion_is_not_accepted(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    asked = write(outside, staff, change_id)
    with pytest.raises(InvalidInput, match="suggests no wording"):
        comments.accept_suggestion(outside, staff.act_as("ada"), change_id, asked.id)


def test_a_suggestion_is_not_accepted_after_the_review(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    asked = write(outside, staff, change_id, "osei", suggestion="Name the route.")
    with pytest.raises(Conflict, match="The review is closed"):
        comments.accept_suggestion(outside, staff.act_as("ada"), change_id, asked.id)


def test_a_question_at_sign_off_stops_the_clock(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "signoff")
    due = due_of(outside, change_id)
    clock.forward(days=1)
    first = write(outside, staff, change_id, "osei")
    clock.forward(days=1)
    second = write(outside, staff, change_id, "lund")
    clock.forward(days=1)
    comments.resolve(outside, staff.act_as("osei"), change_id, first.id)
    assert due_of(outside, change_id) == due
    clock.forward(days=1)
    comments.resolve(outside, staff.act_as("lund"), change_id, second.id)
    assert due_of(outside, change_id) == due + timedelta(days=3)


@pytest.mark.parametrize(
    ("stage", "name"), [("signoff", "ada"), ("signoff", "kim"), ("signoff", "moss"), ("review", "osei")]
)
def test_a_question_of_somebody_who_does_not_decide_here_stops_no_clock(
    outside: Outside, staff: Staff, clock: Clock, stage: str, name: str
) -> None:
    """An author, the reviewer at sign-off, a physician in review. Moss holds both roles and reviewed this one."""
    if name == "moss":
        change_id = change_in(outside, staff, "review")
        pass_review(outside, staff, change_id, "moss")
    else:
        change_id = change_in(outside, staff, stage)
    due = due_of(outside, change_id)
    asked = write(outside, staff, change_id, name)
    with outside.database.reading() as session:
        assert stopped_clock(session, change_id) is None
    clock.forward(days=2)
    comments.resolve(outside, staff.act_as(name), change_id, asked.id)
    assert due_of(outside, change_id) == due


def test_a_reviewers_question_stops_the_clock_of_the_review(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "review")
    due = due_of(outside, change_id)
    asked = write(outside, staff, change_id, "kim")
    clock.forward(hours=30)
    with outside.database.reading() as session:
        stopped = stopped_clock(session, change_id)
    assert stopped is not None
    assert stopped.words.endswith("while a question of Kim is open. 5 days are left when it is settled.")
    comments.resolve(outside, staff.act_as("kim"), change_id, asked.id)
    assert due_of(outside, change_id) == due + timedelta(hours=30)


def test_a_role_that_is_taken_away_later_moves_no_date(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "signoff")
    due = due_of(outside, change_id)
    asked = write(outside, staff, change_id, "osei")
    clock.forward(days=1)
    with outside.database.writing() as session:
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.person_id == staff.ids["osei"])):
            grant.revoked_at = clock()
    clock.forward(days=1)
    comments.resolve(outside, staff.act_as("lund"), change_id, asked.id)
    assert due_of(outside, change_id) == due + timedelta(days=2)


def test_a_question_that_came_too_late_says_so_and_an_answer_settles_nothing(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = change_in(outside, staff, "signoff")
    clock.forward(days=6)
    asked = write(outside, staff, change_id, "osei")
    comments.write(outside, staff.act_as("ada"), change_id, comments.Draft("note", "It is.", answers=asked.id))
    with outside.database.reading() as session:
        stopped = stopped_clock(session, change_id)
    assert stopped is not None
    assert stopped.words.endswith("The date had passed before it was asked.")


def due_of(outside: Outside, change_id: str):  # type: ignore[no-untyped-def]
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).due_at


def test_a_change_that_is_over_takes_no_comment(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    review.reject(outside, staff.act_as("kim"), change_id, digest, "No.", "correct horse battery staple")
    with pytest.raises(Conflict, match="The change is over"):
        write(outside, staff, change_id)
