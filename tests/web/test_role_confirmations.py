"""The pages of a role given late: what its holder is told, who confirms it, and what a signature then shows."""

from __future__ import annotations

import re

from tests.conftest import Clock, Staff
from tests.people import PASSWORD, add_app, next_code
from tests.services.test_role_age import late, sign
from tests.stages import change_in, open_worst_cases
from tests.web.client import post_form
from tests.web.test_factor_resets import enter, text
from webapp.adapters.outside import Outside


def test_a_late_physician_is_told_why_and_signs_after_a_second_person_confirmed(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = change_in(outside, staff, "signoff")
    noor = late(outside, staff, clock)
    open_worst_cases(outside, staff, change_id, "noor")
    page = text(enter(outside, "noor"), f"/changes/{change_id}/signoff")
    assert "You became physician only after this was asked for, so a second person has to confirm that first" in page
    assert "Sign with" not in page

    url = f"/people/{noor}/roles/physician/confirm"
    ruth = enter(outside, "ruth")
    page = text(ruth, f"/people/{noor}")
    assert "physician: since 2 March 2026, 09:05 UTC, given by Ruth, not confirmed by a second person" in page
    assert "You gave this role, so a second person has to confirm it" in text(ruth, url)
    add_app(outside, staff.ids["quinn"])
    quinn = enter(outside, "quinn")
    inbox = text(quinn, "/")
    assert "Confirm the role physician, given after something was asked for that it signs" in inbox
    assert f'href="{url}"' in inbox
    page = quinn.get(url).get_data(as_text=True)
    digest = re.search(r'name="expected_digest"\s+value="([0-9a-f]{64})"', page)[1]  # type: ignore[index]
    alone = post_form(quinn, url, {"expected_digest": digest, "password": PASSWORD}, page=url)
    assert alone.status_code == 422
    fields = {"expected_digest": digest, "password": PASSWORD, "code": next_code(outside, staff.ids["quinn"])}
    assert post_form(quinn, url, fields, page=url).location == f"/people/{noor}"
    assert "confirmed by Quinn on" in text(quinn, f"/people/{noor}")
    assert "Waiting for me: 0" in text(quinn, "/")

    sign(outside, staff, change_id)
    words = "Signed as physician since 2 March 2026, 09:05 UTC, granted by Ruth, confirmed by Quinn on"
    assert words in text(enter(outside, "kim"), f"/changes/{change_id}")


def test_who_may_not_confirm_does_not_reach_the_page(outside: Outside, staff: Staff) -> None:
    kim = enter(outside, "kim")
    assert kim.get(f"/people/{staff.ids['osei']}/roles/physician/confirm").status_code == 403
    ruth = enter(outside, "ruth")
    assert ruth.get(f"/people/{staff.ids['osei']}/roles/auditor/confirm").status_code == 404
    assert ruth.get(f"/people/{staff.ids['osei']}/roles/king/confirm").status_code == 422
    assert ruth.get("/people/none/roles/physician/confirm").status_code == 404
