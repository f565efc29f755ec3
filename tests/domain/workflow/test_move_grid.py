"""Who may take which move at which stage, for every stage, role and move, against a table written from the product page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.workflow.situations import SYSTEM, fitting, person, ready
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.kinds import KINDS
from webapp.domain.workflow import (
    MOVES,
    Actor,
    Move,
    RiskClass,
    Role,
    Situation,
    Stage,
    find_move,
    fitting_row,
    offers,
    refusals_of,
    signing_actor,
)
from webapp.domain.workflow.stages import DECIDING_ROLES

# One line per stage and move; a = author, i = informaticist, p = physician, s = the system by policy.
EXPECTED_LINES = """
draft submit a
draft revise a
draft withdraw a
evaluation revise a
evaluation run_again a
evaluation rebase a
evaluation ask_exception a
evaluation withdraw a
evaluation evaluated s
evaluation policy_changed s
evaluation release_by_policy s
review confirm_class i
review raise_class i
review reword i
review approve i
review approve_for_rollout i
review ask_for_changes i
review reject i
review rebase a
review withdraw a
review policy_changed s
signoff sign p
signoff ask_for_changes p
signoff reject p
signoff raise_class ip
signoff rebase a
signoff withdraw a
signoff policy_changed s
signoff lapse s
rollout start a
rollout rebase a
rollout withdraw a
rollout advance is
rollout complete i
rollout resume i
rollout hold ip
rollout roll_back ips
rollout narrow ip
rollout pause s
rollout lapse s
rollout policy_changed s
post_audit conclude ip
post_audit roll_back ips
post_audit pause s
post_audit resume i
closed roll_back ips
closed pause s
closed resume i
"""
WHO = {"a": "author", "i": "informaticist", "p": "physician", "s": "system"}
EXPECTED = {
    (stage, name): {WHO[letter] for letter in letters}
    for stage, name, letters in (line.split() for line in EXPECTED_LINES.split("\n") if line)
}
NAMES = sorted({name for _, name in EXPECTED})
TOKENS_MAY = {"submit", "revise", "withdraw"}
STOPS = {
    "hold",
    "roll_back",
    "narrow",
}  # going back needs fewer people than going forward, so contributors may stop too
OF_DEEDS = {  # signed acts that are no moves of a change
    "confirmation of a factor reset",
    "confirmation of a role",
    "proposal of a policy",
    "adoption of a policy",
    "rotation of a key",
    "revocation of a key",
    "restore of the log",
    "restriction of a release",
    "review of the audit log",
    "confirmation of an erasure",
    "lifting of a legal hold",
    "placing of a legal hold",
    "request of an erasure",
}
UNSIGNED_DECISIONS = {"reword", "ask_for_changes"}


def _may(stage: Stage, name: str, role: Role | None) -> bool:
    """May somebody with this role (None: the system) take the move when everything else is in order?"""
    rows = [*find_move(name, stage), *find_move(name, stage, by_policy=True)]
    return any(not refusals_of(move, _met_by(move, role), fitting(move)) for move in rows)


def _met_by(move: Move, role: Role | None) -> Situation:
    situation = ready(move)
    actor = SYSTEM if role is None else replace(person(role), id=situation.actor.id if move.roles else "kim")
    return replace(situation, actor=actor)


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "system")
@pytest.mark.parametrize("stage", Stage)
def test_exactly_the_expected_people_may_take_each_move(stage: Stage, role: Role | None) -> None:
    who = role.value if role else "system"
    expected = {name for name in NAMES if who in EXPECTED.get((stage.value, name), set())}
    assert {name for name in NAMES if _may(stage, name, role)} == expected


def test_the_table_has_no_move_beside_the_expected_ones() -> None:
    assert {(move.source.value, move.name) for move in MOVES} == set(EXPECTED)


@pytest.mark.parametrize("move", MOVES, ids=lambda m: f"{m.source}-{m.name}-{m.target}")
def test_a_person_without_the_role_is_told_which_role_is_needed(move: Move) -> None:
    nobody = Actor("kim", "Kim", frozenset(), credentials_confirmed=True)
    refusals = refusals_of(move, replace(ready(move), actor=nobody))
    assert [refusal.code for refusal in refusals] == ["by_policy" if move.is_by_policy else "role"]


@pytest.mark.parametrize("via", ["token", "console", "job"])
def test_without_a_session_nothing_but_submit_revise_and_withdraw_is_open(via: str) -> None:
    open_names = set()
    for move in (move for move in MOVES if not move.is_by_policy):
        situation = ready(move)
        refusals = refusals_of(move, replace(situation, actor=replace(situation.actor, via=via)), fitting(move))
        open_names |= set() if refusals else {move.name}
    assert open_names == TOKENS_MAY


@pytest.mark.parametrize("move", MOVES, ids=lambda m: f"{m.source}-{m.name}-{m.target}")
def test_the_system_takes_moves_by_policy_and_no_other(move: Move) -> None:
    every_role = replace(SYSTEM, roles=frozenset(Role))
    for actor in (SYSTEM, every_role):
        is_open = not refusals_of(move, replace(ready(move), actor=actor))
        assert is_open is move.is_by_policy


def test_moves_by_policy_are_the_named_ones_and_are_never_signed() -> None:
    by_policy = [move for move in MOVES if move.is_by_policy]
    assert {move.name for move in by_policy} == {
        "evaluated",
        "release_by_policy",
        "policy_changed",
        "lapse",
        "pause",
        "roll_back",
        "advance",
    }
    assert all(move.meaning is None for move in by_policy)


@pytest.mark.parametrize(
    "move",
    [move for move in MOVES if move.roles & DECIDING_ROLES and move.name not in STOPS],
    ids=lambda m: f"{m.source}-{m.name}-{m.target}",
)
def test_a_contributor_never_decides(move: Move) -> None:
    situation = ready(move)
    contributor = replace(situation, contributors=situation.contributors | {situation.actor.id})
    assert "contributor" in {refusal.code for refusal in refusals_of(move, contributor)}


def test_one_person_with_every_role_cannot_take_a_change_through_alone() -> None:
    """Roles add up, people do not: as a contributor such a person authors and stops, as a reviewer does not sign."""
    everything = Actor("ann", "Ann", frozenset(Role), credentials_confirmed=True)
    own = {m.name for m in MOVES if not refusals_of(m, replace(ready(m), actor=everything))}
    author_moves = {name for (_, name), who in EXPECTED.items() if who == {"author"}}
    assert own == author_moves | STOPS
    sign = next(move for move in MOVES if move.name == "sign" and move.target is Stage.ROLLOUT)
    reviewed = replace(ready(sign), actor=replace(everything, id="rae"))
    assert [refusal.code for refusal in refusals_of(sign, reviewed)] == ["reviewer"]


def test_authors_and_deciders_never_share_a_move_and_others_hold_none() -> None:
    for move in MOVES:
        assert move.roles <= {Role.AUTHOR} or move.roles <= DECIDING_ROLES
    assert frozenset({Role.INFORMATICIST, Role.PHYSICIAN}) == DECIDING_ROLES


def test_every_move_has_its_entry_in_the_audit_log() -> None:
    assert {f"change.{move.name}" for move in MOVES} <= KINDS
    assert {kind for kind in KINDS if kind.startswith("change.")} == {
        "change.opened",
        *(f"change.{move.name}" for move in MOVES),
    }


def test_every_decision_is_signed_with_a_meaning_that_has_its_sentence() -> None:
    deciding = [move for move in MOVES if move.roles & DECIDING_ROLES and move.name not in UNSIGNED_DECISIONS]
    assert all(move.meaning for move in deciding)
    assert {move.meaning for move in deciding} == set(ATTESTATIONS) - OF_DEEDS
    assert all(move.meaning is None for move in MOVES if move not in deciding)


def test_a_signature_is_given_in_a_session() -> None:
    for move in (move for move in MOVES if move.meaning):
        assert "acts_in_a_session" in {guard.__name__ for guard in move.guards}


def test_one_name_at_one_stage_means_one_thing() -> None:
    """Several rows of one name differ by class, signatures or who acts, never by what is asked for or by what is signed."""
    for move in MOVES:
        same = find_move(move.name, move.source, by_policy=move.is_by_policy)
        assert {(row.evidence, row.meaning, row.roles) for row in same} == {(move.evidence, move.meaning, move.roles)}
        if len(same) > 1:
            classes = {"class_is_administrative", "class_needs_a_physician"}
            signatures = {"another_physician_is_needed", "no_further_physician_is_needed"}
            named = {guard.__name__ for row in same for guard in row.guards}
            assert named >= (signatures if move.name == "sign" else classes)


@pytest.mark.parametrize("stage", Stage)
def test_offers_are_the_rows_of_ones_roles_in_the_order_of_the_table(stage: Stage) -> None:
    for role in Role:
        move = next((m for m in MOVES if m.source is stage), MOVES[0])
        situation = replace(ready(move), stage=stage, actor=person(role))
        offered = [offer.move for offer in offers(situation)]
        assert offered == [move for move in MOVES if move in offered]
        expected = {name for (at, name), who in EXPECTED.items() if at == stage.value and role.value in who}
        of_other_class = {"approve", "approve_for_rollout"} - {move.name for move in offered}
        assert {move.name for move in offered} == expected - of_other_class


def test_of_two_rows_of_which_the_class_decides_only_the_fitting_one_is_offered() -> None:
    for name, other in (("approve", "approve_for_rollout"), ("approve_for_rollout", "approve")):
        move = next(move for move in MOVES if move.name == name)
        offered = {offer.move.name: offer for offer in offers(ready(move))}
        assert offered[name].is_open and other not in offered


def test_of_two_signatures_the_first_leaves_the_change_and_the_second_releases_it() -> None:
    first, second = find_move("sign", Stage.SIGNOFF)
    assert (first.target, second.target) == (Stage.SIGNOFF, Stage.ROLLOUT)
    facts = {"risk_class": RiskClass.HIGH_RISK, "signoff_level": "L2", "level_within_reach": "L2"}
    for signers, expected in (((), first), (("osei",), second), (("rae",), first)):
        situation = replace(ready(second), signer_ids=signers, **facts)  # type: ignore[arg-type]
        offered = [offer for offer in offers(situation) if offer.move.name == "sign"]
        assert [(offer.move, offer.is_open) for offer in offered] == [(expected, True)]
        assert fitting_row((first, second), situation) is expected


def test_the_first_of_two_physicians_is_told_that_another_signs_next() -> None:
    facts = {"risk_class": RiskClass.HIGH_RISK, "signoff_level": "L2", "level_within_reach": "L2"}
    situation = replace(ready(find_move("sign", Stage.SIGNOFF)[0]), signer_ids=("kim",), **facts)  # type: ignore[arg-type]
    (offer,) = [offer for offer in offers(situation) if offer.move.name == "sign"]
    assert [refusal.code for refusal in offer.refusals] == ["signed_already"]
    assert "another physician signs" in offer.refusals[0].sentence


def test_an_offer_that_is_closed_says_why() -> None:
    sign = next(move for move in MOVES if move.name == "sign" and move.target is Stage.ROLLOUT)
    situation = replace(ready(sign), must_fix_open=1)
    offer = next(offer for offer in offers(situation) if offer.move is sign)
    assert not offer.is_open
    assert [refusal.code for refusal in offer.refusals] == ["must_fix"]


SIGNED = [move for move in MOVES if move.meaning]


@pytest.mark.parametrize("move", SIGNED, ids=lambda move: f"{move.source}-{move.name}-{move.target}")
def test_a_role_given_after_it_was_asked_for_signs_nothing_but_a_stop(move: Move) -> None:
    situation = ready(move)
    late = replace(situation, roles_too_new=situation.actor.roles)
    codes = [refusal.code for refusal in refusals_of(move, late, fitting(move))]
    assert codes == ([] if move.name in STOPS else ["role_too_new"])
    assert refusals_of(move, replace(situation, roles_too_new=frozenset({Role.AUDITOR})), fitting(move)) == ()


def test_of_two_roles_only_the_one_that_is_old_enough_signs() -> None:
    (move,) = (move for move in SIGNED if (move.name, move.source) == ("raise_class", Stage.SIGNOFF))
    situation = ready(move, Role.PHYSICIAN)
    both = frozenset({Role.PHYSICIAN, Role.INFORMATICIST})
    situation = replace(situation, actor=replace(situation.actor, roles=both))
    assert signing_actor(move, situation).roles == both
    late = replace(situation, roles_too_new=frozenset({Role.INFORMATICIST}))
    assert signing_actor(move, late).roles == {Role.PHYSICIAN}
    assert refusals_of(move, late, fitting(move)) == ()
