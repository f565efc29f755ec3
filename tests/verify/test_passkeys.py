"""A signature by passkey is checked in every part: type, challenge, origin, RP id, presence, verification, key, enrolment."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.verify.synthetic import CHANGE, ORIGIN, PEOPLE, SYSTEM, VKEY, Log, files_of, release_change, write_bundle
from webapp import verify
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.record.dsse import STATEMENT_MEDIA, pre_authentication_encoding

KEY = ec.derive_private_key(12345, ec.SECP256R1())
SPKI = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PAGE, RP_ID = "https://formulary.example:8443", "formulary.example"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def answer(payload: bytes, **changed: Any) -> dict[str, str]:
    """What a passkey answers for this statement, with some parts changed before it signs."""
    challenge = hashlib.sha256(
        changed.get("challenged", pre_authentication_encoding(STATEMENT_MEDIA, payload))
    ).digest()
    client = {"type": changed.get("type", "webauthn.get"), "challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
              "origin": changed.get("page", PAGE), "crossOrigin": changed.get("across", False)}  # fmt: skip
    client_data = json.dumps(client).encode()
    rp = hashlib.sha256(changed.get("rp", RP_ID).encode()).digest()
    authenticator = rp + bytes([changed.get("flags", 0x05)]) + bytes(4)
    signed = changed.get("key", KEY).sign(authenticator + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
    return {"client_data_json": b64(client_data), "authenticator_data": b64(authenticator), "signature": b64(signed),
            "public_key": b64(changed.get("spki", SPKI)), "origin": changed.get("origin", PAGE), "rp_id": RP_ID}  # fmt: skip


def passkey_log(
    *, enrolled: str | None = "per_osei", revoked: bool = False, by_service: bool = False, **changed: Any
) -> Log:
    log = Log()
    log.enter("log.opened", SYSTEM, ("log", ORIGIN), payload=log.keep({"service_public_key": log.service.public.hex()}))
    for person in PEOPLE.values():
        log.enter("role.granted", SYSTEM, ("person", person.id), reason=person.roles[0])
    kind = {"reason": "passkey", "after": ("enrolled", sha256_hex(SPKI))}
    if enrolled:
        log.enter("role.granted", SYSTEM, ("person", enrolled), **{**kind, "reason": "auditor"})
        log.leaves[-1] = log.leaves[-1].replace(b'"type":"role.granted"', b'"type":"factor.enrolled"')
    if revoked:
        log.enter("role.granted", SYSTEM, ("person", "per_osei"), **{**kind, "reason": "auditor"})
        log.leaves[-1] = log.leaves[-1].replace(b'"type":"role.granted"', b'"type":"factor.revoked"')
    log.passkey = None if by_service else lambda payload: answer(payload, **changed)
    release_change(log, CHANGE, level="L2")
    return log


def run(tmp_path: Path, log: Log) -> int:
    return verify.main([str(write_bundle(tmp_path / "b.zip", log, files_of(log))), "--key", VKEY])


def test_a_signature_by_passkey_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, passkey_log()) == verify.GOOD
    assert "1 signatures by passkey" in capsys.readouterr().out


BAD: list[tuple[Callable[[], Log], str]] = [
    (lambda: passkey_log(type="webauthn.create"), "was not asked to sign"),
    (lambda: passkey_log(across=True), "was not asked to sign"),
    (lambda: passkey_log(challenged=b"another statement"), "another challenge"),
    (lambda: passkey_log(page="https://evil.example"), "another origin"),
    (lambda: passkey_log(page="https://evil.example", origin="https://evil.example"), "does not belong to its RP id"),
    (
        lambda: passkey_log(page="https://evilformulary.example", origin="https://evilformulary.example"),
        "does not belong",
    ),
    (lambda: passkey_log(rp="evil.example"), "another RP id"),
    (lambda: passkey_log(flags=0x04), "present and verified"),
    (lambda: passkey_log(flags=0x01), "present and verified"),
    (lambda: passkey_log(key=ec.derive_private_key(99, ec.SECP256R1())), "signature in"),
    (lambda: passkey_log(enrolled=None), "does not know this passkey"),
    (lambda: passkey_log(enrolled="per_kim"), "does not know this passkey"),
    (lambda: passkey_log(revoked=True), "does not know this passkey"),
]


@pytest.mark.parametrize(("make", "reason"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_a_passkeys_answer_that_is_wrong_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Callable[[], Log], reason: str
) -> None:
    assert run(tmp_path, make()) == verify.BROKEN
    said = capsys.readouterr().out
    assert "FAIL  9 passkeys" in said
    assert reason in said


def test_a_signature_at_level_two_without_its_passkey_is_found(tmp_path: Path) -> None:
    log = passkey_log()
    log.assertions.clear()
    assert run(tmp_path, log) == verify.BROKEN


def test_the_services_own_signature_does_not_stand_for_a_passkeys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only a passkey keeps the application's administrator from signing for a physician."""
    log = passkey_log(by_service=True)
    assert run(tmp_path, log) == verify.BROKEN
    assert "do not go together" in capsys.readouterr().out
    signed = next(digest for digest, envelope in log.envelopes.items() if b'"L2"' in payload_of(envelope))
    log.assertions[signed] = canonical(answer(payload_of(log.envelopes[signed])))
    assert run(tmp_path, log) == verify.BROKEN
    assert "bears another signature than the passkey's" in capsys.readouterr().out


def payload_of(envelope: bytes) -> bytes:
    return base64.b64decode(json.loads(envelope)["payload"])
