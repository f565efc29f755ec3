"""The auditor's pages on both databases: every filter, a moment, people of then, a signed review."""

from __future__ import annotations

from datetime import timedelta

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD, join
from tests.whole_log import check_log, count_entries
from webapp.acts.sealing import seal
from webapp.adapters.outside import Outside
from webapp.assembly import prepare
from webapp.services import ledger, live_at, people_then, trail
from webapp.services.ledger import Filters

ROLES = {
    "ada": ("author",),
    "kim": ("informaticist",),
    "osei": ("physician",),
    "quinn": ("auditor",),
    "ruth": ("administrator",),
}


def test_an_auditors_day(house: Outside) -> None:
    prepare(house)
    staff = Staff(house, {name: join(house, name, roles) for name, roles in ROLES.items()})
    change_id = r.live_first(house, staff)
    quinn, size = staff.act_as("quinn"), count_entries(house)
    day = timedelta(days=1)
    whole = Filters()
    counts = {
        name: ledger.show_ledger(house, quinn, filters).total
        for name, filters in {
            "whole": whole,
            "prompt": Filters(prompt=r.NAME),
            "person": Filters(person_id=staff.ids["osei"]),
            "type": Filters(type="change.sign"),
            "group": Filters(group="Signatures and decisions"),
            "thing": Filters(entity_id=change_id),
            "period": Filters(since=house.now() - day, until=house.now() + day),
            "before": Filters(until=house.now() - day),
            "entries": Filters(between=(2, 5)),
        }.items()
    }
    assert (counts["whole"], counts["period"], counts["before"]) == (size, size, 0)
    assert (counts["type"], counts["entries"]) == (1, 4)
    assert size > counts["prompt"] > counts["thing"] > 0
    assert counts["group"] > counts["type"]
    assert counts["person"] > 0
    assert len(list(ledger.table_lines(house, quinn, whole))) == size + 1
    assert all(ledger.show_entry(house, quinn, seq).is_included for seq in (0, size // 2, size - 1))
    (prompt,) = live_at.show_live_at(house, quinn, None).prompts
    assert prompt.served is not None
    assert (prompt.served.label, prompt.served.agrees) == ("1.0", True)
    assert people_then.show_people_then(house, quinn, None, "").people == ()
    seal(house)
    waits = trail.show_trail(house, quinn).waiting
    assert waits is not None
    given = trail.Reviewing(waits.first, waits.size, "0" * 32, "nothing_found")
    trail.review_trail(house, quinn, given, PASSWORD)
    (done,) = trail.show_trail(house, quinn).done
    assert (done.first, done.last, done.continues) == (0, waits.size - 1, True)
    assert check_log(house)[2]
