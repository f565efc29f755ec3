"""The auditor reads everything and changes nothing: every page opens, and every form that is not the auditor's own act is refused."""

from __future__ import annotations

from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Staff
from tests.web.client import TOKEN
from tests.web.test_rollout import client_of
from tests.whole_log import count_entries
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Person, RoleGrant
from webapp.domain.workflow import MOVES, Role
from webapp.domain.workflow.grants import GRANTS, Right

OWN = {Right.MANAGE_OWN_PROFILE, Right.EXPORT_RECORD, Right.REVIEW_TRAIL, Right.CONFIRM_ACCESS, Right.ERASE_TEXTS}
REFUSALS = {"access.refused", "signature.refused", "session.opened", "alert.raised"}


def test_no_move_of_a_change_is_the_auditors() -> None:
    assert all(Role.AUDITOR not in move.roles for move in MOVES)


def test_every_form_is_refused_but_the_auditors_own_and_nothing_is_changed(outside: Outside, staff: Staff) -> None:
    change_id = r.live_first(outside, staff)
    quinn = client_of(outside, "quinn")
    app, size = quinn.application, count_entries(outside)
    found = TOKEN.search(quinn.get("/profile").get_data(as_text=True))
    assert found is not None
    own = {right.value for right in OWN}
    values = {"change_id": change_id, "person_id": staff.ids["ada"], "name": r.NAME}
    refused = 0
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", "public")
        if "POST" not in (rule.methods or ()) or access in own | {"public"} or access.startswith("token:"):
            continue
        url = rule.rule
        for name in rule.arguments:
            url = url.replace(f"<{name}>", values.get(name, "none")).replace(f"<int:{name}>", "1")
        answer = quinn.post(url, data={"csrf_token": found[1], "role": "physician", "expected_digest": "0" * 64})
        assert answer.status_code in (403, 404, 409, 422), (url, answer.status_code)
        refused += 1
    assert refused > 20
    with outside.database.reading() as session:
        entered = {leaf.type for leaf in session.scalars(select(Leaf).where(Leaf.seq >= size))}
        assert entered <= REFUSALS
        assert session.get_one(Person, staff.ids["ada"]).is_active
        held = session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == staff.ids["ada"])).all()
    assert list(held) == ["author"]


def test_what_an_auditor_may_do_is_reading_exporting_and_the_auditors_own_acts() -> None:
    granted = {right for right, roles in GRANTS.items() if Role.AUDITOR in roles}
    assert {right for right in granted if not right.value.startswith("read_")} == OWN


def test_every_page_of_the_record_opens_for_an_auditor(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    quinn = client_of(outside, "quinn")
    for url in (
        "/ledger", "/ledger/1", "/ledger/entries.csv", "/ledger/reviews", "/ledger/people", f"/ledger/people/{staff.ids['ada']}",
        "/live", f"/live/{r.NAME}", "/exports", "/people", "/people/staffing", "/policy", "/suites", "/prompts", "/changes",
    ):  # fmt: skip
        assert quinn.get(url).status_code == 200, url
