"""The pages of the policy: in force, and what differs between two versions."""

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
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.web.policy import step_words


def page_for(outside: Outside, name: str, address: str = "/policy") -> str:
    client = make_client(outside)
    sign_in(client, name)
    answer = client.get(address)
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


def second_version(outside: Outside) -> None:
    """A version that asks for less is in force; how it came there is tested with the proposals."""
    with outside.database.writing() as session:
        document = json.loads(session.scalars(select(PolicyRow)).one().content)
        document["classes"]["clinical"]["least_cases"] = 10
        document["classes"]["clinical"]["repeats"] = 2
        content = canonical(document)
        session.add(PolicyRow(version=2, sha256=sha256_hex(content), content=content, adopted_at=outside.now()))


def test_one_version_says_that_there_is_nothing_to_compare(outside: Outside, staff: Staff) -> None:
    assert "There is one version so far" in page_for(outside, "quinn")


def test_any_two_versions_are_compared_in_words_and_line_by_line(outside: Outside, staff: Staff) -> None:
    second_version(outside)
    page = page_for(outside, "quinn")
    assert "version 2" in page
    assert 'href="/policy/difference?old=1&new=2"' in page
    changes = page_for(outside, "quinn", "/policy/difference?old=1&new=2")
    assert "Weaker than before: 1" in changes
    assert "A run needs at least 10 cases instead of 30." in changes
    assert "Each case is asked 2 times instead of 1." in changes
    assert "2 changed lines in" in changes
    assert "Nothing differs." in page_for(outside, "quinn", "/policy/difference?old=2&new=2")


@pytest.mark.parametrize("query", ["", "?old=1&new=7", "?old=x&new=1", "?old=1&new=99999999999"])
def test_a_version_that_never_was_is_not_there(outside: Outside, staff: Staff, query: str) -> None:
    client = make_client(outside)
    sign_in(client, "quinn")
    answer = client.get(f"/policy/difference{query}")
    assert answer.status_code == 404
    assert "on the page Policy" in html.unescape(answer.get_data(as_text=True))
