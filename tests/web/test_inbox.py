"""The inbox and the list of changes in a browser."""

from __future__ import annotations

import pytest

from tests.conftest import Clock, Staff
from tests.services.submissions import good, prompt_bytes
from tests.stages import change_in
from tests.web.client import make_client, sign_in
from webapp.adapters.outside import Outside


def page(outside: Outside, name: str, url: str = "/") -> str:
    client = make_client(outside)
    sign_in(client, name)
    answer = client.get(url)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-2000:]
    return answer.get_data(as_text=True)


def test_a_stranger_is_led_to_the_sign_in_page(outside: Outside, staff: Staff) -> None:
    answer = make_client(outside).get("/")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


@pytest.mark.parametrize("name", ["ada", "kim", "osei", "quinn", "ruth"])
def test_an_empty_inbox_says_what_to_do_next(outside: Outside, staff: Staff, name: str) -> None:
    assert "No change waits for you" in page(outside, name)


@pytest.mark.parametrize(
    ("stage", "name", "ask", "path"),
    [
        ("review", "kim", "Review: approve, ask for changes or reject", "/review"),
        ("signoff", "osei", "Sign, ask a question or decline", "/signoff"),
        ("rollout", "ada", "Start the rollout", "/rollout"),
    ],
)
def test_what_is_asked_of_me_leads_to_its_page(
    outside: Outside, staff: Staff, stage: str, name: str, ask: str, path: str
) -> None:
    change_id = change_in(outside, staff, stage)
    text = page(outside, name)
    assert "Waiting for me: 1" in text
    assert ask in text
    assert f'href="/changes/{change_id}{path}"' in text
    assert "Doses are listed with their route." in text


@pytest.mark.parametrize(("stage", "name"), [("review", "osei"), ("signoff", "kim"), ("review", "ada")])
def test_what_others_are_asked_stands_apart_with_their_names(
    outside: Outside, staff: Staff, stage: str, name: str
) -> None:
    change_in(outside, staff, stage)
    text = page(outside, name)
    assert "Waiting for me: 0" in text
    assert "Waiting for others: 1" in text


def test_the_reviewer_is_not_asked_to_sign_as_well(outside: Outside, staff: Staff) -> None:
    from tests.stages import pass_review

    change_id = change_in(outside, staff, "review")
    pass_review(outside, staff, change_id, "moss")
    assert "Waiting for me: 0" in page(outside, "moss")
    assert "(Lund, Osei)" in page(outside, "moss")


def test_an_overdue_change_says_so(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_in(outside, staff, "review")
    clock.forward(days=6)
    assert "Overdue: 7 Mar 2026" in page(outside, "kim")


def test_what_i_did_lately_is_listed(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    assert "approved the change and passed it to a physician (signed), " in page(outside, "kim")


def test_the_list_of_changes_is_narrowed_by_stage_and_prompt(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review", title="Routes")
    fields = {"name": "appointment-letter", "risk_class": "administrative"}
    change_in(outside, staff, "evaluation", good(prompt=prompt_bytes(**fields)), title="Letters")
    assert "Changes 1 to 2 of 2" in page(outside, "quinn", "/changes")
    narrowed = page(outside, "quinn", "/changes?stage=review")
    assert "Routes" in narrowed
    assert "Letters" not in narrowed
    assert "Letters" in page(outside, "quinn", "/changes?prompt=appointment-letter")


def test_an_unknown_stage_is_a_sentence(outside: Outside, staff: Staff) -> None:
    client = make_client(outside)
    sign_in(client, "ada")
    answer = client.get("/changes?stage=moon")
    assert answer.status_code == 422
    assert "There is no such stage" in answer.get_data(as_text=True)


def test_a_long_list_has_pages(outside: Outside, staff: Staff) -> None:
    from webapp.services.change import listing

    for number in range(listing.PAGE + 1):
        change_in(
            outside, staff, "evaluation", good(prompt=prompt_bytes(version=f"1.{number}", description=f"{number}"))
        )
    text = page(outside, "ada", "/changes")
    assert f"Changes 1 to {listing.PAGE} of {listing.PAGE + 1}" in text
    assert 'href="/changes?page=2"' in text
    assert f"Changes {listing.PAGE + 1} to {listing.PAGE + 1}" in page(outside, "ada", "/changes?page=2")
