"""What is live and why, and what was live when."""

from __future__ import annotations

import pytest

from tests.conftest import Clock, Staff
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in
from webapp.acts.live import make_live
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Prompt, Release
from webapp.errors import NotFound
from webapp.services.prompts import list_prompts, show_prompt


def bring_live(outside: Outside, staff: Staff, **fields: str) -> str:
    """A signed change whose release is live; returns the change's id."""
    change_id = change_in(outside, staff, "rollout", good(prompt=prompt_bytes(**fields)) if fields else None)
    with outside.database.writing() as session:
        change = session.get_one(Change, change_id)
        release = session.query(Release).filter_by(change_id=change_id).one()
        make_live(outside, session, staff.act_as("kim"), session.get_one(Prompt, change.prompt_id), release, "test")
    return change_id


def test_the_list_names_what_is_live(outside: Outside, staff: Staff) -> None:
    bring_live(outside, staff)
    (row,) = list_prompts(outside, staff.act_as("quinn"))
    assert (row.name, row.live, row.class_is_confirmed, row.open_changes) == (
        "clinical-summarization",
        "v1 (1.0)",
        True,
        1,
    )
    assert row.since == outside.now()


def test_the_page_shows_the_signatures_over_what_is_live_and_no_others(outside: Outside, staff: Staff) -> None:
    bring_live(outside, staff)
    live = show_prompt(outside, staff.act_as("quinn"), "clinical-summarization").live
    assert live is not None
    assert [(s.name, s.move, s.valid) for s in live.signatures] == [
        ("Kim", "confirm_class", True),
        ("Kim", "approve", True),
        ("Osei", "sign", True),
    ]
    assert all(s.digest == live.release.manifest_sha256 for s in live.signatures)


def test_history_keeps_every_live_period(outside: Outside, staff: Staff, clock: Clock) -> None:
    bring_live(outside, staff)
    clock.forward(days=3)
    bring_live(outside, staff, version="2.0", description="The second.")
    view = show_prompt(outside, staff.act_as("quinn"), "clinical-summarization")
    assert [(p.words, p.ended_at is None) for p in view.periods] == [("v2 (2.0)", True), ("v1 (1.0)", False)]
    assert view.periods[1].ended_at == view.periods[0].began_at
    assert [row.standing for row in view.versions] == ["live", "was live"]


def test_an_unknown_prompt_is_a_sentence(outside: Outside, staff: Staff) -> None:
    with pytest.raises(NotFound, match="no such prompt"):
        show_prompt(outside, staff.act_as("quinn"), "moon")
