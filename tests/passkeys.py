"""A passkey in software, for tests without a browser: it is enrolled directly and answers challenges as a browser hands them on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from webapp.acts.actors import actor_of
from webapp.acts.passkey_proofs import site_of
from webapp.acts.reauthentication import Given
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, Person
from webapp.domain.record.canonical import sha256_hex

PRESENT_AND_VERIFIED = 0x05


@dataclass
class SoftPasskey:
    """One person's key. ``count`` is the counter that real keys send."""

    outside: Outside
    person_id: str
    number: int
    count: int = 0
    private: ec.EllipticCurvePrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.private = ec.derive_private_key(1000 + self.number, ec.SECP256R1())

    @property
    def credential_id(self) -> str:
        """What browsers call it."""
        return bytes_to_base64url(b"passkey %d" % self.number)

    @property
    def public(self) -> bytes:
        """DER of SubjectPublicKeyInfo."""
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def answer(self, options: dict[str, Any]) -> Given:
        """What the person's browser sends back for these options."""
        site = site_of(self.outside)
        client = json.dumps(
            {"type": "webauthn.get", "challenge": options["challenge"], "origin": site.origin, "crossOrigin": False}
        ).encode()
        self.count += 1
        data = hashlib.sha256(site.rp_id.encode()).digest() + bytes([PRESENT_AND_VERIFIED]) + self.count.to_bytes(4)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        answer = {
            "id": self.credential_id,
            "rawId": self.credential_id,
            "type": "public-key",
            "response": {name: bytes_to_base64url(part) for name, part in response.items()},
        }
        return Given("", passkey=json.dumps(answer))


def add_passkey(outside: Outside, person_id: str, number: int = 1) -> SoftPasskey:
    """The person has this passkey, enrolled and entered; how people enrol one is tested with the factors themselves."""
    key = SoftPasskey(outside, person_id, number)
    with outside.database.writing() as session:
        person = session.get_one(Person, person_id)
        session.add(
            Factor(
                id=outside.new_id("fac"), person_id=person_id, kind="passkey", name="My key", created_at=outside.now(),
                confirmed_at=outside.now(), credential_id=key.credential_id, public_key=key.public, sign_count=0,
            )
        )  # fmt: skip
        enter(
            outside, session, actor_of(person, "session"), "factor.enrolled", ("person", person_id, None),
            after=("enrolled", sha256_hex(key.public)), reason="passkey",
        )  # fmt: skip
    return key


def challenge_in(options: dict[str, Any]) -> bytes:
    """The challenge that the options carry."""
    return base64url_to_bytes(options["challenge"])
