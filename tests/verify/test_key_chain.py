"""The chain of the log's keys, the ranges of all keys and restores, in bundles that somebody with a key of the log made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.verify.synthetic import (
    LOG_SEED,
    ORIGIN,
    SIGNATURE_TYPE,
    SYSTEM,
    VKEY,
    Files,
    Log,
    Signer,
    example_log,
    files_of,
    only_keys,
    write_bundle,
)
from webapp import verify
from webapp.domain.record.attestations import ATTESTATIONS
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.dsse import statement
from webapp.domain.record.key_history import KeyHistory, KeyRow
from webapp.domain.record.leaf import LeafActor
from webapp.domain.record.merkle import leaf_hash, root_of
from webapp.domain.record.notes import sign_note

NEXT_SEED = b"\x08" * 32
RUTH = LeafActor("per_ruth", "Ruth Adler", ("administrator",), "at_console")
NEXT = Signer(NEXT_SEED).note_key.to_vkey()


def sign_deed(log: Log, who: LeafActor, subject: str, meaning: str) -> str:
    """An administrator's signature over this subject, entered; returns the digest of its envelope."""
    claims = {
        "signer": {"id": who.id, "name": who.name, "title": "", "credentials": "", "organisation": "Example"},
        "role": "administrator", "meaning": meaning, "attestation": {"version": 1, "text": ATTESTATIONS[meaning]},
        "signed_at": "2026-03-02T09:00:00.000Z", "zone": "UTC", "level": "L0", "log_origin": ORIGIN,
        "nonce": f"nonce-{len(log.leaves)}",
    }  # fmt: skip
    digest = log.seal(statement("key/log", subject, SIGNATURE_TYPE, claims))
    log.enter(
        "signature.applied", who, ("signature", f"sig_{len(log.leaves)}"), after=("valid", subject), attest=(digest,)
    )
    return digest


def rotated(*, who: LeafActor = RUTH, is_signed: bool = True, grown: int = 3, **changed: Any) -> tuple[Log, int]:
    """A log whose key was rotated, with ``grown`` entries since; and the rotation's entry."""
    log = example_log()
    log.enter("role.granted", SYSTEM, ("person", RUTH.id), reason="administrator")
    old, new = Signer(LOG_SEED).note_key, Signer(NEXT_SEED).note_key
    subject = sha256_hex(new.public)
    attest = (sign_deed(log, who, subject, "rotation of a key"),) if is_signed else ()
    facts = {"key": "log", "old": old.to_vkey(), "new": new.to_vkey(), "salt": "0" * 32, **changed}
    seq = log.enter(
        "key.rotated", who, ("key", "log"), before=("valid", sha256_hex(old.public)), after=("valid", subject),
        reason="log", payload=log.keep(facts), attest=attest,
    )  # fmt: skip
    for number in range(grown):
        log.enter("person.changed", SYSTEM, ("person", f"per_{number}"))
    return log, seq


def note(log: Log, size: int, *seeds: bytes) -> bytes:
    text = Checkpoint(ORIGIN, size, root_of([leaf_hash(leaf) for leaf in log.leaves[:size]])).to_text()
    return sign_note(text, [(Signer(seed).note_key, Signer(seed).private.sign) for seed in seeds]).to_bytes()


def history(log: Log, seq: int) -> KeyHistory:
    return KeyHistory((KeyRow(VKEY, 0, seq + 1), KeyRow(NEXT, seq)), only_keys(LOG_SEED, log.service).service)


def bundle_files(log: Log, seq: int) -> Files:
    """A good bundle: the handing over bears both signatures, the head the new one."""
    files = files_of(log, older=(5, seq + 1), log_seed=NEXT_SEED, history=history(log, seq))
    files["log/checkpoints/5"] = note(log, 5, LOG_SEED)
    files[f"log/checkpoints/{seq + 1}"] = note(log, seq + 1, LOG_SEED, NEXT_SEED)
    return files


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """The verdict on a bundle of these files."""

    def verdict(log: Log, files: Files, *keys: str, prior: bytes | None = None) -> tuple[int, str]:
        path = write_bundle(tmp_path / "b.zip", log, files)
        given = None if prior is None else verify.Checkpoint(prior, "prior")
        code, report = verify.verify(path, [verify.Key(key) for key in keys], given)
        return code, "\n".join(report)

    return verdict


def test_old_and_new_card_both_verify(judge: Callable[..., tuple[int, str]]) -> None:
    log, seq = rotated()
    files = bundle_files(log, seq)
    for keys in ((VKEY,), (NEXT,), (VKEY, NEXT)):
        code, report = judge(log, files, *keys)
        assert code == verify.GOOD, report
    for prior in (note(log, 5, LOG_SEED), note(log, len(log.leaves), NEXT_SEED)):
        assert judge(log, files, VKEY, prior=prior)[0] == verify.GOOD
    code, report = judge(log, files)
    assert code == verify.WEAK
    assert "UNPINNED" in report


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda log, seq: {f"log/checkpoints/{seq + 1}": note(log, seq + 1, NEXT_SEED)}, "both keys"),
        (lambda log, seq: {f"log/checkpoints/{seq + 1}": note(log, seq + 1, LOG_SEED)}, "both keys"),
        (lambda log, seq: {"log/checkpoints/5": note(log, 5, NEXT_SEED)}, "no key of this log that counted then"),
        (lambda log, seq: {f"log/checkpoints/{seq + 2}": note(log, seq + 2, LOG_SEED)}, "no key of this log that counted then"),
        (lambda log, seq: {"log/checkpoint": note(log, len(log.leaves), LOG_SEED)}, "no key of this log that counted then"),
        (lambda log, seq: {f"log/checkpoints/{seq + 1}": None, f"proofs/consistency/{seq + 1}-{len(log.leaves)}": None}, "another history"),
    ],
)  # fmt: skip
def test_a_key_outside_its_range_and_a_handing_over_with_one_signature_are_found(
    judge: Callable[..., tuple[int, str]], spoil: Callable[[Log, int], dict[str, bytes | None]], said: str
) -> None:
    log, seq = rotated()
    spoiled = {**bundle_files(log, seq), **spoil(log, seq)}
    files = {name: content for name, content in spoiled.items() if content is not None}
    code, report = judge(log, files, VKEY)
    assert code == verify.BROKEN, report
    assert said in report


def test_a_prior_checkpoint_of_a_key_that_did_not_count_is_found(judge: Callable[..., tuple[int, str]]) -> None:
    log, seq = rotated()
    code, report = judge(log, bundle_files(log, seq), VKEY, prior=note(log, len(log.leaves) - 1, LOG_SEED))
    assert code == verify.BROKEN
    assert "earlier checkpoint" in report


def test_the_bundle_s_own_history_is_compared_with_the_log(judge: Callable[..., tuple[int, str]]) -> None:
    log, seq = rotated()
    for rows in ((KeyRow(VKEY, 0), KeyRow(NEXT, seq)), (KeyRow(VKEY, 0, seq + 1), KeyRow(NEXT, 0))):
        files = bundle_files(log, seq)
        files["policy/keys.json"] = files_of(log, history=KeyHistory(rows, history(log, seq).service))[
            "policy/keys.json"
        ]
        code, report = judge(log, files, VKEY)
        assert (code, "another history" in report) == (verify.BROKEN, True)


def test_a_stranger_s_key_in_the_history_is_not_believed(judge: Callable[..., tuple[int, str]]) -> None:
    """Whoever signs a log anew with a key of their own lists the pinned key beside it."""
    log = example_log()
    files = files_of(
        log,
        log_seed=NEXT_SEED,
        history=KeyHistory((KeyRow(VKEY, 0), KeyRow(NEXT, 0)), only_keys(LOG_SEED, log.service).service),
    )
    code, report = judge(log, files, VKEY)
    assert code == verify.BROKEN, report


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: rotated(is_signed=False), "has 0"),
        (lambda: rotated(who=LeafActor("per_kim", "Kim Doe", ("informaticist",), "session")), "no administrator then"),
        (lambda: rotated(old=NEXT), "other keys"),
    ],
)
def test_a_rotation_is_an_administrator_s_signed_act(
    judge: Callable[..., tuple[int, str]], made: Callable[[], tuple[Log, int]], said: str
) -> None:
    log, seq = made()
    code, report = judge(log, bundle_files(log, seq), VKEY)
    assert code == verify.BROKEN, report
    assert said in report or "another history" in report


def test_a_revocation_takes_two_administrators(judge: Callable[..., tuple[int, str]]) -> None:
    log, seq = rotated()
    keyid = sha256_hex(Signer(LOG_SEED).public)
    facts = {
        "key": "log",
        "keyid": keyid,
        "public": VKEY,
        "from_seq": seq + 1,
        "compromise_time": "2026-03-02T10:00:00.000Z",
    }
    subject = sha256_hex(verify.canonical(facts))
    attest = (sign_deed(log, RUTH, subject, "revocation of a key"),)
    log.enter(
        "key.revoked", RUTH, ("key", keyid), before=("valid", keyid), after=("revoked", subject), reason="compromised",
        payload=log.keep({**facts, "salt": "0" * 32}), attest=attest,
    )  # fmt: skip
    rows = (KeyRow(VKEY, 0, seq + 1, seq + 1, facts["compromise_time"]), KeyRow(NEXT, seq))  # type: ignore[arg-type]
    files = bundle_files(log, seq)
    files["policy/keys.json"] = files_of(log, history=KeyHistory(rows, history(log, seq).service))["policy/keys.json"]
    code, report = judge(log, files, NEXT)
    assert code == verify.BROKEN
    assert "2 different administrators" in report
    assert json.loads(files["policy/keys.json"])["log"][0]["revoked"]["from_seq"] == seq + 1


SAM = LeafActor("per_sam", "Sam Roe", ("administrator",), "at_console")


def restored(*signers: LeafActor, **changed: Any) -> Log:
    """A log that lost what it held beyond its first five entries, and says so."""
    log = example_log()
    for who in (RUTH, SAM):
        log.enter("role.granted", SYSTEM, ("person", who.id), reason="administrator")
    kept = root_of([leaf_hash(leaf) for leaf in log.leaves[:5]]).hex()
    facts = {"log": ORIGIN, "lost_size": 90, "lost_root": "ab" * 32, "kept_size": 5, "kept_root": kept, **changed}
    subject = sha256_hex(verify.canonical(facts))
    attest = tuple(sign_deed(log, who, subject, "restore of the log") for who in signers)
    log.enter(
        "log.restored", RUTH, ("log", ORIGIN), before=(str(facts["lost_size"]), facts["lost_root"]),
        after=(str(facts["kept_size"]), facts["kept_root"]), reason="restored",
        payload=log.keep({"reason": "The disk failed.", "salt": "0" * 32, **facts}), attest=attest,
    )  # fmt: skip
    return log


def test_a_restore_is_good_with_a_gap_that_cannot_be_overlooked(judge: Callable[..., tuple[int, str]]) -> None:
    log = restored(RUTH, SAM)
    code, report = judge(log, files_of(log), VKEY)
    assert code == verify.WEAK, report
    assert "entries 5 to 89" in report


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: restored(RUTH), "2 different administrators"),
        (lambda: restored(RUTH, RUTH), "2 different administrators"),
        (
            lambda: restored(RUTH, LeafActor("per_kim", "Kim Doe", ("informaticist",), "session")),
            "no administrator then",
        ),
        (lambda: restored(RUTH, SAM, kept_root="cd" * 32), "other entries were kept"),
        (lambda: restored(RUTH, SAM, kept_size=80), "impossible restore"),
    ],
)
def test_a_restore_that_is_not_true_or_not_signed_is_found(
    judge: Callable[..., tuple[int, str]], made: Callable[[], Log], said: str
) -> None:
    log = made()
    code, report = judge(log, files_of(log), VKEY)
    assert (code, said in report) == (verify.BROKEN, True), report
