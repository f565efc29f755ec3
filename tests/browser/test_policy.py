"""Two administrators put a policy into force in a real browser, one at a desk and one at a phone."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import Site
from tests.conftest import Staff
from tests.people import PASSWORD, add_app
from tests.web.client import code_for


def sign(site: Site, page: Any, name: str, button: str) -> None:
    """The form on the page is signed with password and code."""
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("One-time code").fill(code_for(site.outside, f"{name}@example.org"))
    page.get_by_role("button", name=button).click()


def width_of(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_a_policy_is_proposed_at_a_desk_and_signed_at_a_phone(site: Site, staff: Staff) -> None:
    for name in ("ruth", "sam"):
        add_app(site.outside, staff.ids[name])
    desk = site.sign_in("ruth")
    desk.goto("/policy")
    desk.get_by_text("Write it, or hand in a file").click()
    area = desk.get_by_label("The whole policy, as YAML")
    area.fill(area.input_value().replace("least_cases: 30", "least_cases: 10"))
    desk.get_by_role("button", name="Look at what it changes").click()
    assert "A run needs at least 10 cases instead of 30." in desk.inner_text("main")
    assert width_of(desk) <= 1280
    sign(site, desk, "ruth", "Propose version 2")
    assert "another administrator puts it into force" in desk.inner_text("main")

    phone = site.sign_in("sam", width=390)
    assert "waits for a second administrator's signature" in phone.inner_text("body")
    phone.get_by_role("link", name="See it, then sign or withdraw it").click()
    assert "Weaker than before: 1" in phone.inner_text("main")
    assert width_of(phone) <= 390
    sign(site, phone, "sam", "Put version 2 into force")
    assert "In force: version 2" in phone.inner_text("main")
    phone.goto("/policy/difference?old=1&new=2")
    assert width_of(phone) <= 390
