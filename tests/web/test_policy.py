"""The page of the policy in force."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
import yaml
from sqlalchemy import select

from tests.conftest import Staff
from tests.web.client import make_client, sign_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyRow
from webapp.domain.plan import read_plan
from webapp.web.policy import step_words


def page_for(outside: Outside, name: str) -> str:
    client = make_client(outside)
    sign_in(client, name)
    answer = client.get("/policy")
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize("name", ["ada", "kim", "osei", "quinn", "ruth"])
def test_everyone_reads_the_policy_in_words(outside: Outside, staff: Staff, name: str) -> None:
    page = page_for(outside, name)
    for words in (
        "Shipped policy, version 1",
        "Medicines right",
        "5.0 points",
        "I read every changed line of the prompt.",
    ):
        assert words in page


def test_the_digest_and_the_source_are_those_that_are_stored(outside: Outside, staff: Staff) -> None:
    page = page_for(outside, "quinn")
    with outside.database.reading() as session:
        row = session.scalars(select(PolicyRow)).one()
    assert row.sha256 in re.sub(r"</?span[^>]*>", "", page)
    source = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert source
    assert yaml.safe_load(source[1]) == json.loads(row.content)


def test_a_step_is_one_sentence() -> None:
    plan = read_plan(
        {
            "steps": [
                {"kind": "canary", "share_basis_points": 550, "bake_seconds": 129_600, "min_units": 50, "unit": "site"},
                {"kind": "direct", "guardrails": ["errors"]},
            ]
        }
    )
    assert step_words(plan.steps[0]) == (
        "Limited release to 5.5 of 100 sites: waits at least 1 day 12 hours, needs at least 50 sites, is stopped by too "
        "many failed answers or reports of possible harm or patient identifiers in answers, a person moves it on."
    )
    assert step_words(plan.steps[1]) == "Everyone: is stopped by too many failed answers, a person moves it on."
    assert step_words(replace(plan.steps[1], advance="auto")) == (
        "Everyone: is stopped by too many failed answers, goes on by itself."
    )
