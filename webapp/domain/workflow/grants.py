"""Rights that are not moves: who may read, administer and export. The second and last table of permissions."""

from __future__ import annotations

from enum import StrEnum

from webapp.domain.workflow.stages import Role

EVERYONE = frozenset(Role)
CLINICAL = frozenset({Role.INFORMATICIST, Role.PHYSICIAN})


class Right(StrEnum):
    """A right, named by what it lets a person do."""

    READ_CHANGES = "read_changes"
    READ_PROMPTS = "read_prompts"
    READ_LEDGER = "read_ledger"
    EXPORT_RECORD = "export_record"
    REVIEW_TRAIL = "review_trail"
    READ_POLICY = "read_policy"
    PROPOSE_POLICY = "propose_policy"
    SUBMIT_CHANGE = "submit_change"
    MAP_CONTRIBUTOR = "map_contributor"
    COMMENT = "comment"
    REVIEW_CASES = "review_cases"
    DECIDE_FINDING = "decide_finding"
    RESTRICT_RELEASE = "restrict_release"
    GRADE_AUDIT = "grade_audit"
    READ_SUITES = "read_suites"
    IMPORT_SUITE = "import_suite"
    READ_PHI_CASES = "read_phi_cases"
    READ_HELD_OUT_CASES = "read_held_out_cases"
    MAKE_CASE = "make_case"
    READ_RETENTION = "read_retention"
    ERASE_TEXTS = "erase_texts"
    PLACE_HOLD = "place_hold"
    READ_PEOPLE = "read_people"
    MANAGE_PEOPLE = "manage_people"
    CONFIRM_ACCESS = "confirm_access"
    STOP_DELIVERY = "stop_delivery"
    READ_REPORTS = "read_reports"
    ANSWER_ALERT = "answer_alert"
    MANAGE_OWN_TOKENS = "manage_own_tokens"
    MANAGE_OWN_PROFILE = "manage_own_profile"


GRANTS: dict[Right, frozenset[Role]] = {
    Right.READ_CHANGES: EVERYONE,
    Right.READ_PROMPTS: EVERYONE,
    Right.READ_LEDGER: EVERYONE,
    Right.EXPORT_RECORD: EVERYONE - {Role.AUTHOR},
    Right.REVIEW_TRAIL: frozenset({Role.AUDITOR}),
    Right.READ_POLICY: EVERYONE,
    Right.PROPOSE_POLICY: frozenset({Role.ADMINISTRATOR}),
    Right.SUBMIT_CHANGE: frozenset({Role.AUTHOR}),
    Right.MAP_CONTRIBUTOR: frozenset({Role.AUTHOR, Role.ADMINISTRATOR}),
    Right.COMMENT: frozenset({Role.AUTHOR, Role.INFORMATICIST, Role.PHYSICIAN}),
    Right.REVIEW_CASES: CLINICAL,
    Right.DECIDE_FINDING: frozenset({Role.INFORMATICIST}),
    Right.RESTRICT_RELEASE: CLINICAL,
    Right.GRADE_AUDIT: CLINICAL,
    Right.READ_SUITES: EVERYONE,
    Right.IMPORT_SUITE: frozenset({Role.AUTHOR, Role.INFORMATICIST}),
    Right.READ_PHI_CASES: EVERYONE - {Role.ADMINISTRATOR},
    Right.READ_HELD_OUT_CASES: CLINICAL,
    Right.MAKE_CASE: CLINICAL | {Role.AUTHOR},
    Right.READ_RETENTION: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Right.ERASE_TEXTS: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Right.PLACE_HOLD: frozenset({Role.ADMINISTRATOR}),
    Right.READ_PEOPLE: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Right.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    # What one administrator did to somebody's access, a second person confirms: an administrator, or an auditor, who decides on no
    # change and manages nobody, so that a house with one administrator has a second pair of eyes without a clinician's vote in it.
    Right.CONFIRM_ACCESS: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    # Whoever may hold a rollout, and administrators, who can do the same at the console of a host.
    Right.STOP_DELIVERY: CLINICAL | {Role.ADMINISTRATOR},
    Right.READ_REPORTS: EVERYONE,
    Right.ANSWER_ALERT: CLINICAL,
    Right.MANAGE_OWN_TOKENS: frozenset({Role.AUTHOR, Role.ADMINISTRATOR}),
    Right.MANAGE_OWN_PROFILE: EVERYONE,
}


def may(roles: frozenset[Role], right: Right) -> bool:
    """Does one of these roles hold the right?"""
    return bool(GRANTS[right] & roles)
