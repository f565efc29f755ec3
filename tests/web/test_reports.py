"""The page of reports: what is told of releases in use, and what a clinician found."""

from __future__ import annotations

import pytest

from tests import rollouts as r
from tests.conftest import Staff
from tests.web.client import post_form
from tests.web.test_rollout import client_of, text_of
from webapp.adapters.outside import Outside
from webapp.services import interactions


@pytest.fixture
def alert_id(outside: Outside, staff: Staff) -> str:
    """A problem that reached a patient was reported about the version in rollout."""
    change_id = r.started(outside, staff)
    decision_id = str(r.serve(outside, next(r.inside_units(outside, change_id)))["decision_id"])
    r.report(outside, staff, decision_id, source_ref="note/7")
    r.report(outside, staff, "dec_made-up")
    assert interactions.report_problem(outside, r.token_id(outside, staff), decision_id, "<b>Tenfold dose", True)
    return interactions.open_alerts(outside, staff.act_as("kim"))[0].id


def test_a_reported_problem_stands_where_people_look_until_somebody_says_what_they_found(
    outside: Outside, alert_id: str
) -> None:
    kim, ada, ruth = (client_of(outside, name) for name in ("kim", "ada", "ruth"))
    sentence = "1 problem with answers of clinical-summarization version 1.0 was reported; 1 of them reached a patient."
    for client, url in ((kim, "/"), (ruth, "/"), (kim, f"/prompts/{r.NAME}"), (ada, "/reports"), (ruth, "/reports")):
        assert sentence in text_of(client, url), url
    assert sentence not in text_of(ada, "/")
    page = text_of(kim, "/reports")
    assert "&lt;b&gt;Tenfold dose" in kim.get("/reports").get_data(as_text=True)
    assert "note/7" in page
    assert "Desk, 555-0100" in page
    assert "Tenfold dose" not in text_of(ruth, "/reports"), "administrators read no texts about patients"
    assert "The decision id was not made by this server" in text_of(ruth, "/reports")
    assert "Set apart" not in page
    url, given = f"/reports/{alert_id}", {"count": "1", "found": "Called the ward; held."}
    assert post_form(ruth, url, given, "/profile").status_code == 403
    assert post_form(kim, url, {"count": "1", "found": ""}, "/reports").status_code == 422
    stale = post_form(kim, url, {**given, "count": "0"}, "/reports")
    assert stale.status_code == 409
    assert "Called the ward; held." in stale.get_data(as_text=True)
    assert post_form(kim, url, given, "/reports").status_code == 303
    page = text_of(kim, "/reports")
    assert "Nothing is waiting" in page
    assert "Called the ward; held." in page
    assert sentence not in text_of(kim, "/")
    assert post_form(kim, url, given, "/reports").status_code == 409
