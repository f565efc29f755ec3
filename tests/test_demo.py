"""The demo's history is told by the services, and shows a change at every stage."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Leaf, Prompt
from webapp.demo.history import tell_history
from webapp.services import ledger


@pytest.fixture
def told(outside: Outside) -> Outside:
    assert tell_history(outside, lambda sentence: None)
    return outside


def test_the_history_shows_every_stage_and_the_log_agrees(told: Outside) -> None:
    with told.database.reading() as session:
        stages = {change.id: change.stage for change in session.scalars(select(Change))}
        live = [prompt.name for prompt in session.scalars(select(Prompt)) if prompt.live_release_id]
        persons = {json.loads(content)["actor"]["via"] for content in session.scalars(select(Leaf.content))}
    assert set(stages.values()) == {"draft", "evaluation", "review", "signoff", "rollout", "post_audit", "closed"}
    assert sorted(live) == ["clinical-summarization", "medication-extraction"]
    assert ledger.replay_stages(told) == stages
    assert ledger.check_log(told)[2]
    assert persons == {"demo", "system"}


def test_telling_the_history_again_changes_nothing(told: Outside) -> None:
    before = ledger.check_log(told)
    assert not tell_history(told, lambda sentence: None)
    assert ledger.check_log(told) == before
