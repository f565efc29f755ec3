"""Signed envelopes (DSSE) and what a release's attestation says, checked with pinned keys alone."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from formulary_client.errors import BY_CODE, NotTrusted, Tampered, Unsigned, WrongKey

JSON_MEDIA = "application/json"
STATEMENT_MEDIA = "application/vnd.in-toto+json"
RELEASE_TYPE = "https://prompt-formulary.example/release/v1"
ED25519_OF_NOTES = b"\x01"
Keys = Mapping[str, Ed25519PublicKey]


def read_keys(texts: Iterable[str]) -> Keys:
    """The pinned keys by key id (SHA-256 of the raw key). A key is 64 hexadecimal digits or NAME+ID+BASE64; ValueError for others."""
    keys = {}
    for text in texts:
        raw = _raw_key(text.strip())
        keys[hashlib.sha256(raw).hexdigest()] = Ed25519PublicKey.from_public_bytes(raw)
    if not keys:
        raise ValueError("Pin at least one service key; `formulary keys list` prints it.")
    return keys


def _raw_key(text: str) -> bytes:
    if "+" not in text:
        return bytes.fromhex(text)
    raw = base64.b64decode(text.split("+", 2)[2], validate=True)
    if raw[:1] != ED25519_OF_NOTES:
        raise ValueError("The key is not an Ed25519 key.")
    return raw[1:]


def open_envelope(document: Any, keys: Keys, media: str) -> dict[str, Any]:
    """What a pinned key signed; Unsigned, WrongKey or Tampered."""
    try:
        payload = base64.b64decode(document["payload"], validate=True)
        signatures = [
            (str(one["keyid"]), base64.b64decode(one["sig"], validate=True)) for one in document["signatures"]
        ]
        kind = str(document["payloadType"])
    except (TypeError, KeyError, ValueError) as error:
        raise Tampered("What was received is no signed envelope.") from error
    if not signatures:
        raise Unsigned("What was received bears no signature.")
    signed = [(keys[keyid], signature) for keyid, signature in signatures if keyid in keys]
    if not signed:
        raise WrongKey("What was received is signed by a key that is not pinned here.")
    if kind != media or not any(_holds(key, signature, media, payload) for key, signature in signed):
        raise Tampered("The signature does not fit what was received.")
    return _object(payload)


def _holds(key: Ed25519PublicKey, signature: bytes, media: str, payload: bytes) -> bool:
    try:
        key.verify(signature, b"DSSEv1 %d %s %d %s" % (len(media), media.encode(), len(payload), payload))
    except InvalidSignature:
        return False
    return True


def _object(payload: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(payload))
    except (ValueError, TypeError) as error:
        raise Tampered("What was signed is not a document of this kind.") from error


def served_sha256(contents: Mapping[str, Any]) -> str:
    """The digest of what an application runs, as a release's attestation names it."""
    text = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def require_release(name: str, offered: Mapping[str, Any], keys: Keys) -> None:
    """What is offered is a release of this prompt, as a pinned key attests it; NotTrusted says which link is broken."""
    if offered["fault"] is not None:
        code = str(offered["fault"]["code"])
        raise BY_CODE.get(code, NotTrusted)(str(offered["fault"]["sentence"]))
    contents = {part: value for part, value in offered["content"].items() if part != "release"}
    statement = open_envelope(offered["content"]["release"]["envelope"], keys, STATEMENT_MEDIA)
    if statement.get("predicateType") != RELEASE_TYPE:
        raise Tampered("What is offered is signed, as something else than a release.")
    claims, subject = statement["predicate"], statement["subject"]
    meant = [
        {"name": f"prompt/{name}@{contents['version']['number']}", "digest": {"sha256": offered["manifest_sha256"]}}
    ]
    if subject != meant or offered["content"]["release"]["id"] != offered["release_id"]:
        raise Tampered("The release is of another prompt, version or contents.")
    if claims.get("served_sha256") != served_sha256(contents):
        raise Tampered("What is offered is not what was released.")
    if not claims.get("signatures") and claims.get("released_by_policy") is not True:
        raise Unsigned("The release names no signature.")
