"""The facts of a change: read all at once for pages, and one by one for a move, are the same."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tests.conftest import Staff
from tests.stages import WAY, change_in
from webapp.acts.situation import FACTS, load_change, read_situation, situation_as_asked
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Situation


def test_every_fact_of_a_situation_is_read() -> None:
    assert FACTS.keys() == {field.name for field in fields(Situation)}


@pytest.mark.parametrize("stage", WAY)
def test_a_fact_is_the_same_whether_it_is_asked_for_or_read_with_all(
    outside: Outside, staff: Staff, stage: str
) -> None:
    change_id, kim = change_in(outside, staff, stage), staff.act_as("kim")
    with outside.database.reading() as session:
        case = load_change(session, change_id)
        whole, asked = (read(outside, session, case, kim) for read in (read_situation, situation_as_asked))
        assert {name: getattr(asked, name) for name in FACTS} == {name: getattr(whole, name) for name in FACTS}
        assert isinstance(asked, Situation)
