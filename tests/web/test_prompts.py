"""The formulary's pages."""

from __future__ import annotations

from tests.conftest import Staff
from tests.stages import change_in
from tests.web.client import make_client, sign_in
from webapp.adapters.outside import Outside


def page(outside: Outside, url: str, name: str = "quinn", status: int = 200) -> str:
    client = make_client(outside)
    sign_in(client, name)
    answer = client.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_an_empty_formulary_says_what_to_do(outside: Outside, staff: Staff) -> None:
    assert "The formulary is empty" in page(outside, "/prompts")


def test_a_prompt_that_is_not_live_says_so(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    assert "nothing" in page(outside, "/prompts")
    text = page(outside, "/prompts/clinical-summarization")
    assert "Nothing is live" in text
    assert f"/changes/{change_id}" in text
    assert "never released" in text


def test_what_is_live_is_shown_with_its_signatures_in_every_role(outside: Outside, staff: Staff) -> None:
    from tests.services.test_prompts import bring_live

    bring_live(outside, staff)
    for name in ("ada", "kim", "osei", "quinn", "ruth"):
        text = page(outside, "/prompts/clinical-summarization", name)
        for words in ("v1 (1.0)", "Kim", "Osei", "Meaning: approval", "Meaning: review", "Write the note by hand."):
            assert words in text


def test_an_unknown_prompt_is_not_found(outside: Outside, staff: Staff) -> None:
    assert "There is no such prompt" in page(outside, "/prompts/moon", status=404)
