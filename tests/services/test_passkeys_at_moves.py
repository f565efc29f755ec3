"""A passkey, or password and code, at every signed move: each with its own meaning, bound to what was decided."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Staff
from tests.passkeys import SoftPasskey, add_passkey
from tests.people import PASSWORD, add_app, again
from tests.services.test_post_audit import grade_all
from tests.stages import change_in, digests, open_worst_cases, pass_signoff, ready_review
from webapp.acts.reauthentication import Given
from webapp.acts.signatures_shown import signature_shown
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, PolicyRow, Signature
from webapp.domain.policy import ClassPolicy, level_needed, read_policy
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.workflow import MOVES, RiskClass
from webapp.domain.workflow.evidence import (
    Approval,
    ClassRaised,
    Conclusion,
    Decision,
    Evidence,
    Hold,
    Narrowing,
    Reason,
)
from webapp.errors import Refused, Stale
from webapp.services import catalogue, post_audit, review, rollout, signoff

Act = Callable[[str, Given], object]


@pytest.fixture
def keys(outside: Outside, staff: Staff) -> dict[str, SoftPasskey]:
    return {name: add_passkey(outside, staff.ids[name], n) for n, name in enumerate(("kim", "osei"), 1)}


@pytest.fixture
def sign_with(outside: Outside, staff: Staff, keys: dict[str, SoftPasskey]) -> Callable[..., Signature]:
    """The person's passkey signs the move; returns the stored signature."""

    def sign(name: str, change_id: str, move: str, evidence: Evidence | None, act: Act) -> Signature:
        digest, _ = digests(outside, change_id)
        options = signoff.ask_for_move(outside, staff.act_as(name), change_id, move, digest, evidence)
        act(digest, keys[name].answer(options))
        with outside.database.reading() as session:
            query = select(Signature).where(Signature.move == move).order_by(Signature.id.desc())
            row = session.scalars(query).all()[0]
            assert (row.level, row.signer_id) == ("L2", staff.ids[name])
            assert signature_shown(outside, session, row).valid
        return row

    return sign


def predicate(outside: Outside, row: Signature) -> dict[str, Any]:
    with outside.database.reading() as session:
        sealed = json.loads(session.get_one(Envelope, row.envelope_sha256).content)
    return dict(json.loads(base64.b64decode(sealed["payload"]))["predicate"])


def test_a_passkey_signs_every_move_of_a_change_with_its_own_meaning(
    outside: Outside, staff: Staff, sign_with: Callable[..., Signature]
) -> None:
    kim, osei = staff.act_as("kim"), staff.act_as("osei")
    change_id = change_in(outside, staff, "review", plan=r.PLAN)
    rows = [
        sign_with("kim", change_id, "confirm_class", None, lambda d, g: review.confirm_class(outside, kim, change_id, d, g))
    ]  # fmt: skip
    ready_review(outside, staff, change_id)
    seen = digests(outside, change_id)[1]
    approval = Approval("The doses are right.", (), True)
    rows.append(
        sign_with("kim", change_id, "approve", approval,
                  lambda d, g: review.approve(outside, kim, change_id, d, approval, g, seen=seen))
    )  # fmt: skip
    open_worst_cases(outside, staff, change_id, "osei")
    seen = digests(outside, change_id)[1]
    rows.append(
        sign_with("osei", change_id, "sign", Decision(), lambda d, g: signoff.sign(outside, osei, change_id, d, g, seen=seen))
    )  # fmt: skip
    rollout.start(outside, staff.act_as("ada"), change_id, digests(outside, change_id)[0])
    rows.append(
        sign_with("osei", change_id, "hold", Hold("Odd notes.", "live"),
                  lambda d, g: rollout.hold(outside, osei, change_id, d, "live", "Odd notes.", g))
    )  # fmt: skip
    found = r.rollout_of(outside, change_id)
    left = Narrowing("Few nurses.", 0, tuple(found.plan["steps"]), 3_600)
    rows.append(
        sign_with("osei", change_id, "narrow", left, lambda d, g: rollout.narrow(outside, osei, change_id, d, left, g))
    )  # fmt: skip
    for move in ("resume", "advance", "complete"):
        if move != "resume":
            r.pass_step(outside, staff, change_id)
        act = getattr(rollout, move)
        rows.append(
            sign_with("kim", change_id, move, Reason("Quiet."), lambda d, g, act=act: act(outside, kim, change_id, d, "Quiet.", g))
        )  # fmt: skip
    grade_all(outside, staff, change_id)
    kept = Conclusion("Kept.", date(2026, 9, 1))
    rows.append(
        sign_with("osei", change_id, "conclude", kept, lambda d, g: post_audit.conclude(outside, osei, change_id, d, kept, g))
    )  # fmt: skip
    rows.append(
        sign_with("osei", change_id, "roll_back", Reason("Late harm."),
                  lambda d, g: rollout.roll_back(outside, osei, change_id, d, "Late harm.", g))
    )  # fmt: skip
    said = {row.move: predicate(outside, row) for row in rows}
    for name, claims in said.items():
        assert claims["attestation"]["text"] == ATTESTATIONS[claims["meaning"]]
        assert claims["workflow"]["move"] == name
        assert claims["authentication"]["methods"] == ["passkey"]
    assert len({claims["meaning"] for claims in said.values()}) == len(said) == 10
    assert {name: claims.get("decision") for name, claims in said.items()} == {
        "confirm_class": {"risk_class": "clinical"}, "approve": {"exceptions_granted": []}, "sign": {"exceptions_granted": []},
        "hold": {"mode": "live"}, "narrow": left.claims(), "resume": None, "advance": None, "complete": None, "roll_back": None,
        "conclude": {"conclusion": "keep", "next_review_on": "2026-09-01"},
    }  # fmt: skip


def test_a_passkey_signs_a_rejection_and_a_raised_class(
    outside: Outside, staff: Staff, sign_with: Callable[..., Signature]
) -> None:
    kim = staff.act_as("kim")
    first = change_in(outside, staff, "review")
    sign_with("kim", first, "reject", Reason("No."), lambda d, g: review.reject(outside, kim, first, d, "No.", g))
    change_id = change_in(outside, staff, "review", **r.version("1.1"))
    raised = ClassRaised(RiskClass.HIGH_RISK)
    row = sign_with("kim", change_id, "raise_class", raised,
                    lambda d, g: review.raise_class(outside, kim, change_id, d, "high_risk", g))  # fmt: skip
    assert predicate(outside, row)["decision"] == {"risk_class": "high_risk"}


def test_what_was_decided_otherwise_than_the_passkey_was_asked_is_not_signed(
    outside: Outside, staff: Staff, keys: dict[str, SoftPasskey]
) -> None:
    change_id = r.started(outside, staff)
    osei, digest = staff.act_as("osei"), digests(outside, change_id)[0]
    options = signoff.ask_for_move(outside, osei, change_id, "hold", digest, Hold("Odd notes.", "freeze"))
    with pytest.raises(Stale, match="sign anew"):
        rollout.hold(outside, osei, change_id, digest, "live", "Odd notes.", keys["osei"].answer(options))
    assert r.rollout_of(outside, change_id).state == "running"


def test_a_passkeys_answer_for_one_move_signs_no_other(
    outside: Outside, staff: Staff, keys: dict[str, SoftPasskey]
) -> None:
    change_id = r.started(outside, staff)
    osei, digest = staff.act_as("osei"), digests(outside, change_id)[0]
    options = signoff.ask_for_move(outside, osei, change_id, "hold", digest, Hold("Odd notes.", "live"))
    with pytest.raises(Refused):
        rollout.roll_back(outside, osei, change_id, digest, "Wrong doses.", keys["osei"].answer(options))
    assert r.rollout_of(outside, change_id).state == "running"


def test_nothing_is_asked_of_a_passkey_before_the_form_is_complete(
    outside: Outside, staff: Staff, keys: dict[str, SoftPasskey]
) -> None:
    change_id = r.started(outside, staff)
    digest = digests(outside, change_id)[0]
    with pytest.raises(Refused, match="Write the reason"):
        signoff.ask_for_move(outside, staff.act_as("osei"), change_id, "roll_back", digest, Reason(" "))
    with pytest.raises(Refused, match="nothing to sign here"):
        signoff.ask_for_move(outside, staff.act_as("osei"), change_id, "sign", digest, Decision())


def test_password_and_code_are_taken_at_every_move_and_stand_in_its_statement(outside: Outside, staff: Staff) -> None:
    change_id = r.started(outside, staff)
    osei, digest = staff.act_as("osei"), digests(outside, change_id)[0]
    rollout.hold(outside, osei, change_id, digest, "live", "Odd notes.", again(outside, staff.ids["osei"]))
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "hold")).one()
    assert (row.level, predicate(outside, row)["authentication"]["methods"]) == ("L1", ["password", "totp"])


# -- what the policy asks for


def strict(outside: Outside) -> None:
    """The policy in force asks for password and code wherever it may."""
    with outside.database.writing() as session:
        document = json.loads(session.scalars(select(PolicyRow)).one().content)
        for rules in document["classes"].values():
            rules.update(review_level="L1", rollout_level="L1")
        content = canonical(document)
        session.add(PolicyRow(version=2, sha256=sha256_hex(content), content=content, adopted_at=outside.now()))


def test_a_stricter_policy_takes_no_password_alone_except_to_stop(outside: Outside, staff: Staff) -> None:
    strict(outside)
    change_id, kim = change_in(outside, staff, "review", plan=r.PLAN), staff.act_as("kim")
    with pytest.raises(Refused, match="your password and a code"):
        review.confirm_class(outside, kim, change_id, digests(outside, change_id)[0], PASSWORD)
    offers = {offer["name"]: offer["level"] for offer in catalogue.show_change(outside, kim, change_id)["moves"]}
    assert (offers["approve"], offers["reject"], offers["ask_for_changes"]) == ("L1", "L0", None)
    add_app(outside, staff.ids["kim"])
    review.confirm_class(outside, kim, change_id, digests(outside, change_id)[0], again(outside, staff.ids["kim"]))
    ready_review(outside, staff, change_id)
    digest, seen = digests(outside, change_id)
    given = again(outside, staff.ids["kim"])
    review.approve(outside, kim, change_id, digest, Approval("Right.", (), True), given, seen=seen)
    pass_signoff(outside, staff, change_id)
    rollout.start(outside, staff.act_as("ada"), change_id, digest)
    r.pass_step(outside, staff, change_id)
    with pytest.raises(Refused, match="your password and a code"):
        rollout.advance(outside, kim, change_id, digest, "Quiet.", PASSWORD)
    rollout.hold(outside, kim, change_id, digest, "live", "Odd notes.", PASSWORD)
    rollout.roll_back(outside, kim, change_id, digest, "Wrong doses.", PASSWORD)


def rules_with(level: str) -> ClassPolicy:
    from tests.domain.test_policy import shipped

    document = shipped()
    for rules in document["classes"].values():
        rules.update(review_level=level, rollout_level=level)
        rules["signoff_level"] = "L2"
    return read_policy(document).of("clinical")


def test_no_policy_hinders_who_stops_something_or_makes_it_safer() -> None:
    needed = {move.name: level_needed(rules_with("L2"), move.name) for move in MOVES if move.meaning}
    assert {name for name, level in needed.items() if level == "L0"} == {
        "hold",
        "roll_back",
        "narrow",
        "reject",
        "raise_class",
    }
    assert set(needed.values()) == {"L0", "L2"}


def test_the_shipped_policy_asks_for_a_second_factor_at_sign_off_alone() -> None:
    from tests.domain.test_policy import shipped

    rules = read_policy(shipped()).of("clinical")
    needed = {move.name: level_needed(rules, move.name) for move in MOVES if move.meaning}
    assert {name for name, level in needed.items() if level != "L0"} == {"sign"}
