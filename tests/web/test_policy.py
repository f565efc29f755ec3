"""The pages of the policy: in force, and what differs between two versions."""

from __future__ import annotations

import html
import io
import json
import re

import pytest
import yaml
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import Staff
from tests.people import PASSWORD, add_app
from tests.stages import change_in
from tests.web.client import code_for, make_client, post_form, sign_in
from webapp.acts.policies import policy_in_force
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import PolicyRow
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.services import people


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
        "until 50 encounters per version were seen, stopped by too many failed answers or reports of possible harm",
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


@pytest.fixture
def house(outside: Outside, staff: Staff) -> Outside:
    """Ruth and Sam, administrators, have authenticator apps."""
    for name in ("ruth", "sam"):
        add_app(outside, staff.ids[name])
    return outside


def client_of(house: Outside, name: str) -> FlaskClient:
    client = make_client(house)
    sign_in(client, name)
    return client


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def source(house: Outside, **clinical: int) -> str:
    with house.database.reading() as session:
        document = json.loads(policy_in_force(house, session)[0].content)
    document["classes"]["clinical"].update(clinical or {"least_cases": 10})
    return yaml.safe_dump(document)


def proposed(house: Outside, client: FlaskClient, name: str = "ruth", **more: str) -> TestResponse:
    """The text is looked at, then proposed with password and code as the preview's form sends them."""
    seen = post_form(client, "/policy/preview", {"source": source(house)}, "/policy")
    base = re.search(r'name="base"\s+value="(\w+)"', seen.get_data(as_text=True))
    assert base
    given = {"password": PASSWORD, "code": code_for(house, f"{name}@example.org")}
    fields = {"source": source(house), "base": base[1], **given, **more}
    return post_form(client, "/policy/proposals", fields, "/policy")


def test_an_administrator_looks_at_what_changes_and_proposes_it(house: Outside) -> None:
    ruth = client_of(house, "ruth")
    page = text_of(ruth.get("/policy"))
    assert "The whole policy, as YAML" in page
    assert "name: Shipped policy" in page
    seen = text_of(post_form(ruth, "/policy/preview", {"source": source(house)}, "/policy"))
    assert "A run needs at least 10 cases instead of 30." in seen
    assert "0 open changes would go back to evaluation" in seen
    assert "when a second administrator signs it" in seen
    assert proposed(house, ruth).status_code == 303
    page = text_of(ruth.get("/policy"))
    assert "Proposed: version 2" in page
    assert "You proposed it; another administrator puts it into force." in page
    assert "Weaker than before: 1" in page


def test_a_file_counts_instead_of_the_text(house: Outside) -> None:
    ruth = client_of(house, "ruth")
    file = (io.BytesIO(source(house, least_cases=12).encode()), "policy.yaml")
    seen = text_of(post_form(ruth, "/policy/preview", {"source": "old", "file": file}, "/policy"))
    assert "A run needs at least 12 cases instead of 30." in seen
    broken = (io.BytesIO(b"\xff\xfe"), "policy.yaml")
    answer = post_form(ruth, "/policy/preview", {"source": "old", "file": broken}, "/policy")
    assert answer.status_code == 422
    assert "not UTF-8" in text_of(answer)


def test_a_text_with_faults_is_kept_and_each_fault_is_named_by_its_field(house: Outside) -> None:
    ruth = client_of(house, "ruth")
    bad = source(house).replace("review_due_days: 5", "review_due_days: 0").replace("signoff_level", "signof_level")
    answer = post_form(ruth, "/policy/preview", {"source": bad}, "/policy")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "review_due_days is a whole number from 1 to 365" in page
    assert "classes.clinical.signof_level" in page
    assert "signof_level: L2" in page, "what was typed is kept"


def test_the_second_administrator_puts_it_into_force(house: Outside) -> None:
    proposed(house, client_of(house, "ruth"))
    sam = client_of(house, "sam")
    page = sam.get("/policy").get_data(as_text=True)
    address = re.search(r'action="(/policy/proposals/\w+/second)"', page)
    digest = re.search(r'name="expected_digest"\s+value="(\w+)"', page)
    assert address
    assert digest
    wrong = post_form(sam, address[1], {"expected_digest": digest[1], "password": "wrong", "code": "1"}, "/policy")
    assert wrong.status_code == 422
    assert "This is not your password" in text_of(wrong)
    fields = {"expected_digest": digest[1], "password": PASSWORD, "code": code_for(house, "sam@example.org")}
    assert post_form(sam, address[1], fields, "/policy").status_code == 303
    again = post_form(sam, address[1], fields, "/policy")
    assert again.status_code == 303, "a second click leads to the same page"
    page = text_of(sam.get("/policy"))
    assert "In force: version 2" in page
    assert "Ruth (proposal of a policy" in page
    assert "Sam (adoption of a policy" in page


def test_any_administrator_withdraws_and_the_page_keeps_what_was_withdrawn(house: Outside) -> None:
    proposed(house, client_of(house, "ruth"))
    sam = client_of(house, "sam")
    address = re.search(r'action="(/policy/proposals/\w+/withdraw)"', sam.get("/policy").get_data(as_text=True))
    assert address
    assert post_form(sam, address[1], {}, "/policy").status_code == 303
    page = text_of(sam.get("/policy"))
    assert "Withdrawn proposals" in page
    assert "Proposed: version" not in page


def test_the_pages_of_a_change_say_which_version_counts_there(house: Outside, staff: Staff) -> None:
    change = change_in(house, staff, "review")
    kim = client_of(house, "kim")
    assert ">Version 1</a>" in kim.get(f"/changes/{change}/review").get_data(as_text=True)
    second_version(house)
    for page in ("", "/review", "/signoff"):
        said = text_of(kim.get(f"/changes/{change}{page}"))
        assert "Version 1 until the next revision, which takes version 2" in said


def test_nobody_else_sees_a_form(house: Outside) -> None:
    proposed(house, client_of(house, "ruth"))
    for name in ("ada", "kim", "osei", "quinn"):
        page = client_of(house, name).get("/policy").get_data(as_text=True)
        assert "Proposed: version 2" in page
        assert "/policy/proposals" not in page
        assert "/policy/preview" not in page


def test_a_version_that_comes_by_itself_stands_on_every_page(house: Outside, staff: Staff) -> None:
    people.deactivate(house, staff.act_as("ruth"), staff.ids["sam"])
    ruth = client_of(house, "ruth")
    assert "You are the only administrator here" in text_of(ruth.get("/policy"))
    assert proposed(house, ruth).status_code == 303
    for name, address in (("osei", "/inbox"), ("osei", "/changes"), ("ada", "/prompts"), ("quinn", "/ledger")):
        page = text_of(client_of(house, name).get(address, follow_redirects=True))
        assert "comes into force on 3 March 2026 at 09:0" in page
        assert "A run needs at least 10 cases instead of 30." in page
        assert "See what it changes" in page
    assert "See it, or withdraw it" in text_of(ruth.get("/people"))
    assert "comes into force" not in text_of(make_client(house).get("/sign-in"))
