"""Second factors: how they are enrolled and revoked, codes that work once, sign-in and signature with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.people import PASSWORD, again, next_code
from tests.services.test_signoff import sign, sign_rows
from tests.stages import change_in, digests, open_worst_cases
from webapp.acts.lockout import FREE_ATTEMPTS
from webapp.acts.reauthentication import Given, consume, prove
from webapp.adapters import one_time_codes
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Factor, Leaf, RecoveryCode
from webapp.errors import InvalidInput, NotFound, NotSignedIn, Refused, TooMany
from webapp.services import factors, sessions, signoff

KIM = "kim@example.org"


def enrol(outside: Outside, staff: Staff, name: str = "kim", named: str = "My phone") -> tuple[str, tuple[str, ...]]:
    """The person added an app as the pages do; returns its id and the recovery codes."""
    actor = staff.act_as(name)
    factor_id = factors.begin_app(outside, actor, again(outside, actor.id), named)
    return factor_id, factors.confirm_app(outside, actor, factor_id, code_at(outside, factor_id))


def code_at(outside: Outside, factor_id: str, step: int = 0) -> str:
    """What the app shows ``step`` steps from now."""
    with outside.database.reading() as session:
        row = session.get_one(Factor, factor_id)
    secret = outside.keyring.unseal(row.secret or b"", row.id)
    return one_time_codes.code_of(secret, one_time_codes.step_at(outside.now()) + step)


def kinds(outside: Outside) -> list[tuple[str, str | None]]:
    with outside.database.reading() as session:
        leaves = [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]
    return [(leaf["type"], leaf["reason"]) for leaf in leaves]


def signed_in(outside: Outside, raw: str) -> bool:
    return sessions.find_person(outside, raw, is_activity=True) is not None


def test_the_codes_are_those_of_the_standard() -> None:
    secret = b"12345678901234567890"  # RFC 6238, appendix B, the last six digits
    assert [one_time_codes.code_of(secret, at // 30) for at in (59, 1111111109, 20000000000)] == [
        "287082", "081804", "353130"]  # fmt: skip


def test_an_app_counts_only_once_its_code_was_given(outside: Outside, staff: Staff, clock: Clock) -> None:
    kim = staff.act_as("kim")
    factor_id = factors.begin_app(outside, kim, Given(PASSWORD), " My   phone ")
    assert signed_in(outside, sessions.open_session(outside, KIM, PASSWORD))
    shown = factors.show_enrolment(outside, kim, factor_id)
    assert shown.name == "My phone"
    assert shown.address.startswith("otpauth://totp/Hospital:kim%40example.org?secret=")
    assert shown.picture.startswith("data:image/svg+xml;base64,")
    with pytest.raises(InvalidInput, match="not the app's present code"):
        factors.confirm_app(outside, kim, factor_id, code_at(outside, factor_id, 5))
    codes = factors.confirm_app(outside, kim, factor_id, code_at(outside, factor_id))
    assert len(set(codes)) == factors.RECOVERY_CODES
    assert not signed_in(outside, sessions.open_session(outside, KIM, PASSWORD))
    assert ("factor.enrolled", "totp") in kinds(outside)
    with pytest.raises(NotFound):
        factors.show_enrolment(outside, kim, factor_id)


def test_nobody_else_sees_or_confirms_an_app(outside: Outside, staff: Staff) -> None:
    factor_id = factors.begin_app(outside, staff.act_as("kim"), Given(PASSWORD), "My phone")
    for act in (
        lambda: factors.show_enrolment(outside, staff.act_as("lee"), factor_id),
        lambda: factors.confirm_app(outside, staff.act_as("lee"), factor_id, code_at(outside, factor_id)),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_factor_is_added_with_the_password_and_the_factor_that_is_there(outside: Outside, staff: Staff) -> None:
    with pytest.raises(Refused, match="not your password"):
        factors.begin_app(outside, staff.act_as("kim"), Given("a wrong battery staple"), "My phone")
    enrol(outside, staff)
    with pytest.raises(Refused, match="Enter a code of your app"):
        factors.begin_app(outside, staff.act_as("kim"), Given(PASSWORD), "A second phone")
    with pytest.raises(Refused, match="signed in"):
        factors.begin_app(outside, staff.act_as("kim", via="token"), Given(PASSWORD), "My phone")
    enrol(outside, staff, named="A second phone")
    assert [row.name for row in factors.show_factors(outside, staff.act_as("kim")).factors] == [
        "My phone",
        "A second phone",
    ]


def test_signing_in_takes_password_and_code(outside: Outside, staff: Staff) -> None:
    enrol(outside, staff)
    raw = sessions.open_session(outside, KIM, PASSWORD)
    assert sessions.awaits_factor(outside, raw)
    assert not signed_in(outside, raw)
    with pytest.raises(NotSignedIn, match="wrong or was used already"):
        sessions.finish_session(outside, raw, "000000")
    fresh = sessions.finish_session(outside, raw, next_code(outside, staff.ids["kim"]) or "")
    assert signed_in(outside, fresh)
    assert not signed_in(outside, raw)
    with pytest.raises(NotSignedIn):
        sessions.finish_session(outside, raw, next_code(outside, staff.ids["kim"]) or "")


def test_a_waiting_session_waits_five_minutes(outside: Outside, staff: Staff, clock: Clock) -> None:
    enrol(outside, staff)
    raw = sessions.open_session(outside, KIM, PASSWORD)
    clock.forward(minutes=5)
    with pytest.raises(NotSignedIn, match="too late"):
        sessions.finish_session(outside, raw, next_code(outside, staff.ids["kim"]) or "")


def test_a_code_works_once_and_older_ones_not_after_it(outside: Outside, staff: Staff, clock: Clock) -> None:
    factor_id, _ = enrol(outside, staff)
    clock.forward(minutes=2)
    for code in (code_at(outside, factor_id, 2), code_at(outside, factor_id, -2)):
        with pytest.raises(NotSignedIn):
            finish(outside, code)
    used, older = code_at(outside, factor_id), code_at(outside, factor_id, -1)
    assert signed_in(outside, finish(outside, used))
    for code in (used, older):
        with pytest.raises(NotSignedIn, match="used already"):
            finish(outside, code)
    assert ("factor.refused", "code") in kinds(outside)
    assert signed_in(outside, finish(outside, code_at(outside, factor_id, 1)))


def finish(outside: Outside, code: str) -> str:
    return sessions.finish_session(outside, sessions.open_session(outside, KIM, PASSWORD), code)


def test_the_right_password_does_not_let_codes_be_guessed(outside: Outside, staff: Staff) -> None:
    enrol(outside, staff)
    for _ in range(FREE_ATTEMPTS + 1):
        with pytest.raises(NotSignedIn):
            finish(outside, "000000")
    with pytest.raises(TooMany, match="try again in 61 seconds"):
        sessions.open_session(outside, KIM, PASSWORD)


def test_a_recovery_code_signs_in_once_and_signs_nothing(outside: Outside, staff: Staff) -> None:
    _, codes = enrol(outside, staff)
    assert signed_in(outside, finish(outside, codes[0].upper()))
    with pytest.raises(NotSignedIn, match="neither"):
        finish(outside, codes[0])
    with pytest.raises(NotSignedIn):
        prove(outside, staff.act_as("kim"), Given(PASSWORD, codes[1]), "a" * 64, "review")
    assert factors.show_factors(outside, staff.act_as("kim")).recovery_codes == factors.RECOVERY_CODES - 1


def test_somebody_elses_code_is_worth_nothing(outside: Outside, staff: Staff) -> None:
    _, codes = enrol(outside, staff, "lee")
    enrol(outside, staff, "kim")
    for code in (next_code(outside, staff.ids["lee"]) or "", codes[0]):
        with pytest.raises(NotSignedIn):
            finish(outside, code)


def test_new_recovery_codes_replace_the_old_ones(outside: Outside, staff: Staff) -> None:
    _, old = enrol(outside, staff)
    new = factors.renew_recovery_codes(outside, staff.act_as("kim"), again(outside, staff.ids["kim"]))
    with pytest.raises(NotSignedIn):
        finish(outside, old[0])
    assert signed_in(outside, finish(outside, new[0]))


def test_a_revoked_app_opens_nothing_and_the_last_takes_the_recovery_codes(outside: Outside, staff: Staff) -> None:
    factor_id, codes = enrol(outside, staff)
    with pytest.raises(NotFound):
        factors.revoke(outside, staff.act_as("lee"), Given(PASSWORD), factor_id)
    factors.revoke(outside, staff.act_as("kim"), Given(PASSWORD, codes[0]), factor_id)
    assert signed_in(outside, sessions.open_session(outside, KIM, PASSWORD))
    with outside.database.reading() as session:
        assert session.scalars(select(RecoveryCode)).all() == []
        assert session.get_one(Factor, factor_id).secret is None
    assert kinds(outside)[-2][0] == "factor.revoked"


def test_secrets_and_recovery_codes_stand_in_no_table(outside: Outside, staff: Staff) -> None:
    from tests.services.test_sessions import dump

    factor_id, codes = enrol(outside, staff)
    with outside.database.reading() as session:
        row = session.get_one(Factor, factor_id)
    secret = outside.keyring.unseal(row.secret or b"", row.id)
    assert secret not in (row.secret or b"")
    stored = dump(outside)
    for text in (one_time_codes.base32(secret), secret.hex(), *codes, codes[0].replace("-", "")):
        assert text not in stored


def test_a_sealed_secret_opens_only_for_its_own_row(outside: Outside) -> None:
    from webapp.errors import Unavailable

    sealed = outside.keyring.seal(b"secret", "fac_1", outside.chance)
    assert outside.keyring.unseal(sealed, "fac_1") == b"secret"
    for changed, owner in ((sealed, "fac_2"), (sealed[:-1] + b"\x00", "fac_1")):
        with pytest.raises(Unavailable):
            outside.keyring.unseal(changed, owner)


def test_a_signoff_with_the_password_alone_is_refused_and_entered(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    with pytest.raises(Refused, match="your password and a code of your authenticator app; nothing less"):
        sign(outside, staff, change_id, given=Given(PASSWORD))
    assert sign_rows(outside, change_id) == []
    assert ("signature.refused", "second_factor") in kinds(outside)


def test_a_wrong_or_used_code_signs_nothing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    used = again(outside, staff.ids["osei"])
    prove(outside, staff.act_as("osei"), used, "a" * 64, "approval")
    for given in (used, Given(PASSWORD, "000000"), Given(PASSWORD, next_code(outside, staff.ids["lund"]) or "")):
        with pytest.raises(NotSignedIn, match="wrong or was used already"):
            sign(outside, staff, change_id, given=given)
    assert sign_rows(outside, change_id) == []


def test_the_statement_says_what_was_given(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "rollout")
    (row,) = sign_rows(outside, change_id)
    predicate = predicate_of(outside, row.envelope_sha256)
    assert predicate["level"] == row.level == "L1"
    assert predicate["authentication"]["methods"] == ["password", "totp"]


def predicate_of(outside: Outside, envelope_sha256: str) -> dict[str, Any]:
    import base64

    with outside.database.reading() as session:
        content = json.loads(session.get_one(Envelope, envelope_sha256).content)
    return dict(json.loads(base64.b64decode(content["payload"]))["predicate"])


def test_a_physician_without_a_second_factor_is_told_what_to_do(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    with outside.database.writing() as session:
        for row in session.scalars(select(Factor).where(Factor.person_id == staff.ids["osei"])):
            row.revoked_at = outside.now()
    digest, seen = digests(outside, change_id)
    with pytest.raises(Refused, match="add an authenticator app on your profile"):
        signoff.sign(outside, staff.act_as("osei"), change_id, digest, PASSWORD, seen=seen)
    shown = factors.show_factors(outside, staff.act_as("osei")).can_sign
    assert shown[0] == (
        False,
        "Clinical (clinician-facing): not yet: it is signed with your password and a code of your authenticator app, "
        "which you have not added below.",
    )


@pytest.mark.parametrize("changed", ["actor", "subject", "meaning", "late", "twice"])
def test_a_proof_with_code_is_for_one_person_one_digest_one_meaning_once(
    outside: Outside, staff: Staff, clock: Clock, changed: str
) -> None:
    osei = staff.act_as("osei")
    nonce = prove(outside, osei, again(outside, osei.id), "a" * 64, "approval")
    fields: dict[str, Any] = {"actor": osei, "subject": "a" * 64, "meaning": "approval"}
    wrong = {"actor": staff.act_as("lund"), "subject": "b" * 64, "meaning": "rejection"}
    if changed in wrong:
        fields[changed] = wrong[changed]
    if changed == "late":
        clock.forward(seconds=121)
    if changed == "twice":
        with outside.database.writing() as session:
            consume(outside, session, nonce, **fields)
    with outside.database.writing() as session, pytest.raises(Refused):
        consume(outside, session, nonce, **fields)
