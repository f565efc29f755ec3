"""Policies on both databases: rivals at the same moment leave one, and what waits survives a way down and up again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import add_app, again, join
from tests.store.test_migrating import revision_of
from tests.whole_log import check_log
from webapp.acts.policies import policy_in_force
from webapp.acts.reauthentication import Given
from webapp.adapters.outside import Outside
from webapp.adapters.store.migrating import migrate
from webapp.adapters.store.schema import Leaf, PolicyProposal
from webapp.assembly import prepare
from webapp.errors import FormularyError
from webapp.services import people, policy

WITH_PROPOSALS = "0012"


@pytest.fixture
def staff(house: Outside) -> Staff:
    """Two administrators with authenticator apps."""
    prepare(house)
    found = Staff(house, {name: join(house, name, ("administrator",)) for name in ("ruth", "sam")})
    for person_id in found.ids.values():
        add_app(house, person_id)
    return found


def propose(house: Outside, staff: Staff, name: str, least_cases: int, *, given: Given | None = None) -> str:
    actor = staff.act_as(name)
    seen = policy.show_policy(house, actor)
    source = seen.source.replace("least_cases: 30", f"least_cases: {least_cases}")
    signed = given or again(house, actor.id)
    return policy.propose(house, actor, source, seen.current.digest, signed, is_urgent=False)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What each of these acts came to when all began together."""
    gate, found = threading.Barrier(len(acts)), list[str]()

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
            found.append("done")
        except FormularyError as error:
            found.append(error.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def kinds(house: Outside) -> list[str]:
    with house.database.reading() as session:
        leaves = [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]
    return [leaf["type"] for leaf in leaves if leaf["type"].startswith("policy.")]


def in_force(house: Outside) -> int:
    with house.database.reading() as session:
        return policy_in_force(house, session)[0].version


def test_of_rivals_at_the_same_moment_one_proposes(house: Outside, staff: Staff) -> None:
    given = {name: again(house, staff.ids[name]) for name in staff.ids}
    rivals = [partial(propose, house, staff, name, 10 + len(name), given=given[name]) for name in given]
    found = at_once(*rivals)
    assert found == ["done", "proposal_open"]
    assert kinds(house) == ["policy.adopted", "policy.proposed"]


def test_a_signature_and_a_withdrawal_at_the_same_moment_are_one_of_them(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff, "ruth", 10)
    with house.database.reading() as session:
        sha256 = session.get_one(PolicyProposal, proposal_id).sha256
    given = again(house, staff.ids["sam"])
    found = at_once(
        partial(policy.second, house, staff.act_as("sam"), proposal_id, sha256, given),
        partial(policy.withdraw_proposal, house, staff.act_as("ruth"), proposal_id),
    )
    assert found in (["conflict", "done"], ["done", "stale"])
    assert in_force(house) == (2 if kinds(house)[-1] == "policy.adopted" else 1)
    assert len(kinds(house)) == 3


def test_what_is_due_is_entered_once_however_many_look(house: Outside, staff: Staff) -> None:
    people.deactivate(house, staff.act_as("ruth"), staff.ids["sam"])
    propose(house, staff, "ruth", 10)
    assert isinstance(house.now, Clock)
    house.now.at += timedelta(hours=24)
    assert in_force(house) == 2
    assert at_once(*[partial(policy.keep_policy_in_time, house)] * 4) == ["done"] * 4
    assert kinds(house) == ["policy.adopted", "policy.proposed", "policy.adopted"]
    assert check_log(house)[2]


def test_versions_in_force_survive_the_way_down_and_up(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff, "ruth", 10)
    with house.database.reading() as session:
        sha256 = session.get_one(PolicyProposal, proposal_id).sha256
    policy.second(house, staff.act_as("sam"), proposal_id, sha256, again(house, staff.ids["sam"]))
    log = check_log(house)
    while (revision_of(house) or "") >= WITH_PROPOSALS:
        migrate(house.database, "-1")
    migrate(house.database)
    assert in_force(house) == 2
    assert check_log(house) == log
    seen = policy.show_policy(house, staff.act_as("sam"))
    assert [version.signed_by for version in seen.versions] == [(), ()], (
        "who signed stands in the log; the list forgot it"
    )
