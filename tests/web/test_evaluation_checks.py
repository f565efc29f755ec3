"""Where people read marks, they read what the checks see and do not see."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from tests.conftest import Staff
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.web.client import make_client, sign_in
from tests.web.test_evaluation import FULL, address, sent, text_of
from webapp.adapters.outside import Outside
from webapp.domain.scorers import judge
from webapp.domain.scorers.table import SCORERS


@pytest.mark.parametrize("name", ["ada", "kim", "osei", "quinn", "ruth"])
def test_everybody_reads_the_limits_of_every_check(outside: Outside, staff: Staff, name: str) -> None:
    client = make_client(outside)
    sign_in(client, name)
    page = unescape(text_of(client, "/checks"))
    for check in SCORERS:
        assert f"{check.name}, version {check.version}" in page
        assert check.limits in page
    assert judge.LIMITS in page


def test_a_result_shows_the_limits_of_its_checks_and_a_case_leads_to_them(outside: Outside, staff: Staff) -> None:
    house = replace(outside, models=ScriptedModels(outside.models, say=lambda call: FULL))  # type: ignore[arg-type]
    client = make_client(house)
    change = sent(house, staff)
    sign_in(client, "kim")
    assert "What each check sees" not in text_of(client, address(change))
    execute(house, change.run_id)
    page = unescape(text_of(client, address(change)))
    assert all(check.limits in page for check in SCORERS)
    assert 'href="/checks"' in text_of(client, address(change, "/cases/case-001"))
