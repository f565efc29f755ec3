"""Every page in a real browser, narrow and wide: accessible (axe, WCAG 2.2 AA), no script or policy error, nothing runs off the side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import rollouts
from tests.browser.conftest import Site
from tests.conftest import Staff
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.services import interactions

WIDTHS = (390, 1280)
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}}
CHANGE = "/changes/{change_id}"
VISITS = {
    ("evaluation", "ada"): ("/", "/changes/new", "/tokens", CHANGE, f"{CHANGE}/evaluation", f"{CHANGE}/revise"),
    ("review", "kim"): ("/", CHANGE, f"{CHANGE}/review", f"{CHANGE}/evaluation", f"{CHANGE}/evaluation/cases/case-001"),
    ("signoff", "osei"): (CHANGE, f"{CHANGE}/signoff", "/profile"),
    ("running", "kim"): (CHANGE, f"{CHANGE}/rollout", "/prompts", f"/prompts/{rollouts.NAME}", "/reports"),
    ("rolled_back", "osei"): (
        f"{CHANGE}/rollout",
        f"{CHANGE}/rollout/confirmations",
        f"/prompts/{rollouts.NAME}/host-stops",
    ),
    ("audit", "lund"): (CHANGE, f"{CHANGE}/follow-up-audit", f"{CHANGE}/review", f"{CHANGE}/signoff"),
    ("audit", "ruth"): ("/changes", "/ledger", "/ledger/1", "/people", "/tokens", "/policy"),
}


def with_alerts(outside: Outside, staff: Staff) -> str:
    """A rollout about which people reported a problem, and whose application names another model."""
    change_id = rollouts.second(outside, staff)
    decision_id = rollouts.call(
        outside, staff, next(rollouts.inside_units(outside, change_id)), model="another-model", source_ref="note/7"
    )
    assert interactions.report_problem(
        outside, rollouts.token_id(outside, staff), decision_id or "", "Odd words", False
    )
    return change_id


def visited(page: Any, addresses: Sequence[str]) -> Iterator[str]:
    """Each address once the page stands; what the console says meanwhile counts as a fault."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in addresses:
        assert page.goto(address).status == 200, address
        yield address
        assert said == [], address


def faults_of(page: Any) -> list[str]:
    """The rules of accessibility that the page breaks, with the first place of each."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found]


def rolled_back(outside: Outside, staff: Staff) -> str:
    """A change whose rollout was rolled back while applications had its version."""
    change_id = rollouts.second(outside, staff)
    rollouts.call_all(outside, staff, change_id, [f"encounter-{number}" for number in range(20)])
    rollouts.roll_back(outside, staff, change_id)
    return change_id


@pytest.mark.parametrize(("stage", "name"), VISITS)
def test_every_page_is_accessible_and_fits(site: Site, outside: Outside, staff: Staff, stage: str, name: str) -> None:
    made = {"running": with_alerts, "audit": rollouts.live_first, "rolled_back": rolled_back}.get(stage)
    change_id = made(outside, staff) if made else change_in(outside, staff, stage)
    page, faults = site.sign_in(name), []
    for address in visited(page, [address.format(change_id=change_id) for address in VISITS[stage, name]]):
        faults.extend((address, 0, fault) for fault in faults_of(page))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append((address, width, "wider than the window"))
    assert faults == []
