"""Whether a stored envelope was really signed: by the service key, or a person's signature by a passkey enrolled for that person.

What must not live here: what the envelope says (``signatures_shown``, ``releasing``).
"""

from __future__ import annotations

import base64
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.record_keys import service_public
from webapp.acts.signing import SIGNATURE_TYPE, challenge_of
from webapp.adapters.keys import is_signed_by
from webapp.adapters.outside import Outside
from webapp.adapters.passkeys import is_asserted
from webapp.adapters.store.schema import Assertion, Envelope, Factor
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.dsse import STATEMENT_MEDIA, pre_authentication_encoding


def verified_body(outside: Outside, session: Session, sealed: Envelope) -> dict[str, Any] | None:
    """The statement of the envelope; None when its bytes or its signature do not hold."""
    try:
        document = json.loads(sealed.content)
        payload = base64.b64decode(document["payload"], validate=True)
        signature = base64.b64decode(document["signatures"][0]["sig"], validate=True)
        keyid = str(document["signatures"][0]["keyid"])
        body = dict(json.loads(payload))
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    if sha256_hex(sealed.content) != sealed.sha256 or not isinstance(body.get("predicate"), dict):
        return None
    is_passkey = body.get("predicateType") == SIGNATURE_TYPE and body["predicate"].get("level") == "L2"
    content = pre_authentication_encoding(STATEMENT_MEDIA, payload)
    if is_passkey:
        return body if _signed_by_passkey(session, sealed, body, payload, signature) else None
    at = str(body["predicate"].get("signed_at") or body["predicate"].get("made_at") or "")
    public = service_public(outside, session, keyid, sealed.sha256, at)
    return body if public is not None and is_signed_by(public, signature, content) else None


def _signed_by_passkey(
    session: Session, sealed: Envelope, body: dict[str, Any], payload: bytes, signature: bytes
) -> bool:
    row = session.get(Assertion, sealed.sha256)
    if row is None:
        return False
    assertion = dict(json.loads(row.content))
    signer, key = body["predicate"]["signer"]["id"], base64.b64decode(assertion["public_key"])
    enrolled = select(Factor.id).where(Factor.person_id == signer, Factor.public_key == key)
    is_its_own = session.scalar(enrolled) is not None and base64.b64decode(assertion["signature"]) == signature
    return is_its_own and is_asserted(assertion, challenge_of(payload))
