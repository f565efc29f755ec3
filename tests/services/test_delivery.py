"""Delivery: what leaves here is what was signed, and nothing leaves when a link of the chain is broken."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from webauthn.helpers import bytes_to_base64url

from tests import rollouts as r
from tests.conftest import Clock, Staff, make_outside
from tests.passkeys import add_passkey
from tests.people import PASSWORD, again, join
from tests.stages import change_in, digests, open_worst_cases, ready_review, stage_of
from tests.store.test_sealing import silent
from webapp.acts.actors import SYSTEM
from webapp.acts.attestations_checked import attested, require_signatures
from webapp.acts.live import make_live
from webapp.acts.passkey_proofs import site_of
from webapp.acts.recording import enter, store_envelope
from webapp.acts.releasing import verify_release
from webapp.acts.sealing import seal
from webapp.acts.signing import challenge_of
from webapp.adapters.keys import ServiceKey
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.passkeys import read_assertion
from webapp.adapters.store.schema import Assertion, Envelope, Manifest, Prompt, Release, Result, Signature
from webapp.domain.cohorts import Place
from webapp.domain.decision import read_decision
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.record.dsse import envelope
from webapp.domain.workflow.evidence import Approval
from webapp.errors import Conflict, FormularyError, InvalidInput, NotFound, Refused, Unavailable
from webapp.services import delivery, review, rollout, signoff


@pytest.fixture
def change_id(outside: Outside, staff: Staff) -> str:
    """Version 1.0 serves everyone."""
    return r.started(outside, staff, r.DIRECT)


def test_the_decision_carries_the_signed_texts_and_their_envelope(outside: Outside, change_id: str) -> None:
    served = r.serve(outside, "encounter-1")
    assert [message["role"] for message in served["messages"]] == ["system", "user"]
    assert served["messages"][1]["content"] == "Summarize:\n{encounter_text}\n"
    assert served["parameters"] == {"temperature": 0, "max_tokens": 800}
    assert served["downtime_text"] == "Write the note by hand."
    payload = json.loads(base64.b64decode(served["release"]["envelope"]["payload"]))
    assert payload["subject"][0]["digest"]["sha256"] == served["release"]["manifest_sha256"]
    assert payload["predicate"]["prompt_sha256"] == served["version"]["sha256"]
    assert len(payload["predicate"]["signatures"]) == 2


def test_the_decision_id_is_ours_and_holds_no_unit_id(outside: Outside, change_id: str) -> None:
    served = r.serve(outside, "encounter-of-mrs-larkin")
    decision = read_decision(served["decision_id"], outside.keyring.mac)
    assert (decision.arm, decision.step, decision.release_id) == ("candidate", 0, served["release"]["id"])
    assert "larkin" not in json.dumps(served)
    with pytest.raises(InvalidInput):
        read_decision(served["decision_id"][:-1] + "x", outside.keyring.mac)


def test_a_missing_unit_gets_the_live_version(outside: Outside, staff: Staff) -> None:
    r.second(outside, staff)
    for unit in (None, ""):
        served = r.serve(outside, unit)
        assert (served["arm"], served["reason"], served["version"]["label"]) == ("live", "STATIC", "1.0")


def test_an_unknown_prompt_and_an_endless_unit_are_sentences(outside: Outside, change_id: str) -> None:
    with pytest.raises(NotFound, match="no prompt called"):
        r.serve(outside, "u", "no-such-prompt")
    with pytest.raises(InvalidInput, match="at most 200"):
        r.serve(outside, "u" * 201)


def test_the_etag_stays_while_nothing_changes_and_moves_with_the_step(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    plan = {"steps": [r.PLAN["steps"][0], {**r.PLAN["steps"][0], "share_basis_points": 6_000}, r.PLAN["steps"][1]]}
    change_id = r.second(outside, staff, plan)
    unit = next(r.inside_units(outside, change_id))
    first = delivery.serve(outside, r.NAME, Place(unit))
    clock.forward(minutes=4)
    again = delivery.serve(outside, r.NAME, Place(unit))
    assert (again.etag, again.document["decision_id"]) != (first.etag, first.document["decision_id"])
    assert again.etag == first.etag
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    assert delivery.serve(outside, r.NAME, Place(unit)).etag != first.etag


TAMPERED = {
    "number of the version": "UPDATE versions SET number = number + 100",
    "prompt bytes": "UPDATE versions SET content = CAST(replace(CAST(content AS TEXT), 'Summarize', 'Summarise') AS BLOB)",
    "manifest": "UPDATE manifests SET content = CAST(replace(CAST(content AS TEXT), 'clinical', 'trivial') AS BLOB)",
    "manifest of another form": "UPDATE manifests SET content = x'7b'",
    "envelope": "UPDATE envelopes SET content = x'7b7d'",
    "envelope that is no JSON": "UPDATE envelopes SET content = x'00'",
    "release of another version": "UPDATE releases SET version_id = (SELECT id FROM versions WHERE label = '0.9')",
    "release of another manifest": "UPDATE releases SET manifest_sha256 = (SELECT manifest_sha256 FROM changes WHERE stage = 'review')",
    "release of another change": "UPDATE releases SET change_id = (SELECT id FROM changes WHERE stage = 'review')",
    "a signature as the release": "UPDATE releases SET envelope_sha256 = (SELECT envelope_sha256 FROM signatures WHERE move = 'sign')",
    "void release": "UPDATE releases SET state = 'void'",
    "review removed": "DELETE FROM signatures WHERE move = 'approve'",
    "signature removed": "DELETE FROM signatures WHERE move = 'sign'",
    "signature voided": "UPDATE signatures SET voided_at = signed_at WHERE move = 'sign'",
    "signature of the reviewer twice": "UPDATE signatures SET envelope_sha256 = (SELECT envelope_sha256 FROM signatures WHERE move = 'approve')",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED)
def test_what_was_tampered_with_is_never_served(outside: Outside, staff: Staff, change_id: str, statement: str) -> None:
    change_in(outside, staff, "review", **r.version("0.9"))
    assert r.serve(outside, "encounter-1")["version"]["label"] == "1.0"
    r.tamper(outside, statement)
    with pytest.raises(Refused, match="cannot be served"):
        r.serve(outside, "encounter-1")


def test_texts_in_columns_beside_the_signed_bytes_are_never_served(outside: Outside, change_id: str) -> None:
    before = r.serve(outside, "encounter-1")
    r.tamper(outside, 'UPDATE versions SET fields = \'{"system_prompt": "Double every dose."}\'')
    assert r.serve(outside, "encounter-1") == before


def test_a_release_that_another_key_signed_is_not_served(outside: Outside, change_id: str) -> None:
    thief = ServiceKey.from_seed(b"\x09" * 32)
    with outside.database.reading() as session:
        sealed = session.get_one(Envelope, session.scalars(select(Release.envelope_sha256)).one())
    payload = base64.b64decode(json.loads(sealed.content)["payload"])
    forged = envelope(payload, thief.keyid, thief.sign)
    with outside.database.writing() as session:
        session.add(Envelope(sha256=sha256_hex(forged), content=forged))
    r.tamper(outside, "UPDATE releases SET envelope_sha256 = :digest", digest=sha256_hex(forged))
    with pytest.raises(Refused, match="not ours"):
        r.serve(outside, "encounter-1")


def test_a_passkey_signs_for_a_person_and_never_a_release(outside: Outside, staff: Staff, change_id: str) -> None:
    """Whoever can write to the database and holds any enrolled passkey would else release what he likes."""
    passkey = add_passkey(outside, staff.ids["osei"])
    with outside.database.writing() as session:
        release = session.scalars(select(Release)).one()
        sealed = session.get_one(Envelope, release.envelope_sha256)
        body = json.loads(base64.b64decode(json.loads(sealed.content)["payload"]))
        body["predicate"] |= {"level": "L2", "signer": {"id": staff.ids["osei"]}}
        payload = canonical(body)
        challenge = bytes_to_base64url(challenge_of(payload))
        answer = passkey.answer({"challenge": challenge}).passkey
        asserted = read_assertion(site_of(outside), answer, challenge_of(payload), passkey.public, 0)
        release.envelope_sha256 = store_envelope(
            session, envelope(payload, sha256_hex(passkey.public), lambda _: asserted.signature)
        )
        session.add(Assertion(envelope_sha256=release.envelope_sha256, content=canonical(asserted.document)))
    with pytest.raises(Refused) as refused:
        r.serve(outside, "encounter-1")
    assert refused.value.code == "release_foreign"


def test_a_release_never_serves_under_another_prompts_name(outside: Outside, staff: Staff, change_id: str) -> None:
    with outside.database.writing() as session:
        prompt = session.scalars(select(Prompt)).one()
        prompt.name = "another-name"
    with pytest.raises(Refused, match="another prompt"):
        r.serve(outside, "encounter-1", "another-name")


def test_a_pointer_bent_back_to_a_rolled_back_release_serves_nothing(outside: Outside, staff: Staff) -> None:
    """Its signatures are genuine; that it was rolled back stands in the log alone."""
    r.live_first(outside, staff)
    change_id = r.started(outside, staff, r.DIRECT, **r.version("1.1"))
    r.roll_back(outside, staff, change_id)
    assert r.serve(outside, "encounter-1")["version"]["label"] == "1.0"
    r.tamper(outside, "UPDATE releases SET state = 'live' WHERE label = '1.1'")
    r.tamper(outside, "UPDATE prompts SET live_release_id = (SELECT id FROM releases WHERE label = '1.1')")
    with pytest.raises(Refused, match="something else is live") as refused:
        r.serve(outside, "encounter-1")
    assert refused.value.code == "release_not_live"


def test_a_rollout_that_ended_is_not_begun_anew_by_a_row(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    unit, serves = next(r.inside_units(outside, change_id)), r.rollout_of(outside, change_id).serves
    r.roll_back(outside, staff, change_id)
    assert r.serve(outside, unit)["version"]["label"] == "1.0"
    bent = "UPDATE rollouts SET state = 'running', serves = :serves WHERE change_id = :id"
    r.tamper(outside, bent, id=change_id, serves=serves)
    r.tamper(outside, "UPDATE releases SET state = 'approved' WHERE label = '1.1'")
    with pytest.raises(Refused, match="rolling out than the database"):
        r.serve(outside, unit)


WIDENED = {
    "a step that nobody entered": "UPDATE rollouts SET step_index = step_index + 1",
    "a larger share than was signed": "UPDATE rollouts SET plan = replace(plan, ': 3000', ': 9000')",
}


@pytest.mark.parametrize("statement", WIDENED.values(), ids=WIDENED)
def test_a_row_alone_widens_no_rollout(outside: Outside, staff: Staff, statement: str) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    before = r.rollout_of(outside, change_id)
    r.tamper(outside, statement)
    after = r.rollout_of(outside, change_id)
    assert (before.plan, before.step_index) != (after.plan, after.step_index)
    with pytest.raises(Refused, match="rolling out than the database"):
        r.serve(outside, unit)


@pytest.mark.parametrize("state", ["void", "rolled_back"])
def test_the_live_pointer_takes_no_ended_release(outside: Outside, change_id: str, state: str) -> None:
    with outside.database.writing() as session:
        release = session.scalars(select(Release)).one()
        release.state = state
        with pytest.raises(Refused):
            make_live(outside, session, SYSTEM, session.scalars(select(Prompt)).one(), release, "rollout")


def test_high_risk_needs_two_physicians_at_delivery_too(outside: Outside, staff: Staff) -> None:
    """The signed manifest is sealed anew as high risk: the one physician's signature is not enough for it."""
    change_id = r.signed(outside, staff)
    with outside.database.writing() as session:
        release = session.scalars(select(Release).where(Release.change_id == change_id)).one()
        assert verify_release(outside, session, release)
        with pytest.raises(Refused, match="missing"):
            _require(outside, session, release, "high_risk")
        _require(outside, session, release, "clinical")


def _require(outside: Outside, session: object, release: Release, risk_class: str) -> None:
    manifest = json.loads(session.get_one(Manifest, release.manifest_sha256).content)  # type: ignore[attr-defined]
    claims = attested(outside, session, session.get_one(Envelope, release.envelope_sha256))  # type: ignore[attr-defined,arg-type]
    require_signatures(outside, session, release, claims, {**manifest, "risk_class": risk_class})  # type: ignore[arg-type]


def test_the_attestation_points_at_evaluation_policy_and_every_signature(outside: Outside, change_id: str) -> None:
    with outside.database.reading() as session:
        release = session.scalars(select(Release)).one()
        manifest = json.loads(session.get_one(Manifest, release.manifest_sha256).content)
        claims = attested(outside, session, session.get_one(Envelope, release.envelope_sha256))
        moves = {row.envelope_sha256: row for row in session.scalars(select(Signature))}
        assert session.get_one(Result, claims["evaluation"]["result_sha256"]).run_id == claims["evaluation"]["run"]
    assert claims["subject"] == release.manifest_sha256
    assert claims["evaluation"] == {name: manifest["evaluation"][name] for name in ("run", "result_sha256", "verdict")}
    assert claims["policy_sha256"] == manifest["policy_sha256"]
    assert [row["move"] for row in claims["approvals"]] == ["approve", "sign"]
    assert sorted(row["envelope"] for row in claims["approvals"]) == claims["signatures"]
    for row in claims["approvals"]:
        stored = moves[row["envelope"]]
        assert (row["signer"], row["move"], row["level"]) == (stored.signer_id, stored.move, stored.level)
    served = r.serve(outside, "encounter-1")
    payload = json.loads(base64.b64decode(served["release"]["envelope"]["payload"]))
    assert payload["subject"][0]["digest"]["sha256"] == release.manifest_sha256


def test_the_attestation_names_the_digest_of_what_an_application_runs(outside: Outside, change_id: str) -> None:
    served = r.serve(outside, "encounter-1")
    claims = json.loads(base64.b64decode(served["release"]["envelope"]["payload"]))["predicate"]
    named = ("version", "model", "fallbacks", "parameters", "messages", "downtime_text")
    text = json.dumps({name: served[name] for name in named}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert claims["served_sha256"] == hashlib.sha256(text.encode()).hexdigest()


OWN_ERROR = {
    "void": ("UPDATE releases SET state = 'void'", "release_void"),
    "tampered attestation": ("UPDATE envelopes SET content = x'7b7d'", "release_tampered"),
    "of other contents": (TAMPERED["release of another manifest"], "release_tampered"),
    "no attestation": (TAMPERED["a signature as the release"], "release_foreign"),
    "signature voided": (TAMPERED["signature voided"], "release_signature_void"),
    "signature removed": (TAMPERED["signature removed"], "release_unsigned"),
    "evaluation changed": ("UPDATE results SET content = x'7b7d'", "release_unevaluated"),
    "evaluation removed": (
        "DELETE FROM results WHERE run_id IN (SELECT runs.id FROM runs JOIN releases ON releases.change_id = runs.change_id)",
        "release_unevaluated",
    ),
}


@pytest.mark.parametrize(("statement", "code"), OWN_ERROR.values(), ids=OWN_ERROR)
def test_each_broken_link_of_an_attestation_has_its_own_error(
    outside: Outside, staff: Staff, change_id: str, statement: str, code: str
) -> None:
    change_in(outside, staff, "review", **r.version("0.9"))
    r.tamper(outside, statement)
    with pytest.raises(Refused, match="cannot be served") as refused:
        r.serve(outside, "encounter-1")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"evaluation": {"run": "run_other", "result_sha256": "0" * 64, "verdict": "pass"}}, "release_unevaluated"),
        ({"policy_sha256": "0" * 64}, "release_tampered"),
        ({"served_sha256": "0" * 64}, "release_tampered"),
        ({"risk_class": "administrative"}, "release_tampered"),
        ({"log_origin": "another.example/log"}, "release_foreign"),
        ({"signatures": []}, "release_unsigned"),
        ({"signatures": ["0" * 64]}, "release_unsigned"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_an_attestation_that_says_something_else_is_refused_though_our_key_signed_it(
    outside: Outside, change_id: str, changed: dict[str, Any], code: str
) -> None:
    sealed_anew(outside, changed)
    with pytest.raises(Refused) as refused:
        r.serve(outside, "encounter-1")
    assert refused.value.code == code


def test_an_attestation_of_an_older_version_points_through_its_manifest(outside: Outside, change_id: str) -> None:
    later = ("evaluation", "policy_sha256", "approvals", "log_origin", "served_sha256")
    sealed_anew(outside, dict.fromkeys(later))
    assert r.serve(outside, "encounter-1")["version"]["label"] == "1.0"


def sealed_anew(outside: Outside, changed: dict[str, Any]) -> None:
    """The service key signed the release's attestation with these claims changed (None: left out)."""
    with outside.database.writing() as session:
        release = session.scalars(select(Release)).one()
        sealed = session.get_one(Envelope, release.envelope_sha256)
        payload = json.loads(base64.b64decode(json.loads(sealed.content)["payload"]))
        claims = {**payload["predicate"], **changed}
        payload["predicate"] = {name: value for name, value in claims.items() if value is not None}
        key = outside.keyring.service
        release.envelope_sha256 = store_envelope(session, envelope(canonical(payload), key.keyid, key.sign))


def test_a_voided_signature_stays_void_though_its_row_says_otherwise(
    outside: Outside, staff: Staff, change_id: str
) -> None:
    with outside.database.writing() as session:
        row = session.scalars(select(Signature).where(Signature.move == "sign")).one()
        enter(outside, session, SYSTEM, "signature.voided", ("signature", row.id, None), reason="lapse")
    with pytest.raises(Refused) as refused:
        r.serve(outside, "encounter-1")
    assert refused.value.code == "release_signature_void"


# -- no way round the signatures

NAMES = ("ada", "ben", "kim", "lee", "osei", "lund", "moss")
ACTS = (
    *("ready", "approve", "sign", "start", "advance", "complete", "hold", "resume", "roll_back"),
    *("report", "watch", "lapse", "wait"),
)
WAY = (
    *(("ready", "kim"), ("approve", "kim"), ("sign", "osei"), ("start", "ada"), ("pass_step", "lee")),
    *(("advance", "lee"), ("pass_step", "lee"), ("complete", "lee")),
)
ANY_ACT = st.tuples(st.sampled_from(ACTS), st.sampled_from(NAMES))
WALKS = st.tuples(*(st.lists(st.one_of(st.just(step), st.just(step), ANY_ACT), min_size=1, max_size=2) for step in WAY))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=WALKS)
@example(walk=tuple([step] for step in WAY))
def test_no_sequence_of_acts_serves_what_reviewer_and_physician_did_not_sign(
    tmp_path_factory: pytest.TempPathFactory, blank_database: bytes, walk: tuple[list[tuple[str, str]], ...]
) -> None:
    folder = tmp_path_factory.mktemp("walk")
    (folder / "formulary.sqlite").write_bytes(blank_database)
    outside = make_outside(folder, f"sqlite:///{folder / 'formulary.sqlite'}")
    people = {"ada": ("author",), "ben": ("author",), "kim": ("informaticist",), "lee": ("informaticist",),
              "osei": ("physician",), "lund": ("physician",), "moss": ("physician", "informaticist"),
              "ruth": ("administrator",)}  # fmt: skip
    staff = Staff(outside, {name: join(outside, name, roles) for name, roles in people.items()})
    try:
        change_id = change_in(outside, staff, "review", plan=r.PLAN)
        for act, name in itertools.chain(*walk):
            try_act(outside, staff, change_id, act, name)
            for unit in ("encounter-1", "encounter-2", "encounter-3", None):
                check_served(outside, staff, change_id, unit)
    finally:
        outside.database.close()


def try_act(outside: Outside, staff: Staff, change_id: str, act: str, name: str) -> None:
    """One person tries one act; a refusal is a fine outcome."""
    actor = staff.act_as(name)
    digest, seen = digests(outside, change_id)
    assert isinstance(outside.now, Clock)
    try:
        if act == "ready":
            ready_review(outside, staff, change_id, name)
        elif act == "approve":
            review.approve(outside, actor, change_id, digest, Approval("Read.", (), True), PASSWORD, seen=seen)
        elif act == "sign":
            open_worst_cases(outside, staff, change_id, name)
            signoff.sign(outside, actor, change_id, digest, again(outside, actor.id), seen=seen)
        elif act == "start":
            rollout.start(outside, actor, change_id, digest)
        elif act == "report":
            r.call(outside, staff, "encounter-1")
        elif act == "watch":
            rollout.watch(outside)
        elif act == "lapse":
            outside.now.forward(days=31)
            rollout.lapse_old_signatures(outside)
        elif act == "wait":
            outside.now.forward(hours=2)
        elif act == "pass_step":
            r.pass_step(outside, staff, change_id)
        elif act == "hold":
            r.hold(outside, staff, change_id, "freeze", name)
        else:
            getattr(r, act)(outside, staff, change_id, name)
    except (FormularyError, NoResultFound):  # pass_step looks for a rollout that may not be there
        pass


def check_served(outside: Outside, staff: Staff, change_id: str, unit: str | None) -> None:
    """Either nothing is served, or what is served was approved and signed by two people who did not write it."""
    try:
        served = r.serve(outside, unit)
    except Conflict:
        return
    with outside.database.reading() as session:
        manifest = served["release"]["manifest_sha256"]
        rows = session.execute(
            select(Signature.move, Signature.signer_id).where(
                Signature.subject_sha256 == manifest, Signature.voided_at.is_(None)
            )
        ).all()
    reviewers = {signer for move, signer in rows if move == "approve"}
    physicians = {signer for move, signer in rows if move == "sign"}
    assert reviewers
    assert physicians - reviewers
    assert staff.ids["ada"] not in reviewers | physicians
    assert stage_of(outside, change_id) in ("rollout", "post_audit", "closed")


def test_a_release_is_served_only_when_its_entry_is_sealed(outside: Outside, staff: Staff) -> None:
    alone = replace(outside, notary=Notary(silent))
    r.started(alone, Staff(alone, staff.ids), r.DIRECT)
    for house in (alone, outside):
        with pytest.raises(Unavailable, match="recorded, not sealed"):
            r.serve(house, "encounter-1")
    seal(outside)
    assert r.serve(alone, "encounter-1")["version"]["label"] == "1.0"
