"""Passkeys (WebAuthn level 2, ES256 only, so that openssl alone can check what they sign): options for browsers, and their answers read.

What must not live here: which challenge is open and whose passkey it is, which the store knows.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, decode_credential_public_key, encode_cbor
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webapp.errors import InvalidInput

ONLY = [COSEAlgorithmIdentifier.ECDSA_SHA_256]
SECONDS = 120
LONGEST_ANSWER = 20_000


@dataclass(frozen=True)
class Site:
    """Where passkeys are good: ``rp_id`` is the name they are bound to, ``origin`` the address that pages have."""

    rp_id: str
    origin: str
    name: str


@dataclass(frozen=True)
class Enrolled:
    """A new passkey. ``public_key``: P-256, DER of SubjectPublicKeyInfo."""

    credential_id: str
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Asserted:
    """What a passkey answered, verified. ``document`` is what an outsider needs to check it with openssl."""

    credential_id: str
    sign_count: int
    signature: bytes
    document: dict[str, str]


def creation_options(site: Site, challenge: bytes, person: tuple[str, str, str], known: list[str]) -> dict[str, Any]:
    """What the browser is told to make a passkey for ``person`` (id, mail address, name), none of ``known`` again."""
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=person[0].encode(),
        user_name=person[1],
        user_display_name=person[2],
        challenge=challenge,
        timeout=SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=ONLY,
    )
    return dict(json.loads(options_to_json(options)))


def request_options(site: Site, challenge: bytes, known: list[str]) -> dict[str, Any]:
    """What the browser is told to have one of these passkeys sign ``challenge``; PIN or finger is asked for."""
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        timeout=SECONDS * 1000,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(json.loads(options_to_json(options)))


def read_answer(text: str) -> tuple[str, bytes]:
    """(credential id, challenge) that the browser's answer names, nothing of it verified yet; InvalidInput for another form."""
    try:
        answer = json.loads(text) if len(text) <= LONGEST_ANSWER else {}
        client = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return str(answer["id"]), base64url_to_bytes(client["challenge"])
    except (ValueError, KeyError, TypeError):
        raise InvalidInput("The browser's answer about the passkey cannot be read; try again.") from None


def read_registration(site: Site, text: str, challenge: bytes) -> Enrolled:
    """The new passkey of the answer, verified against the challenge, this site and user verification."""
    try:
        made = verify_registration_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=ONLY,
        )
    except WebAuthnException:
        raise InvalidInput("This passkey was not made for this site, or without PIN or finger; try again.") from None
    key = decode_credential_public_key(made.credential_public_key)
    if not isinstance(key, DecodedEC2PublicKey):
        raise InvalidInput("This passkey signs in another way than ES256; use another one.")
    x, y = (int.from_bytes(part, "big") for part in (key.x, key.y))
    numbers = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1())
    der = numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Enrolled(bytes_to_base64url(made.credential_id), der, made.sign_count)


def read_assertion(site: Site, text: str, challenge: bytes, public_key: bytes, sign_count: int) -> Asserted:
    """The passkey's signature over ``challenge``, verified: type, challenge, origin, site, presence, verification, counter."""
    try:
        found = verify_authentication_response(
            credential=text,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=_cose(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except WebAuthnException:
        raise InvalidInput("The passkey's answer does not hold; nothing was signed. Try again.") from None
    response = json.loads(text)["response"]
    parts = {name: base64url_to_bytes(response[name]) for name in ("clientDataJSON", "authenticatorData", "signature")}
    document = {
        "client_data_json": base64.b64encode(parts["clientDataJSON"]).decode(),
        "authenticator_data": base64.b64encode(parts["authenticatorData"]).decode(),
        "signature": base64.b64encode(parts["signature"]).decode(),
        "public_key": base64.b64encode(public_key).decode(),
        "rp_id": site.rp_id,
        "origin": site.origin,
    }
    return Asserted(bytes_to_base64url(found.credential_id), found.new_sign_count, parts["signature"], document)


def is_asserted(document: dict[str, str], challenge: bytes) -> bool:
    """Does the stored assertion sign this challenge, for its own site, with its own public key (WebAuthn 7.2)?"""
    try:
        client, data, signature, public = (
            base64.b64decode(document[name], validate=True)
            for name in ("client_data_json", "authenticator_data", "signature", "public_key")
        )
        said = json.loads(client)
        key = load_der_public_key(public)
        if not isinstance(key, ec.EllipticCurvePublicKey) or said["type"] != "webauthn.get":
            return False
        is_here = (
            base64url_to_bytes(said["challenge"]) == challenge
            and said["origin"] == document["origin"]
            and data[:32] == hashlib.sha256(document["rp_id"].encode()).digest()
            and data[32] & 0x05 == 0x05  # user present and verified
        )
        key.verify(signature, data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
    except (ValueError, KeyError, TypeError, IndexError, InvalidSignature):
        return False
    return is_here


def _descriptors(known: list[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]


def _cose(der: bytes) -> bytes:
    """The stored key in the form that authenticators use (RFC 9053: EC2, ES256, P-256)."""
    key = load_der_public_key(der)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    numbers = key.public_numbers()
    return encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
