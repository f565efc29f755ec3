"""A new policy takes two administrators, or one and a day in which everybody is told; open changes keep theirs, unless it is urgent."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import rollouts
from tests.conftest import Clock, Staff
from tests.passkeys import add_passkey
from tests.people import PASSWORD, add_app, again, join
from tests.services.submissions import good
from tests.stages import change_in, digests, stage_of
from webapp.acts.genuine import verified_body
from webapp.acts.policies import policy_in_force, policy_of
from webapp.acts.reauthentication import Given
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Leaf, Outbox, Payload, PolicyProposal, PolicyRow, Revision, Signature
from webapp.adapters.yaml_source import write_yaml
from webapp.domain.workflow import Role
from webapp.domain.workflow.evidence import Approval
from webapp.errors import AlreadyDone, Conflict, InvalidInput, NotSignedIn, Refused, Stale
from webapp.services import people, policy, review, submission


@pytest.fixture
def house(outside: Outside, staff: Staff) -> Outside:
    """Ruth and Sam, administrators, have authenticator apps."""
    for name in ("ruth", "sam"):
        add_app(outside, staff.ids[name])
    return outside


def document(house: Outside) -> dict[str, Any]:
    with house.database.reading() as session:
        return dict(json.loads(policy_in_force(house, session)[0].content))


def weaker(house: Outside, **clinical: Any) -> str:
    """The policy in force with other rules for clinical changes, as YAML."""
    changed = document(house)
    changed["classes"]["clinical"].update(clinical or {"least_cases": 10})
    return write_yaml(changed)


def in_force(house: Outside) -> int:
    with house.database.reading() as session:
        return policy_in_force(house, session)[0].version


def base_of(house: Outside) -> str:
    with house.database.reading() as session:
        return policy_in_force(house, session)[0].sha256


def propose(
    house: Outside, staff: Staff, name: str = "ruth", source: str | None = None, *, is_urgent: bool = False
) -> str:
    given = again(house, staff.ids[name])
    text = source if source is not None else weaker(house)
    return policy.propose(house, staff.act_as(name), text, base_of(house), given, is_urgent=is_urgent)


def proposal(house: Outside, proposal_id: str) -> PolicyProposal:
    with house.database.reading() as session:
        return session.get_one(PolicyProposal, proposal_id)


def second(house: Outside, staff: Staff, proposal_id: str, name: str = "sam") -> None:
    sha256 = proposal(house, proposal_id).sha256
    policy.second(house, staff.act_as(name), proposal_id, sha256, again(house, staff.ids[name]))


def entries(house: Outside, prefix: str = "policy.") -> list[dict[str, Any]]:
    with house.database.reading() as session:
        leaves = [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]
    return [leaf for leaf in leaves if leaf["type"].startswith(prefix)]


def only_ruth(house: Outside, staff: Staff) -> None:
    people.deactivate(house, staff.act_as("ruth"), staff.ids["sam"])


def test_two_administrators_put_a_version_into_force(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff)
    assert in_force(house) == 1
    second(house, staff, proposal_id)
    assert in_force(house) == 2
    assert document(house)["classes"]["clinical"]["least_cases"] == 10
    first, proposed, adopted = entries(house)
    assert [leaf["type"] for leaf in (first, proposed, adopted)] == [
        "policy.adopted",
        "policy.proposed",
        "policy.adopted",
    ]
    assert adopted["reason"] == "second_signature"
    assert len(adopted["attest"]) == 2
    assert proposed["attest"] == adopted["attest"][:1]
    assert (adopted["before"]["sha256"], adopted["after"]["sha256"]) == (first["after"]["sha256"], base_of(house))
    with house.database.reading() as session:
        rows = session.scalars(select(Signature).order_by(Signature.id)).all()
        bodies = [verified_body(house, session, session.get_one(Envelope, row.envelope_sha256)) for row in rows]
    assert [row.signer_name for row in rows] == ["Ruth", "Sam"]
    assert {body["subject"][0]["digest"]["sha256"] for body in bodies if body} == {base_of(house)}
    assert [body["predicate"]["meaning"] for body in bodies if body] == ["proposal of a policy", "adoption of a policy"]
    assert {body["predicate"]["level"] for body in bodies if body} == {"L1"}


def test_the_one_who_proposed_cannot_sign_twice(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff)
    with pytest.raises(Refused, match="another administrator"):
        second(house, staff, proposal_id, "ruth")
    assert in_force(house) == 1
    refused = entries(house, "signature.refused")[-1]
    assert (refused["entity"]["type"], refused["entity"]["id"], refused["reason"]) == (
        "policy",
        "policy",
        "same_person",
    )


def test_a_double_click_is_recorded_once(house: Outside, staff: Staff) -> None:
    source, base, given = weaker(house), base_of(house), again(house, staff.ids["ruth"])
    proposal_id = policy.propose(house, staff.act_as("ruth"), source, base, given, is_urgent=False)
    with pytest.raises(AlreadyDone):
        policy.propose(house, staff.act_as("ruth"), source, base, given, is_urgent=False)
    sha256, given = proposal(house, proposal_id).sha256, again(house, staff.ids["sam"])
    policy.second(house, staff.act_as("sam"), proposal_id, sha256, given)
    with pytest.raises(AlreadyDone):
        policy.second(house, staff.act_as("sam"), proposal_id, sha256, given)
    assert in_force(house) == 2
    assert len(entries(house, "signature.applied")) == 2
    assert entries(house, "signature.refused") == []


def test_two_administrators_at_once_leave_one_proposal(house: Outside, staff: Staff) -> None:
    first = propose(house, staff, "ruth")
    with pytest.raises(Conflict, match="proposed already"):
        propose(house, staff, "sam", weaker(house, least_cases=12))
    policy.withdraw_proposal(house, staff.act_as("sam"), first)
    assert propose(house, staff, "sam", weaker(house, least_cases=12))


def at_once(*acts: Any) -> list[str]:
    """What each of these acts came to when all began together."""
    gate, found = threading.Barrier(len(acts)), list[str]()

    def run(act: Any) -> None:
        gate.wait()
        try:
            act()
            found.append("done")
        except (AlreadyDone, Conflict, Stale, Refused, NotSignedIn) as error:
            found.append(error.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_of_two_who_propose_at_the_same_moment_one_does(house: Outside, staff: Staff) -> None:
    base = base_of(house)
    texts = {"ruth": weaker(house), "sam": weaker(house, least_cases=12)}
    given = {name: again(house, staff.ids[name]) for name in texts}
    found = at_once(
        *(
            lambda name=name: policy.propose(house, staff.act_as(name), texts[name], base, given[name], is_urgent=False)
            for name in texts
        )
    )
    assert found == ["done", "proposal_open"]
    assert len(entries(house)) == 2


def test_adopting_and_withdrawing_at_the_same_moment_is_one_of_them(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff)
    sha256, given = proposal(house, proposal_id).sha256, again(house, staff.ids["sam"])
    found = at_once(
        lambda: policy.second(house, staff.act_as("sam"), proposal_id, sha256, given),
        lambda: policy.withdraw_proposal(house, staff.act_as("ruth"), proposal_id),
    )
    assert found in (["conflict", "done"], ["done", "stale"])
    assert in_force(house) == (2 if proposal(house, proposal_id).state == "adopted" else 1)
    assert len(entries(house)) == 3


@pytest.mark.parametrize("name", ["ada", "kim", "osei", "quinn"])
def test_nobody_but_an_administrator_proposes_signs_or_withdraws(house: Outside, staff: Staff, name: str) -> None:
    proposal_id = propose(house, staff)
    actor, sha256 = staff.act_as(name), proposal(house, proposal_id).sha256
    for act in (
        lambda: policy.propose(house, actor, weaker(house), base_of(house), Given(PASSWORD), is_urgent=False),
        lambda: policy.second(house, actor, proposal_id, sha256, Given(PASSWORD)),
        lambda: policy.withdraw_proposal(house, actor, proposal_id),
        lambda: policy.preview(house, actor, weaker(house)),
    ):
        with pytest.raises(Refused, match="administrators"):
            act()
    assert proposal(house, proposal_id).state == "open"


@pytest.mark.parametrize("via", ["token", "console", "system"])
def test_no_token_job_or_console_proposes_signs_or_withdraws(house: Outside, staff: Staff, via: str) -> None:
    proposal_id = propose(house, staff)
    actor, sha256 = replace(staff.act_as("sam"), via=via), proposal(house, proposal_id).sha256
    given = again(house, staff.ids["sam"])
    for act in (
        lambda: policy.propose(house, actor, weaker(house, least_cases=12), base_of(house), given, is_urgent=False),
        lambda: policy.second(house, actor, proposal_id, sha256, given),
        lambda: policy.withdraw_proposal(house, actor, proposal_id),
        lambda: policy.ask_passkey_to_second(house, actor, proposal_id, sha256),
        lambda: policy.ask_passkey_to_propose(house, actor, weaker(house), base_of(house), is_urgent=False),
    ):
        with pytest.raises(Refused):
            act()
    assert (in_force(house), proposal(house, proposal_id).state) == (1, "open")


def test_a_password_alone_signs_no_policy(house: Outside, staff: Staff) -> None:
    with pytest.raises(Refused, match="nothing less is accepted"):
        policy.propose(house, staff.act_as("ruth"), weaker(house), base_of(house), Given(PASSWORD), is_urgent=False)
    with pytest.raises(NotSignedIn):
        policy.propose(house, staff.act_as("ruth"), weaker(house), base_of(house), Given("wrong"), is_urgent=False)
    with pytest.raises(Refused, match="Enter your password"):
        policy.propose(house, staff.act_as("ruth"), weaker(house), base_of(house), None, is_urgent=False)
    assert len(entries(house)) == 1


def test_an_administrator_who_is_an_author_gains_nothing(house: Outside, staff: Staff) -> None:
    people.grant_role(house, staff.act_as("sam"), staff.ids["ruth"], "author")
    change = change_in(house, staff, "review", author="ruth")
    proposal_id = propose(house, staff)
    with pytest.raises(Refused):
        second(house, staff, proposal_id, "ruth")
    digest, _ = digests(house, change)
    with pytest.raises(Refused):
        review.reject(house, staff.act_as("ruth"), change, digest, "No.", again(house, staff.ids["ruth"]))
    assert stage_of(house, change) == "review"


def test_a_proposal_on_an_older_policy_is_stale(house: Outside, staff: Staff) -> None:
    source, base = weaker(house, least_cases=12), base_of(house)
    second(house, staff, propose(house, staff))
    with pytest.raises(Stale, match="Version 2 is in force by now"):
        policy.propose(house, staff.act_as("ruth"), source, base, again(house, staff.ids["ruth"]), is_urgent=False)
    assert in_force(house) == 2


def test_a_page_older_than_the_proposal_signs_nothing(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff)
    sha256 = proposal(house, proposal_id).sha256
    with pytest.raises(Stale):
        policy.second(house, staff.act_as("sam"), proposal_id, "0" * 64, again(house, staff.ids["sam"]))
    policy.withdraw_proposal(house, staff.act_as("sam"), proposal_id)
    with pytest.raises(Stale):
        policy.second(house, staff.act_as("sam"), proposal_id, sha256, again(house, staff.ids["sam"]))
    with pytest.raises(AlreadyDone):
        policy.withdraw_proposal(house, staff.act_as("sam"), proposal_id)
    assert in_force(house) == 1


def test_the_same_words_again_are_no_version(house: Outside, staff: Staff) -> None:
    old = write_yaml(document(house))
    with pytest.raises(Conflict, match="word for word the policy in force"):
        propose(house, staff, source=old)
    second(house, staff, propose(house, staff))
    with pytest.raises(Conflict, match="word for word version 1"):
        propose(house, staff, source=old)
    back = {**json.loads(json.dumps(document(house))), "name": "Shipped policy again"}
    back["classes"]["clinical"]["least_cases"] = 30
    second(house, staff, propose(house, staff, source=write_yaml(back)))
    assert in_force(house) == 3


@pytest.mark.parametrize("text", ["", "- a list", "name: [", "name: x\nname: y", "\x00", "name: only"])
def test_a_text_that_is_no_policy_is_refused_in_words(house: Outside, staff: Staff, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        policy.preview(house, staff.act_as("ruth"), text)
    assert refused.value.sentence.endswith((".", ")")) or ":" in refused.value.sentence


def test_the_preview_says_what_is_weaker_and_stores_nothing(house: Outside, staff: Staff) -> None:
    change_in(house, staff, "review")
    proposed = policy.preview(house, staff.act_as("ruth"), weaker(house)).proposed
    assert [row.sentence for row in proposed.difference.weaker] == ["A run needs at least 10 cases instead of 30."]
    assert (proposed.version, proposed.open_changes, proposed.delay) == (2, 1, None)
    assert len(entries(house)) == 1


def test_no_typed_word_of_a_policy_stands_in_the_log(house: Outside, staff: Staff) -> None:
    changed = document(house)
    changed["classes"]["clinical"]["checklist"]["zebra"] = "I counted the zebras."
    proposal_id = propose(house, staff, source=write_yaml(changed))
    second(house, staff, proposal_id)
    with house.database.reading() as session:
        leaves = b"".join(session.scalars(select(Leaf.content)))
        payload = session.get(Payload, entries(house)[1]["payload"]["sha256"])
    assert b"zebra" not in leaves
    assert payload is not None
    assert b"I counted the zebras." in payload.content, "the text of what was proposed is evidence"


# Fewer than two administrators


def test_one_administrator_alone_waits_a_day(house: Outside, staff: Staff, clock: Clock) -> None:
    only_ruth(house, staff)
    proposal_id = propose(house, staff)
    due = proposal(house, proposal_id).due_at
    assert due is not None
    clock.at = due.replace(microsecond=0)
    clock.forward(seconds=-1)
    policy.keep_policy_in_time(house)
    assert in_force(house) == 1
    clock.forward(seconds=1)
    assert in_force(house) == 2, "from its moment on nobody reads the old one, also before it is entered"
    assert entries(house)[-1]["type"] == "policy.proposed"
    policy.keep_policy_in_time(house)
    policy.keep_policy_in_time(house)
    adopted = entries(house)[-1]
    assert (adopted["type"], adopted["reason"], adopted["actor"]["id"]) == ("policy.adopted", "delay_over", "system")
    assert len(adopted["attest"]) == 1
    assert len(entries(house)) == 3
    with house.database.reading() as session:
        assert session.get_one(PolicyRow, 2).adopted_at == due


def test_a_revision_after_the_moment_takes_the_new_policy_before_anybody_entered_it(
    house: Outside, staff: Staff, clock: Clock
) -> None:
    only_ruth(house, staff)
    propose(house, staff)
    clock.forward(hours=24)
    change = change_in(house, staff, "evaluation")
    with house.database.reading() as session:
        revision = session.scalars(select(Revision).where(Revision.change_id == change)).one()
        assert policy_of(session, revision.policy_sha256).of("clinical").least_cases == 10
    assert [leaf["reason"] for leaf in entries(house)][-1] == "delay_over"


def test_everybody_is_told_and_every_page_says_what_changes_and_when(
    house: Outside, staff: Staff, clock: Clock
) -> None:
    told = replace(house, mail=Post())
    only_ruth(house, staff)
    propose(told, staff)
    with house.database.reading() as session:
        addresses = {row.body["to"] for row in session.scalars(select(Outbox).where(Outbox.topic == "mail"))}
    assert addresses == {f"{name}@example.org" for name in staff.ids if name != "sam"}
    announced = policy.announce(house, staff.act_as("osei"))
    assert announced is not None
    assert (
        "Version 2 of the policy comes into force on 3 March 2026 at 09:00 UTC by one signature (Ruth)"
        in announced.sentence
    )
    assert "A run needs at least 10 cases instead of 30." in announced.sentence
    assert announced.label == "See what it changes"
    seen = policy.announce(house, staff.act_as("ruth"))
    assert seen is not None
    assert seen.label == "See it, or withdraw it"
    clock.forward(hours=24)
    assert policy.announce(house, staff.act_as("osei")) is None


class Post:
    """A mail server that takes everything."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Taken."""


def test_with_two_administrators_nothing_comes_by_itself(house: Outside, staff: Staff, clock: Clock) -> None:
    proposal_id = propose(house, staff)
    assert [policy.announce(house, staff.act_as(name)) for name in ("osei", "ruth")] == [None, None]
    waiting = policy.announce(house, staff.act_as("sam"))
    assert waiting is not None
    assert "waits for a second administrator's signature" in waiting.sentence
    clock.forward(days=30)
    policy.keep_policy_in_time(house)
    assert (in_force(house), proposal(house, proposal_id).state) == (1, "open")


def test_whoever_was_withdrawn_in_the_day_never_comes_into_force(house: Outside, staff: Staff, clock: Clock) -> None:
    only_ruth(house, staff)
    proposal_id = propose(house, staff)
    policy.withdraw_proposal(house, staff.act_as("ruth"), proposal_id)
    clock.forward(days=2)
    policy.keep_policy_in_time(house)
    assert in_force(house) == 1
    assert entries(house)[-1]["type"] == "policy.withdrawn"
    assert policy.announce(house, staff.act_as("ruth")) is None


def test_after_its_moment_it_is_in_force_and_cannot_be_withdrawn(house: Outside, staff: Staff, clock: Clock) -> None:
    only_ruth(house, staff)
    proposal_id = propose(house, staff)
    clock.forward(hours=24)
    with pytest.raises(Conflict, match="in force already"):
        policy.withdraw_proposal(house, staff.act_as("ruth"), proposal_id)
    assert in_force(house) == 2


def test_a_second_administrator_who_came_later_withdraws_but_does_not_sign(
    house: Outside, staff: Staff, clock: Clock
) -> None:
    only_ruth(house, staff)
    proposal_id = propose(house, staff)
    clock.forward(hours=1)
    staff.ids["vera"] = join(house, "vera", ("administrator",))
    add_app(house, staff.ids["vera"])
    with pytest.raises(Refused, match="became administrator after"):
        second(house, staff, proposal_id, "vera")
    policy.withdraw_proposal(house, staff.act_as("vera"), proposal_id)
    assert in_force(house) == 1


def test_an_administrator_who_never_joined_does_not_count(house: Outside, staff: Staff) -> None:
    only_ruth(house, staff)
    people.invite(house, staff.act_as("ruth"), "Vera Lang", "vera@example.org", ["administrator"])
    assert proposal(house, propose(house, staff)).due_at is not None


def test_deactivating_the_proposer_withdraws_the_proposal(house: Outside, staff: Staff, clock: Clock) -> None:
    proposal_id = propose(house, staff)
    people.deactivate(house, staff.act_as("sam"), staff.ids["ruth"])
    assert proposal(house, proposal_id).state == "withdrawn"
    assert entries(house)[-1]["reason"] == "proposer_left"
    with pytest.raises(Stale):
        second(house, staff, proposal_id)
    clock.forward(days=3)
    policy.keep_policy_in_time(house)
    assert in_force(house) == 1


def test_taking_the_role_from_the_proposer_withdraws_the_proposal(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff)
    people.revoke_role(house, staff.act_as("sam"), staff.ids["ruth"], Role.ADMINISTRATOR.value)
    assert (proposal(house, proposal_id).state, in_force(house)) == ("withdrawn", 1)


def test_deactivating_the_second_leaves_the_proposal_without_a_clock(
    house: Outside, staff: Staff, clock: Clock
) -> None:
    proposal_id = propose(house, staff)
    only_ruth(house, staff)
    clock.forward(days=3)
    policy.keep_policy_in_time(house)
    assert (in_force(house), proposal(house, proposal_id).state) == (1, "open")
    policy.withdraw_proposal(house, staff.act_as("ruth"), proposal_id)
    assert proposal(house, propose(house, staff)).due_at is not None, "proposed anew, its day begins"


def test_deactivation_after_the_moment_takes_nothing_back(house: Outside, staff: Staff, clock: Clock) -> None:
    only_ruth(house, staff)
    propose(house, staff)
    staff.ids["vera"] = join(house, "vera", ("administrator",))
    clock.forward(hours=24)
    people.deactivate(house, staff.act_as("vera"), staff.ids["ruth"])
    assert in_force(house) == 2
    assert entries(house)[-1]["reason"] == "delay_over"


# Open changes


def test_a_change_in_review_keeps_its_checklist_and_levels_and_its_next_revision_takes_the_new(
    house: Outside, staff: Staff
) -> None:
    change = change_in(house, staff, "review")
    changed = document(house)
    changed["classes"]["clinical"]["signoff_level"] = "L2"
    changed["classes"]["clinical"]["checklist"]["new_question"] = "I looked twice."
    changed["classes"]["clinical"]["plan"]["steps"][1]["min_units"] = 70
    second(house, staff, propose(house, staff, source=write_yaml(changed)))
    policy.keep_policy_in_time(house)
    assert stage_of(house, change) == "review"
    assert rules_of(house, change) == ("L1", False, 50)
    digest, _ = digests(house, change)
    review.ask_for_changes(house, staff.act_as("kim"), change, digest, "Say more about the dose.")
    digest, _ = digests(house, change)
    submission.submit_again(house, staff.act_as("ada"), change, digest)
    assert rules_of(house, change) == ("L2", True, 70)


def rules_of(house: Outside, change_id: str) -> tuple[str, bool, int]:
    """Level of the sign-off, whether the new question is asked, units of the first step: of the present revision."""
    with house.database.reading() as session:
        query = select(Revision).where(Revision.change_id == change_id).order_by(Revision.number.desc())
        revision = session.scalars(query).first()
        assert revision is not None
        rules = policy_of(session, revision.policy_sha256).of("clinical")
    is_asked = "new_question" in {item.item for item in rules.checklist}
    return rules.signoff_level, is_asked, revision.plan["steps"][0]["min_units"]


def test_an_author_s_own_plan_stays(house: Outside, staff: Staff) -> None:
    own = {"steps": [{"kind": "direct", "bake_seconds": 7200, "min_units": 9}]}
    change = change_in(house, staff, "review", replace(good(), plan=own))
    changed = document(house)
    changed["classes"]["clinical"]["plan"]["steps"][1]["min_units"] = 70
    second(house, staff, propose(house, staff, source=write_yaml(changed), is_urgent=True))
    assert rules_of(house, change) == ("L1", False, 9)


@pytest.mark.parametrize("stage", ["evaluation", "review", "signoff", "rollout"])
def test_an_urgent_version_sends_open_changes_back_to_evaluation(house: Outside, staff: Staff, stage: str) -> None:
    change = change_in(house, staff, stage)
    second(house, staff, propose(house, staff, is_urgent=True))
    assert stage_of(house, change) == "evaluation"
    (moved,) = entries(house, "change.policy_changed")
    assert (moved["before"]["state"], moved["after"]["state"]) == (stage, "evaluation")
    assert moved["actor"]["via"] == "system"
    with house.database.reading() as session:
        newest = session.scalars(select(Revision).where(Revision.change_id == change).order_by(Revision.number)).all()
        approvals = select(func.count()).select_from(Signature).where(
            Signature.change_id == change, Signature.move.in_(("approve", "sign")), Signature.voided_at.is_(None)
        )  # fmt: skip
        assert session.scalar(approvals) == 0
    assert newest[-1].policy_sha256 == base_of(house)
    assert newest[-1].number == 2
    assert policy.keep_policy_in_time(house) == [], "it is sent back once"


def test_until_it_is_sent_back_nobody_decides_on_a_change_under_the_old_policy(
    house: Outside, staff: Staff, clock: Clock
) -> None:
    change = change_in(house, staff, "review")
    only_ruth(house, staff)
    propose(house, staff, is_urgent=True)
    clock.forward(hours=24)
    digest, seen = digests(house, change)
    approval = Approval("I read it all.", (), True)
    with pytest.raises((Conflict, Refused), match="urgent policy"):
        review.approve(house, staff.act_as("kim"), change, digest, approval, PASSWORD, seen=seen)
    assert policy.keep_policy_in_time(house) == [change]
    assert stage_of(house, change) == "evaluation"


def test_a_rollout_that_has_started_goes_on(house: Outside, staff: Staff) -> None:
    rollouts.live_first(house, staff)
    second(house, staff, propose(house, staff, is_urgent=True))
    assert entries(house, "change.policy_changed") == []


def test_the_authors_of_what_is_sent_back_are_told(house: Outside, staff: Staff) -> None:
    change = change_in(house, staff, "review")
    told = replace(house, mail=Post())
    proposal_id = propose(house, staff, is_urgent=True)
    second(told, staff, proposal_id)
    with house.database.reading() as session:
        rows = session.scalars(select(Outbox).where(Outbox.topic == "mail")).all()
    mine = [row.body for row in rows if row.body["to"] == "ada@example.org" and change in row.body["text"]]
    assert len([row for row in rows if row.body["subject"] == "Version 2 of the policy is in force"]) == len(staff.ids)
    assert len(mine) == 1
    assert "evaluated again" in mine[0]["subject"]


def test_a_proposal_whose_text_was_changed_in_the_database_never_comes_into_force(house: Outside, staff: Staff) -> None:
    proposal_id = propose(house, staff)
    other = document(house)
    other["classes"]["administrative"]["passes_unreviewed"] = True
    with house.database.writing() as session:
        session.get_one(PolicyProposal, proposal_id).content = json.dumps(other).encode()
    with pytest.raises(Exception, match="not the text that was signed"):
        second(house, staff, proposal_id)
    assert in_force(house) == 1


def test_passkeys_sign_both_acts_over_exactly_what_was_shown(house: Outside, staff: Staff) -> None:
    keys = {name: add_passkey(house, staff.ids[name], n) for n, name in enumerate(("ruth", "sam"), 1)}
    ruth, sam, source, base = staff.act_as("ruth"), staff.act_as("sam"), weaker(house), base_of(house)
    calm = keys["ruth"].answer(policy.ask_passkey_to_propose(house, ruth, source, base, is_urgent=False))
    with pytest.raises(Stale, match="changed before your passkey was touched"):
        policy.propose(house, ruth, source, base, calm, is_urgent=True)
    options = policy.ask_passkey_to_propose(house, ruth, source, base, is_urgent=True)
    proposal_id = policy.propose(house, ruth, source, base, keys["ruth"].answer(options), is_urgent=True)
    sha256 = proposal(house, proposal_id).sha256
    options = policy.ask_passkey_to_second(house, sam, proposal_id, sha256)
    policy.second(house, sam, proposal_id, sha256, keys["sam"].answer(options))
    assert in_force(house) == 2
    with house.database.reading() as session:
        rows = session.scalars(select(Signature).order_by(Signature.id)).all()
        assert [row.level for row in rows] == ["L2", "L2"]
        for row in rows:
            assert verified_body(house, session, session.get_one(Envelope, row.envelope_sha256)) is not None
