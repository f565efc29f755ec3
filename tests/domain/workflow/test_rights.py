"""Rights that are not moves: a full table, in which administrators and auditors decide nothing about prompts."""

from __future__ import annotations

import pytest

from webapp.domain.workflow import Role
from webapp.domain.workflow.grants import GRANTS, Right, may

READ = {
    Right.READ_CHANGES,
    Right.READ_PROMPTS,
    Right.READ_SUITES,
    Right.READ_LEDGER,
    Right.READ_POLICY,
    Right.READ_REPORTS,
}
CASES = {Right.READ_PHI_CASES, Right.MAKE_CASE}
CLINICAL = CASES | {
    Right.READ_HELD_OUT_CASES,
    Right.COMMENT,
    Right.REVIEW_CASES,
    Right.GRADE_AUDIT,
    Right.ANSWER_ALERT,
    Right.STOP_DELIVERY,
}
OWN = {Right.MANAGE_OWN_PROFILE}
EXPORT = {Right.EXPORT_RECORD}
RETENTION = {Right.READ_RETENTION, Right.ERASE_TEXTS}
STOP = {Right.STOP_DELIVERY}
NARROW = {Right.RESTRICT_RELEASE}
EXPECTED = {
    Role.AUTHOR: READ
    | OWN
    | CASES
    | {Right.SUBMIT_CHANGE, Right.IMPORT_SUITE, Right.MAP_CONTRIBUTOR, Right.COMMENT, Right.MANAGE_OWN_TOKENS},
    Role.INFORMATICIST: READ | OWN | CLINICAL | EXPORT | STOP | NARROW | {Right.IMPORT_SUITE, Right.DECIDE_FINDING},
    Role.PHYSICIAN: READ | OWN | CLINICAL | EXPORT | STOP | NARROW,
    Role.AUDITOR: READ
    | OWN
    | EXPORT
    | RETENTION
    | {Right.REVIEW_TRAIL, Right.READ_PEOPLE, Right.READ_PHI_CASES, Right.CONFIRM_ACCESS},
    Role.ADMINISTRATOR: READ
    | OWN
    | STOP
    | EXPORT
    | RETENTION
    | {
        Right.PLACE_HOLD,
        Right.STOP_DELIVERY,
        Right.PROPOSE_POLICY,
        Right.MANAGE_PEOPLE,
        Right.CONFIRM_ACCESS,
        Right.READ_PEOPLE,
        Right.MAP_CONTRIBUTOR,
        Right.MANAGE_OWN_TOKENS,
    },
}


@pytest.mark.parametrize("role", Role)
def test_a_role_holds_exactly_its_rights(role: Role) -> None:
    assert {right for right in Right if may(frozenset({role}), right)} == EXPECTED[role]


def test_every_right_is_granted_to_somebody_and_nobody_without_a_role_has_one() -> None:
    assert set(GRANTS) == set(Right)
    assert all(GRANTS.values())
    assert not any(may(frozenset(), right) for right in Right)


def test_rights_of_several_roles_add_up() -> None:
    both = frozenset({Role.AUDITOR, Role.PHYSICIAN})
    assert {right for right in Right if may(both, right)} == EXPECTED[Role.AUDITOR] | EXPECTED[Role.PHYSICIAN]
