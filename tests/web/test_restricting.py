"""The page on which a clinician restricts what is live: a plain form, refusals with what was typed, and who did it before."""

from __future__ import annotations

import html
from typing import Any

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD
from tests.services import test_restricting as restricted
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside

PAGE = f"/prompts/{r.NAME}/restrict"


def said(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_a_clinician_restricts_what_is_live_by_form(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    osei = make_client(outside)
    sign_in(osei, "osei")
    page = said(osei.get(PAGE))
    assert PAGE in said(osei.get(f"/prompts/{r.NAME}"))
    for words in (
        "Everybody: the release is not restricted.",
        "Heard of: North.",
        "Heard of: Ward system.",
        restricted.TEXT,
    ):
        assert words in page
    fields = {
        "expected_digest": restricted.live(outside).manifest_sha256,
        "sites": "North, South <1>",
        "reason": "Wrong units.",
        "password": PASSWORD,
    }
    for wrong, words in (
        ({"sites": ""}, "Name at least one site"),
        ({"reason": " "}, "Write why"),
        ({"password": "wrong"}, "not your password"),
        ({"expected_digest": "0" * 64}, "Another release is live"),
    ):
        answer = post_form(osei, PAGE, {**fields, **wrong}, page=PAGE)
        assert answer.status_code in (401, 409, 422)
        assert words in said(answer), words
        assert "South <1>" in said(answer) or "sites" in wrong
        assert "South <1>" not in answer.get_data(as_text=True)
    done = post_form(osei, PAGE, fields, page=PAGE)
    assert (done.status_code, done.location) == (303, PAGE)
    page = said(osei.get(PAGE))
    for words in ("Only sites North, South <1>.", "Osei", "Wrong units.", "Leave it to fewer"):
        assert words in page
    assert "Restricted to sites North" in said(osei.get(f"/prompts/{r.NAME}"))
    assert "fewer of these" in said(post_form(osei, PAGE, {**fields, "sites": "West"}, page=PAGE))


def test_others_read_who_is_left_and_restrict_nothing(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    quinn = make_client(outside)
    sign_in(quinn, "quinn")
    assert "Nothing for your role here" in said(quinn.get(PAGE))
    assert post_form(quinn, PAGE, {"sites": "North"}, page="/profile").status_code == 403
    assert quinn.get("/prompts/none/restrict").status_code == 404
