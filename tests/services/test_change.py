"""The frame of a change: stepper, next act, validity, timeline, exceptions and news."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.services.submissions import good, prompt_bytes
from tests.services.test_prompts import bring_live
from tests.stages import change_in, conclude_run, digests, pass_evaluation
from webapp.acts.releasing import verify_release
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Release, Result, Run
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.errors import InvalidInput, NotFound, Refused
from webapp.services import review
from webapp.services.change import list_changes, show_change, show_news
from webapp.services.submission import withdraw


def test_an_administrative_way_has_no_sign_off(outside: Outside, staff: Staff) -> None:
    fields = {"name": "appointment-letter", "risk_class": "administrative"}
    change_id = change_in(outside, staff, "review", good(prompt=prompt_bytes(**fields)))
    frame = show_change(outside, staff.act_as("kim"), change_id).frame
    assert "signoff" not in [stage for stage, _ in frame.steps]


def test_a_change_that_ended_early_shows_where(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    digest, _ = digests(outside, change_id)
    withdraw(outside, staff.act_as("ada"), change_id, digest, "Not needed.")
    frame = show_change(outside, staff.act_as("ada"), change_id).frame
    assert (frame.reached, frame.ended, frame.next) == ("signoff", "Withdrawn", None)


def test_the_difference_is_against_the_live_release(outside: Outside, staff: Staff) -> None:
    bring_live(outside, staff)
    fresh = prompt_bytes(version="2.0", parameters={"temperature": 0, "max_tokens": 900})
    change_id = change_in(outside, staff, "evaluation", good(prompt=fresh))
    compared = show_change(outside, staff.act_as("kim"), change_id).compared
    assert compared.old_words == "live v1 (1.0)"
    assert [(f.name, f.old, f.new) for f in compared.fields if f.name.startswith("parameters")] == [
        ("parameters.max_tokens", 800, 900)
    ]


def test_when_another_release_goes_live_the_author_is_asked_to_rebase(outside: Outside, staff: Staff) -> None:
    fields = {"version": "2.0", "description": "The second."}
    waiting = change_in(outside, staff, "review", good(prompt=prompt_bytes(**fields)))
    bring_live(outside, staff)
    frame = show_change(outside, staff.act_as("ada"), waiting).frame
    assert frame.next is not None
    assert (frame.next.is_mine, frame.next.people) == (True, ("Ada",))
    assert frame.next.words.startswith("Another release went live: rebase")
    rebase = frame.offer("rebase")
    assert rebase is not None
    assert rebase.is_open


def test_news_are_what_happened_after_the_page_was_read(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    read_to = show_change(outside, staff.act_as("ada"), change_id).frame.read_to
    assert show_news(outside, staff.act_as("ada"), change_id, read_to) == ()
    pass_evaluation(outside, staff, change_id)
    news = show_news(outside, staff.act_as("ada"), change_id, read_to)
    assert [event.what for event in news] == [
        "closed the evaluation of the change: every measure holds",
        "finished run 1: complete",
    ]
    assert all(event.system for event in news)


def test_every_run_stays_listed(outside: Outside, staff: Staff) -> None:
    from webapp.services.submission import run_again

    change_id = change_in(outside, staff, "evaluation")
    conclude_run(outside, change_id, {"completeness": "fail"})
    run_again(outside, staff.act_as("ada"), change_id, digests(outside, change_id)[0])
    runs = show_change(outside, staff.act_as("ada"), change_id).runs
    assert [(run.number, run.state, run.verdict) for run in runs] == [(2, "queued", None), (1, "complete", "fail")]


def test_a_run_never_hides_its_new_dangerous_answers(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "evaluation")
    with outside.database.writing() as session:
        run = session.scalars(select(Run).where(Run.change_id == change_id)).one()
        content = canonical(
            {"counts": {"cases": 120, "critical": 1, "worse": 37, "better": 68, "same": 14, "unscored": 0}}
        )
        session.add(Result(sha256=sha256_hex(content), run_id=run.id, content=content))
        run.state, run.verdict, run.result_sha256 = "complete", "pass", sha256_hex(content)
    shown = show_change(outside, staff.act_as("ada"), change_id).runs[0].sentence
    assert shown == "120 cases, 1 with a new dangerous answer, 37 worse, 68 better, 14 same"


def test_a_voided_release_can_never_be_served(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    digest, _ = digests(outside, change_id)
    withdraw(outside, staff.act_as("ada"), change_id, digest, "Not needed.")
    view = show_change(outside, staff.act_as("ada"), change_id)
    assert [s.validity for s in view.frame.signatures if s.move == "sign"] == ["Voided: the change was withdrawn"]
    with outside.database.writing() as session:
        release = session.query(Release).one()
        with pytest.raises(Refused):
            verify_release(outside, session, release)


def test_the_list_refuses_an_unknown_stage_and_pages_beyond_the_end_are_empty(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    with pytest.raises(InvalidInput):
        list_changes(outside, staff.act_as("ada"), stage="moon")
    page = list_changes(outside, staff.act_as("ada"), page=7)
    assert (page.rows, page.total) == ((), 1)


def test_an_unknown_change_is_a_sentence(outside: Outside, staff: Staff) -> None:
    with pytest.raises(NotFound):
        show_change(outside, staff.act_as("ada"), "chg_none")


def test_the_reviewers_words_are_shown_in_place_of_the_authors(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    digest, _ = digests(outside, change_id)
    review.reword(outside, staff.act_as("kim"), change_id, digest, "In other words.")
    assert show_change(outside, staff.act_as("osei"), change_id).frame.display["changes"] == "In other words."
